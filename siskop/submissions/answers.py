"""What was typed, as it is kept: right or wrong, field by field, with a version each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.engine import form
from siskop.engine.definition import Definition
from siskop.engine.fields.registry import TYPES
from siskop.submissions.store import Loaded

_READ = text("SELECT field, raw, version, by FROM siskop.draft_value WHERE submission_id = :id")
_SAVE = text("""
INSERT INTO siskop.draft_value AS d (submission_id, field, raw, by, at)
SELECT :id, v.key, v.value, :by, siskop.now() FROM jsonb_each(CAST(:values AS jsonb)) AS v
ON CONFLICT (submission_id, field) DO UPDATE SET raw = EXCLUDED.raw, version = d.version + 1, by = EXCLUDED.by,
  at = EXCLUDED.at
WHERE d.raw IS DISTINCT FROM EXCLUDED.raw""")
_BODY = text("SELECT data FROM siskop.record_body WHERE record_id = :record AND number = :number")


@dataclass(frozen=True, slots=True)
class Draft:
    raw: Any
    version: int
    by: int | None


def read(tx: Tx, submission_id: int) -> dict[str, Draft]:
    return {row.field: Draft(row.raw, row.version, row.by) for row in tx.execute(_READ, {"id": submission_id})}


def raws(tx: Tx, submission_id: int) -> dict[str, Any]:
    """What was typed, by field."""
    return {name: draft.raw for name, draft in read(tx, submission_id).items()}


def write(tx: Tx, submission_id: int, values: dict[str, Any], by: int | None) -> None:
    """Keep what was typed; an unchanged answer keeps its version and its author."""
    tx.execute(_SAVE, {"id": submission_id, "by": by, "values": json.dumps(values)})


def prefill(tx: Tx, submission_id: int, definition: Definition, record_id: int, version: int) -> None:
    """Fill a new draft with what is registered, as somebody would have typed it."""
    data = tx.execute(_BODY, {"record": record_id, "number": version}).scalar() or {}
    fields = definition.form.fields
    values = {n: TYPES[f.type].raw(f, data[n]) for n, f in fields.items() if data.get(n) is not None}
    write(tx, submission_id, values, None)


def context(loaded: Loaded) -> form.Context:
    return form.Context(today=loaded.today, record=loaded.current)

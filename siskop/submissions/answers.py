"""What was typed, as it is kept: right or wrong, field by field, with a version each."""

from __future__ import annotations

import json
from collections.abc import Mapping
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


def write(tx: Tx, submission_id: int, values: Mapping[str, Any], by: int | None) -> None:
    """Keep what was typed; an unchanged answer keeps its version and its author."""
    tx.execute(_SAVE, {"id": submission_id, "by": by, "values": json.dumps(dict(values))})


def prefill(tx: Tx, submission_id: int, definition: Definition, values: Mapping[str, Any]) -> None:
    """Fill a new draft with what is registered, as somebody would have typed it."""
    fields = definition.form.fields
    known = {n: TYPES[f.type].raw(f, values[n]) for n, f in fields.items() if values.get(n) is not None}
    write(tx, submission_id, known, None)


def context(loaded: Loaded) -> form.Context:
    return form.Context(today=loaded.today, record=loaded.current)

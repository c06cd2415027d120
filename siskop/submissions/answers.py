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
from siskop.engine.prefill import prefill, renamed
from siskop.submissions import definitions, registry
from siskop.submissions.store import Loaded

_READ = text("SELECT field, raw, by FROM siskop.draft_value WHERE submission_id = :id")
_SAVE = text("""
INSERT INTO siskop.draft_value AS d (submission_id, field, raw, by, at)
SELECT :id, v.key, v.value, :by, siskop.now() FROM jsonb_each(CAST(:values AS jsonb)) AS v
ON CONFLICT (submission_id, field) DO UPDATE SET raw = EXCLUDED.raw, version = d.version + 1, by = EXCLUDED.by,
  at = EXCLUDED.at
WHERE d.raw IS DISTINCT FROM EXCLUDED.raw""")
_ACCOUNT = text("SELECT name, email FROM siskop.account WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Draft:
    raw: Any
    by: int | None


def read(tx: Tx, submission_id: int, definition: Definition | None = None) -> dict[str, Draft]:
    """By field; with a definition by the names of today: what was typed under an old one is read as the new field."""
    kept = {row.field: Draft(row.raw, row.by) for row in tx.execute(_READ, {"id": submission_id})}
    return renamed(definition.form.fields, kept) if definition is not None else kept


def raws(tx: Tx, submission_id: int) -> dict[str, Any]:
    """What was typed, by field."""
    return {name: draft.raw for name, draft in read(tx, submission_id).items()}


def write(tx: Tx, submission_id: int, values: Mapping[str, Any], by: int | None) -> None:
    """Keep what was typed; an unchanged answer keeps its version and its author."""
    tx.execute(_SAVE, {"id": submission_id, "by": by, "values": json.dumps(dict(values))})


def begin(tx: Tx, loaded: Loaded, account_id: int | None) -> None:
    """Fill a new draft with what is known, as somebody would have typed it, and with what the start has settled."""
    definition, kin = loaded.definition, loaded.relatives
    row = tx.execute(_ACCOUNT, {"id": account_id}).one_or_none()
    account = row._asdict() if row else {}
    known = prefill(definition.form, definition.prefill, record=loaded.current, last=kin.last, account=account)
    settled = fixed(loaded)
    asked = {n: TYPES[f.type].raw(f, settled[n]) for n, f in definition.form.fields.items() if n in settled}
    write(tx, loaded.id, {**known, **asked}, None)


def context(tx: Tx, loaded: Loaded, *, lock: bool = False) -> form.Context:
    """What stands around the form. With `lock`, a value that must be unique is this transaction's alone until its end:
    of two that send the same one at once, the second sees the first's."""
    return form.Context(
        today=loaded.today,
        record=loaded.current,
        parent=loaded.relatives.parent,
        last=loaded.relatives.last,
        fixed=fixed(loaded),
        taken=lambda field, value: registry.holder(
            tx, loaded.definition.kind, loaded.record_id, field, value, lock=lock
        ),
        found=lambda kind, typed: registry.found(tx, definitions.library(tx).kinds, loaded.record_id, kind, typed),
    )


def fixed(loaded: Loaded) -> dict[str, Any]:
    """The period for which a child was begun."""
    kind, period = loaded.definition.kind, loaded.relatives.period
    field = kind.fields.get((kind.child_of.period if kind.child_of else None) or "")
    if field is None or period is None:
        return {}
    asked = TYPES[field.type]
    return {field.name: asked.accept(field, period, form.Context(loaded.today)) if asked.kind == "number" else period}


def title(loaded: Loaded, kept: Mapping[str, Draft], around: form.Context) -> str:
    """What the submission is called: by what was sent; of a draft by what can be read so far."""
    kind, asked = loaded.definition.kind, loaded.definition.form
    if loaded.case.revision is not None:
        return loaded.title
    named = {n: kept[n].raw for n in kind.title_fields() if n in kept and n in asked.fields}
    read = form.accept(asked, named, around).values if named else {}
    values = {**loaded.merged, **around.fixed, **{n: read[n] for n in named if read.get(n) is not None}}
    return kind.title_of(values, loaded.relatives.parent_title)

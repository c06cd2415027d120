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
from siskop.submissions import definitions
from siskop.submissions.store import Loaded

_READ = text("SELECT field, raw, by FROM siskop.draft_value WHERE submission_id = :id")
_SAVE = text("""
INSERT INTO siskop.draft_value AS d (submission_id, field, raw, by, at)
SELECT :id, v.key, v.value, :by, siskop.now() FROM jsonb_each(CAST(:values AS jsonb)) AS v
ON CONFLICT (submission_id, field) DO UPDATE SET raw = EXCLUDED.raw, version = d.version + 1, by = EXCLUDED.by,
  at = EXCLUDED.at
WHERE d.raw IS DISTINCT FROM EXCLUDED.raw""")
_ACCOUNT = text("SELECT name, email FROM siskop.account WHERE id = :id")
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('unique:' || :kind || ':' || CAST(:values AS text), 0))")
_HOLDER = text("""
SELECT r.title FROM siskop.record r
JOIN siskop.record_body b ON b.record_id = r.id AND b.number = r.version AND b.data @> CAST(:values AS jsonb)
WHERE r.kind = :kind AND r.id <> :record
UNION ALL
SELECT r.title FROM siskop.record r JOIN siskop.submission s ON s.record_id = r.id AND NOT s.final
JOIN siskop.revision_body b ON b.revision_id = s.revision_id AND b.answers @> CAST(:values AS jsonb)
WHERE r.kind = :kind AND r.id <> :record
LIMIT 1""")
_FOUND = text("""
SELECT id, slug, title FROM siskop.record
WHERE kind = :kind AND version > 0 AND withdrawn_at IS NULL
  AND (:public OR keeper = (SELECT keeper FROM siskop.record WHERE id = :record))
  AND (slug = :typed OR '#' || id = :typed OR lower(title) = lower(:typed)) ORDER BY id LIMIT 2""")


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
        taken=lambda field, value: _holder(tx, loaded, field, value, lock=lock),
        found=lambda kind, typed: _found(tx, loaded.record_id, kind, typed),
    )


def _holder(tx: Tx, loaded: Loaded, field: str, value: Any, *, lock: bool) -> str | None:
    """The title of another record of the kind that has the value, or has sent it in; "" of one that has no title yet.

    No table of its own: values stand in the versions and revisions already, and a file may make a field unique later.
    """
    asked = {"kind": loaded.definition.record, "record": loaded.record_id, "values": json.dumps({field: value})}
    if lock:
        tx.execute(_ALONE, asked)
    return tx.execute(_HOLDER, asked).scalar()


def _found(tx: Tx, record_id: int, kind: str, typed: str) -> Mapping[str, Any] | None:
    """The registered record that is meant by slug, "#id" or its exact title, if there is one alone. Of a kind that is
    not public only records kept by the same people: nobody finds out here what is registered."""
    on = definitions.library(tx).kinds.get(kind)
    asked = {"kind": kind, "record": record_id, "typed": typed.strip(), "public": on is not None and bool(on.public)}
    rows = tx.execute(_FOUND, asked).all()
    return dict(rows[0]._mapping) if len(rows) == 1 else None


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

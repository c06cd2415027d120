"""Drafts, kept field by field as they were typed, right or wrong: nothing typed is lost, and two colleagues do
not overwrite each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from siskop.base import errors
from siskop.base.db import Tx
from siskop.base.i18n import N_
from siskop.engine import form
from siskop.engine.case import Actor
from siskop.engine.definition import Definition, Who
from siskop.engine.fields.registry import TYPES
from siskop.submissions import store
from siskop.submissions.store import Loaded

_READ = text("SELECT field, raw, version, by FROM siskop.draft_value WHERE submission_id = :id")
_SAVE = text("""
INSERT INTO siskop.draft_value AS d (submission_id, field, raw, by, at)
SELECT :id, v.key, v.value, :by, siskop.now() FROM jsonb_each(CAST(:values AS jsonb)) AS v
ON CONFLICT (submission_id, field) DO UPDATE SET raw = EXCLUDED.raw, version = d.version + 1, by = EXCLUDED.by,
  at = EXCLUDED.at
WHERE d.raw IS DISTINCT FROM EXCLUDED.raw""")
_BODY = text("SELECT data FROM siskop.record_body WHERE record_id = :record AND number = :number")
_TITLE = text("UPDATE siskop.submission SET title = :title WHERE id = :id AND revision_id IS NULL")


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


def save(
    tx: Tx, number: str, actor: Actor, values: Mapping[str, Any], versions: Mapping[str, int] | None = None
) -> None:
    """Keep what was typed. Raises Refusal where the state does not let this actor edit, Conflict for a field
    that a colleague changed since.

    `versions` are those the page was made from; without them the last writer wins.
    """
    loaded = store.load_for_update(tx, number)
    if not may_edit(loaded, actor):
        raise errors.Refusal(N_("This submission can't be changed now: it is being reviewed or finished."))
    known = {f: raw for f, raw in values.items() if f in loaded.definition.form.fields}
    if versions:
        _refuse_overwriting(read(tx, loaded.id), known, versions)
    if known:
        tx.execute(_SAVE, {"id": loaded.id, "by": actor.id, "values": json.dumps(known)})
    title = known.get(loaded.definition.kind.title)
    if isinstance(title, str):
        tx.execute(_TITLE, {"id": loaded.id, "title": " ".join(title.split())[:200]})


def _refuse_overwriting(kept: Mapping[str, Draft], values: Mapping[str, Any], versions: Mapping[str, int]) -> None:
    for field, raw in values.items():
        draft = kept.get(field)
        if draft and field in versions and draft.version != versions[field] and draft.raw != raw:
            raise errors.Conflict(
                N_("A colleague changed this answer while you were typing. Yours was not lost: look at both.")
            )


def may_edit(loaded: Loaded, actor: Actor) -> bool:
    return fits(loaded.definition.states[loaded.case.state].edit, loaded, actor)


def fits(who: Who | None, loaded: Loaded, actor: Actor) -> bool:
    """Whether the actor is one of those who may edit here: by relation to the record or the case."""
    if who is None or actor.id is None:
        return False
    held = {"anyone"}
    if actor.id in loaded.operators:
        held.add("record_operator")
    if actor.id in loaded.case.submitters or actor.id == loaded.case.starter:
        held.add("submitter")
    if actor.id in loaded.case.authors:
        held.add("author")
    by_role = who.role is None or any(role == who.role for role, _ in actor.grants)
    return by_role and (who.relation is None or who.relation in held)


def prefill(tx: Tx, submission_id: int, definition: Definition, record_id: int, version: int) -> None:
    """Fill a new draft with what is registered, as somebody would have typed it."""
    data = tx.execute(_BODY, {"record": record_id, "number": version}).scalar() or {}
    fields = definition.form.fields
    values = {n: TYPES[f.type].raw(f, data[n]) for n, f in fields.items() if data.get(n) is not None}
    tx.execute(_SAVE, {"id": submission_id, "by": None, "values": json.dumps(values)})


def context(loaded: Loaded) -> form.Context:
    return form.Context(today=loaded.today, record=loaded.current)

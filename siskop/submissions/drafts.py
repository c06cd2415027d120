"""Drafts are saved here, field by field: nothing typed is lost, and two colleagues do not overwrite each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from siskop.base import errors
from siskop.base.db import Tx
from siskop.base.i18n import N_
from siskop.engine.calendar import day_of
from siskop.engine.case import Actor, Command
from siskop.engine.definition import Who
from siskop.submissions import answers, door, store
from siskop.submissions.answers import Draft, raws, read
from siskop.submissions.store import Loaded

__all__ = ["Draft", "fits", "may_edit", "raws", "read", "save"]

_TITLE = text("UPDATE siskop.submission SET title = :title WHERE id = :id AND revision_id IS NULL")


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
        _take_the_pen(tx, loaded, actor)
        answers.write(tx, loaded.id, known, actor.id)
    title = known.get(loaded.definition.kind.title)
    if isinstance(title, str):
        tx.execute(_TITLE, {"id": loaded.id, "title": " ".join(title.split())[:200]})


def _take_the_pen(tx: Tx, loaded: Loaded, actor: Actor) -> None:
    """An event for each hand-over of the pen and each day of writing, not for every key: idle drafts are known
    by it."""
    case = loaded.case
    if case.editor != actor.id or case.edited_at is None or day_of(case.edited_at) != loaded.today:
        door.perform_in(tx, loaded.id, actor, Command("edit"))


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

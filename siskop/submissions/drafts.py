"""Drafts are saved here, field by field: nothing typed is lost, and two colleagues do not overwrite each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from siskop.base import errors
from siskop.base.db import Tx
from siskop.base.i18n import N_
from siskop.engine.case import Actor, Command
from siskop.engine.form import SURE
from siskop.submissions import answers, door, store
from siskop.submissions.answers import Draft, raws, read

__all__ = ["Draft", "raws", "read", "save"]

_TITLE = text("UPDATE siskop.submission SET title = :title WHERE id = :id AND revision_id IS NULL")


def save(
    tx: Tx, number: str, actor: Actor, values: Mapping[str, Any], versions: Mapping[str, int] | None = None
) -> None:
    """Keep what was typed. Raises Refused where the state does not let this actor edit, Conflict for a field that a
    colleague changed since. `versions` are those the page was made from; without them the last writer wins. A value
    may be a function of what is kept: it is asked under the lock, and may raise Conflict itself.

    The pen is taken at the door: its event is written once a day and at each hand-over, not for every key.
    """
    loaded = store.load_for_update(tx, number)
    door.perform_in(tx, number, actor, Command("edit"))
    kept = read(tx, loaded.id, loaded.definition)
    known = {
        f: raw(kept[f].raw if f in kept else None) if callable(raw) else raw
        for f, raw in values.items()
        if f in loaded.definition.form.fields or f == SURE
    }
    if versions:
        _refuse_overwriting(kept, known, versions)
    if known:
        answers.write(tx, loaded.id, known, actor.id)
    if loaded.case.revision is None and not known.keys().isdisjoint(loaded.definition.kind.title_fields()):
        kept = read(tx, loaded.id, loaded.definition)
        title = answers.title(loaded, kept, answers.context(tx, loaded))
        tx.execute(_TITLE, {"id": loaded.id, "title": title[:200]})


def _refuse_overwriting(kept: Mapping[str, Draft], values: Mapping[str, Any], versions: Mapping[str, int]) -> None:
    for field, raw in values.items():
        draft = kept.get(field)
        if draft and field in versions and draft.version != versions[field] and draft.raw != raw:
            raise errors.Conflict(
                N_("A colleague changed this answer while you were typing. Yours was not lost: look at both.")
            )

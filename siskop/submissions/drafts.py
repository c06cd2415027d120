"""Drafts are saved here, field by field: nothing typed is lost, and two colleagues do not overwrite each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.engine.case import Actor, Command
from siskop.engine.form import SURE
from siskop.submissions import answers, door, store

_TITLE = text("UPDATE siskop.submission SET title = :title WHERE id = :id AND revision_id IS NULL")


def save(tx: Tx, number: str, actor: Actor, values: Mapping[str, Any]) -> None:
    """Keep what was typed. Raises Refused where the state does not let this actor edit. A value may be a function of
    what is kept: it is asked under the lock, and may raise Conflict, where a colleague has changed that since.

    The pen is taken at the door: its event is written once a day and at each hand-over, not for every key.
    """
    loaded = store.load_for_update(tx, number)
    door.perform_in(tx, number, actor, Command("edit"))
    kept = answers.read(tx, loaded.id, loaded.definition)
    known = {
        f: raw(kept[f].raw if f in kept else None) if callable(raw) else raw
        for f, raw in values.items()
        if f in loaded.definition.form.fields or f == SURE
    }
    if known:
        answers.write(tx, loaded.id, known, actor.id)
    if loaded.case.revision is None and not known.keys().isdisjoint(loaded.definition.kind.title_fields()):
        kept = answers.read(tx, loaded.id, loaded.definition)
        title = answers.title(loaded, kept, answers.context(tx, loaded))
        tx.execute(_TITLE, {"id": loaded.id, "title": title[:200]})

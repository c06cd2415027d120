"""Small forms: what a step or an action asks of whoever takes it. Answers are internal; no event holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from siskop.base import errors
from siskop.base.db import Tx
from siskop.engine import form
from siskop.engine.case import Command, Event
from siskop.engine.definition import Form
from siskop.submissions import answers, revisions
from siskop.submissions.store import Loaded

_OF_ROUND = text("""
SELECT name, answers FROM siskop.form_answers WHERE submission_id = :id AND round = :round ORDER BY seq""")
_ALL = text("""
SELECT f.seq, f.name, f.answers, e.at, e.by FROM siskop.form_answers f JOIN siskop.event e USING (submission_id, seq)
WHERE submission_id = :id ORDER BY seq""")
_KEEP = text("""
INSERT INTO siskop.form_answers (submission_id, seq, name, round, answers)
VALUES (:id, :seq, :name, :round, CAST(:answers AS jsonb))""")


@dataclass(frozen=True, slots=True)
class Filled:
    """The form of the step or action `name`; `seq` is the event that came of it, 0 until it has happened."""

    name: str
    form: Form
    values: Mapping[str, Any]
    seq: int = 0
    at: Any = None
    by: int | None = None


def accept(tx: Tx, loaded: Loaded, command: Command, raw: Mapping[str, Any] | None) -> Filled | None:
    """Read by the one validator. Raises Invalid with the problems by field."""
    asked = loaded.definition.form_of(command.name) if command.do in ("act", "vote", "complete") else None
    if asked is None or raw is None:
        return None
    read = form.accept(asked, raw, answers.context(tx, loaded))
    if isinstance(read, form.Problems):
        raise errors.Invalid(revisions.by_field(read))
    return Filled(command.name, asked, read.values)


def of_round(tx: Tx, loaded: Loaded, coming: Filled | None = None) -> dict[str, Mapping[str, Any]]:
    """The answers of the present round, with those that come with a command, by step or action."""
    if not loaded.definition.forms:
        return {}
    kept = {row.name: row.answers for row in tx.execute(_OF_ROUND, {"id": loaded.id, "round": loaded.case.round})}
    return {**kept, coming.name: coming.values} if coming else kept


def keep(tx: Tx, loaded: Loaded, filled: Filled, events: Sequence[Event]) -> None:
    """Beside the event that came of it: erasing it leaves the history whole."""
    seq = next(e.seq for e in events if filled.name in (e.body.get("action"), e.body.get("step")))
    row = {"id": loaded.id, "seq": seq, "name": filled.name, "round": loaded.case.round}
    tx.execute(_KEEP, {**row, "answers": json.dumps(filled.values, ensure_ascii=False)})


def every(tx: Tx, loaded: Loaded) -> tuple[Filled, ...]:
    """All that were filled in, oldest first; those whose form the files no longer know are left out."""
    rows = tx.execute(_ALL, {"id": loaded.id}).all() if loaded.definition.forms else []
    asked = [(row, loaded.definition.form_of(row.name)) for row in rows]
    return tuple(Filled(row.name, f, row.answers, row.seq, row.at, row.by) for row, f in asked if f is not None)

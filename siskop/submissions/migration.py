"""Running submissions move to the newest behaviour of their workflow, each by itself, through the door, as an event.

A draft follows the newest files anyway, unless they lost its state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import text

from siskop.accounts import people
from siskop.base.db import Tx, unit_of_work
from siskop.engine import form
from siskop.engine.case import Command
from siskop.engine.definition import Definition, State
from siskop.engine.hashes import same_state
from siskop.engine.people import who_of
from siskop.engine.prefill import renamed
from siskop.submissions import definitions, door, store
from siskop.submissions.store import Loaded

_RUNNING = text("""
SELECT id FROM siskop.submission WHERE workflow = :workflow AND NOT final
  AND (CASE WHEN revision_id IS NULL THEN state <> ALL(:states) ELSE behaviour <> :newest END) ORDER BY id""")


@dataclass(frozen=True, slots=True)
class Move:
    """`to`: the state in which it goes on, None where the files lost its state and nobody said which instead. `same`:
    nothing changes there, so what was begun goes on. `breaks`: what would be lost or stuck, in words."""

    number: str
    state: str
    to: str | None
    same: bool
    breaks: tuple[str, ...]
    ends: bool = False  # by nobody's decision


def running(tx: Tx, workflow: str) -> list[int]:
    """Those that do not go by the newest behaviour. Raises KeyError for an unknown workflow."""
    newest = definitions.library(tx).workflows[workflow]
    asked = {"workflow": workflow, "newest": newest.behaviour, "states": list(newest.states)}
    return list(tx.execute(_RUNNING, asked).scalars())


def look(tx: Tx, submission_id: int, mapping: Mapping[str, str]) -> Move:
    """What would come of it; `mapping` names new states for old ones."""
    return _look(tx, store.load(tx, submission_id), mapping)


def migrate(submission_id: int, mapping: Mapping[str, str]) -> bool:
    """False where it was moved or finished meanwhile, or its state leads nowhere. Once done it is not done again."""
    with unit_of_work() as tx:
        loaded = store.load_for_update(tx, submission_id)
        move = _look(tx, loaded, mapping)
        if move.to is None:
            return False
        return door.knock(tx, submission_id, Command("migrate", move.to, {"same": move.same}))


def _look(tx: Tx, loaded: Loaded, mapping: Mapping[str, str]) -> Move:
    newest, state = definitions.library(tx).workflows[loaded.definition.name], loaded.case.state
    wanted = mapping.get(state, state)
    to = newest.states.get(wanted)
    if to is None:
        return Move(loaded.number, state, None, False, (f"the state “{state}” is gone: say --map {state}=…",))
    same = wanted == state and same_state(loaded.definition, newest, state)
    return Move(loaded.number, state, wanted, same, tuple(_breaks(tx, loaded, newest, to, same)), to.final)


def _breaks(tx: Tx, loaded: Loaded, newest: Definition, to: State, same: bool) -> Iterator[str]:
    if to.final:
        yield f"it ends in “{to.name}”, decided by nobody"
    asked = newest.form
    kept = {n: v for n, v in renamed(asked.fields, loaded.proposed).items() if v is not None}
    lost = sorted(kept.keys() - asked.fields.keys())
    if lost:
        yield f"answers that the new form does not ask: {', '.join(lost)}"
    if loaded.case.revision is not None and to.waits_for != "submitter" and (lacking := _lacking(loaded, newest, kept)):
        yield f"answers that the new form requires: {', '.join(lacking)}"
    waiting = [c for c in loaded.case.corrections.values() if c.status in ("open", "answered")]
    gone = [c for c in waiting if to.final or c.field not in asked.fields or c.step not in newest.steps]
    if gone:
        yield f"corrections that end unanswered: {', '.join(sorted({c.field for c in gone}))}"
    if not same:
        cast = sum(seat.ballot is not None for run in loaded.case.runs.values() for seat in run.seats.values())
        if cast:
            yield f"ballots and finished tasks that go: {cast}"
        yield from (f"nobody can take the step “{name}”" for name in _empty(tx, loaded, newest, to))


def _lacking(loaded: Loaded, newest: Definition, kept: Mapping[str, object]) -> list[str]:
    raws = form.raws(newest.form.fields, {n: v for n, v in kept.items() if n in newest.form.fields})
    around = form.Context(loaded.today, loaded.current, loaded.relatives.parent, loaded.relatives.last)
    return sorted(form.missing_names(form.accept(newest.form, raws, around)))


def _empty(tx: Tx, loaded: Loaded, newest: Definition, to: State) -> Iterator[str]:
    """Steps that open for a role which nobody holds there, beside those who sent the case or act for the record."""
    own = loaded.operators | loaded.case.submitters | loaded.case.authors
    for name, step in to.steps.items():
        who = who_of(to, step)
        excluded = set() if step.self_service else own
        if who.role and not step.on_demand and not people.candidates(tx, who, loaded.area_for(who), excluded):
            yield name

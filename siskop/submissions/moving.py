"""All open tasks of a person given to others: to one colleague, or each by the rule of its step. One
transaction a task, through the door; who began may stop in between, and what remains is simply moved again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from siskop.accounts import people
from siskop.base import errors
from siskop.base.db import Tx, unit_of_work
from siskop.base.i18n import N_, words
from siskop.base.i18n import gettext as _
from siskop.engine.case import Actor, Command, Event, Refusal
from siskop.engine.people import who_of
from siskop.engine.votes import kind_of
from siskop.jobs import queue
from siskop.jobs.kinds import kind
from siskop.jobs.queue import Job
from siskop.submissions import definitions, door, store
from siskop.submissions.lines import step_words
from siskop.submissions.store import Loaded

log = logging.getLogger(__name__)
AT_ONCE = 40
"""So many tasks are moved while one waits; more are a job's."""
STRUCK = N_("nobody else may take it, so its seat is struck out")
OFFERED = N_("offered to all who may")
NOT_HERS = N_("%(name)s does not hold the role of this task for its area.")


@dataclass(frozen=True, slots=True)
class Task:
    """`why`: why it stays, or ''; `then`: else what becomes of it."""

    number: str
    title: str
    step: str
    seat: str
    label: str
    due: date | None
    why: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """`to`: None where it is offered now to all who may take it, or its seat was struck out."""

    number: str
    title: str
    label: str
    to: int | None
    struck: bool


_TASKS = text("""
SELECT s.number, s.title, s.workflow, w.step, w.seat, w.due_on FROM siskop.work_item w
JOIN siskop.submission s ON s.id = w.submission_id
WHERE w.person = :person AND w.status = 'open' ORDER BY w.due_on NULLS LAST, w.id""")
_UNDER_WAY = text("SELECT 1 FROM siskop.job WHERE key = :key AND status IN ('waiting', 'running')")
_HOLDERS = text("""
SELECT a.id, a.name, count(*) AS n FROM siskop.work_item w JOIN siskop.account a ON a.id = w.person
WHERE w.status = 'open' GROUP BY a.id ORDER BY a.name, a.id""")
_MOVED = text("""
SELECT s.number, s.title, s.workflow, s.behaviour, e.body, EXISTS (
  SELECT 1 FROM siskop.event n WHERE n.submission_id = e.submission_id AND n.seq = e.seq + 1 AND n.type = 'seated'
    AND n.body->>'why' = 'struck' AND n.body->>'seat' = e.body->>'seat') AS struck
FROM siskop.event e
JOIN siskop.submission s ON s.id = e.submission_id
WHERE e.type = 'seated' AND e.by = :by AND e.at >= :since AND (e.body->>'was')::bigint = :person
  AND e.body->>'why' IN ('assigned', 'vacated') ORDER BY e.at, s.id""")


def holders(tx: Tx) -> list[tuple[int, str, int]]:
    """(account, name, open tasks) of everybody who has some, by name."""
    return [(row.id, row.name, row.n) for row in tx.execute(_HOLDERS)]


def tasks(tx: Tx, person: int, mover: Actor, to: int | None, flows: Collection[str]) -> list[Task]:
    """What of these workflows lies open with `person`, and of each why `mover` could not move it to `to` (None: by the
    rule), or what would become of it."""
    name = people.names(tx, [to]).get(to, "") if to else ""
    found = []
    for row in tx.execute(_TASKS, {"person": person}).all():
        if row.workflow in flows:
            loaded = store.load(tx, row.number)
            why, then = _comes_of(tx, loaded, mover, _command(row.step, row.seat, to), name)
            label = step_words(loaded.definition, row.step)
            found.append(Task(row.number, row.title, row.step, row.seat, label, row.due_on, why, then))
    return found


def _command(step: str, seat: str, to: int | None) -> Command:
    return Command("assign", step, {"seat": seat, "person": to}) if to else Command("vacate", step, {"seat": seat})


def _comes_of(tx: Tx, loaded: Loaded, mover: Actor, command: Command, name: str) -> tuple[str, str]:
    """(why it stays, what becomes of it), one of the two. Assigning by hand may pass the role by; moving in heaps may
    not."""
    found = door.would(tx, loaded, mover, command)
    if isinstance(found, Refusal):
        return _not_moved(tx, loaded, found), ""
    to = command.args.get("person")
    state = loaded.definition.states[loaded.case.state]
    step = state.steps[command.name]
    who = who_of(state, step, kind_of(step.seats, command.args["seat"]))
    fits = to is None or to in {c.id for c in people.candidates(tx, who, loaded.area_for(who))}
    return ("", _then(tx, found)) if fits else (_(NOT_HERS, name=name), "")


def _not_moved(tx: Tx, loaded: Loaded, refused: Refusal) -> str:
    """A task is moved by whoever manages its workflow: who that is, where it is somebody else."""
    manage, roles = loaded.definition.manage, definitions.library(tx).roles
    if refused.code != "not_yours":
        return _(refused.text, **refused.params)
    role = roles.get((manage.role if manage else None) or "")
    if role is None:
        return _("Nobody manages this workflow.")
    return _("Only who manages this workflow moves it: %(role)s.", role=words(role.label))


def _then(tx: Tx, events: Iterable[Event]) -> str:
    seated = [event.body for event in events if event.type == "seated"]
    if not seated or seated[-1]["why"] == "struck":
        return _(STRUCK)
    person = seated[-1]["person"]
    return _("to %(name)s", name=people.names(tx, [person]).get(person, "")) if person else _(OFFERED)


def move(person: int, mover: int, to: int | None) -> bool:
    """Move what can be moved; more than AT_ONCE by a job (False then: it is under way)."""
    with unit_of_work() as tx:
        many = len(tx.execute(_TASKS, {"person": person}).all()) > AT_ONCE
        if many:
            queue.put(tx, "move", f"move:{person}", {"person": person, "mover": mover, "to": to}, queue="batch")
    if not many:
        _each(person, mover, to)
    return not many


def under_way(tx: Tx, person: int) -> bool:
    """Whether a job still moves tasks of this person."""
    return tx.execute(_UNDER_WAY, {"key": f"move:{person}"}).first() is not None


def _each(person: int, mover: int, to: int | None) -> None:
    with unit_of_work() as tx:
        rows = tx.execute(_TASKS, {"person": person}).all()
    for row in rows:
        with unit_of_work(apart=True) as tx:  # a lock at a time, whatever stands around
            _one(tx, row, person, people.actor_for(tx, mover), to)


def _one(tx: Tx, row: Any, person: int, mover: Actor, to: int | None) -> None:
    """Looked at anew under the lock: somebody may have taken or done it meanwhile."""
    loaded = store.load_for_update(tx, row.number)
    run = loaded.case.runs.get(row.step)
    seat = run.seats.get(row.seat) if run else None
    command = _command(row.step, row.seat, to)
    if seat is not None and seat.person == person and not _comes_of(tx, loaded, mover, command, "")[0]:
        door.perform_in(tx, row.number, mover, command)


@kind("move", N_("Move the tasks of a person"))
def run_move(job: Job) -> None:
    """Payload {person, mover, to}. Begun anew after a crash it moves what is left; who may no longer, moves nothing."""
    try:
        _each(job.payload["person"], job.payload["mover"], job.payload["to"])
    except (errors.NotFound, errors.Refusal) as error:
        log.warning("tasks were not moved: %s", error.text, extra={"job": job.id})
    with unit_of_work() as tx:
        queue.finish(tx, job)


def moved(tx: Tx, person: int, mover: int, since: datetime) -> Iterator[Moved]:
    """What went from `person` to others by `mover`'s hand since then."""
    for row in tx.execute(_MOVED, {"person": person, "by": mover, "since": since}).all():
        definition = definitions.definition(row.workflow, row.behaviour, tx)
        yield Moved(row.number, row.title, step_words(definition, row.body["step"]), row.body["person"], row.struck)

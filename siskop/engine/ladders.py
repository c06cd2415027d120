"""Ladders: which rung is due, when the next one is, and what a deciding rung ("silence") may do.

A rung's day is counted from its anchor and is over before the rung comes: its instant is the midnight (Jakarta) after
that day. That instant belongs to silence: a person who acts later is too late, even if the worker slept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from siskop.engine.calendar import Calendar, day_of, midnight
from siskop.engine.case import Case, Facts
from siskop.engine.definition import At, Definition, Effect, Rung
from siskop.engine.events import IDLE
from siskop.engine.situation import Situation

DECIDING = frozenset({"action", "end"})


@dataclass(frozen=True, slots=True)
class Due:
    """A rung not yet spent: from `at` on it may be done. `step` None: of the state's ladder."""

    at: datetime
    scope: str
    n: int
    rung: Rung
    step: str | None


def due_day(at: At, anchor: date, calendar: Calendar) -> date:
    """The day of a rung, counted from its anchor: a step's last day, a state's first, the day of a reminder's cause."""
    if at.months is not None:
        return calendar.of_month(anchor, at.months, at.days, at.working)
    return calendar.add(anchor, at.days, at.working)


def office_due(definition: Definition, case: Case, calendar: Calendar) -> date | None:
    """The day by which the office must be done: what is left of its days, from when it has the case."""
    if definition.deadline_days is None or case.office_since is None:
        return None
    left = max(definition.deadline_days - case.office_days, 0)
    return calendar.add(case.office_since, left, definition.deadline_working)


def wake(definition: Definition, case: Case, facts: Facts) -> datetime | None:
    """The next instant at which `tick` would do something; in the past when something is due already."""
    s = Situation(definition, case, facts)
    return min((due.at for due in _unspent(s) if able(s, due)), default=None)


def first_due(s: Situation) -> Due | None:
    """The rung that `tick` does next."""
    due = (d for d in _unspent(s) if d.at <= s.facts.now and able(s, d))
    return min(due, key=lambda d: d.at, default=None)


def silence_is_due(s: Situation) -> bool:
    """Whether silence has decided already, though no worker has said so yet."""
    if s.silence is None:
        deciding = (d for d in _unspent(s) if any(effect.kind in DECIDING for effect in d.rung.does))
        s.silence = any(d.at <= s.facts.now and able(s, d) for d in deciding)
    return s.silence


def silence(s: Situation) -> Due | None:
    """The next rung that decides, as things stand: what happens if nobody does anything until `at`."""
    deciding = (d for d in _unspent(s) if any(effect.kind in DECIDING for effect in d.rung.does) and able(s, d))
    return min(deciding, key=lambda d: d.at, default=None)


def able(s: Situation, due: Due) -> bool:
    """A deciding rung that could do nothing now neither fires, nor is spent, nor forbids, nor wakes."""
    return all(_able(s, effect) for effect in due.rung.does if effect.kind in DECIDING)


def _able(s: Situation, effect: Effect) -> bool:
    if effect.kind == "end":
        return s.blocked() is None
    action = s.definition.actions[effect.args["action"]]
    # silence brings no input: of what an action may need, only a correction can be there already
    has_needs = all(need == "correction" and s.open_corrections() for need in action.needs)
    may = s.case.state in action.from_ and s.blocked(action) is None
    return may and s.test(action.when) is True and has_needs


def _unspent(s: Situation) -> Iterator[Due]:
    for scope, n, rung, anchor, step in _rungs(s):
        if (scope, n, s.case.round) not in s.case.rungs:
            after = due_day(rung.at, anchor, s.facts.calendar) + timedelta(days=1)
            yield Due(midnight(after), scope, n, rung, step)


def _rungs(s: Situation) -> Iterator[tuple[str, int, Rung, date, str | None]]:
    """Of the state and its open steps, with the day from which each is counted."""
    case, state = s.case, s.state
    for n, rung in enumerate(() if state.final else state.ladder):
        times = (case.entered_at, case.edited_at if rung.at.idle else None)
        since = max((t for t in times if t), default=s.facts.now)
        yield f"{IDLE if rung.at.idle else 'state:'}{state.name}", n, rung, day_of(since), None
    for step, run in s.open_runs():
        if run.due is not None:
            yield from ((f"step:{step.name}", n, rung, run.due, step.name) for n, rung in enumerate(step.ladder))

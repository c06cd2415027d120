"""Who gets which rung on a day: at most one of a ladder a day, in order, on days on which the rule sends.

The command's dry run, the page and the day's job ask the same question here; docs/reminders.md answers in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from siskop.accounts import memberships, people
from siskop.base import i18n
from siskop.base.db import Tx
from siskop.engine.calendar import Calendar
from siskop.engine.definition import Effect, Library, RecordKind, Reminder, Who
from siskop.engine.ladders import due_day
from siskop.reminders import held
from siskop.reminders.standing import Standing, standings


@dataclass(frozen=True, slots=True)
class Receiver:
    account_id: int
    address: str
    of_office: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of a rung and those whom it reaches."""

    mail: str
    receivers: tuple[Receiver, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the ladder comes to: rungs to be passed over, the next one and its day; `rung` is that one if it is due."""

    passed: tuple[int, ...] = ()
    next_rung: int | None = None
    next_on: date | None = None
    rung: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """`papers` are letters, `tasks` tasks that it brings, each as in the file, or {"mail": its words}; nothing of it is
    done while it is `held`, for that reason."""

    kind: RecordKind
    rule: Reminder
    standing: Standing
    rung: int  # counted from 0
    letters: tuple[Letter, ...] = ()
    papers: tuple[Mapping[str, Any], ...] = ()
    tasks: tuple[Mapping[str, Any], ...] = ()
    held: str | None = None

    @property
    def why(self) -> str:
        """The rule in force and the values that it rests on, for an officer."""
        because = self.standing.because
        values = ", ".join(f"{name} = {'?' if value is None else value}" for name, value in because.items())
        label = i18n.words(self.rule.label) or self.rule.name
        return f"{label}: {self.rule.when.source}" + (f" ({values})" if values else "")


def sends_on(rule: Reminder, day: date, calendar: Calendar) -> bool:
    return not rule.send.working_days or calendar.is_working(day)


def all_dues(tx: Tx, library: Library, day: date) -> Iterator[Due]:
    """Everything that the day's run would send, given what was sent so far, and what is held."""
    for kind in library.kinds.values():
        for rule in kind.reminders.values():
            yield from dues(tx, library.calendar, kind, rule, day)


def dues(
    tx: Tx, calendar: Calendar, kind: RecordKind, rule: Reminder, day: date, *, record_id: int | None = None
) -> Iterator[Due]:
    """The rule's due rungs, of all records or of one. A rung that reaches nobody waits until somebody is there."""
    if not sends_on(rule, day, calendar):
        return
    holds = held.on(tx, rule, day)
    for found in standings(tx, kind, rule, day, record_id):
        why = holds.why(found)
        rung = plan(rule, found, day, calendar, held=why is not None).rung
        if rung is None:
            continue
        due = Due(kind, rule, found, rung, held=why)
        if filled := due if due.held else done_by(tx, due):
            yield filled


def plan(rule: Reminder, found: Standing, day: date, calendar: Calendar, *, held: bool) -> Plan:
    """What comes next, were it not held.

    Passed over are, where the rule has an anchor, the rungs of before the opening but the last; and that too if there
    is one for that very day.
    """
    ladder = found.ladder
    opened_on = (ladder and ladder.opened_on) or day
    anchor = opened_on if rule.anchor is None else found.anchor
    spent = ladder.spent if ladder else 0
    if not found.truth or anchor is None or spent >= len(rule.ladder):
        return Plan()
    moved = _held_days(found, day, held) if rule.anchor is None else 0
    days = [_day_of(rule, n, anchor, calendar, moved) for n in range(spent, len(rule.ladder))]
    early = next((n for n, one in enumerate(days) if one >= opened_on), len(days)) if rule.anchor is not None else 0
    passed = early if opened_on in days else max(early - 1, 0)
    is_due = passed < len(days) and days[passed] <= day and not (ladder and ladder.last_on == day)
    coming = spent + passed if passed < len(days) else None
    return Plan(
        passed=tuple(range(spent, spent + passed)),
        next_rung=coming,
        next_on=days[passed] if passed < len(days) else None,
        rung=coming if is_due else None,
    )


def _day_of(rule: Reminder, n: int, anchor: date, calendar: Calendar, moved: int) -> date:
    at = rule.ladder[n].at
    return due_day(at, anchor, calendar) + timedelta(days=moved if at.months is None else 0)


def _held_days(found: Standing, day: date, held: bool) -> int:
    """Of this opening; one that is not over moves nothing yet."""
    ladder = found.ladder
    if ladder is None or ladder.opened_on is None:
        return 0
    over = ladder.held_since is not None and not held
    return ladder.held_days + ((day - ladder.held_since).days if over and ladder.held_since else 0)


def done_by(tx: Tx, due: Due) -> Due | None:
    """The rung with all that it does, or None while it has to wait: it reaches nobody, and nothing stands in for that.

    Where its mails reach nobody who acts for the record, what the rule says is done instead, with the mail's words.
    """
    rule, found, does = due.rule, due.standing, due.rule.ladder[due.rung].does
    letters, unreached = [], []
    for effect in (effect for effect in does if effect.kind == "mail"):
        to = _receivers(tx, due.kind, effect.args.get("to", "operators"), found)
        copies = _receivers(tx, due.kind, effect.args["copy"], found) if effect.args.get("copy") else {}
        if not to and not isinstance(effect.args.get("to"), Mapping):
            unreached.append({"mail": effect.args["mail"]})
        if both := {**copies, **to}:
            letters.append(Letter(effect.args["mail"], tuple(both.values())))
    way = rule.send.without_address or "nothing"
    if unreached and way == "nothing":
        return None
    papers, tasks = _of(does, "letter"), _of(does, "task")
    if "letter" in way and not papers:
        papers = tuple(unreached)
    if "task" in way:
        tasks += tuple({**one, "to": rule.send.to} for one in unreached)
    if not (letters or papers or tasks):
        return None
    return Due(due.kind, rule, found, due.rung, tuple(letters), papers, tasks)


def _of(does: tuple[Effect, ...], kind: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(effect.args for effect in does if effect.kind == kind)


_REACHABLE = text("""
    SELECT id, email FROM siskop.account WHERE id = ANY(:ids) AND active AND mail_bad_since IS NULL ORDER BY id
""")


def _receivers(tx: Tx, kind: RecordKind, to: Any, found: Standing) -> dict[int, Receiver]:
    """`to` is `operators`, or {role, area}: who acts for the record, or who holds the role where it lies."""
    if office := isinstance(to, Mapping):
        area = found.values.get(to["area"]) if to.get("area") else None
        ids = [c.id for c in people.candidates(tx, Who(role=to.get("role"), area=to.get("area")), area)]
    else:
        ids = memberships.operators(tx, found.record_id)
    return {row.id: Receiver(row.id, row.email, office) for row in tx.execute(_REACHABLE, {"ids": ids})}


def names(brought: tuple[Mapping[str, Any], ...]) -> list[str]:
    """Of letters or tasks, or of the mails whose words they carry."""
    return [one.get("letter") or one.get("task") or one["mail"] for one in brought]

"""Who gets which rung on a day, and its sending: at most one of a ladder a day, in order, on days on which one sends.

The command's dry run and the day's job ask the same question here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text

from siskop.accounts import memberships, people
from siskop.base import i18n
from siskop.base.db import Tx
from siskop.engine.calendar import Calendar, midnight
from siskop.engine.definition import Effect, Library, RecordKind, Reminder, Who
from siskop.engine.ladders import due_day
from siskop.mail import outbox, placeholders
from siskop.reminders.standing import Standing, standings

ROOM = "/ruang"
"""Where those who act for a record see what is to be done."""


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
class Due:
    kind: RecordKind
    rule: Reminder
    standing: Standing
    rung: int  # counted from 0
    letters: tuple[Letter, ...]

    @property
    def why(self) -> str:
        """The rule in force and the values that it rests on, for an officer."""
        values = ", ".join(f"{name} = {self.standing.values.get(name, '?')}" for name in self.rule.cause)
        label = i18n.words(self.rule.label) or self.rule.name
        return f"{label}: {self.rule.when.source}" + (f" ({values})" if values else "")


def sends_on(rule: Reminder, day: date, calendar: Calendar) -> bool:
    return not rule.send.working_days or calendar.is_working(day)


def all_dues(tx: Tx, library: Library, day: date) -> Iterator[Due]:
    """Everything that the day's run would send, given what was sent so far."""
    for kind in library.kinds.values():
        for rule in kind.reminders.values():
            yield from dues(tx, library.calendar, kind, rule, day)


def dues(
    tx: Tx, calendar: Calendar, kind: RecordKind, rule: Reminder, day: date, *, record_id: int | None = None
) -> Iterator[Due]:
    """The rule's due rungs, of all records or of one. A rung that reaches nobody waits until somebody is there."""
    if not sends_on(rule, day, calendar):
        return
    paused = _paused(tx, rule, calendar, day)
    for found in list(standings(tx, kind, rule, day, record_id)):
        rung = next_rung(rule, found, day, calendar)
        if rung is None or found.record_id in paused:
            continue
        letters = tuple(_letters(tx, kind, rule.ladder[rung].does, found))
        if letters:
            yield Due(kind, rule, found, rung, letters)


def next_rung(rule: Reminder, found: Standing, day: date, calendar: Calendar) -> int | None:
    """The first rung not yet sent, if its day has come and none went out today."""
    if not found.truth or found.last_on == day or found.sent >= len(rule.ladder):
        return None
    anchor = found.opened_on or day
    return found.sent if due_day(rule.ladder[found.sent].at, anchor, calendar) <= day else None


_CURING = text("""
    SELECT record_id FROM siskop.submission
    WHERE NOT final AND workflow = ANY(:workflows) AND state = ANY(:states) AND sent_at > :since
""")


def _paused(tx: Tx, rule: Reminder, calendar: Calendar, day: date) -> frozenset[int]:
    """Records for which the office has something before it that would cure the cause, and not for too long."""
    cure = rule.cured_by
    if cure is None:
        return frozenset()
    since = midnight(day) - cure.at_most
    asked = {"workflows": list(cure.workflows), "states": list(cure.states), "since": since}
    return frozenset(tx.execute(_CURING, asked).scalars())


def _letters(tx: Tx, kind: RecordKind, does: tuple[Effect, ...], found: Standing) -> Iterator[Letter]:
    """Mails that reach somebody to whom they are addressed; whoever gets a copy alone is no reason to write."""
    for effect in (effect for effect in does if effect.kind == "mail"):
        if to := _receivers(tx, kind, effect.args.get("to", "operators"), found):
            copies = _receivers(tx, kind, effect.args["copy"], found) if effect.args.get("copy") else {}
            yield Letter(effect.args["mail"], tuple({**copies, **to}.values()))


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


_RUNG = text("""
    INSERT INTO siskop.reminder_rung (reminder_id, rung, at, day)
    VALUES (:reminder, :rung, siskop.now(), siskop.today())
    ON CONFLICT DO NOTHING RETURNING true
""")


def fire(tx: Tx, library: Library, due: Due) -> bool:
    """False when this rung was sent before, or by somebody else at the same time."""
    reminder = due.standing.reminder_id
    if reminder is None or not tx.execute(_RUNG, {"reminder": reminder, "rung": due.rung}).scalar():
        return False
    for letter in due.letters:
        for receiver in letter.receivers:
            outbox.queue(
                tx,
                key=f"reminder:{reminder}:{due.rung}:{letter.mail}:{receiver.account_id}",
                mail=library.mails[letter.mail],
                to_account=receiver.account_id,
                values=_values(due, receiver.of_office),
                record_id=due.standing.record_id,
                why=f"reminder:{due.rule.name}:{due.rung}",
                priority=outbox.CAMPAIGN,
            )
    return True


def _values(due: Due, of_office: bool) -> dict[str, Any]:
    """The placeholders of a reminder's mail: the record's, whose it is, and where to go."""
    found, public = due.standing, due.kind.public
    page = f"/{public.path}/{found.slug}" if public else ""
    return {
        **placeholders.of_record(due.kind, found.values),
        "title": found.title,
        "reason": due.rule.label,
        "link": page if of_office else ROOM,
    }

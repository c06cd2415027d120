"""What an officer does with a ladder: pause it, exclude a record from a rule, end either, send the next rung now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text

from siskop.base import db
from siskop.base.db import Tx
from siskop.base.errors import Conflict, Invalid, NotFound, Refusal
from siskop.base.i18n import N_, gettext
from siskop.engine.definition import Library, RecordKind, Reminder
from siskop.reminders import due, held, standing
from siskop.reminders.fire import fire, pass_over
from siskop.reminders.standing import Standing

LONGEST_REASON = 1000
_HOLD = text("""
    INSERT INTO siskop.reminder_hold (rule, record_id, cause, until_on, reason, by)
    VALUES (:rule, :record, :cause, :until, :reason, :by) RETURNING id
""")
_RESUME = text("""
    UPDATE siskop.reminder_hold SET ended_at = siskop.now(), ended_by = :by WHERE id = :id AND ended_at IS NULL
    RETURNING id
""")
_LOCK = text("SELECT kind FROM siskop.record WHERE id = :id AND version > 0 AND withdrawn_at IS NULL FOR UPDATE")
_OPEN = text("""
    SELECT h.id, h.rule, h.record_id, r.kind, r.slug, r.title, h.cause IS NOT NULL AS paused, h.until_on, h.reason,
      h.at, a.name AS by
    FROM siskop.reminder_hold h JOIN siskop.record r ON r.id = h.record_id JOIN siskop.account a ON a.id = h.by
    WHERE h.ended_at IS NULL AND (h.until_on IS NULL OR h.until_on >= siskop.today()) ORDER BY h.id DESC
""")


@dataclass(frozen=True, slots=True)
class Hold:
    """`paused`: for its cause only; else the record is excluded from the rule. `until_on` None: for good."""

    id: int
    rule: str
    record_id: int
    kind: str
    slug: str
    title: str
    paused: bool
    until_on: date | None
    reason: str
    at: datetime
    by: str


def in_force(tx: Tx) -> Iterator[Hold]:
    """The newest first."""
    return (Hold(**row._mapping) for row in tx.execute(_OPEN))


def pause(tx: Tx, library: Library, rule: str, record_id: int, *, until: date | None, reason: str, by: int) -> int:
    """The ladder of the record's present cause sends nothing through that day."""
    if until is None:
        raise Invalid({"until": [gettext(N_("Say until which day."))]})
    found = _standing(tx, library, rule, record_id)
    if not found.truth:
        raise Refusal(N_("This rule has nothing against the record today."))
    return _hold(tx, rule, record_id, cause=found.cause, until=until, reason=reason, by=by)


def exclude(tx: Tx, library: Library, rule: str, record_id: int, *, until: date | None, reason: str, by: int) -> int:
    """The rule sends nothing to the record through that day, or for good, whatever the cause."""
    _rule(tx, library, rule, record_id)
    return _hold(tx, rule, record_id, cause=None, until=until, reason=reason, by=by)


def resume(tx: Tx, hold_id: int, *, by: int) -> None:
    """Raises Conflict where it has ended."""
    if tx.execute(_RESUME, {"id": hold_id, "by": by}).scalar() is None:
        raise Conflict(N_("It does not hold any more."))


def send_now(tx: Tx, library: Library, rule: str, record_id: int, *, by: int) -> None:
    """The next rung, today, whatever its day and hour. Raises Refusal where there is none, or nobody to reach."""
    kind, told = _rule(tx, library, rule, record_id)
    day = db.today(tx)
    found = _standing(tx, library, rule, record_id)
    why = held.on(tx, told, day).why(found)
    if why:
        raise Refusal(N_("It is held: %(why)s."), why=why)
    reminder = standing.keep(tx, told, found, day, held=False)
    coming = due.plan(told, found, day, library.calendar, held=False)
    if not found.truth or reminder is None or coming.next_rung is None:
        raise Refusal(N_("This rule has nothing more to send about the record today."))
    pass_over(tx, reminder, coming.passed)
    found = _standing(tx, library, rule, record_id)
    if found.ladder and found.ladder.last_on == day:
        raise Conflict(N_("Today's was sent already."))
    ready = due.done_by(tx, due.Due(kind, told, found, coming.next_rung))
    if ready is None:
        raise Refusal(N_("It would reach nobody."))
    if not fire(tx, library, ready, by):
        raise Conflict(N_("Today's was sent already."))


def _hold(tx: Tx, rule: str, record_id: int, *, cause: str | None, until: date | None, reason: str, by: int) -> int:
    problems: dict[str, list[str]] = {}
    if not reason.strip():
        problems["reason"] = [gettext(N_("Say why, in a sentence."))]
    elif len(reason) > LONGEST_REASON:
        problems["reason"] = [gettext(N_("At most %(n)s characters."), n=LONGEST_REASON)]
    if until is not None and until < db.today(tx):
        problems["until"] = [gettext(N_("This day is over."))]
    if problems:
        raise Invalid(problems)
    row = {"rule": rule, "record": record_id, "cause": cause, "until": until, "reason": reason.strip(), "by": by}
    return int(tx.execute(_HOLD, row).scalar_one())


def _standing(tx: Tx, library: Library, rule: str, record_id: int) -> Standing:
    kind, told = _rule(tx, library, rule, record_id)
    found = next(standing.standings(tx, kind, told, db.today(tx), record_id), None)
    if found is None:
        raise NotFound()
    return found


def _rule(tx: Tx, library: Library, rule: str, record_id: int) -> tuple[RecordKind, Reminder]:
    """Locks the record, so that two officers, or one and the day's run, come one after the other."""
    kind = library.kinds.get(str(tx.execute(_LOCK, {"id": record_id}).scalar()))
    if kind is None or rule not in kind.reminders:
        raise NotFound()
    return kind, kind.reminders[rule]

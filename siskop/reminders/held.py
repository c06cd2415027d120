"""What holds a ladder on a day: a submission that would cure its cause, or an officer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.base.i18n import format_date
from siskop.base.i18n import gettext as _
from siskop.engine.definition import Reminder
from siskop.reminders.standing import Standing

_CURING = text("""
    SELECT record_id, min(number) FROM siskop.submission
    WHERE NOT final AND workflow = ANY(:workflows) AND state = ANY(:states)
      AND CAST(:day AS date) - CAST(sent_at AT TIME ZONE 'Asia/Jakarta' AS date) <= :days GROUP BY record_id
""")
_BY_OFFICERS = text("""
    SELECT id, record_id, cause, until_on, reason FROM siskop.reminder_hold
    WHERE rule = :rule AND ended_at IS NULL AND (until_on IS NULL OR until_on >= :day) ORDER BY id
""")


@dataclass(frozen=True, slots=True)
class Holds:
    """Of one rule and day: numbers of submissions, and what officers said, by record."""

    curing: Mapping[int, str]
    by_officers: Mapping[int, Sequence[Any]]

    def why(self, found: Standing) -> str | None:
        """In the current language."""
        if number := self.curing.get(found.record_id):
            return _("%(number)s, which would cure it, is with the office", number=number)
        hold = self.of(found)
        if hold is None:
            return None
        if hold.until_on is None:
            return _("excluded: %(reason)s", reason=hold.reason)
        said = {"day": format_date(hold.until_on), "reason": hold.reason}
        return _("excluded through %(day)s: %(reason)s", **said) if hold.cause is None else _(
            "paused through %(day)s: %(reason)s", **said
        )  # fmt: skip

    def of(self, found: Standing) -> Any | None:
        """The officer's hold that concerns the record's present cause."""
        of_record = self.by_officers.get(found.record_id, ())
        return next((hold for hold in of_record if hold.cause in (None, found.cause)), None)


def on(tx: Tx, rule: Reminder, day: date) -> Holds:
    curing: dict[int, str] = {}
    if cure := rule.cured_by:
        asked = {"workflows": list(cure.workflows), "states": list(cure.states), "day": day, "days": cure.at_most.days}
        curing = {row[0]: row[1] for row in tx.execute(_CURING, asked)}
    by_officers: defaultdict[int, list[Any]] = defaultdict(list)
    for hold in tx.execute(_BY_OFFICERS, {"rule": rule.name, "day": day}):
        by_officers[hold.record_id].append(hold)
    return Holds(curing, by_officers)

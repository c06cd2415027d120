"""Whole days in Asia/Jakarta: which are working days, and how to count with them.

An office's deadlines are days, never hours. Sources: the joint ministerial decree on national holidays and cuti
bersama of each year, and the office's own closures; both arrive as one set of dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

WIB = timezone(timedelta(hours=7), "WIB")
"""Western Indonesian Time: UTC+7 without daylight saving since 1964, so a fixed offset needs no time zone database."""

_DAY = timedelta(days=1)


def midnight(day: date) -> datetime:
    """The instant (UTC) at which `day` begins in Jakarta."""
    return datetime.combine(day, time(), WIB).astimezone(UTC)


def day_of(instant: datetime) -> date:
    """The day in Jakarta on which `instant` (aware) falls."""
    return instant.astimezone(WIB).date()


@dataclass(frozen=True, slots=True)
class Calendar:
    holidays: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.holidays

    def add(self, day: date, n: int, working: bool = True) -> date:
        """The `n`-th day after `day` (before it, if negative). Zero is `day` itself, even when nobody works on it.

        With `working`, only working days count, so the result of a non-zero `n` is always one of them.
        """
        if not working:
            return day + timedelta(days=n)
        step = _DAY if n > 0 else -_DAY
        for _ in range(abs(n)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def of_month(self, day: date, months: int, n: int, working: bool = False) -> date:
        """The `n`-th (working) day of the month that many after `day`'s; past its end it is the last one."""
        month = day.year * 12 + day.month - 1 + months
        first, end = (date(m // 12, m % 12 + 1, 1) for m in (month, month + 1))
        days = [first + timedelta(days=d) for d in range((end - first).days)]
        counted = [d for d in days if self.is_working(d)] if working else days
        return (counted or days)[: max(n, 1)][-1]

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` is the earlier."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

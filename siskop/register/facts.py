"""What is so on a day: facts and badges of a record, and the next day on which they differ.

Facts are internal; a badge is public, so it carries only the number of its case and values of public fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from siskop.engine import standing as standing_of
from siskop.engine.condition_functions import Months
from siskop.engine.definition import PLACEHOLDER, Badge, Condition, RecordKind, Truth
from siskop.engine.outside import case_of, on_day
from siskop.engine.outside import environment as environment_of
from siskop.register.relatives import ALONE, Relatives

YEARS_AHEAD = 12  # how far the search for the next change looks: rules that count book years need a few
DAYS_AHEAD = 366 * YEARS_AHEAD


@dataclass(frozen=True, slots=True)
class Standing:
    """Facts (None: unknown) and badges: {name: {"case": index, "values": {public field or group.part: as stored}}}."""

    facts: Mapping[str, Truth]
    badges: Mapping[str, Mapping[str, Any]]


def standing(kind: RecordKind, values: Mapping[str, Any], today: date, kin: Relatives = ALONE) -> Standing:
    """`values` are the record's stored values (JSON); all of them, since a fact may rest on what is not public."""
    return _standing(kind, values, environment(kind, values, today, kin))


def _standing(kind: RecordKind, values: Mapping[str, Any], env: Mapping[str, Any]) -> Standing:
    facts = {name: env[name] for name in kind.facts}
    return Standing(facts, {badge.name: _shown(kind, badge, values, env) for badge in kind.badges})


def environment(kind: RecordKind, values: Mapping[str, Any], today: date, kin: Relatives = ALONE) -> dict[str, Any]:
    """What conditions of the kind may read: fields with their real types, `today`, what stands around the record, and
    the facts in their order."""
    return environment_of(kind, values, today, kin.parent, kin.last, reported=kin.reported)


def refresh_on(kind: RecordKind, values: Mapping[str, Any], today: date, kin: Relatives = ALONE) -> date | None:
    """The first day after `today` on which a fact or badge differs from today's; None when none is in sight.

    Conditions compare days with today: those of the record, of what stands around it, of tables of deadlines and those
    written out, moved by their own constants; or they count years. So only the days around those and the first of each
    January are tried (of each month, or the next days, where a condition asks for the month or the day of the week).
    """
    if not kind.facts and not kind.badges:
        return None
    env = environment(kind, values, today, kin)
    now = _standing(kind, values, env)
    later = ((day, on_day(kind, env, day, kin.reported)) for day in _candidates(kind, env, today))
    return next((day for day, then in later if _standing(kind, values, then) != now), None)


def alike(badge: Badge, case: int) -> int:
    """The first case that says the same: two ways to be licensed are one thing to search for."""
    return next(n for n, other in enumerate(badge.cases) if other.label == badge.cases[case].label)


def _candidates(kind: RecordKind, env: Mapping[str, Any], today: date) -> list[date]:
    sources = " ".join(condition.source for condition in _conditions(kind))
    months = range(1, 13) if "month(" in sources else (1,)
    days = {date(today.year + ahead, month, 1) for ahead in range(YEARS_AHEAD) for month in months}
    days |= {today + timedelta(days=n) for n in range(1, 8) if "weekday(" in sources}
    written = map(date.fromisoformat, re.findall(r"date\(.(\d{4}-\d\d-\d\d)", sources))
    of_record = _days([value for name, value in env.items() if name != "today"])
    moves = _moves(sources)
    for day in {*of_record, *standing_of.days(kind, env), *written}:
        if abs((day - today).days) <= 2 * DAYS_AHEAD:
            days |= {day + move + timedelta(days=after) for move in moves for after in (-1, 0, 1)}
    return sorted(day for day in days if today < day <= today + timedelta(days=DAYS_AHEAD))


def _moves(sources: str) -> list[timedelta | Months]:
    """Both ways, by every number that conditions name: days, and months where they say so."""
    numbers = {n for n in map(int, re.findall(r"(?<![\w.])\d{1,4}(?![\w.])", sources)) if n <= DAYS_AHEAD}
    months = {int(n) for n in re.findall(r"months\((\d{1,3})\)", sources)}
    shifts = [timedelta(days=n) for n in sorted({0, *numbers, *(-n for n in numbers)})]
    return [*shifts, *(Months(sign * n) for n in sorted(months) for sign in (1, -1))]


def _days(value: Any) -> Iterator[date]:
    """Those within the values of a record, its rows, and of what stands around it."""
    if isinstance(value, date):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    yield from (day for part in inner for day in _days(part))


def _conditions(kind: RecordKind) -> Iterator[Condition]:
    yield from kind.facts.values()
    for badge in kind.badges:
        yield from (case.when for case in badge.cases if case.when is not None)


def _shown(kind: RecordKind, badge: Badge, values: Mapping[str, Any], env: Mapping[str, Any]) -> dict[str, Any]:
    index = case_of(badge, env)
    case = badge.cases[index]
    begun = case.next.group if case.next else None
    of_next = {f"{begun}.{part}" for part in ("first_missed", "next") if begun}
    names = sorted(
        of_next
        | {name for words in (case.label, case.why) for told in words.values() for name in PLACEHOLDER.findall(told)}
    )
    told = {name: values.get(name) for name in names if name in kind.fields and kind.fields[name].privacy == "public"}
    groups = standing_of.spoken(kind.periods)
    told |= {n: standing_of.stored(env[groups[n]][n.partition(".")[2]]) for n in names if n in groups}
    return {"case": index, "values": {name: value for name, value in told.items() if value is not None}}

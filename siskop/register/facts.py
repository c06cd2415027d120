"""What is so on a day: facts and badges of a record, and the next day on which they differ.

Facts are internal; a badge is public, so it carries only the number of its case and values of public fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from siskop.engine import form
from siskop.engine.definition import Badge, Condition, RecordKind, Truth
from siskop.engine.outside import case_of
from siskop.engine.outside import environment as environment_of
from siskop.register.relatives import ALONE, Relatives

PLACE = re.compile(r"\{(\w+)\}")
YEARS_AHEAD = 12  # how far the search for the next change looks: rules that count book years need a few
DAYS_AHEAD = 366 * YEARS_AHEAD


@dataclass(frozen=True, slots=True)
class Standing:
    """Facts (None: unknown) and badges: {name: {"case": index, "values": {public field: stored value}}}."""

    facts: Mapping[str, Truth]
    badges: Mapping[str, Mapping[str, Any]]


def standing(kind: RecordKind, values: Mapping[str, Any], today: date, kin: Relatives = ALONE) -> Standing:
    """`values` are the record's stored values (JSON); all of them, since a fact may rest on what is not public."""
    env = environment(kind, values, today, kin)
    facts = {name: env[name] for name in kind.facts}
    return Standing(facts, {badge.name: _shown(kind, badge, values, env) for badge in kind.badges})


def environment(kind: RecordKind, values: Mapping[str, Any], today: date, kin: Relatives = ALONE) -> dict[str, Any]:
    """What conditions of the kind may read: fields with their real types, `today`, what stands around the record, and
    the facts in their order."""
    return environment_of(kind, values, today, kin.parent, kin.last)


def refresh_on(kind: RecordKind, values: Mapping[str, Any], today: date, kin: Relatives = ALONE) -> date | None:
    """The first day after `today` on which a fact or badge differs from today's; None when none is in sight.

    Conditions compare days of the record, moved by their own constants, with today, or count years: so only the days
    around those and the first of each January are tried.
    """
    if not kind.facts and not kind.badges:
        return None
    now = _outcome(kind, values, today, kin)
    return next((day for day in _candidates(kind, values, today) if _outcome(kind, values, day, kin) != now), None)


def alike(badge: Badge, case: int) -> int:
    """The first case that says the same: two ways to be licensed are one thing to search for."""
    return next(n for n, other in enumerate(badge.cases) if other.label == badge.cases[case].label)


def _outcome(kind: RecordKind, values: Mapping[str, Any], day: date, kin: Relatives) -> tuple[Any, ...]:
    found = standing(kind, values, day, kin)
    return (*found.facts.values(), *(badge["case"] for badge in found.badges.values()))


def _candidates(kind: RecordKind, values: Mapping[str, Any], today: date) -> list[date]:
    shifts = {0, *(sign * number for number in _constants(kind) for sign in (1, -1))}
    days = {date(today.year + ahead, 1, 1) for ahead in range(1, YEARS_AHEAD)}
    for day in (value for value in form.environment(kind.fields, values).values() if isinstance(value, date)):
        if abs((day - today).days) <= 2 * DAYS_AHEAD:
            days |= {day + timedelta(days=shift + after) for shift in shifts for after in (-1, 0, 1)}
    return sorted(day for day in days if today < day <= today + timedelta(days=DAYS_AHEAD))


def _constants(kind: RecordKind) -> set[int]:
    sources = " ".join(condition.source for condition in _conditions(kind))
    return {number for number in map(int, re.findall(r"(?<![\w.])\d{1,4}(?![\w.])", sources)) if number <= DAYS_AHEAD}


def _conditions(kind: RecordKind) -> Iterator[Condition]:
    yield from kind.facts.values()
    for badge in kind.badges:
        yield from (case.when for case in badge.cases if case.when is not None)


def _shown(kind: RecordKind, badge: Badge, values: Mapping[str, Any], env: Mapping[str, Any]) -> dict[str, Any]:
    index = case_of(badge, env)
    names = {name for text in badge.cases[index].why.values() for name in PLACE.findall(text)}
    public = {name for name in names if name in kind.fields and kind.fields[name].privacy == "public"}
    return {"case": index, "values": {name: values[name] for name in sorted(public) if values.get(name) is not None}}

"""Values that try a workflow's conditions out: what stands in them, and what lies just beside it.

A sample is one way in which the answers, the small forms, the parent, the period before and the day may be.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from math import prod
from typing import Any

from siskop.engine.calendar import Calendar
from siskop.engine.case import Facts
from siskop.engine.conditions import Kind
from siskop.engine.definition import Action, Condition, Definition, Field
from siskop.engine.load_fields import scope_of

MOST = 240  # samples of one workflow
TODAY = date(2026, 6, 15)
BEYOND = 10**18
FAR = 40 * 365  # days: longer spans are taken for other numbers
FIRST, LAST = date(1000, 1, 1), date(9000, 1, 1)  # what is named before or after is taken never to come
_NOON = time(12, tzinfo=timezone(timedelta(hours=7)))
_FILE: Mapping[str, Any] = {"id": 1, "name": "a.pdf", "type": "application/pdf", "size": 1}

Sample = dict[str, Any]
"""Dotted name: value. A plain name is a field; `parent.x`, `last.x` and `step.x` stand elsewhere; and `today`."""


def conditions(workflow: Definition) -> list[Condition]:
    """Those that the engine reads on its way."""
    steps = [step.when for step in workflow.steps.values() if step.when is not None]
    return [*steps, *(condition for action in workflow.actions.values() for condition in asked_by(action))]


def asked_by(action: Action) -> list[Condition]:
    return [condition for condition in (action.auto, action.when) if condition is not None]


def fields(workflow: Definition) -> dict[str, Field]:
    """Every name of a value that a condition of the workflow may read."""
    own, child = dict(workflow.kind.fields), workflow.kind.child_of
    small = {step.name: workflow.forms[step.form].fields for step in workflow.steps.values() if step.form}
    groups = {**small, "last": own, "parent": child.fields if child else {}}
    return own | {f"{group}.{name}": one for group, found in groups.items() for name, one in found.items()}


def of(found: Mapping[str, Field], read: Collection[Condition], known: frozenset[str]) -> tuple[list[Sample], bool]:
    """The samples for the conditions, and whether they are every combination; `known` are the fields that are never
    empty. With too many of them only the names of one condition vary together.
    """
    names = frozenset[str]().union(*(condition.names for condition in read))
    values: dict[str, list[Any]] = {
        name: _values(found[name], beside(c for c in read if name in c.names), name in known)
        for name in sorted(names & found.keys())
    }
    values["today"] = _days(beside(c for c in read if "today" in c.names)) if "today" in names else [TODAY]
    if prod(map(len, values.values())) <= MOST:
        return list(_varied(values, values.keys())), True
    together = {frozenset(condition.names & values.keys()): None for condition in read}
    samples = {repr(sample): sample for names in together for sample in _spread(_varied(values, names), 60)}
    return _spread(samples.values(), MOST), False


def _spread(samples: Iterable[Sample], most: int) -> list[Sample]:
    """Not more than so many, from the first to the last."""
    found = list(itertools.islice(samples, 20_000))
    step = max(len(found) - 1, 1) / (most - 1)
    return found if len(found) <= most else [found[round(n * step)] for n in range(most)]


def _varied(values: Mapping[str, list[Any]], names: Collection[str]) -> Iterator[Sample]:
    chosen = [found if name in names else found[:1] for name, found in values.items()]
    return (dict(zip(values, picked, strict=True)) for picked in itertools.product(*chosen))


def facts(sample: Sample) -> Facts:
    """The sample as the engine gets it."""
    spread: dict[str, dict[str, Any]] = {"": {}, "parent": {}, "last": {}}
    for name, value in sample.items():
        root, _, rest = name.rpartition(".")
        spread.setdefault(root, {})[rest] = value
    answers, parent, last = (spread.pop(root) for root in ("", "parent", "last"))
    today = answers.pop("today")
    now = datetime.combine(today, _NOON)
    return Facts(now, today, Calendar(), answers, form_valid=True, forms=spread, parent=parent, last=last)


# -- the values of one name


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a name in the conditions that read it."""

    numbers: frozenset[float]
    texts: frozenset[str]
    calls: frozenset[str]

    def near(self) -> set[float]:
        return {n + d for n in self.numbers for d in (-1, 0, 1)}


def beside(read: Iterable[Condition]) -> Beside:
    nodes = [node for condition in read for node in ast.walk(ast.parse(condition.source.strip(), mode="eval"))]
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return Beside(
        frozenset(value for value in constants if isinstance(value, int | float) and abs(value) < BEYOND),
        frozenset(value for value in constants if isinstance(value, str)),
        frozenset(ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)),
    )


def _values(of_: Field, near: Beside, certain: bool) -> list[Any]:
    kind = scope_of({"x": of_})["x"]
    found = _of_kind(kind, near)
    if kind.name == "number":
        least, most = kind.least, kind.most
        found = [n for n in found if (least is None or n >= least) and (most is None or n <= most)]
    return [*found, *([] if certain and found else [None])]


def _of_kind(kind: Kind, near: Beside) -> list[Any]:
    found: list[Any] = [dict(_FILE)]
    match kind.name:
        case "boolean":
            found = [True, False]
        case "number":
            numbers = near.near() | {0, 1, 2}
            found = sorted(numbers | ({TODAY.year - n for n in numbers} if "year" in near.calls else set()))
        case "date":
            found = [day.isoformat() for day in _days(near)]
        case "text" | "choice" | "area" | "choices":
            named = near.texts & kind.codes if kind.codes else near.texts
            found = [*sorted(named), *(sorted(kind.codes - named)[:1] if kind.codes else ["x"])]
            found = [[], *([code] for code in found)] if kind.name == "choices" else found
        case "list":
            row = {name: next(iter(_of_kind(column, near)), None) for name, column in kind.members.items()}
            found = [[row] * n for n in sorted({0, 1} | {int(n) for n in near.numbers if 0 <= n <= 20})]
    return found


def _days(near: Beside) -> list[date]:
    """Today, the days that are named, and those beside; one of each month or weekday where these are read."""
    spans = {int(abs(n)) for n in near.numbers if abs(n) < FAR}
    spans |= {31 * n for n in spans if "months" in near.calls and 31 * n < FAR}
    days = {TODAY + timedelta(days=sign * n) for n in {0} | spans for sign in (1, -1)}
    days |= {date(TODAY.year, month, 15) for month in range(1, 13) if "month" in near.calls}
    for text in near.texts:
        with suppress(ValueError):
            days.add(date.fromisoformat(text))
    around = range(-1, 7 if "weekday" in near.calls else 2)
    found = {day + timedelta(days=n) for day in days for n in around if FIRST < day < LAST}
    return sorted(found, key=lambda day: (day != TODAY, day))

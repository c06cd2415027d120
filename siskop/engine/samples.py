"""Values that try a workflow's conditions out: what stands in them, and what lies just beside it.

A sample is one way in which the answers, the small forms, the parent, the period before and the day may be.
"""

from __future__ import annotations

import ast
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from math import prod
from typing import Any

from siskop.engine.calendar import Calendar
from siskop.engine.case import Case, Facts
from siskop.engine.conditions import Kind
from siskop.engine.definition import Action, Condition, Definition, Field
from siskop.engine.load_fields import scope_of
from siskop.engine.situation import Situation

MOST = 240  # samples of one workflow
TODAY = date(2026, 6, 15)
BEYOND = 10**18
FAR = 40 * 365  # days: longer spans are taken for other numbers
FIRST, LAST = date(1000, 1, 1), date(9000, 1, 1)  # what is named before or after is taken never to come
WHOLE = ("integer", "money", "year")
_NOON = time(12, tzinfo=timezone(timedelta(hours=7)))
_FILE: Mapping[str, Any] = {"id": 1, "name": "a.pdf", "type": "application/pdf", "size": 1}

Sample = dict[str, Any]
"""Dotted name: value. A plain name is a field; `parent.x`, `last.x` and `step.x` stand elsewhere; and `today`."""

Axis = list[Sample]
"""Parts of samples, of the same names, that take each other's place."""


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


def of(workflow: Definition, known: frozenset[str]) -> tuple[list[Sample], bool]:
    """The samples for its conditions, and whether they are every combination; `known` are the fields that are never
    empty. With too many of them only the names of one condition vary together. What is worked out is so from what it
    rests on, and stands in the samples too.
    """
    found, read = fields(workflow), conditions(workflow)
    behind = [_behind(condition, workflow) for condition in read]
    names = frozenset(name for one in behind for part in one for name in part.names)
    worked = computed(workflow)
    near = {name: _joined(beside(one) for one in behind if any(name in p.names for p in one)) for name in names}
    axes: list[Axis] = [
        [{name: value} for value in _values(found[name], near[name], name in known)]
        for name in sorted(names & found.keys() - worked.keys())
    ]
    axes.append([{"today": day} for day in (_days(near["today"]) if "today" in names else [TODAY])])
    for name in (name for name in worked if any(name in condition.names for condition in read)):
        axes = _worked_out(workflow, axes, next(c for c in read if name in c.names), name, near[name])
    if prod(map(len, axes)) <= MOST:
        return _fitting(workflow, list(_varied(axes, None))), True
    together = {frozenset(condition.names & names): None for condition in read}
    samples = {repr(sample): sample for chosen in together for sample in _spread(_varied(axes, chosen), 60)}
    return _spread(_fitting(workflow, list(samples.values())), MOST), False


def _fitting(workflow: Definition, samples: list[Sample]) -> list[Sample]:
    """Those that break no rule of the form; all, if it takes none of them."""
    rules = [rule.holds for rule in workflow.form.rules]
    good = [s for s in samples if all(rule.test(_seen(workflow, s, rule)) is not False for rule in rules)]
    return good or samples


def _seen(workflow: Definition, sample: Sample, by: Condition) -> dict[str, Any]:
    """What the condition sees of the sample."""
    begun = Case(workflow.name, "", 1, workflow.initial)
    return Situation(workflow, begun, facts({"today": TODAY, **sample})).environment(by)


def computed(workflow: Definition) -> dict[str, Condition]:
    """The record's fields that are worked out, and by what."""
    return {name: f.value for name, f in workflow.kind.fields.items() if f.value is not None}


def _behind(condition: Condition, workflow: Definition) -> list[Condition]:
    """The condition, and what works out the fields that it reads."""
    worked = computed(workflow)
    parts = [worked[name] for name in sorted(condition.names & worked.keys())]
    return [condition, *(one for part in parts for one in _behind(part, workflow))]


def _worked_out(workflow: Definition, axes: list[Axis], by: Condition, name: str, near: Beside) -> list[Axis]:
    """What the field `name`, which `by` reads, rests on is varied together, as far as it makes a difference there."""
    behind = _behind(by, workflow)
    rests = frozenset(n for part in behind[1:] for n in part.names) | {name}
    own = [axis for axis in axes if axis[0].keys() & rests]
    combined = _spread(({k: v for part in parts for k, v in part.items()} for parts in _pairs(own)), 1000)
    told = [sample | {name: _seen(workflow, sample, by).get(name)} for sample in _fitting(workflow, combined)]
    seen = frozenset(n for condition in conditions(workflow) for n in condition.names) & told[0].keys()
    if "today" not in rests:  # else another day must find the same answers
        telling = near.telling([sample[name] for sample in told])
        told = list({repr([s[n] for n in sorted(seen)]): s for s in told if s[name] in telling}.values())
    return [*(axis for axis in axes if axis not in own), told]


def _pairs(axes: list[Axis]) -> Iterable[tuple[Sample, ...]]:
    """All combinations; of many axes, those in which all but two stay at their first."""
    if prod(map(len, axes)) <= 1000:
        return itertools.product(*axes)
    chosen = itertools.combinations(range(len(axes)), 2)
    return (
        parts
        for pair in chosen
        for parts in itertools.product(*(axis if n in pair else axis[:1] for n, axis in enumerate(axes)))
    )


def _spread(samples: Iterable[Any], most: int) -> list[Any]:
    """Not more than so many, from the first to the last."""
    found = list(itertools.islice(samples, 20_000))
    step = max(len(found) - 1, 1) / (most - 1)
    return found if len(found) <= most else [found[round(n * step)] for n in range(most)]


def _varied(axes: Iterable[Axis], names: Collection[str] | None) -> Iterator[Sample]:
    """Only what has one of the names varies (None: all)."""
    chosen = [axis if names is None or axis[0].keys() & names else axis[:1] for axis in axes]
    return ({k: v for part in parts for k, v in part.items()} for parts in itertools.product(*chosen))


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

    columns: frozenset[str]

    def near(self) -> set[float]:
        return {n + d for n in self.numbers for d in (-1, 0, 1)}

    def telling(self, found: Collection[Any]) -> list[Any]:
        """Of values, those that may decide: of numbers the small ones, and what lies at and just beside the named."""
        numbers = sorted({n for n in found if isinstance(n, int | float) and not isinstance(n, bool)})
        if not numbers:
            return list(found)
        places = {place for n in self.numbers for place in (bisect_left(numbers, n), bisect_right(numbers, n))}
        at = {n for place in places for n in numbers[max(place - 1, 0) : place + 1]}
        return [None, 0, 1, 2, *numbers[:1], *numbers[-1:], *at]


def beside(read: Iterable[Condition]) -> Beside:
    nodes = [node for condition in read for node in ast.walk(ast.parse(condition.source.strip(), mode="eval"))]
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return Beside(
        frozenset(value for value in constants if isinstance(value, int | float) and abs(value) < BEYOND),
        frozenset(value for value in constants if isinstance(value, str)),
        frozenset(ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)),
        frozenset(node.attr for node in nodes if isinstance(node, ast.Attribute)),
    )


def _joined(all_: Iterable[Beside]) -> Beside:
    found = list(all_)
    return Beside(*(frozenset().union(*(getattr(one, part) for one in found)) for part in Beside.__slots__))


def _values(of_: Field, near: Beside, certain: bool) -> list[Any]:
    kind = scope_of({"x": of_})["x"]
    found = _rows(of_, near, certain) if of_.of else _of_kind(kind, near)
    if kind.name == "number":
        least, most = kind.least, kind.most
        found = [n for n in found if (least is None or n >= least) and (most is None or n <= most)]
        found = found if of_.type not in WHOLE else [n for n in found if n == int(n)]
    return [*found, *([] if certain and found else [None])]


def _rows(of_: Field, near: Beside, certain: bool) -> list[Any]:
    """Lists whose rows are alike, and one with a row of each; only the columns that are read vary."""
    cells = {name: _values(column, near, column.params.get("required", True)) for name, column in of_.of.items()}
    varied = itertools.product(*(found if name in near.columns else found[:1] for name, found in cells.items()))
    rows = [dict(zip(cells, row, strict=True)) for row in _spread(varied, 24)]
    least, most = of_.params.get("min", 1 if certain else 0), of_.params.get("max", 20)
    counts = sorted({max(least, 1), *(int(n) for n in {0, 1} | near.numbers if least <= n <= min(most, 20))})
    alike = [[row] * n for n in counts for row in (rows if n else rows[:1])]
    return [*alike, *([rows] if least <= len(rows) <= most else [])]


def _of_kind(kind: Kind, near: Beside) -> list[Any]:
    found: list[Any] = [dict(_FILE)]
    match kind.name:
        case "boolean":
            found = [True, False]
        case "number":
            numbers = near.near() | {0, 1, 2}
            numbers |= {TODAY.year - n for n in numbers} if "year" in near.calls else set()
            found = sorted(numbers, key=lambda n: (n != 0, n))
        case "date":
            found = [day.isoformat() for day in _days(near)]
        case "text" | "choice" | "area" | "choices":
            named = near.texts & kind.codes if kind.codes else near.texts
            found = [*sorted(named), *(sorted(kind.codes - named)[:1] if kind.codes else ["x"])]
            found = [[], *([code] for code in found)] if kind.name == "choices" else found
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

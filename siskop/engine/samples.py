"""Values that try a workflow's conditions out: what stands in them, and what lies just beside it.

A sample is one way in which the answers, the small forms, the parent, the period before and the day may be.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from math import prod
from typing import Any

from siskop.engine.calendar import Calendar
from siskop.engine.case import Facts
from siskop.engine.conditions import Kind
from siskop.engine.definition import Condition, Definition, Field
from siskop.engine.load_fields import scope_of

MOST = 240  # samples of one workflow
TODAY = date(2026, 6, 15)
FAR = 40 * 365  # days
_NOON = time(12, tzinfo=timezone(timedelta(hours=7)))
_FILE: Mapping[str, Any] = {"id": 1, "name": "a.pdf", "type": "application/pdf", "size": 1}

Sample = dict[str, Any]
"""Dotted name: value. A plain name is a field; `parent.x`, `last.x` and `step.x` stand elsewhere; and `today`."""


@dataclass(slots=True)
class _Beside:
    """What stands beside a name in the conditions that read it."""

    numbers: set[float] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)

    def note(self, source: str) -> None:
        for node in ast.walk(ast.parse(source.strip(), mode="eval")):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.texts.add(node.value)
            elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
                self.numbers.add(node.value)
            elif isinstance(node, ast.Call):
                self.calls.add(ast.unparse(node.func))


def fields(workflow: Definition) -> dict[str, Field]:
    """Every name of a value that a condition of the workflow may read."""
    own = dict(workflow.kind.fields)
    steps = [step for state in workflow.states.values() for step in state.steps.values()]
    small = {step.name: workflow.forms[step.form].fields for step in steps if step.form}
    child = workflow.kind.child_of
    groups = {**small, "last": own, "parent": child.fields if child else {}}
    return own | {f"{group}.{name}": one for group, found in groups.items() for name, one in found.items()}


def of(
    found: Mapping[str, Field], conditions: Collection[Condition], known: frozenset[str]
) -> tuple[list[Sample], bool]:
    """The samples, and whether they are every combination; `known` are the fields that are never empty.

    With too many of them only the names of one condition vary together.
    """
    beside: dict[str, _Beside] = {}
    for condition in conditions:
        for name in condition.names & (found.keys() | {"today"}):
            beside.setdefault(name, _Beside()).note(condition.source)
    values: dict[str, list[Any]] = {
        name: _values(found[name], beside[name], name in known) for name in sorted(beside.keys() - {"today"})
    }
    values["today"] = _days(beside["today"]) if "today" in beside else [TODAY]
    if prod(map(len, values.values())) <= MOST:
        return list(_varied(values, values.keys())), True
    together = {frozenset(condition.names & values.keys()): None for condition in conditions}
    samples = {repr(sample): sample for names in together for sample in _spread(_varied(values, names), 60)}
    return _spread(samples.values(), MOST), False


def _spread(samples: Iterable[Sample], most: int) -> list[Sample]:
    """Not more than so many, from the first to the last."""
    found = list(itertools.islice(samples, 20_000))
    step = max(len(found) - 1, 1) / (most - 1)
    return found if len(found) <= most else [found[round(n * step)] for n in range(most)]


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


def _varied(values: Mapping[str, list[Any]], names: Collection[str]) -> Iterator[Sample]:
    chosen = [found if name in names else found[:1] for name, found in values.items()]
    return (dict(zip(values, picked, strict=True)) for picked in itertools.product(*chosen))


# -- the values of one name


def _values(of_: Field, beside: _Beside, certain: bool) -> list[Any]:
    found = [value for value in _of_kind(scope_of({"x": of_})["x"], beside) if _allowed(of_, value)]
    return [*found, *([] if certain and found else [None])]


def _allowed(of_: Field, value: Any) -> bool:
    least, most = of_.params.get("min"), of_.params.get("max")
    if not isinstance(value, int | float) or isinstance(value, bool):
        return True
    return (least is None or value >= least) and (most is None or value <= most)


def _of_kind(kind: Kind, beside: _Beside) -> list[Any]:
    made = _MADE.get(kind.name)
    return made(kind, beside) if made else [dict(_FILE)]


def _numbers(kind: Kind, beside: _Beside) -> list[Any]:
    near = {n + d for n in beside.numbers | {1} for d in (-1, 0, 1)}
    return sorted(near | ({TODAY.year - n for n in near} if "year" in beside.calls else set()))


def _texts(kind: Kind, beside: _Beside) -> list[Any]:
    named = beside.texts & kind.codes if kind.codes else beside.texts
    return [*sorted(named), *(sorted(kind.codes - named)[:1] if kind.codes else ["x"])]


def _choices(kind: Kind, beside: _Beside) -> list[Any]:
    return [[], *([text] for text in sorted(beside.texts & kind.codes) or sorted(kind.codes)[:1])]


def _rows(kind: Kind, beside: _Beside) -> list[Any]:
    row = {name: next(iter(_of_kind(column, beside)), None) for name, column in kind.members.items()}
    return [[row] * n for n in sorted({0, 1} | {int(n) for n in beside.numbers if 0 <= n <= 20})]


_MADE: Mapping[str, Callable[[Kind, _Beside], list[Any]]] = {
    "boolean": lambda kind, beside: [True, False],
    "number": _numbers,
    "date": lambda kind, beside: [day.isoformat() for day in _days(beside)],
    "choices": _choices,
    "list": _rows,
    **dict.fromkeys(("text", "choice", "area"), _texts),
}


def _days(beside: _Beside) -> list[date]:
    """Today, the days that are named, and those beside; one of each month or weekday where these are read."""
    days, spans = {TODAY.toordinal()}, {int(abs(n)) for n in beside.numbers if abs(n) < 10_000}
    spans |= {31 * n for n in spans if "months" in beside.calls}
    days |= {TODAY.toordinal() + sign * n for n in spans for sign in (1, -1)}
    for text in beside.texts:
        with suppress(ValueError):
            days.add(date.fromisoformat(text).toordinal())
    if "month" in beside.calls:
        days |= {date(TODAY.year, month, 15).toordinal() for month in range(1, 13)}
    around = range(-1, 7 if "weekday" in beside.calls else 2)
    near = {day + n for day in days for n in around if abs(day - TODAY.toordinal()) < FAR}
    return sorted(map(date.fromordinal, near), key=lambda day: (day != TODAY, day))

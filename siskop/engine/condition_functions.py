"""The closed list of functions that conditions may call, with the types they take and give.

`days(30)` and `months(6)` are spans: they are added to dates or taken from them. A month too short takes its last day.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Result = tuple[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Function:
    """`plain` maps the types of the arguments to (type, act); `rows` does the same for `f(… for row in list)`."""

    takes: str
    plain: Callable[[tuple[str, ...]], Result | None]
    rows: Mapping[str, Result] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Months:
    """A span of whole calendar months."""

    count: int

    def __radd__(self, day: date) -> date:
        years, month = divmod(day.year * 12 + day.month - 1 + self.count, 12)
        return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))

    def __rsub__(self, day: date) -> date:
        return day + Months(-self.count)


def _one(takes: Mapping[str, Result]) -> Callable[[tuple[str, ...]], Result | None]:
    return lambda kinds: takes.get(kinds[0]) if len(kinds) == 1 else None


def _several(act: Callable[..., Any]) -> Callable[[tuple[str, ...]], Result | None]:
    def choose(kinds: tuple[str, ...]) -> Result | None:
        same = set(kinds) in ({"number"}, {"date"}) and len(kinds) > 1
        return (kinds[0], lambda *values: act(values)) if same else None

    return choose


def _any(found: list[Any]) -> bool | None:
    return True if True in found else None if None in found else False


def _all(found: list[Any]) -> bool | None:
    return False if False in found else None if None in found else True


def _known(act: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    return lambda found: None if None in found else act(found)


def _extreme(act: Callable[..., Any]) -> Callable[[list[Any]], Any]:
    return _known(lambda found: act(found) if found else None)


def _never(kinds: tuple[str, ...]) -> Result | None:
    return None


_LENGTH: Mapping[str, Result] = {"list": ("number", len), "choices": ("number", len), "text": ("number", len)}
FUNCTIONS: Mapping[str, Function] = {
    "year": Function("year(…) takes a date", _one({"date": ("number", lambda day: day.year)})),
    "month": Function("month(…) takes a date", _one({"date": ("number", lambda day: day.month)})),
    "weekday": Function("weekday(…) takes a date; Monday is 1", _one({"date": ("number", date.isoweekday)})),
    "date": Function(
        'date(…) takes a day written out: date("2026-11-30")', _one({"text": ("date", date.fromisoformat)})
    ),
    "days": Function("days(…) takes a number", _one({"number": ("span", lambda n: timedelta(days=int(n)))})),
    "months": Function("months(…) takes a number", _one({"number": ("span", lambda n: Months(int(n)))})),
    "len": Function("len(…) takes a text, choices or a list", _one(_LENGTH)),
    "sum": Function("sum(…) adds numbers of rows", _never, {"number": ("number", _known(sum))}),
    "min": Function(
        "min(…) takes two or more numbers or dates",
        _several(min),
        {"number": ("number", _extreme(min)), "date": ("date", _extreme(min))},
    ),
    "max": Function(
        "max(…) takes two or more numbers or dates",
        _several(max),
        {"number": ("number", _extreme(max)), "date": ("date", _extreme(max))},
    ),
    "abs": Function("abs(…) takes a number", _one({"number": ("number", abs)})),
    "round": Function("round(…) takes a number", _one({"number": ("number", round)})),
    "count": Function(
        "count(…) takes a list, or a condition on rows",
        _one({"list": ("number", len), "choices": ("number", len)}),
        {"boolean": ("number", _known(lambda found: sum(map(bool, found))))},
    ),
    "any": Function("any(…) takes a condition on rows", _never, {"boolean": ("boolean", _any)}),
    "all": Function("all(…) takes a condition on rows", _never, {"boolean": ("boolean", _all)}),
}

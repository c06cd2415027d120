"""The closed list of functions that conditions may call, with the types they take and give.

`days(30)` and `months(6)` are spans: they are added to dates or taken from them. A month too short takes its last day.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

Result = tuple[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Function:
    """`plain` maps the type of its argument (of its `several` arguments, all alike) to (type, act); `rows` does the
    same for `f(… for row in list)`, whose act takes what was found in all rows."""

    takes: str
    plain: Mapping[str, Result] = field(default_factory=dict)
    rows: Mapping[str, Result] = field(default_factory=dict)
    several: bool = False

    def for_types(self, kinds: tuple[str, ...]) -> Result | None:
        return self.plain.get(kinds[0]) if len(set(kinds)) == 1 and self.several is (len(kinds) > 1) else None


@dataclass(frozen=True, slots=True)
class Months:
    """A span of whole calendar months."""

    count: int

    def __radd__(self, day: date) -> date:
        years, month = divmod(day.year * 12 + day.month - 1 + self.count, 12)
        return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))

    def __rsub__(self, day: date) -> date:
        return day + Months(-self.count)


def settled(by: bool, found: Iterable[Any]) -> bool | None:
    """`or` is settled by a True, `and` by a False: nothing after that is looked at. Else unknown where one is."""
    unknown = False
    for one in found:
        if one is None:
            unknown = True
        elif bool(one) is by:
            return by
    return None if unknown else not by


def _known(act: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    return lambda found: None if None in found else act(found)


def _extreme(name: str, act: Callable[..., Any]) -> Function:
    over = _known(lambda found: act(found, default=None))
    kinds = ("number", "date")
    takes = f"{name}(…) takes two or more numbers or dates"
    return Function(takes, {kind: (kind, act) for kind in kinds}, {kind: (kind, over) for kind in kinds}, several=True)


_LENGTH: Mapping[str, Result] = {"list": ("number", len), "choices": ("number", len)}
FUNCTIONS: Mapping[str, Function] = {
    "year": Function("year(…) takes a date", {"date": ("number", lambda day: day.year)}),
    "month": Function("month(…) takes a date", {"date": ("number", lambda day: day.month)}),
    "weekday": Function("weekday(…) takes a date; Monday is 1", {"date": ("number", date.isoweekday)}),
    "date": Function(
        'date(…) takes a day that there is, written out: date("2026-11-30")', {"text": ("date", date.fromisoformat)}
    ),
    "days": Function("days(…) takes a number", {"number": ("span", lambda n: timedelta(days=int(n)))}),
    "months": Function("months(…) takes a number", {"number": ("span", lambda n: Months(int(n)))}),
    "len": Function("len(…) takes a text, choices or a list", {**_LENGTH, "text": ("number", len)}),
    "sum": Function("sum(…) adds numbers of rows", rows={"number": ("number", _known(sum))}),
    "min": _extreme("min", min),
    "max": _extreme("max", max),
    "abs": Function("abs(…) takes a number", {"number": ("number", abs)}),
    "round": Function("round(…) takes a number", {"number": ("number", round)}),
    "count": Function("count(…) takes a list, or a condition on rows", _LENGTH, {"boolean": ("number", _known(sum))}),
    "any": Function("any(…) takes a condition on rows", rows={"boolean": ("boolean", partial(settled, True))}),
    "all": Function("all(…) takes a condition on rows", rows={"boolean": ("boolean", partial(settled, False))}),
}

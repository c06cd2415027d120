"""Conditions that can never hold: bounds of one name that leave nothing (x > 5 and x < 3), or lie outside its own; and
what divides by zero, which is never known.

Looked at are the parts that `and` joins and that compare one name with constants; days are counted, `today` is a base
of its own. All else is taken to be possible.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from siskop.engine.conditions import COMPARE, Kind

_NAMES = (ast.Name, ast.Attribute)
Constant = tuple[str, Any]
"""(base, value): base "today" counts days from today, "" is the value itself."""

Bound = tuple[Callable[[Any, Any], bool], tuple[Any, ...], bool]
"""How a name compares with one of these constants; True: they stand to its left."""


def impossible(source: str, scope: Mapping[str, Kind]) -> str | None:
    """Why some part of a condition, which compiles, can never be true; or None."""
    parts = [*ast.walk(ast.parse(source.strip(), mode="eval"))]
    for part in parts:
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div | ast.Mod) and _constant(part.right) == ("", 0):
            return f"“{ast.unparse(part)}” divides by zero, so nobody ever knows what it is"
    joined = (
        p for p in parts if isinstance(p, ast.Compare) or (isinstance(p, ast.BoolOp) and isinstance(p.op, ast.And))
    )
    return next(filter(None, (_why_not(part, scope) for part in joined)), None)


def _why_not(node: ast.expr, scope: Mapping[str, Kind]) -> str | None:
    bounds: dict[tuple[str, str], list[Bound]] = {}
    for name, base, bound in _bounds(node):
        bounds.setdefault((name, base), []).append(bound)
    for (name, base), own in bounds.items():
        if _leave_nothing(own):
            return f"“{ast.unparse(node)}” can never be true: nothing is left for {name}"
        kind = None if base else _kind(name, scope)
        least, most = (kind.least, kind.most) if kind is not None else (None, None)
        for compare, limit, said in ((operator.ge, least, "at least"), (operator.le, most, "at most")):
            if limit is not None and _leave_nothing([*own, (compare, (limit,), False)]):
                return f"“{ast.unparse(node)}” can never be true: {name} is {said} {limit}"
    return None


def _leave_nothing(bounds: list[Bound]) -> bool:
    """Tried are the constants themselves, and what lies just below and above each."""
    tried = {(value, beside) for _, values, _ in bounds for value in values for beside in (-1, 0, 1)}
    return not any(all(_holds(bound, one) for bound in bounds) for one in tried)


def _holds(bound: Bound, tried: tuple[Any, int]) -> bool:
    compare, values, turned = bound
    return any(compare((v, 0), tried) if turned else compare(tried, (v, 0)) for v in values)


def _kind(name: str, scope: Mapping[str, Kind]) -> Kind | None:
    root, _, rest = name.partition(".")
    kind = scope.get(root)
    return kind.members.get(rest) if rest and kind is not None and kind.name == "group" else None if rest else kind


def _bounds(node: ast.expr) -> Iterator[tuple[str, str, Bound]]:
    """(name, base of the constants, bound) of every part that `and` joins."""
    match node:
        case ast.BoolOp(op=ast.And()):
            for part in node.values:
                yield from _bounds(part)
        case ast.Compare():
            sides = [node.left, *node.comparators]
            for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
                yield from _bound(left, op, right)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name() | ast.Attribute() as name):
            yield ast.unparse(name), "", (operator.eq, (False,), False)
        case ast.Name() | ast.Attribute():
            yield ast.unparse(node), "", (operator.eq, (True,), False)


def _bound(left: ast.expr, op: ast.cmpop, right: ast.expr) -> Iterator[tuple[str, str, Bound]]:
    compare = COMPARE.get(type(op))
    if isinstance(op, ast.Is | ast.IsNot) and isinstance(left, _NAMES):
        yield f"{ast.unparse(left)} (None or not)", "", (operator.eq, (isinstance(op, ast.Is),), False)
    if isinstance(op, ast.In) and isinstance(left, _NAMES) and isinstance(right, ast.List | ast.Tuple):
        found = [one[1] for one in map(_constant, right.elts) if one is not None and not one[0]]
        if len(found) == len(right.elts):
            yield ast.unparse(left), "", (operator.eq, tuple(found), False)
    for name, other, turned in ((left, right, False), (right, left, True)) if compare is not None else ():
        constant = _constant(other) if isinstance(name, _NAMES) else None
        if compare is not None and constant is not None:
            base, value = constant
            yield ast.unparse(name), base, (compare, (value,), turned)
            return


def _constant(node: ast.expr) -> Constant | None:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return "", value
        case ast.Name(id="true" | "false" as name):
            return "", name == "true"
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return "", -value
        case _:
            return _day(node)


def _day(node: ast.expr) -> Constant | None:
    match node:
        case ast.Name(id="today"):
            return "today", 0
        case ast.Call(func=ast.Name(id="date"), args=[ast.Constant(value=str() as text)]):
            return "", date.fromisoformat(text).toordinal()
        case ast.BinOp(begun, ast.Add() | ast.Sub() as op, ast.Call(func=ast.Name(id="days"), args=[span])):
            day, count = _constant(begun), _constant(span)
            if day is not None and count is not None:
                return day[0], day[1] + (count[1] if isinstance(op, ast.Add) else -count[1])
    return None

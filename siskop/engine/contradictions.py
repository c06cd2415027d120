"""Conditions that can never hold: bounds of one name that leave nothing (x > 5 and x < 3), or lie outside its own.

Looked at are the parts that `and` joins and that compare one name with constants; days are counted, `today` is a base
of its own. All else is taken to be possible.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from siskop.engine.conditions import Kind

_TURNED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.Eq, ast.NotEq: ast.NotEq,
}  # fmt: skip
_NAMES = (ast.Name, ast.Attribute)
Constant = tuple[str, Any]
"""(base, value): base "today" counts days from today, "" is the value itself."""


@dataclass(slots=True)
class _Range:
    """What one name may still be."""

    least: float = float("-inf")
    most: float = float("inf")
    open_least: bool = False
    open_most: bool = False
    only: set[Any] | None = None
    never: set[Any] = field(default_factory=set)

    def narrow(self, op: ast.cmpop, value: Any) -> None:
        if isinstance(op, ast.Eq):
            self.only = {value} if self.only is None else self.only & {value}
        elif isinstance(op, ast.In):
            self.only = set(value) if self.only is None else self.only & set(value)
        elif isinstance(op, ast.NotEq):
            self.never.add(value)
        elif isinstance(op, ast.Gt | ast.GtE) and (value, isinstance(op, ast.Gt)) > (self.least, self.open_least):
            self.least, self.open_least = value, isinstance(op, ast.Gt)
        elif isinstance(op, ast.Lt | ast.LtE) and (-value, isinstance(op, ast.Lt)) > (-self.most, self.open_most):
            self.most, self.open_most = value, isinstance(op, ast.Lt)

    def is_empty(self) -> bool:
        if self.only is not None:
            return not any(self._holds(value) for value in self.only - self.never)
        return self.least > self.most or (self.least == self.most and (self.open_least or self.open_most))

    def _holds(self, value: Any) -> bool:
        if not isinstance(value, int | float):
            return True
        above = value > self.least if self.open_least else value >= self.least
        return above and (value < self.most if self.open_most else value <= self.most)


def impossible(source: str, scope: Mapping[str, Kind]) -> str | None:
    """Why some part of a condition, which compiles, can never be true; or None."""
    for node in ast.walk(ast.parse(source.strip(), mode="eval")):
        if isinstance(node, ast.Compare) or (isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And)):
            found = _why_not(node, scope)
            if found is not None:
                return found
    return None


def _why_not(node: ast.expr, scope: Mapping[str, Kind]) -> str | None:
    ranges: dict[tuple[str, str], _Range] = {}
    for name, op, (base, value) in _bounds(node):
        own = ranges.setdefault((name, base), _Range())
        own.narrow(op, value)
        if own.is_empty():
            return f"“{ast.unparse(node)}” can never be true: nothing is left for {name}"
    for (name, base), own in ranges.items():
        kind = _kind(name, scope)
        if kind is not None and not base:
            for op, limit, said in ((ast.GtE(), kind.least, "at least"), (ast.LtE(), kind.most, "at most")):
                if limit is not None:
                    own.narrow(op, limit)
                    if own.is_empty():
                        return f"“{ast.unparse(node)}” can never be true: {name} is {said} {limit}"
    return None


def _kind(name: str, scope: Mapping[str, Kind]) -> Kind | None:
    root, _, rest = name.partition(".")
    kind = scope.get(root)
    return kind.members.get(rest) if rest and kind is not None and kind.name == "group" else None if rest else kind


def _bounds(node: ast.expr) -> Iterator[tuple[str, ast.cmpop, Constant]]:
    """(name, comparison, constant) of every part that `and` joins."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for part in node.values:
            yield from _bounds(part)
    elif isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
            yield from _bound(left, op, right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and isinstance(node.operand, _NAMES):
        yield ast.unparse(node.operand), ast.Eq(), ("", False)
    elif isinstance(node, _NAMES):
        yield ast.unparse(node), ast.Eq(), ("", True)


def _bound(left: ast.expr, op: ast.cmpop, right: ast.expr) -> Iterator[tuple[str, ast.cmpop, Constant]]:
    if isinstance(op, ast.Is | ast.IsNot) and isinstance(left, _NAMES):
        yield f"{ast.unparse(left)} (None or not)", ast.Eq(), ("", isinstance(op, ast.Is))
    if isinstance(op, ast.In) and isinstance(left, _NAMES) and isinstance(right, ast.List | ast.Tuple):
        yield ast.unparse(left), op, ("", tuple(item.value for item in right.elts if isinstance(item, ast.Constant)))
    if type(op) not in _TURNED:
        return
    if isinstance(left, _NAMES) and (constant := _constant(right)) is not None:
        yield ast.unparse(left), op, constant
    elif isinstance(right, _NAMES) and (constant := _constant(left)) is not None:
        yield ast.unparse(right), _TURNED[type(op)](), constant


def _constant(node: ast.expr) -> Constant | None:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return "", value
        case ast.Name(id="true" | "false" as value):
            return "", value == "true"
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

"""What a record owes period by period, as a record kind says it, with the table of deadlines that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from siskop.engine.conditions import Kind
from siskop.engine.definition import Deadline, Field, Periods
from siskop.engine.fields.dates import FIRST_YEAR, LAST_YEAR
from siskop.engine.fields.registry import type_of
from siskop.engine.lists import DUE, Row, has_columns
from siskop.engine.nearest import nearest
from siskop.engine.reading import Errors, Node, optional
from siskop.engine.shorthand import Place
from siskop.engine.standing import PARTS

_TELLING = ("text", "choice", "area", "number", "boolean")
"""Kinds of fields by whose value a row of the table may hold for some records only."""


class _Wrong(Exception):
    """What is wrong in a cell, the nearest right value, and the column."""


def group_of(of: Periods) -> Kind:
    """What conditions see of it."""
    return Kind("group", {part: Kind(kind, least=0 if kind == "number" else None) for part, kind in PARTS.items()})


def periods(name: str, node: Node, kind: str, found: Mapping[str, Field], place: Place) -> Periods:
    """Of the record kind called `kind` with the fields `found`."""
    parts = node.keys("known since", "of deadlines")
    of = optional(parts.get("of"), lambda n: n.one_of(place.kinds, "record kind"), "")
    period = _year_of(parts["of"], of, kind, place.kinds[of]) if of in place.kinds else ""
    table = optional(parts.get("deadlines"), lambda n: n.one_of(place.lists, "list"), "")
    known = optional(parts.get("known"), lambda n: _field_of(n, found, "year", "integer"), None)
    since = optional(parts.get("since"), lambda n: _field_of(n, found, "year", "date"), None)
    rows = place.lists.get(table, ()) if period else ()
    deadlines = tuple(_deadlines(f"lists/{table}.csv", rows, period, found, node.errors))
    told_by = found.keys() & {known, since, *(column for row in deadlines for column in row.where)}
    child = place.kinds.get(of)
    public = child is not None and child.has("public") and child.peek("fields", period, "privacy") == "public"
    return Periods(
        name, of, deadlines, known, since, public and all(found[field].privacy == "public" for field in told_by)
    )


def _year_of(node: Node, of: str, kind: str, child: Node) -> str:
    """The field of the child kind that tells the years apart; "" after an error."""
    period = child.peek("child_of", "period")
    if child.peek("child_of", "record") != kind:
        node.fail(f"“{of}” is no child of “{kind}” (child_of: {{record: {kind}, period: …}})")
    elif not isinstance(period, str):
        node.fail(f"“{of}” has no period (child_of: {{record: {kind}, period: …}}): there is no one report a year")
    elif child.peek("fields", period, "type") != "year":
        node.fail(f"The period of “{of}” is “{period}”, which is no year: deadlines go by years")
    else:
        return period
    return ""


def _field_of(node: Node, found: Mapping[str, Field], *types: str) -> str:
    return node.one_of([name for name, f in found.items() if f.type in types], f"field of type {' or '.join(types)}")


def _deadlines(
    file: str, rows: tuple[Row, ...], period: str, found: Mapping[str, Field], errors: Errors
) -> Iterator[Deadline]:
    if not has_columns(file, rows, (period, *DUE), errors):
        return
    telling = [c for c in rows[0] if c in found and c != period and type_of(found[c]).kind in _TELLING]
    for column in rows[0].keys() - {period, *DUE, *telling}:
        if near := nearest(column, found.keys() - rows[0].keys()):
            errors.add(file, 1, f"The column “{column}” is no field of the record kind", near=near)
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        if (key := tuple(row[column] for column in (period, *telling))) in seen:
            errors.add(file, row.line, f"“{' '.join(filter(None, key))}” stands here twice", (period,))
        seen.add(key)
        try:
            where = {column: _typed(found[column], row[column], column) for column in telling if row[column]}
            report, legal = (_day(row[column], column) for column in DUE)
            yield Deadline(_year(row[period], period), report, legal, where)
        except _Wrong as wrong:
            said, near, column = wrong.args
            errors.add(file, row.line, said, (column,), near)


def _day(cell: str, column: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise _Wrong(f"“{cell}” is no date; write 2026-12-25", None, column) from None


def _year(cell: str, column: str) -> int:
    if not (cell.isascii() and cell.isdigit() and FIRST_YEAR <= int(cell) <= LAST_YEAR):
        raise _Wrong(f"“{cell}” is no year; write 2026", None, column)
    return int(cell)


def _typed(of: Field, cell: str, column: str) -> Any:
    """As conditions see the field's value."""
    codes = {choice.code for choice in of.choices}
    if codes and cell not in codes:
        raise _Wrong(f"“{cell}” is not one of the choices", nearest(cell, codes), column)
    kind = type_of(of).kind
    if kind == "number" and not cell.lstrip("-").isdecimal():
        raise _Wrong(f"“{cell}” is no whole number", None, column)
    if kind == "boolean" and cell not in ("true", "false"):
        raise _Wrong(f"“{cell}” is neither true nor false", None, column)
    return int(cell) if kind == "number" else cell == "true" if kind == "boolean" else cell

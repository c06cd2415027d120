"""A repeated group: rows of columns. A row in which nothing is typed does not count.

Rows also come as a table, pasted or out of a spreadsheet: a heading of labels or names, in either language and any
order, says which column is which; without one they stand in the order of the columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import TYPES, Bad, Context, FieldType, positive
from siskop.engine.nearest import nearest

MOST_ROWS = 500
LONGEST_TABLE = 2_000_000  # characters
HEADING_WITHIN = 10  # rows from the top: a title may stand above the heading
Matrix = Sequence[Sequence[str]]
Columns = Sequence[tuple[Field, FieldType]]
MOST_TOLD = 8  # columns that were not taken over, by name
Cell = tuple[int, str, Bad]
"""What is wrong in a cell: row (from 0, of the raw rows), column."""


class BadRows(Bad):
    """Cells that can't be taken."""

    def __init__(self, problems: tuple[Cell, ...]) -> None:
        super().__init__("Some rows need another look")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Table:
    """The raw rows that a table holds, and sentences about what it holds beside them; their `want` is a label."""

    rows: list[dict[str, Any]]
    left: tuple[Bad, ...] = ()


class Rows(FieldType):
    """`min` and `max` count rows. Every column needs an answer unless it says `required: false`."""

    name = "list"
    kind = "list"
    params = {"min": positive, "max": positive}

    def accept(self, field: Field, raw: Any, context: Context) -> list[dict[str, Any]]:
        if not (isinstance(raw, list) and all(isinstance(row, dict) for row in raw)):
            raise Bad("This answer has the wrong shape; a list of rows is needed")
        columns = _columns(field)
        rows = [(n, row) for n, row in enumerate(raw) if not all(t.empty(row.get(c.name)) for c, t in columns)]
        self._count(field, len(rows))
        problems: list[Cell] = []
        values = [self._row(columns, n, row, context, problems) for n, row in rows]
        if problems:
            raise BadRows(tuple(problems))
        return values

    def _count(self, field: Field, got: int) -> None:
        least, most = field.params.get("min", 0), field.params.get("max", MOST_ROWS)
        if got < least:
            raise Bad("%(got)s rows filled in, at least %(want)s are needed", got=got, want=least)
        if got > most:
            raise Bad("%(got)s rows, at most %(want)s", got=got, want=most)

    @staticmethod
    def _row(
        columns: Columns, n: int, row: Mapping[str, Any], context: Context, problems: list[Cell]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for column, kind in columns:
            cell = row.get(column.name)
            values[column.name] = None
            try:
                if not kind.empty(cell):
                    values[column.name] = kind.accept(column, cell, context)
                elif column.params.get("required", True):
                    problems.append((n, column.name, Bad(kind.missing)))
            except Bad as bad:
                problems.append((n, column.name, bad))
        return values

    def raw(self, field: Field, value: Any) -> list[dict[str, Any]]:
        return [{c.name: kind.raw(c, row.get(c.name)) for c, kind in _columns(field)} for row in value or ()]

    def typed(self, field: Field, value: Any) -> list[dict[str, Any]] | None:
        columns = _columns(field)
        typed = [{c.name: kind.typed(c, row.get(c.name)) for c, kind in columns} for row in value or ()]
        return None if value is None else typed

    def plain(self, field: Field, value: Any, language: str) -> str:
        return "; ".join(", ".join(filter(None, self.cells(field, row, language))) for row in value or ())

    def cells(self, field: Field, row: Mapping[str, Any], language: str) -> list[str]:
        """One row as words, a text a column."""
        return [kind.plain(c, row.get(c.name), language) for c, kind in _columns(field)]


def _columns(field: Field) -> Columns:
    return [(column, TYPES[column.type]) for column in field.of.values()]


def pasted(field: Field, text: str) -> Table:
    """The rows of a table copied out of a spreadsheet, or of a file whose cells commas part. Raises Bad."""
    return rows(field, table(text, len(field.of)))


def table(text: str, columns: int) -> list[list[str]]:
    """The cells; what parts them is a tab, else a semicolon, else a comma, if the first filled row has one."""
    if len(text) > LONGEST_TABLE:
        raise Bad("%(got)s characters, at most %(want)s", got=len(text), want=LONGEST_TABLE)
    plain = re.sub(r"\r\n?", "\n", text.lstrip("\ufeff")).replace("\0", " ").strip("\n")
    head = plain.partition("\n")[0]
    delimiter = next((sign for sign in ("\t;," if columns > 1 else "\t") if sign in head), "\t")
    quoting: Literal[0, 3] = 3 if plain.count('"') % 2 else 0  # an odd quote is an inch, not a quote (csv.QUOTE_NONE)
    try:
        return list(csv.reader(io.StringIO(plain, newline=""), delimiter=delimiter, quoting=quoting))
    except csv.Error:
        raise Bad("This is not a table; copy the cells in the spreadsheet and paste them here") from None


def rows(field: Field, matrix: Matrix) -> Table:
    """The rows of a table; `accept` says what is wrong in which cell. Raises Bad for what is no such table."""
    columns, first = _heading(field, matrix)
    filled = [row for row in matrix[first:] if any(cell.strip() for cell in row)]
    if first and not filled:
        raise Bad("There is a heading, but no row below it")
    most = field.params.get("max", MOST_ROWS)
    if len(filled) > most:
        raise Bad("%(got)s rows, at most %(want)s", got=len(filled), want=most)
    made = [{c.name: TYPES[c.type].cell(c, _cell(row, n)) for n, c in columns.items()} for row in filled]
    return Table(made, tuple(_left(field, matrix[:first], filled, columns)))


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _left(field: Field, above: Matrix, filled: Matrix, taken: Mapping[int, Field]) -> Iterator[Bad]:
    """What stands in the table and in no row. A title and a column that numbers the rows are not missed."""
    heading: Sequence[str] = above[-1] if above else ()
    if lost := sum(sum(1 for cell in row if cell.strip()) > 1 for row in above[:-1]):
        yield Bad("Rows above the heading that were not taken over: %(n)s", n=lost)
    numbers = [str(n) for n in range(1, len(filled) + 1)]
    columns = {n: [_cell(row, n) for row in filled] for n in range(max(map(len, filled), default=0)) if n not in taken}
    others = [n for n, cells in columns.items() if any(cells) and [cell.rstrip(".") for cell in cells] != numbers]
    yield from (_not_taken(field, n, _cell(heading, n)) for n in others[:MOST_TOLD])
    if len(others) > MOST_TOLD:
        yield Bad("Further columns that were not taken over: %(n)s", n=len(others) - MOST_TOLD)


def _not_taken(field: Field, place: int, heading: str) -> Bad:
    got, called = heading[:40], _names(field)
    if not got:
        return Bad("Column %(n)s has no heading and was not taken over", n=place + 1)
    if _said(heading) in called:
        return Bad("“%(got)s” stands twice in the heading; only the first was taken over", got=got)
    near = nearest(_said(heading), called)
    if near is None:
        return Bad("There is no column “%(got)s” here; it was not taken over", got=got)
    text = "There is no column “%(got)s” here; it was not taken over. Nearest to it is “%(want)s”"
    return Bad(text, got=got, want=called[near].label)


def _names(field: Field) -> dict[str, Field]:
    """The columns by what a heading may call them."""
    return {_said(word): column for column in field.of.values() for word in (column.name, *column.label.values())}


def _heading(field: Field, found: Sequence[Sequence[str]]) -> tuple[dict[int, Field], int]:
    """Which column stands where, and the first row of values."""
    called = _names(field)
    for n, row in enumerate(found[:HEADING_WITHIN]):
        places: dict[int, Field] = {}
        for place, cell in enumerate(row):
            column = called.get(_said(cell))
            if column is not None and column not in places.values():
                places[place] = column
        filled = sum(1 for cell in row if cell.strip())
        if len(places) >= max(min(2, len(field.of)), filled / 2, 1):
            return places, n + 1
    wide = max((max((n for n, cell in enumerate(row, 1) if cell.strip()), default=0) for row in found), default=0)
    if wide > len(field.of):
        raise Bad("%(got)s columns, but there are %(want)s; put their names above them", got=wide, want=len(field.of))
    return dict(enumerate(field.of.values())), 0


def _said(cell: str) -> str:
    """“Harga (Rp) *” and “harga” are one heading."""
    return " ".join(re.sub(r"\(.*?\)|[_*:.]", " ", cell).split()).casefold()

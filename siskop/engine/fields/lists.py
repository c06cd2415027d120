"""A repeated group: rows of columns. A row in which nothing is typed does not count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, positive

MOST_ROWS = 500
Types = Callable[[], Mapping[str, FieldType]]


@dataclass(frozen=True, slots=True)
class RowProblem:
    row: int  # from 0, of the raw rows
    column: str
    bad: Bad


class BadRows(Bad):
    """Cells that can't be taken; `values` are the rows with what could."""

    def __init__(self, problems: tuple[RowProblem, ...], values: list[dict[str, Any]]) -> None:
        super().__init__("Some rows need another look")
        self.problems, self.values = problems, values


class Rows(FieldType):
    """`min` and `max` count rows. Every column needs an answer unless it says `required: false`."""

    name = "list"
    kind = "list"
    params = {"min": positive, "max": positive}

    def __init__(self, types: Types) -> None:
        self._types = types

    def empty(self, raw: Any) -> bool:
        return super().empty(raw) or (isinstance(raw, list) and all(self._untouched(row) for row in raw))

    def _untouched(self, row: Any) -> bool:
        return isinstance(row, dict) and all(FieldType.empty(self, cell) for cell in row.values())

    def accept(self, field: Field, raw: Any, context: Context) -> list[dict[str, Any]]:
        if not (isinstance(raw, list) and all(isinstance(row, dict) for row in raw)):
            raise Bad("This answer has the wrong shape; a list of rows is needed")
        rows = [(n, row) for n, row in enumerate(raw) if not self._blank(field, row)]
        self._count(field, len(rows))
        problems: list[RowProblem] = []
        values = [self._row(field, n, row, context, problems) for n, row in rows]
        if problems:
            raise BadRows(tuple(problems), values)
        return values

    def _blank(self, field: Field, row: Mapping[str, Any]) -> bool:
        types = self._types()
        return all(types[column.type].empty(row.get(column.name)) for column in field.of.values())

    def _count(self, field: Field, got: int) -> None:
        least, most = field.params.get("min", 0), field.params.get("max", MOST_ROWS)
        if got < least:
            raise Bad("%(got)s rows filled in, at least %(want)s are needed", got=got, want=least)
        if got > most:
            raise Bad("%(got)s rows, at most %(want)s", got=got, want=most)

    def _row(
        self, field: Field, n: int, row: Mapping[str, Any], context: Context, problems: list[RowProblem]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for column in field.of.values():
            kind, cell = self._types()[column.type], row.get(column.name)
            values[column.name] = None
            if kind.empty(cell):
                if column.params.get("required", True):
                    problems.append(RowProblem(n, column.name, Bad(kind.missing)))
                continue
            try:
                values[column.name] = kind.accept(column, cell, context)
            except Bad as bad:
                problems.append(RowProblem(n, column.name, bad))
        return values

    def raw(self, field: Field, value: Any) -> list[dict[str, Any]]:
        types = self._types()
        return [
            {column.name: types[column.type].raw(column, row.get(column.name)) for column in field.of.values()}
            for row in value or ()
        ]

    def typed(self, field: Field, value: Any) -> list[dict[str, Any]] | None:
        if value is None:
            return None
        types = self._types()
        return [
            {column.name: types[column.type].typed(column, row.get(column.name)) for column in field.of.values()}
            for row in value
        ]

    def plain(self, field: Field, value: Any, language: str) -> str:
        return "; ".join(", ".join(filter(None, self.cells(field, row, language))) for row in value or ())

    def cells(self, field: Field, row: Mapping[str, Any], language: str) -> list[str]:
        """One row as words, a text a column."""
        types = self._types()
        return [types[column.type].plain(column, row.get(column.name), language) for column in field.of.values()]

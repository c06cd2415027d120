"""The lists of a folder: CSV files with a heading. `roles.csv` and `holidays.csv` are known by name, others by columns.

Choices: code, label_id, label_en · areas: code, level, name · abbreviations: short, long · deadlines: the period,
report_due, legal_due, and fields for whose value a row holds · others are kept as they are.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date

from siskop.engine.calendar import Calendar
from siskop.engine.definition import Choice, Role, Words
from siskop.engine.nearest import nearest
from siskop.engine.reading import LANGUAGES, Errors


class Row(dict[str, str]):
    """One row by its columns; `line` is where it stands."""

    def __init__(self, values: Mapping[str, str], line: int) -> None:
        super().__init__(values)
        self.line = line


Rows = tuple[Row, ...]
MAY = frozenset({"desk", "personal", "people", "definitions", "jobs", "audit"})
LABELS = tuple(f"label_{language}" for language in LANGUAGES)
ROLE_COLUMNS = ("name", *LABELS, "may")
HOLIDAY_COLUMNS = ("date", "name", "kind")
DUE = ("report_due", "legal_due")
"""Columns of a table of deadlines, whose rows nothing tells apart by itself."""
HOLIDAY_KINDS = ("national", "leave")


def rows(file: str, text: str, errors: Errors) -> Rows:
    """The rows of one file; the first column tells rows apart."""
    reader = csv.DictReader(text.lstrip("\ufeff").splitlines(), strict=True)
    found: list[Row] = []
    seen: set[str] = set()
    line = 1
    try:
        head = [name.strip() for name in reader.fieldnames or ()]
        for row in reader:
            line = reader.line_num
            if None in row or None in row.values():
                errors.add(file, line, f"The row has not {len(head)} columns as the heading: {', '.join(head)}")
                continue
            values = {key.strip(): value.strip() for key, value in row.items()}
            if (values[head[0]] in seen and not {*DUE} <= {*head}) or not values[head[0]]:
                errors.add(file, line, f"“{values[head[0]]}” stands here twice, or is empty", (head[0],))
            seen.add(values[head[0]])
            found.append(Row(values, line))
    except csv.Error as error:
        errors.add(file, line + bool(reader.fieldnames), f"Not readable as CSV: {error}")
    if not found:
        errors.add(file, 1, "The list is empty")
    return tuple(found)


def has_columns(file: str, found: Rows, wanted: tuple[str, ...], errors: Errors) -> bool:
    lacking = [name for name in wanted if found and name not in found[0]]
    for name in lacking:
        errors.add(file, 1, f"The column “{name}” is missing", near=nearest(name, set(found[0]) - set(wanted)))
    return bool(found) and not lacking


def choices(found: Rows) -> tuple[Choice, ...]:
    """The rows as choices; a name that has no translation (an area's) is the same in every language."""
    return tuple(Choice(row["code"], _label(row)) for row in found)


def _label(row: Row) -> Words:
    return {language: row.get(f"label_{language}") or row.get("name", "") for language in LANGUAGES}


def roles(file: str, found: Rows, errors: Errors) -> dict[str, Role]:
    if not has_columns(file, found, ROLE_COLUMNS, errors):
        return {}
    labels_there(file, found, errors)
    for row in found:
        for word in set(row["may"].split()) - MAY:
            said = f"“{word}” is not known here: {', '.join(sorted(MAY))}"
            errors.add(file, row.line, said, ("may",), nearest(word, MAY))
    return {row["name"]: Role(row["name"], _label(row), frozenset(row["may"].split())) for row in found}


def labels_there(file: str, found: Rows, errors: Errors) -> None:
    for row in found:
        for column in LABELS:
            if not row.get(column):
                errors.add(file, row.line, "The text is missing: every language needs one", (column,))


def areas_told(file: str, found: Rows, errors: Errors) -> None:
    for row in found if errors.thorough else ():
        for column in ("name", "level"):
            if not row[column]:
                errors.add(file, row.line, f"“{column}” is empty", (column,), warning=column == "level")


def calendar(file: str, found: Rows, errors: Errors) -> Calendar:
    days = set()
    if has_columns(file, found, HOLIDAY_COLUMNS, errors):
        for row in found:
            try:
                days.add(date.fromisoformat(row["date"]))
            except ValueError:
                errors.add(file, row.line, f"“{row['date']}” is no date; write 2026-12-25", ("date",))
            if (sort := row["kind"]) not in HOLIDAY_KINDS:
                said = (
                    f"“{sort}” is no kind of holiday ({' or '.join(HOLIDAY_KINDS)}); the office is closed all the same"
                )
                errors.add(file, row.line, said, ("kind",), nearest(sort, HOLIDAY_KINDS), warning=True)
    return Calendar(frozenset(days))

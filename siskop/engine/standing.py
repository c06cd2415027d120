"""What a record owes period by period: which reports are missing in a row, and which comes next.

A period is reported when a published child stands for it, or when it is not after the newest one known from before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import product, takewhile
from typing import Any

from siskop.engine.definition import EMPTY, PLACEHOLDER, Deadline, Field, Periods, RecordKind
from siskop.engine.fields.registry import plain
from siskop.engine.form import environment

PARTS: Mapping[str, str] = dict.fromkeys(("last", "missed", "first_missed", "next"), "number") | {"due": "date"}
"""What conditions read of the group, by type."""
SPOKEN = (*PARTS, "missing")
"""What texts may name: also the periods that are missing, as a sentence counts them."""
_AND = {"id": "dan", "en": "and"}
_DAY = Field("due", "date", EMPTY)


def groups(
    kind: RecordKind, env: Mapping[str, Any], today: date, reported: Mapping[str, Collection[int]] = EMPTY
) -> dict[str, dict[str, Any]]:
    """Every group of the kind by its name. `env` holds the record's fields typed, `reported` the periods of its public
    children by group."""
    return {name: group(of, env, reported.get(name, ()), today) for name, of in kind.periods.items()}


def group(of: Periods, env: Mapping[str, Any], reported: Collection[int], today: date) -> dict[str, Any]:
    """What is unknown is None. `missing` are the periods missed in a row up to the newest whose day is over, oldest
    first; `next` is the oldest that may still be reported in time, `due` its day."""
    known, since = (env.get(name) if name else None for name in (of.known, of.since))
    first = since.year if isinstance(since, date) else since
    found = [_told(rows, known, first, reported, today) for rows in tables(of, env)]
    return {part: value if all(one[part] == value for one in found) else None for part, value in found[0].items()}


def _told(
    rows: Mapping[int, Deadline], known: int | None, first: int | None, reported: Collection[int], today: date
) -> dict[str, Any]:
    due = {period: row.report_due for period, row in rows.items() if first is None or period >= first}
    open_ = [p for p in due if p not in reported and (known is None or p > known)]
    last = max((*reported, *(() if known is None else (known,))), default=None)
    told = bool(rows) and (last is not None or (first is not None and first >= min(rows)))
    over = (p for p in reversed(due) if due[p] < today)
    missing = tuple(takewhile(lambda period: period in open_, over))[::-1] if told else ()
    coming = next((p for p in open_ if due[p] >= today), None)
    return {
        "last": last,
        "missed": len(missing) if told else None,
        "first_missed": missing[0] if missing else None,
        "missing": missing or None,
        "next": coming,
        "due": None if coming is None else due[coming],
    }


def tables(of: Periods, env: Mapping[str, Any]) -> Iterator[dict[int, Deadline]]:
    """The rows for such a record by period, in their order; of two the one that says more. Several tables where a field
    that tells rows apart is empty: known is then only what all of them say."""
    columns = sorted({column for row in of.deadlines for column in row.where})
    options = ({row.where.get(c) for row in of.deadlines} if env.get(c) is None else {env[c]} for c in columns)
    for values in product(*options):
        about = dict(zip(columns, values, strict=True))
        fitting = (row for row in of.deadlines if row.where.items() <= about.items())
        yield {row.period: row for row in sorted(fitting, key=lambda row: (row.period, len(row.where)))}


def days(kind: RecordKind, env: Mapping[str, Any]) -> Iterator[date]:
    """The days of the tables from which something differs."""
    found = (rows for of in kind.periods.values() for rows in tables(of, env))
    return (row.report_due for rows in found for row in rows.values())


def spoken(periods: Mapping[str, Periods]) -> dict[str, str]:
    """Places in texts for everybody, `{group.part}`, with the name of their group."""
    return {f"{name}.{part}": name for name, of in periods.items() if of.public for part in SPOKEN}


def stored(value: Any) -> Any:
    """As it is kept with a badge."""
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value


def told(
    kind: RecordKind, values: Mapping[str, Any], today: date, reported: Mapping[str, Collection[int]]
) -> dict[str, dict[str, str]]:
    """What mails and letters may name of the groups, in every language; `values` as they are kept."""
    found = groups(kind, environment(kind.fields, values), today, reported)
    parts = {place: found[name][place.partition(".")[2]] for place, name in spoken(kind.periods).items()}
    return {place: {language: words_of(stored(part), language) for language in _AND} for place, part in parts.items()}


def filled(kind: RecordKind, text: str, values: Mapping[str, Any], language: str, unknown: str = "") -> str:
    """A text of a badge with its places filled; `values` by field or group.part, as they are kept."""

    def told(name: str) -> str:
        field, value = kind.fields.get(name), values.get(name)
        return (plain(field, value, language) if field else words_of(value, language)) or unknown

    return PLACEHOLDER.sub(lambda place: told(place[1]), text)


def words_of(value: Any, language: str) -> str:
    """A part of a group, as it is kept, in a sentence: “2023, 2024 dan 2025”, “30 April 2027”; "" when unknown."""
    if isinstance(value, str):
        return plain(_DAY, value, language)
    several = list(map(str, value if isinstance(value, list | tuple) else () if value is None else (value,)))
    return f" {_AND[language]} ".join(filter(None, (", ".join(several[:-1]), *several[-1:])))

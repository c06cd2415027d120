"""From a record's values to what the public may see and search of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from siskop.engine.definition import Field, RecordKind
from siskop.engine.fields.area import path
from siskop.engine.fields.registry import UPLOADED
from siskop.register import facts
from siskop.register.relatives import ALONE, Relatives

TITLE_AT_MOST = 300
SLUG_AT_MOST = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of register.entry, without what a publication adds (version, seq, instant)."""

    title: str
    sort_key: str
    area: str | None
    facets: Mapping[str, Any]
    badges: Mapping[str, Any]
    search: str
    data: Mapping[str, Any]
    refresh_on: date | None
    parent: int | None = None
    period: str | None = None


def entry_of(kind: RecordKind, values: Mapping[str, Any], today: date, kin: Relatives = ALONE) -> Entry:
    """`values` are all stored values of the record; what is not public stays out, facts show only as badges."""
    data = public_values(kind, values)
    title = kind.title_of(data, kin.parent_title)[:TITLE_AT_MOST]
    badges = facts.standing(kind, values, today, kin).badges
    by_period = kind.child_of is not None and kind.child_of.period in data
    return Entry(
        title=title,
        sort_key=" ".join(tokens(title)),
        area=str(data[kind.area]) if kind.area and data.get(kind.area) else None,
        facets=_facets(kind, data) | {b.name: facts.alike(b, badges[b.name]["case"]) for b in kind.badges},
        badges=badges,
        search=f" {' '.join((*tokens(title), *_searched(kind, data)))} ",
        data=data,
        refresh_on=facts.refresh_on(kind, values, today, kin),
        parent=kin.parent_id,
        period=kin.period if by_period else None,
    )


def public_values(kind: RecordKind, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of public fields; of lists, the public columns of each row. Files are not in the register."""
    public = [field for field in kind.fields.values() if field.privacy == "public" and field.type not in UPLOADED]
    return {field.name: _public(field, values[field.name]) for field in public if values.get(field.name) is not None}


def _public(field: Field, value: Any) -> Any:
    if not field.of or not isinstance(value, list):
        return value
    columns = [column.name for column in field.of.values() if column.privacy == "public"]
    return [{name: row[name] for name in columns if row.get(name) is not None} for row in value]


def _facets(kind: RecordKind, data: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: data[field.name] for field in kind.fields.values() if field.filter and field.name in data}


def _searched(kind: RecordKind, data: Mapping[str, Any]) -> Iterator[str]:
    """Words of fields marked `search`, and the name of the area with those it lies in."""
    for field in kind.fields.values():
        if field.name in data and field.search:
            yield from tokens(_text(field, data[field.name]))
    if kind.area and kind.area in data:
        for around in path(kind.fields[kind.area], str(data[kind.area])):
            yield from tokens(" ".join(around.label.values()))


def _text(field: Field, value: Any) -> str:
    """A value as words: codes by their labels in every language."""
    if isinstance(value, list):
        rows = [v for item in value for v in (item.values() if isinstance(item, Mapping) else [item])]
        return " ".join(_text(field, item) for item in rows)
    labels = [text for choice in field.choices if choice.code == value for text in choice.label.values()]
    return " ".join(labels or [str(value)])


def tokens(text: str) -> list[str]:
    """Words as they are compared: without accents, capitals and signs."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z0-9]+", plain)


def slug_of(title: str) -> str:
    """What stands in the address; never empty."""
    words, length = [], 0
    for word in tokens(title):
        length += len(word) + 1
        if length > SLUG_AT_MOST + 1:
            break
        words.append(word)
    return "-".join(words) or "entri"

"""What a visitor asks of a directory, as SQL: words with their abbreviations, filters, and the place in the list."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from siskop.register.entries import tokens

MOST_WORDS = 12
_KEY = re.compile(r"[a-z0-9 ]*")  # how a title is folded for its order


@dataclass(frozen=True, slots=True)
class Where:
    """A condition with its parameters; joined with "and"."""

    sql: str
    params: Mapping[str, Any] = field(default_factory=dict)


def words_where(text: str, abbreviations: Iterable[Mapping[str, str]]) -> list[Where]:
    """One condition a word: it begins a word of the entry, or an abbreviation says the same.

    `abbreviations` are rows (short, long): "ksp" also finds "simpan pinjam", and the long words find "ksp".
    """
    asked = tokens(text)[:MOST_WORDS]
    pairs = [(tokens(row.get("short", "")), tokens(row.get("long", ""))) for row in abbreviations]
    groups: list[list[list[str]]] = []
    while asked:
        long = next((pair for pair in pairs if len(pair[1]) > 1 and asked[: len(pair[1])] == pair[1]), None)
        taken = long[1] if long else asked[:1]
        others = [long[0]] if long else [pair[1] for pair in pairs if pair[0] == taken and pair[1]]
        groups.append([taken, *others])
        asked = asked[len(taken) :]
    return [_any_of(number, group) for number, group in enumerate(groups)]


def _any_of(number: int, group: Sequence[Sequence[str]]) -> Where:
    params: dict[str, str] = {}
    ways = []
    for n, way in enumerate(group):
        names = [f"w{number}_{n}_{m}" for m in range(len(way))]
        params |= {name: f"% {word}%" for name, word in zip(names, way, strict=True)}
        ways.append(" AND ".join(f"search LIKE :{name}" for name in names))
    return Where("(" + " OR ".join(f"({way})" for way in ways) + ")", params)


def facet_where(number: int, name: str, codes: Sequence[str]) -> Where:
    """Entries whose facet `name` is, or holds, one of the codes."""
    keys = {f"f{number}_name": name, f"f{number}_codes": list(codes)}
    value = f"facets -> CAST(:f{number}_name AS text)"
    single = f"({value}) #>> '{{}}' = ANY(:f{number}_codes)"
    several = f"jsonb_typeof({value}) = 'array' AND ({value}) ?| CAST(:f{number}_codes AS text[])"
    return Where(f"({single} OR ({several}))", keys)


def area_where(number: int, codes: Sequence[str]) -> Where:
    """Entries in one of the areas, or in an area within it."""
    params = {f"a{number}": list(codes), f"a{number}_in": [f"{_plain(code)}.%" for code in codes]}
    return Where(f"(area = ANY(:a{number}) OR area LIKE ANY(:a{number}_in))", params)


def _plain(code: str) -> str:
    return code.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def after_where(cursor: str) -> Where | None:
    """The rows after those already shown; None for the first page, also when the cursor is not one of ours."""
    try:
        key, record_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        return None
    if not isinstance(key, str) or type(record_id) is not int or not _KEY.fullmatch(key) or abs(record_id) >= 1 << 63:
        return None
    return Where("(sort_key, record_id) > (:after_key, :after_id)", {"after_key": key, "after_id": record_id})


def cursor_of(sort_key: str, record_id: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort_key, record_id]).encode()).decode().rstrip("=")


def joined(parts: Iterable[Where]) -> Where:
    """All of them."""
    several = list(parts)
    params = {name: value for part in several for name, value in part.params.items()}
    return Where(" AND ".join(part.sql for part in several), params)

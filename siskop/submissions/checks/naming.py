"""Names of records, folded for comparison: what two spellings of one cooperative have in common."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from siskop.engine.definition import RecordKind

_NOT_WORD = re.compile(r"[^a-z0-9]+")


def fold(name: str) -> str:
    """Lower case, without accents, signs and line breaks; words stay in their order."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(_NOT_WORD.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).split())


def fold_number(number: str) -> str:
    """A legal-entity number without signs, so that `KWK-10/22` and `KWK.10/22` are one."""
    return _NOT_WORD.sub("", number.casefold())


def alike(one: str, other: str, common: frozenset[str]) -> float:
    """0 to 1: how alike two folded names are. Words in `common` (those of many names) do not count."""
    a = [w for w in one.split() if w not in common] or one.split()
    b = [w for w in other.split() if w not in common] or other.split()
    return SequenceMatcher(None, " ".join(sorted(a)), " ".join(sorted(b))).ratio()


def names_of(kind: RecordKind, values: Mapping[str, Any], title: str) -> dict[str, Any]:
    """The columns by which a record is found: title, folded title, area, key."""
    return {
        "title": title,
        "folded": fold(title),
        "area": values.get(kind.area) if kind.area else None,
        "key": values.get(kind.key) if kind.key else None,
    }

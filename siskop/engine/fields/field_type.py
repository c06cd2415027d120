"""What a type of field can do: take what was typed, show it again, hand it to conditions, write it into a sentence.

Three forms of an answer: *raw* is what an input holds (str, list of str, list of rows, the dict of a file; drafts keep
it as typed); the *value* is clean and JSON-able (dates are "YYYY-MM-DD"); *typed* is what conditions compute with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from siskop.engine.definition import Field

Param = Callable[[Any], str | None]
"""Checks one setting of a type in a file: None, or what is wanted ("a whole number")."""


class Bad(Exception):
    """What came can't be taken: `text`, a msgid with places for `params`, says what came and what is needed."""

    def __init__(self, text: str, **params: Any) -> None:
        self.text, self.params = text, params
        super().__init__(text % params if params else text)


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a form: the day in Jakarta, and the current values of the record, asked here or not.

    `parent` and `last` are the values of the parent record and of the period before; `fixed` answers that the start has
    settled (the period): whatever is typed there is not read. `taken(field, value)` names the title of another record
    that has this value already, or None; `found(kind, typed)` the value of a reference, or None: both ask a database
    that the engine does not know.
    """

    today: date
    record: Mapping[str, Any] = field(default_factory=dict)
    parent: Mapping[str, Any] = field(default_factory=dict)
    last: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    taken: Callable[[str, Any], str | None] = lambda name, value: None
    found: Callable[[str, str], Mapping[str, Any] | None] = lambda kind, typed: None


def whole_number(setting: Any) -> str | None:
    return None if isinstance(setting, int) and not isinstance(setting, bool) else "a whole number"


def any_number(setting: Any) -> str | None:
    return None if isinstance(setting, int | float) and not isinstance(setting, bool) else "a number"


def positive(setting: Any) -> str | None:
    return None if whole_number(setting) is None and setting > 0 else "a whole number above 0"


def word(setting: Any) -> str | None:
    return None if isinstance(setting, str) and setting else "a name"


def word_or_number(setting: Any) -> str | None:
    return None if not word(setting) or not whole_number(setting) else "a name or a number"


def places(setting: Any) -> str | None:
    return None if whole_number(setting) is None and 0 <= setting <= 8 else "a whole number from 0 to 8"


TYPES: dict[str, FieldType] = {}
"""By their words in YAML; the registry fills it."""


class FieldType:
    """One type. `name` is its word in YAML; `kind` is what conditions see: text number boolean date choice choices list
    area file point reference. `params` are the settings it knows, with their checks; load refuses others. `missing` is
    said where an answer is needed.
    """

    name = ""
    kind = "text"
    params: Mapping[str, Param] = {}
    parts: tuple[str, ...] = ()  # keys of a value that is an object
    missing = "Nothing is filled in yet"

    def kind_of(self, field: Field) -> str:
        return self.kind

    def empty(self, raw: Any) -> bool:
        """Nothing was typed, nor in any of its parts."""
        if isinstance(raw, str):
            return not raw.strip()
        if isinstance(raw, dict):
            raw = list(raw.values())
        return raw is None or (isinstance(raw, list) and all(map(self.empty, raw)))

    def accept(self, field: Field, raw: Any, context: Context) -> Any:
        """The clean value of a raw that is not empty; raises `Bad`."""
        raise NotImplementedError

    def warning(self, field: Field, value: Any, context: Context) -> Bad | None:
        """A doubt about a value that is taken all the same."""
        return None

    def raw(self, field: Field, value: Any) -> Any:
        """What the input shows for a value (prefill); `accept` of it gives the value again."""
        return "" if value is None else str(value)

    def cell(self, field: Field, text: str) -> Any:
        """The raw of what stands in a spreadsheet's cell, where words or numbers are written in another way."""
        return text

    def typed(self, field: Field, value: Any) -> Any:
        return value

    def plain(self, field: Field, value: Any, language: str) -> str:
        """The value as words, for mails, evidence and lists; "" when there is none."""
        return "" if value is None else str(value)


def written(raw: Any) -> str:
    """What was typed, as one string; files may hold numbers where people type text."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, int | float) and not isinstance(raw, bool) and not abs(raw) > 1e30:
        return str(raw)
    raise Bad("This answer has the wrong shape; one text is needed")

"""What stands in a form without being answered: a text between questions, and what is worked out from answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import TYPES, FieldType
from siskop.engine.fields.numbers import DIGITS, LARGEST

WORKED_OUT = ("integer", "decimal", "money", "percent", "text", "date", "boolean")


def worked_out(setting: Any) -> str | None:
    return None if setting in WORKED_OUT else "one of " + ", ".join(WORKED_OUT)


class Unasked(FieldType):
    def empty(self, raw: Any) -> bool:
        """Whatever came is not read."""
        return True

    def raw(self, field: Field, value: Any) -> str:
        return ""


class Explanation(Unasked):
    """Its label and help are the text."""

    name = "explanation"
    kind = "nothing"

    def plain(self, field: Field, value: Any, language: str) -> str:
        return ""


class Computed(Unasked):
    """`value` is an expression over the kind's fields, `as` the type that its result is shown and read as."""

    name = "computed"
    params = {"as": worked_out}

    def like(self, field: Field) -> FieldType:
        return TYPES[str(field.params.get("as", "text"))]

    def kind_of(self, field: Field) -> str:
        return self.like(field).kind

    def work_out(self, field: Field, env: Mapping[str, Any]) -> Any:
        """The value, JSON-able; None while something it rests on is missing, or when it is out of reach."""
        found = field.value.value(env) if field.value else None
        if isinstance(found, bool) or found is None:
            return found
        if isinstance(found, date):
            return found.isoformat()
        if not isinstance(found, int | float):
            return str(found)
        if not math.isfinite(found) or abs(found) > LARGEST:
            return None
        number = float(f"{found:.{DIGITS}g}")
        return round(found) if number.is_integer() or field.params.get("as") in ("integer", "money") else number

    def typed(self, field: Field, value: Any) -> Any:
        return self.like(field).typed(field, value)

    def plain(self, field: Field, value: Any, language: str) -> str:
        return self.like(field).plain(field, value, language)

"""Another record of the register, named by its address, its number (#12) or its exact title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, word
from siskop.engine.fields.text import bounded, tidy


class Reference(FieldType):
    """`to` is the record kind. The value is {"id", "slug", "title"}: the title as it was when the answer was taken."""

    name = "reference"
    kind = "reference"
    parts = ("id", "slug", "title")
    params = {"to": word}

    def accept(self, field: Field, raw: Any, context: Context) -> dict[str, Any]:
        typed = bounded(tidy(self.raw(field, raw) if isinstance(raw, dict) else raw), 300)
        found = context.found(str(field.params.get("to")), typed)
        if found is None:
            raise Bad("“%(got)s” is not in the register; choose it from the list or write its exact name", got=typed)
        return {"id": found["id"], "slug": found.get("slug"), "title": found["title"]}

    def raw(self, field: Field, value: Any) -> str:
        if not isinstance(value, Mapping):
            return ""
        return str(value.get("slug") or f"#{value.get('id')}")

    def plain(self, field: Field, value: Any, language: str) -> str:
        return value["title"] if value else ""

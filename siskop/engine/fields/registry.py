"""All types of fields by their word in YAML. A newcomer adds a class in a family's file, a line here and a template."""

from __future__ import annotations

from collections.abc import Mapping

from siskop.engine.definition import Field
from siskop.engine.fields import area, choices, dates, files, identity, lists, numbers, text
from siskop.engine.fields.field_type import FieldType

TYPES: dict[str, FieldType] = {
    kind.name: kind
    for kind in (
        text.Text(),
        text.Email(),
        text.Phone(),
        numbers.Integer(),
        numbers.Money(),
        choices.Boolean(),
        choices.OneOf(),
        choices.SomeOf(),
        dates.Day(),
        dates.Year(),
        area.Area(),
        files.File(),
        identity.LegalNumber(),
        identity.Nik(),
        identity.NikKoperasi(),
        identity.Nib(),
        lists.Rows(lambda: TYPES),
    )
}
IN_A_ROW = frozenset(TYPES) - {"list", "file"}
"""Types that a column of a list may have."""


def type_of(field: Field) -> FieldType:
    return TYPES[field.type]


def plain(field: Field, value: object, language: str) -> str:
    return type_of(field).plain(field, value, language)


def column_params(kind: FieldType) -> Mapping[str, object]:
    """What a column of a list may say beside the settings of its type."""
    return {**kind.params, "required": None}

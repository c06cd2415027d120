"""All types of fields by their word in YAML. A newcomer adds a class in a family's file, a line here and a template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from siskop.engine.definition import Field
from siskop.engine.fields import (
    addresses,
    area,
    choices,
    dates,
    files,
    identity,
    lists,
    numbers,
    point,
    reference,
    text,
    unasked,
)
from siskop.engine.fields.field_type import TYPES, FieldType

__all__ = ["IN_A_ROW", "TYPES", "UNASKED", "UPLOADED", "plain", "type_of"]

TYPES |= {
    kind.name: kind
    for kind in (
        text.Text(),
        text.LongText(),
        addresses.Email(),
        addresses.Phone(),
        addresses.Url(),
        numbers.Integer(),
        numbers.Decimal(),
        numbers.Money(),
        numbers.Percent(),
        choices.Boolean(),
        choices.OneOf(),
        choices.SomeOf(),
        dates.Day(),
        dates.Year(),
        area.Area(),
        point.Point(),
        files.File(),
        files.Files(),
        files.Image(),
        reference.Reference(),
        identity.LegalNumber(),
        identity.Nik(),
        identity.NikKoperasi(),
        identity.Nib(),
        identity.Npwp(),
        identity.Kbli(),
        unasked.Explanation(),
        unasked.Computed(),
        lists.Rows(),
    )
}
UPLOADED = frozenset({"file", "files", "image"})
UNASKED = frozenset({"explanation", "computed"})
IN_A_ROW = frozenset(TYPES) - UPLOADED - UNASKED - {"list"}
"""Types that a column of a list may have."""


def type_of(field: Field) -> FieldType:
    return TYPES[field.type]


def plain(field: Field, value: object, language: str) -> str:
    return type_of(field).plain(field, value, language)


def public_paths(fields: Mapping[str, Field], within: str = "") -> Iterator[str]:
    """Paths that `register` may hold: `field`, `list.field` for public columns of public lists, and the parts of values
    that have some (`place.lat`)."""
    for f in (f for f in fields.values() if f.privacy == "public"):
        path = f"{within}{f.name}"
        yield path
        yield from (f"{path}.{part}" for part in type_of(f).parts)
        yield from public_paths(f.of, f"{path}.")

"""A value as the office sees it: lines of text, a file, or only that it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from siskop.base.i18n import locale
from siskop.engine.definition import Field
from siskop.engine.fields import files
from siskop.engine.fields.registry import TYPES


@dataclass(frozen=True, slots=True)
class FileLink:
    id: int
    name: str
    size: str  # ready to show


@dataclass(frozen=True, slots=True)
class Shown:
    """`hidden`: there is a value that this reader may not see."""

    lines: tuple[str, ...] = ()
    file: FileLink | None = None
    hidden: bool = False


def shown(field: Field, value: Any, personal: bool) -> Shown | None:
    """None where there is no value. Columns of a list keep their own privacy."""
    if value is None or value in ("", []):
        return None
    if field.privacy == "personal" and not personal:
        return Shown(hidden=True)
    if field.type == "file":
        return Shown(file=FileLink(value["id"], value["name"], _size(value["size"])))
    if field.type == "list":
        return Shown(lines=tuple(_row(field, row, personal) for row in value))
    return Shown(lines=(TYPES[field.type].plain(field, value, locale()),))


def _size(size: int) -> str:
    return f"{files.megabytes(size)} MB" if size >= files.MEGABYTE / 10 else f"{-(-size // 1024)} KB"


def is_personal(field: Field) -> bool:
    """Whether seeing the whole of it is looking at personal data."""
    return field.privacy == "personal" or any(column.privacy == "personal" for column in field.of.values())


def _row(field: Field, row: dict[str, Any], personal: bool) -> str:
    columns = [c for c in field.of.values() if personal or c.privacy != "personal"]
    cells = (TYPES[c.type].plain(c, row[c.name], locale()) for c in columns if row.get(c.name) is not None)
    return ", ".join(cell for cell in cells if cell)

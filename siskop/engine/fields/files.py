"""An uploaded file: the value says which ({"id", "name", "type", "size"}); its content was examined when it came in."""

from __future__ import annotations

from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, positive

SORTS = {"pdf": ("application/pdf",), "image": ("image/jpeg", "image/png", "image/webp")}
MEGABYTE = 1024 * 1024
MAX_MB = 10


def sorts(setting: Any) -> str | None:
    good = isinstance(setting, list | tuple) and setting and all(sort in SORTS for sort in setting)
    return None if good else "a list of " + ", ".join(SORTS)


class File(FieldType):
    """`accept` lists sorts of files (pdf, image), `max_mb` the largest size taken."""

    name = "file"
    kind = "file"
    params = {"accept": sorts, "max_mb": positive}
    missing = "No file was uploaded yet"

    def accept(self, field: Field, raw: Any, context: Context) -> dict[str, Any]:
        if not (isinstance(raw, dict) and isinstance(raw.get("id"), int) and isinstance(raw.get("size"), int)):
            raise Bad("This answer has the wrong shape; an uploaded file is needed")
        media = str(raw.get("type"))
        if not any(media in SORTS[sort] for sort in accepted(field)):
            raise Bad("The file is of the type %(got)s; %(want)s is needed", got=media, want=", ".join(accepted(field)))
        most = largest(field)
        if raw["size"] > most:
            raise Bad("%(got)s MB, at most %(want)s MB", got=megabytes(raw["size"]), want=most // MEGABYTE)
        return {"id": raw["id"], "name": str(raw.get("name") or ""), "type": media, "size": raw["size"]}

    def raw(self, field: Field, value: Any) -> dict[str, Any]:
        return dict(value or {})

    def plain(self, field: Field, value: Any, language: str) -> str:
        return value["name"] if value else ""


def accepted(field: Field) -> tuple[str, ...]:
    return tuple(field.params.get("accept", SORTS))


def largest(field: Field) -> int:
    """In bytes."""
    return int(field.params.get("max_mb", MAX_MB)) * MEGABYTE


def megabytes(size: int) -> str:
    """1,4: megabytes with one decimal."""
    return f"{size / MEGABYTE:.1f}".replace(".", ",")

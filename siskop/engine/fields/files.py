"""Uploaded files: a value says which ({"id", "name", "type", "size"}); the content was examined when it came in."""

from __future__ import annotations

from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, positive

SORTS = {"pdf": ("application/pdf",), "image": ("image/jpeg", "image/png", "image/webp")}
MEGABYTE = 1024 * 1024
MAX_MB = 10
MOST_FILES = 20


def sorts(setting: Any) -> str | None:
    good = isinstance(setting, list | tuple) and setting and all(sort in tuple(SORTS) for sort in setting)
    return None if good else "a list of " + ", ".join(SORTS)


class File(FieldType):
    """`accept` lists sorts of files (pdf, image), `max_mb` the largest size taken."""

    name = "file"
    kind = "file"
    params = {"accept": sorts, "max_mb": positive}
    missing = "No file was uploaded yet"

    def accept(self, field: Field, raw: Any, context: Context) -> dict[str, Any]:
        numbers = [raw.get("id"), raw.get("size")] if isinstance(raw, dict) else [None]
        if not all(type(number) is int and number >= 0 for number in numbers):
            raise Bad("This answer has the wrong shape; an uploaded file is needed")
        media, kinds, most = str(raw.get("type"))[:100], accepted(field), largest(field)
        if not any(media in SORTS[sort] for sort in kinds):
            raise Bad("The file is of the type %(got)s; %(want)s is needed", got=media, want=", ".join(kinds))
        if raw["size"] > most:
            raise Bad("%(got)s MB, at most %(want)s MB", got=megabytes(raw["size"]), want=most // MEGABYTE)
        return {"id": raw["id"], "name": str(raw.get("name") or "")[:200], "type": media, "size": raw["size"]}

    def raw(self, field: Field, value: Any) -> Any:
        return dict(value or {})

    def plain(self, field: Field, value: Any, language: str) -> str:
        return value["name"] if value else ""


class Image(File):
    """A file that is a picture."""

    name = "image"
    params = {"max_mb": positive}
    missing = "No picture was uploaded yet"


class Files(File):
    """Several files; `min` and `max` count them."""

    name = "files"
    kind = "list"
    params = {**File.params, "min": positive, "max": positive}

    def accept(self, field: Field, raw: Any, context: Context) -> Any:
        given = [one for one in (raw if isinstance(raw, list) else [raw]) if not self.empty(one)]
        least, most = field.params.get("min", 1), field.params.get("max", MOST_FILES)
        if len(given) > most:
            raise Bad("%(got)s files, at most %(want)s", got=len(given), want=most)
        taken = [super(Files, self).accept(field, one, context) for one in given]
        if len({one["id"] for one in taken}) < len(taken):
            raise Bad("The same file stands here twice")
        if len(taken) < least:
            raise Bad("%(got)s files, at least %(want)s are needed", got=len(taken), want=least)
        return taken

    def raw(self, field: Field, value: Any) -> Any:
        return [dict(one) for one in value or ()]

    def plain(self, field: Field, value: Any, language: str) -> str:
        return ", ".join(one["name"] for one in value or ())


def accepted(field: Field) -> tuple[str, ...]:
    return ("image",) if field.type == "image" else tuple(field.params.get("accept", SORTS))


def largest(field: Field) -> int:
    """In bytes."""
    return int(field.params.get("max_mb", MAX_MB)) * MEGABYTE


def megabytes(size: int) -> str:
    """1,4: megabytes with one decimal."""
    return f"{size / MEGABYTE:.1f}".replace(".", ",")

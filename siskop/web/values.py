"""Values of fields as people read them, by the type of the field alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from siskop.base.i18n import gettext as _
from siskop.base.i18n import locale, words
from siskop.engine.definition import Field, RecordKind
from siskop.engine.fields import files
from siskop.engine.fields.registry import UPLOADED, plain
from siskop.register.facts import PLACE
from siskop.submissions.definitions import library
from siskop.web.frame import here

TOGETHER = frozenset({"money", "integer", "decimal", "percent", "date", "point"})  # never broken at the end of a line
NOT_TOLD = UPLOADED | {"explanation"}
IN_A_LINE = 2  # a list of so many columns reads as lines, a wider one as a table


@dataclass(frozen=True, slots=True)
class BadgeView:
    """A badge as the parts of the look want it."""

    name: str
    label: str
    tone: str
    text: str
    why: str


def show(field: Field, value: Any, link: Callable[[Any], str] | None = None) -> Markup | str:
    """The value for a page; nothing known looks like nothing known. `link` gives the address of a file's value."""
    if value is None or value in ("", [], {}):
        return unknown()
    if field.of:
        return _rows(field, value, link)
    if field.type in UPLOADED:
        found = value if isinstance(value, list) else [value]
        return Markup("<br>").join(show_file(file, link(file) if link else "") for file in found)
    text = show_text(field, value)
    address = _address(field, value)
    if address:
        return Markup('<a href="{}">{}</a>').format(address, text)
    if field.type in TOGETHER or isinstance(value, int | float):
        return Markup('<span class="num">{}</span>').format(text)
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


def told(field: Field, value: Any, personal: bool = True) -> Markup | str:
    """For those who may see it, with its files to open; a list reads as one line a row, which fits beside an act."""
    if field.of and value:
        return Markup("<br>").join(_lines(field, value, personal))
    return show(field, value, lambda file: here(f"/berkas/{file['id']}"))


def told_text(field: Field, value: Any, personal: bool = True) -> str:
    return "; ".join(_lines(field, value, personal)) if field.of else show_text(field, value)


def _lines(field: Field, rows: Iterable[Mapping[str, Any]], personal: bool) -> list[str]:
    """Each row by the columns that this reader may see."""
    columns = [column for column in field.of.values() if personal or column.privacy != "personal"]
    cells = ([plain(c, row[c.name], locale()) for c in columns if row.get(c.name) is not None] for row in rows)
    return [", ".join(filter(None, line)) for line in cells]


def show_file(file: Mapping[str, Any], address: str = "") -> Markup | str:
    """Its name and size; with an address it can be opened, and a picture is seen."""
    if not address:
        return str(file["name"])
    picture = Markup('<img class="thumb" src="{}" alt=""> ').format(address) if _is_picture(file) else ""
    size = Markup(' <span class="soft small">{}</span>').format(file_size(file.get("size", 0)))
    return picture + Markup('<a href="{}">{}</a>').format(address, file["name"]) + size


def _is_picture(file: Mapping[str, Any]) -> bool:
    return str(file.get("type", "")).startswith("image/")


def file_size(size: int) -> str:
    return f"{files.megabytes(size)} MB" if size >= files.MEGABYTE / 10 else f"{-(-size // 1024)} KB"


def _address(field: Field, value: Any) -> str:
    if field.type in ("email", "phone"):
        return {"email": "mailto:", "phone": "tel:"}[field.type] + str(value)
    if field.type == "url":
        return str(value) if re.match(r"https?://", value) else ""
    return record_path(str(field.params.get("to")), value.get("slug")) if field.type == "reference" else ""


def record_path(kind: str, slug: str | None) -> str:
    """The public page of a record, "" where there is none."""
    found = library().kinds.get(kind)
    return here(f"/{found.public.path}/{slug}") if found and found.public and slug else ""


def show_text(field: Field, value: Any) -> str:
    """The value in a sentence."""
    return plain(field, value, locale()) or _("not known yet")


def unknown() -> Markup:
    return Markup('<span class="unknown">{}</span>').format(_("Not known yet"))


def badge_views(kind: RecordKind, badges: Mapping[str, Mapping[str, Any]]) -> list[BadgeView]:
    """Badges in the order of the file; `badges` as entries hold them. One that the file no longer has is left out."""
    return [
        BadgeView(badge.name, words(badge.label), case.tone, words(case.label), _why(kind, case.why, shown["values"]))
        for badge in kind.badges
        if (shown := badges.get(badge.name)) and shown["case"] < len(badge.cases)
        for case in (badge.cases[shown["case"]],)
    ]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the public sees of an entry: (label, value) rows, and the labels of what is not known."""

    rows: tuple[tuple[str, Markup | str], ...]
    unknown: tuple[str, ...]


def sheet(kind: RecordKind, data: Mapping[str, Any]) -> Sheet:
    """Every public field in the order of the file. Its title stands above, and files are not shown."""
    fields = [
        f for f in kind.fields.values() if f.privacy == "public" and f.type not in NOT_TOLD and f.name != kind.title
    ]
    known = [f for f in fields if data.get(f.name) not in (None, "", [])]
    return Sheet(
        tuple((words(f.label), show(f, data[f.name])) for f in known),
        tuple(words(f.label) for f in fields if f not in known),
    )


def subtitle(kind: RecordKind, data: Mapping[str, Any]) -> str:
    """Key and place on one line."""
    names = [name for name in (kind.key, kind.area) if name and data.get(name) is not None]
    return " · ".join(show_text(kind.fields[name], data[name]) for name in names)


def _why(kind: RecordKind, why: Mapping[str, str], values: Mapping[str, Any]) -> str:
    def told(name: str) -> str:
        field = kind.fields.get(name)
        return show_text(field, values.get(name)) if field else ""

    return PLACE.sub(lambda found: told(found[1]), words(why))


def _rows(field: Field, rows: Iterable[Mapping[str, Any]], link: Callable[[Any], str] | None = None) -> Markup:
    """Only columns in which a row has something: the public sees no heading over what is kept from it."""
    rows = list(rows)
    columns = [column for column in field.of.values() if any(row.get(column.name) is not None for row in rows)]
    if len(columns) <= IN_A_LINE:
        lines = (", ".join(show_text(c, row[c.name]) for c in columns if row.get(c.name) is not None) for row in rows)
        return Markup('<ul class="plain">{}</ul>').format(_each(Markup("<li>{}</li>"), lines))
    head = Markup('<th role="columnheader" scope="col">{}</th>')
    heads = _each(head, (words(column.label) for column in columns))
    body = _each(Markup('<tr role="row">{}</tr>'), (_cells(columns, row, link) for row in rows))
    return Markup(
        '<table class="table-plain to-cards" role="table"><caption class="visually-hidden">{}</caption>'
        '<thead role="rowgroup"><tr role="row">{}</tr></thead><tbody role="rowgroup">{}</tbody></table>'
    ).format(words(field.label), heads, body)


def _cells(columns: list[Field], row: Mapping[str, Any], link: Callable[[Any], str] | None) -> Markup:
    first, *rest = columns
    head = Markup('<th role="rowheader" scope="row">{}</th>').format(show(first, row.get(first.name), link))
    cell = Markup('<td role="cell" data-label="{}">{}</td>')
    shown = (cell.format(words(column.label), show(column, row.get(column.name), link)) for column in rest)
    return head + Markup().join(shown)


def _each(pattern: Markup, texts: Iterable[str]) -> Markup:
    return Markup().join(pattern.format(text) for text in texts)

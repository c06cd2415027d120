"""Values of fields as people read them, by the type of the field alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from siskop.base.i18n import gettext as _
from siskop.base.i18n import locale, words
from siskop.engine.definition import PLACEHOLDER, Badge, BadgeCase, Field, Next, RecordKind
from siskop.engine.fields import files
from siskop.engine.fields.registry import UPLOADED, plain
from siskop.engine.standing import filled
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
    next: Next | None = None  # what those who act for the record may begin about it
    period: str = ""  # for which it is begun, where there is one for each


def show(field: Field, value: Any) -> Markup | str:
    """The value for a page; nothing known looks like nothing known."""
    if value is None or value in ("", [], {}):
        return Markup('<span class="unknown">{}</span>').format(_("Not known yet"))
    if field.of:
        return _rows(field, value)
    if field.type in UPLOADED:
        return Markup("<br>").join(map(show_file, value if isinstance(value, list) else [value]))
    text = show_text(field, value)
    address = _address(field, value)
    if address:
        return Markup('<a href="{}">{}</a>').format(address, text)
    if field.type in TOGETHER or isinstance(value, int | float):
        return Markup('<span class="num">{}</span>').format(text)
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


def told(field: Field, value: Any, personal: bool = True) -> Markup | str:
    """For those who may see it; a list reads as one line a row, which fits beside an act."""
    if field.type != "computed" and (value is None or value in ("", [], {})):
        return Markup('<span class="unknown">{}</span>').format(_("Left empty"))
    return Markup("<br>").join(_lines(field, value, personal)) if field.of else show(field, value)


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as the office sees it. `hidden`: there is one that this reader may not see."""

    html: Markup | str = ""
    text: str = ""
    hidden: bool = False


def shown(field: Field, value: Any, personal: bool) -> Shown | None:
    """None where there is no value. Columns of a list keep their own privacy."""
    if value is None or value in ("", [], {}):
        return None
    if field.privacy == "personal" and not personal:
        return Shown(hidden=True)
    text = "; ".join(_lines(field, value, personal)) if field.of else show_text(field, value)
    return Shown(told(field, value, personal), text)


def is_personal(field: Field) -> bool:
    """Whether seeing the whole of it is looking at personal data."""
    return field.privacy == "personal" or any(column.privacy == "personal" for column in field.of.values())


def _lines(field: Field, rows: Iterable[Mapping[str, Any]], personal: bool) -> list[str]:
    """Each row by the columns that this reader may see."""
    columns = [column for column in field.of.values() if personal or column.privacy != "personal"]
    cells = ([_cell(c, row[c.name]) for c in columns if row.get(c.name) is not None] for row in rows)
    return [", ".join(filter(None, line)) for line in cells]


def _cell(column: Field, value: Any) -> str:
    """In a line with others: a yes or no says of what."""
    text = plain(column, value, locale())
    return f"{words(column.label)}: {text}" if column.type == "boolean" else text


def show_file(file: Mapping[str, Any]) -> Markup:
    """Its name, to be opened, and its size; a picture is seen."""
    address, size = here(f"/berkas/{file['id']}"), file.get("size", 0)
    is_picture = str(file.get("type", "")).startswith("image/")
    picture = Markup('<img class="thumb" src="{}" alt=""> ').format(address) if is_picture else Markup()
    told = f"{files.megabytes(size)} MB" if size >= files.MEGABYTE / 10 else f"{-(-size // 1024)} KB"
    link = Markup('<a href="{}">{}</a> <span class="soft small">{}</span>').format(address, file["name"], told)
    return picture + link


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


def badge_views(kind: RecordKind, badges: Mapping[str, Mapping[str, Any]]) -> list[BadgeView]:
    """Badges in the order of the file; `badges` as entries hold them. One that the file no longer has is left out."""
    return [
        _badge_view(kind, badge, badge.cases[shown["case"]], shown["values"])
        for badge in kind.badges
        if (shown := badges.get(badge.name)) and shown["case"] < len(badge.cases)
    ]


def _badge_view(kind: RecordKind, badge: Badge, case: BadgeCase, values: Mapping[str, Any]) -> BadgeView:
    text, why = (filled(kind, words(told), values, locale(), _("not known yet")) for told in (case.label, case.why))
    begun = (values.get(f"{case.next.group}.{part}") for part in ("first_missed", "next")) if case.next else ()
    period = next((str(period) for period in begun if period), "")
    return BadgeView(badge.name, words(badge.label), case.tone, text, why, case.next, period)


def without_values(told: Mapping[str, str]) -> str:
    """The words for all whom they are about: what differs between them is left open."""
    return PLACEHOLDER.sub("…", words(told))


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


def _rows(field: Field, rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Only columns in which a row has something: the public sees no heading over what is kept from it."""
    columns = [column for column in field.of.values() if any(row.get(column.name) is not None for row in rows)]
    if len(columns) <= IN_A_LINE:
        lines = (", ".join(_cell(c, row[c.name]) for c in columns if row.get(c.name) is not None) for row in rows)
        return Markup('<ul class="plain">{}</ul>').format(_each(Markup("<li>{}</li>"), lines))
    head = Markup('<th role="columnheader" scope="col">{}</th>')
    heads = _each(head, (words(column.label) for column in columns))
    body = _each(Markup('<tr role="row">{}</tr>'), (_cells(columns, row) for row in rows))
    return Markup(
        '<table class="table-plain to-cards" role="table"><caption class="visually-hidden">{}</caption>'
        '<thead role="rowgroup"><tr role="row">{}</tr></thead><tbody role="rowgroup">{}</tbody></table>'
    ).format(words(field.label), heads, body)


def _cells(columns: list[Field], row: Mapping[str, Any]) -> Markup:
    first, *rest = columns
    head = Markup('<th role="rowheader" scope="row">{}</th>').format(show(first, row.get(first.name)))
    cell = Markup('<td role="cell" data-label="{}">{}</td>')
    shown = (cell.format(words(column.label), show(column, row.get(column.name))) for column in rest)
    return head + Markup().join(shown)


def _each(pattern: Markup, texts: Iterable[str]) -> Markup:
    return Markup().join(pattern.format(text) for text in texts)

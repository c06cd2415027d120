"""Words in the reader's language: Indonesian first, English by construction (the msgids are English).

Translations are plain .po files, one a part of the product, merged at start from siskop/translations/<locale>/.
Outside a request the language is Indonesian unless `speaking` says otherwise.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel
from babel import dates, numbers
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request

LOCALES = ("id", "en")
JAKARTA = ZoneInfo("Asia/Jakarta")
TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
PLACE = re.compile(r"\{([\w.]+)\}")
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


def init_app(app: Flask) -> None:
    """Gives templates `_`, `ngettext` and the formats, and Flask-Babel (which Flask-Security asks) our locale."""
    flask_babel.Babel(app, default_locale="id", default_timezone="Asia/Jakarta", locale_selector=locale)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: catalog(locale()).ugettext(text),
        lambda one, many, n: catalog(locale()).ungettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.globals.update(
        words=words, locale=locale, format_date=format_date, format_datetime=format_datetime, days_left=days_left
    )
    app.jinja_env.filters.update(
        words=words, date=format_date, datetime=format_datetime, rupiah=format_rupiah, number=format_number
    )


def locale() -> str:
    """ "id" or "en": what `speaking` forces, else what the address says (`/en` in front)."""
    forced = _spoken.get()
    if forced:
        return forced
    if has_request_context():
        return "en" if request.script_root.endswith("/en") else "id"
    return "id"


@contextmanager
def speaking(language: str) -> Iterator[None]:
    token = _spoken.set(language if language in LOCALES else "id")
    try:
        yield
    finally:
        _spoken.reset(token)


def gettext(text: str, **params: Any) -> str:
    translated = catalog(locale()).ugettext(text)
    return translated % params if params else translated


def ngettext(one: str, many: str, n: int, **params: Any) -> str:
    return catalog(locale()).ungettext(one, many, n) % {"n": n, **params}


def N_(text: str) -> str:
    """Marks a msgid that is translated later, where it is shown."""
    return text


def words(mapping: Mapping[str, str] | str | None) -> str:
    """The text of a data file, `{id: …, en: …}`, in the current language; a plain string is itself."""
    if mapping is None or isinstance(mapping, str):
        return mapping or ""
    return mapping.get(locale()) or mapping.get("id") or next(iter(mapping.values()), "")


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Placeholders only, never expressions; what is unknown becomes nothing (the loader has checked the names)."""
    return PLACE.sub(lambda match: shown(values.get(match[1])), template)


def shown(value: Any) -> str:
    """A value in the current language: days written out, {id, en} chosen, the rest as it is."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return format_datetime(value)
    if isinstance(value, date):
        return format_date(value)
    return words(value) if isinstance(value, Mapping) else str(value)


@cache
def catalog(language: str) -> NullTranslations:
    merged = Catalog(locale=language)
    for path in sorted((TRANSLATIONS / language).glob("*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale=language):
                if message.id and message.string and not message.fuzzy:
                    merged[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    found = Translations(compiled)
    if language == "id":
        found.plural = lambda _n: 0  # Indonesian has one form, which Babel does not know
    return found


def format_date(day: date | datetime | None) -> str:
    """24 November 2026; an instant is taken to Jakarta first."""
    if day is None:
        return ""
    local = day.astimezone(JAKARTA).date() if isinstance(day, datetime) else day
    return dates.format_date(local, "d MMMM y", locale=locale())


def format_datetime(instant: datetime | None) -> str:
    """24 November 2026 pukul 14.05 WIB"""
    if instant is None:
        return ""
    local = instant.astimezone(JAKARTA)
    clock = f" pukul {local:%H.%M} WIB" if locale() == "id" else f", {local:%H:%M} WIB"
    return format_date(local) + clock


def format_number(value: int | float | None) -> str:
    return "" if value is None else numbers.format_decimal(value, locale=locale())


def format_rupiah(amount: int | None) -> str:
    """Whole rupiah: Rp 1.234.567, with a no-break space; the sign stands in front."""
    if amount is None:
        return ""
    return f"{'-' if amount < 0 else ''}Rp\u00a0{numbers.format_decimal(abs(amount), locale='id')}"


def days_left(on: date | datetime, today: date | None = None) -> str:
    """How far away a day is: "today", "3 days left", "2 days late". `today` defaults to the database's day."""
    from siskop.base import db  # the day of the adjustable clock; db itself needs no words

    day = on.astimezone(JAKARTA).date() if isinstance(on, datetime) else on
    left = (day - (today or db.today(db.reading()))).days
    if left < 0:
        return ngettext("%(n)s day late", "%(n)s days late", -left)
    if left < 2:
        return gettext("tomorrow") if left else gettext("today")
    return ngettext("%(n)s day left", "%(n)s days left", left)

"""What the frame around every page shows: the site's name, the way through it, and the other language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Flask, g, request
from markupsafe import Markup

from siskop.base.i18n import format_date, format_datetime, locale, words
from siskop.base.i18n import gettext as _
from siskop.engine.definition import RecordKind
from siskop.submissions.definitions import library

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}


@dataclass(frozen=True, slots=True)
class Site:
    """`name` of the site, `place` it serves, `owner` who answers for it."""

    name: str
    place: str
    owner: str


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    code: str
    name: str
    url: str


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        site=site,
        here=here,
        current=current,
        language=locale,
        other_language=other_language,
        public_kinds=public_kinds,
        site_nav=site_nav,
        reader_name=reader_name,
        format_date=format_date,
        format_datetime=format_datetime,
    )


def site() -> Site:
    """From the list `site` (columns name, label_id, label_en; rows name, place, owner), else the built-in words."""
    told = {row.get("name", ""): words(_labels(row)) for row in _lists().get("site", ())}
    return Site(
        name=told.get("name") or "Siskop",
        place=told.get("place") or _("Kota Tangerang Selatan"),
        owner=told.get("owner") or _("Office of Cooperatives and Small Businesses"),
    )


def here(path: str) -> str:
    """An address of this site in the language that is shown now."""
    return f"{request.script_root}{path}"


def current(url: str, among: Iterable[str] = ()) -> Markup:
    """The attribute that marks the link to the page one is on, or to the nearest above it `among` the links there."""
    path = f"{request.script_root}{request.path}"
    if path == url:
        return Markup(' aria-current="page"')
    above = [link for link in (url, *among) if (path.startswith(f"{link}/") and link != here("/")) or path == link]
    return Markup(' aria-current="true"') if above and max(above, key=len) == url else Markup("")


def other_language() -> OtherLanguage | None:
    """The same page in the other language; nothing on an answer to a post, whose address may not be readable."""
    if request.method not in ("GET", "HEAD"):
        return None
    code = "id" if locale() == "en" else "en"
    query = request.query_string.decode("utf-8", "replace")
    path = ("/en" if code == "en" else "") + request.path + (f"?{query}" if query else "")
    return OtherLanguage(code, LANGUAGES[code], path)


def public_kinds() -> list[tuple[str, str]]:
    """(address, label) of every directory that is open to all; what belongs to something else comes last."""
    kinds = sorted(_kinds(), key=lambda kind: kind.child_of is not None)
    return [(here(f"/{kind.public.path}"), words(kind.public.label)) for kind in kinds if kind.public]


def reader_name() -> str:
    """Who is signed in, where the gate has looked; never looks itself."""
    reader = g.get("reader")
    return reader.account.name if reader else ""


def site_nav(door: str) -> list[tuple[str, str]]:
    if door == "cooperative":
        reader = g.get("reader")
        office = [(here("/kantor"), _("Office room"))] if reader and reader.may("desk") else []
        return [(here("/ruang"), _("Home")), *office]
    if door == "office":
        own = {"": _("Inbox"), "/mulai": _("Begin"), "/alur": _("Workflows"), "/wakil": _("Deputies")}
        chief = [k for k in _kinds() if k.public and k.child_of is None]
        kinds = [(here(f"/{k.public.path}"), words(k.public.label)) for k in chief if k.public]
        return [*((here(f"/kantor{path}"), label) for path, label in own.items()), *kinds]
    return public_kinds()


def without_data() -> None:
    """Nothing more is asked of the definitions in this request: the page tells that they cannot be had."""
    g.without_data = True


def _kinds() -> list[RecordKind]:
    return [] if g.get("without_data") else list(library().kinds.values())


def _lists() -> Mapping[str, tuple[Mapping[str, str], ...]]:
    return {} if g.get("without_data") else library().lists


def _labels(row: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix("label_"): value for key, value in row.items() if key.startswith("label_")}

"""What the frame around every page shows: the site's name, the way through it, and the other language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Flask, g, request
from markupsafe import Markup

from siskop.base.i18n import gettext as _
from siskop.base.i18n import locale, words
from siskop.submissions.definitions import library

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        site=site,
        here=here,
        current=current,
        other_language=other_language,
        door=door,
        site_nav=site_nav,
        reader_name=reader_name,
        address_fails=address_fails,
    )


def site() -> dict[str, str]:
    """The site's own words, from the list `site` (columns name, label_id, label_en); neutral where it says nothing."""
    ours = {
        "name": "Siskop",
        "place": "",
        "owner": _("The office"),
        "room": _("Your room"),
        "find": _("Look up what is registered"),
        "find_lead": _("See how it stands, and how its data has changed."),
        "find_by": _("Name, or the place where it is"),
        "find_note": "",
        "invite": _("Do you want to send something in?"),
        "invite_lead": _("Open an account and fill in the form. You may stop at any time; what you filled in is kept."),
        "invite_note": "",
        "invite_button": _("Send in data"),
    }
    rows = () if g.get("without_data") else library().lists.get("site", ())
    told = {row.get("name", ""): words(_labels(row)) for row in rows}
    return ours | {name: text for name, text in told.items() if text}


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


def other_language() -> tuple[str, str, str] | None:
    """(code, name, address) of the same page in the other language; nothing on an answer to a post, whose address may
    not be readable."""
    if request.method not in ("GET", "HEAD"):
        return None
    code = "id" if locale() == "en" else "en"
    query = request.query_string.decode("utf-8", "replace")
    path = ("/en" if code == "en" else "") + request.path + (f"?{query}" if query else "")
    return code, LANGUAGES[code], path


def door() -> str:
    """By which door this page is entered: "public", "cooperative" or "office". Only the gate lets anybody further."""
    reader = g.get("reader")
    if not reader or g.get("without_data"):
        return "public"
    rooms = {"review": "office", "admin": "office", "cooperative": "cooperative"}
    return rooms.get(request.blueprint or "") or ("office" if reader.may("desk") else "cooperative")


def reader_name() -> str:
    """Who is signed in, where the gate has looked; never looks itself."""
    reader = g.get("reader")
    return reader.account.name if reader else ""


def address_fails() -> bool:
    """Whether mail to whoever reads this page comes back."""
    reader = g.get("reader")
    return bool(reader and reader.account.mail_bad)


def site_nav(door: str) -> list[tuple[str, str]]:
    """(address, label) of the main links; of directories, what belongs to something else comes last."""
    reader = g.get("reader")
    if door == "cooperative":
        office = [(here("/kantor"), _("Office room"))] if reader and reader.may("desk") else []
        return [(here("/ruang"), _("Home")), *office]
    if door == "office":
        own = {"": _("Inbox"), "/mulai": _("Begin"), "/surat": _("Letters"), "/alur": _("Workflows")}
        own["/wakil"] = _("Deputies")
        if reader and reader.may("jobs"):
            own["/pekerjaan"] = _("Jobs")
        if reader and reader.may("audit"):
            own["/surel"] = _("Mails")
        return [*((here(f"/kantor{path}"), label) for path, label in own.items()), *_directories(chief=True)]
    return [*_directories(chief=True), *_directories(chief=False)]


def _directories(*, chief: bool) -> list[tuple[str, str]]:
    """Those of what stands for itself, or of what belongs to something else."""
    kinds = [] if g.get("without_data") else library().kinds.values()
    found = [kind.public for kind in kinds if kind.public and (kind.child_of is None) == chief]
    return [(here(f"/{public.path}"), words(public.label)) for public in found]


def without_data() -> None:
    """Nothing more is asked of the definitions in this request: the page tells that they cannot be had."""
    g.without_data = True


def _labels(row: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix("label_"): value for key, value in row.items() if key.startswith("label_")}

"""What everybody may see: home, directories, entries and their versions. No cookie, no session, public role only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from siskop.base.db import Tx, public_reading
from siskop.base.errors import NotFound
from siskop.base.i18n import format_date, locale, words
from siskop.base.i18n import gettext as _
from siskop.engine.definition import RecordKind
from siskop.letters import shelf
from siskop.register import directory
from siskop.register.directory import Asked
from siskop.register.facts import alike
from siskop.submissions.definitions import library
from siskop.web import filters, values
from siskop.web.cooperative import starting
from siskop.web.frame import here

FRESH_SECONDS = 60
P = ParamSpec("P")

blueprint = Blueprint("public", __name__)


@blueprint.record_once
def give_words(state: BlueprintSetupState) -> None:
    """What templates of every room may use to show values and badges."""
    state.app.jinja_env.globals.update(
        show_file=values.show_file,
        show_text=values.show_text,
        sheet=values.sheet,
        subtitle=values.subtitle,
        badge_views=values.badge_views,
        address=filters.address,
        line_summary=filters.summary,
        highlight=filters.highlight,
        field_names=filters.field_names,
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """A request's look at the register: the connection, the newest line of the log, and the day in Jakarta."""

    tx: Tx
    seq: int
    changed_at: datetime | None
    today: date


def fresh(page: Callable[Concatenate[Visit, P], str]) -> Callable[P, Response]:
    """Decorates a page of the register: 304, without making it, when the reader has it as it is now."""

    @wraps(page)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
        with public_reading() as tx:
            visit = Visit(tx, *directory.last_change(tx), directory.today(tx))
            tag = _tag(visit)
            known = request.if_none_match.contains(tag)
            response = Response(status=304) if known else make_response(page(visit, *args, **kwargs))
        day = datetime.combine(visit.today, time(), UTC)
        response.set_etag(tag)
        response.last_modified = max(visit.changed_at or day, day)
        response.cache_control.public = True
        response.cache_control.max_age = FRESH_SECONDS
        response.make_conditional(request)
        return response

    return answered


@blueprint.get("/")
@fresh
def home(visit: Visit) -> str:
    tx, kinds = visit.tx, library().kinds
    shown = sorted((kind for kind in kinds.values() if kind.public), key=lambda kind: kind.child_of is not None)
    first = shown[0] if shown else None
    return _page(
        visit,
        "home",
        kind=first,
        figures=[(kind, _figures(visit, kind)) for kind in shown],
        suggestions=filters.suggestions(first, directory.search(tx, first, Asked())) if first else [],
        news=[(kinds[line.kind], line) for line in directory.news(tx) if line.kind in kinds],
    )


@blueprint.get("/<path>")
@fresh
def entries(visit: Visit, path: str) -> str:
    """The directory of a kind; see `filters.asked` for what it can be asked."""
    kind = _kind(path)
    asked = filters.asked(kind)
    found = directory.search(visit.tx, kind, asked, library().lists.get(kind.abbreviations or "", ()))
    return _page(
        visit,
        "directory",
        kind=kind,
        found=found,
        asked=asked,
        groups=filters.groups(kind, found, asked),
        chosen=filters.chosen(kind, asked),
        next_url=filters.address(kind, replace(asked, after=found.after)) if found.after else None,
        first_url=filters.address(kind, replace(asked, after="")) if asked.after else None,
    )


@blueprint.get("/<path>/<slug>")
@fresh
def entry(visit: Visit, path: str, slug: str) -> str:
    """With what belongs to it, by kind, and what it belongs to."""
    tx, kinds, kind = visit.tx, library().kinds, _kind(path)
    line = directory.entry(tx, kind, slug)
    below = [one for one in kinds.values() if one.public and one.child_of and one.child_of.record == kind.name]
    above = directory.parent_of(tx, line) if line.parent else None
    return _page(
        visit,
        "entry",
        kind=kind,
        line=line,
        versions=directory.versions(tx, line.record_id),
        below=[(one, lines) for one in below if (lines := directory.children(tx, one, line.record_id))],
        above=(kinds[above[0]], above[1]) if above and above[0] in kinds and kinds[above[0]].public else None,
        begins=[(here(f"/mulai/{name}/{line.slug}"), label) for name, label in starting.from_public(kind.name)],
    )


@blueprint.get("/<path>/<slug>/versi/<int:number>")
@fresh
def version(visit: Visit, path: str, slug: str, number: int) -> str:
    """The values as they were published then, and what changed by it."""
    kind = _kind(path)
    line = directory.entry(visit.tx, kind, slug)
    known = {one.number: one for one in directory.versions(visit.tx, line.record_id)}
    if number not in known:
        raise NotFound
    before = known[number - 1].data if number - 1 in known else {}
    return _page(visit, "version", kind=kind, line=line, version=known[number], before=before)


def _figures(visit: Visit, kind: RecordKind) -> list[tuple[int, str, str]]:
    """(number, name, what it means and of when): all entries, then for each badge those with its first good case."""
    total, counts = directory.badge_counts(visit.tx, kind)
    day = format_date(visit.today)
    figures = [(total, _("registered"), _("Checked by the office and published. As of %(day)s.", day=day))]
    for badge in kind.badges:
        good = next((n for n, case in enumerate(badge.cases) if case.tone == "good"), None)
        if good is not None:
            name, what = values.without_values(badge.cases[good].label), words(badge.label)
            why = _("By their status under “%(what)s”. As of %(day)s.", what=what, day=day)
            figures.append((counts[badge.name].get(str(alike(badge, good)), 0), name, why))
    return figures


def _kind(path: str) -> RecordKind:
    """Raises NotFound for what is no directory."""
    for kind in library().kinds.values():
        if kind.public and kind.public.path == path:
            return kind
    raise NotFound


def _page(visit: Visit, name: str, **context: Any) -> str:
    return render_template(f"public/{name}.html", changed_at=visit.changed_at, **context)


def _tag(visit: Visit) -> str:
    """What a page depends on: the register's log, the day, the definitions, the look, the language and the address."""
    definitions = library()
    look = current_app.extensions["siskop.assets"].digest
    parts = (visit.seq, visit.today, definitions.digest, definitions.set_id, look, locale(), request.full_path)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


@blueprint.get("/verifikasi")
def verification() -> ResponseReturnValue:
    """?kode= leads to the answer about that letter."""
    code = _code(request.args.get("kode", ""))
    return redirect(here(f"/verifikasi/{code}"), 303) if code else _told(None, "")


@blueprint.get("/verifikasi/<code>")
def verified(code: str) -> ResponseReturnValue:
    """Valid, withdrawn, or unknown (404); as people copy codes: in small letters, with or without hyphens."""
    with public_reading() as tx:
        found = shelf.verified(tx, _code(code))
    return _told(found, _code(code)), 200 if found else 404


def _code(typed: str) -> str:
    letters = "".join(c for c in typed.upper() if c.isascii() and c.isalnum())[:40]
    return "-".join(letters[n : n + 4] for n in range(0, len(letters), 4))


def _told(found: shelf.Verified | None, code: str) -> str:
    return render_template("public/verification.html", found=found, code=code)

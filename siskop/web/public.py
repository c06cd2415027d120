"""What everybody may see: home, directories, entries and their versions. No cookie, no session, public role only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.sansio.blueprints import BlueprintSetupState

from siskop.base.db import Tx, public_reading
from siskop.base.errors import NotFound
from siskop.base.i18n import format_date, locale, words
from siskop.base.i18n import gettext as _
from siskop.engine.definition import RecordKind
from siskop.register import directory
from siskop.register.directory import Asked
from siskop.submissions.definitions import library
from siskop.web import filters, values

FRESH_SECONDS = 60

blueprint = Blueprint("public", __name__)


@blueprint.record_once
def give_words(state: BlueprintSetupState) -> None:
    """What templates of every room may use to show values and badges."""
    state.app.jinja_env.globals.update(
        show=values.show,
        show_text=values.show_text,
        sheet=values.sheet,
        subtitle=values.subtitle,
        badge_views=values.badge_views,
        address=filters.address,
        line_summary=filters.summary,
        highlight=filters.highlight,
        field_names=filters.field_names,
    )


@blueprint.get("/")
def home() -> Response:
    with public_reading() as tx:
        return _fresh(tx, lambda: _home(tx))


@blueprint.get("/<path>")
def entries(path: str) -> Response:
    """The directory of a kind; see `filters.asked` for what it can be asked."""
    kind = _kind(path)
    with public_reading() as tx:
        return _fresh(tx, lambda: _directory(tx, kind, filters.asked(kind)))


@blueprint.get("/<path>/<slug>")
def entry(path: str, slug: str) -> Response:
    kind = _kind(path)
    with public_reading() as tx:
        line = directory.entry(tx, kind, slug)
        return _fresh(tx, lambda: _page(tx, "entry", kind=kind, line=line, versions=_versions(tx, line)))


@blueprint.get("/<path>/<slug>/versi/<int:number>")
def version(path: str, slug: str, number: int) -> Response:
    """The values as they were published then, and what changed by it."""
    kind = _kind(path)
    with public_reading() as tx:
        line = directory.entry(tx, kind, slug)
        known = {one.number: one for one in _versions(tx, line)}
        if number not in known:
            raise NotFound
        before = known[number - 1].data if number - 1 in known else {}
        return _fresh(tx, lambda: _page(tx, "version", kind=kind, line=line, version=known[number], before=before))


def _home(tx: Tx) -> str:
    kinds = library().kinds
    shown = [kind for kind in kinds.values() if kind.public]
    first = shown[0] if shown else None
    return _page(
        tx,
        "home",
        kind=first,
        figures=[(kind, _figures(tx, kind)) for kind in shown],
        suggestions=filters.suggestions(first, directory.search(tx, first, Asked())) if first else [],
        news=[(kinds[line.kind], line) for line in directory.news(tx) if line.kind in kinds],
    )


def _figures(tx: Tx, kind: RecordKind) -> list[tuple[int, str, str]]:
    """(number, name, what it means and of when): all entries, then for each badge those with its first good case."""
    total, counts = directory.badge_counts(tx, kind)
    day = format_date(directory.today(tx))
    figures = [(total, _("registered"), _("Checked by the office and published. As of %(day)s.", day=day))]
    for badge in kind.badges:
        good = next((n for n, case in enumerate(badge.cases) if case.tone == "good"), None)
        if good is not None:
            name, what = words(badge.cases[good].label), words(badge.label)
            why = _("Those that stand so under “%(what)s”. As of %(day)s.", what=what, day=day)
            figures.append((counts[badge.name].get(str(good), 0), name, why))
    return figures


def _directory(tx: Tx, kind: RecordKind, asked: Asked) -> str:
    found = directory.search(tx, kind, asked, library().lists.get(kind.abbreviations or "", ()))
    return _page(
        tx,
        "directory",
        kind=kind,
        found=found,
        asked=asked,
        groups=filters.groups(kind, found, asked),
        chosen=filters.chosen(kind, asked),
        next_url=filters.address(kind, replace(asked, after=found.after)) if found.after else None,
        first_url=filters.address(kind, replace(asked, after="")) if asked.after else None,
    )


def _versions(tx: Tx, line: directory.Line) -> list[directory.Version]:
    return directory.versions(tx, line.record_id)


def _kind(path: str) -> RecordKind:
    """Raises NotFound for what is no directory."""
    for kind in library().kinds.values():
        if kind.public and kind.public.path == path:
            return kind
    raise NotFound


def _page(tx: Tx, name: str, **context: Any) -> str:
    seq, changed_at = directory.last_change(tx)
    return render_template(f"public/{name}.html", changed_at=changed_at, today=directory.today(tx), seq=seq, **context)


def _fresh(tx: Tx, page: Callable[[], str]) -> Response:
    """The page, or 304 without making it when the reader has it as it is now."""
    tag, at = _mark(tx)
    if request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        response = make_response(page())
    response.set_etag(tag)
    response.last_modified = at
    response.cache_control.public = True
    response.cache_control.max_age = FRESH_SECONDS
    response.make_conditional(request)
    return response


def _mark(tx: Tx) -> tuple[str, datetime]:
    """What a page depends on: the register's log, the day, the definitions, the look, the language and the address."""
    seq, changed_at = directory.last_change(tx)
    today = directory.today(tx)
    look = current_app.extensions["siskop.assets"].digest
    parts = (seq, today, library().digest, library().set_id, look, locale(), request.full_path)
    day = datetime.combine(today, time(), UTC)
    tag = hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
    return tag, max(changed_at or day, day)

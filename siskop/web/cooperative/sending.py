"""Check your answers, then send: once, on what was looked at, and only when nothing is missing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from siskop.base import errors
from siskop.base.db import reading
from siskop.base.i18n import gettext as _
from siskop.base.i18n import words
from siskop.engine import form
from siskop.engine.case import Command
from siskop.engine.definition import Field, Page
from siskop.submissions import definitions, door
from siskop.web import forms, values
from siskop.web.cooperative import blueprint, tasks, visit, way
from siskop.web.cooperative.visit import Visit
from siskop.web.repeat import once


@dataclass(frozen=True, slots=True)
class Row:
    """`mark`: corrected (asked, and now another), changed (against what it began from), or ''. Without a `url` there
    is nothing to change: it is worked out, or fixed by the start."""

    name: str
    label: str
    value: Markup | str
    url: str
    mark: str


@blueprint.get("/pengajuan/<number>/periksa")
def check(number: str) -> str:
    return _show(visit.editing(number))


@blueprint.post("/pengajuan/<number>/periksa")
@once
def send(number: str) -> ResponseReturnValue:
    seen = visit.editing(number)
    offer = seen.send
    if not seen.ready or offer is None:
        return _show(seen), 422
    if request.form.get("looked") != looked_at(seen):
        changed = _("An answer was changed since you looked at this page. Look at it again, then send.")
        return _show(seen, [("benar", changed)]), 409
    if "benar" not in request.form:
        return _show(seen, [("benar", _("Confirm that the data is right before you send it."))]), 422
    try:
        door.perform(number, seen.me, Command("act", offer.name), basis=request.form.get("basis"))
    except errors.Invalid:
        return _show(visit.editing(number)), 422
    return redirect(url_for(".status", number=number, terkirim=1), 303)


def looked_at(seen: Visit) -> str:
    """A mark of the answers as they stand: what a colleague changed meanwhile is not sent unseen."""
    return hashlib.sha256(json.dumps(seen.view.draft, sort_keys=True).encode()).hexdigest()[:16]


def _show(seen: Visit, problems: list[tuple[str, str]] | None = None) -> str:
    definition, offer = seen.view.definition, seen.send
    days, calendar = definition.deadline_days, definitions.library(reading()).calendar
    return render_template(
        "cooperative/check.html",
        seen=seen,
        groups=[(page, _rows(page, seen)) for page in seen.pages],
        warnings=forms.summary(definition.form, seen.judged.warnings),
        lacking=forms.summary(definition.form, seen.problems),
        left="" if seen.ready else tasks.left(seen),
        following=tasks.next_of(seen),
        problems=problems or [],
        looked=looked_at(seen),
        button=words(definition.actions[offer.name].label) if offer else "",
        due=calendar.add(seen.view.today, days, definition.deadline_working) if days else None,
        ahead=[way.label(definition.states[state]) for state in way.route(definition, seen.view.case.state)],
        public=[words(f.label) for f in definition.form.fields.values() if f.privacy == "public"]
        if definition.kind.public
        else [],
    )


def _rows(page: Page, seen: Visit) -> list[Row]:
    shown = [seen.form.fields[part.name] for part in page.fields if part.name in seen.judged.shown]
    return [_row(field, page, seen) for field in shown if field.type != "explanation"]


def _row(field: Field, page: Page, seen: Visit) -> Row:
    now, view, url, mark = {field.name: seen.judged.values.get(field.name)}, seen.view, "", ""
    if field.name in seen.asking(page):
        url = url_for(".page", number=seen.number, name=page.name, dari="periksa", _anchor=f"f-{field.name}")
    if field.name in seen.asked and form.differences(now, view.proposed, now):
        mark = "corrected"
    elif view.record_version and form.differences(now, view.base, now):
        mark = "changed"
    return Row(field.name, words(field.label), values.told(field, now[field.name]), url, mark)

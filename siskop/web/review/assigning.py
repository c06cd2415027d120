"""Giving a seat to somebody who holds its role for the area today, with what they have on their desks already."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from siskop.accounts import people
from siskop.base.db import reading
from siskop.base.errors import Conflict, NotFound
from siskop.base.i18n import gettext as _
from siskop.engine.case import Command
from siskop.engine.people import who_of
from siskop.submissions import door
from siskop.submissions.view import View
from siskop.web.repeat import once
from siskop.web.review import blueprint, decisions, visit


@blueprint.get("/pengajuan/<number>/tugaskan/<step>")
def choose(number: str, step: str) -> str:
    _here, seen = visit.load(number)
    return render_template("review/assign.html", view=seen, step=_step(seen, step), people=_fitting(seen, step))


@blueprint.post("/pengajuan/<number>/tugaskan/<step>")
@once
def assign(number: str, step: str) -> Response | tuple[str, int]:
    here, seen = visit.load(number)
    _step(seen, step)
    person = request.form.get("person", type=int)
    if person is None or person not in {account for account, _name, _load in _fitting(seen, step)}:
        flash(_("Choose who should do it."))
        return redirect(url_for(".choose", number=number, step=step))
    try:
        door.perform(number, here, Command("assign", step, {"person": person}))
    except (door.Refused, Conflict) as error:
        return decisions.changed(number, error)
    name = people.names(reading(), [person]).get(person, "")
    flash(_("Assigned to %(name)s.", name=name))
    return redirect(url_for(".page", number=number))


def _step(seen: View, step: str) -> object:
    offer = seen.offer("assign", step)
    if offer is None or step not in seen.state.steps:
        raise NotFound()
    return seen.state.steps[step]


def _fitting(seen: View, step: str) -> list[tuple[int, str, int]]:
    """(account, name, open tasks), least busy first, without those who may not sit there."""
    who = who_of(seen.definition, seen.state, seen.state.steps[step])
    area = seen.merged.get(who.area or "") if who.area else None
    barred = {seen.case.starter or 0, *seen.case.submitters, *seen.case.authors}
    for what in who.exclude:
        barred |= seen.case.did.get(what.removeprefix("did."), frozenset()) if what.startswith("did.") else set()
    found = people.candidates(reading(), who, area, barred)
    names = people.names(reading(), [c.id for c in found])
    return [(c.id, names.get(c.id, ""), c.load) for c in found]

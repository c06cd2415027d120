"""What the office begins itself: choose what, find the record, go on to the form. And every workflow as a picture."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.base.db import reading
from siskop.base.errors import Invalid, NotFound, Refusal
from siskop.base.i18n import words
from siskop.engine.case import Actor
from siskop.engine.definition import Definition
from siskop.submissions import definitions, desk, door, founding, view
from siskop.web import gate, history
from siskop.web.cooperative.starting import period_of
from siskop.web.repeat import once
from siskop.web.review import blueprint, visit

MOST_WORDS = 100


@blueprint.get("/mulai")
def beginnings() -> str:
    me = gate.actor()
    found = [d for d in definitions.library(reading()).workflows.values() if _begins(d, me)]
    return render_template("review/begin.html", flows=[(d.name, words(d.label), _about(d)) for d in found])


@blueprint.get("/mulai/<workflow>")
def find(workflow: str) -> str:
    """?q= part of a name, or a number."""
    return _find(_definition(workflow))


@blueprint.post("/mulai/<workflow>")
@once
def begin(workflow: str) -> ResponseReturnValue:
    definition, me = _definition(workflow), gate.actor()
    record = visit.asked_id("record")
    try:
        number = door.start(workflow, me, record, request.form.get("period", "").strip()[:MOST_WORDS] or None)
    except NotFound:
        raise
    except Refusal as error:
        problems = error.problems.values() if isinstance(error, Invalid) else [[error.message]]
        return _find(definition, [("q", text) for texts in problems for text in texts]), 422
    editable = view.load(reading(), number, me).editable
    return redirect(url_for("cooperative.overview" if editable else ".page", number=number), 303)


@blueprint.get("/alur")
def workflows() -> str:
    """Every workflow in force, with what runs on which version of it; ?lihat= the one that is drawn."""
    tx, shown = reading(), request.args.get("lihat", "")
    every, running = definitions.library(tx).workflows.values(), desk.running(tx)
    drawn = [(d, history.picture(d) if d.name == shown else "", running.get(d.name, [])) for d in every]
    return render_template("review/flows.html", drawn=drawn)


def _begins(definition: Definition, me: Actor) -> bool:
    return definition.start.role is not None and founding.holds_start_role(definition, me)


def _definition(workflow: str) -> Definition:
    found = definitions.library(reading()).workflows.get(workflow)
    if found is None or not _begins(found, gate.actor()):
        raise NotFound()
    return found


def _about(definition: Definition) -> str:
    """What kind of record it begins on."""
    child_of = definition.kind.child_of
    kinds = definitions.library(reading()).kinds
    return words((kinds[child_of.record] if child_of else definition.kind).label)


def _find(definition: Definition, problems: Sequence[tuple[str, str]] = ()) -> str:
    q = request.args.get("q", "")[:MOST_WORDS].strip()
    found = founding.registered(reading(), definition, gate.actor(), q) if q else []
    period = period_of(definition)
    return render_template(
        "review/find.html",
        workflow=definition,
        q=q,
        found=[(row, desk.area_words(definition, row.area)) for row in found],
        period=words(period.label) if period else "",
        may_found=definition.kind.child_of is None and founding.begins_on_nothing(definition),
        problems=problems,
        typed=request.form.get("period", ""),
        about=_about(definition),
    )

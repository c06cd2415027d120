"""Who stands in for me, for whom I stand in; for a role with `people`, everybody's."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.accounts import deputies as standing_in
from siskop.accounts import people
from siskop.base.db import reading, today, unit_of_work
from siskop.base.errors import Invalid, NotFound
from siskop.base.i18n import gettext as _
from siskop.engine.case import Actor
from siskop.submissions.definitions import library
from siskop.web import gate
from siskop.web.repeat import once
from siskop.web.review import blueprint


@blueprint.get("/wakil")
def deputies() -> str:
    return _show()


@blueprint.post("/wakil")
@once
def name_deputy() -> ResponseReturnValue:
    me, others = gate.actor(), gate.may("people")
    principal = request.form.get("untuk", type=int) or me.id or 0
    if principal != me.id and (not others or principal not in {a.id for a in office()}):
        raise NotFound()
    days = _day("dari"), _day("sampai")
    chosen = request.form.get("orang", type=int)
    among = {a.id for a in office() if a.id is not None}
    try:
        with unit_of_work() as tx:
            standing_in.name(tx, principal, chosen, days, among)
    except Invalid as error:
        return _show(error.problems), 422
    flash(_("%(name)s stands in.", name=people.names(reading(), [chosen or 0]).get(chosen or 0, "")))
    return redirect(url_for(".deputies"))


@blueprint.post("/wakil/<int:deputyship>/akhiri")
@once
def end_deputy(deputyship: int) -> ResponseReturnValue:
    me = gate.actor()
    with unit_of_work() as tx:
        ended = standing_in.end(tx, deputyship, None if gate.may("people") else me.id)
    flash(_("%(name)s stands in no more.", name=ended.deputy_name))
    return redirect(url_for(".deputies"))


def office() -> list[Actor]:
    """Everybody whose own roles have the desk today, by name."""
    roles = library(reading()).roles
    return [actor for actor in people.staff(reading()) if "desk" in people.may_words(actor.grants, roles)]


def _day(name: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(request.form.get(name, "").strip())
    return None


def _show(problems: dict[str, list[str]] | None = None) -> str:
    me, tx = gate.actor(), reading()
    everybody = standing_in.standing(tx)
    return render_template(
        "review/deputies.html",
        me=me,
        mine=[d for d in everybody if d.principal == me.id],
        asked=[d for d in everybody if d.deputy == me.id],
        others=[d for d in everybody if me.id not in (d.principal, d.deputy)] if gate.may("people") else None,
        colleagues=office(),
        today=today(tx),
        problems=problems or {},
        summary=[(name, " ".join(texts)) for name, texts in (problems or {}).items()],
        typed=request.form,
    )

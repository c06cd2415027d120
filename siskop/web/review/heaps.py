"""Work that is in the wrong place: all tasks of a person given to others, and seats that nobody can take."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.accounts import people
from siskop.base.db import now, reading
from siskop.base.errors import NotFound
from siskop.engine.case import Actor
from siskop.submissions import definitions, desk, moving, seats
from siskop.submissions.moving import Moved, Task
from siskop.submissions.seats import Vacancy
from siskop.web import gate
from siskop.web.repeat import once
from siskop.web.review import blueprint, visit
from siskop.web.review.deputies import office


@blueprint.get("/pindahkan")
def moving_page() -> str:
    """?orang= whose, ?ke= to whom (empty: by the rule of each step); without them it asks."""
    tx, me, flows = reading(), gate.actor(), _of_manager()
    person, to = visit.asked_id("orang"), visit.asked_id("ke")
    names = people.names(tx, [person or 0, to or 0])
    if not {x for x in (person, to) if x} <= names.keys():
        raise NotFound()
    tasks = moving.tasks(tx, person, me, to, flows) if person else []
    return render_template(
        "review/moving.html",
        person=person,
        to=to,
        names=names,
        colleagues=office(),
        holders=moving.holders(tx),
        tasks=tasks,
        mine=_open_to(me, tasks),
    )


@blueprint.post("/pindahkan")
@once
def move() -> ResponseReturnValue:
    me, person, to = gate.actor(), visit.asked_id("orang"), visit.asked_id("ke")
    _of_manager()
    since = now(reading())
    if not person or person == to or (to and to not in {a.id for a in office()}):
        return redirect(url_for(".moving_page", orang=person), 303)
    moving.move(person, me.id or 0, to)
    return redirect(url_for(".moved", orang=person, ke=to, sejak=f"{since.timestamp():.6f}"), 303)


@blueprint.get("/pindahkan/hasil")
def moved() -> ResponseReturnValue:
    tx, me, flows = reading(), gate.actor(), _of_manager()
    person, to = visit.asked_id("orang"), visit.asked_id("ke")
    if not person or (since := _instant()) is None:
        return redirect(url_for(".moving_page", orang=person), 303)
    done = list(moving.moved(tx, person, me.id or 0, since))
    left = moving.tasks(tx, person, me, to, flows)
    return render_template(
        "review/moved.html",
        person=person,
        done=done,
        left=left,
        names=people.names(tx, [person, *(m.to for m in done if m.to)]),
        busy=moving.under_way(tx, person),
        mine=_open_to(me, [*done, *left]),
    )


@blueprint.get("/kosong")
def vacancies() -> str:
    me, flows = gate.actor(), _of_manager()
    found = seats.vacancies(reading(), flows)
    return render_template("review/vacant.html", found=found, mine=_open_to(me, found))


def _of_manager() -> list[str]:
    """`watched`; NotFound for whoever watches nothing."""
    flows = watched(gate.actor())
    if not flows:
        raise NotFound()
    return flows


def watched(me: Actor) -> list[str]:
    """The workflows whose empty seats and tasks this person is told: those they manage; with `people`, all."""
    flows = definitions.library(reading()).workflows
    return [name for name, flow in flows.items() if gate.may("people") or desk.manages(flow, me)]


def _open_to(me: Actor, found: Iterable[Task | Moved | Vacancy]) -> set[str]:
    """The numbers of those submissions that this person can open: only they are links."""
    return {number for number in {one.number for one in found} if visit.opens(number, me)}


def _instant() -> datetime | None:
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(float(request.args.get("sejak", "")), UTC)
    return None

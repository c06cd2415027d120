"""What may be begun: new records, changes of one's own, what belongs to them, and what anybody may ask of a record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.accounts import memberships
from siskop.accounts.memberships import Held
from siskop.base.db import reading, today
from siskop.base.errors import Invalid, NotFound
from siskop.base.i18n import gettext as _
from siskop.base.i18n import words
from siskop.engine.case import Actor
from siskop.engine.definition import Definition, Field
from siskop.engine.fields.dates import FIRST_YEAR, LAST_YEAR
from siskop.engine.fields.registry import type_of
from siskop.submissions import definitions, door, founding
from siskop.submissions.mine import Child, Mine, Registered, children, published
from siskop.web import gate, values
from siskop.web.cooperative import blueprint, way

YEARS = 6  # that are offered, back from this one


@dataclass(frozen=True, slots=True)
class Begin:
    """Something that may be begun: at once on `record_id` (None: a new one), or after a look at the page `url`."""

    workflow: str
    label: str
    title: str
    record_id: int | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One period, or one child: what it is called, how it stands, where it is; `period` or `record_id` to begin on."""

    label: str
    standing: str = ""
    url: str = ""
    period: str = ""
    record_id: int | None = None
    tone: str = "none"


@blueprint.get("/mulai/<workflow>/<slug>")
def begin(workflow: str, slug: str) -> str:
    return _page(*_asked(workflow, slug))


@blueprint.post("/ruang/mulai/<workflow>")
def start(workflow: str) -> ResponseReturnValue:
    """Begin, or go on with what is open already: starting twice makes no second draft."""
    record, period, me = request.form.get("record", ""), request.form.get("period", "").strip(), gate.actor()
    if workflow not in definitions.library(reading()).workflows or (record and not re.fullmatch("[0-9]{1,18}", record)):
        raise NotFound()
    try:
        number = door.start(workflow, me, int(record) if record else None, period or None)
    except Invalid as wrong:
        slug = request.form.get("slug", "")
        if not slug:
            raise
        told = " ".join(text for texts in wrong.problems.values() for text in texts)
        return _page(*_asked(workflow, slug), problem=told), 422
    return redirect(url_for(".overview", number=number), 303)


def offered(me: Actor, records: Sequence[Held], rows: Iterable[Mine], names: Mapping[int, str]) -> list[Begin]:
    """For the home page: first what belongs to one's own records, what is new comes last."""
    under_way = [row for row in rows if not row.final]
    open_ones = {(row.workflow, row.record_id) for row in under_way}
    found = []
    for definition in _in_order():
        if not founding.holds_start_role(definition, me):
            continue
        label, child_of = words(definition.label), definition.kind.child_of
        new = (row for row in under_way if row.workflow == definition.name and row.record_version == 0)
        goes_on = any(founding.goes_on(definition, row.sent_at is not None, row.state) for row in new)
        if child_of is None and founding.begins_on_nothing(definition) and not goes_on:
            found.append(Begin(definition.name, label, "", None))
        if definition.start.relation != "record_operator":
            continue
        for held in (held for held in records if held.version and held.in_force):
            begin = Begin(definition.name, label, names.get(held.record_id, ""), held.record_id)
            if child_of and held.kind == child_of.record and held.slug:
                found.append(replace(begin, url=url_for(".begin", workflow=definition.name, slug=held.slug)))
            is_own = held.kind == definition.record and definition.start_record != "new"
            if is_own and (definition.name, held.record_id) not in open_ones:
                found.append(begin)
    return sorted(found, key=lambda b: b.record_id is None)


def by_record(begins: Iterable[Begin]) -> list[tuple[str, list[Begin]]]:
    """Under the title of the record they are about; what is new is about none yet."""
    found: dict[str, list[Begin]] = {}
    for begin in begins:
        found.setdefault(begin.title, []).append(begin)
    return list(found.items())


def _in_order() -> list[Definition]:
    """Those that found a record before those that change one, these before what belongs to one."""
    every = definitions.library(reading()).workflows.values()
    return sorted(every, key=lambda d: (d.kind.child_of is not None, not founding.begins_on_nothing(d)))


def from_public(kind: str) -> list[tuple[str, str]]:
    """(workflow, label) of what anybody may begin on a published record of this kind."""
    every = definitions.library().workflows.values()
    return [(d.name, words(d.label)) for d in every if d.start.relation == "anyone" and kind == _on(d)]


def _on(definition: Definition) -> str:
    """The kind of the record on which it begins; "" if on none."""
    if definition.kind.child_of:
        return definition.kind.child_of.record
    return definition.record if definition.start_record != "new" else ""


def _asked(workflow: str, slug: str) -> tuple[Definition, Registered, Actor]:
    """Raises NotFound for what is not there, or not this person's to begin."""
    tx, me = reading(), gate.actor()
    definition = definitions.library(tx).workflows.get(workflow)
    held = published(tx, _on(definition), slug) if definition else None
    if definition is None or held is None or not founding.holds_start_role(definition, me):
        raise NotFound()
    anyone = definition.start.relation == "anyone" or definition.start.role is not None
    if not anyone and not memberships.is_operator(tx, me.id, held.record_id):
        raise NotFound()
    return definition, held, me


def _page(definition: Definition, held: Registered, me: Actor, problem: str = "") -> str:
    tx, kind, field = reading(), definition.kind, period_of(definition)
    own = memberships.is_operator(tx, me.id, held.record_id)
    there = children(tx, definition.name, kind.name, held.record_id) if kind.child_of and own else []
    choices = [_child(definition, field, child) for child in there]
    if field and founding.begins_on_nothing(definition):
        free = (code for code in _periods(field, today(tx)) if code not in {child.period for child in there})
        choices += [Choice(values.show_text(field, _typed(field, code)), period=code) for code in free]
        choices.sort(key=lambda c: c.period, reverse=field.type == "year")
    return render_template(
        "cooperative/begin.html",
        definition=definition,
        held=held,
        field=field,
        choices=choices,
        typed=field is not None and not _periods(field, today(tx)),
        new=(field is None and founding.begins_on_nothing(definition)) or not kind.child_of,
        path=values.record_path(held.kind, held.slug),
        problem=problem,
    )


def period_of(definition: Definition) -> Field | None:
    """What tells the children of one parent from each other, where something does."""
    child_of = definition.kind.child_of
    return definition.kind.fields[child_of.period] if child_of and child_of.period else None


def _periods(field: Field, day: date) -> list[str]:
    """Those that are offered; [] for a period that is typed."""
    if field.type == "year":
        least, most = field.params.get("min", FIRST_YEAR), field.params.get("max", LAST_YEAR)
        return [str(year) for year in range(day.year, day.year - YEARS, -1) if least <= year <= most]
    return [choice.code for choice in field.choices]


def _typed(field: Field, code: str) -> Any:
    return int(code) if type_of(field).kind == "number" else code


def _child(definition: Definition, field: Field | None, child: Child) -> Choice:
    label = values.show_text(field, _typed(field, child.period)) if field and child.period else child.title
    choice = Choice(label, period=child.period or "")
    if child.number:
        state = definitions.definition(definition.name, child.behaviour or "", reading()).states[child.state or ""]
        standing = _("Not sent yet") if child.sent_at is None else way.label(state)
        tone = "you" if state.waits_for == "submitter" else "info"
        return replace(choice, standing=standing, url=url_for(".status", number=child.number), tone=tone)
    standing = _("Published, version %(n)s", n=child.version) if child.version else _("Not finished")
    url = values.record_path(definition.kind.name, child.slug)
    again = child.record_id if child.version and definition.start_record != "new" else None
    return replace(choice, standing=standing, url=url, record_id=again, tone="good")

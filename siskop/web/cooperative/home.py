"""The home of whoever acts for a cooperative: what is to do now, what was sent, what may be begun."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.accounts import memberships
from siskop.accounts.memberships import Held
from siskop.base.db import now, public_reading, reading
from siskop.base.errors import NotFound
from siskop.base.i18n import words
from siskop.engine.calendar import day_of
from siskop.engine.case import Actor
from siskop.engine.definition import Definition
from siskop.register import directory
from siskop.submissions import definitions, door
from siskop.submissions.mine import Mine, mine, stations
from siskop.web import gate, values
from siskop.web.cooperative import blueprint, way


@dataclass(frozen=True, slots=True)
class Item:
    row: Mine
    workflow: str
    title: str
    state: str
    stages: list[way.Stage]
    days: int  # since it was begun

    @property
    def is_draft(self) -> bool:
        return self.row.sent_at is None and not self.row.final


@dataclass(frozen=True, slots=True)
class Begin:
    """Something that may be begun: a new record, or a change of one that is published."""

    workflow: str
    label: str
    title: str
    record_id: int | None


@dataclass(frozen=True, slots=True)
class Published:
    record_id: int
    path: str
    title: str
    badges: list[values.BadgeView]
    version: int


@blueprint.get("/ruang")
def home() -> str:
    tx, me = reading(), gate.actor()
    rows = mine(tx, me.id or 0)
    items = _items(rows, me)
    records = [held for held in memberships.records_of(tx, me.id or 0) if held.acts]
    published = [shown for held in records if held.slug and (shown := _published(held))]
    names = {row.record_id: row.title for row in reversed(rows) if row.title}
    names |= {shown.record_id: shown.title for shown in published}
    return render_template(
        "cooperative/home.html",
        me=me,
        returned=[i for i in items if not i.row.final and not i.is_draft and i.row.waits_for == "submitter"],
        drafts=[i for i in items if i.is_draft],
        waiting=[i for i in items if not i.row.final and i.row.waits_for != "submitter"],
        items=[i for i in items if not i.is_draft],
        begin=_begin(me, records, rows, names),
        records=published,
        whose=next(iter(names.values())) if len(set(names.values())) == 1 else "",
    )


@blueprint.post("/ruang/mulai/<workflow>")
def start(workflow: str) -> ResponseReturnValue:
    """Begin, or go on with what is open already: starting twice makes no second draft."""
    record = request.form.get("record", "")
    me = gate.actor()
    if workflow not in definitions.library(reading()).workflows or (
        record and not re.fullmatch(r"[0-9]{1,18}", record)
    ):
        raise NotFound()
    number = door.start(workflow, me, int(record) if record else None)
    return redirect(url_for(".overview", number=number), 303)


def _items(rows: list[Mine], me: Actor) -> list[Item]:
    passed = stations(reading(), [row.number for row in rows])
    today = now(reading())
    found = []
    for row in rows:
        definition = definitions.definition(row.workflow, row.behaviour, reading())
        yours = row.waits_for == "submitter" and not row.final
        stages = way.stages(definition, passed[row.number], row.state, yours)
        state = way.label(definition.states[row.state])
        days = (day_of(today) - day_of(row.started_at)).days
        found.append(Item(row, words(definition.label), row.title, state, stages, days))
    return found


def _begin(me: Actor, records: list[Held], rows: list[Mine], names: dict[int, str]) -> list[Begin]:
    open_ones = {(row.workflow, row.record_id) for row in rows if not row.final}
    unpublished = {row.workflow for row in rows if not row.final and row.record_version == 0}
    found = []
    whole_first = sorted(definitions.library(reading()).workflows.values(), key=lambda d: not door.begins_on_nothing(d))
    for definition in whole_first:
        if not _may_begin(definition, me):
            continue
        label = words(definition.label)
        founds = door.begins_on_nothing(definition)
        if founds and definition.name not in unpublished:
            found.append(Begin(definition.name, label, "", None))
        if definition.start_record != "new":
            found += [
                Begin(definition.name, label, names.get(held.record_id, ""), held.record_id)
                for held in records
                if held.kind == definition.record
                and held.version
                and (definition.name, held.record_id) not in open_ones
            ]
    return sorted(found, key=lambda b: b.record_id is None)


def _may_begin(definition: Definition, me: Actor) -> bool:
    return definition.start.role is None or any(role == definition.start.role for role, _area in me.grants)


def _published(held: Held) -> Published | None:
    """What the public sees of a record now, or nothing when its kind has no page."""
    kind = definitions.library(reading()).kinds.get(held.kind)
    if kind is None or kind.public is None or held.slug is None:
        return None
    with public_reading() as tx:
        line = directory.entry(tx, kind, held.slug)
    badges = values.badge_views(kind, line.badges)
    return Published(held.record_id, f"/{kind.public.path}/{held.slug}", line.title, badges, line.version)

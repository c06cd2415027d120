"""The home of whoever acts for a cooperative: what is to do now, what was sent, what may be begun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Response, render_template

from siskop.accounts import memberships
from siskop.base.db import now, reading
from siskop.base.errors import NotFound
from siskop.base.i18n import words
from siskop.engine.calendar import day_of
from siskop.engine.case import Actor
from siskop.letters import shelf
from siskop.submissions import definitions, desk
from siskop.submissions.lines import step_words
from siskop.submissions.mine import Mine, mine, stations
from siskop.web import files, gate, standing
from siskop.web.cooperative import blueprint, starting, way


@dataclass(frozen=True, slots=True)
class Item:
    """`ours`: it is their side's to send, not somebody else's about their record. `task`: the step that asks them, and
    its day. `yours`: nothing goes on before they do something."""

    row: Mine
    workflow: str
    title: str
    state: str
    stages: list[way.Stage]
    days: int  # since it was begun
    ours: bool
    sends: bool  # by sending it (again)
    task: tuple[str, date | None] | None
    yours: bool

    @property
    def is_draft(self) -> bool:
        return self.row.sent_at is None and not self.row.final


@blueprint.get("/ruang")
def home() -> str:
    tx, me = reading(), gate.actor()
    rows = mine(tx, me.id or 0)
    items = _items(rows, me)
    records = [held for held in memberships.records_of(tx, me.id or 0) if held.acts]
    published = [shown for held in records if held.slug and (shown := standing.of_record(held.record_id, me))]
    names = {row.record_id: row.title for row in reversed(rows) if row.title}
    names |= {shown.line.record_id: shown.line.title for shown in published}
    return render_template(
        "cooperative/home.html",
        returned=[i for i in items if i.yours and not i.is_draft and i.task is None and i.sends],
        asked=[i for i in items if i.yours and not i.is_draft and (i.task or not i.sends)],
        drafts=[i for i in items if i.is_draft],
        waiting=[i for i in items if not i.row.final and not i.is_draft and not i.yours],
        items=[i for i in items if not i.is_draft and i.ours],
        about=[i for i in items if not i.is_draft and not i.ours],
        begin=starting.by_record(starting.offered(me, records, rows, names)),
        records=published,
        letters=shelf.sent_to(tx, me.id or 0),
        whose=next(iter(names.values())) if len(set(names.values())) == 1 else "",
    )


@blueprint.get("/surat/<int:letter>.pdf")
def letter(letter: int) -> Response:
    """What was sent to them, as it was printed."""
    found = shelf.sent_to(reading(), gate.actor().id or 0, letter)
    if not found or not found[0].sha256:
        raise NotFound()
    return files.document(files.content(found[0].sha256), f"surat-{letter}.pdf")


def _items(rows: list[Mine], me: Actor) -> list[Item]:
    passed = stations(reading(), [row.number for row in rows])
    today = now(reading())
    asking = [row.number for row in rows if row.asking]
    tasks = desk.tasks_in(reading(), me, asking) if asking else {}
    found = []
    for row in rows:
        definition = definitions.definition(row.workflow, row.behaviour, reading())
        if row.sent_at is None and row.started_by != me.id and definition.start.relation != "record_operator":
            continue  # somebody else's, and not sent yet
        ours = row.started_by == me.id or definition.start.relation == "record_operator"
        step, due = tasks.get(row.number, ("", None))
        yours = not row.final and (bool(step) or (ours and row.waits_for == "submitter"))
        found.append(
            Item(
                row,
                words(definition.label),
                row.title,
                way.label(definition.states[row.state]),
                way.stages(definition, passed[row.number], row.state, yours),
                (day_of(today) - day_of(row.started_at)).days,
                ours,
                definition.states[row.state].edit is not None,
                (step_words(definition, step), due) if step else None,
                yours,
            )
        )
    return found

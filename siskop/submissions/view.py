"""One submission as pages show it: everything that a reader of it may know, read once. `load` is the only way
in, so nobody sees a foreign one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import text

from siskop.accounts import people
from siskop.base.db import Tx
from siskop.base.errors import NotFound
from siskop.engine import form
from siskop.engine.case import Actor, Command, Offer
from siskop.engine.definition import RecordKind, State, Step
from siskop.engine.ladders import Due, office_due, silence
from siskop.engine.patch import Conflict
from siskop.engine.situation import Situation
from siskop.submissions import answers, definitions, door, lines, revisions, sight, small_forms, store
from siskop.submissions.lines import Line
from siskop.submissions.small_forms import Filled
from siskop.submissions.store import Loaded
from siskop.submissions.turns import Turn, turn_of

_WORDS = text("SELECT id, kind, by, at, text FROM siskop.words WHERE submission_id = :id")
_RUNS = text("""
SELECT step, outcome, ended_at, evidence FROM siskop.step_run WHERE submission_id = :id ORDER BY opened_at, step""")
_CORRECTIONS = text("""
SELECT c.id, c.field, c.status, c.sent, c.asked_by, c.asked_at, COALESCE(asked.text, '') AS text,
  COALESCE(answer.text, '') AS answer FROM siskop.correction c
LEFT JOIN siskop.words asked ON asked.id = c.words_id LEFT JOIN siskop.words answer ON answer.id = c.answer_words_id
WHERE c.submission_id = :id ORDER BY c.id""")
_PREVIOUS = text("""
SELECT b.answers FROM siskop.revision r JOIN siskop.revision_body b ON b.revision_id = r.id
WHERE r.submission_id = :id ORDER BY r.number DESC LIMIT 1 OFFSET 1""")


@dataclass(frozen=True, slots=True)
class CorrectionView:
    id: int
    field: str
    status: str
    sent: bool
    asked_by: int | None
    asked_at: datetime
    text: str
    answer: str
    asked_by_name: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check of the latest round that had it. `outcome` None: still waiting. `evidence` as checks.Found says."""

    step: Step
    outcome: str | None
    evidence: tuple[Mapping[str, Any], ...]
    at: datetime | None


@dataclass(slots=True)
class View(Loaded):
    """What was loaded, as far as the reader may know it. `previous`: the answers of the revision before the last."""

    title: str = field()
    state: State
    previous: Mapping[str, Any]
    draft: Mapping[str, Any]
    corrections: tuple[CorrectionView, ...]
    checks: tuple[CheckView, ...]
    conflicts: tuple[Conflict, ...]
    history: tuple[Line, ...]
    offers: tuple[Offer, ...]
    turn: Turn
    basis: str
    editable: bool
    is_operator: bool
    context: form.Context  # what stands around the form for this reader
    silence: Due | None  # what happens by itself, and when, if nobody does anything
    needs_proof: bool  # it can't be sent before they showed that they act for the record
    new_questions: frozenset[str]  # asked only since it was begun, and not answered yet
    forms: tuple[Filled, ...]  # what small forms were answered; of the office only
    names: Mapping[int, str]
    ballot_reasons: Mapping[tuple[str, str], str]  # (step, seat) of this round: why; of the office

    @property
    def kind(self) -> RecordKind:
        return self.definition.kind

    @property
    def waits_for_checks(self) -> bool:
        return any(c.outcome is None for c in self.checks)

    def offer(self, do: str, name: str) -> Offer | None:
        return next((o for o in self.offers if o.do == do and o.name == name), None)


def load(tx: Tx, number: str, actor: Actor) -> View:
    """Raises NotFound for an unknown number and for one that is not this actor's to see: both look the same."""
    loaded = store.load(tx, number)
    actor = door.related(loaded, actor)
    if not sight.visible(tx, loaded, actor):
        raise NotFound()
    return _view(tx, loaded, actor)


def _view(tx: Tx, loaded: Loaded, actor: Actor) -> View:
    case, definition = loaded.case, loaded.definition
    facts = door.facts_for(tx, loaded, actor, Command("look"))
    offers = door.offers(loaded, actor, facts)
    loaded = sight.seen_by(tx, loaded, actor)
    said = {row.id: row for row in tx.execute(_WORDS, {"id": loaded.id})}
    office = sight.at_desk(tx, loaded, actor) and not sight.is_involved(loaded, actor)
    names = people.names(tx, _people(loaded) if sight.knows(tx, loaded, actor) else {actor.id or 0})
    kept = answers.read(tx, loaded.id, definition)
    context = answers.context(tx, loaded)
    return View(
        **{of.name: getattr(loaded, of.name) for of in fields(Loaded)},
        title=answers.title(loaded, kept, context),
        state=definition.states[case.state],
        previous=tx.execute(_PREVIOUS, {"id": loaded.id}).scalar() or {},
        draft={name: d.raw for name, d in kept.items()},
        corrections=_corrections(tx, loaded, names, office),
        checks=_checks(tx, loaded),
        conflicts=door.conflicts(loaded),
        history=tuple(lines.describe(loaded, names, said, office)),
        offers=offers,
        turn=turn_of(tx, loaded, actor, names, offers, office_until=office_due(definition, case, facts.calendar)),
        basis=loaded.case.basis(loaded.definition.behaviour),
        editable=any(o.do == "edit" and o.refusal is None for o in offers),
        is_operator=actor.id in loaded.operators,
        context=context,
        silence=silence(Situation(definition, case, facts)),
        needs_proof=revisions.needs_proof(tx, loaded, actor),
        new_questions=_new_questions(tx, loaded, kept),
        forms=small_forms.every(tx, loaded) if office else (),
        names=names,
        ballot_reasons=_ballot_reasons(loaded, said) if office else {},
    )


def _ballot_reasons(loaded: Loaded, said: Mapping[int, Any]) -> dict[tuple[str, str], str]:
    votes = (e.body for e in loaded.events if e.type == "voted" and e.body["round"] == loaded.case.round)
    return {(v["step"], v["seat"]): said[v["words"]].text for v in votes if v.get("words") in said}


def _new_questions(tx: Tx, loaded: Loaded, kept: Mapping[str, answers.Draft]) -> frozenset[str]:
    """What is asked since it was begun, or last sent, and has no answer yet: newer files have come into force."""
    last = next((e for e in reversed(loaded.events) if e.type in ("submitted", "started")), None)
    behaviour = last.body.get("behaviour") if last else None
    if behaviour in (None, loaded.definition.behaviour):
        return frozenset()
    asked = definitions.definition(loaded.definition.name, behaviour, tx).form.fields
    now = loaded.definition.form.fields
    return frozenset(n for n, f in now.items() if n not in kept and not {n, *f.was} & asked.keys())


def _people(loaded: Loaded) -> set[int]:
    found = {e.by for e in loaded.events if e.by is not None}
    for event in loaded.events:
        found |= {s["person"] for s in (event.body.get("seats") or {}).values() if s.get("person")}
        found |= {event.body[k] for k in ("person", "was", "for") if isinstance(event.body.get(k), int)}
    return found


def _corrections(tx: Tx, loaded: Loaded, names: Mapping[int, str], office: bool) -> tuple[CorrectionView, ...]:
    """What was asked is seen by the other side only after it was sent."""
    rows = (row for row in tx.execute(_CORRECTIONS, {"id": loaded.id}) if office or row.sent)
    return tuple(CorrectionView(**row._mapping, asked_by_name=names.get(row.asked_by, "")) for row in rows)


def _checks(tx: Tx, loaded: Loaded) -> tuple[CheckView, ...]:
    steps = {name: step for name, step in loaded.definition.steps.items() if step.check}
    latest = {row.step: row for row in tx.execute(_RUNS, {"id": loaded.id}) if row.step in steps}
    return tuple(
        CheckView(steps[name], row.outcome, tuple(row.evidence or ()), row.ended_at) for name, row in latest.items()
    )

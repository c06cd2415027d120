"""The one door: a submission changes only here, in a short transaction: lock, decide, append, project, do the effects.

Jobs and mails that follow are rows of the same transaction; whoever is killed leaves the old state or the new
one, whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text

from siskop.accounts import memberships, people
from siskop.base import crypto, errors
from siskop.base.db import Tx, today, unit_of_work
from siskop.base.i18n import N_, words
from siskop.engine import patch
from siskop.engine.case import SYSTEM, Actor, Candidate, Case, Command, Event, Facts, Offer, Refusal
from siskop.engine.decide import available, decide
from siskop.engine.decide import start as begin
from siskop.engine.definition import Definition
from siskop.engine.events import evolve
from siskop.engine.form import answered
from siskop.engine.ladders import office_due, wake
from siskop.engine.people import people_needed, who_of
from siskop.jobs import queue
from siskop.submissions import (
    answers,
    definitions,
    effects,
    founding,
    numbers,
    projections,
    revisions,
    sight,
    small_forms,
    store,
)
from siskop.submissions.store import Loaded

_STATE = text("""
UPDATE siskop.submission SET state = :state, version = :version, final = :final, waits_for = :waits_for,
  behaviour = :behaviour, revision_id = :revision, due_on = :due_on,
  sent_at = COALESCE(:sent_at, sent_at), state_at = CASE WHEN :moved THEN :at ELSE state_at END
WHERE id = :id""")
_HOLDS = text("SELECT 1 FROM siskop.file WHERE id = :file AND holder = :account")
_SAY = text("""
INSERT INTO siskop.words (submission_id, kind, by, at, text, salt)
VALUES (:id, :kind, :by, :at, :text, :salt) RETURNING id""")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: the state now, and the events that were added (in order)."""

    number: str
    state: str
    events: tuple[Event, ...]


class Refused(errors.Refusal):
    """The rules say no; `code` is the engine's."""

    def __init__(self, refusal: Refusal) -> None:
        self.code = refusal.code
        super().__init__(refusal.text, **refusal.params)


class Stale(errors.Conflict):
    """Decided on what is no longer so."""

    code = "stale"


def perform(
    which: str | int,
    actor: Actor,
    command: Command,
    *,
    basis: str | None = None,
    said: Mapping[str, str] | None = None,
    form: Mapping[str, Any] | None = None,
) -> Outcome:
    """Do what `command` asks, or raise: Refused, Stale (409), Invalid (the form's problems), NotFound.

    `which` is a submission's number or id, `basis` the token of what the actor saw, `said` the words that go
    with it by kind, `form` what was typed into the small form of the step or action.
    """
    with unit_of_work() as tx:
        return perform_in(tx, which, actor, command, basis=basis, said=said, form=form)


def perform_in(
    tx: Tx,
    which: str | int,
    actor: Actor,
    command: Command,
    *,
    basis: str | None = None,
    said: Mapping[str, str] | None = None,
    form: Mapping[str, Any] | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> Outcome:
    """`perform` inside a transaction that is open already: a job finishes in the same one."""
    loaded = store.load_for_update(tx, which, newest=command.do == "migrate")
    if basis is not None and basis != loaded.case.basis(loaded.definition.behaviour):
        raise Stale(N_("Somebody changed this submission while you were looking at it. Look again and decide anew."))
    actor = related(loaded, actor)
    command = _keep_words(tx, loaded, actor, _held(tx, actor, command), said or {})
    filled = small_forms.accept(tx, loaded, command, form)
    if filled is not None:
        command = replace(command, args={**command.args, "form": True})
    facts = facts_for(tx, loaded, actor, command, filled)
    events = decide(loaded.definition, loaded.case, actor, command, facts)
    if isinstance(events, Refusal):
        raise Refused(_in_words(loaded, events))
    outcome = _append(tx, loaded, events, facts, evidence)
    if filled is not None:
        small_forms.keep(tx, loaded, filled, events)
    return outcome


def knock(tx: Tx, submission_id: int, command: Command, evidence: Mapping[str, Any] | None = None) -> bool:
    """What the system does by itself; False where the case has gone on meanwhile, which is no failure."""
    try:
        with tx.begin_nested():
            perform_in(tx, submission_id, SYSTEM, command, evidence=evidence)
    except Refused as refused:
        if refused.code not in {"stale", "final", "state"}:
            raise
        return False
    return True


def _held(tx: Tx, actor: Actor, command: Command) -> Command:
    """An attachment is a file of whoever attaches it; of anybody else's it is not there."""
    file = command.args.get("attachment")
    if file is not None and tx.execute(_HOLDS, {"file": file, "account": actor.id}).first() is None:
        raise errors.NotFound()
    return command


def _in_words(loaded: Loaded, refusal: Refusal) -> Refusal:
    """The engine names fields, people know their labels; what a file says itself is said in the reader's language."""
    if "why" in refusal.params:
        return replace(refusal, params={"why": words(refusal.params["why"])})
    if refusal.code != "unknown":
        return refusal
    fields = loaded.definition.kind.fields
    names = str(refusal.params.get("fields", "")).split(", ")
    labels = [words(fields[name].label) if name in fields else name for name in names]
    return replace(refusal, params={**refusal.params, "fields": ", ".join(labels)})


def start(workflow: str, actor: Actor, record_id: int | None = None, period: str | None = None) -> str:
    """Begin a submission, or lead to the open one: its number.

    Without a record a new one is claimed by the actor. A child (a report) begins on its parent for a period, or on
    itself. Raises NotFound for what is not theirs, Refusal with what to do first.
    """
    with unit_of_work() as tx:
        definition = definitions.library(tx).workflows.get(workflow)
        if definition is None or actor.id is None:
            raise errors.NotFound()
        tx.execute(text("SELECT 1 FROM siskop.account WHERE id = :id FOR NO KEY UPDATE"), {"id": actor.id})
        record_id = founding.record_for(tx, definition, actor, record_id, period)
        begun = tx.execute(_OPEN, {"workflow": workflow, "record": record_id}).one_or_none()
        if begun is None:
            return _begin(tx, definition, actor, record_id)
        by_role = definition.start.role is not None
        if not (by_role or begun.started_by == actor.id or memberships.is_operator(tx, actor.id, record_id)):
            raise errors.Refusal(BEGUN_BY_ANOTHER)
        return str(begun.number)


def start_by_itself(tx: Tx, workflow: str, record_id: int) -> None:
    """The system begins it on a record that the caller has locked; where one is open already, nothing happens."""
    if tx.execute(_OPEN, {"workflow": workflow, "record": record_id}).first() is None:
        _begin(tx, definitions.library(tx).workflows[workflow], SYSTEM, record_id)


BEGUN_BY_ANOTHER = N_("Somebody else has begun this already. Once it is finished, you can begin it too.")
_OPEN = text("""
SELECT number, started_by FROM siskop.submission WHERE workflow = :workflow AND record_id = :record AND NOT final""")
_BEGIN = text("""
INSERT INTO siskop.submission (number, workflow, behaviour, record_id, state, version, base_version, waits_for,
  started_by, started_at, state_at, title, area)
SELECT :number, :workflow, :behaviour, r.id, :state, 1, r.version, :waits_for, :by, siskop.now(), siskop.now(),
  r.title, r.area
FROM siskop.record r WHERE r.id = :record RETURNING id, base_version""")


def _begin(tx: Tx, definition: Definition, actor: Actor, record_id: int) -> str:
    """The row and its first event; the deferred foreign key holds the two together at the commit."""
    number, first = numbers.take(tx, today(tx)), definition.states[definition.initial]
    row = {"workflow": definition.name, "behaviour": definition.behaviour, "record": record_id, "state": first.name}
    begun = tx.execute(_BEGIN, {**row, "number": number, "waits_for": first.waits_for, "by": actor.id}).one()
    case = Case(definition.name, definition.behaviour, record_id, definition.initial, base=begun.base_version)
    loaded = store.around(tx, (begun.id, number), definition, case, locked=True)
    actor = related(loaded, actor)
    facts = facts_for(tx, loaded, actor, Command("start"))
    events = begin(definition, actor, record_id, begun.base_version, facts)
    if isinstance(events, Refusal):
        raise Refused(events)
    answers.begin(tx, sight.seen_by(tx, loaded, actor), actor.id)
    _append(tx, loaded, events, facts)
    return number


def offers(loaded: Loaded, actor: Actor, facts: Facts) -> tuple[Offer, ...]:
    """What this actor may do now, and what not with the reason: by the same guard that the act will meet."""
    found = available(loaded.definition, loaded.case, actor, facts)
    return tuple(replace(o, refusal=_in_words(loaded, o.refusal)) if o.refusal else o for o in found)


def would(tx: Tx, loaded: Loaded, actor: Actor, command: Command) -> tuple[Event, ...] | Refusal:
    """What would come of the command now, or why it would be refused; nothing is written."""
    actor = related(loaded, actor)
    found = decide(loaded.definition, loaded.case, actor, command, facts_for(tx, loaded, actor, command))
    return _in_words(loaded, found) if isinstance(found, Refusal) else found


def related(loaded: Loaded, actor: Actor) -> Actor:
    """The actor with what the record says of them now, whatever the caller believed."""
    relations = actor.relations - {"record_operator"}
    return replace(actor, relations=relations | {"record_operator"} if actor.id in loaded.operators else relations)


def facts_for(
    tx: Tx, loaded: Loaded, actor: Actor, command: Command, filled: small_forms.Filled | None = None
) -> Facts:
    """What the engine may know for this command: the answers, the calendar, candidates, conflicts, and a
    revision if one is sent."""
    sent = revisions.freeze(tx, loaded, actor) if revisions.is_asked(loaded, command) else None
    if sent is not None:
        loaded.proposed = sent.answers
    return Facts(
        now=loaded.now,
        today=loaded.today,
        calendar=definitions.library(tx).calendar,
        answers=loaded.merged,
        pools=_pools(tx, loaded, command, actor),
        operators=loaded.operators,
        conflicts=frozenset(c.field for c in conflicts(loaded)),
        current=loaded.record_version,
        form_valid=True if sent else None,
        fresh=sent.body if sent else None,
        forms=small_forms.of_round(tx, loaded, filled),
        parent=loaded.relatives.parent,
        last=loaded.relatives.last,
        named=_named(tx, loaded, command),
    )


def _named(tx: Tx, loaded: Loaded, command: Command) -> Actor | None:
    person = command.args.get("person") if command.do == "assign" else None
    return related(loaded, people.actor_for(tx, person)) if person is not None else None


def conflicts(loaded: Loaded) -> tuple[patch.Conflict, ...]:
    """Of fields that this submission and somebody else's publication both changed since it began; with the side that
    was picked, if that was on the version which is registered now."""
    if loaded.case.base == loaded.record_version or not loaded.proposed:
        return ()
    proposed = answered(loaded.definition.kind, loaded.proposed)
    picks = {f: side for f, (side, version) in loaded.case.resolutions.items() if version == loaded.record_version}
    return patch.merge(loaded.base, loaded.current, proposed, picks).conflicts


def _pools(tx: Tx, loaded: Loaded, command: Command, actor: Actor) -> dict[str, tuple[Candidate, ...]]:
    pools: dict[str, tuple[Candidate, ...]] = {}
    excluded = set(loaded.operators | loaded.case.submitters | loaded.case.authors)
    if actor.id is not None and loaded.case.revision is None:
        excluded.add(actor.id)
    for name in people_needed(loaded.definition, loaded.case, command) if command.do != "look" else ():
        state = next(s for s in loaded.definition.states.values() if name in s.steps)
        step = state.steps[name]
        who = who_of(state, step)
        pools[name] = tuple(people.candidates(tx, who, loaded.area_for(who), set() if step.self_service else excluded))
    return pools


def _keep_words(tx: Tx, loaded: Loaded, actor: Actor, command: Command, said: Mapping[str, str]) -> Command:
    kept: dict[str, Mapping[str, Any]] = {}
    for kind, what in said.items():
        if not what.strip():
            continue
        salt = crypto.salt()
        row = {"id": loaded.id, "kind": kind, "by": actor.id, "at": loaded.now, "text": what.strip(), "salt": salt}
        kept[kind] = {"id": tx.execute(_SAY, row).scalar_one(), "digest": crypto.salted(what.strip(), salt)}
    return replace(command, words={**command.words, **kept}) if kept else command


def _append(
    tx: Tx, loaded: Loaded, events: tuple[Event, ...], facts: Facts, evidence: Mapping[str, Any] | None = None
) -> Outcome:
    case: Case | None = loaded.case if loaded.case.seq else None
    if not events:
        return Outcome(loaded.number, loaded.case.state, ())
    store.append(tx, loaded.id, events)
    projections.project(tx, loaded.id, loaded.case, events, evidence)
    for event in events:
        case = evolve(case, event)
        if event.type == "submitted":
            revisions.name_record(tx, loaded)
        effects.apply(effects.Deed(tx, loaded, case, event, events))
    assert case is not None
    tx.execute(_STATE, _row(loaded, case, events, facts))
    _set_tick(tx, loaded, case, facts)
    return Outcome(loaded.number, case.state, events)


def _row(loaded: Loaded, case: Case, events: tuple[Event, ...], facts: Facts) -> dict[str, Any]:
    state = loaded.definition.states[case.state]
    return {
        "id": loaded.id,
        "state": case.state,
        "version": case.seq,
        "final": state.final,
        "waits_for": state.waits_for,
        "behaviour": loaded.definition.behaviour,  # of a draft the newest: its states may be new
        "revision": case.revision,
        "sent_at": loaded.now if any(e.type == "submitted" for e in events) else None,
        "moved": any(e.type == "moved" for e in events),
        "at": loaded.now,
        "due_on": office_due(loaded.definition, case, facts.calendar) if state.waits_for == "office" else None,
    }


def _set_tick(tx: Tx, loaded: Loaded, case: Case, facts: Facts) -> None:
    due = wake(loaded.definition, case, facts)
    if due is not None:
        queue.put(tx, "tick", f"tick:{loaded.id}", {"submission": loaded.id}, queue="timers", due_at=due)

"""One command against one case: the events it comes to, or why not. And what a page may offer, by the same guard.

Two halves: `guard` may refuse and never opens anything; `follow` is what comes of it and never refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from siskop.engine import guard, people, sitting
from siskop.engine.calendar import day_of
from siskop.engine.case import Actor, Case, Command, Event, Facts, Offer, Permit, Refusal, Seat
from siskop.engine.definition import Definition
from siskop.engine.events import evolve
from siskop.engine.follow import due_of, follow, migrate, move, opening, play_rungs, set_correction
from siskop.engine.guard import FORM_INVALID, Rule
from siskop.engine.situation import Situation

MISSING = {
    "reason": "Write the reason.",
    "comment": "Write the comment.",
    "note": "Write the note.",
    "correction": "Write what must be corrected.",
    "attachment": "Attach a file.",
    "form": "Fill in the form of this step.",
    "field": "Choose the answer that must be corrected.",
    "ballot": "Choose how you vote.",
    "person": "Choose a person.",
    "side": "Choose which value holds.",
    "due": sitting.IN_DAYS,
}
"""What a refusal says about an input that was not given."""


Answer = tuple[Event, ...] | Refusal
Writer = Callable[[Situation, Actor, Command, Permit], None]


def decide(definition: Definition, case: Case, actor: Actor, command: Command, facts: Facts) -> Answer:
    """The events, with `seq` after the case's and `at` the facts' instant; empty when there is nothing to record.

    Raises KeyError for a `do` that the engine does not know.
    """
    s = Situation(definition, case, facts)
    if actor.system and command.do in ("tick", "check"):
        play_rungs(s)  # silence came first, even if the worker slept
    rule, write = _COMMANDS[command.do]
    permit = guard.guard(rule, s, actor, command)
    if isinstance(permit, Refusal):
        return permit
    if permit.asks:
        return Refusal("needs", MISSING[permit.asks[0]], {"asks": ", ".join(permit.asks)})
    sends = command.do == "act" and "valid_form" in definition.actions[command.name].needs
    if sends and (not facts.form_valid or facts.fresh is None):
        return FORM_INVALID
    write(s, actor, command, permit)
    if command.do not in ("edit", "comment"):  # of which nothing follows
        follow(s)
    return tuple(s.events)


def start(definition: Definition, actor: Actor, record: int, base: int, facts: Facts) -> Answer:
    """The first events of a case: `base` is the record's version it begins from.

    `actor.relations` must be those to the record. The system, which begins what another case leads to, asks nobody.
    """
    body = {"workflow": definition.name, "behaviour": definition.behaviour, "record": record, "base": base}
    begun = Event("started", definition.initial, {**body, "state": definition.initial}, actor.id, 1, facts.now)
    s = Situation(definition, evolve(None, begun), facts, [begun])
    if not actor.system and (why := people.refused(s, actor, definition.start)) is not None:
        return why
    follow(s)
    return tuple(s.events)


# ------------------------------------------------------------------ what each command writes


def _act(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    action = s.definition.actions[command.name]
    if "valid_form" in action.needs and s.facts.fresh is not None:
        s.emit("submitted", dict(s.facts.fresh), actor.id)
    _write_words(s, actor, command)
    if action.step is not None:
        _take(s, actor, action.step, permit)
    given: dict[str, Any] = {
        n: command.args[n] for n in ("person", "attachment") if n in action.needs and n in command.args
    }
    move(s, action, "person", actor.id, **given, **{"for": permit.place.principal if permit.place else None})


def _write_words(s: Situation, actor: Actor, command: Command, code: str | None = None) -> None:
    for kind, kept in command.words.items():
        s.emit("commented", {"code": code or kind, "words": kept["id"], "digest": kept["digest"]}, actor.id)


def _take(s: Situation, actor: Actor, step: str, permit: Permit) -> None:
    """A seat of somebody else's, opened to more people by a rung, is taken over in the open before it is used."""
    place = permit.place
    if place is not None and place.seat.person not in (None, place.principal):
        _seat(s, step, place.seat, place.principal, why="claimed", by=actor.id)


def _seat(s: Situation, step: str, seat: Seat, person: int | None, *, why: str, by: int | None, **more: object) -> None:
    body = {"step": step, "round": s.case.round, "seat": seat.name, "was": seat.person, "person": person, "why": why}
    s.emit("seated", {**body, **more}, by)


def _vote(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    """A completed task is written as a ballot for: the same seat, the same wall in the database."""
    assert permit.place is not None
    _take(s, actor, command.name, permit)
    body = {
        "step": command.name,
        "round": s.case.round,
        "seat": permit.place.seat.name,
        "ballot": command.args["ballot"] if command.do == "vote" else "for",
        "for": permit.place.principal,
        **_kept(command, "note" if s.state.steps[command.name].on_demand else "reason"),
    }
    s.emit("voted", body, actor.id)


def _kept(command: Command, kind: str) -> dict[str, Any]:
    kept: Mapping[str, Any] = command.words.get(kind, {})
    return {"words": kept.get("id"), "digest": kept.get("digest")}


def _change(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    """A seat is claimed, released or assigned."""
    place, seat = permit.place, permit.place.seat if permit.place else permit.seat
    assert seat is not None
    person = place.principal if place else command.args["person"] if command.do == "assign" else None
    outside = {"outside": True} if command.do == "assign" and people.is_outside(s, command.name, seat) else {}
    _seat(s, command.name, seat, person, why=_WHY[command.do], by=actor.id, **outside)


def _empty(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    """The seat is refilled by the same choice as at the opening; where that finds nobody, one of `all` is struck out.

    Others stay open, on the list of those that nobody can take."""
    name, seat = command.name, permit.place.seat if permit.place else permit.seat
    assert seat is not None
    _write_words(s, actor, command, "note")
    step, run = s.state.steps[name], s.case.runs[name]
    leaving = {**run.seats, seat.name: replace(seat, person=seat.person or actor.id)}
    person = people.refill(s, step, replace(run, seats=leaving), seat)
    _seat(s, name, seat, person, why=_WHY[command.do], by=actor.id)
    if person is None and people.is_spare(step, run, seat):
        _seat(s, name, s.case.runs[name].seats[seat.name], None, why="struck", by=None)


_WHY = {"claim": "claimed", "release": "released", "assign": "assigned", "vacate": "vacated", "recuse": "recused"}


def _consult(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    _sit(s, actor, permit)
    step = s.state.steps[command.name]
    due = due_of(s, step, command.args.get("due", step.due_days))
    if step.name not in s.case.runs:
        s.emit("opened", {**opening(s, step, {}), "due": due})
    seat = Seat(str(len(s.case.runs[step.name].seats) + 1), None)
    _seat(s, step.name, seat, command.args["person"], why="consulted", by=actor.id, due=due, **people.asked_of(s, step))


def _override(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    """Why is the office's own affair: a note."""
    _write_words(s, actor, command, "note")
    s.emit("ended", {"step": command.name, "round": s.case.round, "outcome": "overridden"}, actor.id)


def _ask(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    assert permit.run is not None and permit.place is not None
    _sit(s, actor, permit)
    number = max(s.case.corrections, default=0) + 1
    asked = {"correction": number, "field": command.name, "step": permit.run.step, "for": permit.place.principal}
    s.emit("asked", {**asked, **_kept(command, "correction")}, actor.id)


def _sit(s: Situation, actor: Actor, permit: Permit) -> None:
    """Whoever asks has a step from then on: the seat that was only offered is taken."""
    if permit.place is not None and permit.run is not None and not sitting.holds(permit):
        _seat(s, permit.run.step, permit.place.seat, permit.place.principal, why="claimed", by=actor.id)


def _correction(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    assert permit.correction is not None
    _sit(s, actor, permit)
    set_correction(s, permit.correction.id, command.args["status"], actor.id, _kept(command, "answer"))


def _resolve(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    s.emit("resolved", {"field": command.name, "side": command.args["side"], "version": s.facts.current}, actor.id)


def _edit(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    """Written when the pen changes hands, and once a day: enough for authors and for what counts from the last edit."""
    last = s.case.edited_at
    if actor.id != s.case.editor or last is None or day_of(last) != s.facts.today:
        s.emit("edited", {}, actor.id)


def _check(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    """A check that could not be made has not been passed."""
    outcome = "failed" if command.args["outcome"] == "error" else command.args["outcome"]
    s.emit("ended", {"step": command.name, "round": s.case.round, "outcome": outcome})


def _migrate(s: Situation, actor: Actor, command: Command, permit: Permit) -> None:
    migrate(s, s.definition.states[command.name], command.args.get("same") is True)


_COMMANDS: Mapping[str, tuple[Rule, Writer]] = {
    "act": (guard.act, _act),
    "vote": (guard.vote, _vote),
    "complete": (guard.complete, _vote),
    "claim": (sitting.claim, _change),
    "release": (sitting.release, _change),
    "assign": (sitting.assign, _change),
    "vacate": (sitting.vacate, _empty),
    "recuse": (sitting.recuse, _empty),
    "consult": (sitting.consult, _consult),
    "override": (guard.override, _override),
    "ask": (guard.ask, _ask),
    "correction": (guard.correction, _correction),
    "resolve": (guard.resolve, _resolve),
    "edit": (guard.edit, _edit),
    "comment": (guard.comment, lambda s, actor, command, _: _write_words(s, actor, command)),
    "check": (guard.check, _check),
    "tick": (lambda *_: Permit(), lambda *_: None),
    "migrate": (guard.migrate, _migrate),
}
"""By what is asked: whether it may be done, and what it writes."""


# ------------------------------------------------------------------ what a page may offer


def available(definition: Definition, case: Case, actor: Actor, facts: Facts) -> tuple[Offer, ...]:
    """Every act that concerns this actor now, possible or refused with the reason.

    What is not theirs at all is left out.
    """
    s = Situation(definition, case, facts)
    offers = (_offer(s, actor, command) for command in _imaginable(s))
    return tuple(offer for offer in offers if offer is not None)


def _offer(s: Situation, actor: Actor, command: Command) -> Offer | None:
    found = guard.guard(_COMMANDS[command.do][0], s, actor, command)
    action = s.definition.actions.get(command.name) if command.do == "act" else None
    step = action.step if action else command.name if command.name in s.state.steps else None
    if isinstance(found, Permit):
        return Offer(command.do, command.name, found.asks, None, step, command.args)
    if found.code in _NOTHING_TO_SAY or (found.code == "excluded" and not _is_meant(s, actor, step)):
        return None
    return Offer(command.do, command.name, (), found, step, command.args)


_NOTHING_TO_SAY = frozenset({"not_yours", "step", "state"})


def _is_meant(s: Situation, actor: Actor, step: str | None) -> bool:
    """Whether an exclusion concerns this actor: they have the role, so they would ask why they may not."""
    who = s.state.steps[step].who if step is not None else None
    return who is not None and who.role is not None and people.covers(actor.grants, who.role, None)


def _imaginable(s: Situation) -> Iterator[Command]:
    for action in s.definition.actions.values():
        if s.case.state in action.from_ and action.auto is None and (action.step or action.who):
            yield Command("act", action.name)
    if s.state.final:
        return
    for step, _run in s.open_runs():
        if step.check:
            yield Command("override", step.name)
            continue
        yield Command("vote" if step.votes else "complete", step.name)
        for do in ("claim", "release", "assign", "vacate", *(("recuse",) if step.recuse else ())):
            yield Command(do, step.name)
    yield from (Command("consult", step.name) for step in s.state.steps.values() if step.on_demand)
    for name, run in s.case.runs.items():
        if run.check and run.outcome == "failed":
            yield Command("override", name)
    yield Command("ask")
    for number in s.case.corrections:
        for status in ("answered", "open", "cancelled"):
            yield Command("correction", str(number), {"status": status})
    for name in sorted(s.facts.conflicts):
        yield Command("resolve", name)
    yield Command("edit")
    yield Command("comment", "comment")
    yield Command("comment", "note")

"""Seats: may somebody take one, leave it, stand down, be given one, be asked? The guard's rules about them."""

from __future__ import annotations

from typing import Any

from siskop.engine import people
from siskop.engine.case import Actor, Command, Permit, Refusal, Run
from siskop.engine.definition import Step
from siskop.engine.people import NOT_YOURS
from siskop.engine.situation import SUBMITTERS_SIDE, Situation
from siskop.engine.votes import kind_of

NOT_NOW = Refusal("state", "This can't be done in the present state.")
STEP_CLOSED = Refusal("step", "This step is not open now.")
CANNOT_SIT = Refusal("seat", "This person can't do this. Choose somebody who may.")
SITS = Refusal("taken", "This person has a seat in this step already.")
ASKED = Refusal("taken", "This person has been asked already.")
HAS_ACTED = Refusal("taken", "Whoever has this seat has done their part already.")
NOBODY_SITS = Refusal("seat", "Nobody has this seat.")
IN_DAYS = "Say in how many days, from 1 to 365."

Answer = Permit | Refusal
_DAYS = range(1, 366)


def claim(s: Situation, actor: Actor, command: Command) -> Answer:
    found = place_of(s, actor, command)
    return Refusal("taken", "This task is yours already.") if holds(found) else found


def release(s: Situation, actor: Actor, command: Command) -> Answer:
    run = _human_run(s, command.name)
    if isinstance(run, Refusal):
        return run
    seat = next((x for x in run.seats.values() if x.person == actor.id and x.acted is None), None)
    return Permit(seat=seat) if seat is not None and actor.id is not None else NOT_YOURS


def recuse(s: Situation, actor: Actor, command: Command) -> Answer:
    """Whoever has a seat, or could take one that nobody has: for themselves, never for a principal."""
    found = place_of(s, actor, command)
    if isinstance(found, Refusal):
        return found
    if not s.state.steps[command.name].recuse:
        return STEP_CLOSED
    place = found.place
    return found if place and place.principal == actor.id and place.seat.person in (None, actor.id) else NOT_YOURS


def consult(s: Situation, actor: Actor, command: Command) -> Answer:
    """The office asks somebody who fits a step on demand, and by when; each person once a round. Who does not manage
    asks from a seat: one that was only offered is taken with it."""
    step = s.state.steps.get(command.name)
    if step is None or not step.on_demand:
        return NOT_NOW if step is None else STEP_CLOSED
    asker = Permit() if manages(s, actor) is None else own_place(s, actor)
    if isinstance(asker, Refusal):
        return asker
    person, due = command.args.get("person"), command.args.get("due", step.due_days)
    asks = (*(("person",) if person is None else ()), *(("due",) if due is None else ()))
    if asks:
        return Permit(asks)
    why = _unfit(s, step, s.case.runs.get(command.name), person)
    return why or (asker if due in _DAYS else Refusal("needs", IN_DAYS))


def _unfit(s: Situation, step: Step, run: Run | None, person: Any) -> Refusal | None:
    why = people.barred(s, person, people.who_of(s.state, step))
    if why is not None or all(c.id != person for c in people.fitting(s, step)):
        return why or CANNOT_SIT
    return ASKED if run is not None and person in people.seated(run) else None


def assign(s: Situation, actor: Actor, command: Command) -> Answer:
    """Also to somebody outside the step's `who`, but never past an exclusion, and never two seats for one."""
    found = _managed_seat(s, actor, command)
    person = command.args.get("person")
    if isinstance(found, Refusal) or found.run is None or person is None:
        return found if isinstance(found, Refusal) else Permit(("person",))
    step = s.state.steps[command.name]
    kind = kind_of(step.seats, found.seat.name) if found.seat else None
    why = SITS if person in people.seated(found.run) else None
    return why or people.barred(s, person, people.who_of(s.state, step, kind)) or found


def vacate(s: Situation, actor: Actor, command: Command) -> Answer:
    found = _managed_seat(s, actor, command)
    if isinstance(found, Refusal) or (found.seat is not None and found.seat.person is not None):
        return found
    return STEP_CLOSED if command.args.get("seat") is None else NOBODY_SITS


def _managed_seat(s: Situation, actor: Actor, command: Command) -> Answer:
    run = _human_run(s, command.name)
    if isinstance(run, Refusal):
        return run
    if (why := manages(s, actor)) is not None:
        return why
    wanted = command.args.get("seat")
    if wanted is not None and wanted not in run.seats:
        return no_seat(wanted)
    seat = next((x for x in run.seats.values() if x.acted is None and wanted in (None, x.name)), None)
    return Permit(run=run, seat=seat) if seat is not None else STEP_CLOSED if wanted is None else HAS_ACTED


def no_seat(wanted: Any) -> Refusal:
    return Refusal("seat", "This step has no seat “%(seat)s”.", {"seat": wanted})


def place_of(s: Situation, actor: Actor, command: Command) -> Answer:
    """The actor's place in an open human step of this state."""
    found = _human_run(s, command.name)
    if isinstance(found, Refusal):
        return found
    wanted = command.args.get("seat")
    place = people.place_for(s, actor, found, wanted) if wanted in (None, *found.seats) else no_seat(wanted)
    return place if isinstance(place, Refusal) else Permit(place=place)


def _human_run(s: Situation, name: str) -> Run | Refusal:
    if name not in s.state.steps:
        return NOT_NOW
    run = s.open_run(name)
    return run if run is not None and s.state.steps[name].who is not None else STEP_CLOSED


def own_place(s: Situation, actor: Actor, wanted: str | None = None) -> Answer:
    """The actor's place in an open human step: one that they hold, else the first that they could take. An opinion
    gives none."""
    why, offered = STEP_CLOSED, None
    for step, run in s.open_runs():
        if step.who is None or step.on_demand or wanted not in (None, step.name):
            continue
        found = people.place_for(s, actor, run)
        if isinstance(found, Refusal):
            why = found
        elif holds(permit := Permit(place=found, run=run)):
            return permit
        else:
            offered = offered or permit
    return offered or why


def holds(found: Answer) -> bool:
    """Whether the seat is theirs (or their principal's) already, and not only offered."""
    return isinstance(found, Permit) and found.place is not None and found.place.seat.person == found.place.principal


def manages(s: Situation, actor: Actor) -> Refusal | None:
    """Whoever is involved never manages, wherever the case waits: nobody cancels what was asked of themselves."""
    who = s.definition.manage
    if who is None or (who.role is not None and not people.covers(actor.grants, who.role, None)):
        return NOT_YOURS
    return people.INVOLVED if who.role is not None and is_involved(s, actor) else people.refused(s, actor, who)


def is_involved(s: Situation, actor: Actor) -> bool:
    return actor.id is not None and any(people.related(s, actor.id, word, actor) for word in SUBMITTERS_SIDE)

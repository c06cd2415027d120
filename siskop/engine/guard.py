"""May this be done? The same question for the act and for the page that offers it, so that they can't disagree.

The order of refusals: final, basis, silence, state, step, seat (excluded before not theirs), corrections and conflicts,
`when`, needs. Inputs that are missing are no refusal but `asks`: the page asks, `decide` refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from siskop.engine import ladders, people
from siskop.engine.case import Actor, Basis, Case, Command, Correction, Refusal, Run, Seat
from siskop.engine.definition import Action, Step
from siskop.engine.people import ALREADY_DONE, NOT_YOURS, TAKEN, Place
from siskop.engine.situation import SUBMITTERS_SIDE, Situation
from siskop.engine.votes import BALLOTS

FINAL = Refusal("final", "This submission is finished.")
STALE = Refusal("stale", "Somebody changed this submission meanwhile. Look again and decide anew.")
LATE = Refusal("silence", "The deadline has passed, and with it the decision.")
NOT_NOW = Refusal("state", "This can't be done in the present state.")
STEP_CLOSED = Refusal("step", "This step is not open now.")
NO_CORRECTION = Refusal("needs", "Ask for at least one correction first.")
UNANSWERED = Refusal("unanswered", "Answer every requested correction before you send this again.")
FORM_INVALID = Refusal("needs", "Some answers are missing or need another look.")
CHECKS_FIRST = Refusal("when", "The automatic checks have not all passed.")
CONDITION = Refusal("when", "The conditions for this are not met.")

CANNOT_SIT = Refusal("seat", "This person can't do this. Choose somebody who may.")

BY_WHEN = Refusal("needs", "Say in how many days, from 0 to 365.")
_DAYS = range(366)

GIVEN = frozenset({"attachment", "person", "form"})
"""Inputs that may come as arguments; the others are words."""

OF_THE_CASE = frozenset({"valid_form", "correction"})
ANSWERABLE = frozenset({"passed", "warned", "failed", "error"})
SYSTEM_ONLY = frozenset({"check", "tick", "migrate"})


@dataclass(frozen=True, slots=True)
class Permit:
    """Yes. `asks`: inputs still missing. The rest is what was found on the way."""

    asks: tuple[str, ...] = ()
    place: Place | None = None
    run: Run | None = None
    seat: Seat | None = None
    correction: Correction | None = None


Answer = Permit | Refusal


def basis_of(case: Case) -> Basis:
    return Basis(case.round, case.revision, case.behaviour)


def guard(s: Situation, actor: Actor, command: Command) -> Answer:
    """`command.args["basis"]`, if there, is the token of what the actor saw. Raises KeyError for an unknown `do`."""
    rule = _RULES[command.do]
    if command.do in SYSTEM_ONLY:
        return rule(s, actor, command) if actor.system else NOT_YOURS
    if s.state.final and command.do != "act":
        return FINAL
    if command.args.get("basis") not in (None, basis_of(s.case).token()):
        return STALE
    if ladders.silence_is_due(s):
        return LATE
    return rule(s, actor, command)


# ------------------------------------------------------------------ the decisions


def _act(s: Situation, actor: Actor, command: Command) -> Answer:
    action = s.definition.actions.get(command.name)
    if action is None or action.auto is not None or s.case.state not in action.from_:
        return FINAL if s.state.final else NOT_NOW
    place: Place | None = None
    if action.step is not None:
        run = s.open_run(action.step)
        if run is None:
            return STEP_CLOSED
        found = people.place_for(s, actor, run)
        if isinstance(found, Refusal):
            return found
        place = found
    elif (why := _not_among(s, actor, action)) is not None:
        return why
    why = s.blocked(action) or _untrue(s, action) or _lacks(s, action) or _misnamed(s, action, command)
    inputs = (*(need for need in action.needs if need not in OF_THE_CASE), *(("form",) if action.form else ()))
    return why or Permit(_missing(inputs, command), place)


def _not_among(s: Situation, actor: Actor, action: Action) -> Refusal | None:
    """An action of nobody is the ladder's alone."""
    return (
        NOT_YOURS
        if action.who is None
        else people.refused(s, actor, people.office_who(s.definition, s.state, action.who))
    )


def _untrue(s: Situation, action: Action) -> Refusal | None:
    condition, found = action.when, s.test(action.when)
    if found is True or condition is None:
        return None
    if found is None:
        lacking = ", ".join(condition.missing(s.environment(condition)))
        return Refusal("unknown", "This can't be decided while answers are missing: %(fields)s.", {"fields": lacking})
    if action.why:
        return Refusal("when", "%(why)s", {"why": action.why})
    on_checks = any(name.startswith("checks.") for name in condition.names) and not s.checks()["passed"]
    return CHECKS_FIRST if on_checks else CONDITION


def _lacks(s: Situation, action: Action) -> Refusal | None:
    """What the case itself must have."""
    is_open = bool(s.open_corrections())
    if "correction" in action.needs and not is_open:
        return NO_CORRECTION
    if "valid_form" in action.needs:
        return UNANSWERED if is_open else FORM_INVALID if s.facts.form_valid is False else None
    return None


def _misnamed(s: Situation, action: Action, command: Command) -> Refusal | None:
    """Who is named for the first step of the next state must fit it."""
    person, to = command.args.get("person"), s.definition.states[action.to]
    if "person" not in action.needs or person is None:
        return None
    step = to.steps.get(people.first_of(to) or "")
    who = people.who_of(s.definition, to, step) if step is not None else None
    if step is None or who is None or all(c.id != person for c in s.facts.pools.get(step.name, ())):
        return CANNOT_SIT
    return people.excluded(s, person, who)


def _missing(needs: tuple[str, ...], command: Command) -> tuple[str, ...]:
    return tuple(n for n in needs if n not in command.words and not (n in GIVEN and command.args.get(n)))


def _vote(s: Situation, actor: Actor, command: Command) -> Answer:
    found = _seated(s, actor, command)
    if isinstance(found, Refusal):
        return found
    votes = s.state.steps[command.name].votes
    if votes is None:
        return STEP_CLOSED
    ballot = command.args.get("ballot")
    needs = ("reason",) if ballot == votes.reason else ()
    asks = _missing(needs, command) if ballot in BALLOTS else ("ballot",)
    return s.blocked() or Permit(asks, found.place, found.run)


def _complete(s: Situation, actor: Actor, command: Command) -> Answer:
    """A task with a form, or one that no action ends; an opinion is a note."""
    found = _seated(s, actor, command)
    if isinstance(found, Refusal):
        return found
    step = s.state.steps[command.name]
    if step.votes is not None or not (step.form or all(a.step != step.name for a in s.definition.actions.values())):
        return STEP_CLOSED
    needs = (*(("form",) if step.form else ()), *(("note",) if step.on_demand else ()))
    return s.blocked() or Permit(_missing(needs, command), found.place, found.run)


def _seated(s: Situation, actor: Actor, command: Command) -> Answer:
    """The actor's place in an open human step of this state."""
    found = _human_run(s, command.name)
    if isinstance(found, Refusal):
        return found
    place = people.place_for(s, actor, found, command.args.get("seat"))
    return place if isinstance(place, Refusal) else Permit(place=place, run=found)


def _human_run(s: Situation, name: str) -> Run | Refusal:
    if name not in s.state.steps:
        return NOT_NOW
    run = s.open_run(name)
    return run if run is not None and s.state.steps[name].who is not None else STEP_CLOSED


# ------------------------------------------------------------------ seats


def _claim(s: Situation, actor: Actor, command: Command) -> Answer:
    found = _seated(s, actor, command)
    if isinstance(found, Permit) and found.place is not None and found.place.seat.person == found.place.principal:
        return ALREADY_DONE if found.place.seat.acted else Refusal("taken", "This task is yours already.")
    return found


def _release(s: Situation, actor: Actor, command: Command) -> Answer:
    run = _human_run(s, command.name)
    if isinstance(run, Refusal):
        return run
    seat = next((x for x in run.seats.values() if x.person == actor.id and x.acted is None), None)
    return Permit(run=run, seat=seat) if seat is not None and actor.id is not None else NOT_YOURS


def _recuse(s: Situation, actor: Actor, command: Command) -> Answer:
    """Whoever has a seat, or could take one that nobody has: for themselves, never for a principal."""
    found = _seated(s, actor, command)
    if isinstance(found, Refusal):
        return found
    if not s.state.steps[command.name].recuse:
        return STEP_CLOSED
    place = found.place
    return found if place and place.principal == actor.id and place.seat.person in (None, actor.id) else NOT_YOURS


def _consult(s: Situation, actor: Actor, command: Command) -> Answer:
    """The office asks somebody who fits a step on demand, and by when; each person once a round."""
    step = s.state.steps.get(command.name)
    if step is None or not step.on_demand:
        return NOT_NOW if step is None else STEP_CLOSED
    if isinstance(why := _own_run(s, actor), Refusal) and _manages(s, actor) is not None:
        return why
    person, due = command.args.get("person"), command.args.get("due", step.due_days)
    asks = (*(("person",) if person is None else ()), *(("due",) if due is None else ()))
    if asks:
        return Permit(asks)
    run = s.case.runs.get(command.name)
    return _unfit(s, step, run, person) or (Permit(run=run) if due in _DAYS else BY_WHEN)


def _unfit(s: Situation, step: Step, run: Run | None, person: Any) -> Refusal | None:
    why = people.excluded(s, person, people.who_of(s.definition, s.state, step))
    if why is not None or all(c.id != person for c in people.fitting(s, step)):
        return why or CANNOT_SIT
    return TAKEN if run is not None and person in people.seated(run) else None


def _assign(s: Situation, actor: Actor, command: Command) -> Answer:
    """Also to somebody outside the step's `who`, but never past an exclusion, and never two seats for one."""
    found = _managed_seat(s, actor, command)
    person = command.args.get("person")
    if isinstance(found, Refusal) or found.run is None or person is None:
        return found if isinstance(found, Refusal) else Permit(("person",), run=found.run, seat=found.seat)
    step = s.state.steps[command.name]
    why = people.excluded(s, person, people.who_of(s.definition, s.state, step))
    return why or (TAKEN if person in people.seated(found.run) else found)


def _vacate(s: Situation, actor: Actor, command: Command) -> Answer:
    found = _managed_seat(s, actor, command)
    return STEP_CLOSED if isinstance(found, Permit) and (found.seat is None or found.seat.person is None) else found


def _managed_seat(s: Situation, actor: Actor, command: Command) -> Answer:
    run = _human_run(s, command.name)
    if isinstance(run, Refusal):
        return run
    if (why := _manages(s, actor)) is not None:
        return why
    wanted = command.args.get("seat")
    seat = next((x for x in run.seats.values() if x.acted is None and wanted in (None, x.name)), None)
    return Permit(run=run, seat=seat) if seat is not None else STEP_CLOSED


def _override(s: Situation, actor: Actor, command: Command) -> Answer:
    step = s.state.steps.get(command.name)
    if step is None:
        return NOT_NOW
    run = s.case.runs.get(command.name)
    if run is None or step.check is None or run.outcome not in (None, "failed", "lapsed"):
        return STEP_CLOSED
    return _manages(s, actor) or Permit(_missing(("reason",), command), run=run)


def _manages(s: Situation, actor: Actor) -> Refusal | None:
    """Whoever is involved never manages, wherever the case waits: nobody cancels what was asked of themselves."""
    who = s.definition.manage
    if who is None or (who.role is not None and not people.covers(actor.grants, who.role, None)):
        return NOT_YOURS
    return people.INVOLVED if who.role is not None and _is_involved(s, actor) else people.refused(s, actor, who)


# ------------------------------------------------------------------ corrections, conflicts, words


def _ask(s: Situation, actor: Actor, command: Command) -> Answer:
    """Only where an action leads back to the submitter; one open correction a field."""
    if s.state.waits_for != "office" or not _leads_back(s):
        return NOT_NOW
    run = _own_run(s, actor, command.args.get("step"))
    if isinstance(run, Refusal):
        return run
    if command.name and command.name not in s.definition.form.fields:
        return Refusal("state", "The form does not ask this.")
    if any(c.field == command.name for c in s.open_corrections()):
        return Refusal("corrections", "A correction of this answer is open already.")
    return Permit((() if command.name else ("field",)) + _missing(("correction",), command), run=run)


def _leads_back(s: Situation) -> bool:
    actions = (a for a in s.definition.actions.values() if s.case.state in a.from_)
    return any(s.definition.states[a.to].waits_for == "submitter" for a in actions)


def _own_run(s: Situation, actor: Actor, wanted: str | None = None) -> Run | Refusal:
    """The open human step in which the actor has a place, the first in file order; an opinion gives none."""
    why = STEP_CLOSED
    for step, run in s.open_runs():
        if step.who is None or step.on_demand or wanted not in (None, step.name):
            continue
        found = people.place_for(s, actor, run)
        if not isinstance(found, Refusal):
            return run
        why = found
    return why


def _correction(s: Situation, actor: Actor, command: Command) -> Answer:
    correction = next((c for n, c in s.case.corrections.items() if str(n) == command.name), None)
    status = command.args.get("status")
    if correction is None or (correction.status, status) not in _STEPS_OF_CORRECTION:
        return NOT_NOW
    if s.state.waits_for == "submitter":
        if status == "cancelled":
            return _manages(s, actor) or Permit(correction=correction)
        why = people.refused(s, actor, s.state.edit) if s.state.edit is not None else NOT_YOURS
        return why or (Permit(correction=correction) if correction.sent else NOT_NOW)
    if status == "answered":
        return NOT_NOW
    held = _own_run(s, actor, correction.step)
    if isinstance(held, Refusal) and (status == "open" or _manages(s, actor) is not None):
        return held
    return Permit(correction=correction)


_STEPS_OF_CORRECTION = frozenset(
    {("open", "answered"), ("answered", "open"), ("open", "cancelled"), ("answered", "cancelled")}
)


def _resolve(s: Situation, actor: Actor, command: Command) -> Answer:
    """`manage`, or whoever holds or held a human step of this case, under the same exclusions."""
    if command.name not in s.facts.conflicts:
        return Refusal("conflicts", "This field is not in conflict now.")
    if _manages(s, actor) is not None and (why := _took_part(s, actor)) is not None:
        return why
    return Permit(() if command.args.get("side") in ("proposed", "current") else ("side",))


def _took_part(s: Situation, actor: Actor) -> Refusal | None:
    """None for whoever may sit in an open step, or sat in one of this case."""
    if actor.id is None:
        return NOT_YOURS
    if _is_involved(s, actor):
        return people.INVOLVED
    if not isinstance(_own_run(s, actor), Refusal):
        return None
    steps = {
        name for state in s.definition.states.values() for name, step in state.steps.items() if step.who is not None
    }
    return None if any(actor.id in ids for name, ids in s.case.did.items() if name in steps) else NOT_YOURS


def _is_involved(s: Situation, actor: Actor) -> bool:
    return actor.id is not None and any(people.related(s, actor.id, word, actor) for word in SUBMITTERS_SIDE)


def _edit(s: Situation, actor: Actor, command: Command) -> Answer:
    if s.state.edit is None:
        return NOT_NOW
    return people.refused(s, actor, s.state.edit) or Permit()


def _comment(s: Situation, actor: Actor, command: Command) -> Answer:
    """`command.name`: comment (both sides read it) or note (the office only). Who sees the case, the door says."""
    code = command.name or "comment"
    if code not in ("comment", "note") or actor.id is None:
        return NOT_NOW
    outside = _is_involved(s, actor)
    if (code == "note" and outside) or not (outside or actor.grants):
        return NOT_YOURS
    return Permit(_missing((code,), command))


# ------------------------------------------------------------------ the system


def _check(s: Situation, actor: Actor, command: Command) -> Answer:
    run = s.open_run(command.name)
    if run is None or run.check is None or run.round != command.args.get("round"):
        return STALE
    if command.args.get("outcome") not in ANSWERABLE:
        raise ValueError(f"not an outcome of a check: {command.args.get('outcome')!r}")
    return Permit(run=run)


def _tick(s: Situation, actor: Actor, command: Command) -> Answer:
    return Permit()


def _migrate(s: Situation, actor: Actor, command: Command) -> Answer:
    """`s.definition` is the new one, in which the present state may not exist."""
    now = s.definition.states.get(s.case.state)
    if now is not None and now.final:
        return FINAL
    if command.name not in s.definition.states or (command.args.get("same") and command.name != s.case.state):
        return NOT_NOW
    return STALE if s.case.behaviour == s.definition.behaviour else Permit()


_RULES: dict[str, Callable[[Situation, Actor, Command], Answer]] = {
    "act": _act,
    "vote": _vote,
    "complete": _complete,
    "claim": _claim,
    "release": _release,
    "recuse": _recuse,
    "consult": _consult,
    "assign": _assign,
    "vacate": _vacate,
    "override": _override,
    "ask": _ask,
    "correction": _correction,
    "resolve": _resolve,
    "edit": _edit,
    "comment": _comment,
    "check": _check,
    "tick": _tick,
    "migrate": _migrate,
}

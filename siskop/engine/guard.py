"""May this be done? The same question for the act and for the page that offers it, so that they can't disagree.

The order of refusals: final, basis, silence, state, step, seat (excluded before not theirs), corrections and conflicts,
`when`, needs. Inputs that are missing are no refusal but `asks`: the page asks, `decide` refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from siskop.engine import ladders, people, sitting
from siskop.engine.case import Actor, Command, Correction, Permit, Place, Refusal
from siskop.engine.definition import Action
from siskop.engine.fields.registry import UNASKED
from siskop.engine.people import NOT_YOURS
from siskop.engine.sitting import CANNOT_SIT, NOT_NOW, STEP_CLOSED, Answer
from siskop.engine.situation import Situation
from siskop.engine.votes import BALLOTS

FINAL = Refusal("final", "This submission is finished.")
STALE = Refusal("stale", "Somebody changed this submission meanwhile. Look again and decide anew.")
FORM_INVALID = Refusal("needs", "Some answers are missing or need another look.")
OF_THE_CASE = frozenset({"valid_form", "correction"})
ANSWERABLE = frozenset({"passed", "warned", "failed", "error"})
SYSTEM_ONLY = frozenset({"check", "tick", "migrate"})

Rule = Callable[[Situation, Actor, Command], Answer]


def guard(rule: Rule, s: Situation, actor: Actor, command: Command) -> Answer:
    """By the command's own rule, and what holds for all. `command.args["basis"]`, if there, is the token of what the
    actor saw."""
    if command.do in SYSTEM_ONLY:
        return rule(s, actor, command) if actor.system else NOT_YOURS
    if s.state.final and command.do != "act":
        return FINAL
    if command.args.get("basis") not in (None, s.case.basis()):
        return STALE
    if ladders.silence_is_due(s):
        return Refusal("silence", "The deadline has passed, and with it the decision.")
    return rule(s, actor, command)


# ------------------------------------------------------------------ the decisions


def act(s: Situation, actor: Actor, command: Command) -> Answer:
    action = s.definition.actions.get(command.name)
    if action is None or action.auto is not None or s.case.state not in action.from_:
        return FINAL if s.state.final else NOT_NOW
    place = _taken_from(s, actor, action)
    if isinstance(place, Refusal):
        return place
    why = s.blocked(action) or _untrue(s, action) or _lacks(s, action) or _misnamed(s, action, command)
    inputs = (*(need for need in action.needs if need not in OF_THE_CASE), *(("form",) if action.form else ()))
    return why or Permit(command.lacks(*inputs), place)


def _taken_from(s: Situation, actor: Actor, action: Action) -> Place | Refusal | None:
    """The actor's seat in the step whose action it is; None where it is an action of a role or relation that they have.
    An action of nobody is the ladder's alone."""
    if action.step is not None:
        run = s.open_run(action.step)
        return STEP_CLOSED if run is None else people.place_for(s, actor, run)
    if action.who is None:
        return NOT_YOURS
    return people.refused(s, actor, people.office_who(s.definition, s.state, action.who))


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
    if on_checks:
        return Refusal("when", "The automatic checks have not all passed.")
    return Refusal("when", "The conditions for this are not met.")


def _lacks(s: Situation, action: Action) -> Refusal | None:
    """What the case itself must have."""
    is_open = bool(s.open_corrections())
    if "correction" in action.needs and not is_open:
        return Refusal("needs", "Ask for at least one correction first.")
    if "valid_form" in action.needs and is_open:
        return Refusal("unanswered", "Answer every requested correction before you send this again.")
    return FORM_INVALID if "valid_form" in action.needs and s.facts.form_valid is False else None


def _misnamed(s: Situation, action: Action, command: Command) -> Refusal | None:
    """Who is named for the first step of the next state must fit it."""
    person, to = command.args.get("person"), s.definition.states[action.to]
    if "person" not in action.needs or person is None:
        return None
    step = to.steps.get(people.first_of(to) or "")
    if step is None or all(c.id != person for c in s.facts.pools.get(step.name, ())):
        return CANNOT_SIT
    return people.excluded(s, person, people.who_of(to, step))


def vote(s: Situation, actor: Actor, command: Command) -> Answer:
    found = sitting.place_of(s, actor, command)
    if isinstance(found, Refusal):
        return found
    votes = s.state.steps[command.name].votes
    if votes is None:
        return STEP_CLOSED
    ballot = command.args.get("ballot")
    needs = ("reason",) if ballot == votes.reason else ()
    asks = command.lacks(*needs) if ballot in BALLOTS else ("ballot",)
    return s.blocked() or Permit(asks, found.place)


def complete(s: Situation, actor: Actor, command: Command) -> Answer:
    """A task with a form, or one that no action ends; an opinion is a note."""
    found = sitting.place_of(s, actor, command)
    if isinstance(found, Refusal):
        return found
    step = s.state.steps[command.name]
    if step.votes is not None or not (step.form or all(a.step != step.name for a in s.definition.actions.values())):
        return STEP_CLOSED
    needs = (*(("form",) if step.form else ()), *(("note",) if step.on_demand else ()))
    return s.blocked() or Permit(command.lacks(*needs), found.place)


# ------------------------------------------------------------------ seats


def override(s: Situation, actor: Actor, command: Command) -> Answer:
    step = s.state.steps.get(command.name)
    if step is None:
        return NOT_NOW
    run = s.case.runs.get(command.name)
    if run is None or step.check is None or run.outcome not in (None, "failed", "lapsed"):
        return STEP_CLOSED
    return sitting.manages(s, actor) or Permit(command.lacks("reason"))


# ------------------------------------------------------------------ corrections, conflicts, words


def ask(s: Situation, actor: Actor, command: Command) -> Answer:
    """Only where the office can hand it back to be answered; one open correction a field, of those that people answer.

    It is asked from a seat: one that was only offered is taken with it.
    """
    answered = [name for name, field in s.definition.form.fields.items() if field.type not in UNASKED]
    if s.state.waits_for != "office" or not answered or not _leads_back(s):
        return NOT_NOW
    found = sitting.own_place(s, actor, command.args.get("step"))
    if isinstance(found, Refusal):
        return found
    if command.name and command.name not in answered:
        return Refusal("state", "The form does not ask this.")
    if any(c.field == command.name for c in s.open_corrections()):
        return Refusal("corrections", "A correction of this answer is open already.")
    return replace(found, asks=(() if command.name else ("field",)) + command.lacks("correction"))


def _leads_back(s: Situation) -> bool:
    """Whether the office could hand it back, as things would be with a correction open, to where answers are changed.

    Little else happens while one is open, so what may come later (a step that is not open yet) is no way.
    """
    asked = Correction(0, "", "", s.case.round, "open", None)
    then = Situation(s.definition, replace(s.case, corrections={**s.case.corrections, 0: asked}), s.facts)
    return any(_hands_back(then, a) for a in s.definition.actions.values() if s.case.state in a.from_)


def _hands_back(s: Situation, action: Action) -> bool:
    to = s.definition.states[action.to]
    if to.waits_for != "submitter" or to.edit is None or s.test(action.when) is not True:
        return False
    if action.step is not None:
        return s.open_run(action.step) is not None
    return not s.is_own(action) if action.who is not None else action.auto is not None and s.test(action.auto) is True


def correction(s: Situation, actor: Actor, command: Command) -> Answer:
    correction = next((c for n, c in s.case.corrections.items() if str(n) == command.name), None)
    status = command.args.get("status")
    steps = _STEPS_OF_CORRECTION if s.state.waits_for == "submitter" else _OF_THE_OFFICE
    if correction is None or (correction.status, status) not in steps:
        return NOT_NOW
    if s.state.waits_for == "submitter":
        if status == "cancelled":
            return sitting.manages(s, actor) or Permit(correction=correction)
        why = people.refused(s, actor, s.state.edit) if s.state.edit is not None else NOT_YOURS
        return why or Permit(correction=correction)
    held = sitting.own_place(s, actor, correction.step)
    if isinstance(held, Refusal) and (status == "open" or sitting.manages(s, actor) is not None):
        return held
    if isinstance(held, Refusal) or status != "open":
        return Permit(correction=correction)
    return replace(held, correction=correction) if _leads_back(s) else NOT_NOW


_OF_THE_OFFICE = frozenset({("answered", "open"), ("open", "cancelled"), ("answered", "cancelled")})
_STEPS_OF_CORRECTION = _OF_THE_OFFICE | {("open", "answered")}


def resolve(s: Situation, actor: Actor, command: Command) -> Answer:
    """`manage`, or whoever holds or held a human step of this case, under the same exclusions."""
    if command.name not in s.facts.conflicts:
        return Refusal("conflicts", "This field is not in conflict now.")
    if sitting.manages(s, actor) is not None and (why := _took_part(s, actor)) is not None:
        return why
    return Permit(() if command.args.get("side") in ("proposed", "current") else ("side",))


def _took_part(s: Situation, actor: Actor) -> Refusal | None:
    """None for whoever may sit in an open step, or sat in one of this case."""
    if actor.id is None:
        return NOT_YOURS
    if sitting.is_involved(s, actor):
        return people.INVOLVED
    if not isinstance(sitting.own_place(s, actor), Refusal):
        return None
    steps = {
        name for state in s.definition.states.values() for name, step in state.steps.items() if step.who is not None
    }
    return None if any(actor.id in ids for name, ids in s.case.did.items() if name in steps) else NOT_YOURS


def edit(s: Situation, actor: Actor, command: Command) -> Answer:
    if s.state.edit is None:
        return NOT_NOW
    return people.refused(s, actor, s.state.edit) or Permit()


def comment(s: Situation, actor: Actor, command: Command) -> Answer:
    """`command.name`: comment (both sides read it) or note (the office only). Who sees the case, the door says."""
    code = command.name or "comment"
    if code not in ("comment", "note") or actor.id is None:
        return NOT_NOW
    outside = sitting.is_involved(s, actor)
    if (code == "note" and outside) or not (outside or actor.grants):
        return NOT_YOURS
    return Permit(command.lacks(code))


# ------------------------------------------------------------------ the system


def check(s: Situation, actor: Actor, command: Command) -> Answer:
    run = s.open_run(command.name)
    if run is None or run.check is None or run.round != command.args.get("round"):
        return STALE
    if command.args.get("outcome") not in ANSWERABLE:
        raise ValueError(f"not an outcome of a check: {command.args.get('outcome')!r}")
    return Permit()


def migrate(s: Situation, actor: Actor, command: Command) -> Answer:
    """`s.definition` is the new one, in which the present state may not exist."""
    now = s.definition.states.get(s.case.state)
    if now is not None and now.final:
        return FINAL
    if command.name not in s.definition.states or (command.args.get("same") and command.name != s.case.state):
        return NOT_NOW
    return STALE if s.case.behaviour == s.definition.behaviour else Permit()

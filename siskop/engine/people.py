"""Who may: relations, roles by area, separation of duties, seats, and the choice of whom to give a task.

Separation: in a state that waits for the office, nobody sits in a step who sent the case in, wrote its answers or acts
for its record, unless the step says `self_service`. `exclude` in the files only adds to that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from siskop.engine.case import Actor, Candidate, Case, Command, Place, Refusal, Run, Seat
from siskop.engine.definition import Action, Definition, SeatKind, State, Step, Who
from siskop.engine.effects import rung_of
from siskop.engine.situation import NOWHERE, SUBMITTERS_SIDE, Situation, is_theirs
from siskop.engine.votes import kind_of

RECUSED = "recused."
"""Begins the exclusion of those who stood down from a step, which `who_of` adds."""

INVOLVED = Refusal("excluded", "You sent this in, wrote it, or act for it. Somebody else in the office must decide.")
NOT_YOURS = Refusal("not_yours", "This is not yours to do.")
TAKEN = Refusal("taken", "Somebody else has this task.")
ALREADY_DONE = Refusal("taken", "You have done your part already.")


# ------------------------------------------------------------------ who, in the files' terms


@lru_cache(maxsize=4096)
def who_of(state: State, step: Step, kind: SeatKind | None = None) -> Who:
    """Who may sit in a step (in one of its kinds of seats), with the automatic exclusions."""
    who = (kind.who if kind is not None else None) or step.who or Who()
    exclude = (*(step.who.exclude if step.who else ()), *who.exclude)
    if state.waits_for == "office" and not step.self_service:
        exclude = (*SUBMITTERS_SIDE, *exclude)
    if step.recuse:
        exclude = (*exclude, f"{RECUSED}{step.name}")
    return Who(who.role, who.relation, who.area, tuple(dict.fromkeys(exclude)))


def asks_submitters(definition: Definition, state: State, step: Step) -> bool:
    """Whether the step is for people of the submitter's side, and not for the office."""
    return step.self_service and all(is_theirs(definition, who_of(state, step, kind)) for kind in step.seats)


def office_who(definition: Definition, state: State, who: Who) -> Who:
    """Who may act beside the steps (a role's action, `manage`): separated too, where the office has or had the case."""
    if state.waits_for == "submitter" or who.relation == "anyone" or is_theirs(definition, who):
        return who
    return replace(who, exclude=tuple(dict.fromkeys((*SUBMITTERS_SIDE, *who.exclude))))


# ------------------------------------------------------------------ who, of real people


def refused(s: Situation, actor: Actor, who: Who) -> Refusal | None:
    """Why the actor is not one of `who`: excluded before not theirs. None: they are."""
    if actor.id is None:
        return NOT_YOURS
    return excluded(s, actor.id, who, actor) or (None if _fits(s, actor, who, _area(s, who)) else NOT_YOURS)


def excluded(s: Situation, person: int, who: Who, actor: Actor | None = None) -> Refusal | None:
    """Whether somebody is excluded; without `actor`, only their account is known."""
    for word in who.exclude:
        if word.startswith(RECUSED):
            if person in s.case.recused.get(word.removeprefix(RECUSED), ()):
                return Refusal("excluded", "You stood down from this step.")
        elif related(s, person, word, actor):
            return _ACTED_BEFORE if word.startswith("did.") else INVOLVED
    return None


_ACTED_BEFORE = Refusal("excluded", "You took part in an earlier step. Somebody else must take this one.")
_HOLDS = Refusal("excluded", "One person can't have both this step and the one where they have a seat now.")


def barred(s: Situation, person: int, who: Who, actor: Actor | None = None) -> Refusal | None:
    """Whether somebody may not be given a seat: excluded, or going to be, since what they hold counts as done."""
    return excluded(s, person, who, actor) or next((_HOLDS for word in who.exclude if _holds(s, person, word)), None)


def _holds(s: Situation, person: int, word: str) -> bool:
    run = s.open_run(word[4:]) if word.startswith("did.") else None
    return run is not None and any(seat.person == person for seat in run.seats.values())


def related(s: Situation, person: int, relation: str, actor: Actor | None = None) -> bool:
    """Whether a relation (a closed list) holds between a person and the case."""
    case = s.case
    if relation == "submitter":
        return person in case.submitters or person == case.starter
    if relation == "author":
        return person in case.authors
    if relation == "record_operator":
        return person in s.facts.operators or (actor is not None and relation in actor.relations)
    if relation == "assignee":
        return any(seat.person == person for _, run in s.open_runs() for seat in run.seats.values())
    if relation.startswith("did."):
        return person in s.case.did.get(relation[4:], ())
    return relation == "anyone"


def covers(grants: Iterable[tuple[str, str]], role: str, area: str | None) -> bool:
    """Whether one of the grants is the role, for an area that `area` (a code; None: any) begins with."""
    return any(held == role and (area is None or area.startswith(prefix)) for held, prefix in grants)


def _fits(s: Situation, actor: Actor, who: Who, area: str | None) -> bool:
    if actor.id is None or (who.relation is not None and not related(s, actor.id, who.relation, actor)):
        return False
    return who.role is None or covers(actor.grants, who.role, area)


def _area(s: Situation, who: Who) -> str | None:
    return area_of(who, s.facts.answers, s.facts.parent)


def area_of(who: Who, answers: Mapping[str, Any], parent: Mapping[str, Any]) -> str | None:
    """The area that a role has to cover, a field of the record or of its parent (`parent.…`); "" where it is not known,
    which only a role without limits covers."""
    if who.area is None:
        return None
    _, above, name = who.area.rpartition("parent.")
    return str((parent if above else answers).get(name) or "")


# ------------------------------------------------------------------ seats


def place_for(s: Situation, actor: Actor, run: Run, wanted: str | None = None) -> Place | Refusal:
    """The seat for this person: their own, one they are deputy for, then one that nobody has; never two in a run.

    Role and exclusion are looked at now, not when the step opened. A seat given by `manage` asks for no role.
    """
    if actor.id is None:
        return NOT_YOURS
    for seat in run.seats.values():
        if seat.acted is not None and actor.id in (seat.acted, seat.person):
            return ALREADY_DONE
    step = s.state.steps[run.step]
    why = excluded(s, actor.id, who_of(s.state, step), actor)
    if why is not None:
        return why
    why = NOT_YOURS
    for place in _places(actor.id, actor, run):
        if wanted in (None, place.seat.name):
            found = _may_sit(s, actor.id, actor, step, place)
            if found is None:
                return place
            why = why if found is NOT_YOURS else found
    if why is NOT_YOURS and _would_fit(s, actor, step, run):
        why = TAKEN
    return _through_widening(s, actor.id, actor, run, wanted) or why


def _places(me: int, actor: Actor, run: Run) -> Iterator[Place]:
    free = [seat for seat in run.seats.values() if seat.acted is None]
    own = [Place(seat, me) for seat in free if seat.person == me]
    if own:
        yield from own
        return
    yield from (Place(seat, seat.person) for seat in free if seat.person and seat.person in actor.principals)
    parts = [n for n in (me, *actor.principals) if n not in seated(run)]
    yield from (Place(seat, part) for seat in free if seat.person is None for part in parts)


def seated(run: Run) -> set[int | None]:
    """Whoever has a seat, or acted from one as a deputy: nobody has a second part in a run."""
    return {person for seat in run.seats.values() for person in (seat.person, seat.acted)}


def _may_sit(s: Situation, me: int, actor: Actor, step: Step, place: Place) -> Refusal | None:
    who, seat, principal = _sitter(s, step, place.seat), place.seat, place.principal
    why = _kept_out(s, me, who, seat, actor) or _kept_out(s, principal, who, seat)
    if why is not None or (seat.assigned and seat.person == principal):
        return why
    sits = actor if principal == me else replace(actor, id=principal, grants=actor.principals[principal])
    return None if _fits(s, sits, who, seat.area) else NOT_YOURS


def _kept_out(s: Situation, person: int, who: Who, seat: Seat, actor: Actor | None = None) -> Refusal | None:
    """Nobody is kept out of the seat that they have by another one: else two who have both could use neither."""
    return (excluded if seat.person == person else barred)(s, person, who, actor)


def _would_fit(s: Situation, actor: Actor, step: Step, run: Run) -> bool:
    taken = (seat for seat in run.seats.values() if seat.person is not None)
    return any(_fits(s, actor, _sitter(s, step, seat), seat.area) for seat in taken)


def _sitter(s: Situation, step: Step, seat: Seat) -> Who:
    return who_of(s.state, step, kind_of(step.seats, seat.name))


def _through_widening(s: Situation, me: int, actor: Actor, run: Run, wanted: str | None) -> Place | None:
    """A rung may have opened the step's seats, also taken ones, to more people."""
    seats = [seat for seat in run.seats.values() if seat.person == me] or run.seats.values()
    for widened in _widened(s, run):
        for seat in seats:
            who = replace(widened, exclude=_sitter(s, s.state.steps[run.step], seat).exclude)
            why = refused(s, actor, who) or _kept_out(s, me, who, seat)
            if seat.acted is None and wanted in (None, seat.name) and why is None:
                return Place(seat, me)
    return None


def _widened(s: Situation, run: Run) -> Iterator[Who]:
    own = f"step:{run.step}"
    rungs = (rung_of(s.definition, s.case.state, scope, n) for scope, n, _ in s.case.rungs if scope == own)
    for effect in (effect for rung in rungs if rung for effect in rung.does if effect.kind == "widen"):
        yield effect.args["who"]


# ------------------------------------------------------------------ opening a step: its seats, and whom to give them


def seats_of(s: Situation, step: Step) -> dict[str, dict[str, Any]]:
    """The seats of a step that opens now, {name: {person, role, area}}; without a person: offered to whoever fits."""
    seats: dict[str, dict[str, Any]] = {}
    taken: set[int | None] = set()
    named = s.case.named if step.name == first_of(s.state) else None
    for kind in step.seats if step.who is not None else ():
        place = asked_of(s, step, kind)
        for name, person in _named(s, step, kind, taken, named):
            seats[name] = {"person": person, **place}
    return seats


def asked_of(s: Situation, step: Step, kind: SeatKind | None = None) -> dict[str, str | None]:
    who = who_of(s.state, step, kind)
    return {"role": who.role, "area": _area(s, who)}


def first_of(state: State) -> str | None:
    """The step whose first seat goes to whom the action into the state has chosen."""
    return next((step.name for step in state.steps.values() if step.who is not None and not step.on_demand), None)


def _named(
    s: Situation, step: Step, kind: SeatKind, taken: set[int | None], named: int | None
) -> Iterator[tuple[str, int | None]]:
    given = _is_given(step, kind)
    pool = fitting(s, step, kind)
    count = max(len(pool), 1) if kind.count == "all" else kind.count
    for n in range(1, count + 1):
        person = _choose(s.case, step, pool, taken) if given else None
        if named not in taken and any(c.id == named for c in pool):
            person = named
        taken.add(person)
        yield (kind.name if kind.count == 1 else f"{kind.name}-{n}"), person


def refill(s: Situation, step: Step, run: Run, seat: Seat) -> int | None:
    """Whom an emptied seat goes to: the same choice as at the opening, without those who have a seat or just left."""
    kind = kind_of(step.seats, seat.name)
    return _choose(s.case, step, fitting(s, step, kind), seated(run)) if _is_given(step, kind) else None


def is_outside(s: Situation, step: str, seat: Seat) -> bool:
    """Whether the seat goes to somebody who is none of those it is for."""
    if s.facts.named is None:
        return False
    of = s.state.steps[step]
    return refused(s, s.facts.named, who_of(s.state, of, kind_of(of.seats, seat.name))) is not None


def is_spare(step: Step, run: Run, seat: Seat) -> bool:
    """Whether a seat that nobody fills can go: one of `all`, and not the last of its kind."""
    kind = kind_of(step.seats, seat.name)
    return kind.count == "all" and sum(kind_of(step.seats, name) is kind for name in run.seats) > 1


def fitting(s: Situation, step: Step, kind: SeatKind | None = None) -> list[Candidate]:
    """The candidates who may sit there. They are asked for by the step's own `who`: a kind of seat with another is
    offered, not given."""
    kind = kind or step.seats[0]
    pool = s.facts.pools.get(step.name, ()) if kind.who is None else ()
    return [c for c in pool if barred(s, c.id, who_of(s.state, step)) is None]


def _is_given(step: Step, kind: SeatKind) -> bool:
    """Whether its seats are given to people at once, or offered."""
    return step.allocate is not None or kind.count == "all"


def _choose(case: Case, step: Step, pool: Iterable[Candidate], taken: Collection[int | None]) -> int | None:
    before = case.did.get(step.name, frozenset()) if step.allocate == "handled_before" else frozenset()
    ranks = [(c.id not in before, c.load, c.id) for c in pool if c.id not in taken]
    return min(ranks)[2] if ranks else None


def people_needed(definition: Definition, case: Case, command: Command) -> tuple[str, ...]:
    """The steps whose candidates the command may ask for: those that could open, wherever it may lead by itself."""
    if command.do in _WITHOUT_CONSEQUENCE:
        return ()
    states, here = definition.states, definition.states.get(case.state, NOWHERE)
    action = definition.actions.get(command.name) if command.do == "act" else None
    steps = [step for step in here.steps.values() if step.name not in case.runs or command.name == step.name]
    for name in _entered(definition, here, action, command):
        steps += states[name].steps.values()
    named: set[str | None] = {command.name} if command.do == "consult" else set()
    if case.named is not None:
        named.add(first_of(here))
    if action is not None and "person" in action.needs:
        named.add(first_of(states[action.to]))
    for step in steps:
        if step.who is not None and any(_is_given(step, kind) for kind in step.seats):
            named.add(step.name)
    return tuple(dict.fromkeys(step.name for step in steps if step.name in named))


_WITHOUT_CONSEQUENCE = frozenset({"look", "edit", "comment"})


def _entered(definition: Definition, here: State, action: Action | None, command: Command) -> list[str]:
    """The states that may be entered because of the command, in the order of the file."""
    entered = {command.name} if command.do == "migrate" else {action.to} if action is not None else set()
    if command.do in ("tick", "check"):
        does = (effect for effect in here.rung_effects() if effect.kind == "action")
        entered = {definition.actions[effect.args["action"]].to for effect in does}
    autos = [a for a in definition.actions.values() if a.auto is not None]
    before: set[str] | None = None
    while before != entered:
        before = set(entered)
        entered |= {a.to for a in autos if not entered.union({here.name}).isdisjoint(a.from_)}
    return [name for name in definition.states if name in entered]

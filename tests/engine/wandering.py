"""A case played at random from a seed: whoever may do something does it, time passes, checks come as they like.

The people are invented for the workflow: enough for each role, some with several, deputies, operators of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from siskop.engine.case import Actor, Candidate, Command, Event, Facts, Offer, Refusal
from siskop.engine.decide import decide
from siskop.engine.definition import Definition, Field, Who
from siskop.engine.people import covers
from tests.engine.flows import OPERATOR, Play, review

OFFICE = tuple(range(11, 23))
SPARE = tuple(range(91, 99))
"""Nobody makes these operators or gives them seats: so there is always somebody left to decide."""

KNOWN_BEFORE = ("reason", "comment", "note", "correction", "answer")
Watch = Callable[["World", Actor, Command, Facts, tuple[Event, ...]], None]


@dataclass
class World(Play):
    """A case among invented people. `watch` sees every command that was done, before the case has changed."""

    dice: Random = field(default_factory=Random)
    watch: Watch | None = None

    @property
    def people(self) -> tuple[int, ...]:
        return (OPERATOR, 2, 3, *OFFICE, *SPARE)

    def pool(self, step: str) -> tuple[Candidate, ...]:
        """As the database answers: who holds the role there, least busy first."""
        state = next(s for s in self.definition.states.values() if step in s.steps)
        found = state.steps[step]
        who = found.who or Who()
        area = None if who.area is None else str(self.answers.get(who.area) or "")
        barred = frozenset() if found.self_service else self.operators
        fits = (n for n, held in self.grants.items() if who.role and covers(held, who.role, area))
        return tuple(Candidate(n, (n * 7) % 5) for n in fits if n not in barred)

    def facts(self, command: Command, **changes: Any) -> Facts:
        editor = self.case.editor if self.events else None
        fresh = {"revision": 500 + self.revision, "number": self.revision + 1, "digest": "d", "authors": []}
        fresh["authors"] = sorted({self.starter, editor or self.starter})
        fresh["behaviour"] = self.definition.behaviour
        return super().facts(command, **{"fresh": fresh, **changes})

    def perform(self, who: int | None, command: Command, **changes: Any) -> tuple[Event, ...] | Refusal:
        """Ask, and go on with what came of it."""
        actor, facts = self.actor(who), self.facts(command, **changes)
        answer = decide(self.definition, self.case, actor, command, facts)
        if not isinstance(answer, Refusal):
            if self.watch is not None:
                self.watch(self, actor, command, facts, answer)
            self.events += answer
            if any(event.type == "moved" for event in answer):
                self.forms = {}  # of this round
            self.revision += sum(e.type == "submitted" for e in answer)
        return answer

    def given(self, offer: Offer, **chosen: Any) -> Command:
        """The command for an offer, with whatever it may ask for."""
        dice = self.dice
        inputs = {"ballot": "for", "person": dice.choice(OFFICE), "side": "current", "form": True, "attachment": 7}
        args = {**inputs, "due": dice.choice([0, 3]), **chosen, **offer.args}
        name = dice.choice(sorted(self.definition.form.fields)) if offer.do == "ask" and not offer.name else offer.name
        kinds = (offer.name or "comment",) if offer.do == "comment" else KNOWN_BEFORE
        return Command(offer.do, name, args, {kind: {"id": 900, "digest": "w"} for kind in kinds})


def world(dice: Random, definition: Definition | None = None, **play_with: Any) -> World:
    """The people of a new case: two or three for each role of the workflow, and one spare."""
    definition = definition or review()
    roles = sorted(roles_of(definition))
    grants: dict[int, tuple[tuple[str, str], ...]] = {}
    for n, person in enumerate(OFFICE):
        areas = ["", "", "36", "36.74"] if n >= len(roles) else [""]
        held = {roles[n % len(roles)], *dice.sample(roles, dice.choice([0, 0, 1]))}
        grants[person] = tuple((role, dice.choice(areas)) for role in sorted(held))
    grants |= {person: ((role, ""),) for role, person in zip(roles, SPARE, strict=False)}
    deputies = {dice.choice(OFFICE): frozenset(dice.sample(OFFICE, 4)) for _ in range(dice.randint(0, 4))}
    operators = frozenset({OPERATOR, *dice.sample([2, 3, *OFFICE], dice.randint(0, 2))})
    answers = play_with.pop("answers", None) or answered(dice, definition)
    role = definition.start.role
    starter = OPERATOR if role is None else next(n for n, held in grants.items() if (role, "") in held)
    made = {"grants": grants, "deputies": deputies, "operators": operators, "answers": answers, "dice": dice}
    return World(definition, starter=starter, **made, **play_with)


def roles_of(definition: Definition) -> set[str]:
    found = [definition.start, definition.manage, *(a.who for a in definition.actions.values())]
    for state in definition.states.values():
        found.append(state.edit)
        for step in state.steps.values():
            found += [step.who, *(kind.who for kind in step.seats)]
            found += [e.args["who"] for rung in step.ladder for e in rung.does if e.kind == "widen"]
    return {who.role for who in found if who is not None and who.role is not None}


def answered(dice: Random, definition: Definition) -> dict[str, Any]:
    return {name: answer(dice, f) for name, f in definition.kind.fields.items() if dice.random() < 0.95}


def answer(dice: Random, of: Field) -> Any:
    """A value of the field's type; of a choice one that it offers."""
    leaves = [c.code for c in of.choices if not any(o.code != c.code and o.code.startswith(c.code) for o in of.choices)]
    days = [date(2026, 10, 1).isoformat(), date(2027, 3, 1).isoformat()]
    values = {"boolean": [True, False], "date": days, "list": [[]], "choices": [leaves[:1]]}
    if of.type in ("integer", "money", "decimal", "percent", "year", "computed"):
        return dice.choice([5, 51, 100])
    return dice.choice(values.get(of.type, leaves or ["36.74"]))


# ------------------------------------------------------------------ turns


def wander(seed: int | Random, definition: Definition | None = None, longest: int = 35, **play_with: Any) -> World:
    """Until it is finished or `longest` turns are over; then whoever can goes straight on, never back."""
    dice = seed if isinstance(seed, Random) else Random(seed)
    play = world(dice, definition, **play_with)
    for turn in range(longest * 4):
        if play.definition.states[play.case.state].final:
            break
        take_turn(play, onwards=turn > longest)
    return play


def take_turn(play: World, onwards: bool = False) -> None:
    dice = play.dice
    if dice.random() < 0.15:
        play.later(dice.choice([0.2, 1, 4]))
        play.perform(None, Command("tick"))
    if dice.random() < 0.05:
        fields = sorted(play.definition.form.fields)[:2]
        play.conflicts, play.current = (
            frozenset(dice.sample(fields, min(dice.randint(0, 1), len(fields)))),
            play.current + 1,
        )
    if dice.random() < 0.6 and (found := next(open_checks(play), None)):
        outcome = "passed" if onwards else dice.choice(["passed", "passed", "warned", "failed", "error"])
        play.perform(None, Command("check", found, {"round": play.case.round, "outcome": outcome}))
        return
    for people in (dice.sample(play.people, 6), play.people):
        possible = [(who, offer) for who in people for offer in play.offers(who) if offer.refusal is None]
        possible = [(who, offer) for who, offer in possible if not (onwards and _goes_back(offer))]
        if possible:
            break
    if possible:
        who, offer = dice.choices(possible, [_appeal(play.definition, offer) for _, offer in possible])[0]
        _take(play, who, offer, onwards)


def open_checks(play: World) -> Iterator[str]:
    return (name for name, run in play.case.runs.items() if run.check and run.outcome is None)


def _take(play: World, who: int, offer: Offer, onwards: bool) -> None:
    dice = play.dice
    ballot = "for" if onwards else dice.choice(["for", "for", "against", "abstain"])
    asking = play.definition.states[play.case.state].steps.get(offer.name) or play.definition.actions.get(offer.name)
    if asking is not None and asking.form:
        fields = play.definition.forms[asking.form].fields
        play.forms = {**play.forms, offer.name: {name: answer(dice, f) for name, f in fields.items()}}
    play.perform(who, play.given(offer, ballot=ballot, side=dice.choice(["proposed", "current"])))


def _appeal(definition: Definition, offer: Offer) -> float:
    """Ends are rare, words and seats less frequent than decisions: so a case lives long enough to meet every rule."""
    if offer.do == "comment":
        return 0.03
    if offer.do == "act":
        action = definition.actions[offer.name]
        leaves = definition.states[action.to].final or action.to == definition.initial
        return 0.05 if leaves and (action.step is None or "reason" in action.needs) else 2
    by_status = {"cancelled": 0.1, "answered": 3, "open": 0.1}
    usual = {"edit": 0.2, "release": 0.2, "vacate": 0.2, "assign": 0.2, "override": 0.2, "recuse": 0.3, "consult": 0.5}
    return by_status.get(offer.args.get("status", ""), usual.get(offer.do, 1))


def _goes_back(offer: Offer) -> bool:
    backwards = ("ask", "release", "vacate", "assign", "comment", "recuse", "consult")
    return offer.do in backwards or offer.args.get("status") == "open"

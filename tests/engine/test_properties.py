"""Whatever chance makes of workflows, people and commands, the engine's promises hold: a judge looks at each command.

A few hundred cases here; ten thousand by `make proof`, which also asserts that every feature, and every pair of
features that once was at fault, was met often enough.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siskop.engine.case import Command, Refusal
from siskop.engine.decide import MISSING, decide
from siskop.engine.events import fold
from siskop.engine.follow import EndlessAutos
from siskop.engine.hashes import same_state
from siskop.engine.votes import tally
from tests.engine.inventing import invent, renew
from tests.engine.judging import Judge, certain
from tests.engine.test_votes import rules, seats
from tests.engine.wandering import OFFICE, World, take_turn, world

FEATURES = ("corrections", "votes", "deputies", "silence", "conflicts", "migration")
PAIRS = (
    "corrections × when",
    "corrections × silence",
    "corrections × migration",
    "deputy × own seat",
    "deputy × claim",
    "recusal × all",
    "unknown × auto",
)
DOES = ("act", "vote", "complete", "claim", "release", "recuse", "assign", "vacate", "override", "consult")


def play(dice: Random, longest: int = 25) -> set[str]:
    """One case of one workflow among its people; what it met."""
    judge = Judge()
    case = world(dice, invent(dice), watch=judge)
    judge.begin(case)
    try:
        _go(case, judge, longest)
    except EndlessAutos:  # a fault of the workflow, which exploring it finds; up to here all was right
        judge.seen.add("endless")
    again = [replace(e, body=json.loads(json.dumps(dict(e.body)))) for e in case.events]
    assert fold(again) == case.case
    assert (case.case.state, case.case.round) == (judge.state, judge.round)
    assert {n: set(p) for n, p in case.case.did.items()} == judge.did
    assert {n: set(p) for n, p in case.case.recused.items()} == judge.stood_down
    return judge.seen


def _go(case: World, judge: Judge, longest: int) -> None:
    dice = case.dice
    for _ in range(longest):
        _meddle(case, judge)
        take_turn(case)
        if dice.random() < 0.04:
            _offers_are_what_is_accepted(case)
        if dice.random() < 0.08:
            _wakes_when_something_is_due(case)
        if case.definition.states[case.case.state].final and dice.random() < 0.5:
            break


def _meddle(case: World, judge: Judge) -> None:
    """The world around changes, and people ask for what is not offered."""
    dice = case.dice
    if dice.random() < 0.05:
        case.later(dice.choice([3, 12]))  # and no worker was awake: silence may be due, and is not played yet
    if dice.random() < 0.05:
        case.answers = {**case.answers, "amount": dice.choice([None, 10, 90]), "flag": dice.choice([None, True, False])}
    if dice.random() < 0.03:
        case.last = {"amount": dice.choice([None, 5])}
    if dice.random() < 0.03:
        case.operators = frozenset({1, *dice.sample([2, 3, *OFFICE], dice.randint(0, 2))})
    if dice.random() < 0.03:
        case.deputies = {n: frozenset(dice.sample(OFFICE, 4)) for n in dice.sample(OFFICE, 4)}
    if dice.random() < 0.02:
        _migrate(case)
    if dice.random() < 0.3:
        _ask_anything(case)


def _migrate(case: World) -> None:
    old, state = case.definition, case.case.state
    new, goes_on = renew(case.dice, old, state)
    case.definition = new
    same = goes_on == state and same_state(old, new, state)
    answer = case.perform(None, Command("migrate", goes_on, {"same": same}))
    if isinstance(answer, Refusal):
        case.definition = old


def _ask_anything(case: World) -> None:
    """Any command by anybody, on an old page too: refused, or rightly done; never a fault."""
    dice = case.dice
    asked = dice.choice(list(_imaginable(case)))
    args = {"ballot": "for", "side": "current", "form": True, "attachment": 1, "due": dice.choice([2, "x"])}
    args |= {"person": dice.choice([*case.people, 999]), "seat": dice.choice([None, "1", "member-2"])}
    args["basis"] = dice.choice([None, case.case.basis(), "0.0.b1"])
    words = {kind: {"id": 9, "digest": "d"} for kind in dice.sample(["reason", "comment", "note", "correction"], 3)}
    is_old = args["basis"] == "0.0.b1" and case.case.round > 0
    answer = case.perform(dice.choice(case.people), replace(asked, args={**args, **asked.args}, words=words))
    if is_old:
        assert isinstance(answer, Refusal)


def _imaginable(case: World) -> Iterator[Command]:
    """Everything that could be asked of this case, and a little that could not."""
    steps = [name for state in case.definition.states.values() for name in state.steps]
    yield from (Command("act", name) for name in [*case.definition.actions, "nothing"])
    yield from (Command(do, name) for do, name in product(DOES[1:], [*steps, "nothing"]))
    yield from (Command(do, name) for do, name in product(("ask", "resolve"), ("name", "amount", "nothing")))
    numbers = [*map(str, case.case.corrections), "99"]
    statuses = ("answered", "open", "cancelled", "accepted")
    yield from (Command("correction", n, {"status": status}) for n, status in product(numbers, statuses))
    yield from (Command("edit"), Command("comment", "comment"), Command("comment", "note"), Command("comment", "x"))
    yield from (Command("tick"), Command("check", steps[0], {"round": case.case.round, "outcome": "passed"}))


def _offers_are_what_is_accepted(case: World) -> None:
    """Each offer, given what it asks for, is accepted; whatever is refused in an offer, or in none, is refused."""
    who = case.dice.choice(case.people)
    offers = {(o.do, o.name, o.args.get("status")): o for o in case.offers(who)}
    for command in _imaginable(case):
        key = (command.do, "" if command.do == "ask" else command.name, command.args.get("status"))
        offer = offers.get(key)
        if command.do == "ask" and command.name not in case.definition.form.fields:
            offer = None
        codes = _tried(case, who, command)
        if offer is None or offer.refusal is not None:
            assert None not in codes, (command, offer)
        elif command.do == "ask":
            assert codes <= {None, "corrections"}
        elif command.do in ("assign", "consult") or "person" in offer.asks:
            assert None in codes or codes <= {"excluded", "taken", "seat"}, (command, codes)
        else:
            assert None in codes, (command, offer, codes)
        if offer is not None and offer.refusal is None and offer.asks:
            bare = case.ask(who, command.do, "" if command.do == "ask" else command.name, **offer.args)
            assert isinstance(bare, Refusal) and bare.text == MISSING[offer.asks[0]]


def _tried(case: World, who: int, command: Command) -> set[str | None]:
    """The codes of the refusals with everything given (None: accepted), by whatever person is named."""
    given = {"ballot": "for", "side": "current", "form": True, "attachment": 1, "due": 2, **command.args}
    kinds = [command.name] if command.do == "comment" else ["reason", "comment", "note", "correction", "answer"]
    words = {kind: {"id": 9, "digest": "d"} for kind in kinds}
    action = case.definition.actions.get(command.name) if command.do == "act" else None
    named = command.do in ("assign", "consult") or (action is not None and "person" in action.needs)
    actor, facts = case.actor(who), case.facts(command)
    found: set[str | None] = set()
    for person in case.people if named else (2,):
        one = replace(command, args={**given, "person": person}, words=words)
        answer = decide(case.definition, case.case, actor, one, facts)
        found.add(answer.code if isinstance(answer, Refusal) else None)
        if None in found:
            break
    return found


def _wakes_when_something_is_due(case: World) -> None:
    """Before `wake` a tick does no rung; at it, it does one; without one, never."""
    due, now = case.wake(), case.now
    before = min(due, now + timedelta(days=400)) - timedelta(seconds=1) if due else now + timedelta(days=400)
    try:
        if before > now:
            case.now = before
            assert "rung" not in _ticked(case)
        if due is not None:
            case.now = max(due, now)
            assert "rung" in _ticked(case)
    finally:
        case.now = now


def _ticked(case: World) -> list[str]:
    answer = case.ask(None, "tick")
    assert not isinstance(answer, Refusal)
    return [event.type for event in answer]


# ------------------------------------------------------------------ how often, and what was met


def met(examples: int) -> Counter[str]:
    seen: Counter[str] = Counter()

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=True))
    def whatever_chance_makes(dice: Random) -> None:
        found = play(dice)
        seen.update([*found, "cases"])

    whatever_chance_makes()
    return seen


def told(seen: Counter[str]) -> str:
    shares = [f"{name} {100 * seen[name] / seen['cases']:.0f} %" for name in FEATURES]
    return f"{seen['cases']} cases: {', '.join(shares)}; " + ", ".join(f"{name} {seen[name]}" for name in PAIRS)


def test_no_command_breaks_a_promise():
    print(told(met(200)))


@pytest.mark.proof
@pytest.mark.timeout(3000)
def test_no_command_breaks_a_promise_in_ten_thousand_cases_that_meet_everything(capsys):
    seen = met(10_000)
    with capsys.disabled():
        print(f"\n{told(seen)}")
    assert seen["cases"] >= 10_000
    assert [name for name in FEATURES if seen[name] < 0.05 * seen["cases"]] == []
    assert [name for name in PAIRS if seen[name] < 20] == []


@given(rules, seats)
@settings(max_examples=300, deadline=None)
def test_a_vote_is_decided_exactly_when_no_completion_could_differ(votes, cast):
    assert tally(votes, cast) == certain(votes, cast)

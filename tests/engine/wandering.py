"""A case that is played at random from a seed: whoever may do something does it, time passes, checks come back as they like."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from siskop.engine.case import Candidate, Command, Offer, Refusal
from siskop.engine.definition import Definition
from tests.engine.flows import ADMIN, BOTH, COLLEAGUE, HEAD, OPERATOR, SECOND, VERIFIER, Play, review

EVERYBODY = (OPERATOR, COLLEAGUE, VERIFIER, SECOND, HEAD, ADMIN, BOTH)


def wander(
    seed: int, definition: Definition | None = None, people: Iterable[int] = EVERYBODY, longest: int = 60
) -> Play:
    """Until it is finished or `longest` turns are over; then whoever can goes straight on, never back."""
    dice = Random(seed)
    play = Play(definition or review(), operators=frozenset(dice.sample(EVERYBODY, dice.randint(0, 2))) | {OPERATOR})
    play.pools = {"verification": tuple(Candidate(n, dice.randint(0, 3)) for n in (VERIFIER, SECOND, BOTH))}
    for turn in range(longest * 4):
        if play.definition.states[play.case.state].final:
            break
        _turn(play, dice, list(people), onwards=turn > longest)
    return play


def _turn(play: Play, dice: Random, people: list[int], onwards: bool) -> None:
    if dice.random() < 0.15:
        play.later(dice.choice([0.2, 1, 4]))
        play.do(None, "tick")
    if dice.random() < 0.1:
        play.conflicts, play.current = frozenset(dice.sample(["name", "amount"], dice.randint(0, 2))), play.current + 1
    for name, run in play.case.runs.items():
        if run.check and run.outcome is None and dice.random() < 0.6:
            play.check(name, "passed" if onwards else dice.choice(["passed", "warned", "failed", "error"]))
            return
    dice.shuffle(people)
    for who in people:
        offers = [o for o in play.offers(who) if o.refusal is None and not (onwards and _goes_back(o))]
        if offers:
            _take(play, dice, who, dice.choice(offers), onwards)
            return


def _goes_back(offer: Offer) -> bool:
    return offer.do in ("ask", "release", "vacate", "assign", "comment") or offer.args.get("status") == "open"


def _take(play: Play, dice: Random, who: int, offer: Offer, onwards: bool) -> None:
    given = {
        "ballot": "for" if onwards else dice.choice(["for", "for", "against", "abstain"]),
        "person": dice.choice(EVERYBODY),
        "side": dice.choice(["proposed", "current"]),
        "form": True,
        **offer.args,
    }
    name = dice.choice(["name", "amount"]) if offer.do == "ask" else offer.name
    words = {kind: {"id": 900, "digest": "w"} for kind in ("reason", "comment", "correction", "note")}
    command = Command(offer.do, name, given, words if offer.do != "comment" else {offer.name: words["comment"]})
    answer = play.ask(who, command.do, command.name, words=" ".join(command.words), **given)
    if not isinstance(answer, Refusal):
        play.events += answer
        play.revision += sum(e.type == "submitted" for e in answer)

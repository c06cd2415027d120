"""A case played at random from a seed: whoever may do something does it, time passes, checks come as they like."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from siskop.engine.case import Candidate, Command, Offer, Refusal
from siskop.engine.definition import Definition
from tests.engine.flows import ADMIN, BOTH, COLLEAGUE, HEAD, OPERATOR, SECOND, SPARE_HEAD, VERIFIER, Play, review

EVERYBODY = (OPERATOR, COLLEAGUE, VERIFIER, SECOND, HEAD, ADMIN, BOTH)
"""Any of them may act for the record or be given a seat; SPARE_HEAD never, so there is always somebody to approve."""


def wander(
    seed: int,
    definition: Definition | None = None,
    people: Iterable[int] = (*EVERYBODY, SPARE_HEAD),
    longest: int = 35,
    **play_with: Any,
) -> Play:
    """Until it is finished or `longest` turns are over; then whoever can goes straight on, never back."""
    dice = Random(seed)
    operators = frozenset(dice.sample(EVERYBODY, dice.randint(0, 2))) | {OPERATOR}
    play = Play(definition or review(), operators=operators, **play_with)
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
    if dice.random() < 0.05:
        play.conflicts, play.current = frozenset(dice.sample(_fields(play), dice.randint(0, 1))), play.current + 1
    for name, run in play.case.runs.items():
        if run.check and run.outcome is None and dice.random() < 0.6:
            play.check(name, "passed" if onwards else dice.choice(["passed", "warned", "failed", "error"]))
            return
    possible = [(who, offer) for who in people for offer in play.offers(who) if offer.refusal is None]
    possible = [(who, offer) for who, offer in possible if not (onwards and _goes_back(offer))]
    if possible:
        who, offer = dice.choices(possible, [_appeal(offer) for _, offer in possible])[0]
        _take(play, dice, who, offer, onwards)


def _fields(play: Play) -> list[str]:
    return list(play.definition.form.fields)[:2]


def _appeal(offer: Offer) -> float:
    """Ends are rare, words and seats less frequent than decisions: so a case lives long enough to meet every rule."""
    by_name = {"withdraw": 0.01, "reject": 0.1, "verify": 2, "return": 3, "comment": 0.03, "note": 0.03}
    by_status = {"cancelled": 0.1, "answered": 3}
    usual = 0.2 if offer.do in ("edit", "release", "vacate", "assign", "override") else 1
    return by_name.get(offer.name, by_status.get(offer.args.get("status", ""), usual))


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
    name = dice.choice(_fields(play)) if offer.do == "ask" else offer.name
    words = {kind: {"id": 900, "digest": "w"} for kind in ("reason", "comment", "correction", "note")}
    command = Command(offer.do, name, given, words if offer.do != "comment" else {offer.name: words["comment"]})
    answer = play.ask(who, command.do, command.name, words=" ".join(command.words), **given)
    if not isinstance(answer, Refusal):
        play.events += answer
        play.revision += sum(e.type == "submitted" for e in answer)

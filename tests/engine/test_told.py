"""What is refused is told in words that say why; and acts that look alike are told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from siskop.engine.case import Refusal
from siskop.engine.definition import Action, At, Effect, Rung, Who
from tests.engine.flows import ADMIN, HEAD, VERIFIER, Play, review, review_actions, review_states
from tests.engine.test_standing_down import EXPERT, with_opinion


def told(answer: object) -> str:
    assert isinstance(answer, Refusal)
    return answer.text


def in_conflict(play: Play) -> Play:
    play.conflicts, play.current = frozenset({"name"}), 4
    return play


def test_a_field_that_is_not_in_conflict_needs_no_choice_and_that_is_said():
    play = in_conflict(Play().checked())
    assert told(play.ask(VERIFIER, "resolve", "amount", side="current")) == "This field is not in conflict now."


@pytest.mark.parametrize("due", [0, 366, -1, "soon"])
def test_who_asks_for_an_opinion_is_told_which_days_there_are(due: object):
    refusal = with_opinion().ask(VERIFIER, "consult", "opinion", person=EXPERT, due=due)
    assert told(refusal) == "Say in how many days, from 1 to 365."


# ------------------------------------------------------------------ what may be overridden


def test_only_a_check_that_is_there_is_overridden():
    later = review_states()
    steps = dict(later["submitted"].steps)
    steps["duplicates"] = replace(steps["duplicates"], after=("completeness",))
    later["submitted"] = replace(later["submitted"], steps=steps)
    waiting = Play(review(later)).sent()
    assert waiting.refused(ADMIN, "override", "duplicates", words="reason") == "step", "it has not begun"
    assert waiting.refused(ADMIN, "override", "nothing", words="reason") == "state"
    assert Play().checked().refused(ADMIN, "override", "verification", words="reason") == "step", "a person's"


def test_a_check_that_lapsed_may_still_be_overridden():
    states = review_states()
    steps = dict(states["submitted"].steps)
    lapse = (Rung(At(0), (Effect("end", {"outcome": "lapsed"}),)),)
    steps["completeness"] = replace(steps["completeness"], due_days=1, ladder=lapse)
    states["submitted"] = replace(states["submitted"], steps=steps)
    play = Play(review(states)).sent().later(3)
    play.do(None, "tick")
    assert play.case.runs["completeness"].outcome == "lapsed"
    play.do(ADMIN, "override", "completeness", words="reason")
    assert play.case.runs["completeness"].outcome == "overridden"


# ------------------------------------------------------------------ who settles a conflict


def test_an_act_beside_the_steps_makes_nobody_part_of_the_case():
    """A role's action needs no seat: whoever took it handled no step of the case."""
    actions = review_actions()
    actions["hurry"] = Action("hurry", {}, ("verified",), "submitted", who=Who(role="director"))
    grants = {**Play().grants, 71: (("director", ""),)}
    play = Play(review(actions=actions), grants=grants).verified()
    play.do(71, "act", "hurry")
    in_conflict(play)
    assert play.refused(71, "resolve", "name", side="current") == "not_yours"
    assert play.refused(HEAD, "resolve", "name", side="current") == "not_yours"
    play.do(VERIFIER, "resolve", "name", side="current")

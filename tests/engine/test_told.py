"""What is refused is told in words that say why; and acts that look alike are told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from siskop.engine.case import SYSTEM, Actor, Command, Refusal
from siskop.engine.decide import available
from siskop.engine.definition import Action, At, Effect, Form, Rung, SeatKind, State, Step, Votes, Who
from siskop.engine.follow import EndlessAutos
from tests.engine.flows import (
    ADMIN,
    HEAD,
    OPERATOR,
    SECOND,
    VERIFIER,
    Play,
    by_name,
    member,
    panel,
    review,
    review_actions,
    review_states,
    when,
)
from tests.engine.test_standing_down import EXPERT, with_opinion

LAPSE = (Rung(At(0), (Effect("end", {"outcome": "lapsed"}),)),)


def told(play: Play, who: int | Actor | None, do: str, name: str = "", **args: object) -> str:
    refusal = play.ask(who, do, name, **args)
    assert isinstance(refusal, Refusal)
    return refusal.text % refusal.params


def step_changed(state: str, step: str, **changes: object) -> dict[str, State]:
    states = review_states()
    steps = states[state].steps
    return {**states, state: replace(states[state], steps={**steps, step: replace(steps[step], **changes)})}


def action_changed(name: str, **changes: object) -> dict[str, Action]:
    actions = review_actions()
    return {**actions, name: replace(actions[name], **changes)}


def in_conflict() -> Play:
    play = Play().checked()
    play.conflicts, play.current = frozenset({"name"}), 4
    return play


def asked() -> Play:
    play = Play().checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    return play


def handed_back() -> Play:
    play = asked()
    play.do(VERIFIER, "act", "return")
    return play


def after_silence() -> Play:
    return Play(review(step_changed("submitted", "verification", ladder=LAPSE))).checked().later(20)


def that_waits_for(names: str, **action: object) -> Play:
    return Play(review(actions=action_changed("verify", when=when(names, lambda env: False), **action))).checked()


def unpassed() -> Play:
    play = Play().sent()
    play.check("completeness", "failed")
    play.check("duplicates")
    return play


def who_stood_down() -> Play:
    play = Play(panel(SeatKind("member", 2), votes=Votes(2), recuse=True)).sent()
    play.do(member(1), "recuse", "panel")
    return play


@pytest.mark.parametrize(
    ("play", "asks", "text"),
    [
        (in_conflict, (VERIFIER, "resolve", "amount"), "This field is not in conflict now."),
        (in_conflict, (VERIFIER, "act", "verify"), "The register changed meanwhile. Choose which value holds."),
        (asked, (VERIFIER, "act", "verify"),
         "A correction is open. Send it back, or cancel the correction, first."),
        (asked, (VERIFIER, "ask", "name"), "A correction of this answer is open already."),
        (asked, (VERIFIER, "ask", "colour"), "The form does not ask this."),
        (handed_back, (OPERATOR, "act", "submit"), "Answer every requested correction before you send this again."),
        (lambda: Play().checked(), (VERIFIER, "act", "return"), "Ask for at least one correction first."),
        (after_silence, (VERIFIER, "act", "verify"), "The deadline has passed, and with it the decision."),
        (unpassed, (VERIFIER, "act", "verify"), "The automatic checks have not all passed."),
        (lambda: that_waits_for("amount"), (VERIFIER, "act", "verify"), "The conditions for this are not met."),
        (lambda: that_waits_for("checks.passed"), (VERIFIER, "act", "verify"), "The conditions for this are not met."),
        (lambda: that_waits_for("amount", why={"en": "Not before Friday."}), (VERIFIER, "act", "verify"),
         "{'en': 'Not before Friday.'}"),
        (lambda: that_waits_for("amount expires missing"), (VERIFIER, "act", "verify"),
         "This can't be decided while answers are missing: expires, missing."),
        (who_stood_down, (member(1), "vote", "panel"), "You stood down from this step."),
    ],
)  # fmt: skip
def test_a_refusal_says_why(play: Callable[[], Play], asks: tuple[int, str, str], text: str):
    assert told(play(), *asks) == text


@pytest.mark.parametrize("due", [0, 366, -1, "soon"])
def test_who_asks_for_an_opinion_is_told_which_days_there_are(due: object):
    refusal = told(with_opinion(), VERIFIER, "consult", "opinion", person=EXPERT, due=due)
    assert refusal == "Say in how many days, from 1 to 365."


def test_faults_of_a_program_or_a_file_are_named():
    play = Play().sent()
    with pytest.raises(ValueError, match="not an outcome of a check: 'good'"):
        play.check("completeness", "good")
    there = Action("there", {}, ("submitted",), "verified", auto=when("name", lambda env: True))
    back = replace(there, name="back", from_=("verified",), to="submitted")
    with pytest.raises(EndlessAutos, match="there: back in verified without anybody having acted"):
        Play(review(actions=by_name(review_actions()["submit"], there, back))).sent()


# ------------------------------------------------------------------ what may be overridden


def test_only_a_check_that_is_there_is_overridden():
    waiting = Play(review(step_changed("submitted", "duplicates", after=("completeness",)))).sent()
    assert waiting.refused(ADMIN, "override", "duplicates", words="reason") == "step", "it has not begun"
    assert waiting.refused(ADMIN, "override", "nothing", words="reason") == "state"
    assert Play().checked().refused(ADMIN, "override", "verification", words="reason") == "step", "a person's"


def test_a_check_that_lapsed_may_still_be_overridden():
    play = Play(review(step_changed("submitted", "completeness", due_days=1, ladder=LAPSE))).sent().later(3)
    play.do(None, "tick")
    assert play.case.runs["completeness"].outcome == "lapsed"
    play.do(ADMIN, "override", "completeness", words="reason")
    assert play.case.runs["completeness"].outcome == "overridden"


# ------------------------------------------------------------------ what an act asks for, and what is kept of it


def test_an_action_with_a_form_asks_for_it():
    form = Form((), {})
    play = Play(replace(review(actions=action_changed("verify", form="visit")), forms={"visit": form})).checked()
    assert next(o.asks for o in play.offers(VERIFIER) if o.name == "verify") == ("form",)
    assert play.refused(VERIFIER, "act", "verify") == "needs"
    play.do(VERIFIER, "act", "verify", form=True)


def test_what_an_action_did_not_ask_for_is_not_kept():
    play = Play().checked()
    play.do(VERIFIER, "act", "verify", person=HEAD, attachment=7)
    moved = next(e.body for e in play.events if e.type == "moved" and e.body["action"] == "verify")
    assert not {"person", "attachment"}.intersection(moved)


def test_sending_is_offered_as_refused_where_the_form_is_known_to_be_wrong():
    play = Play()

    def offered(form_valid: bool | None) -> dict[str, str | None]:
        facts = play.facts(Command("look"), fresh=None, form_valid=form_valid)
        offers = available(play.definition, play.case, play.actor(OPERATOR), facts)
        return {o.name: o.refusal and o.refusal.text for o in offers if o.do == "act"}

    assert offered(None) == offered(True) == {"submit": None, "withdraw": None}
    assert offered(False) == {"submit": "Some answers are missing or need another look.", "withdraw": None}


def test_who_is_named_must_be_known_to_fit():
    play = Play(review(actions=action_changed("verify", needs=("person",)))).checked()
    assert play.refused(VERIFIER, "act", "verify", person=HEAD) == "seat", "nobody was asked for, so nobody fits"


def test_a_word_without_a_kind_is_a_comment_and_the_system_says_nothing():
    play = Play().checked()
    play.do(VERIFIER, "comment", words="comment")
    assert play.events[-1].body["code"] == "comment"
    assert play.refused(SYSTEM, "comment", "comment", words="comment") == "state"


# ------------------------------------------------------------------ who settles a conflict


def test_an_act_beside_the_steps_makes_nobody_part_of_the_case():
    """A role's action needs no seat: whoever took it handled no step of the case."""
    actions = review_actions()
    actions["hurry"] = Action("hurry", {}, ("verified",), "submitted", who=Who(role="director"))
    grants = {**Play().grants, 71: (("director", ""),)}
    play = Play(review(actions=actions), grants=grants).verified()
    play.do(71, "act", "hurry")
    play.conflicts, play.current = frozenset({"name"}), 4
    assert play.refused(71, "resolve", "name", side="current") == "not_yours"
    assert play.refused(HEAD, "resolve", "name", side="current") == "not_yours"
    play.do(VERIFIER, "resolve", "name", side="current")


def test_who_manages_but_acts_for_the_record_is_involved_by_the_relation_alone():
    newcomer = Actor(99, (("administrator", ""),), frozenset({"record_operator"}))
    assert Play().checked().refused(newcomer, "vacate", "verification") == "excluded"
    assert Play().checked().refused(Actor(99, newcomer.grants), "vacate", "nothing") == "state"


# ------------------------------------------------------------------ corrections


def with_two_tasks() -> Play:
    """SECOND has two steps side by side, either of which can hand back."""
    other = Step("other", {}, who=Who(role="verifier"))
    states, actions = review_states(), review_actions()
    submitted = states["submitted"]
    states["submitted"] = replace(submitted, steps={**submitted.steps, "other": other})
    actions["hand"] = replace(actions["return"], name="hand", step="other")
    play = Play(review(states, actions), pools={}).checked()
    play.do(SECOND, "claim", "verification")
    play.do(SECOND, "claim", "other")
    return play


def test_a_correction_is_asked_for_from_the_step_that_is_named():
    play = with_two_tasks()
    play.do(SECOND, "ask", "name", step="other", words="correction")
    play.do(SECOND, "ask", "amount", words="correction")
    assert [c.step for c in play.case.corrections.values()] == ["other", "verification"]
    assert play.refused(HEAD, "ask", "area", step="other", words="correction") == "not_yours"


@pytest.mark.parametrize(
    ("way", "offered"),
    [
        ({}, False),
        ({"auto": when("amount", lambda env: env["amount"] > 9)}, False),
        ({"auto": when("corrections", lambda env: env["corrections"]["open"] > 0)}, True),
        ({"who": Who(role="head")}, True),
        ({"who": Who(relation="record_operator")}, False),
    ],
)
def test_silence_alone_or_what_is_not_so_is_no_way_back(way: dict[str, object], offered: bool):
    actions = {name: a for name, a in review_actions().items() if name != "return"}
    actions["lead"] = Action("lead", {}, ("submitted",), "returned", **way)
    assert (("ask", "") in Play(review(actions=actions)).checked().may(VERIFIER)) is offered


def test_an_answer_is_given_only_where_answers_are_changed():
    resting = State("resting", {}, {}, "submitter")
    rest = Action("rest", {}, ("returned",), "resting", who=Who(relation="record_operator"))
    play = Play(review(review_states(resting=resting), review_actions() | {"rest": rest})).checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    play.do(VERIFIER, "act", "return")
    play.do(OPERATOR, "act", "rest")
    assert play.refused(OPERATOR, "correction", "1", status="answered") == "not_yours"


def test_cancelling_takes_no_seat_and_asking_takes_the_one_that_was_offered():
    play = Play(pools={}).checked()
    assert play.do(SECOND, "ask", "name", words="correction") == ["seated", "asked"]
    seated = play.events[-2]
    assert (seated.by, dict(seated.body)) == (
        SECOND,
        {"step": "verification", "round": 1, "seat": "1", "was": None, "person": SECOND, "why": "claimed"},
    )
    play.do(SECOND, "release", "verification")
    assert play.do(VERIFIER, "correction", "1", status="cancelled") == ["correction"]

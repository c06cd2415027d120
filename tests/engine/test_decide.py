"""The road from a draft to the register, and every door on it that is closed."""

from dataclasses import replace
from datetime import date

import pytest

from siskop.engine.case import Command, Refusal
from siskop.engine.decide import decide, start
from siskop.engine.definition import Action, Condition, Effect, Field, Form, State, Step, Who
from siskop.engine.effects import effects
from siskop.engine.follow import EndlessAutos
from tests.engine.flows import (
    ADMIN,
    BOTH,
    COLLEAGUE,
    HEAD,
    OPERATOR,
    OPERATORS,
    SECOND,
    STRANGER,
    VERIFIER,
    Play,
    by_name,
    review,
    review_actions,
    review_states,
    said,
    when,
)

LOOK = Command("look")


def test_sending_in_opens_both_checks_and_not_yet_the_task():
    play = Play()
    assert play.do(OPERATOR, "act", "submit") == ["submitted", "moved", "opened", "opened"]
    assert [e.body["check"] for e in play.events if e.type == "opened"] == ["completeness", "duplicates"]
    assert play.case.office_since is not None


def test_the_task_opens_when_both_checks_ended_and_goes_to_the_least_busy():
    play = Play().sent()
    assert play.check("duplicates", "warned") == ["ended"]
    assert play.check("completeness") == ["ended", "opened"]
    seat = play.case.runs["verification"].seats["1"]
    assert (seat.person, seat.role, seat.area) == (VERIFIER, "verifier", "36.74")
    assert play.case.runs["verification"].due.isoformat() == "2026-11-09"


@pytest.mark.parametrize("order", [("completeness", "duplicates"), ("duplicates", "completeness")])
def test_the_order_of_the_checks_does_not_matter(order):
    play = Play().sent()
    for step in order:
        play.check(step)
    assert "verification" in play.case.runs


def test_from_verified_to_published_by_one_vote():
    play = Play().checked()
    assert play.do(VERIFIER, "act", "verify") == ["moved", "opened"]
    assert play.do(HEAD, "vote", "approval", ballot="for") == ["voted", "ended", "moved"]
    assert play.case.state == "published"
    assert play.events[-1].body["cause"] == "auto"
    assert play.events[-1].by is None


def test_a_vote_against_needs_a_reason_and_goes_back_with_fresh_checks():
    play = Play().verified()
    assert play.refused(HEAD, "vote", "approval", ballot="against") == "needs"
    done = play.do(HEAD, "vote", "approval", ballot="against", words="reason")
    assert done == ["voted", "ended", "moved", "opened", "opened"]
    assert play.case.state == "submitted"
    assert set(play.case.runs) == {"completeness", "duplicates"}


def test_a_failed_check_blocks_what_needs_the_checks_until_it_is_overridden():
    play = Play().sent()
    play.check("completeness", "failed")
    play.check("duplicates")
    assert play.refused(VERIFIER, "act", "verify") == "when"
    assert play.refused(VERIFIER, "override", "completeness", words="reason") == "not_yours"
    assert play.refused(ADMIN, "override", "completeness") == "needs"
    assert play.do(ADMIN, "override", "completeness", words="reason") == ["commented", "ended"]
    assert play.refused(ADMIN, "override", "completeness", words="reason") == "step"
    play.do(VERIFIER, "act", "verify")


def test_a_check_that_could_not_be_made_has_not_passed():
    play = Play().sent()
    play.check("completeness", "error")
    assert play.case.runs["completeness"].outcome == "failed"


def test_a_result_for_a_closed_step_is_stale():
    play = Play().sent()
    round_ = play.case.round
    play.check("completeness")
    assert play.refused(None, "check", "completeness", round=round_, outcome="passed") == "stale"
    play.do(OPERATOR, "act", "withdraw")
    assert play.refused(None, "check", "duplicates", round=round_, outcome="passed") == "stale"


def test_a_result_of_an_earlier_round_is_stale_in_the_next():
    play = Play().verified()
    play.do(HEAD, "vote", "approval", ballot="against", words="reason")
    assert play.refused(None, "check", "completeness", round=1, outcome="passed") == "stale"


def test_only_the_system_reports_checks_and_ticks():
    play = Play().sent()
    assert play.refused(VERIFIER, "check", "completeness", round=1, outcome="passed") == "not_yours"
    assert play.refused(VERIFIER, "tick") == "not_yours"


def test_whatever_is_finished_stays_so():
    play = Play().published()
    for do, name in [("act", "withdraw"), ("vote", "approval"), ("comment", "comment"), ("edit", "")]:
        assert play.refused(OPERATOR, do, name, words="comment") == "final"
    assert play.do(None, "tick") == []
    assert play.offers(ADMIN) == ()


def test_an_act_of_another_state_is_refused_as_such():
    play = Play()
    assert play.refused(VERIFIER, "act", "verify") == "state"
    assert play.refused(VERIFIER, "act", "no_such_act") == "state"
    assert play.refused(HEAD, "vote", "approval", ballot="for") == "state"
    play.sent()
    assert play.refused(VERIFIER, "act", "verify") == "step"


def test_an_auto_is_nobodys_to_take():
    play = Play().verified()
    assert play.refused(HEAD, "act", "publish") == "state"


def test_a_basis_that_is_no_longer_so_is_stale_and_a_comment_does_not_make_it_so():
    play = Play().checked()
    seen = play.case.basis()
    play.do(OPERATOR, "comment", "comment", words="comment")
    assert play.case.basis() == seen
    assert play.refused(VERIFIER, "act", "verify", basis="0.0.b1") == "stale"
    play.do(VERIFIER, "act", "verify", basis=seen)
    assert play.refused(HEAD, "vote", "approval", ballot="for", basis=seen) == "stale"


def test_sending_needs_a_valid_form_and_its_frozen_answers():
    play = Play()
    command_facts = play.facts
    play.facts = lambda command, **changes: command_facts(command, **{"form_valid": False, **changes})
    assert play.refused(OPERATOR, "act", "submit") == "needs"
    play.facts = lambda command, **changes: command_facts(command, **{"fresh": None, **changes})
    assert play.refused(OPERATOR, "act", "submit") == "needs"


def test_an_unknown_condition_refuses_and_names_what_is_missing():
    actions = review_actions()
    actions["verify"] = replace(actions["verify"], when=when("amount", lambda env: env["amount"] > 3))
    play = Play(review(actions=actions), answers={"area": "36.74"}).checked()
    answer = play.ask(VERIFIER, "act", "verify")
    assert (answer.code, answer.params) == ("unknown", {"fields": "amount"})
    play.answers = {"area": "36.74", "amount": 1}
    assert play.refused(VERIFIER, "act", "verify") == "when"


def test_a_reason_is_kept_as_words_and_the_history_holds_only_their_digest():
    play = Play().checked()
    assert play.refused(VERIFIER, "act", "reject") == "needs"
    assert play.do(VERIFIER, "act", "reject", words="reason") == ["commented", "moved"]
    assert play.events[-2].body == {"code": "reason", "words": 900, "digest": "w"}


def test_a_step_that_is_not_needed_is_skipped_and_an_unknown_one_opens():
    states = review_states()
    steps = {
        "extra": Step("extra", {}, who=Who(role="head"), when=when("amount", lambda env: env["amount"] > 10)),
        "second": Step("second", {}, who=Who(role="head"), after=("extra",)),
    }
    states["verified"] = replace(states["verified"], steps=steps)
    actions = review_actions() | by_name(Action("publish", {}, ("verified",), "published", auto=said("second.done")))
    small = Play(review(states, actions)).verified()
    assert small.case.runs["extra"].outcome == "skipped"
    assert "second" in small.case.runs
    unknown = Play(review(states, actions), answers={"area": "36.74"}).verified()
    assert unknown.case.runs["extra"].outcome is None
    assert "second" not in unknown.case.runs
    assert unknown.do(HEAD, "complete", "extra") == ["voted", "ended", "opened"]


def test_a_task_that_actions_end_cannot_be_ticked_off():
    play = Play().checked()
    assert play.refused(VERIFIER, "complete", "verification") == "step"
    assert play.refused(VERIFIER, "vote", "verification", ballot="for") == "step"


def visited(auto: Condition) -> Play:
    """Verified, with a visit that has a form of its own: whether it is real, and a score."""
    states = review_states()
    visit = Step("visit", {}, who=Who(role="head"), form="visit")
    states["verified"] = replace(states["verified"], steps=by_name(visit))
    actions = review_actions() | by_name(Action("publish", {}, ("verified",), "published", auto=auto))
    fields = by_name(Field("score", "integer", {}), Field("seen_on", "date", {}))
    return Play(replace(review(states, actions), forms={"visit": Form((), fields)})).verified()


def test_a_step_with_a_form_of_its_own_asks_for_it():
    play = visited(said("visit.done"))
    assert play.refused(HEAD, "complete", "visit") == "needs"
    play.do(HEAD, "complete", "visit", form=True)
    assert play.case.state == "published"


@pytest.mark.parametrize(("score", "state"), [(80, "published"), (20, "verified"), (None, "verified")])
def test_a_condition_reads_the_answers_of_a_steps_form_once_it_is_done(score, state):
    play = visited(when("visit.score", lambda env: (env["visit"].get("score") or 0) > 60))
    play.forms = {"visit": {"score": score, "seen_on": "2026-11-01"}}
    play.do(None, "tick")
    assert play.case.state == "verified", "answers of a step that is still open are nobody's yet"
    play.do(HEAD, "complete", "visit", form=True)
    assert play.case.state == state


def test_days_in_a_steps_form_are_days_to_a_condition():
    play = visited(when("visit.seen_on", lambda env: env["visit"].get("seen_on") == date(2026, 11, 1)))
    play.forms = {"visit": {"seen_on": "2026-11-01"}}
    play.do(HEAD, "complete", "visit", form=True)
    assert play.case.state == "published"


def test_the_first_true_auto_in_file_order_moves():
    states = review_states()
    states["verified"] = State("verified", {}, {}, "office")
    yes = when("round", lambda env: True)
    actions = review_actions() | by_name(
        Action("publish", {}, ("verified",), "published", auto=yes),
        Action("back", {}, ("verified",), "rejected", auto=yes),
    )
    assert Play(review(states, actions)).verified().case.state == "published"


def test_autos_that_run_in_a_ring_are_a_fault_of_the_file():
    yes = when("round", lambda env: True)
    actions = review_actions() | by_name(
        Action("publish", {}, ("verified",), "submitted", auto=yes),
        Action("on", {}, ("submitted",), "verified", auto=yes),
    )
    with pytest.raises(EndlessAutos):
        Play(review(actions=actions)).sent()


def test_the_outside_does_what_the_action_names_and_runs_what_opened():
    play = Play().published()
    acts = [(e.type, [x.kind for x in effects(play.definition, e)]) for e in play.events]
    assert acts[-1] == ("moved", ["publish", "mail"])
    opened = [effects(play.definition, e) for e in play.events if e.type == "opened"]
    assert opened[0] == (Effect("check", {"step": "completeness", "round": 1}),)
    assert opened[2] == ()


def test_only_those_whom_the_file_names_may_start():
    play = Play()
    refused = start(play.definition, play.actor(STRANGER), 7, 0, play.facts(LOOK))
    assert isinstance(refused, Refusal)


def test_an_edit_is_written_once_per_hand_over_and_day():
    play = Play()
    assert play.do(OPERATOR, "edit") == ["edited"]
    assert play.do(OPERATOR, "edit") == []
    assert play.do(COLLEAGUE, "edit") == ["edited"]
    play.later(1)
    assert play.do(COLLEAGUE, "edit") == ["edited"]
    assert play.refused(VERIFIER, "edit") == "not_yours"
    play.sent()
    assert play.refused(OPERATOR, "edit") == "state"


def test_recall_until_somebody_of_the_office_has_begun():
    actions = review_actions()
    untouched = when("touched", lambda env: not env["touched"])
    actions["recall"] = Action("recall", {}, ("submitted",), "draft", who=OPERATORS, when=untouched)
    play = Play(review(actions=actions)).checked()
    assert ("act", "recall") in play.may(OPERATOR)
    play.do(VERIFIER, "ask", "name", words="correction")
    assert play.refused(OPERATOR, "act", "recall") == "when"


def test_the_offices_days_are_counted_apart_from_the_submitters():
    play = Play().checked()
    play.later(3)
    play.do(VERIFIER, "ask", "name", words="correction")
    play.do(VERIFIER, "act", "return")
    assert (play.case.office_days, play.case.office_since) == (3, None)
    play.later(20)
    play.do(OPERATOR, "correction", "1", status="answered")
    play.sent()
    assert (play.case.office_days, play.case.office_since.isoformat()) == (3, "2026-11-25")


def test_a_comment_is_read_by_both_sides_and_a_note_is_the_offices():
    play = Play().checked()
    play.do(OPERATOR, "comment", "comment", words="comment")
    play.do(VERIFIER, "comment", "note", words="note")
    assert play.events[-1].body["code"] == "note"
    assert play.refused(OPERATOR, "comment", "note", words="note") == "not_yours"
    assert play.refused(STRANGER, "comment", "comment", words="comment") == "not_yours"
    assert play.refused(VERIFIER, "comment", "note") == "needs"


# ------------------------------------------------------------------ what pages offer


def test_an_offer_is_possible_exactly_when_the_act_is():
    for play in (Play(), Play().sent(), Play().checked(), Play().verified()):
        for who in (OPERATOR, VERIFIER, SECOND, HEAD, ADMIN, BOTH, STRANGER):
            for offer in play.offers(who):
                given = {"ballot": "for", "person": SECOND, "side": "current", **offer.args}
                name = offer.name or ("name" if offer.do == "ask" else "")
                answer = play.ask(who, offer.do, name, words="reason comment note correction", **given)
                if offer.refusal is None and offer.do != "assign":
                    assert not isinstance(answer, Refusal), (offer, answer)
                elif offer.refusal is not None:
                    assert answer == offer.refusal


def test_an_offer_says_which_inputs_it_asks_for():
    play = Play().checked()
    asks = {(o.do, o.name): o.asks for o in play.offers(VERIFIER) if o.refusal is None}
    assert asks["act", "verify"] == ()
    assert asks["act", "reject"] == ("reason",)
    assert asks["ask", ""] == ("field", "correction")
    play.do(VERIFIER, "act", "verify")
    assert next(o.asks for o in play.offers(HEAD) if o.do == "vote") == ("ballot",)


def test_who_has_the_role_but_is_barred_is_told_why_and_others_are_offered_nothing():
    play = Play()
    play.pools = {}
    play.checked()
    play.do(BOTH, "act", "verify")
    told = next(o for o in play.offers(BOTH) if o.do == "vote")
    assert told.refusal.code == "excluded"
    assert [o for o in play.offers(OPERATOR) if o.do in ("act", "vote")] == []
    assert play.offers(STRANGER) == ()


def test_each_step_on_the_road_offers_what_it_should():
    play = Play()
    assert {("act", "submit"), ("act", "withdraw"), ("edit", "")} <= play.may(OPERATOR)
    play.checked()
    assert {("act", "verify"), ("act", "reject"), ("ask", ""), ("release", "verification")} <= play.may(VERIFIER)
    assert ("act", "return") not in play.may(VERIFIER)
    assert {("assign", "verification"), ("vacate", "verification")} <= play.may(ADMIN)
    assert {o.refusal.code for o in play.offers(SECOND) if o.do == "act"} == {"taken"}


def test_an_unknown_command_is_a_mistake_of_the_program():
    play = Play()
    with pytest.raises(KeyError):
        decide(play.definition, play.case, play.actor(OPERATOR), replace(LOOK, do="fly"), play.facts(LOOK))

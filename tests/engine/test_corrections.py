"""Corrections and conflicts: what they block, who may answer, accept, cancel; where they meet other rules."""

from dataclasses import replace

import pytest

from siskop.engine.definition import Action, At, Effect, Field, Rung, State, Step, Who
from tests.engine.flows import (
    ADMIN,
    BOTH,
    COLLEAGUE,
    HEAD,
    OPERATOR,
    SECOND,
    STRANGER,
    VERIFIER,
    Play,
    by_name,
    review,
    review_actions,
    review_states,
    when,
)


def asked() -> Play:
    play = Play().checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    return play


def returned() -> Play:
    play = asked()
    play.do(VERIFIER, "act", "return")
    return play


@pytest.mark.parametrize(
    ("change", "offered"),
    [
        ({}, True),
        ({"step": None, "who": Who(role="verifier")}, True),
        (
            {"step": None, "needs": (), "auto": when("corrections.open", lambda env: env["corrections"]["open"] > 0)},
            True,
        ),
        ({"step": None, "needs": (), "who": Who(relation="record_operator")}, False),
        ({"from_": ("verified",), "step": None, "who": Who(role="verifier")}, False),
        ({"to": "rejected"}, False),
    ],
)
def test_a_correction_is_asked_for_only_where_the_office_can_hand_it_back(change: dict[str, object], offered: bool):
    actions = review_actions()
    play = Play(review(actions=actions | {"return": replace(actions["return"], **change)})).checked()
    assert (("ask", "") in play.may(VERIFIER)) is offered
    if offered:
        play.do(VERIFIER, "ask", "name", words="correction")
    else:
        assert play.refused(VERIFIER, "ask", "name", words="correction") == "state"


def test_no_correction_is_asked_for_where_nobody_could_change_an_answer():
    returned = replace(review_states()["returned"], edit=None)
    play = Play(review(review_states(returned=returned))).checked()
    assert ("ask", "") not in play.may(VERIFIER)
    assert play.refused(VERIFIER, "ask", "name", words="correction") == "state"


def test_while_a_correction_is_open_nothing_is_decided_but_it_can_go_back_or_be_withdrawn():
    play = asked()
    assert play.refused(VERIFIER, "act", "verify") == "corrections"
    assert play.refused(VERIFIER, "act", "reject", words="reason") == "corrections"
    assert ("act", "return") in play.may(VERIFIER)
    assert ("act", "withdraw") in play.may(OPERATOR)


def test_going_back_needs_a_correction():
    assert Play().checked().refused(VERIFIER, "act", "return") == "needs"


def test_asking_needs_words_and_a_field_of_the_form_that_has_no_open_one():
    play = Play().checked()
    assert play.refused(VERIFIER, "ask", "name") == "needs"
    assert play.refused(VERIFIER, "ask", words="correction") == "needs"
    assert play.refused(VERIFIER, "ask", "colour", words="correction") == "state"
    play.do(VERIFIER, "ask", "name", words="correction")
    assert play.refused(VERIFIER, "ask", "name", words="correction") == "corrections"
    play.do(VERIFIER, "ask", "amount", words="correction")
    assert [c.field for c in play.case.corrections.values()] == ["name", "amount"]


def test_only_who_has_the_task_asks():
    play = Play().checked()
    assert play.refused(SECOND, "ask", "name", words="correction") == "taken"
    assert play.refused(OPERATOR, "ask", "name", words="correction") == "excluded"
    assert play.refused(HEAD, "ask", "name", words="correction") == "not_yours"


def two_readers(**back: object) -> Play:
    """A state with two steps side by side and one after them; only the last hands it back."""
    states, actions = review_states(), review_actions()
    steps = [Step(n, {}, who=Who(role="verifier")) for n in ("fire", "water")]
    last = Step("last", {}, who=Who(role="head"), after=("fire", "water"))
    states["submitted"] = replace(states["submitted"], steps=by_name(*steps, last))
    for name in ("return", "verify", "reject"):
        changed = {"step": "last", "when": None} | (back if name == "return" else {})
        actions[name] = replace(actions[name], **changed)
    return Play(review(states, actions)).sent()


def test_nothing_is_asked_while_the_step_that_hands_it_back_is_not_open():
    play = two_readers()
    assert ("ask", "") not in play.may(VERIFIER)
    assert play.refused(VERIFIER, "ask", "name", words="correction") == "state"
    play.do(VERIFIER, "complete", "fire")
    play.do(VERIFIER, "complete", "water")
    play.do(HEAD, "ask", "name", words="correction")
    assert ("act", "return") in play.may(HEAD)


@pytest.mark.parametrize(
    ("holds", "offered"),
    [
        (when("corrections.open", lambda env: env["corrections"]["open"] == 1), True),
        (when("amount", lambda env: env["amount"] == 5), True),
        (when("amount", lambda env: env["amount"] > 5), False),
        (when("colour", lambda env: True), False),  # unknown
    ],
)
def test_a_way_back_under_a_condition_is_one_where_it_would_hold_with_a_correction_open(holds, offered):
    play = two_readers(step=None, who=Who(role="head"), from_=("submitted",), when=holds)
    assert (("ask", "") in play.may(VERIFIER)) is offered


def test_whoever_asks_takes_the_seat_that_was_only_offered_and_one_that_they_have_first():
    play = two_readers(step=None, who=Who(role="head"), from_=("submitted",))
    play.do(VERIFIER, "claim", "water")
    assert play.do(VERIFIER, "ask", "name", words="correction") == ["asked"]
    assert play.do(SECOND, "ask", "amount", words="correction") == ["seated", "asked"]
    runs = play.case.runs
    assert [(n, runs[n].seats["1"].person) for n in ("fire", "water")] == [("fire", SECOND), ("water", VERIFIER)]
    assert play.refused(BOTH, "ask", "expires", words="correction") == "taken"
    assert play.refused(SECOND, "correction", "1", status="cancelled") != "", "asked by another step"


def test_a_deputy_asks_for_whom_they_stand_in():
    play = Play().checked()
    play.deputies = {STRANGER: frozenset({VERIFIER})}
    play.do(STRANGER, "ask", "name", words="correction")
    asked = play.events[-1]
    assert (asked.by, asked.body["for"]) == (STRANGER, VERIFIER)


@pytest.mark.parametrize("kind", ["computed", "explanation"])
def test_what_nobody_answers_is_not_asked_about(kind):
    plain = review()
    fields = {**plain.form.fields, "amount": Field("amount", kind, {})}
    play = Play(replace(plain, form=replace(plain.form, fields=fields))).checked()
    assert play.refused(VERIFIER, "ask", "amount", words="correction") == "state"
    play.do(VERIFIER, "ask", "name", words="correction")
    nothing = replace(plain, form=replace(plain.form, fields={"amount": fields["amount"]}))
    assert ("ask", "") not in Play(nothing).checked().may(VERIFIER)


def test_an_answer_is_not_asked_for_again_where_it_could_not_go_back():
    play = asked()
    play.do(VERIFIER, "act", "return")
    play.do(OPERATOR, "correction", "1", status="answered")
    play.checked()
    assert ("correction", "1") in play.may(VERIFIER)
    actions = {name: a for name, a in review_actions().items() if name != "return"}
    play.definition = replace(play.definition, actions=actions)
    assert play.refused(VERIFIER, "correction", "1", status="open") == "state"


def test_nothing_is_asked_where_no_action_leads_back():
    play = Play().verified()
    assert play.refused(HEAD, "ask", "name", words="correction") == "state"


def test_the_submitters_side_answers_what_was_sent_and_only_then_sends_again():
    play = returned()
    assert play.case.corrections[1].sent
    assert play.refused(OPERATOR, "act", "submit") == "unanswered"
    assert play.refused(VERIFIER, "correction", "1", status="answered") == "not_yours"
    play.do(COLLEAGUE, "correction", "1", status="answered")
    assert play.do(OPERATOR, "act", "submit") == ["submitted", "moved", "opened", "opened"]
    assert play.case.corrections[1].status == "answered"


def test_an_answer_can_be_taken_back_before_sending():
    play = returned()
    play.do(OPERATOR, "correction", "1", status="answered")
    play.do(OPERATOR, "correction", "1", status="open")
    assert play.refused(OPERATOR, "act", "submit") == "unanswered"


def again() -> Play:
    play = returned()
    play.do(OPERATOR, "correction", "1", status="answered")
    return play.checked()


def test_answered_becomes_accepted_only_by_the_offices_move_onwards():
    play = again()
    assert play.case.corrections[1].status == "answered"
    assert play.do(VERIFIER, "act", "verify") == ["moved", "correction", "opened"]
    assert play.case.corrections[1].status == "accepted"


def test_an_answered_correction_is_not_accepted_by_another_return_nor_by_a_withdrawal():
    play = again()
    play.do(VERIFIER, "ask", "amount", words="correction")
    play.do(VERIFIER, "act", "return")
    assert [c.status for c in play.case.corrections.values()] == ["answered", "open"]
    play.do(OPERATOR, "act", "withdraw")
    assert [c.status for c in play.case.corrections.values()] == ["cancelled", "cancelled"]


def test_who_holds_the_task_reopens_and_cancels_and_an_administrator_cancels():
    play = again()
    play.do(VERIFIER, "correction", "1", status="open")
    assert play.refused(VERIFIER, "act", "verify") == "corrections"
    assert play.refused(SECOND, "correction", "1", status="cancelled") == "taken"
    play.do(ADMIN, "correction", "1", status="cancelled")
    play.do(VERIFIER, "act", "verify")


def test_a_correction_goes_no_other_way():
    play = asked()
    assert play.refused(VERIFIER, "correction", "1", status="answered") == "state"
    assert play.refused(VERIFIER, "correction", "1", status="accepted") == "state"
    assert play.refused(VERIFIER, "correction", "7", status="cancelled") == "state"
    assert play.refused(VERIFIER, "correction", "x", status="cancelled") == "state"


def test_a_step_that_asked_opens_in_the_next_round_whatever_its_when_says():
    states = review_states()
    steps = dict(states["submitted"].steps)
    steps["verification"] = replace(steps["verification"], when=when("amount", lambda env: env["amount"] > 3))
    states["submitted"] = replace(states["submitted"], steps=steps)
    play = Play(review(states)).checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    play.do(VERIFIER, "act", "return")
    play.answers = {**play.answers, "amount": 1}
    play.do(OPERATOR, "correction", "1", status="answered")
    play.checked()
    assert play.case.runs["verification"].outcome is None
    assert "verification" not in play.case.asked_in


def test_silence_waits_for_an_open_correction():
    states = review_states()
    steps = dict(states["submitted"].steps)
    lapse = (Rung(At(0), (Effect("end", {"outcome": "lapsed"}),)),)
    steps["verification"] = replace(steps["verification"], ladder=lapse)
    states["submitted"] = replace(states["submitted"], steps=steps)
    play = Play(review(states)).checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    assert play.wake() is None
    play.later(30)
    assert play.do(None, "tick") == []
    play.do(VERIFIER, "act", "return")


def test_an_auto_waits_for_an_open_correction_unless_it_leads_back():
    lead_back = Action(
        "send_back", {}, ("submitted",), "returned", auto=when("corrections", lambda e: e["corrections"]["open"] > 1)
    )
    on = Action("on", {}, ("submitted",), "verified", auto=when("corrections", lambda e: e["corrections"]["open"] > 0))
    play = Play(review(actions={"on": on, "send_back": lead_back, **review_actions()})).checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    assert play.case.state == "submitted"
    play.do(VERIFIER, "ask", "amount", words="correction")
    assert play.case.state == "returned"


# ------------------------------------------------------------------ conflicts


def in_conflict() -> Play:
    play = Play().checked()
    play.conflicts, play.current = frozenset({"name"}), 4
    return play


def test_a_conflict_blocks_until_somebody_picks_a_side():
    play = in_conflict()
    assert play.refused(VERIFIER, "act", "verify") == "conflicts"
    assert play.refused(VERIFIER, "resolve", "name") == "needs"
    assert play.refused(VERIFIER, "resolve", "amount", side="current") == "conflicts"
    play.do(VERIFIER, "resolve", "name", side="proposed")
    assert play.events[-1].body == {"field": "name", "side": "proposed", "version": 4}
    play.do(VERIFIER, "act", "verify")


def test_a_pick_is_void_when_the_record_changes_again_or_new_answers_are_sent():
    play = in_conflict()
    play.do(VERIFIER, "resolve", "name", side="proposed")
    play.current = 5
    assert play.refused(VERIFIER, "act", "verify") == "conflicts"
    play.do(VERIFIER, "resolve", "name", side="current")
    play.do(VERIFIER, "ask", "name", words="correction")
    play.do(VERIFIER, "act", "return")
    play.do(OPERATOR, "correction", "1", status="answered")
    play.sent()
    assert play.case.resolutions == {}


def test_who_holds_or_held_a_step_resolves_and_the_administrator_but_nobody_involved():
    play = in_conflict()
    assert play.refused(OPERATOR, "resolve", "name", side="current") == "excluded"
    assert play.refused(HEAD, "resolve", "name", side="current") == "not_yours"
    assert play.refused(STRANGER, "resolve", "name", side="current") == "not_yours"
    assert play.refused(SECOND, "resolve", "name", side="current") == "not_yours"
    play.do(ADMIN, "resolve", "name", side="current")
    play.do(VERIFIER, "act", "verify")
    play.current = 6
    assert play.refused(HEAD, "vote", "approval", ballot="for") == "conflicts"
    play.do(VERIFIER, "resolve", "name", side="proposed")
    play.do(BOTH, "resolve", "name", side="current")
    play.do(HEAD, "vote", "approval", ballot="for")


def test_a_publication_that_waited_for_a_conflict_follows_its_resolution():
    """The record changes between the approval of one and the last step of the other."""
    states = review_states()
    states["verified"] = State("verified", {}, {}, "office")
    actions = review_actions()
    ready = when("amount", lambda env: env["amount"] > 3)
    actions["publish"] = replace(actions["publish"], auto=ready)
    play = Play(review(states, actions)).checked()
    play.answers = {**play.answers, "amount": 1}
    play.do(VERIFIER, "act", "verify")
    play.answers = {**play.answers, "amount": 5}
    play.conflicts, play.current = frozenset({"name"}), 4
    assert play.do(None, "tick") == []
    assert play.do(VERIFIER, "resolve", "name", side="current") == ["resolved", "moved"]
    assert play.case.state == "published"


def test_who_holds_another_step_cancels_nothing_and_an_administrator_reopens_nothing():
    states = review_states()
    other = Step("other", {}, who=Who(role="head"))
    submitted = states["submitted"]
    states["submitted"] = replace(submitted, steps={**submitted.steps, "other": other})
    play = Play(review(states)).checked()
    play.do(HEAD, "ask", "name", words="correction", step="other")
    assert play.refused(VERIFIER, "correction", "1", status="cancelled") != ""
    play.do(VERIFIER, "act", "return")
    play.do(OPERATOR, "correction", "1", status="answered")
    play.checked()
    assert play.refused(VERIFIER, "correction", "1", status="open") != ""
    assert play.refused(ADMIN, "correction", "1", status="open") != ""
    play.do(HEAD, "correction", "1", status="open")


@pytest.mark.parametrize("status", ["open", "answered", "accepted", "cancelled"])
def test_a_condition_counts_the_corrections_by_where_they_stand(status):
    counted = {}
    actions = review_actions()
    actions["verify"] = replace(
        actions["verify"], when=when("corrections", lambda env: counted.update(env["corrections"]) or True)
    )
    play = Play(review(actions=actions)).checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    if status == "cancelled":
        play.do(VERIFIER, "correction", "1", status="cancelled")
    elif status != "open":
        play.do(VERIFIER, "act", "return")
        play.do(OPERATOR, "correction", "1", status="answered")
        play.checked()
    if status == "accepted":
        play.do(VERIFIER, "act", "verify")
        play.do(HEAD, "vote", "approval", ballot="against", words="reason")
        play.check("completeness")
        play.check("duplicates")
    play.offers(play.case.runs["verification"].seats["1"].person if status == "accepted" else VERIFIER)
    if status == "open":
        assert counted == {}, "an open correction is said before the condition is looked at"
    else:
        assert counted == {**dict.fromkeys(("open", "answered", "accepted", "cancelled"), 0), status: 1}

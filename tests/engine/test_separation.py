"""Separation of duties, over whatever histories chance makes."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siskop.engine.case import Event
from siskop.engine.definition import SeatKind, Votes
from siskop.engine.events import evolve
from tests.engine.flows import BOTH, HEAD, OPERATOR, SECOND, VERIFIER, Play, member, panel
from tests.engine.wandering import wander

seeds = st.integers(0, 2**32)
OFFICE_STEPS = ("verification", "approval")


def steps_acted(events: list[Event]) -> list[tuple[int, str, Event, object]]:
    """(person, step, event, the case before it) for everything that a person did in a step."""
    case, found = None, []
    for event in events:
        body = event.body
        step = body.get("step") if event.type in ("moved", "voted", "asked") else None
        if step is not None and event.by is not None:
            found += [(person, step, event, case) for person in {event.by, body.get("for") or event.by}]
        case = evolve(case, event)
    return found


@given(seeds)
@settings(max_examples=50, deadline=None)
def test_no_history_lets_one_person_verify_and_approve(seed):
    events = wander(seed).events
    verified = {e.by for e in events if e.type == "moved" and e.body["action"] == "verify"}
    for n, event in enumerate(events):
        if event.type == "voted":
            before = {e.by for e in events[:n] if e.type == "moved" and e.body["action"] == "verify"}
            assert event.by not in before
    assert None not in verified


@given(seeds)
@settings(max_examples=50, deadline=None)
def test_no_history_lets_a_submitter_an_author_or_an_operator_act_in_an_office_step(seed):
    play = wander(seed)
    for person, step, _event, case in steps_acted(play.events):
        assert step in OFFICE_STEPS
        assert person not in case.submitters | case.authors | {case.starter}
        assert person not in play.operators


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_nobody_involved_ever_holds_a_seat(seed):
    play, case = wander(seed), None
    for event in play.events:
        case = evolve(case, event)
        for run in case.runs.values():
            held = {seat.person for seat in run.seats.values()} - {None}
            assert not held & (case.submitters | case.authors | play.operators)


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_with_enough_people_whatever_happens_a_case_comes_to_an_end(seed):
    play = wander(seed)
    assert play.definition.states[play.case.state].final, (play.case.state, play.case.runs, play.case.corrections)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_nothing_is_decided_over_an_open_correction(seed):
    case, own = None, {"submit", "withdraw", "return"}
    for event in wander(seed).events:
        if event.type in ("moved", "voted") and case is not None:
            is_open = any(c.status == "open" for c in case.corrections.values())
            assert not is_open or event.body.get("action") in own
        case = evolve(case, event)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_what_is_finished_has_no_open_correction_and_no_answered_one(seed):
    play = wander(seed)
    if play.definition.states[play.case.state].final:
        assert {c.status for c in play.case.corrections.values()} <= {"accepted", "cancelled"}


def test_one_who_has_both_roles_does_one_or_the_other():
    play = Play(pools={}).checked()
    play.do(BOTH, "act", "verify")
    assert play.refused(BOTH, "vote", "approval", ballot="for") == "excluded"
    other = Play().verified()
    other.do(BOTH, "vote", "approval", ballot="for")


def test_one_who_turned_it_down_as_head_may_verify_it_again_only_if_the_file_lets_them():
    play = Play(pools={}).checked()
    play.do(SECOND, "act", "verify")
    play.do(BOTH, "vote", "approval", ballot="against", words="reason")
    play.check("completeness")
    play.check("duplicates")
    play.do(BOTH, "act", "verify")
    assert play.refused(SECOND, "vote", "approval", ballot="for") == "excluded", "whoever verified once never approves"
    play.do(HEAD, "vote", "approval", ballot="for")


def test_whoever_began_to_act_for_the_record_meanwhile_is_barred_at_once():
    play = Play().checked()
    play.operators = frozenset({OPERATOR, VERIFIER})
    assert play.refused(VERIFIER, "act", "verify") == "excluded"
    assert play.refused(VERIFIER, "ask", "name", words="correction") == "excluded"


ORDERS = [
    (order, ballots) for order in permutations((1, 2, 3)) for ballots in [("for", "for", "against"), ("against",) * 3]
]


@pytest.mark.parametrize(("order", "ballots"), ORDERS)
def test_a_panel_comes_to_the_same_end_in_every_order(order, ballots):
    play = Play(panel(SeatKind("member", 3), votes=Votes(2))).sent()
    for n in order:
        if play.case.state == "open":
            play.do(member(n), "vote", "panel", ballot=ballots[n - 1])
    assert play.case.state == ("granted" if ballots.count("for") >= 2 else "refused")


@pytest.mark.parametrize("first", ["completeness", "duplicates"])
@pytest.mark.parametrize("by_hand", [True, False])
@pytest.mark.parametrize("noted", [True, False])
def test_eight_orders_of_checks_claim_and_comment_lead_to_one_publication(first, by_hand, noted):
    play = Play()
    if by_hand:
        play.pools = {}
    play.sent()
    play.check(first)
    if noted:
        play.do(OPERATOR, "comment", "comment", words="comment")
    play.check({"completeness": "duplicates", "duplicates": "completeness"}[first])
    if by_hand:
        play.do(VERIFIER, "claim", "verification")
    play.do(VERIFIER, "act", "verify")
    play.do(HEAD, "vote", "approval", ballot="for")
    assert play.case.state == "published"
    assert sum(e.type == "moved" and e.to_state == "published" for e in play.events) == 1

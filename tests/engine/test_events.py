import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siskop.engine.case import Command, Event
from siskop.engine.events import evolve, fold
from tests.engine.flows import ADMIN, COLLEAGUE, HEAD, OPERATOR, SECOND, VERIFIER, Play
from tests.engine.wandering import wander


def test_a_history_begins_with_started():
    with pytest.raises(ValueError, match="started"):
        evolve(None, Event("edited", "draft", {}, 1, 1))
    with pytest.raises(ValueError):
        fold([])


def test_who_started_and_who_sent_are_submitters_and_whose_answers_are_in_it_authors():
    play = Play()
    assert play.case.submitters == {OPERATOR}
    play.do(COLLEAGUE, "act", "submit")
    assert play.case.submitters == {OPERATOR, COLLEAGUE}
    assert play.case.authors == {OPERATOR}


def test_every_move_begins_a_round_and_forgets_the_steps_of_the_last():
    play = Play().sent()
    assert (play.case.round, set(play.case.runs)) == (1, {"completeness", "duplicates"})
    play.do(OPERATOR, "act", "withdraw")
    assert (play.case.round, play.case.runs) == (2, {})


def test_who_did_what_is_remembered_over_the_whole_case():
    play = Play().verified()
    play.do(HEAD, "vote", "approval", ballot="against", words="reason")
    assert play.case.did["verify"] == play.case.did["verification"] == {VERIFIER}
    assert play.case.did["approval"] == {HEAD}
    assert play.case.did["submit"] == {OPERATOR}
    assert "back" not in play.case.did


def test_touched_says_whether_a_person_of_the_office_began_in_this_round():
    play = Play()
    play.do(OPERATOR, "edit")
    play.checked()
    assert not play.case.touched
    play.do(ADMIN, "assign", "verification", person=SECOND)
    assert not play.case.touched
    play.do(SECOND, "ask", "name", words="correction")
    assert play.case.touched
    play.do(SECOND, "act", "return")
    assert not play.case.touched


def test_the_history_tells_the_behaviour_from_the_first_submit_on():
    play = Play()
    command = Command("act", "submit")
    facts = play.facts(command)
    play.facts = lambda c, **x: facts if c.do == "act" else None
    facts.fresh["behaviour"] = "b2"
    play.do(OPERATOR, "act", "submit")
    assert play.case.behaviour == "b2"


@given(st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_folding_all_at_once_one_by_one_and_from_storage_gives_the_same_case(seed):
    play = wander(seed)
    case = None
    for event in play.events:
        case = evolve(case, event)
    stored = [Event(e.type, e.to_state, json.loads(json.dumps(dict(e.body))), e.by, e.seq, e.at) for e in play.events]
    assert case == play.case == fold(stored)
    assert case.seq == len(play.events)
    assert case.state == play.events[-1].to_state
    assert case.round == sum(e.type == "moved" for e in play.events)


@given(st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_only_a_move_changes_the_state_and_each_begins_where_the_last_ended(seed):
    before = None
    for event in wander(seed).events:
        if event.type == "moved":
            assert (event.body["from"], event.body["to"]) == (before, event.to_state)
        else:
            assert before in (None, event.to_state)
        before = event.to_state

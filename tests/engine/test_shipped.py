"""The shipped files on the engine: their road, and separation of duties over whatever chance makes of them."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siskop.engine.definition import Library
from siskop.engine.load import load, read_folder
from tests.engine.flows import BOTH, HEAD, OPERATOR, SPARE_HEAD, VERIFIER, Play
from tests.engine.test_separation import steps_acted
from tests.engine.wandering import wander

ANSWERS = {"kelurahan": "36.74.01.1001", "has_licence": False, "level": "primer", "members_men": 10, "members_women": 9}
WORKFLOWS = ("cooperative", "licence")


@cache
def library() -> Library:
    return load(read_folder(Path(__file__).parents[2] / "workflows"))


def shipped(name: str) -> Play:
    return Play(library().workflows[name], answers=dict(ANSWERS))


def through_checks(play: Play) -> Play:
    play.sent()
    for name, run in list(play.case.runs.items()):
        if run.check:
            play.check(name)
    return play


@pytest.mark.parametrize("name", WORKFLOWS)
def test_from_draft_to_published_by_three_people_with_a_correction_on_the_way(name):
    play = through_checks(shipped(name))
    assert play.case.state == "submitted"
    field = next(iter(play.definition.form.fields))
    play.do(VERIFIER, "ask", field, words="correction")
    assert play.refused(VERIFIER, "act", "verify") == "corrections"
    play.do(VERIFIER, "act", "return")
    assert play.refused(OPERATOR, "act", "submit") == "unanswered"
    play.do(OPERATOR, "correction", "1", status="answered")
    through_checks(play)
    play.do(VERIFIER, "act", "verify")
    assert play.case.corrections[1].status == "accepted"
    assert play.refused(VERIFIER, "vote", "approval", ballot="for") == "excluded"
    play.do(HEAD, "vote", "approval", ballot="for")
    assert play.case.state == "published"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_submitter_withdraws_until_the_office_has_begun(name):
    play = through_checks(shipped(name))
    assert ("act", "withdraw") in play.may(OPERATOR)
    play.do(VERIFIER, "ask", "has_licence", words="correction")
    assert play.refused(OPERATOR, "act", "withdraw") == "when"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_forgotten_draft_is_withdrawn_after_ninety_days(name):
    play = shipped(name).later(100)
    assert play.do(None, "tick") == ["rung", "rung", "moved"]
    assert play.case.state == "withdrawn"


@given(st.integers(0, 2**32), st.sampled_from(WORKFLOWS))
@settings(max_examples=50, deadline=None)
def test_no_history_breaks_the_separation_of_duties_and_every_case_ends(seed, name):
    play = wander(seed, library().workflows[name], answers=dict(ANSWERS))
    verified: set[int | None] = set()
    for event in play.events:
        if event.type == "voted":
            assert event.by not in verified
        if event.type == "moved" and event.body["action"] == "verify":
            verified.add(event.by)
    for person, _step, _event, case in steps_acted(play.events):
        assert person not in case.submitters | case.authors | play.operators
    assert play.definition.states[play.case.state].final


def test_the_files_grants_are_those_of_the_players():
    """So that the random play above is about people who may really act."""
    roles = library().roles
    assert {"verifier", "head", "administrator"} <= set(roles)
    play = through_checks(shipped("cooperative"))
    assert ("act", "verify") in play.may(VERIFIER)
    play.do(VERIFIER, "act", "verify")
    assert {("vote", "approval")} <= play.may(SPARE_HEAD) & play.may(HEAD) & play.may(BOTH)

"""The shipped files on the engine: their road, and separation of duties over whatever chance makes of them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siskop.engine.case import Case
from siskop.engine.definition import Library, Step
from siskop.engine.load import load, read_folder
from tests.engine.flows import BOTH, HEAD, OPERATOR, SPARE_HEAD, VERIFIER, Play
from tests.engine.test_separation import steps_acted
from tests.engine.wandering import World, wander

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


def barred(play: World, step: Step) -> Callable[[Case, int], bool]:
    """Whether somebody may not act in a step, worked out from the file's words and the case alone."""

    def is_barred(case: Case, person: int) -> bool:
        assert step.who is not None
        by_name = any(person in case.did.get(word[4:], ()) for word in step.who.exclude if word.startswith("did."))
        if step.self_service:
            return by_name
        return by_name or person in case.submitters | case.authors | play.operators or person == case.starter

    return is_barred


@given(st.integers(0, 2**32), st.sampled_from(sorted(library().workflows)))
@settings(max_examples=60, deadline=None)
def test_no_history_of_any_shipped_workflow_breaks_the_separation_of_duties(seed, name):
    play = wander(seed, library().workflows[name])
    steps = {n: (s, step) for s in play.definition.states.values() for n, step in s.steps.items()}
    for person, step, _event, case in steps_acted(play.events):
        state, of = steps[step]
        assert state.waits_for != "office" or not barred(play, of)(case, person), (person, step)


@given(st.integers(0, 2**32), st.sampled_from(WORKFLOWS))
@settings(max_examples=30, deadline=None)
def test_every_case_of_a_registration_or_licence_ends(seed, name):
    play = wander(seed, library().workflows[name], answers=dict(ANSWERS))
    assert play.definition.states[play.case.state].final


def test_the_files_grants_are_those_of_the_players():
    """So that the random play above is about people who may really act."""
    roles = library().roles
    assert {"verifier", "head", "administrator"} <= set(roles)
    play = through_checks(shipped("cooperative"))
    assert ("act", "verify") in play.may(VERIFIER)
    play.do(VERIFIER, "act", "verify")
    assert {("vote", "approval")} <= play.may(SPARE_HEAD) & play.may(HEAD) & play.may(BOTH)

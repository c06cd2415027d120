"""What was finished is taken up again; what runs goes on by a newer version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from siskop.engine.case import SYSTEM, Command, Refusal
from siskop.engine.decide import decide
from siskop.engine.definition import Action, Definition, SeatKind, Step, Votes, Who
from siskop.engine.events import fold
from siskop.engine.hashes import same_state
from tests.engine.flows import (
    ADMIN,
    HEAD,
    OPERATOR,
    SECOND,
    SPARE_HEAD,
    VERIFIER,
    Play,
    by_name,
    review,
    review_actions,
    review_states,
    said,
)

# ------------------------------------------------------------------ reopening


def reopening(**more: object) -> Definition:
    again = Action("reopen", {}, ("rejected", "published"), "submitted", who=Who(role="head"), needs=("reason",))
    return review(actions=review_actions() | by_name(replace(again, **more)))


def rejected(**more: object) -> Play:
    play = Play(reopening(**more)).checked()
    play.do(VERIFIER, "act", "reject", words="reason")
    return play


def test_a_role_takes_up_with_a_reason_what_was_finished():
    play = rejected()
    assert play.may(HEAD) == {("act", "reopen")}
    assert play.refused(HEAD, "act", "reopen") == "needs"
    assert play.do(HEAD, "act", "reopen", words="reason") == ["commented", "moved", "opened", "opened"]
    assert (play.case.state, play.case.did["reopen"]) == ("submitted", {HEAD})
    assert play.case.office_since is not None


def test_nothing_else_is_possible_in_a_final_state():
    play = rejected()
    assert play.offers(ADMIN) == ()
    for do, name in [("act", "verify"), ("edit", ""), ("comment", "note"), ("vacate", "verification")]:
        assert play.refused(VERIFIER, do, name, words="note") == "final"
    assert play.refused(VERIFIER, "act", "reopen", words="reason") == "not_yours"


def test_whoever_sent_it_in_never_reopens_it_whatever_their_role():
    play = rejected()
    play.operators = frozenset({OPERATOR, HEAD})
    assert play.refused(HEAD, "act", "reopen", words="reason") == "excluded"


def test_reopening_is_stale_on_an_old_page():
    play = rejected()
    basis = play.case.basis()
    play.do(HEAD, "act", "reopen", words="reason")
    play.check("completeness")
    play.check("duplicates")
    play.do(VERIFIER, "act", "reject", words="reason")
    assert play.refused(HEAD, "act", "reopen", words="reason", basis=basis) == "stale"


# ------------------------------------------------------------------ relations to what was done


def test_whoever_did_something_may_do_what_is_left_to_them():
    undo = Action("undo", {}, ("verified",), "submitted", who=Who(relation="did.verify"))
    play = Play(review(actions=review_actions() | by_name(undo))).verified()
    assert play.refused(SECOND, "act", "undo") == "not_yours"
    assert ("act", "undo") in play.may(VERIFIER)
    play.operators = frozenset({OPERATOR, VERIFIER})
    assert play.refused(VERIFIER, "act", "undo") == "excluded", "acts for the record by now"
    play.operators = frozenset({OPERATOR})
    play.do(VERIFIER, "act", "undo")
    assert play.case.state == "submitted"


def test_what_the_submitters_side_did_gives_it_its_own_actions():
    recall = Action("recall", {}, ("submitted",), "draft", who=Who(relation="did.submit"))
    play = Play(review(actions=review_actions() | by_name(recall))).checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    play.do(OPERATOR, "act", "recall")
    assert play.case.state == "draft"


# ------------------------------------------------------------------ migration


def newer(**changes: object) -> Definition:
    return replace(review(**changes), behaviour="b2")


def migrated(play: Play, definition: Definition, state: str, **args: object) -> tuple[str, ...] | str:
    """The types of the events, or the refusal's code; the play goes on by the new definition."""
    command = Command("migrate", state, args)
    play.definition = definition
    answer = decide(definition, play.case, SYSTEM, command, play.facts(command))
    if isinstance(answer, Refusal):
        return answer.code
    play.events += answer
    return tuple(e.type for e in answer)


def test_where_nothing_changes_a_case_goes_on_in_its_round_by_the_new_version():
    play = Play().checked()
    old, basis = play.case, play.case.basis()
    assert migrated(play, newer(), "submitted", same=True) == ("migrated",)
    assert (play.case.behaviour, play.case.round, play.case.runs) == ("b2", old.round, old.runs)
    assert play.refused(VERIFIER, "act", "verify", basis=basis) == "stale"
    play.do(VERIFIER, "act", "verify")


def test_elsewhere_it_moves_into_the_state_that_the_mapping_says_in_a_new_round():
    states = review_states()
    states["inspected"] = replace(states.pop("submitted"), name="inspected")
    new = {"submitted": "inspected"}
    renamed = {
        name: replace(a, from_=tuple(new.get(f, f) for f in a.from_), to=new.get(a.to, a.to))
        for name, a in review_actions().items()
    }
    play = Play().checked()
    did, round_ = play.case.did, play.case.round
    definition = newer(states=states, actions=renamed)
    assert migrated(play, definition, "inspected") == ("migrated", "moved", "opened", "opened")
    assert (play.case.state, play.case.round, play.case.did) == ("inspected", round_ + 1, did)
    moved = play.events[-3]
    assert (moved.body["cause"], moved.body["action"], moved.to_state, moved.by) == ("migrate", "", "inspected", None)
    play.check("completeness")
    play.check("duplicates")
    play.do(VERIFIER, "act", "verify")
    assert fold(play.events) == play.case


def test_ballots_of_the_old_round_are_gone_and_who_did_what_is_kept():
    states = review_states()
    pair = replace(states["verified"].steps["approval"], seats=(SeatKind("head", 2),), votes=Votes(2))
    states["verified"] = replace(states["verified"], steps=by_name(pair))
    play = Play(review(states)).verified()
    play.do(SPARE_HEAD, "vote", "approval", ballot="for")
    assert migrated(play, newer(), "verified") == ("migrated", "moved", "opened")
    assert play.refused(VERIFIER, "vote", "approval", ballot="for") == "excluded"
    play.do(HEAD, "vote", "approval", ballot="for")
    assert play.case.state == "published"


def test_corrections_of_what_is_no_more_are_cancelled_and_others_kept():
    definition = newer()
    form = replace(definition.form, fields={n: f for n, f in definition.form.fields.items() if n != "amount"})
    play = Play().checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    play.do(VERIFIER, "ask", "amount", words="correction")
    events = migrated(play, replace(definition, form=form), "submitted", same=True)
    assert events == ("migrated", "correction")
    assert {c.field: c.status for c in play.case.corrections.values()} == {"name": "open", "amount": "cancelled"}
    states = review_states()
    look = Step("look", {}, who=Who(role="verifier"))
    states["submitted"] = replace(states["submitted"], steps=by_name(look))
    actions = review_actions()
    for name in ("return", "verify", "reject"):
        actions[name] = replace(actions[name], step="look", when=None)
    migrated(play, replace(newer(states=states, actions=actions), behaviour="b3"), "submitted")
    assert {c.status for c in play.case.corrections.values()} == {"cancelled"}


@pytest.mark.parametrize(("state", "args", "code"), [
    ("nowhere", {}, "state"), ("draft", {"same": True}, "state"), ("submitted", {}, "stale"),
])  # fmt: skip
def test_what_cannot_be_migrated_is_refused(state, args, code):
    play = Play().checked()
    definition = review() if code == "stale" else newer()
    assert migrated(play, definition, state, **args) == code


def test_a_finished_case_and_a_person_migrate_nothing():
    assert migrated(Play().published(), newer(), "submitted") == "final"
    assert Play().checked().refused(ADMIN, "migrate", "submitted") == "not_yours"


def test_a_migration_into_an_end_ends_it():
    play = Play().checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    assert migrated(play, newer(), "withdrawn") == ("migrated", "moved", "correction")
    assert play.definition.states[play.case.state].final


def test_a_state_is_the_same_when_it_and_what_leads_out_of_it_are():
    old, states, actions = review(), review_states(), review_actions()
    states["verified"] = replace(states["verified"], label={"id": "x"}, steps={})
    actions["verify"] = replace(actions["verify"], label={"id": "x"})
    new = newer(states=states, actions=actions)
    assert same_state(old, new, "submitted")
    assert not same_state(old, new, "verified")
    actions["reject"] = replace(actions["reject"], when=said("checks.passed"))
    assert not same_state(old, newer(actions=actions), "submitted")
    assert same_state(old, newer(actions=actions), "draft")


def test_what_a_migration_writes():
    play = Play().checked()
    migrated(play, newer(), "submitted")
    went, moved = (e for e in play.events if e.type in ("migrated", "moved") and e.seq > play.events[-1].seq - 4)
    assert dict(went.body) == {"from": "b1", "to": "b2"}
    assert dict(moved.body) == {
        "action": "", "from": "submitted", "to": "submitted", "cause": "migrate", "step": None, "for": None, "round": 2,
        "waits_for": "office", "office_days": 0,
    }  # fmt: skip


def test_an_answered_correction_of_what_is_no_more_is_cancelled_too():
    play = Play().checked()
    play.do(VERIFIER, "ask", "amount", words="correction")
    play.do(VERIFIER, "act", "return")
    play.do(OPERATOR, "correction", "1", status="answered")
    definition = newer()
    fields = {n: f for n, f in definition.form.fields.items() if n != "amount"}
    assert migrated(play, replace(definition, form=replace(definition.form, fields=fields)), "returned", same=True) == (
        "migrated", "correction",
    )  # fmt: skip
    assert play.case.corrections[1].status == "cancelled"

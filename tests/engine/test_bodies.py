"""What each event holds, key for key: the history, the projections and the database's triggers read nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from siskop.engine.case import SYSTEM, Actor, Candidate, Command, Refusal
from siskop.engine.decide import decide, start
from siskop.engine.definition import Action, At, Effect, Rung, SeatKind, Step, Votes, Who
from tests.engine.flows import (
    ADMIN,
    BOTH,
    HEAD,
    MONDAY,
    OPERATOR,
    SECOND,
    STRANGER,
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

SAID = {"words": 900, "digest": "w"}
SILENT = {"words": None, "digest": None}


def last(play: Play, type_: str) -> dict[str, Any]:
    return dict(next(e.body for e in reversed(play.events) if e.type == type_))


def test_started_and_who_may_start():
    play = Play()
    assert dict(play.events[0].body) == {
        "workflow": "review", "behaviour": "b1", "record": 7, "base": 0, "state": "draft",
    }  # fmt: skip
    assert play.events[0].to_state == "draft"
    assert (play.events[0].by, play.events[0].seq, play.events[0].at) == (OPERATOR, 1, MONDAY)
    facts = play.facts(Command("start"))
    refusal = start(play.definition, play.actor(STRANGER), 7, 3, facts)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "not_yours"
    begun = start(play.definition, SYSTEM, 8, 3, facts)
    assert not isinstance(begun, Refusal)
    assert (begun[0].by, begun[0].body["record"], begun[0].body["base"]) == (None, 8, 3)


def test_a_workflow_that_begins_with_steps_opens_them_at_its_start():
    states = review_states()
    states["draft"] = replace(states["draft"], steps=by_name(Step("greeting", {}, check="completeness")))
    assert [e.type for e in Play(review(states)).events] == ["started", "opened"]


def test_sent_in():
    play = Play().sent()
    assert last(play, "submitted") == {"revision": 500, "number": 1, "digest": "d", "authors": [OPERATOR]}
    assert last(play, "moved") == {
        "action": "submit", "from": "draft", "to": "submitted", "cause": "person", "step": None, "for": None,
        "round": 1, "waits_for": "office", "office_days": 0,
    }  # fmt: skip
    assert last(play, "opened") == {
        "step": "duplicates", "round": 1, "check": "duplicates", "self_service": False, "seats": {}, "due": None,
    }  # fmt: skip


def test_checked_and_given_to_somebody():
    play = Play().checked()
    assert last(play, "ended") == {"step": "duplicates", "round": 1, "outcome": "passed"}
    assert last(play, "opened") == {
        "step": "verification", "round": 1, "check": None, "self_service": False, "due": "2026-11-09",
        "seats": {"1": {"person": VERIFIER, "role": "verifier", "area": "36.74"}},
    }  # fmt: skip


def test_done_by_a_step_and_by_itself():
    play = Play().verified()
    moved = last(play, "moved")
    assert (moved["cause"], moved["step"], moved["for"], moved["round"]) == ("person", "verification", VERIFIER, 2)
    play.do(HEAD, "vote", "approval", ballot="for", words="reason")
    assert last(play, "voted") == {
        "step": "approval", "round": 2, "seat": "1", "ballot": "for", "for": HEAD, **SAID,
    }  # fmt: skip
    moved = last(play, "moved")
    assert (moved["cause"], moved["step"], moved["for"], moved["waits_for"]) == ("auto", None, None, None)


def test_a_ballot_without_words_holds_none():
    play = Play().verified()
    play.do(HEAD, "vote", "approval", ballot="for")
    assert {key: last(play, "voted")[key] for key in SILENT} == SILENT


def test_a_ballot_is_kept_as_it_was_cast():
    play = Play(panel(SeatKind("member", 3), votes=Votes(2))).sent()
    for n, ballot in enumerate(("abstain", "against"), 1):
        play.do(member(n), "vote", "panel", ballot=ballot)
        assert (last(play, "voted")["ballot"], last(play, "voted")["seat"]) == (ballot, f"member-{n}")


def test_seats_taken_left_given_and_emptied():
    play = Play(pools={}).checked()
    seat = {"step": "verification", "round": 1, "seat": "1"}
    play.do(VERIFIER, "claim", "verification")
    assert last(play, "seated") == {**seat, "was": None, "person": VERIFIER, "why": "claimed"}
    play.do(VERIFIER, "release", "verification")
    assert last(play, "seated") == {**seat, "was": VERIFIER, "person": None, "why": "released"}
    assert play.events[-1].by == VERIFIER
    play.do(ADMIN, "assign", "verification", person=HEAD)
    assert last(play, "seated") == {**seat, "was": None, "person": HEAD, "why": "assigned", "outside": True}
    play.do(ADMIN, "vacate", "verification")
    assert last(play, "seated") == {**seat, "was": HEAD, "person": None, "why": "vacated"}
    assert play.events[-1].by == ADMIN


def test_one_struck_out():
    play = Play(panel(SeatKind("member", "all"), votes=Votes("majority"), recuse=True))
    play.pools = {"panel": (Candidate(101), Candidate(102), Candidate(103))}
    play.sent().do(member(2), "recuse", "panel", words="reason")
    said, recused, struck = play.events[-3:]
    assert dict(said.body) == {"code": "note", **SAID}
    assert (recused.by, recused.body["was"], recused.body["person"], recused.body["why"]) == (102, 102, None, "recused")
    assert dict(struck.body) == {
        "step": "panel", "round": 1, "seat": "member-2", "was": None, "person": None, "why": "struck",
    }  # fmt: skip
    assert struck.by is None


def test_one_consulted():
    play = with_opinion()
    play.do(VERIFIER, "consult", "opinion", person=EXPERT, due=2)
    opened, seated = play.events[-2:]
    assert dict(opened.body) == {
        "step": "opinion", "round": 1, "check": None, "self_service": False, "seats": {}, "due": "2026-11-04",
    }  # fmt: skip
    assert dict(seated.body) == {
        "step": "opinion", "round": 1, "seat": "1", "was": None, "person": EXPERT, "why": "consulted", "role": "expert",
        "area": None, "due": "2026-11-04",
    }  # fmt: skip
    assert (opened.by, seated.by) == (None, VERIFIER)


def test_a_seat_taken_over_where_a_rung_opened_it():
    states = review_states()
    steps = dict(states["submitted"].steps)
    widen = (Rung(At(0), (Effect("widen", {"who": Who(role="head")}),)),)
    steps["verification"] = replace(steps["verification"], ladder=widen)
    play = Play(review(states | {"submitted": replace(states["submitted"], steps=steps)})).checked().later(20)
    play.do(None, "tick")
    assert last(play, "rung") == {"scope": "step:verification", "n": 0, "round": 1}
    play.do(HEAD, "act", "verify")
    assert next(e.by for e in reversed(play.events) if e.type == "seated") == HEAD
    assert last(play, "seated") == {
        "step": "verification", "round": 1, "seat": "1", "was": VERIFIER, "person": HEAD, "why": "claimed",
    }  # fmt: skip


def test_asked_answered_and_accepted():
    play = Play().checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    assert last(play, "asked") == {"correction": 1, "field": "name", "step": "verification", "for": VERIFIER, **SAID}
    assert play.events[-1].by == VERIFIER
    play.do(VERIFIER, "ask", "amount", words="correction")
    assert last(play, "asked")["correction"] == 2
    play.do(VERIFIER, "act", "return")
    play.do(OPERATOR, "correction", "1", status="answered", words="answer")
    assert last(play, "correction") == {"correction": 1, "status": "answered", **SAID}
    assert play.events[-1].by == OPERATOR
    play.do(OPERATOR, "correction", "2", status="answered")
    assert last(play, "correction") == {"correction": 2, "status": "answered", **SILENT}
    play.checked().do(VERIFIER, "act", "verify")
    assert last(play, "correction") == {"correction": 2, "status": "accepted", **SILENT}


def test_overridden_resolved_edited_and_said():
    play = Play().sent()
    play.check("completeness", "failed")
    play.do(ADMIN, "override", "completeness", words="reason")
    said, ended = play.events[-2:]
    assert (dict(said.body), dict(ended.body)) == (
        {"code": "note", **SAID}, {"step": "completeness", "round": 1, "outcome": "overridden"},
    )  # fmt: skip
    assert (said.by, ended.by) == (ADMIN, ADMIN)
    play.conflicts, play.current = frozenset({"name"}), 4
    play.do(ADMIN, "resolve", "name", side="proposed")
    assert last(play, "resolved") == {"field": "name", "side": "proposed", "version": 4}
    assert play.events[-1].by == ADMIN
    play.do(OPERATOR, "comment", "comment", words="comment")
    assert (last(play, "commented"), play.events[-1].by) == ({"code": "comment", **SAID}, OPERATOR)
    draft = Play()
    draft.do(OPERATOR, "edit")
    assert (last(draft, "edited"), draft.events[-1].by) == ({}, OPERATOR)


def test_a_refusal_for_lack_of_inputs_names_them_all():
    play = with_opinion(due_days=None)
    refusal = play.ask(VERIFIER, "consult", "opinion")
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.text, refusal.params) == ("needs", "Choose a person.", {"asks": "person, due"})


def test_words_of_several_kinds_are_all_kept():
    play = Play().checked()
    play.do(VERIFIER, "act", "reject", words="reason comment")
    assert [e.body["code"] for e in play.events if e.type == "commented"] == ["reason", "comment"]


def test_a_deputys_act_names_both():
    play = Play().checked()
    command = Command("act", "verify")
    deputy = Actor(77, (), principals={VERIFIER: (("verifier", ""),)})
    answer = decide(play.definition, play.case, deputy, command, play.facts(command))
    assert not isinstance(answer, Refusal)
    assert (answer[0].by, answer[0].body["for"]) == (77, VERIFIER)


def test_offers_say_the_step_and_what_belongs_into_the_command():
    play = Play().checked()
    offers = {(o.do, o.name): o for o in play.offers(VERIFIER)}
    verify, ask, release = offers["act", "verify"], offers["ask", ""], offers["release", "verification"]
    assert (verify.step, dict(verify.args)) == ("verification", {})
    assert (ask.step, ask.asks) == (None, ("field", "correction"))
    assert release.step == "verification"
    told = {(o.do, o.name): o for o in play.offers(SECOND)}["act", "verify"]
    assert (told.refusal.code if told.refusal else "", told.step, told.asks) == ("taken", "verification", ())
    play.do(VERIFIER, "ask", "name", words="correction")
    cancel = next(o for o in play.offers(VERIFIER) if o.do == "correction" and o.args == {"status": "cancelled"})
    assert (cancel.name, cancel.refusal) == ("1", None)
    assert {o.name for o in play.offers(VERIFIER) if o.do == "comment"} == {"comment", "note"}
    play.conflicts, play.current = frozenset({"name", "amount"}), 2
    assert [o.name for o in play.offers(ADMIN) if o.do == "resolve"] == ["amount", "name"]


def test_a_manager_is_offered_what_helps_a_stuck_case():
    play = Play().sent()
    play.check("completeness", "failed")
    found = {(o.do, o.name): o.asks for o in play.offers(ADMIN) if o.refusal is None}
    assert found["override", "completeness"] == found["override", "duplicates"] == ("reason",)
    play.check("duplicates")
    found = {(o.do, o.name): o.asks for o in play.offers(ADMIN) if o.refusal is None}
    assert found["assign", "verification"] == ("person",)
    assert found["vacate", "verification"] == ()
    assert ("override", "duplicates") not in found, "it has passed"
    assert "recuse" not in {o.do for o in play.offers(VERIFIER)}


def test_whoever_may_not_because_of_what_they_did_is_told_only_where_they_have_the_role():
    play = Play(pools={}).checked()
    play.do(BOTH, "act", "verify")
    told = {(o.do, o.name): o.refusal.code for o in play.offers(BOTH) if o.refusal}
    assert told == {("vote", "approval"): "excluded", ("claim", "approval"): "excluded"}
    play.operators = frozenset({OPERATOR, STRANGER})
    assert {(o.do, o.name) for o in play.offers(STRANGER)} == {("comment", "comment")}


def test_a_task_done_is_a_ballot_for_it():
    states = review_states()
    states["verified"] = replace(states["verified"], steps=by_name(Step("visit", {}, who=Who(role="head"))))
    play = Play(review(states)).verified()
    assert [o.name for o in play.offers(HEAD) if o.do == "complete"] == ["visit"]
    assert [o for o in play.offers(HEAD) if o.do == "vote"] == []
    play.do(HEAD, "complete", "visit")
    assert (last(play, "voted")["ballot"], last(play, "ended")["outcome"]) == ("for", "done")


def test_a_seat_of_somebody_else_is_taken_over_before_a_ballot_too():
    ladder = (Rung(At(0), (Effect("widen", {"who": Who(role="head")}),)),)
    definition = panel(SeatKind("member", 1), votes=Votes(1), due_days=1, ladder=ladder, allocate="least_busy")
    play = Play(definition, pools={"panel": (Candidate(101),)}).sent().later(6)
    play.do(None, "tick")
    assert play.do(HEAD, "vote", "panel", ballot="for") == ["seated", "voted", "ended", "moved"]
    assert last(play, "seated") == {
        "step": "panel", "round": 1, "seat": "member", "was": 101, "person": HEAD, "why": "claimed",
    }  # fmt: skip


def test_nothing_follows_from_a_comment_or_an_edit():
    """What changed outside meanwhile waits for a command of which something follows."""
    actions = review_actions()
    actions["go"] = Action("go", {}, ("draft",), "submitted", auto=when("amount", lambda env: env["amount"] > 50))
    play = Play(review(actions=actions))
    play.answers = {**play.answers, "amount": 99}
    assert play.do(OPERATOR, "edit") == ["edited"]
    assert play.do(OPERATOR, "comment", "comment", words="comment") == ["commented"]
    assert play.do(None, "tick") == ["moved", "opened", "opened"]


def test_only_the_system_lets_silence_speak_first():
    states = review_states()
    late = (Rung(At(2), (Effect("action", {"action": "late"}),)),)
    states["submitted"] = replace(states["submitted"], ladder=late)
    actions = review_actions() | by_name(Action("late", {}, ("submitted",), "rejected"))
    play = Play(review(states, actions)).sent().later(9)
    round_ = play.case.round
    assert play.refused(OPERATOR, "act", "withdraw") == "silence"
    assert play.refused(None, "check", "completeness", round=round_, outcome="passed") == "stale"
    assert play.do(None, "tick") == ["rung", "moved"]


def test_everything_about_a_correction_that_is_possible_is_offered():
    play = Play().checked()
    play.do(VERIFIER, "ask", "name", words="correction")

    def offered(who: int) -> set[str]:
        return {o.args["status"] for o in play.offers(who) if o.do == "correction" and not o.refusal}

    assert offered(VERIFIER) == {"cancelled"}
    play.do(VERIFIER, "act", "return")
    assert offered(OPERATOR) == {"answered"}
    play.do(OPERATOR, "correction", "1", status="answered")
    assert offered(OPERATOR) == {"open"}


def test_an_offer_that_is_refused_keeps_what_belongs_into_its_command():
    play = Play().checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    told = next(o for o in play.offers(SECOND) if o.do == "correction" and o.refusal)
    assert (told.args, told.name, told.refusal.code) == ({"status": "cancelled"}, "1", "taken")

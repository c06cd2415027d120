"""What conditions see of a case, and what follows from them by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from siskop.engine.definition import Action, At, Condition, Effect, Field, Form, Rung, SeatKind, Step, Votes, Who
from tests.engine.flows import (
    HEAD,
    OPERATOR,
    VERIFIER,
    Play,
    by_name,
    member,
    panel,
    review,
    review_actions,
    review_states,
    said,
    when,
)
from tests.engine.test_told import action_changed, step_changed


def last(play: Play, type_: str) -> dict[str, Any]:
    return dict(next(e.body for e in reversed(play.events) if e.type == type_))


def verify_when(condition: Condition, **play: Any) -> Play:
    return Play(review(actions=action_changed("verify", when=condition)), **play).checked()


# ------------------------------------------------------------------ what a condition sees


def with_sum(value: Condition) -> Play:
    definition = review(actions=action_changed("verify", when=when("total", lambda env: env["total"] > 9)))
    total = Field("total", "computed", {}, params={"as": "integer"}, value=value)
    kind = replace(definition.kind, fields={**definition.kind.fields, "total": total})
    return Play(replace(definition, kind=kind)).checked()


def test_a_computed_answer_is_worked_out_where_a_condition_reads_it():
    play = with_sum(replace(when("amount", lambda env: True), value=lambda env: env["amount"] * 2))
    play.answers = {**play.answers, "amount": 4, "total": 99}
    assert play.refused(VERIFIER, "act", "verify") == "when", "what was kept of it does not count"
    play.answers = {**play.answers, "amount": 5}
    play.do(VERIFIER, "act", "verify")


def test_a_computed_answer_that_nothing_comes_of_is_unknown():
    play = with_sum(replace(when("amount", lambda env: True), value=lambda env: None))
    assert play.refused(VERIFIER, "act", "verify") == "unknown"


def test_a_day_is_a_day_and_an_empty_one_is_unknown():
    play = verify_when(when("expires today", lambda env: env["expires"] > env["today"]))
    assert play.refused(VERIFIER, "act", "verify") == "unknown"
    play.answers = {**play.answers, "expires": "2026-11-02"}
    assert play.refused(VERIFIER, "act", "verify") == "when"
    play.answers = {**play.answers, "expires": "2026-11-03"}
    play.do(VERIFIER, "act", "verify")


def test_an_answer_that_only_the_form_knows_is_seen_too():
    play = verify_when(when("proof", lambda env: env["proof"] == "yes"))
    assert play.refused(VERIFIER, "act", "verify") == "unknown"
    play.answers = {**play.answers, "proof": "yes"}
    play.do(VERIFIER, "act", "verify")


@pytest.mark.parametrize(("outcome", "failed"), [("passed", False), ("warned", False), ("failed", True)])
def test_checks_have_failed_when_one_has(outcome: str, failed: bool):
    away = Action("away", {}, ("submitted",), "rejected", auto=said("checks.failed"))
    play = Play(review(actions={"away": away} | review_actions())).sent()
    play.check("duplicates")
    play.check("completeness", outcome)
    assert play.case.state == ("rejected" if failed else "submitted")


def test_the_answers_of_a_steps_form_are_seen_once_it_is_done():
    form = Form((), {"day": Field("day", "date", {})})
    states = review_states()
    submitted = states["submitted"]
    visit = Step("visit", {}, who=Who(role="head"), form="visit")
    states["submitted"] = replace(submitted, steps={**submitted.steps, "visit": visit})
    on = Action("on", {}, ("submitted",), "verified", auto=when("visit", lambda env: "day" in env["visit"]))
    play = Play(replace(review(states, {"on": on} | review_actions()), forms={"visit": form})).checked()
    play.forms = {"visit": {"day": "2026-11-02", "gone": 1}}
    assert play.do(None, "tick") == [], "it may still change"
    assert play.do(HEAD, "complete", "visit", form=True) == ["voted", "ended", "moved", "opened"]


def test_the_answers_of_a_form_that_nobody_filled_in_are_not_seen():
    form = Form((), {"day": Field("day", "date", {})})
    lapse = (Rung(At(0), (Effect("end", {"outcome": "lapsed"}),)),)
    states = review_states()
    submitted = states["submitted"]
    visit = Step("visit", {}, who=Who(role="head"), form="visit", due_days=1, ladder=lapse)
    states["submitted"] = replace(submitted, steps={**submitted.steps, "visit": visit})
    on = Action("on", {}, ("submitted",), "verified", auto=when("visit", lambda env: "day" in env["visit"]))
    play = Play(replace(review(states, {"on": on} | review_actions()), forms={"visit": form})).checked()
    play.forms = {"visit": {"day": "2026-11-02"}}
    play.later(3).do(None, "tick")
    assert (play.case.runs["visit"].outcome, play.case.state) == ("lapsed", "submitted")


# ------------------------------------------------------------------ what follows


def test_an_auto_needs_its_when_too():
    rule = {"auto": when("amount", lambda env: True), "when": when("amount", lambda env: env["amount"] > 7)}
    play = Play(review(actions={"on": Action("on", {}, ("submitted",), "verified", **rule)} | review_actions())).sent()
    assert play.case.state == "submitted"
    play.answers = {**play.answers, "amount": 8}
    assert play.do(None, "tick") == ["moved", "opened"]


def test_one_auto_follows_another_where_nothing_opens_between():
    states = review_states()
    states["verified"] = replace(states["verified"], steps={})
    always = when("name", lambda env: True)
    actions = review_actions()
    actions["publish"] = replace(actions["publish"], auto=always)
    play = Play(review(states, actions)).checked()
    play.do(VERIFIER, "act", "verify")
    assert play.case.state == "published"


def test_all_that_became_certain_ends():
    """By a newer version that asks for fewer votes, in two panels at once."""
    definition = panel(SeatKind("member", 3), votes=Votes(3))
    opened = definition.states["open"]
    step = opened.steps["panel"]

    def needing(votes: int) -> Any:
        steps = by_name(replace(step, votes=Votes(votes)), replace(step, name="other", votes=Votes(votes)))
        actions = {name: a for name, a in definition.actions.items() if a.auto is None}
        states = {**definition.states, "open": replace(opened, steps=steps)}
        return replace(definition, states=states, actions=actions, behaviour=f"needs {votes}")

    play = Play(needing(3)).sent()
    for name in ("panel", "other"):
        play.do(member(1), "vote", name, ballot="for")
    play.definition = needing(1)
    assert play.do(None, "migrate", "open", same=True) == ["migrated", "ended", "ended"]
    assert last(play, "ended") == {"step": "other", "round": 1, "outcome": "passed"}


def test_a_migration_plays_no_rungs():
    play = Play().later(95)
    play.definition = replace(play.definition, behaviour="b2")
    assert play.do(None, "migrate", "draft", same=True) == ["migrated"]
    assert play.do(None, "tick") == ["rung", "rung", "moved"]


def test_what_silence_does_is_nobodys_step():
    late = (Rung(At(0), (Effect("action", {"action": "verify"}),)),)
    play = Play(review(step_changed("submitted", "verification", ladder=late))).checked().later(20)
    play.do(None, "tick")
    assert {key: last(play, "moved")[key] for key in ("cause", "step", "for")} == {
        "cause": "silence", "step": None, "for": None,
    }  # fmt: skip


def test_a_step_that_silence_ended_says_in_which_round():
    lapse = (Rung(At(0), (Effect("end", {"outcome": "lapsed"}),)),)
    play = Play(review(step_changed("submitted", "verification", ladder=lapse))).checked().later(20)
    play.do(None, "tick")
    assert last(play, "ended") == {"step": "verification", "round": 1, "outcome": "lapsed"}


# ------------------------------------------------------------------ days


@pytest.mark.parametrize(("working", "days"), [(True, 5), (False, 7)])
def test_the_offices_days_are_working_days_or_all_days(working: bool, days: int):
    play = Play(replace(review(), deadline_working=working)).checked().later(7)
    play.do(VERIFIER, "act", "verify")
    assert last(play, "moved")["office_days"] == days


@pytest.mark.parametrize(("working", "due"), [(True, date(2026, 11, 9)), (False, date(2026, 11, 7))])
def test_a_step_is_due_after_working_days_or_all_days(working: bool, due: date):
    play = Play(review(step_changed("submitted", "verification", due_working=working))).checked()
    assert play.case.runs["verification"].due == due


def test_the_submitters_days_are_not_the_offices():
    play = Play().checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    play.do(VERIFIER, "act", "return")
    play.later(7).do(OPERATOR, "correction", "1", status="answered")
    play.sent()
    assert play.case.office_days == 0

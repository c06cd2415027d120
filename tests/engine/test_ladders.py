"""Ladders: when rungs come, what silence decides, and what it must leave alone."""

from dataclasses import replace
from datetime import date, timedelta

from siskop.engine.calendar import Calendar, midnight
from siskop.engine.definition import Action, At, Effect, Rung, State, Step, Who
from siskop.engine.effects import effects
from siskop.engine.ladders import due_day
from tests.engine.flows import (
    HEAD,
    MONDAY,
    OPERATOR,
    OPERATORS,
    VERIFIER,
    Play,
    by_name,
    review,
    review_actions,
    review_states,
    said,
    when,
    wib,
)

LAPSE = (Rung(At(0), (Effect("end", {"outcome": "lapsed"}),)),)


def with_ladder(*rungs: Rung, **changes: object) -> Play:
    """Checked, with these rungs on the verification (due on Monday the 9th)."""
    states = review_states()
    steps = dict(states["submitted"].steps)
    steps["verification"] = replace(steps["verification"], ladder=rungs, **changes)
    return Play(review(states | {"submitted": replace(states["submitted"], steps=steps)})).checked()


def test_a_day_is_counted_from_its_anchor_forwards_and_back_in_days_or_working_days():
    friday, calendar = date(2026, 11, 6), Calendar(frozenset({date(2026, 11, 9)}))
    assert due_day(At(1), friday, calendar) == date(2026, 11, 7)
    assert due_day(At(1, working=True), friday, calendar) == date(2026, 11, 10)
    assert due_day(At(-1, working=True), date(2026, 11, 10), calendar) == friday
    assert due_day(At(0, working=True), date(2026, 11, 8), calendar) == date(2026, 11, 8)


def test_the_next_instant_is_the_midnight_after_the_rungs_day():
    play = Play().checked()
    assert play.wake() == midnight(date(2026, 11, 7)), "one working day before Monday is Friday; then Friday is over"
    play.now = play.wake()
    assert play.do(None, "tick") == ["rung"]
    assert [e.kind for e in effects(play.definition, play.events[-1])] == ["mail"]
    assert play.wake() is None
    assert play.do(None, "tick") == []


def test_a_tick_too_early_does_nothing():
    play = Play().checked()
    play.now = play.wake() - timedelta(seconds=1)
    assert play.do(None, "tick") == []


def test_an_idle_draft_is_warned_then_withdrawn_by_silence_ninety_whole_days_after_the_last_edit():
    play = Play().later(10)
    play.do(OPERATOR, "edit")
    assert play.wake() == wib(date(2026, 11, 12) + timedelta(days=81))
    play.now = play.wake()
    assert play.do(None, "tick") == ["rung"]
    play.now = play.wake()
    assert play.do(None, "tick") == ["rung", "moved"]
    assert (play.case.state, play.events[-1].body["cause"], play.events[-1].by) == ("withdrawn", "silence", None)


def test_an_edit_after_the_warning_starts_the_idle_ladder_anew():
    play = Play()
    play.now = play.wake()
    play.do(None, "tick")
    play.do(OPERATOR, "edit")
    assert play.wake() > play.now + timedelta(days=79)
    play.now = play.wake()
    assert play.do(None, "tick") == ["rung"]


def test_a_worker_that_slept_does_all_rungs_in_their_order():
    play = Play().later(200)
    assert play.do(None, "tick") == ["rung", "rung", "moved"]
    assert [e.body["n"] for e in play.events if e.type == "rung"] == [0, 1]


def test_the_instant_belongs_to_silence_even_if_the_worker_slept():
    play = Play()
    deadline = midnight(date(2026, 11, 2) + timedelta(days=91))
    play.now = deadline - timedelta(seconds=1)
    assert ("act", "submit") in play.may(OPERATOR)
    play.now = deadline
    assert play.refused(OPERATOR, "act", "submit") == "silence"
    assert {o.refusal.code for o in play.offers(OPERATOR)} == {"silence"}
    play.do(None, "tick")
    assert play.case.state == "withdrawn"


def test_silence_ends_a_step_and_what_waited_for_it_goes_on():
    play = with_ladder(*LAPSE)
    actions = play.definition.actions | by_name(
        Action("pass", {}, ("submitted",), "verified", auto=said("verification.lapsed"))
    )
    play.definition = replace(play.definition, actions=actions)
    play.now = play.wake()
    assert play.now == midnight(date(2026, 11, 10))
    assert play.refused(VERIFIER, "act", "verify") == "silence"
    assert play.do(None, "tick") == ["rung", "ended", "moved", "opened"]
    assert play.case.state == "verified"


def test_a_deciding_rung_that_can_do_nothing_neither_fires_nor_forbids_nor_wakes_until_it_can():
    states = review_states()
    hurry = Rung(At(2), (Effect("action", {"action": "expire"}),))
    states["verified"] = replace(states["verified"], ladder=(hurry,))
    allowed = when("amount", lambda env: env["amount"] > 10)
    actions = review_actions() | by_name(Action("expire", {}, ("verified",), "rejected", when=allowed))
    play = Play(review(states, actions)).verified()
    assert play.wake() is None
    play.later(30)
    assert play.do(None, "tick") == []
    assert ("vote", "approval") in play.may(HEAD)
    play.answers = {**play.answers, "amount": 11}
    assert play.wake() <= play.now
    assert play.refused(HEAD, "vote", "approval", ballot="for") == "silence"
    assert play.do(None, "tick") == ["rung", "moved"]
    assert play.case.state == "rejected"


def test_nobody_takes_an_action_that_only_a_ladder_takes():
    actions = review_actions() | by_name(Action("expire", {}, ("draft",), "rejected"))
    play = Play(review(actions=actions))
    assert play.refused(OPERATOR, "act", "expire") == "not_yours"
    assert ("act", "expire") not in {(o.do, o.name) for o in play.offers(OPERATOR)}


def test_a_result_that_comes_after_the_deadline_finds_what_silence_decided():
    """Silence ends the visit first, so the visit's absence, not the late check, is what the next step sees."""
    states = review_states()
    slow = Step("slow", {}, check="completeness")
    visit = Step("visit", {}, who=Who(role="head"), due_days=1, ladder=LAPSE)
    states["submitted"] = State("submitted", {}, {}, "office", steps=by_name(slow, visit))
    actions = by_name(
        review_actions()["submit"],
        Action("on", {}, ("submitted",), "verified", auto=said("visit.lapsed")),
        Action("no", {}, ("submitted",), "rejected", auto=said("slow.passed")),
    )
    play = Play(review(states, actions)).sent().later(10)
    assert play.refused(None, "check", "slow", round=1, outcome="passed") == "stale"
    play.do(None, "tick")
    assert play.case.state == "verified"


def test_a_steps_ladder_starts_anew_each_round():
    play = Play().checked()
    play.now = play.wake()
    play.do(None, "tick")
    play.do(VERIFIER, "ask", "name", words="correction")
    play.do(VERIFIER, "act", "return")
    assert play.wake() is None
    play.do(OPERATOR, "correction", "1", status="answered")
    play.checked()
    assert play.case.runs["verification"].due == date(2026, 11, 13)
    assert play.wake() == midnight(date(2026, 11, 13))


def test_a_new_holiday_moves_an_instant_without_any_migration():
    states = review_states()
    rung = Rung(At(3, working=True), (Effect("mail", {"mail": "x", "to": "submitter"}),))
    states["draft"] = State("draft", {}, {}, "submitter", edit=OPERATORS, ladder=(rung,))
    play = Play(review(states))
    assert play.wake() == midnight(date(2026, 11, 6))
    play.calendar = Calendar(frozenset({date(2026, 11, 4)}))
    assert play.wake() == midnight(date(2026, 11, 7))
    assert play.wake() > MONDAY

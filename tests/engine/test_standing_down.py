"""Who stands down, who is asked for an opinion, who is named for the next step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from siskop.engine.case import Actor, Candidate, Command
from siskop.engine.definition import Action, At, Effect, Rung, SeatKind, Step, Votes, Who
from siskop.engine.people import people_needed
from tests.engine.flows import (
    ADMIN,
    BOTH,
    HEAD,
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

EXPERT, OTHER = 61, 62


def seats(play: Play, step: str = "panel") -> list[int | None]:
    return [seat.person for seat in play.case.runs[step].seats.values()]


def all_of(*people: int, **votes: object) -> Play:
    rule = Votes(**{"need": "majority", **votes})
    play = Play(panel(SeatKind("member", "all"), votes=rule, recuse=True))
    play.pools = {"panel": tuple(Candidate(n) for n in people)}
    return play.sent()


# ------------------------------------------------------------------ recusal


def test_one_of_all_who_stands_down_is_struck_out_and_the_others_decide():
    play = all_of(101, 102, 103)
    assert play.do(member(1), "recuse", "panel") == ["seated", "seated"]
    assert [e.body["why"] for e in play.events[-2:]] == ["recused", "struck"]
    assert seats(play) == [102, 103]
    assert play.case.recused == {"panel": {101}}
    play.do(member(2), "vote", "panel", ballot="for")
    play.do(member(3), "vote", "panel", ballot="for")
    assert play.case.state == "granted"


def test_standing_down_may_settle_a_vote():
    play = all_of(101, 102, 103)
    play.do(member(1), "vote", "panel", ballot="for")
    play.do(member(2), "recuse", "panel")
    assert play.case.state == "open"
    play.do(member(3), "vote", "panel", ballot="for")
    assert play.case.state == "granted"
    alone = all_of(101, 102)
    alone.do(member(1), "vote", "panel", ballot="for")
    assert alone.do(member(2), "recuse", "panel") == ["seated", "seated", "ended", "moved"]


def test_a_colleague_who_came_meanwhile_takes_the_seat_of_one_of_all():
    play = all_of(101, 102)
    play.pools = {"panel": (Candidate(101), Candidate(102), Candidate(103))}
    assert play.do(member(1), "recuse", "panel") == ["seated"]
    assert seats(play) == [103, 102]


def test_the_last_one_who_stands_down_leaves_a_seat_that_somebody_must_take():
    play = all_of(101)
    assert play.do(member(1), "recuse", "panel") == ["seated"]
    assert seats(play) == [None]
    assert play.refused(member(1), "vote", "panel", ballot="for") == "excluded"
    assert play.refused(member(1), "claim", "panel") == "excluded"
    play.do(member(4), "vote", "panel", ballot="for")
    assert play.case.state == "granted"


def test_with_a_number_of_seats_the_seat_stays_open():
    play = Play(panel(SeatKind("member", 2), votes=Votes(2), recuse=True)).sent()
    play.do(member(1), "recuse", "panel")
    assert seats(play) == [None, None]
    assert play.refused(member(1), "recuse", "panel") == "excluded"
    play.do(member(2), "vote", "panel", ballot="for")
    assert play.case.state == "open"


def test_an_assigned_seat_is_refilled_by_the_same_choice():
    definition = panel(SeatKind("member", 1), votes=Votes(1), recuse=True, allocate="least_busy")
    play = Play(definition, pools={"panel": (Candidate(101), Candidate(102, 1))}).sent()
    play.do(member(1), "recuse", "panel", words="reason")
    assert seats(play) == [102]
    assert [e.body for e in play.events if e.type == "commented"] == [{"code": "note", "words": 900, "digest": "w"}]
    assert play.refused(member(1), "vote", "panel", ballot="for") == "excluded"


def test_who_stood_down_sits_in_that_step_never_again_by_nobodys_hand():
    definition = panel(SeatKind("member", 1), votes=Votes(1), recuse=True, allocate="least_busy")
    back = Action("back", {}, ("open",), "draft", step="panel")
    definition = replace(definition, actions=definition.actions | by_name(back))
    play = Play(definition, pools={"panel": (Candidate(101), Candidate(102, 1))}).sent()
    play.do(member(1), "recuse", "panel")
    assert play.refused(ADMIN, "assign", "panel", person=101) == "excluded"
    deputy = Actor(77, (), principals={101: (("member", ""),)})
    play.do(ADMIN, "vacate", "panel")
    assert seats(play) == [None]
    assert play.refused(deputy, "vote", "panel", ballot="for") == "excluded"
    play.do(member(2), "act", "back")
    play.sent()
    assert seats(play) == [102], "in the next round neither"


def test_standing_down_is_for_a_seat_of_ones_own_where_the_file_allows_it():
    play = Play(panel(SeatKind("member", 1), votes=Votes(1), recuse=True)).sent()
    deputy = Actor(77, (), principals={101: (("member", ""),)})
    assert play.refused(deputy, "recuse", "panel") == "not_yours"
    assert play.refused(HEAD, "recuse", "panel") == "not_yours"
    strict = Play(panel(SeatKind("member", 1), votes=Votes(1))).sent()
    assert strict.refused(member(1), "recuse", "panel") == "step"
    play.do(member(1), "claim", "panel")
    assert play.refused(member(2), "recuse", "panel") == "taken"
    assert ("recuse", "panel") in play.may(member(1))


# ------------------------------------------------------------------ opinions


def with_opinion(**more: object) -> Play:
    states = review_states()
    opinion = Step("opinion", {}, who=Who(role="expert"), on_demand=True, **{"due_days": 5, **more})
    submitted = states["submitted"]
    states["submitted"] = replace(submitted, steps={**submitted.steps, "opinion": opinion})
    play = Play(review(states))
    play.pools = {**play.pools, "opinion": (Candidate(EXPERT), Candidate(OTHER))}
    return play.checked()


def expert(n: int) -> Actor:
    return Actor(n, (("expert", ""),))


def test_an_opinion_opens_only_when_somebody_is_asked_and_nobody_waits_for_it():
    play = with_opinion()
    assert "opinion" not in play.case.runs
    assert play.do(VERIFIER, "consult", "opinion", person=EXPERT) == ["opened", "seated"]
    run = play.case.runs["opinion"]
    assert (seats(play, "opinion"), run.due.isoformat()) == ([EXPERT], "2026-11-09")
    play.do(VERIFIER, "act", "verify")
    assert play.case.state == "verified"


def test_an_opinion_is_a_note_by_whoever_was_asked():
    play = with_opinion()
    play.do(VERIFIER, "consult", "opinion", person=EXPERT, due=2)
    assert play.case.runs["opinion"].due.isoformat() == "2026-11-04"
    assert play.refused(expert(OTHER), "complete", "opinion", words="note") == "taken"
    assert play.refused(expert(EXPERT), "complete", "opinion") == "needs"
    assert play.do(expert(EXPERT), "complete", "opinion", words="note") == ["voted", "ended"]
    assert (play.events[-2].body["words"], play.case.runs["opinion"].outcome) == (900, "done")
    assert play.refused(expert(EXPERT), "ask", "name", words="correction") in ("step", "taken", "not_yours")


def test_a_second_opinion_is_a_second_seat_also_after_the_first_was_given():
    play = with_opinion(ladder=(Rung(At(0), (Effect("mail", {"mail": "due", "to": "assignee"}),)),))
    play.do(VERIFIER, "consult", "opinion", person=EXPERT, due=1)
    play.later(4)
    assert play.do(None, "tick") == ["rung"]
    play.do(expert(EXPERT), "complete", "opinion", words="note")
    assert play.refused(VERIFIER, "consult", "opinion", person=EXPERT) == "taken"
    assert play.do(VERIFIER, "consult", "opinion", person=OTHER, due=3) == ["seated"]
    assert play.case.runs["opinion"].outcome is None
    assert seats(play, "opinion") == [EXPERT, OTHER]
    play.later(10)
    play.do(None, "tick")
    scopes = [e.body["scope"] for e in play.events if e.type == "rung"]
    assert scopes.count("step:opinion") == 2, "for the second there is a ladder again"
    play.do(expert(OTHER), "complete", "opinion", words="note")
    assert play.case.runs["opinion"].outcome == "done"


def test_the_last_day_of_several_opinions_is_the_latest():
    play = with_opinion()
    play.do(VERIFIER, "consult", "opinion", person=EXPERT, due=9)
    play.do(VERIFIER, "consult", "opinion", person=OTHER, due=1)
    assert play.case.runs["opinion"].due.isoformat() == "2026-11-13"


def test_who_is_asked_must_fit_and_who_asks_must_have_the_case():
    play = with_opinion()
    assert play.refused(VERIFIER, "consult", "opinion", person=STRANGER) == "seat"
    assert play.refused(VERIFIER, "consult", "opinion", person=OPERATOR) == "excluded"
    assert play.refused(VERIFIER, "consult", "opinion") == "needs"
    assert play.refused(VERIFIER, "consult", "verification", person=SECOND) == "step"
    assert play.refused(VERIFIER, "consult", "nothing", person=SECOND) == "state"
    assert play.refused(STRANGER, "consult", "opinion", person=EXPERT) != "seat"
    assert play.refused(OPERATOR, "consult", "opinion", person=EXPERT) == "excluded"
    for due in (-1, 0, 366, "soon"):
        assert play.refused(VERIFIER, "consult", "opinion", person=EXPERT, due=due) == "needs"
    play.do(ADMIN, "consult", "opinion", person=EXPERT, due=1)
    undated = with_opinion(due_days=None)
    assert undated.refused(VERIFIER, "consult", "opinion", person=EXPERT) == "needs"
    assert next(o.asks for o in undated.offers(VERIFIER) if o.do == "consult") == ("person", "due")


def test_candidates_for_an_opinion_are_asked_for_only_by_asking():
    play = with_opinion()
    assert people_needed(play.definition, play.case, Command("consult", "opinion")) == ("opinion",)
    assert "opinion" not in people_needed(play.definition, play.case, Command("act", "verify"))


# ------------------------------------------------------------------ naming who goes on


def naming() -> Play:
    states, actions = review_states(), review_actions()
    states["verified"].steps["approval"] = replace(states["verified"].steps["approval"], votes=Votes(1))
    actions["verify"] = replace(actions["verify"], needs=("person", "attachment"))
    play = Play(review(states, actions))
    play.pools = {**play.pools, "approval": (Candidate(HEAD), Candidate(BOTH))}
    return play.checked()


def test_an_action_may_ask_who_goes_on_and_gives_them_the_first_step():
    play = naming()
    assert play.refused(VERIFIER, "act", "verify", attachment=5) == "needs"
    assert play.refused(VERIFIER, "act", "verify", person=HEAD) == "needs"
    assert play.refused(VERIFIER, "act", "verify", person=STRANGER, attachment=5) == "seat"
    play.do(VERIFIER, "act", "verify", person=BOTH, attachment=5)
    moved = next(e for e in reversed(play.events) if e.type == "moved")
    assert (moved.body["person"], moved.body["attachment"], play.case.named) == (BOTH, 5, BOTH)
    assert seats(play, "approval") == [BOTH]
    assert play.refused(HEAD, "vote", "approval", ballot="for") == "taken"


def test_nobody_is_named_who_is_excluded():
    play = naming()
    play.pools["approval"] = (Candidate(VERIFIER), Candidate(OPERATOR))
    assert play.refused(VERIFIER, "act", "verify", person=OPERATOR, attachment=5) == "excluded"


def test_who_was_named_gets_the_step_also_when_it_opens_after_others():
    play, states = naming(), review_states()
    steps = {"last_check": Step("last_check", {}, check="completeness"), **play.definition.states["verified"].steps}
    steps["approval"] = replace(steps["approval"], after=("last_check",))
    states["verified"] = replace(states["verified"], steps=steps)
    play = Play(review(states, dict(play.definition.actions)), pools=play.pools).checked()
    play.do(VERIFIER, "act", "verify", person=BOTH, attachment=5)
    assert "approval" not in play.case.runs
    play.check("last_check")
    assert seats(play, "approval") == [BOTH]


@pytest.mark.parametrize("answer", [True, None])
def test_a_refused_condition_is_told_in_the_files_own_words(answer):
    actions = review_actions()
    why = {"id": "Mulai 1 November.", "en": "From 1 November."}
    actions["submit"] = replace(actions["submit"], when=when("round", lambda env: False if answer else None), why=why)
    play = Play(review(actions=actions))
    refusal = play.ask(OPERATOR, "act", "submit")
    assert (refusal.code, refusal.params.get("why")) == (("when", why) if answer else ("unknown", None))


def test_an_opinion_is_asked_from_a_seat_that_is_taken_with_it_or_by_whoever_manages():
    play = with_opinion()
    play.do(VERIFIER, "release", "verification")
    assert play.do(SECOND, "consult", "opinion", person=EXPERT) == ["seated", "opened", "seated"]
    assert play.case.runs["verification"].seats["1"].person == SECOND
    assert play.refused(VERIFIER, "consult", "opinion", person=OTHER) == "taken"
    assert play.do(ADMIN, "consult", "opinion", person=OTHER) == ["seated"]


def test_why_somebody_cannot_be_given_a_seat_or_asked_again_is_said():
    play = with_opinion()
    play.do(VERIFIER, "consult", "opinion", person=EXPERT)
    said = {
        "asked already": play.ask(VERIFIER, "consult", "opinion", person=EXPERT),
        "has a seat": play.ask(ADMIN, "assign", "verification", person=VERIFIER),
        "no seat": play.ask(ADMIN, "vacate", "verification", seat="2"),
        "no such": play.ask(VERIFIER, "claim", "verification", seat="nothing"),
    }
    assert {name: (r.code, r.text % r.params) for name, r in said.items()} == {
        "asked already": ("taken", "This person has been asked already."),
        "has a seat": ("taken", "This person has a seat in this step already."),
        "no seat": ("seat", "This step has no seat “2”."),
        "no such": ("seat", "This step has no seat “nothing”."),
    }
    play.do(VERIFIER, "release", "verification")
    assert play.ask(ADMIN, "vacate", "verification", seat="1").text == "Nobody has this seat."
    assert play.refused(ADMIN, "vacate", "verification") == "step"

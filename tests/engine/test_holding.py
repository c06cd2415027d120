"""Seats between people: who keeps out of which, who gets one that was emptied or opened to others, what is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from siskop.engine.case import Actor, Candidate, Command
from siskop.engine.definition import Action, At, Effect, Rung, SeatKind, State, Step, Votes, Who
from siskop.engine.people import people_needed
from tests.engine.flows import (
    ADMIN,
    BOTH,
    COLLEAGUE,
    HEAD,
    OPERATOR,
    SECOND,
    VERIFIER,
    Play,
    by_name,
    member,
    panel,
    review,
    review_actions,
    review_states,
)
from tests.engine.test_standing_down import naming
from tests.engine.test_told import step_changed

CHIEF = Who(role="chief")
WIDEN = (Rung(At(0), (Effect("widen", {"who": Who(role="head")}),)),)


def person_in(play: Play, step: str, seat: str = "1") -> int | None:
    return play.case.runs[step].seats[seat].person


def last(play: Play, type_: str) -> dict[str, Any]:
    return dict(next(e.body for e in reversed(play.events) if e.type == type_))


def side_by_side(*steps: Step) -> Play:
    """Steps of the office, open at once."""
    state = State("submitted", {}, {}, "office", steps=by_name(*steps))
    return Play(review(review_states(submitted=state), {"submit": review_actions()["submit"]}))


# ------------------------------------------------------------------ given to somebody whom the seat is not for


def test_a_seat_that_goes_to_somebody_it_is_not_for_says_so():
    play = Play(panel(SeatKind("member", 1), SeatKind("chief", 1, CHIEF), votes=Votes(2)))
    play.grants = {**play.grants, 101: (("member", ""),), 102: (("chief", ""),)}
    play.sent()
    assert play.do(ADMIN, "assign", "panel", seat="chief", person=101) == ["seated"]
    assert last(play, "seated")["outside"] is True
    play.do(ADMIN, "assign", "panel", seat="chief", person=102)
    assert "outside" not in last(play, "seated")
    play.do(ADMIN, "assign", "panel", seat="member", person=101)
    assert "outside" not in last(play, "seated")


def test_who_takes_a_seat_of_their_own_is_not_outside():
    play = Play(pools={}).checked()
    play.do(VERIFIER, "claim", "verification")
    assert "outside" not in last(play, "seated")


# ------------------------------------------------------------------ kept out


def test_who_acts_for_the_record_is_told_so_also_where_somebody_else_has_the_task():
    newcomer = Actor(99, (("verifier", ""),), frozenset({"record_operator"}))
    assert Play().checked().refused(newcomer, "act", "verify") == "excluded"
    assert Play().checked().refused(Actor(99, newcomer.grants), "act", "verify") == "taken"


def test_one_kind_of_seat_may_keep_out_who_acts_for_the_record():
    chief = SeatKind("chief", 1, Who(role="chief", exclude=("record_operator",)))
    play = Play(panel(SeatKind("member", 1), chief, votes=Votes(2), self_service=True)).sent()
    newcomer = Actor(99, (("chief", ""),), frozenset({"record_operator"}))
    assert play.refused(newcomer, "claim", "panel") == "excluded"
    assert play.refused(newcomer, "claim", "panel", seat="chief") == "excluded"
    assert play.refused(newcomer, "claim", "panel", seat="member") == "not_yours"
    play.do(Actor(99, newcomer.grants), "claim", "panel")


def test_an_exclusion_is_told_whichever_seat_comes_first():
    chief = SeatKind("chief", 1, Who(role="chief", exclude=("author",)))
    for kinds in ((chief, SeatKind("member", 1)), (SeatKind("member", 1), chief)):
        play = Play(panel(*kinds, votes=Votes(2), self_service=True))
        play.do(COLLEAGUE, "act", "submit")
        assert play.refused(Actor(OPERATOR, (("chief", ""),)), "claim", "panel") == "excluded"


def test_a_seat_that_one_has_is_kept_beside_another_that_came_later():
    first = Step("first", {}, who=Who(role="verifier"))
    second = replace(first, name="second", who=Who(role="verifier", exclude=("did.first",)))
    play = side_by_side(first, second).sent()
    play.do(BOTH, "claim", "second")
    play.do(BOTH, "claim", "first")
    play.do(BOTH, "complete", "second")
    play.do(BOTH, "complete", "first")
    assert play.case.did["second"] == play.case.did["first"] == {BOTH}


def test_a_task_of_a_relation_is_taken_where_another_of_them_has_it():
    states = review_states()
    sign = Step("sign", {}, who=Who(relation="record_operator"))
    states["draft"] = replace(states["draft"], steps=by_name(sign))
    play = Play(review(states))
    play.do(OPERATOR, "claim", "sign")
    assert play.refused(COLLEAGUE, "claim", "sign") == "taken"
    assert play.refused(HEAD, "claim", "sign") == "not_yours"


def test_a_role_is_asked_for_in_the_parents_area():
    extra = Action("extra", {}, ("submitted",), "rejected", who=Who(role="verifier", area="parent.area"))
    play = Play(review(actions=review_actions() | {"extra": extra}), parent={"area": "36"}).checked()
    assert ("act", "extra") in play.may(VERIFIER)
    play.parent = {"area": "99"}
    assert play.refused(VERIFIER, "act", "extra") == "not_yours"


def test_nothing_of_a_step_is_taken_before_it_opens_or_where_no_person_is_asked():
    play = Play().sent()
    for do in ("claim", "release", "assign", "vacate", "complete"):
        assert play.refused(ADMIN, do, "verification", person=HEAD) == "step", "waits for the checks"
        assert play.refused(ADMIN, do, "completeness", person=HEAD) == "step", "a check"


def test_only_a_seat_that_nobody_has_used_is_given_or_emptied():
    play = Play(panel(SeatKind("member", 3), votes=Votes(3))).sent()
    play.do(member(1), "vote", "panel", ballot="for")
    for do in ("assign", "vacate"):
        assert play.refused(ADMIN, do, "panel", seat="member-1", person=HEAD) == "taken"
    assert play.refused(ADMIN, "vacate", "panel", seat="member-2") == "seat"
    assert play.refused(ADMIN, "vacate", "panel") == "step"
    play.do(ADMIN, "assign", "panel", person=HEAD)
    assert person_in(play, "panel", "member-2") == HEAD


# ------------------------------------------------------------------ seats that a rung opened


def test_a_kind_of_seat_keeps_its_exclusions_where_it_was_opened_to_others():
    chief = SeatKind("chief", 1, Who(role="chief", exclude=("author",)))
    play = Play(panel(SeatKind("member", 1), chief, votes=Votes(2), self_service=True, due_days=1, ladder=WIDEN))
    play.do(COLLEAGUE, "act", "submit")
    play.later(6).do(None, "tick")
    author = Actor(OPERATOR, (("head", ""),))
    assert play.refused(author, "vote", "panel", ballot="for", seat="chief") == "excluded"
    play.do(author, "vote", "panel", ballot="for")
    assert play.case.runs["panel"].seats["member"].acted == OPERATOR


def test_who_has_the_other_seat_takes_none_that_a_rung_opened():
    first = Step("first", {}, who=Who(role="verifier", exclude=("did.second",)), due_days=1, ladder=WIDEN)
    play = side_by_side(first, Step("second", {}, who=Who(role="head"))).sent()
    play.do(VERIFIER, "claim", "first")
    play.do(HEAD, "claim", "second")
    play.later(6).do(None, "tick")
    assert play.refused(HEAD, "claim", "first") == "not_yours"
    play.do(HEAD, "release", "second")
    play.do(HEAD, "claim", "first")


# ------------------------------------------------------------------ given again


def test_who_stood_down_from_an_offered_seat_is_not_given_it():
    play = Play(panel(SeatKind("member", 1), votes=Votes(1), recuse=True, allocate="least_busy"), pools={}).sent()
    play.pools = {"panel": (Candidate(101), Candidate(102, 5))}
    play.do(member(1), "recuse", "panel")
    assert person_in(play, "panel", "member") == 102


def test_one_of_two_seats_goes_to_whom_was_named_and_the_other_is_offered():
    play = naming()
    seats = (SeatKind("member", 2),)
    steps = by_name(replace(play.definition.states["verified"].steps["approval"], seats=seats, votes=Votes(2)))
    verified = replace(play.definition.states["verified"], steps=steps)
    play.definition = replace(play.definition, states={**play.definition.states, "verified": verified})
    play.do(VERIFIER, "act", "verify", person=HEAD, attachment=5)
    assert [person_in(play, "approval", f"member-{n}") for n in (1, 2)] == [HEAD, None]


def test_an_emptied_seat_of_a_named_person_is_offered():
    play = naming()
    play.do(VERIFIER, "act", "verify", person=HEAD, attachment=5)
    play.do(ADMIN, "vacate", "approval")
    assert person_in(play, "approval") is None


def test_an_emptied_seat_goes_first_to_who_handled_the_case_before():
    play = Play(review(step_changed("submitted", "verification", allocate="handled_before"))).checked()
    play.do(ADMIN, "vacate", "verification")
    assert person_in(play, "verification") == SECOND
    play.do(SECOND, "act", "verify")
    play.do(HEAD, "vote", "approval", ballot="against", words="reason")
    for check in ("completeness", "duplicates"):
        play.check(check)
    assert person_in(play, "verification") == SECOND, "though VERIFIER has less to do"


def test_an_emptied_seat_of_another_kind_is_not_given_to_the_steps_people():
    play = Play(
        panel(SeatKind("member", 1), SeatKind("chief", 1, CHIEF), votes=Votes(2), allocate="least_busy"),
        pools={"panel": (Candidate(101), Candidate(102))},
    ).sent()
    play.do(Actor(5, (("chief", ""),)), "claim", "panel")
    play.do(ADMIN, "vacate", "panel", seat="chief")
    assert person_in(play, "panel", "chief") is None
    play.do(ADMIN, "vacate", "panel", seat="member")
    assert person_in(play, "panel", "member") == 102


# ------------------------------------------------------------------ what is offered, and asked for


def test_an_opinion_is_asked_of_the_steps_role_in_its_area():
    opinion = Step("opinion", {}, who=Who(role="expert", area="area"), on_demand=True, due_days=5)
    states = review_states()
    submitted = states["submitted"]
    states["submitted"] = replace(submitted, steps={**submitted.steps, "opinion": opinion})
    play = Play(review(states))
    play.pools = {**play.pools, "opinion": (Candidate(61),)}
    play.checked().do(VERIFIER, "consult", "opinion", person=61)
    assert {key: last(play, "seated")[key] for key in ("role", "area")} == {"role": "expert", "area": "36.74"}


def test_a_task_is_offered_beside_an_open_check_and_nothing_is_offered_twice():
    play = Play(review(step_changed("submitted", "verification", after=()))).sent()
    assert ("release", "verification") in play.may(VERIFIER)
    for who in (VERIFIER, ADMIN, OPERATOR):
        offers = [(o.do, o.name, o.args.get("status")) for o in play.offers(who)]
        assert len(offers) == len(set(offers))


def test_a_named_persons_candidates_are_asked_for_by_the_act_that_names_them():
    play = naming()
    assert "approval" in people_needed(play.definition, play.case, Command("act", "verify"))
    assert "approval" not in people_needed(play.definition, play.case, Command("claim", "verification"))

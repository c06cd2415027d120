"""Seats: whose they are, who may take them, whom they are given to."""

from dataclasses import replace

from siskop.engine.case import Actor, Candidate, Command
from siskop.engine.definition import At, Effect, Rung, SeatKind, Step, Votes, Who
from siskop.engine.people import covers, people_needed, who_of
from tests.engine.flows import (
    ADMIN,
    BOTH,
    COLLEAGUE,
    HEAD,
    OPERATOR,
    SECOND,
    VERIFIER,
    Play,
    member,
    panel,
    review,
    review_actions,
    review_states,
    said,
)


def test_a_role_covers_every_area_that_begins_with_its_own():
    assert covers([("verifier", "36.74")], "verifier", "36.74.01")
    assert not covers([("verifier", "36.74.01")], "verifier", "36.74")
    assert covers([("verifier", "")], "verifier", "")
    assert not covers([("verifier", "36")], "verifier", ""), "an unknown area is covered only by all"
    assert not covers([("head", "")], "verifier", "36.74")


def test_every_human_step_of_the_office_excludes_those_who_sent_it_in():
    definition = review()
    state = definition.states["verified"]
    assert who_of(state, state.steps["approval"]).exclude == (
        "submitter",
        "author",
        "record_operator",
        "did.verify",
    )


def test_self_service_and_a_state_of_the_submitter_exclude_nobody_by_themselves():
    definition = review()
    step = Step("own", {}, who=Who(role="head"), self_service=True)
    assert who_of(definition.states["verified"], step).exclude == ()
    assert who_of(definition.states["returned"], replace(step, self_service=False)).exclude == ()


def test_a_seats_own_who_keeps_the_exclusions_of_its_step():
    definition = panel(SeatKind("member", 2), SeatKind("chief", 1, Who(role="chief")), votes=Votes(2))
    step = definition.states["open"].steps["panel"]
    who = who_of(definition.states["open"], step, step.seats[1])
    assert who.role == "chief"
    assert who.exclude == ("submitter", "author", "record_operator", "did.submit")


def test_the_least_busy_gets_the_task_and_ties_go_by_account():
    play = Play(pools={"verification": (Candidate(BOTH, 2), Candidate(SECOND, 2), Candidate(VERIFIER, 4))}).checked()
    assert play.case.runs["verification"].seats["1"].person == SECOND


def test_whoever_sent_it_in_is_never_given_the_task_even_when_nobody_else_is_there():
    play = Play(operators=frozenset({OPERATOR, VERIFIER}), pools={"verification": (Candidate(VERIFIER),)}).checked()
    assert play.case.runs["verification"].seats["1"].person is None
    assert play.refused(VERIFIER, "claim", "verification") == "excluded"
    play.do(SECOND, "act", "verify")


def test_who_handled_it_before_gets_it_again():
    states = review_states()
    steps = dict(states["submitted"].steps)
    steps["verification"] = replace(steps["verification"], allocate="handled_before")
    play = Play(review(states | {"submitted": replace(states["submitted"], steps=steps)})).checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    play.do(VERIFIER, "act", "return")
    play.do(OPERATOR, "correction", "1", status="answered")
    play.pools = {"verification": (Candidate(SECOND, 0), Candidate(VERIFIER, 50))}
    play.checked()
    assert play.case.runs["verification"].seats["1"].person == VERIFIER


def test_a_task_given_to_one_is_not_anothers_until_it_is_given_back_and_taken():
    play = Play().checked()
    assert play.refused(SECOND, "act", "verify") == "taken"
    assert play.refused(SECOND, "claim", "verification") == "taken"
    assert play.refused(VERIFIER, "claim", "verification") == "taken"
    assert play.refused(SECOND, "release", "verification") == "not_yours"
    play.do(VERIFIER, "release", "verification")
    play.do(SECOND, "claim", "verification")
    assert play.refused(VERIFIER, "act", "verify") == "taken"
    play.do(SECOND, "act", "verify")


def test_an_unnamed_seat_goes_to_whoever_fits_and_acts_first():
    play = Play(pools={}).checked()
    assert play.case.runs["verification"].seats["1"].person is None
    assert play.refused(HEAD, "act", "verify") == "not_yours"
    play.do(SECOND, "act", "verify")
    assert play.case.did["verify"] == {SECOND}


def test_a_role_lost_meanwhile_is_noticed_at_the_act():
    play = Play().checked()
    assert play.refused(Actor(VERIFIER), "act", "verify") == "not_yours"
    assert play.refused(Actor(VERIFIER, (("verifier", "99"),)), "act", "verify") == "not_yours"


def test_an_administrator_gives_a_seat_also_outside_the_role_but_never_past_an_exclusion():
    play = Play().checked()
    assert play.refused(VERIFIER, "assign", "verification", person=SECOND) == "not_yours"
    assert play.refused(ADMIN, "assign", "verification") == "needs"
    assert play.refused(ADMIN, "assign", "verification", person=COLLEAGUE) == "excluded"
    play.do(ADMIN, "assign", "verification", person=HEAD)
    play.do(HEAD, "act", "verify")
    assert play.refused(HEAD, "vote", "approval", ballot="for") == "excluded"


def test_an_administrator_who_acts_for_the_record_gives_no_seats():
    play = Play(operators=frozenset({OPERATOR, ADMIN})).checked()
    assert play.refused(ADMIN, "assign", "verification", person=SECOND) == "excluded"


def test_an_emptied_seat_goes_to_the_next_least_busy_or_is_offered():
    play = Play().checked()
    play.do(ADMIN, "vacate", "verification")
    assert play.case.runs["verification"].seats["1"].person == SECOND
    play.pools = {}
    play.do(ADMIN, "vacate", "verification")
    assert play.case.runs["verification"].seats["1"].person is None
    assert play.refused(ADMIN, "vacate", "verification") == "step"


# ------------------------------------------------------------------ several seats


def test_nobody_has_two_seats_and_nobody_votes_twice():
    play = Play(panel(SeatKind("member", 3), votes=Votes(2))).sent()
    play.do(member(1), "vote", "panel", ballot="for")
    assert play.refused(member(1), "vote", "panel", ballot="for") == "taken"
    play.do(member(2), "claim", "panel")
    assert play.refused(member(2), "claim", "panel") == "taken"
    play.do(member(2), "vote", "panel", ballot="for")
    assert play.case.state == "granted"


def test_a_named_kind_of_seat_is_for_its_own_role():
    chief = SeatKind("chief", 1, Who(role="chief"))
    play = Play(panel(SeatKind("member", 2), chief, votes=Votes(2, veto="chief"))).sent()
    play.do(member(1), "vote", "panel", ballot="for")
    play.do(member(2), "vote", "panel", ballot="for")
    assert play.refused(member(3), "vote", "panel", ballot="for") == "taken"
    assert play.refused(HEAD, "vote", "panel", ballot="for") == "not_yours"
    assert play.case.state == "open", "the veto seat is silent"
    play.do(member(9, "chief"), "vote", "panel", ballot="for")
    assert play.case.state == "granted"


def test_all_means_everybody_who_fits_when_the_step_opens():
    play = Play(panel(SeatKind("member", "all"), votes=Votes("majority")))
    play.pools = {"panel": (Candidate(101), Candidate(102), Candidate(103))}
    play.sent()
    assert {s.person for s in play.case.runs["panel"].seats.values()} == {101, 102, 103}
    assert play.refused(member(4), "vote", "panel", ballot="for") == "taken"
    play.do(member(1), "vote", "panel", ballot="for")
    play.do(member(2), "vote", "panel", ballot="for")
    assert play.case.state == "granted"


def test_an_empty_panel_decides_nothing_and_waits_for_its_first_member():
    play = Play(panel(SeatKind("member", "all"), votes=Votes("majority")), pools={"panel": ()}).sent()
    assert play.case.state == "open"
    play.do(member(1), "vote", "panel", ballot="for")
    assert play.case.state == "granted"


def test_five_members_vote_with_one_basis_in_any_order():
    play = Play(panel(SeatKind("member", 5), votes=Votes(5))).sent()
    basis = f"{play.case.round}.{play.case.revision}.b1"
    for n in (3, 1, 5, 2, 4):
        play.do(member(n), "vote", "panel", ballot="for", basis=basis)
    assert play.case.state == "granted"


# ------------------------------------------------------------------ deputies, widening


def deputy_of(principal: int, *, grants: tuple[tuple[str, str], ...] = ()) -> Actor:
    return Actor(77, grants, principals={principal: (("verifier", ""),)})


def test_a_deputy_acts_from_the_principals_seat_and_both_have_done_it():
    play = Play().checked()
    play.do(deputy_of(VERIFIER), "act", "verify")
    assert play.events[-2].body["for"] == VERIFIER
    assert play.case.did["verify"] == {77, VERIFIER}


def test_an_excluded_principal_or_deputy_bars_the_deputys_act():
    play = Play(operators=frozenset({OPERATOR, SECOND}), pools={}).checked()
    assert play.refused(deputy_of(SECOND), "act", "verify") == "excluded"
    play.operators = frozenset({OPERATOR, 77})
    assert play.refused(deputy_of(VERIFIER), "act", "verify") == "excluded"


def test_whoever_has_a_seat_of_their_own_acts_for_nobody_else():
    play = Play(panel(SeatKind("member", "all"), votes=Votes("all")))
    play.pools = {"panel": (Candidate(101), Candidate(102))}
    play.sent()
    both = Actor(101, (("member", ""),), principals={102: (("member", ""),)})
    play.do(both, "vote", "panel", ballot="for")
    assert play.events[-1].body["for"] == 101
    assert play.refused(both, "vote", "panel", ballot="for") == "taken"


def test_a_rung_can_open_a_sleeping_colleagues_seat_to_others():
    states = review_states()
    steps = dict(states["submitted"].steps)
    widen = (Rung(At(0), (Effect("widen", {"who": Who(role="head")}),)),)
    steps["verification"] = replace(steps["verification"], ladder=widen)
    play = Play(review(states | {"submitted": replace(states["submitted"], steps=steps)})).checked()
    assert play.refused(HEAD, "act", "verify") == "not_yours"
    play.later(20)
    assert play.do(None, "tick") == ["rung"]
    assert play.do(HEAD, "act", "verify") == ["seated", "moved", "opened"]
    assert play.refused(HEAD, "vote", "approval", ballot="for") == "excluded"


# ------------------------------------------------------------------ which candidates are asked for


def test_candidates_are_asked_for_where_a_step_may_open():
    play = Play()
    needed = lambda do, name="": people_needed(play.definition, play.case, Command(do, name))  # noqa: E731
    assert needed("act", "submit") == ("verification",)
    assert needed("act", "withdraw") == ("verification",)[:0]
    assert needed("look") == needed("edit") == ()
    play.sent()
    assert needed("check", "completeness") == ("verification",)
    play.check("completeness")
    play.check("duplicates")
    assert needed("act", "verify") == ("verification",), "an auto may lead back"
    assert needed("vacate", "verification") == ("verification",)
    assert needed("claim", "verification") == ("verification",)


def test_candidates_are_asked_for_along_autos():
    states = review_states()
    approval = Step("approval", {}, who=Who(role="head"), allocate="least_busy", votes=Votes(1))
    states["verified"] = replace(states["verified"], steps={"approval": approval})
    actions = review_actions()
    actions["verify"] = replace(actions["verify"], step=None, who=None, auto=said("checks.passed"), when=None)
    play = Play(review(states, actions)).sent()
    assert set(people_needed(play.definition, play.case, Command("check", "completeness"))) == {
        "verification",
        "approval",
    }

"""Who may, word for word: relations, areas, exclusions, seats of several kinds, and whom a command may ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from siskop.engine.case import Actor, Candidate, Command, Refusal
from siskop.engine.definition import Action, At, Effect, Rung, SeatKind, State, Step, Votes, Who
from siskop.engine.people import area_of, office_who, people_needed
from tests.engine.flows import (
    ADMIN,
    BOTH,
    COLLEAGUE,
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
)


def beside(who: Who, at: str = "submitted", **more: object) -> Play:
    """The usual road, with one more action that `who` may take."""
    return Play(review(actions=review_actions() | by_name(Action("extra", {}, (at,), "rejected", who=who, **more))))


def told(play: Play, who: int | Actor, do: str, name: str, **args: object) -> str:
    answer = play.ask(who, do, name, **args)
    assert isinstance(answer, Refusal)
    return answer.text


# ------------------------------------------------------------------ beside the steps


def test_in_a_state_of_the_office_a_role_is_separated_and_anyone_is_not():
    involved = Actor(OPERATOR, (("head", ""),), frozenset({"record_operator"}))
    assert beside(Who(role="head")).checked().refused(involved, "act", "extra") == "excluded"
    play = beside(Who(relation="anyone")).checked()
    assert ("act", "extra") in play.may(OPERATOR)
    assert ("act", "extra") in play.may(STRANGER)


def test_in_a_state_of_the_submitter_a_role_acts_for_its_own_record_too():
    play = beside(Who(role="head"), at="draft")
    involved = Actor(OPERATOR, (("head", ""),), frozenset({"record_operator"}))
    assert ("act", "extra") in play.may(involved)
    definition = play.definition
    assert office_who(definition, definition.states["draft"], Who(role="head")).exclude == ()
    separated = office_who(definition, definition.states["submitted"], Who(role="head", exclude=("did.submit",)))
    assert separated.exclude == ("submitter", "author", "record_operator", "did.submit")
    assert office_who(definition, definition.states["published"], Who(role="head")).exclude != ()


def test_an_action_of_a_role_with_an_area_asks_for_the_records():
    play = beside(Who(role="verifier", area="area")).checked()
    assert ("act", "extra") in play.may(VERIFIER)
    assert play.refused(Actor(VERIFIER, (("verifier", "99"),)), "act", "extra") == "not_yours"
    play.answers = {**play.answers, "area": None}
    assert play.refused(VERIFIER, "act", "extra") == "not_yours"
    assert ("act", "extra") in play.may(SECOND), "whose role has no bounds"


def test_an_area_may_be_the_parents():
    answers, parent = {"area": "36"}, {"area": "37"}
    assert area_of(Who(role="x", area="parent.area"), answers, parent) == "37"
    assert area_of(Who(role="x", area="area"), answers, parent) == "36"
    assert area_of(Who(role="x", area="parent.area"), answers, {}) == ""
    assert area_of(Who(role="x"), answers, parent) is None


def test_the_assignee_is_whoever_has_a_seat_of_an_open_step():
    play = beside(Who(relation="assignee")).checked()
    assert ("act", "extra") in play.may(VERIFIER)
    assert play.refused(SECOND, "act", "extra") == "not_yours"
    play.do(ADMIN, "vacate", "verification")
    assert play.refused(VERIFIER, "act", "extra") == "not_yours"
    assert ("act", "extra") in play.may(SECOND)


@pytest.mark.parametrize(
    ("relation", "who", "may"),
    [
        ("submitter", OPERATOR, True), ("submitter", COLLEAGUE, True), ("submitter", HEAD, False),
        ("author", OPERATOR, True), ("author", COLLEAGUE, False), ("record_operator", STRANGER, False),
        ("record_operator", COLLEAGUE, True), ("did.submit", COLLEAGUE, True), ("did.submit", OPERATOR, False),
    ],
)  # fmt: skip
def test_each_relation_is_whom_its_word_says(relation, who, may):
    """Begun and written by OPERATOR, sent in by COLLEAGUE."""
    play = beside(Who(relation=relation))
    play.do(COLLEAGUE, "act", "submit")
    assert (("act", "extra") in play.may(who)) is may


@pytest.mark.parametrize("word", ["submitter", "author", "record_operator", "did.submit"])
def test_each_exclusion_bars_and_says_why(word):
    play = beside(Who(role="verifier", exclude=(word,)), at="returned").checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    play.do(VERIFIER, "act", "return")
    play.do(OPERATOR, "correction", "1", status="answered")
    text = told(play, Actor(OPERATOR, (("verifier", ""),), frozenset({"record_operator"})), "act", "extra")
    assert text.startswith("You took part" if word.startswith("did.") else "You sent this in")
    assert ("act", "extra") in play.may(VERIFIER)


def test_whoever_acts_for_the_record_is_barred_by_what_is_known_of_them_alone():
    """The account is not among the operators that the facts name, but comes with the relation."""
    newcomer = Actor(99, (("verifier", ""), ("head", "")), frozenset({"record_operator"}))
    play = Play(pools={}).checked()
    assert play.refused(newcomer, "act", "verify") == "excluded"
    assert beside(Who(role="head")).checked().refused(newcomer, "act", "extra") == "excluded"
    assert ("edit", "") in Play().may(newcomer)


# ------------------------------------------------------------------ seats of several kinds


def test_a_wanted_seat_is_taken_and_no_other():
    play = Play(panel(SeatKind("member", 3), votes=Votes(3))).sent()
    play.do(member(1), "vote", "panel", ballot="for", seat="member-2")
    assert play.case.runs["panel"].seats["member-2"].acted == 101
    assert play.refused(member(2), "vote", "panel", ballot="for", seat="member-2") == "taken"
    assert play.refused(member(2), "vote", "panel", ballot="for", seat="nothing") == "seat"
    play.do(member(2), "claim", "panel", seat="member-3")
    assert play.case.runs["panel"].seats["member-3"].person == 102


def test_an_exclusion_of_one_kind_of_seat_is_told_also_when_the_others_are_not_theirs():
    chief = SeatKind("chief", 1, Who(role="chief", exclude=("did.submit",)))
    play = Play(panel(chief, SeatKind("member", 1), votes=Votes(2), self_service=True))
    play.do(COLLEAGUE, "act", "submit")
    sender = Actor(COLLEAGUE, (("chief", ""),))
    assert play.refused(sender, "vote", "panel", ballot="for") == "excluded"
    assert play.refused(Actor(COLLEAGUE, (("cook", ""),)), "vote", "panel", ballot="for") == "excluded"
    assert play.refused(Actor(STRANGER, (("cook", ""),)), "vote", "panel", ballot="for") == "not_yours"
    play.do(ADMIN, "assign", "panel", seat="chief", person=STRANGER)
    assert play.refused(ADMIN, "assign", "panel", seat="chief", person=COLLEAGUE) == "excluded"


def test_what_is_written_of_a_seat_is_its_kinds_role_and_area():
    chief = SeatKind("chief", 1, Who(role="chief", area="area"))
    play = Play(panel(SeatKind("member", 1), chief, votes=Votes(2))).sent()
    opened = next(e.body for e in play.events if e.type == "opened")
    assert opened["seats"] == {
        "member": {"person": None, "role": "member", "area": None},
        "chief": {"person": None, "role": "chief", "area": "36.74"},
    }
    assert play.refused(Actor(5, (("chief", "99"),)), "vote", "panel", ballot="for") == "not_yours"
    play.do(Actor(5, (("chief", "36"),)), "vote", "panel", ballot="for")


def test_seats_are_given_only_where_the_file_says_how_and_to_the_steps_own_people():
    candidates = (Candidate(101, 3), Candidate(102, 1), Candidate(103, 2))
    offered = Play(panel(SeatKind("member", 2), votes=Votes(2)), pools={"panel": candidates}).sent()
    assert [s.person for s in offered.case.runs["panel"].seats.values()] == [None, None]
    chief = SeatKind("chief", 1, Who(role="chief"))
    given = Play(
        panel(SeatKind("member", 2), chief, votes=Votes(2), allocate="least_busy"), pools={"panel": candidates}
    )
    given.sent()
    assert {n: s.person for n, s in given.case.runs["panel"].seats.items()} == {
        "member-1": 102, "member-2": 103, "chief": None,
    }  # fmt: skip
    given.do(ADMIN, "vacate", "panel", seat="member-2")
    assert given.case.runs["panel"].seats["member-2"].person == 101
    one = Play(
        panel(SeatKind("member", 3), votes=Votes(2), allocate="least_busy"), pools={"panel": candidates[:1]}
    ).sent()
    assert [s.person for s in one.case.runs["panel"].seats.values()] == [101, None, None]


def test_the_least_busy_is_chosen_whoever_did_it_before():
    play = Play().checked()
    play.do(VERIFIER, "ask", "name", words="correction")
    play.do(VERIFIER, "act", "return")
    play.do(OPERATOR, "correction", "1", status="answered")
    play.pools = {"verification": (Candidate(SECOND, 0), Candidate(VERIFIER, 5))}
    play.checked()
    assert play.case.runs["verification"].seats["1"].person == SECOND


def test_who_was_named_gets_the_first_step_only():
    states, actions = review_states(), review_actions()
    first = replace(states["verified"].steps["approval"], who=Who(role="head"))
    second = Step("second", {}, who=Who(role="head"), allocate="least_busy")
    states["verified"] = replace(states["verified"], steps=by_name(first, second))
    actions["verify"] = replace(actions["verify"], needs=("person",))
    play = Play(review(states, actions))
    play.pools = {
        **play.pools,
        "approval": (Candidate(HEAD), Candidate(BOTH)),
        "second": (Candidate(HEAD), Candidate(BOTH)),
    }
    play.checked().do(VERIFIER, "act", "verify", person=BOTH)
    seats = {name: run.seats["1"].person for name, run in play.case.runs.items()}
    assert seats == {"approval": BOTH, "second": HEAD}


def test_a_deputy_fits_by_the_relation_of_the_principal():
    states = review_states()
    again = Step("again", {}, who=Who(relation="did.verify"))
    states["verified"] = replace(states["verified"], steps=by_name(again))
    play = Play(review(states)).verified()
    deputy = Actor(77, (), principals={VERIFIER: ()})
    assert play.refused(Actor(77, (), principals={SECOND: ()}), "complete", "again") == "not_yours"
    assert play.refused(SECOND, "complete", "again") == "not_yours"
    play.do(deputy, "complete", "again")
    assert next(e.body["for"] for e in reversed(play.events) if e.type == "voted") == VERIFIER


# ------------------------------------------------------------------ nobody has two parts


def test_a_deputy_never_gives_a_principal_a_second_part():
    play = Play(panel(SeatKind("member", 3), votes=Votes(3))).sent()
    deputy = Actor(77, (), principals={101: (("member", ""),)})
    play.do(deputy, "vote", "panel", ballot="for")
    assert play.refused(member(1), "vote", "panel", ballot="for") == "taken"
    assert play.refused(Actor(78, (), principals={101: (("member", ""),)}), "vote", "panel", ballot="for") != ""
    assert play.refused(ADMIN, "assign", "panel", person=77) == "taken"
    assert play.refused(ADMIN, "assign", "panel", person=101) == "taken"
    claimed = Play(panel(SeatKind("member", 3), votes=Votes(3))).sent()
    claimed.do(member(1), "claim", "panel")
    assert claimed.refused(deputy, "claim", "panel", seat="member-2") == "not_yours"
    claimed.do(deputy, "vote", "panel", ballot="for")
    assert claimed.case.runs["panel"].seats["member-1"].acted == 77


def test_whoever_acted_as_a_deputy_is_given_no_emptied_seat():
    definition = panel(SeatKind("member", 2), votes=Votes(2), allocate="least_busy")
    play = Play(definition, pools={"panel": (Candidate(101), Candidate(102), Candidate(77, 9))}).sent()
    play.do(Actor(77, (("member", ""),), principals={101: (("member", ""),)}), "vote", "panel", ballot="for")
    play.do(ADMIN, "vacate", "panel", seat="member-2")
    assert play.case.runs["panel"].seats["member-2"].person is None


# ------------------------------------------------------------------ seats that a rung opened


def widened(*kinds: SeatKind, **more: object) -> Play:
    ladder = (Rung(At(0), (Effect("mail", {"mail": "x"}), Effect("widen", {"who": Who(role="head")}))),)
    definition = panel(*kinds, votes=Votes(2), due_days=1, ladder=ladder, **more)
    play = Play(definition, pools={"panel": (Candidate(101), Candidate(102))}).sent().later(6)
    assert play.do(None, "tick") == ["rung"]
    return play


def test_a_widened_seat_is_the_wanted_one_and_never_one_that_was_used():
    play = widened(SeatKind("member", 2), allocate="least_busy")
    play.do(member(1), "vote", "panel", ballot="for")
    assert play.refused(HEAD, "vote", "panel", ballot="for", seat="member-1") == "not_yours"
    assert play.refused(VERIFIER, "vote", "panel", ballot="for") == "not_yours"
    assert play.do(HEAD, "vote", "panel", ballot="for", seat="member-2") == ["seated", "voted", "ended", "moved"]


def test_the_exclusions_of_a_seat_hold_where_it_was_opened_to_others():
    chief = SeatKind("chief", 1, Who(role="chief", exclude=("did.extra",)))
    play = widened(chief, SeatKind("member", 1), allocate="least_busy")
    play.operators = frozenset({OPERATOR, HEAD})
    assert play.refused(HEAD, "vote", "panel", ballot="for") == "excluded"
    play.operators = frozenset({OPERATOR})
    play.do(HEAD, "vote", "panel", ballot="for")
    assert play.case.runs["panel"].seats["chief"].acted == HEAD


def test_whoever_has_a_seat_takes_no_other_by_a_rung():
    play = widened(SeatKind("member", 2), allocate="least_busy")
    both = Actor(101, (("member", ""), ("head", "")))
    play.do(both, "vote", "panel", ballot="for")
    assert play.case.runs["panel"].seats["member-1"].acted == 101
    assert play.refused(both, "vote", "panel", ballot="for") == "taken"
    lost = Actor(102, (("head", ""),))
    play.do(lost, "vote", "panel", ballot="for")
    voted = next(e.body for e in reversed(play.events) if e.type == "voted")
    assert (voted["seat"], voted["for"]) == ("member-2", 102), "their own, by the wider rule"


# ------------------------------------------------------------------ whom a command may ask for


def needed(play: Play, do: str, name: str = "") -> set[str]:
    return set(people_needed(play.definition, play.case, Command(do, name)))


def with_silence() -> Play:
    """From the draft by silence to a state whose step is given to somebody; from there by silence back."""
    states, actions = review_states(), review_actions()
    approval = replace(states["verified"].steps["approval"], allocate="least_busy")
    by_itself = (Rung(At(3), (Effect("mail", {"mail": "x"}), Effect("action", {"action": "late"}))),)
    states["verified"] = replace(states["verified"], steps=by_name(approval))
    states["draft"] = replace(states["draft"], ladder=by_itself)
    step = replace(states["submitted"].steps["verification"], allocate=None, ladder=by_itself)
    states["submitted"] = replace(states["submitted"], steps={**states["submitted"].steps, "verification": step})
    actions["late"] = Action("late", {}, ("draft", "submitted"), "verified")
    return Play(review(states, actions))


def test_what_silence_may_open_is_asked_for_by_the_system_alone():
    play = with_silence()
    assert needed(play, "tick") == {"approval"}
    assert needed(play, "act", "withdraw") == set()
    play.sent()
    assert needed(play, "check", "completeness") == needed(play, "tick") == {"approval"}
    assert needed(play, "claim", "verification") == set()
    assert needed(play, "act", "verify") == {"approval"}


def test_a_migration_asks_for_the_state_it_leads_to():
    play = with_silence()
    assert needed(play, "migrate", "verified") == {"approval"}
    assert needed(play, "migrate", "returned") == set()
    renamed = replace(play.definition, states={n: s for n, s in play.definition.states.items() if n != "draft"})
    play.definition = renamed
    assert needed(play, "migrate", "verified") == {"approval"}


def test_naming_somebody_asks_for_the_step_they_are_named_for_until_it_has_opened():
    states, actions = review_states(), review_actions()
    check = Step("again", {}, check="completeness")
    approval = replace(states["verified"].steps["approval"], after=("again",))
    states["verified"] = replace(states["verified"], steps=by_name(check, approval))
    actions["verify"] = replace(actions["verify"], needs=("person",))
    play = Play(review(states, actions))
    play.pools = {**play.pools, "approval": (Candidate(HEAD),)}
    play.checked()
    assert "approval" in needed(play, "act", "verify")
    assert "approval" not in needed(play, "act", "reject")
    play.do(VERIFIER, "act", "verify", person=HEAD)
    assert needed(play, "check", "again") == {"approval", "verification"}
    plain = Play(review(states)).verified()
    assert needed(plain, "check", "again") == {"verification"}, "nobody was named"


def test_a_seat_of_another_kind_may_be_given_to_whom_the_first_would_exclude():
    chief = SeatKind("chief", 1, Who(role="chief", exclude=("did.submit",)))
    play = Play(panel(chief, SeatKind("member", 1), votes=Votes(2), self_service=True))
    definition = play.definition
    step = replace(definition.states["open"].steps["panel"], who=Who(role="member"))
    state = replace(definition.states["open"], steps=by_name(step))
    play = Play(replace(definition, states={**definition.states, "open": state}))
    play.do(COLLEAGUE, "act", "submit")
    assert play.refused(ADMIN, "assign", "panel", seat="chief", person=COLLEAGUE) == "excluded"
    play.do(ADMIN, "assign", "panel", seat="member", person=COLLEAGUE)
    assert play.refused(ADMIN, "assign", "panel", seat="nothing", person=HEAD) == "seat"
    assert play.refused(STRANGER, "assign", "panel", seat="member", person=HEAD) == "not_yours"
    assert next(o.step for o in play.offers(ADMIN) if o.do == "assign") == "panel"
    play.do(ADMIN, "assign", "panel", person=HEAD)
    assert play.case.runs["panel"].seats["chief"].person == HEAD, "the first that is free, unless one is named"


def test_a_task_that_is_ones_own_is_told_so():
    play = Play().checked()
    assert told(play, VERIFIER, "claim", "verification") == "This task is yours already."


def test_without_anybody_who_manages_nobody_does():
    play = Play(replace(review(), manage=None)).checked()
    assert play.refused(ADMIN, "vacate", "verification") == "not_yours"
    relation = Play(replace(review(), manage=Who(relation="did.submit"))).checked()
    relation.do(OPERATOR, "vacate", "verification")


def readers(allocate: str | None = None) -> Play:
    """Two steps side by side; whoever has one is kept out of the other."""
    first = Step("first", {}, who=Who(role="verifier", exclude=("did.second",)), allocate=allocate)
    second = replace(first, name="second", who=Who(role="verifier", exclude=("did.first",)))
    state = State("submitted", {}, {}, "office", steps=by_name(first, second))
    play = Play(review(review_states(submitted=state), {"submit": review_actions()["submit"]}))
    play.pools = {name: (Candidate(SECOND, 1), Candidate(BOTH, 2)) for name in ("first", "second")}
    return play.sent()


def test_who_has_a_seat_takes_none_in_a_step_that_excludes_them_for_it():
    play = readers()
    play.do(SECOND, "claim", "first")
    for command in ("claim", "complete"):
        assert play.refused(SECOND, command, "second") == "excluded"
    assert play.refused(ADMIN, "assign", "second", person=SECOND) == "excluded"
    play.do(BOTH, "complete", "second")
    play.do(SECOND, "complete", "first")


def test_who_left_a_seat_may_take_the_other():
    play = readers()
    play.do(SECOND, "claim", "first")
    play.do(SECOND, "release", "first")
    play.do(SECOND, "complete", "second")
    assert play.refused(SECOND, "claim", "first") == "excluded"


def test_seats_are_given_to_somebody_else_where_one_has_the_other_seat():
    play = readers(allocate="least_busy")
    runs = play.case.runs
    assert [runs[name].seats["1"].person for name in ("first", "second")] == [SECOND, BOTH]
    play.do(ADMIN, "vacate", "second")
    assert play.case.runs["second"].seats["1"].person is None, "the other has the first, and this one left"


def test_a_deputy_takes_no_seat_for_somebody_who_has_the_other():
    play = readers()
    play.deputies = {STRANGER: frozenset({SECOND})}
    play.do(SECOND, "claim", "first")
    assert play.refused(STRANGER, "claim", "second") == "excluded"
    play.do(STRANGER, "complete", "first")
    assert (play.case.did["first"]) == {STRANGER, SECOND}

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siskop.engine.definition import SeatKind, Votes
from siskop.engine.votes import kind_of, tally

BALLOTS = ("for", "against", "abstain")
rules = st.builds(
    Votes,
    need=st.one_of(st.integers(1, 6), st.sampled_from(["all", "majority"])),
    veto=st.sampled_from([None, "chief"]),
    weights=st.sampled_from([{}, {"chief": 2}, {"member": 3}]),
)
seats = st.lists(
    st.tuples(st.sampled_from(["member", "chief"]), st.sampled_from([*BALLOTS, None])), min_size=1, max_size=6
)


def cast(*ballots):
    return [("member", ballot) for ballot in ballots]


@pytest.mark.parametrize(
    ("votes", "ballots", "outcome"),
    [
        (Votes(1), ["for"], "passed"),
        (Votes(1), ["against"], "failed"),
        (Votes(1), ["abstain"], "failed"),
        (Votes(1), [None], None),
        (Votes(2), ["for", "for", None], "passed"),
        (Votes(2), ["for", "against", None], None),
        (Votes(2), ["against", "against", None], "failed"),
        (Votes(3), ["for", "for"], "failed"),
        (Votes("majority"), ["for", "for", None], "passed"),
        (Votes("majority"), ["for", "abstain", "abstain"], "passed"),
        (Votes("majority"), ["for", "against", "abstain"], "failed"),
        (Votes("majority"), ["abstain", "abstain"], "failed"),
        (Votes("all"), ["for", "for", None], None),
        (Votes("all"), ["for", "abstain"], "passed"),
        (Votes("all"), ["against", None, None], "failed"),
        (Votes("all"), ["abstain", "abstain"], "failed"),
    ],
)
def test_a_vote_passes_fails_or_stays_open(votes, ballots, outcome):
    assert tally(votes, cast(*ballots)) == outcome


def test_a_silent_veto_seat_holds_the_vote_open_and_one_against_ends_it():
    votes = Votes(2, veto="chief")
    assert tally(votes, [*cast("for", "for"), ("chief", None)]) is None
    assert tally(votes, [*cast("for", "for"), ("chief", "against")]) == "failed"
    assert tally(votes, [*cast("for", "for"), ("chief", "abstain")]) == "passed"


def test_a_seat_counts_with_the_weight_of_its_kind():
    assert tally(Votes(2, weights={"chief": 2}), [*cast(None, None), ("chief", "for")]) == "passed"


def test_a_seat_is_of_the_kind_that_its_name_begins_with():
    kinds = (SeatKind("member", 3), SeatKind("chief", 1), SeatKind("1", 1))
    assert kind_of(kinds, "member-2").name == "member"
    assert kind_of(kinds, "chief").name == "chief"
    assert kind_of(kinds, "1").name == "1"
    assert kind_of(kinds, "7").name == "member", "of a seat that was added for an opinion: the only kind"
    parted = (SeatKind("other", 1), SeatKind("co-member", 2), SeatKind("co", 1))
    assert kind_of(parted, "co-member-2").name == "co-member"


@given(rules, seats)
@settings(max_examples=150)
def test_an_early_result_never_differs_from_any_completion(votes, cast_so_far):
    early = tally(votes, cast_so_far)
    silent = [n for n, (_, ballot) in enumerate(cast_so_far) if ballot is None]
    for rest in product(BALLOTS, repeat=len(silent)):
        whole = list(cast_so_far)
        for n, ballot in zip(silent, rest, strict=True):
            whole[n] = (whole[n][0], ballot)
        final = tally(votes, whole)
        assert final is not None, "a full vote is always decided"
        if early is not None:
            assert final == early

"""Whoever sent it in, acts for it or has no seat does not vote on it: the database refuses the row itself."""

from __future__ import annotations

from itertools import product

import pytest
from psycopg import errors

from tests import offices
from tests.offices import Office
from tests.walls.by_hand import ROLES, done, refused, value
from tests.worlds import World


@pytest.fixture
def at_the_head(world: World) -> tuple[Office, str]:
    office = offices.staff()
    number = offices.sent(office.secretary)
    offices.verify(number, office)
    return office, number


VOTE = """
INSERT INTO siskop.vote (submission_id, step, round, person, seat_of, principal, ballot, at)
SELECT w.submission_id, w.step, w.round, %(person)s, COALESCE(%(seat)s, w.seat), %(principal)s, 'for', siskop.now()
FROM siskop.work_item w JOIN siskop.submission s ON s.id = w.submission_id
WHERE s.number = %(number)s AND w.step = %(step)s
"""


def test_a_vote_by_the_author_is_refused_also_through_a_deputy(world: World, at_the_head: tuple[Office, str]) -> None:
    office, number = at_the_head
    about = {"number": number, "step": "approval", "seat": None}
    for role, person, principal in product(ROLES, (office.secretary, office.head), (office.secretary,)):
        refused(world, role, VOTE, errors.RaiseException, person=person, principal=principal, **about)


def test_a_vote_by_somebody_who_acts_for_the_record_is_refused(world: World, at_the_head: tuple[Office, str]) -> None:
    office, number = at_the_head
    member = "INSERT INTO siskop.membership (account_id, record_id, status) SELECT %(a)s, record_id, 'claimed' FROM"
    done(world, "app", f"{member} siskop.submission WHERE number = %(number)s", a=office.head, number=number)
    about = {"number": number, "step": "approval", "seat": None, "principal": office.head}
    for role in ROLES:
        refused(world, role, VOTE, errors.RaiseException, person=office.head, **about)


def test_a_vote_from_outside_the_panel_is_refused(world: World, at_the_head: tuple[Office, str]) -> None:
    """On a seat that nobody opened, and on a seat that is somebody else's."""
    office, number = at_the_head
    holder = value(world, "SELECT person FROM siskop.work_item WHERE step = 'verification'")
    other = office.colleague if holder == office.verifier else office.verifier
    about = {"number": number, "person": other, "principal": other}
    for role in ROLES:
        refused(world, role, VOTE, errors.RaiseException, step="approval", seat="none", **about)
        refused(world, role, VOTE, errors.RaiseException, step="verification", seat=None, **about)


def test_nobody_votes_twice_and_no_seat_has_two_votes(world: World, at_the_head: tuple[Office, str]) -> None:
    office, number = at_the_head
    offices.approve(number, office)
    about = {"number": number, "step": "approval", "seat": None}
    for role in ROLES:
        refused(world, role, VOTE, errors.UniqueViolation, person=office.head, principal=office.head, **about)
        in_the_name = {"person": office.administrator, "principal": office.head}
        refused(world, role, VOTE, errors.UniqueViolation, **in_the_name, **about)

"""A child's place in the register, its keeper and the votes on it: the database's own word."""

from __future__ import annotations

import pytest
from psycopg import errors

from siskop.accounts import memberships
from siskop.base.db import unit_of_work
from tests.submissions import guilds
from tests.submissions.guilds import House
from tests.walls.by_hand import ROLES, done, refused, value
from tests.walls.test_votes import VOTE
from tests.worlds import World

ENTRY = "UPDATE register.entry SET {} WHERE kind = 'yearbook'"


@pytest.fixture
def house(world: World) -> House:
    return guilds.settled(world)


def test_an_entry_names_its_own_parent_and_a_period_that_is_public(world: World, house: House) -> None:
    record = guilds.guild(house)
    guilds.yearbook(house, record, "2025", 1, 1)
    for role in ROLES:
        for lie in ("parent = record_id", "parent = NULL", "period = '1999'", "data = data - 'year'"):
            refused(world, role, ENTRY.format(lie), errors.RaiseException)


def test_only_declared_parts_of_a_value_are_let_in(world: World, house: House) -> None:
    guilds.guild(house, spot="-6.3, 106.7")
    spot = "UPDATE register.entry SET data = data || jsonb_build_object('spot', %(value)s::jsonb) WHERE kind = 'guild'"
    done(world, "app", spot, value='{"lat": 1, "lng": 2}')
    for hidden in ('{"lat": 1, "nik": 2}', '{"lat": {"nik": 1}}', '[{"nik": 1}]', "[[1]]"):
        refused(world, "app", spot, errors.RaiseException, value=hidden)


def test_a_childs_keeper_is_its_parents_whatever_is_written(world: World, house: House) -> None:
    record = guilds.guild(house)
    child = guilds.yearbook(house, record, "2025", 1, 1)
    done(world, "app", "UPDATE siskop.record SET keeper = id WHERE id = %(child)s", child=child)
    assert value(world, "SELECT keeper FROM siskop.record WHERE id = %(child)s", child=child) == record


def test_who_acts_for_the_parent_does_not_vote_on_its_child(world: World, house: House) -> None:
    record = guilds.guild(house)
    number = guilds.sent("yearly", house.ani, record, "2025", begun="1", joined="1")
    with unit_of_work() as tx:
        memberships.grant(tx, house.budi, record)
    about = {"number": number, "step": "look", "seat": None, "person": house.budi, "principal": house.budi}
    for role in ROLES:
        refused(world, role, VOTE, errors.RaiseException, **about)

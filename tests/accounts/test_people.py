"""Actors, candidates, names: who somebody is today."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from siskop.accounts import memberships, people
from siskop.base.db import Tx, unit_of_work
from siskop.base.errors import Invalid, NotFound
from siskop.engine.definition import Role, Who
from tests.visitors import person
from tests.worlds import World


def record(tx: Tx, version: int = 0) -> int:
    made = text("INSERT INTO siskop.record (kind, version) VALUES ('thing', :version) RETURNING id")
    return int(tx.execute(made, {"version": version}).scalar_one())


def test_an_actor_has_the_grants_and_the_relation_of_today(world: World) -> None:
    ani = person("ani@siskop.test", "Ani", ("checker", "36.74.01"))
    with unit_of_work() as tx:
        thing, other = record(tx), record(tx)
        memberships.claim(tx, ani, thing)
        today = world_day(tx)
        people.grant(tx, ani, "old", from_on=today - timedelta(days=9), until_on=today - timedelta(days=1))
        people.grant(tx, ani, "last", until_on=today)
        people.grant(tx, ani, "later", from_on=today + timedelta(days=1))
    with unit_of_work() as tx:
        actor = people.actor_for(tx, ani, thing)
        assert actor.grants == (("checker", "36.74.01"), ("last", ""))
        assert actor.relations == {"record_operator"}
        assert people.actor_for(tx, ani, other).relations == frozenset()
        assert actor.name == "Ani"
        with pytest.raises(NotFound):
            people.actor_for(tx, 999)


def world_day(tx: Tx):  # type: ignore[no-untyped-def]
    return tx.execute(text("SELECT siskop.today()")).scalar_one()


def test_a_deputy_carries_the_grants_of_the_principal(world: World) -> None:
    ani = person("ani@siskop.test", "Ani", ("checker", "1"))
    budi = person("budi@siskop.test", "Budi")
    with unit_of_work() as tx:
        tx.execute(
            text("INSERT INTO siskop.deputy VALUES (DEFAULT, :a, :b, siskop.today(), siskop.today())"),
            {"a": ani, "b": budi},
        )
        assert people.actor_for(tx, budi).principals == {ani: (("checker", "1"),)}


def test_candidates_cover_the_area_and_the_least_busy_comes_first(world: World) -> None:
    north = person("north@siskop.test", "North", ("checker", "36.74.01"))
    city = person("city@siskop.test", "City", ("checker", ""), ("checker", "36.74"))
    south = person("south@siskop.test", "South", ("checker", "36.74.02"))
    gone = person("gone@siskop.test", "Gone", ("checker", ""))
    with unit_of_work() as tx:
        tx.execute(text("UPDATE siskop.account SET active = false WHERE id = :id"), {"id": gone})
        here = Who(role="checker", area="place")
        assert [one.id for one in people.candidates(tx, here, "36.74.01.1001")] == [north, city]
        assert [one.id for one in people.candidates(tx, here, "36.74.01.1001", {north})] == [city]
        assert [one.id for one in people.candidates(tx, here, None)] == [city]
        assert [one.id for one in people.candidates(tx, Who(role="checker"), "x")] == [north, city, south]
        assert people.candidates(tx, Who(relation="record_operator"), "x") == []


def test_names_and_words_of_people(world: World) -> None:
    ani = person("ani@siskop.test", "Ani")
    roles = {"a": Role("a", {}, frozenset({"desk"})), "b": Role("b", {}, frozenset({"audit"}))}
    with unit_of_work() as tx:
        assert people.names(tx, {ani, 999}) == {ani: "Ani"}
    assert people.may_words([("a", "1"), ("unknown", "")], roles) == {"desk"}


@pytest.mark.parametrize("address", ["ani", "ani@x", "a b@siskop.test", "ani@siskop.test\nBcc: x@y.zz", "@siskop.test"])
def test_an_address_that_is_none_is_refused(world: World, address: str) -> None:
    with pytest.raises(Invalid), unit_of_work() as tx:
        people.create(tx, address, "Ani")


def test_an_address_has_one_account_whatever_its_capitals(world: World) -> None:
    person("ani@siskop.test")
    with pytest.raises(Invalid), unit_of_work() as tx:
        people.create(tx, "Ani@Siskop.Test", "Another")


def test_the_same_grant_twice_is_one(world: World) -> None:
    ani = person("ani@siskop.test", "Ani", ("checker", "1"), ("checker", "1"))
    with unit_of_work() as tx:
        assert people.grants(tx, ani) == (("checker", "1"),)
        assert people.everybody(tx)[0].grants == ("checker:1",)

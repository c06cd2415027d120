"""Who stands in for whom, by days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from siskop.accounts import deputies, people
from siskop.base.db import today as day
from siskop.base.db import unit_of_work
from siskop.base.errors import Invalid, NotFound
from tests.visitors import person
from tests.worlds import World


@pytest.fixture
def pair(world: World, app: object) -> tuple[int, int]:
    return person("tirta@siskop.test", "Tirta", ("verifier", "36")), person("banyu@siskop.test", "Banyu")


def today() -> date:
    with unit_of_work() as tx:
        return day(tx)


def test_a_deputy_has_the_principals_roles_on_those_days_only(world: World, pair: tuple[int, int]) -> None:
    principal, deputy = pair
    with unit_of_work() as tx:
        deputies.name(tx, principal, deputy, (today(), today() + timedelta(2)), {deputy})
        assert people.actor_for(tx, deputy).principals == {principal: (("verifier", "36"),)}
        assert next(a for a in people.staff(tx) if a.id == deputy) == people.actor_for(tx, deputy)
    world.move_clock(timedelta(days=3))
    with unit_of_work() as tx:
        assert people.actor_for(tx, deputy).principals == {}
        assert deputies.standing(tx) == []


def test_it_ends_at_once_and_only_by_whoever_named_it(pair: tuple[int, int]) -> None:
    principal, deputy = pair
    with unit_of_work() as tx:
        made = deputies.name(tx, principal, deputy, (today(), today() + timedelta(30)), {deputy})
    with unit_of_work() as tx, pytest.raises(NotFound):
        deputies.end(tx, made, deputy)
    with unit_of_work() as tx:
        assert deputies.end(tx, made, principal).deputy == deputy
        assert people.actor_for(tx, deputy).principals == {}
    with unit_of_work() as tx, pytest.raises(NotFound):
        deputies.end(tx, made, principal)


@pytest.mark.parametrize(
    ("first", "last", "at"),
    [(-1, 3, "dari"), (2, 1, "sampai"), (0, 400, "sampai"), (None, 3, "dari"), (0, None, "sampai")],
)
def test_days_that_make_no_sense_are_refused_at_their_field(
    pair: tuple[int, int], first: int | None, last: int | None, at: str
) -> None:
    principal, deputy = pair
    days = [None if n is None else today() + timedelta(n) for n in (first, last)]
    with unit_of_work() as tx, pytest.raises(Invalid) as refused:
        deputies.name(tx, principal, deputy, (days[0], days[1]), {deputy})
    assert list(refused.value.problems) == [at]


def test_nobody_stands_in_for_themselves_nor_twice_nor_from_outside(pair: tuple[int, int]) -> None:
    principal, deputy = pair
    days = today(), today() + timedelta(5)
    with unit_of_work() as tx:
        deputies.name(tx, principal, deputy, days, {deputy})
    for whom, among in ((principal, {principal}), (deputy, {deputy}), (deputy, set[int]()), (None, {deputy})):
        with unit_of_work() as tx, pytest.raises(Invalid) as refused:
            deputies.name(tx, principal, whom, days, among)
        assert list(refused.value.problems) == ["orang"]

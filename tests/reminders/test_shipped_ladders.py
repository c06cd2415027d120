"""The cooperative's own ladders, on a record of the office's demo: which rule says what on which day."""

from __future__ import annotations

from datetime import date

import pytest

from siskop.base.db import unit_of_work
from siskop.reminders.due import all_dues, names
from siskop.submissions import definitions
from tests import offices
from tests.worlds import World


def due(day: date) -> dict[str, tuple[int, list[str], list[str]]]:
    with unit_of_work() as tx:
        found = list(all_dues(tx, definitions.library(tx), day))
    return {one.rule.name: (one.rung, names(one.papers), names(one.tasks)) for one in found}


def test_a_licence_that_expires_is_told_of_and_one_that_is_over_is_another_rule(world: World) -> None:
    offices.published(offices.staff(), has_licence="yes", licence_issued="2024-03-31", licence_expires="2027-03-31")
    assert due(date(2027, 1, 4))["licence_expiring"] == (0, [], [])  # 86 days before
    assert due(date(2027, 3, 29))["licence_expiring"] == (2, [], [])
    later = due(date(2027, 4, 1))
    assert "licence_expiring" not in later
    assert later["unlicensed"] == (0, [], [])


@pytest.mark.parametrize(("area", "rules"), [("kota", {"unlicensed"}), ("lintas_kota", {"referral"})])
def test_whose_members_come_from_beyond_the_city_is_referred_and_not_warned(
    world: World, area: str, rules: set[str]
) -> None:
    offices.published(offices.staff(), has_licence="no", membership_area=area)
    found = due(date(2027, 1, 4))
    assert found.keys() & {"unlicensed", "referral"} == rules
    assert found.get("referral", (0, [], ["refer-onward"])) == (0, [], ["refer-onward"])

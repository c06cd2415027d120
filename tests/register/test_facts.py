"""Facts and badges on a day, and the next day on which they differ."""

from dataclasses import replace
from datetime import date

import pytest

from siskop.register import facts
from tests.register.kinds import KIND

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("until", "case", "fact"),
    [
        ("2026-11-25", 0, True),  # the last day is a good day
        ("2026-12-24", 0, True),
        ("2026-12-25", 1, True),
        ("2026-11-24", 3, False),
        (None, 2, None),
    ],
)
def test_the_first_true_case_holds_and_the_unknown_has_its_own(until: str | None, case: int, fact: bool | None) -> None:
    found = facts.standing(KIND, {"x5": until}, TODAY)
    assert found.badges["b1"]["case"] == case
    assert found.facts["f1"] is fact


def test_a_badge_carries_public_values_only() -> None:
    shown = facts.standing(KIND, {"x5": "2026-12-01", "x7": "rahasia"}, TODAY).badges["b1"]
    assert shown == {"case": 0, "values": {"x5": "2026-12-01"}}


def test_without_a_row_for_the_unknown_the_last_row_holds() -> None:
    assert facts.standing(KIND, {}, TODAY).badges["b2"]["case"] == 1


@pytest.mark.parametrize(
    ("values", "day"),
    [
        ({"x5": "2026-12-10"}, date(2026, 12, 11)),  # warned already; then it is over
        ({"x5": "2027-12-10"}, date(2027, 11, 11)),  # 29 days before the end the warning begins
        ({"x6": 2025}, date(2028, 1, 1)),  # a new year counts one more
        ({"x5": "2020-01-01", "x6": 2001}, None),
        ({}, None),
    ],
)
def test_the_next_day_on_which_something_differs(values: dict[str, object], day: date | None) -> None:
    assert facts.refresh_on(KIND, values, TODAY) == day


def test_cases_of_one_label_are_one_thing_to_search_for() -> None:
    badge = KIND.badges[0]
    twice = replace(badge, cases=(*badge.cases, badge.cases[1]))
    assert [facts.alike(twice, n) for n in range(5)] == [0, 1, 2, 3, 1]

"""What a record owes period by period."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import pytest

from siskop.engine import standing
from siskop.engine.definition import Deadline, Periods

MAY = date(2026, 5, 2)
ROWS = tuple(
    Deadline(year, date(year + 1, month, 30), date(year + 1, 6, 30), {"sort": sort})
    for year in range(2019, 2028)
    for sort, month in (("first", 4), ("second", 6))
)
OWED = Periods("owed", "paper", ROWS, known="known", since="since")


def group(reported: Collection[int] = (), today: date = MAY, of: Periods = OWED, **values: Any) -> Mapping[str, Any]:
    return standing.group(of, {"sort": "first", **values}, reported, today)


@pytest.mark.parametrize(
    ("today", "missed"),
    [(date(2026, 4, 29), 0), (date(2026, 4, 30), 0), (date(2026, 5, 1), 1), (date(2027, 5, 1), 2)],
)
def test_a_report_is_missed_from_the_day_after_its_own(today: date, missed: int) -> None:
    assert group({2024}, today)["missed"] == missed


def test_what_is_missed_in_a_row_is_counted_back_to_the_last_that_was_reported() -> None:
    found = group({2020, 2022})
    assert (found["missed"], found["missing"], found["first_missed"]) == (3, (2023, 2024, 2025), 2023)
    assert (found["last"], found["next"], found["due"]) == (2022, 2026, date(2027, 4, 30))


def test_a_gap_behind_a_report_is_no_miss_in_a_row() -> None:
    assert group({2023, 2025})["missed"] == 0


def test_years_up_to_the_one_known_from_before_count_as_reported() -> None:
    assert group(known=2023)["missing"] == (2024, 2025)
    assert group({2020}, known=2025, today=date(2026, 4, 1)) | {"due": None} == {
        "last": 2025, "missed": 0, "first_missed": None, "missing": None, "next": 2026, "due": None
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "missed"),
    [
        ({}, None),  # nothing known at all
        ({"since": date(2018, 12, 31)}, None),  # founded before the table begins
        ({"since": date(2019, 1, 1)}, 7),
        ({"since": date(2024, 7, 1)}, 2),
        ({"since": 2024}, 2),
        ({"since": date(2026, 1, 1)}, 0),
        ({"known": 2010}, 7),  # as far back as the table tells
        ({"known": 2010, "since": date(2024, 1, 1)}, 2),
    ],
)
def test_nothing_is_owed_before_the_beginning_and_the_unknown_stays_unknown(
    values: Mapping[str, Any], missed: int | None
) -> None:
    found = group(**values)
    assert (found["missed"], found["missing"] is None) == (missed, not missed)
    assert found["next"] == 2026


def test_the_next_one_is_the_oldest_that_may_still_be_in_time() -> None:
    assert group({2024}, date(2026, 4, 30))["next"] == 2025
    assert group({2024, 2025}, date(2026, 4, 30))["next"] == 2026
    assert group({2024}, date(2028, 5, 1))["next"] is None


def test_rows_hold_for_records_with_their_values() -> None:
    assert group({2024})["missed"] == 1
    assert group({2024}, sort="second")["missed"] == 0
    assert group({2024}, sort="third") == {**dict.fromkeys(standing.SPOKEN), "last": 2024}


def test_of_a_record_that_may_be_either_only_what_is_so_both_ways_is_known() -> None:
    found = group({2023}, sort=None)
    assert (found["missed"], found["next"], found["last"], found["first_missed"]) == (None, None, 2023, 2024)
    assert group({2023}, date(2026, 7, 1), sort=None)["missed"] == 2


def test_a_row_that_says_more_goes_before_one_for_all() -> None:
    late = Deadline(2025, date(2026, 12, 31), date(2026, 12, 31), {"sort": "second"})
    for_all = tuple(Deadline(row.period, row.report_due, row.legal_due) for row in ROWS if row.where["sort"] == "first")
    of = Periods("owed", "paper", (late, *for_all), known="known")
    assert (group({2024}, of=of)["missed"], group({2024}, of=of, sort="second")["missed"]) == (1, 0)
    assert group({2024}, of=of, sort=None)["missed"] is None


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        ([2023, 2024, 2025], "2023, 2024 dan 2025", "2023, 2024 and 2025"),
        ([2023, 2024], "2023 dan 2024", "2023 and 2024"),
        ([2025], "2025", "2025"),
        (2025, "2025", "2025"),
        ("2027-04-30", "30 April 2027", "30 April 2027"),
        (None, "", ""),
    ],
)
def test_texts_count_the_years_as_people_do(value: Any, indonesian: str, english: str) -> None:
    assert [standing.words_of(value, language) for language in ("id", "en")] == [indonesian, english]

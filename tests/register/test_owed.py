"""Statuses that count reports by a table of deadlines: they change on its days, without any publication."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from siskop.engine.definition import RecordKind
from siskop.engine.load import load, read_folder
from siskop.register import facts
from siskop.register.relatives import Relatives

FROM = date(2025, 11, 1)
DAYS = 900
OFFICERS = [{"full_name": "A", "term_end": "2026-08-17"}, {"full_name": "B", "term_end": "2027-02-28"}]


@cache
def kind() -> RecordKind:
    return load(read_folder(Path(__file__).parents[2] / "workflows")).kinds["cooperative"]


def changes(values: dict[str, Any], kin: Relatives) -> Iterator[date]:
    """The days on which something differs from the day before, looked at one by one."""
    before = facts.standing(kind(), values, FROM, kin)
    for day in (FROM + timedelta(days=n) for n in range(1, DAYS)):
        now = facts.standing(kind(), values, day, kin)
        if now != before:
            yield day
        before = now


def foretold(values: dict[str, Any], kin: Relatives) -> Iterator[date]:
    day = facts.refresh_on(kind(), values, FROM, kin)
    while day is not None and day < FROM + timedelta(days=DAYS):
        yield day
        day = facts.refresh_on(kind(), values, day, kin)


@pytest.mark.parametrize(
    ("values", "reported"),
    [
        ({"level": "primer", "last_report_year": 2024}, ()),
        ({"level": "primer", "legal_date": "2026-03-01", "officers": OFFICERS}, {2026}),
        ({"level": "sekunder", "has_licence": True, "licence_expires": "2027-06-30"}, {2023}),
        ({"last_report_year": 2023, "nik_certificate": "bersertifikat", "nik_certificate_until": "2026-12-31"}, {2024}),
        ({"level": "primer", "office_status": "aktif", "office_status_until": "2026-05-01"}, {2020, 2021}),
        ({"level": "primer"}, ()),
    ],
)  # fmt: skip
def test_every_day_on_which_a_status_changes_is_foretold(values: dict[str, Any], reported: set[int]) -> None:
    kin = Relatives(last=values, reported={"reports": frozenset(reported)})
    assert list(foretold(values, kin)) == list(changes(values, kin))


def test_a_status_carries_the_years_it_speaks_of_and_the_one_to_begin_with() -> None:
    kin = Relatives(reported={"reports": frozenset({2023})})
    shown = facts.standing(kind(), {"level": "primer"}, date(2026, 11, 25), kin).badges["activity"]
    assert shown["values"] == {"reports.first_missed": 2024, "reports.missing": [2024, 2025], "reports.next": 2026}


def test_another_missed_year_is_another_status_though_its_words_are_alike() -> None:
    values, kin = {"level": "primer", "last_report_year": 2020}, Relatives()
    assert facts.refresh_on(kind(), values, date(2026, 1, 5), kin) == date(2026, 5, 1)

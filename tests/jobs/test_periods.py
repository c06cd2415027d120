"""Days, weeks and years that begin once."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from siskop.base.db import Tx
from siskop.jobs import periods
from tests.worlds import World

NEW_YEAR = date(2027, 1, 1)  # a Friday


def test_each_span_of_a_kind_begins_once_whatever_day_of_it_is_named(tx: Tx) -> None:
    for span, first, within, following in (
        ("day", NEW_YEAR, NEW_YEAR, date(2027, 1, 2)),
        ("week", NEW_YEAR, date(2027, 1, 3), date(2027, 1, 4)),
        ("year", NEW_YEAR, date(2027, 12, 31), date(2028, 1, 1)),
    ):
        assert periods.open_once(tx, "any", first, span)
        assert not periods.open_once(tx, "any", within, span)
        assert periods.open_once(tx, "any", following, span)
    assert periods.open_once(tx, "other", NEW_YEAR)


def test_a_week_begins_on_monday_across_the_years_end(tx: Tx) -> None:
    assert periods.first_day(NEW_YEAR, "week") == date(2026, 12, 28)
    assert periods.last(tx, "digest", "week") is None
    periods.open_once(tx, "digest", NEW_YEAR, "week")
    periods.open_once(tx, "digest", NEW_YEAR - timedelta(weeks=3), "week")
    assert periods.last(tx, "digest", "week") == date(2026, 12, 28)


def test_the_database_takes_no_week_that_begins_in_its_middle(world: World) -> None:
    with world.connect() as app, pytest.raises(psycopg.errors.CheckViolation):
        app.execute("INSERT INTO siskop.period (kind, span, day) VALUES ('digest', 'week', '2027-01-01')")

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from siskop.engine.calendar import Calendar, day_of, midnight

CHRISTMAS = Calendar(frozenset({date(2026, 12, 24), date(2026, 12, 25)}))
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
calendars = st.frozensets(st.dates(date(2020, 1, 1), date(2030, 1, 1)), max_size=40).map(Calendar)


def test_weekends_holidays_and_closures_are_not_working_days():
    assert CHRISTMAS.is_working(date(2026, 12, 23))
    assert not CHRISTMAS.is_working(date(2026, 12, 24))
    assert not CHRISTMAS.is_working(date(2026, 12, 26))


def test_two_working_days_after_a_wednesday_before_a_long_weekend_is_the_next_tuesday():
    assert CHRISTMAS.add(date(2026, 12, 23), 2) == date(2026, 12, 29)
    assert CHRISTMAS.add(date(2026, 12, 23), 2, working=False) == date(2026, 12, 25)


def test_counting_backwards_gives_the_working_day_before():
    assert CHRISTMAS.add(date(2026, 12, 28), -1) == date(2026, 12, 23)


def test_the_day_changes_at_midnight_in_jakarta():
    assert midnight(date(2026, 11, 25)) == datetime(2026, 11, 24, 17, tzinfo=UTC)
    assert day_of(datetime(2026, 11, 24, 16, 59, tzinfo=UTC)) == date(2026, 11, 24)
    assert day_of(datetime(2026, 11, 24, 17, 0, tzinfo=UTC)) == date(2026, 11, 25)


@given(calendars, days, st.integers(1, 30))
def test_adding_and_counting_agree(calendar, day, n):
    end = calendar.add(day, n)
    assert calendar.is_working(end)
    assert calendar.between(day, end) == n
    assert calendar.between(end, day) == -n


@given(calendars, days, st.integers(0, 40), st.integers(0, 40))
def test_spans_that_meet_add_up(calendar, day, a, b):
    """So the days of an office may be summed over the rounds it had the case."""
    middle, end = day + timedelta(days=a), day + timedelta(days=a + b)
    assert calendar.between(day, middle) + calendar.between(middle, end) == calendar.between(day, end)

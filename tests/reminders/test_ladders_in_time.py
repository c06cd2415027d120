"""Ladders day by day: anchors, calendar rules, holds, causes that come back, what came in from a list."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.submissions import door
from tests.reminders.societies import go_to, in_force, kind_with, published, run_day, sent, settle, take
from tests.worlds import World

ANI = "ani@siskop.test"
WEDNESDAY = date(2026, 11, 25)


def ruled(world: World, folder: Path, rule: str) -> World:
    settle(world, folder / "workflows", kind_with(rule))
    return world


def rows(query: str) -> list[Any]:
    with unit_of_work() as tx:
        return list(tx.execute(text(query)))


def sent_on(outcome: str = "sent") -> list[tuple[int, date]]:
    query = f"SELECT rung, day FROM siskop.reminder_rung WHERE outcome = '{outcome}' ORDER BY day, rung"
    return [(row.rung, row.day) for row in rows(query)]


def live(world: World, first: date, last: date) -> None:
    """Each of these days has its run."""
    for n in range((last - first).days + 1):
        go_to(world, first + timedelta(days=n))
        run_day()


def account(email: str = ANI) -> int:
    with unit_of_work() as tx:
        found = people.find(tx, email)
    assert found
    return found


EXPIRY = """
when: paid_until is not None and paid_until >= today
cause: paid_until
anchor: paid_until
send: {days: all}
ladder:
  - {at: -90d, does: [{mail: pay-1, to: operators}]}
  - {at: -30d, does: [{mail: pay-1, to: operators}]}
  - {at: -7d, does: [{mail: pay-2, to: operators}]}
"""


@pytest.mark.parametrize(
    ("until", "passed", "goes_out"),
    [
        ("2026-12-10", [(0, WEDNESDAY)], [(1, WEDNESDAY), (2, date(2026, 12, 3))]),  # 15 days before the end
        ("2026-12-25", [(0, WEDNESDAY)], [(1, WEDNESDAY), (2, date(2026, 12, 18))]),  # on the very day of the second
        ("2026-12-02", [(0, WEDNESDAY), (1, WEDNESDAY)], [(2, WEDNESDAY)]),  # on the day of the third
        ("2026-11-26", [(0, WEDNESDAY), (1, WEDNESDAY)], [(2, WEDNESDAY)]),  # after the day of the third
        ("2027-02-26", [], [(0, date(2026, 11, 28))]),
    ],
)
def test_a_ladder_with_an_anchor_passes_over_what_is_long_past(
    world: World, tmp_path: Path, until: str, passed: list[Any], goes_out: list[Any]
) -> None:
    ruled(world, tmp_path, EXPIRY)
    published(ANI, "Maju", until)
    live(world, WEDNESDAY, date(2026, 12, 20))
    assert sent_on("passed") == passed
    assert sent_on() == goes_out


def test_calendar_rules_count_from_the_month_of_the_anchor(world: World, tmp_path: Path) -> None:
    """2026-11-27 is no working day here; working days of December 2026 begin on Tuesday the first."""
    ruled(
        world,
        tmp_path,
        """
when: not paid
cause: paid_until
ladder:
  - {at: "next month, 5th working day", does: [{mail: pay-1, to: operators}]}
  - {at: "next month, 31st day", does: [{mail: pay-1, to: operators}]}
  - {at: "in 3 months, 31st day", does: [{mail: pay-2, to: operators}]}
""",
    )
    published(ANI, "Maju", "2026-11-01")
    for month, days in ((12, (6, 7, 8, 30, 31)), (14, (27, 28)), (15, (1,))):
        for day in (date(2026 + (month - 1) // 12, (month - 1) % 12 + 1, d) for d in days):
            if not sent_on():
                go_to(world, WEDNESDAY)
                run_day()
            go_to(world, day)
            run_day()
    # 28 February 2027 is a Sunday: the next run is Monday's
    assert sent_on() == [(0, date(2026, 12, 7)), (1, date(2026, 12, 31)), (2, date(2027, 3, 1))]


PLAIN = """
when: not paid
cause: paid_until
cured_by: {workflows: [renewal], in: [sent], at_most: 5d}
send: {days: all}
ladder:
  - {at: 0d, does: [{mail: pay-1, to: operators}]}
  - {at: 10d, does: [{mail: pay-1, to: operators}]}
  - {at: "next month, 20th day", does: [{mail: pay-2, to: operators}]}
"""


def test_days_under_review_push_later_rungs_of_days_but_not_those_of_the_calendar(world: World, tmp_path: Path) -> None:
    ruled(world, tmp_path, PLAIN)
    record = published(ANI, "Maju", "2026-11-01")
    live(world, WEDNESDAY, date(2026, 11, 29))
    go_to(world, date(2026, 11, 30), 7)
    sent(account(), record, paid_until="2027-06-30")
    live(world, date(2026, 11, 30), date(2026, 12, 24))  # held from 30 November through 5 December
    assert sent_on() == [(0, WEDNESDAY), (1, date(2026, 12, 11)), (2, date(2026, 12, 20))]


def test_a_cause_that_comes_back_goes_on_behind_its_last_rung_from_its_new_day(world: World, tmp_path: Path) -> None:
    ruled(world, tmp_path, PLAIN)
    record = published(ANI, "Maju", "2026-11-01")
    live(world, WEDNESDAY, date(2026, 11, 28))
    take(sent(account(), record, paid_until="2027-06-30"))
    live(world, date(2026, 11, 29), date(2026, 11, 30))
    take(sent(account(), record, paid_until="2026-11-01"))
    live(world, date(2026, 12, 1), date(2026, 12, 12))
    assert sent_on() == [(0, WEDNESDAY), (1, date(2026, 12, 11))]
    assert [(row.opened_on, row.ended_on) for row in rows("SELECT * FROM siskop.reminder")] == [
        (date(2026, 12, 1), None)
    ]


def test_what_came_in_from_a_list_has_no_ladder_before_the_day_of_amnesty(world: World, tmp_path: Path) -> None:
    ruled(world, tmp_path, f"amnesty: 2026-11-30\n{PLAIN.strip()}")
    listed, _own = published(ANI, "Maju", "2026-11-01"), published("budi@siskop.test", "Mundur", "2026-11-01")
    with unit_of_work() as tx:
        tx.execute(text("UPDATE siskop.record SET imported_on = '2026-11-20' WHERE id = :id"), {"id": listed})
    live(world, WEDNESDAY, date(2026, 11, 30))
    opened = {row.record_id: row.opened_on for row in rows("SELECT * FROM siskop.reminder")}
    assert opened == {listed: date(2026, 11, 30), _own: WEDNESDAY}


def test_a_new_cause_ends_the_ladder_of_the_old_one_and_begins_with_the_first_rung(
    world: World, tmp_path: Path
) -> None:
    ruled(world, tmp_path, PLAIN)
    record = published(ANI, "Maju", "2026-11-01")
    run_day()
    take(sent(account(), record, paid_until="2026-11-02"))
    go_to(world, date(2026, 11, 26))
    run_day()
    assert sent_on() == [(0, WEDNESDAY), (0, date(2026, 11, 26))]
    assert [row.ended_on for row in rows("SELECT * FROM siskop.reminder ORDER BY id")] == [date(2026, 11, 26), None]


def test_a_ladder_changed_in_mid_course_goes_on_at_the_same_place(world: World, tmp_path: Path) -> None:
    ruled(world, tmp_path, PLAIN)
    published(ANI, "Maju", "2026-11-01")
    live(world, WEDNESDAY, date(2026, 11, 26))
    in_force(world, tmp_path / "workflows", kind_with(PLAIN.replace("at: 10d", "at: 3d")))
    live(world, date(2026, 11, 27), date(2026, 11, 29))
    assert sent_on() == [(0, WEDNESDAY), (1, date(2026, 11, 28))]


def test_what_is_withdrawn_is_left_as_it_is(world: World, tmp_path: Path) -> None:
    ruled(world, tmp_path, PLAIN)
    record = published(ANI, "Maju", "2026-11-01")
    run_day()
    with unit_of_work() as tx:
        tx.execute(text("UPDATE siskop.record SET withdrawn_at = siskop.now() WHERE id = :id"), {"id": record})
    live(world, date(2026, 11, 26), date(2026, 12, 6))
    assert sent_on() == [(0, WEDNESDAY)]
    assert [row.ended_on for row in rows("SELECT * FROM siskop.reminder")] == [None]


def test_what_is_sent_back_no_longer_holds(world: World, tmp_path: Path) -> None:
    ruled(world, tmp_path, PLAIN)
    record = published(ANI, "Maju", "2026-11-01")
    number = sent(account(), record, paid_until="2027-06-30")
    run_day()
    assert sent_on() == []
    with unit_of_work() as tx:
        chair = people.find(tx, "chair@siskop.test")
        assert chair
        actor = people.actor_for(tx, chair)
    go_to(world, date(2026, 11, 26))
    door.perform(number, actor, Command("act", "take"))
    run_day()
    assert sent_on() == []
    assert rows("SELECT count(*) AS n FROM siskop.reminder WHERE ended_on IS NULL")[0].n == 0

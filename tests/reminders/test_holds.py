"""What officers do with ladders, and what rungs led to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.base.errors import Conflict, Invalid, Refusal
from siskop.reminders import campaign, holds
from siskop.reminders.due import all_dues
from siskop.submissions import definitions
from tests.reminders.societies import WEDNESDAY, go_to, kind_with, published, run_day, sent, settle, take
from tests.reminders.test_ladders_in_time import ANI, PLAIN, account, live, sent_on
from tests.worlds import World


@pytest.fixture
def record(world: World, tmp_path: Path) -> int:
    settle(world, tmp_path / "workflows", kind_with(PLAIN))
    return published(ANI, "Maju", "2026-11-01")


def chair() -> int:
    with unit_of_work() as tx:
        found = people.find(tx, "chair@siskop.test")
    assert found
    return found


def pause(record: int, until: date | None, reason: str = "Kantor tutup") -> int:
    with unit_of_work() as tx:
        library = definitions.library(tx)
        return holds.pause(tx, library, "unpaid", record, until=until, reason=reason, by=chair())


def exclude(record: int, until: date | None = None) -> int:
    with unit_of_work() as tx:
        library = definitions.library(tx)
        return holds.exclude(tx, library, "unpaid", record, until=until, reason="Sengketa", by=chair())


def send_now(record: int) -> None:
    with unit_of_work() as tx:
        holds.send_now(tx, definitions.library(tx), "unpaid", record, by=chair())


def reasons(day: date) -> list[str | None]:
    with unit_of_work() as tx:
        return [due.held for due in all_dues(tx, definitions.library(tx), day)]


def test_what_is_paused_waits_through_the_day_that_was_named_and_is_listed_with_the_reason(
    world: World, record: int
) -> None:
    pause(record, date(2026, 11, 27))
    (reason,) = reasons(WEDNESDAY)
    assert reason
    assert "27 November 2026" in reason
    assert "Kantor tutup" in reason
    live(world, WEDNESDAY, date(2026, 12, 9))
    assert sent_on() == [(0, date(2026, 11, 28)), (1, date(2026, 12, 8))]


def test_a_new_cause_is_not_paused_but_excluded(world: World, record: int) -> None:
    pause(record, date(2026, 12, 31))
    take(sent(account(), record, paid_until="2026-11-02"))
    assert reasons(WEDNESDAY) == [None]
    exclude(record)
    (reason,) = reasons(WEDNESDAY)
    assert reason
    assert "Sengketa" in reason


def test_an_exclusion_ends_early_once(world: World, record: int) -> None:
    hold = exclude(record)
    with unit_of_work() as tx:
        assert [one.title for one in holds.in_force(tx)] == ["Maju"]
    live(world, WEDNESDAY, date(2026, 11, 26))
    with unit_of_work() as tx:
        holds.resume(tx, hold, by=chair())
    with pytest.raises(Conflict), unit_of_work() as tx:
        holds.resume(tx, hold, by=chair())
    live(world, date(2026, 11, 27), date(2026, 11, 28))
    assert sent_on() == [(0, date(2026, 11, 27))]


def test_a_hold_needs_a_reason_and_a_day_to_come(record: int) -> None:
    for until, reason in ((WEDNESDAY, " "), (date(2026, 11, 24), "Ya"), (None, "Ya")):
        with pytest.raises(Invalid):
            pause(record, until, reason)


def test_the_next_rung_is_sent_at_once_by_whom_is_kept_and_later_ones_keep_their_days(
    world: World, record: int
) -> None:
    go_to(world, date(2026, 11, 28), 20)  # a Saturday, before any run
    send_now(record)
    with pytest.raises(Conflict):
        send_now(record)
    go_to(world, date(2026, 11, 30))
    send_now(record)
    live(world, date(2026, 12, 1), date(2026, 12, 20))
    assert sent_on() == [(0, date(2026, 11, 28)), (1, date(2026, 11, 30)), (2, date(2026, 12, 20))]
    with unit_of_work() as tx:
        by = tx.execute(text("SELECT by FROM siskop.reminder_rung ORDER BY rung")).scalars().all()
    assert by == [chair(), chair(), None]


def test_nothing_is_sent_by_hand_while_it_is_held_or_without_a_cause(world: World, record: int) -> None:
    hold = exclude(record)
    with pytest.raises(Refusal):
        send_now(record)
    with unit_of_work() as tx:
        holds.resume(tx, hold, by=chair())
    take(sent(account(), record, paid_until="2027-11-02"))
    with pytest.raises(Refusal):
        send_now(record)


def test_a_campaign_says_after_which_rung_ladders_ended(world: World, record: int) -> None:
    other = published("budi@siskop.test", "Mundur", "2026-11-01")
    published("cici@siskop.test", "Tetap", "2026-11-01")
    live(world, WEDNESDAY, WEDNESDAY)
    take(sent(account(), record, paid_until="2027-11-02"))
    go_to(world, date(2026, 12, 5))
    run_day()
    take(sent(account("budi@siskop.test"), other, paid_until="2027-11-02"))
    go_to(world, date(2027, 2, 1))
    run_day()
    with unit_of_work() as tx:
        found = [(r.rung, r.sent, r.cured, r.ended_later, r.open) for r in campaign.summary(tx)]
        assert campaign.summary(tx, date(2027, 2, 2)) == []
    assert found == [(0, 3, 1, 0, 0), (1, 2, 0, 1, 0), (2, 1, 0, 0, 1)]

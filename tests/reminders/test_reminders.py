"""Reminders through a day's run on real parts: once, in order, on working days, and only while the cause stands."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import current_app
from sqlalchemy import text

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.cli.reminders import reminders
from siskop.jobs import drain, queue
from siskop.mail import outbox
from siskop.reminders import daily
from siskop.reminders.due import all_dues
from siskop.reminders.fire import fire
from siskop.submissions import definitions
from tests.reminders.societies import WEDNESDAY, go_to, published, run_day, sent, settle, take
from tests.worlds import World

ANI = "ani@siskop.test"
LATE = "2026-11-01"


@pytest.fixture
def societies(world: World, tmp_path: Path) -> World:
    settle(world, tmp_path / "workflows")
    return world


def due(day: date) -> list[tuple[str, int, list[str]]]:
    with unit_of_work() as tx:
        found = list(all_dues(tx, definitions.library(tx), day))
    to = [sorted(r.address for one in d.letters for r in one.receivers) for d in found]
    return [(d.standing.slug, d.rung, t) for d, t in zip(found, to, strict=True) if d.held is None]


def rows(query: str) -> list[Any]:
    with unit_of_work() as tx:
        return list(tx.execute(text(query)))


def subjects(world: World, address: str = ANI) -> list[str]:
    return [
        row.subject
        for row in rows("SELECT subject, address FROM siskop.mail WHERE record_id IS NOT NULL ORDER BY id")
        if row.address == address
    ]


def test_the_dry_run_says_who_gets_what_and_the_run_sends_just_that_once(societies: World) -> None:
    published(ANI, "Maju", LATE)
    published("budi@siskop.test", "Lunas", "2027-01-01")
    assert due(WEDNESDAY) == [("maju", 0, [ANI])]
    run_day()
    run_day()
    assert due(WEDNESDAY) == []
    assert subjects(societies) == ["Maju: iuran belum lunas"]
    (mail,) = societies.mails.to(ANI)
    assert isinstance(mail.content, bytes)
    assert b"/ruang" in mail.content


def test_the_ladder_goes_on_by_its_days_in_order_and_the_copy_goes_to_the_role(societies: World) -> None:
    published(ANI, "Maju", LATE)
    for day in range(20):
        go_to(societies, WEDNESDAY + timedelta(days=day))
        run_day()
    assert subjects(societies) == ["Maju: iuran belum lunas", "Maju: peringatan"]
    assert subjects(societies, "chair@siskop.test") == ["Maju: peringatan"]
    sent_on = [row.day for row in rows("SELECT day FROM siskop.reminder_rung ORDER BY rung")]
    assert sent_on == [WEDNESDAY, date(2026, 12, 9)]


def test_after_a_long_silence_of_the_worker_one_rung_a_day_goes_out(societies: World) -> None:
    published(ANI, "Maju", LATE)
    run_day()
    go_to(societies, date(2027, 1, 12))
    run_day()
    run_day()
    assert len(subjects(societies)) == 2


@pytest.mark.parametrize("day", [date(2026, 11, 27), date(2026, 11, 28)])
def test_nothing_is_sent_on_holidays_and_weekends(societies: World, day: date) -> None:
    published(ANI, "Maju", LATE)
    go_to(societies, day)
    assert due(day) == []
    run_day()
    assert subjects(societies) == []


@pytest.mark.parametrize(("hour", "sent_now"), [(6, 0), (15, 1), (16, 0)])
def test_mails_go_out_in_the_hours_of_the_rule_only(societies: World, hour: int, sent_now: int) -> None:
    published(ANI, "Maju", LATE)
    go_to(societies, WEDNESDAY + timedelta(days=1), hour)
    run_day()
    assert len(subjects(societies)) == sent_now


def test_a_job_left_over_from_yesterday_sends_nothing_and_today_has_its_own(societies: World) -> None:
    published(ANI, "Maju", LATE)
    daily.open_day()
    go_to(societies, WEDNESDAY + timedelta(days=1))
    drain.drain("batch")
    assert subjects(societies) == []
    run_day()
    assert len(subjects(societies)) == 1


def test_it_stops_when_the_cause_is_gone_and_starts_anew_for_a_new_cause(societies: World) -> None:
    record = published(ANI, "Maju", LATE)
    run_day()
    with unit_of_work() as tx:
        ani = people.find(tx, ANI)
    assert ani
    take(sent(ani, record, paid_until="2026-12-31"))
    go_to(societies, date(2026, 12, 9))
    run_day()
    assert len(subjects(societies)) == 1
    assert [row.ended_on for row in rows("SELECT ended_on FROM siskop.reminder")] == [date(2026, 12, 9)]
    go_to(societies, date(2027, 1, 4))
    assert due(date(2027, 1, 4)) == [("maju", 0, [ANI])]
    run_day()
    assert subjects(societies) == ["Maju: iuran belum lunas"] * 2


def test_it_pauses_while_what_would_cure_it_lies_before_the_office_but_not_for_ever(societies: World) -> None:
    record = published(ANI, "Maju", LATE)
    with unit_of_work() as tx:
        ani = people.find(tx, ANI)
    assert ani
    sent(ani, record, paid_until="2027-06-30")
    assert due(WEDNESDAY) == []
    assert due(WEDNESDAY + timedelta(days=29)) == []
    assert due(date(2026, 12, 28)) == [("maju", 0, [ANI])]


def test_what_is_unknown_reminds_nobody(societies: World) -> None:
    published(ANI, "Maju")
    run_day()
    assert subjects(societies) == []
    assert rows("SELECT * FROM siskop.reminder") == []


def test_a_rung_that_reaches_nobody_waits_until_somebody_is_there(societies: World) -> None:
    published(ANI, "Maju", LATE)
    with unit_of_work() as tx:
        tx.execute(text("UPDATE siskop.account SET mail_bad_since = siskop.now() WHERE email = :a"), {"a": ANI})
    assert due(WEDNESDAY) == []
    run_day()
    assert rows("SELECT * FROM siskop.reminder_rung") == []
    with unit_of_work() as tx:
        tx.execute(text("UPDATE siskop.account SET mail_bad_since = NULL"))
    assert due(WEDNESDAY + timedelta(days=1)) == [("maju", 0, [ANI])]


def test_two_beats_open_one_day(societies: World) -> None:
    app, opened = current_app._get_current_object(), []

    def ask() -> None:
        with app.app_context():
            opened.append(daily.open_day())

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(opened) == [False, True]
    kinds = [row.kind for row in rows("SELECT kind FROM siskop.job ORDER BY kind")]
    assert [kind for kind in kinds if kind in {"remind", "refresh", "checkpoint", "prune"}] == [
        "checkpoint", "prune", "refresh", "remind"
    ]  # fmt: skip


def test_a_worker_killed_in_the_middle_goes_on_and_sends_nothing_twice(
    societies: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Death(BaseException):
        pass

    names = ["Satu", "Dua", "Tiga"]
    for name in names:
        published(f"{name.lower()}@siskop.test", name, LATE)
    daily.open_day()
    calls, real = [], outbox.queue

    def second_kills(*args: Any, **more: Any) -> bool:
        calls.append(more["key"])
        if len(calls) == 2:
            raise Death
        return real(*args, **more)

    with monkeypatch.context() as patched, pytest.raises(Death):
        patched.setattr(outbox, "queue", second_kills)
        drain.drain("batch")
    assert len(rows("SELECT * FROM siskop.reminder_rung")) == 1
    societies.move_clock(timedelta(seconds=queue.LEASE_SECONDS + 1))
    drain.drain("batch")
    drain.drain("mail")
    assert [len(societies.mails.to(f"{name.lower()}@siskop.test")) for name in names] == [1, 1, 1]


def test_two_workers_with_the_same_list_send_it_once(societies: World) -> None:
    for name in ("satu", "dua", "tiga"):
        published(f"{name}@siskop.test", name, LATE)
    app = current_app._get_current_object()
    for twin in ("one", "two"):
        with unit_of_work() as tx:
            payload = {"kind": "society", "rule": "unpaid", "day": WEDNESDAY.isoformat()}
            queue.put(tx, "remind", twin, payload, "batch")

    def work() -> None:
        with app.app_context():
            drain.drain("batch")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows("SELECT * FROM siskop.reminder_rung")) == 3
    assert len(rows("SELECT * FROM siskop.mail WHERE mail = 'pay-1'")) == 3
    assert [row.status for row in rows("SELECT status FROM siskop.job WHERE kind = 'remind'")] == ["done", "done"]


def test_a_rung_that_two_hold_in_their_hands_is_sent_by_one(societies: World) -> None:
    published(ANI, "Maju", LATE)
    run_day()
    go_to(societies, date(2026, 12, 9))
    with unit_of_work() as tx:
        library = definitions.library(tx)
        (one,) = all_dues(tx, library, date(2026, 12, 9))
        assert fire(tx, library, one)
    with unit_of_work() as tx:
        assert not fire(tx, library, one)
    assert subjects(societies) == ["Maju: iuran belum lunas", "Maju: peringatan"]


def test_the_command_lists_record_rule_rung_to_and_why(societies: World, monkeypatch: pytest.MonkeyPatch) -> None:
    published(ANI, "Maju", LATE)
    for name, value in societies.environ.items():
        monkeypatch.setenv(name, value)
    run = CliRunner()
    shown = run.invoke(reminders, ["due", "--on", "2026-11-25", "--dry-run", "--json"], catch_exceptions=False)
    (line,) = json.loads(shown.output)
    assert {name: line[name] for name in ("record", "rule", "rung", "to")} == {
        "record": "maju", "rule": "unpaid", "rung": 0, "to": [ANI]
    }  # fmt: skip
    assert "not paid" in line["why"]
    assert LATE in line["why"]
    sunday = run.invoke(reminders, ["due", "--on", "2026-11-29", "--dry-run", "--json"], catch_exceptions=False)
    assert json.loads(sunday.output) == []
    plain = run.invoke(reminders, ["due", "--on", "2026-11-25", "--dry-run"], catch_exceptions=False)
    assert "maju: unpaid, rung 0" in plain.output

"""Job rows on a real database: what is put is run, once at a time, and nothing is lost when a process dies."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from flask import current_app
from sqlalchemy import Row, text

from siskop.base import db, logs
from siskop.base.db import Tx, unit_of_work
from siskop.jobs import drain, kinds, periods, queue
from siskop.jobs.queue import Job, Stale
from tests.worlds import World


def registered(run: Callable[[Job], None]) -> str:
    name = f"test-{uuid.uuid4().hex[:8]}"
    kinds.kind(name)(run)
    return name


def finishing(ran: list[str]) -> str:
    def run(job: Job) -> None:
        ran.append(job.key)
        with unit_of_work() as tx:
            queue.finish(tx, job)

    return registered(run)


def row(key: str) -> Row:
    with unit_of_work() as tx:
        return tx.execute(text("SELECT * FROM siskop.job WHERE key = :key"), {"key": key}).one()


def put(kind: str, key: str, **more: object) -> None:
    with unit_of_work() as tx:
        queue.put(tx, kind, key, {}, "checks", **more)


@pytest.fixture
def rings() -> Iterator[list[str]]:
    heard: list[str] = []
    before, queue.on_put = queue.on_put, heard.append
    yield heard
    queue.on_put = before


def test_what_is_put_runs_once_and_is_done(world: World) -> None:
    ran: list[str] = []
    kind = finishing(ran)
    put(kind, "a")
    assert drain.drain("checks") == 1
    assert drain.drain("checks") == 0
    assert ran == ["a"]
    assert row("a").status == "done"


def test_a_put_lives_and_dies_with_its_transaction_and_rings_only_after_its_commit(
    world: World, rings: list[str]
) -> None:
    with pytest.raises(RuntimeError), unit_of_work() as tx:
        queue.put(tx, "any", "a", {}, "checks")
        raise RuntimeError
    assert rings == []
    with unit_of_work() as tx:
        assert tx.execute(text("SELECT count(*) FROM siskop.job")).scalar() == 0
        queue.put(tx, "any", "a", {}, "mail")
        assert rings == []
    assert rings == ["mail"]


def test_a_doorbell_that_fails_does_not_undo_the_put(world: World, rings: list[str]) -> None:
    def broken(name: str) -> None:
        raise OSError(name)

    queue.on_put = broken
    put("any", "a")
    assert row("a").status == "waiting"


def test_an_unknown_queue_is_refused(tx: Tx) -> None:
    with pytest.raises(ValueError, match="no queue"):
        queue.put(tx, "any", "a", {}, "elsewhere")


def test_a_waiting_key_is_not_doubled_and_comes_due_no_later_than_asked(world: World) -> None:
    ran: list[str] = []
    kind = finishing(ran)
    with unit_of_work() as tx:
        later = db.now(tx) + timedelta(hours=1)
    put(kind, "a", due_at=later)
    assert drain.drain("checks") == 0
    put(kind, "a")
    put(kind, "a", due_at=later)
    assert drain.drain("checks") == 1
    assert ran == ["a"]


def test_a_put_on_a_running_job_runs_it_once_more(world: World) -> None:
    ran: list[int] = []

    def run(job: Job) -> None:
        ran.append(job.attempt)
        if len(ran) == 1:
            put(job.kind, job.key)
        with unit_of_work() as tx:
            queue.finish(tx, job)

    put(registered(run), "a")
    assert drain.drain("checks") == 2
    assert ran == [1, 2]


def test_lower_priorities_go_first(world: World) -> None:
    ran: list[str] = []
    kind = finishing(ran)
    for key, priority in (("a", 5), ("b", 9), ("c", 1)):
        put(kind, key, priority=priority)
    drain.drain("checks")
    assert ran == ["c", "a", "b"]


def test_many_workers_never_run_one_job_twice(world: World) -> None:
    ran: list[str] = []
    kind = finishing(ran)
    for n in range(40):
        put(kind, str(n))
    app = current_app._get_current_object()

    def work() -> None:
        with app.app_context():
            drain.drain("checks")

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran, key=int) == [str(n) for n in range(40)]


def test_an_expired_lease_is_claimed_anew_and_the_late_effect_rolls_back(world: World) -> None:
    put("any", "a")
    late = queue.claim("checks", "slow")
    assert late
    assert queue.claim("checks", "quick") is None
    world.move_clock(timedelta(seconds=queue.LEASE_SECONDS + 1))
    queue.revive("checks")
    again = queue.claim("checks", "quick")
    assert again
    assert again.attempt == late.attempt + 1
    with pytest.raises(Stale), unit_of_work() as tx:
        periods.open_once(tx, "effect", date(2026, 1, 1))
        queue.finish(tx, late)
    with pytest.raises(Stale), unit_of_work() as tx:
        queue.hold(tx, late)
    assert queue.fail(late, "too late") is None
    with unit_of_work() as tx:
        assert periods.open_once(tx, "effect", date(2026, 1, 1))
        queue.finish(tx, again)
    assert row("a").status == "done"


def test_a_job_that_dies_with_its_process_three_times_is_set_aside_with_the_reason(world: World) -> None:
    put("any", "a")
    for _ in range(queue.MOST_DEATHS):
        assert queue.claim("checks", "doomed")
        world.move_clock(timedelta(seconds=queue.LEASE_SECONDS + 1))
        queue.revive("checks")
    assert queue.claim("checks", "next") is None
    dead = row("a")
    assert (dead.status, dead.error) == ("dead", "its process died 3 times")
    put("any", "a")  # what is dead does not block its key


def test_an_error_is_kept_waits_longer_each_time_and_at_last_sets_the_job_aside(world: World) -> None:
    def run(job: Job) -> None:
        raise ValueError("no luck\nwith secrets below")

    put(registered(run), "a")
    waits = []
    for _ in range(queue.MOST_ERRORS):
        drain.drain("checks")
        with unit_of_work() as tx:
            waits.append((row("a").due_at - db.now(tx)).total_seconds())
        world.move_clock(timedelta(minutes=30))
    dead = row("a")
    assert (dead.status, dead.error, dead.errors) == ("dead", "ValueError: no luck", queue.MOST_ERRORS)
    assert 2 < waits[0] < 8
    assert 60 < waits[3] < 210
    assert drain.drain("checks") == 0


def test_a_success_forgets_earlier_errors(world: World) -> None:
    tries: list[int] = []

    def run(job: Job) -> None:
        tries.append(job.attempt)
        if len(tries) < 3:
            raise OSError
        with unit_of_work() as tx:
            queue.finish(tx, job)

    put(registered(run), "a")
    for _ in range(3):
        drain.drain("checks")
        world.move_clock(timedelta(minutes=5))
    assert (row("a").status, row("a").errors, row("a").error) == ("done", 0, None)


def test_a_job_that_cannot_be_cured_is_set_aside_at_once(world: World) -> None:
    put("any", "a")
    job = queue.claim("checks", "w")
    assert job
    queue.fail(job, "nobody wants it", most=0)
    assert (row("a").status, row("a").error) == ("dead", "nobody wants it")


def test_an_unknown_kind_and_a_handler_that_forgets_to_finish_are_errors(world: World) -> None:
    put("never-heard-of", "a")
    put(registered(lambda job: None), "b")
    assert drain.drain("checks") == 2
    assert "no handler for the job kind" in row("a").error
    assert "did not finish" in row("b").error


def test_a_long_job_keeps_its_lease(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "BEAT_SECONDS", 0.05)
    leases = []

    def run(job: Job) -> None:
        for _ in range(2):
            leases.append(row(job.key).lease_until)
            time.sleep(0.3)
        with unit_of_work() as tx:
            queue.finish(tx, job)

    put(registered(run), "a")
    drain.drain("checks")
    assert leases[1] > leases[0]
    assert row("a").status == "done"


def test_a_job_belongs_to_the_request_that_put_it(world: World) -> None:
    seen = []

    def run(job: Job) -> None:
        seen.append(logs.correlation())
        with unit_of_work() as tx:
            queue.finish(tx, job)

    with logs.correlated("request-1"):
        put(registered(run), "a")
    drain.drain("checks")
    assert seen == ["request-1"]


def test_done_jobs_are_forgotten_after_a_while_and_dead_ones_kept(world: World) -> None:
    put(finishing([]), "a")
    drain.drain("checks")
    put("any", "b")
    job = queue.claim("checks", "w")
    assert job
    queue.fail(job, "dead", most=0)
    world.move_clock(timedelta(days=15))
    with unit_of_work() as tx:
        assert queue.prune(tx) == 1
    assert row("b").status == "dead"


def test_a_day_is_opened_by_one_of_two_who_ask_at_once(world: World) -> None:
    app, opened = current_app._get_current_object(), []

    def ask() -> None:
        with app.app_context(), unit_of_work() as tx:
            opened.append(periods.open_once(tx, "day", date(2026, 1, 1)))
            time.sleep(0.05)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(opened) == [False, True]

"""What people see of jobs, and what they may do about those that failed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import text

from siskop.base import db
from siskop.base.db import unit_of_work
from siskop.base.errors import Conflict, NotFound
from siskop.jobs import drain, overview, queue
from tests.worlds import World


def put(key: str, kind: str = "unheard-of", **more: object) -> None:
    with unit_of_work() as tx:
        queue.put(tx, kind, key, {}, "checks", **more)


def die(key: str, kind: str = "unheard-of") -> int:
    """A job that failed for good; its id."""
    put(key, kind, priority=0)
    job = queue.claim("checks", "w")
    assert job
    assert job.key == key
    queue.fail(job, f"ValueError: {key} cannot be", most=0)
    return job.id


def seen(view: str) -> list[str]:
    with unit_of_work() as tx:
        assert overview.counts(tx)[view] == len(overview.lines(tx, view))
        return [line.key for line in overview.lines(tx, view)]


def retry(**which: object) -> int:
    with unit_of_work() as tx:
        return overview.retry(tx, **which)


@pytest.fixture
def rings() -> Iterator[list[str]]:
    heard: list[str] = []
    before, queue.on_put = queue.on_put, heard.append
    yield heard
    queue.on_put = before


def test_each_job_is_seen_once_for_what_it_is(world: World) -> None:
    die("dead")
    put("failed")
    assert drain.drain("checks") == 1  # nobody knows its kind
    put("running")
    assert queue.claim("checks", "w")
    put("waiting")
    with unit_of_work() as tx:
        put("later", due_at=db.now(tx) + timedelta(hours=1))
    assert {view: seen(view) for view in overview.VIEWS} == {
        "dead": ["dead"],
        "failed": ["failed"],
        "running": ["running"],
        "waiting": ["waiting", "later"],
        "buried": [],
    }
    world.move_clock(timedelta(seconds=50))
    with unit_of_work() as tx:
        checks, *others = overview.queues(tx)
        assert overview.lines(tx, "failed")[0].error.startswith("LookupError: no handler")
    assert (checks.name, checks.waiting, checks.due, checks.running, checks.dead) == ("checks", 3, 2, 1, 1)
    assert 50 <= checks.oldest < 100
    assert {(one.waiting, one.dead, one.oldest) for one in others} == {(0, 0, 0)}


def test_a_dead_job_is_taken_up_again_at_once_with_all_its_tries(world: World, rings: list[str]) -> None:
    job = die("a")
    rings.clear()
    assert retry(job=job) == 1
    assert rings == ["checks"]
    with unit_of_work() as tx:
        line = overview.lines(tx, "waiting")[0]
    assert (line.id, line.errors, line.deaths, line.error) == (job, 0, 0, "ValueError: a cannot be")
    with pytest.raises(NotFound):
        retry(job=job)


def test_all_dead_ones_of_a_kind_are_taken_up_and_no_other(world: World) -> None:
    for key in ("a", "b"):
        die(key)
    die("c", "other")
    assert retry(kind="unheard-of") == 2
    assert (seen("waiting"), seen("dead")) == (["a", "b"], ["c"])
    with unit_of_work() as tx:
        assert overview.dead_kinds(tx) == [("other", 1)]


def test_the_same_work_is_taken_up_once_however_often_it_died(world: World) -> None:
    for _ in range(3):
        die("a")
    assert retry(kind="unheard-of") == 1
    assert (seen("waiting"), seen("dead"), seen("buried")) == (["a"], [], ["a", "a"])


def test_what_waits_already_is_not_doubled(world: World) -> None:
    job = die("a")
    put("a")
    assert retry(job=job) == 0
    assert (seen("waiting"), seen("buried")) == (["a"], ["a"])


def test_two_who_take_up_the_same_jobs_at_once_do_it_once(world: World) -> None:
    for key in "abcdef":
        die(key)
    app, taken = current_app._get_current_object(), []

    def press() -> None:
        with app.app_context():
            taken.append(retry(kind="unheard-of"))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 6
    assert len(seen("waiting")) == 6


def test_who_is_overtaken_by_the_same_work_is_told_and_changes_nothing(world: World) -> None:
    job = die("a")
    with pytest.raises(Conflict), world.connect("owner") as other, unit_of_work() as tx:
        other.execute(
            "INSERT INTO siskop.job (queue, kind, key, due_at) VALUES ('checks', 'unheard-of', 'a', siskop.now())"
        )
        threading.Timer(0.3, other.commit).start()
        overview.retry(tx, job=job)
    assert (seen("dead"), seen("waiting")) == (["a"], ["a"])


def test_what_somebody_put_aside_counts_no_longer_is_told_and_later_forgotten(world: World) -> None:
    with unit_of_work() as tx:
        account = tx.execute(
            text("INSERT INTO siskop.account (email, name, fs_uniquifier) VALUES ('a@b.c', 'Adi', 'x') RETURNING id")
        ).scalar_one()
    job = die("a")
    with unit_of_work() as tx:
        overview.bury(tx, job, account)
    with unit_of_work() as tx:
        assert [line.by for line in overview.lines(tx, "buried")] == ["Adi"]
        assert overview.counts(tx)["dead"] == 0
    assert retry(job=job) == 1  # whoever thinks better of it
    with unit_of_work() as tx:
        queue.fail(queue.claim("checks", "w"), "again", most=9)
        overview.bury(tx, job)
    world.move_clock(timedelta(days=15))
    with unit_of_work() as tx:
        assert queue.prune(tx) == 1


def test_what_runs_or_never_failed_is_nobodys_to_stop(world: World) -> None:
    put("waits")
    put("runs", priority=0)
    running = queue.claim("checks", "w")
    with unit_of_work() as tx:
        waiting = overview.lines(tx, "waiting")[0]
    for job in (running.id, waiting.id, 999_999):
        with pytest.raises(NotFound), unit_of_work() as tx:
            overview.bury(tx, job)
    assert (seen("running"), seen("waiting")) == (["runs"], ["waits"])

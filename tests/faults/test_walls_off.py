"""Each wall carries something: with it, the same test finds nothing; without it, something breaks and is found."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from siskop.base.db import unit_of_work
from siskop.base.errors import Refusal
from siskop.jobs import drain, kinds, queue
from siskop.jobs.queue import Job
from siskop.pipeline.handlers import daily, deliver
from siskop.reminders import fire
from siskop.submissions import door, numbers, store
from tests import offices
from tests.faults import scenes
from tests.faults.crowds import at_once, raised
from tests.faults.openings import (
    HANDING_OVER,
    NOTHING_TWICE,
    ONLY_CLAIMED,
    ROW_LOCKS,
    TOKEN,
    drop,
    jobs_after_the_commit,
    meet,
    without,
)
from tests.faults.scenes import LEASE_OVER
from tests.faults.test_at_once import act
from tests.faults.trial import Trial, by_hand, by_worker, whole
from tests.reminders import societies
from tests.worlds import World

EVENT_KEYS = ("event.event_pkey", "event.event_submission_id_seq_to_state_key", "event.event_hash_key")
either = pytest.mark.parametrize("wall", [True, False], ids=["with the wall", "without"])


def deaths_find(trial: Trial) -> list[str]:
    """What the first death that does harm leaves behind. Every third point will do, for the harm lasts for four, and a
    look for newer files moves them by one."""
    with trial:
        n = 3
        while trial.dies_at(n):
            if found := trial.problems():
                return found
            n += 3
    return []


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_a_job_put_after_the_commit_is_lost_by_a_death_between(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the wall: the crash points of `return`."""
    returning = scenes.send_back("cooperative")(world)
    jobs_after_the_commit(monkeypatch)
    assert "a mail that is due and has no job" in str(deaths_find(Trial(world, returning, by_hand(returning))))


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_a_message_sent_before_it_is_written_down_arrives_twice_uncounted(world: World) -> None:
    """With the wall: the crash points of `deliver`."""
    delivering = scenes.mail(world)
    with without(HANDING_OVER, ONLY_CLAIMED):
        found = deaths_find(Trial(world, delivering, by_worker(world)))
    assert "arrived 2 times" in str(found)


@either
def test_the_row_lock_lets_one_decide_after_the_other(
    world: World, monkeypatch: pytest.MonkeyPatch, wall: bool
) -> None:
    answers = decided_at_once(world, monkeypatch, nullcontext() if wall else without(ROW_LOCKS))
    unkind = [error for error in raised(answers) if not isinstance(error, Refusal)]
    assert bool(unkind) is not wall
    assert len(raised(answers)) == 1, "behind the lock stands the event's number"
    assert whole() == []


def test_without_lock_and_number_two_decide(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(world, *EVENT_KEYS)
    answers = decided_at_once(world, monkeypatch, without(ROW_LOCKS))
    assert raised(answers) == []
    assert "two events of one number" in str(whole())


def decided_at_once(world: World, monkeypatch: pytest.MonkeyPatch, opening: Any) -> list[Any]:
    office = offices.staff()
    number = offices.sent(office.secretary)
    verifier = offices.actor(offices.holder(number, office))
    meet(monkeypatch, store, "append", 2)
    with opening:
        return at_once([act(number, verifier, "verify"), act(number, verifier, "reject")])


@either
def test_the_persons_lock_gives_two_starts_one_draft(world: World, monkeypatch: pytest.MonkeyPatch, wall: bool) -> None:
    secretary = offices.actor(offices.staff().secretary)
    meet(monkeypatch, numbers, "take", 2)
    with nullcontext() if wall else without(ROW_LOCKS):
        begun = at_once([lambda: door.start("cooperative", secretary)] * 2)
    assert (len(set(begun)) == 1) is wall


@either
def test_one_open_submission_is_the_indexs_word(world: World, monkeypatch: pytest.MonkeyPatch, wall: bool) -> None:
    """Both without the record's lock: the index still says no, and without it nobody does."""
    office = offices.staff()
    record = offices.published(office)[1]
    secretary = offices.actor(office.secretary)
    if not wall:
        drop(world, "submission_open")
    meet(monkeypatch, numbers, "take", 2)
    with without(ROW_LOCKS):
        begun = at_once([lambda: door.start("licence", secretary, record)] * 2)
    assert len(raised(begun)) == int(wall)
    assert ("two open submissions" in str(whole())) is not wall


@either
def test_the_key_of_a_day_opens_it_once(world: World, wall: bool) -> None:
    if not wall:
        drop(world, "period.period_pkey")
    with nullcontext() if wall else without(NOTHING_TWICE):
        opened = at_once([daily.open_day] * 2)
    assert sorted(opened) == [not wall, True]
    assert ("a day that was opened not once" in str(whole())) is not wall


@either
def test_the_key_of_a_rung_reminds_once(world: World, monkeypatch: pytest.MonkeyPatch, wall: bool) -> None:
    two_reminders_at_once(world, monkeypatch, () if wall else ("reminder_rung.reminder_rung_pkey",))
    assert ("a reminder sent twice" in str(whole())) is not wall
    assert len(world.mails.mails) == 1, "behind the rung stands the mail's own key"


def test_without_the_keys_of_rung_and_mail_two_mails_arrive(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ("reminder_rung.reminder_rung_pkey", "mail.mail_key_key", "mail.mail_message_id_key")
    two_reminders_at_once(world, monkeypatch, keys)
    assert "a mail twice" in str(whole())
    assert len(world.mails.mails) == 2


def two_reminders_at_once(world: World, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]) -> None:
    societies.settle(world, world.settings.var / "societies")
    societies.published("satu@siskop.test", "Satu", "2026-06-30")
    drain.drain("mail")
    world.mails.mails.clear()
    drop(world, *keys)
    meet(monkeypatch, fire, "fire", 2)
    for twin in ("one", "two"):
        with unit_of_work() as tx:
            about = {"kind": "society", "rule": "unpaid", "day": societies.WEDNESDAY.isoformat()}
            queue.put(tx, "remind", twin, about, "batch")
    patterns = [(rf"(INTO siskop\.{name.partition('.')[0]}\b[\s\S]*?){NOTHING_TWICE[0]}", r"\1") for name in keys]
    with without(*patterns):
        at_once([lambda: drain.drain("batch", 1)] * 2)
        drain.drain("mail")


@either
def test_the_attempt_tells_a_late_worker_that_the_job_is_no_longer_its_own(world: World, wall: bool) -> None:
    """It held the job so long that another one took it, and now both want to do what cannot be taken back."""
    acted: list[int] = []

    def run(job: Job) -> None:
        if job.attempt == 1:
            world.move_clock(LEASE_OVER)
            queue.revive("batch")
            other = queue.claim("batch", "other")
            assert other
            do(other)
        do(job)
        with unit_of_work() as tx:
            queue.finish(tx, job)

    def do(job: Job) -> None:
        with unit_of_work() as tx:
            queue.hold(tx, job)
        acted.append(job.attempt)

    kinds.kind(f"fenced {wall}")(run)
    with unit_of_work() as tx:
        queue.put(tx, f"fenced {wall}", "fenced", {}, "batch")
    with nullcontext() if wall else without(TOKEN):
        drain.drain("batch", 1)
    assert acted == ([2] if wall else [2, 1])


@either
def test_a_late_worker_does_not_send_the_mail_again(world: World, monkeypatch: pytest.MonkeyPatch, wall: bool) -> None:
    """It wakes up before the mail server, after another worker has sent the mail."""
    scenes.mail(world)
    greet: Callable[..., Any] = smtplib.SMTP.mail
    slow = [True]

    def dawdle(smtp: smtplib.SMTP, *args: Any) -> Any:
        if slow.pop() if slow else False:
            world.move_clock(LEASE_OVER)
            queue.revive("mail")
            other = queue.claim("mail", "other")
            assert other
            deliver.deliver(other)
            with world.connect("owner") as owner:
                owner.execute("UPDATE siskop.job SET status = 'running' WHERE id = %s", (other.id,))
        return greet(smtp, *args)

    monkeypatch.setattr(smtplib.SMTP, "mail", dawdle)
    with nullcontext() if wall else without(TOKEN, ONLY_CLAIMED):
        drain.drain("mail", 1)
    assert len(world.mails.mails) == (1 if wall else 2)

"""The day with real workers, woken as beat wakes them: nobody else does anything."""

from __future__ import annotations

from pathlib import Path

from celery import Celery
from sqlalchemy import text

from siskop.base.db import unit_of_work
from siskop.pipeline import broker
from tests.reminders.societies import published, settle
from tests.worlds import World, eventually


def test_woken_twice_two_workers_send_the_days_reminders_once(world: World, tmp_path: Path) -> None:
    settle(world, tmp_path / "workflows")
    published("ani@siskop.test", "Maju", "2026-11-01")
    beat = broker.celery(world.settings.redis_url, "beat")
    with world.worker() as worker, world.worker():
        for _ in range(2):
            beat.send_task("siskop.timers", queue="timers")
        eventually(lambda: tick(beat), 30, worker.log)
    assert len(world.mails.to("ani@siskop.test")) == 1


def tick(beat: Celery) -> bool:
    """True when the day is open and all its jobs are done; else a wake-up for those whose hour has come."""
    with unit_of_work() as tx:
        opened = tx.execute(text("SELECT count(*) FROM siskop.period")).scalar()
        left = tx.execute(text("SELECT count(*) FROM siskop.job WHERE status <> 'done'")).scalar()
    if not opened or left:
        beat.send_task(broker.task_name("batch"), queue="batch")
        return False
    return True

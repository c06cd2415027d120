"""From "sent" (the commit) to "checks begin" (a worker took the job), against a bare Celery no-op."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from statistics import median

import redis
from celery import Celery
from sqlalchemy import text

from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.jobs import queue
from siskop.pipeline import broker
from siskop.pipeline.doorbell import Doorbell
from siskop.submissions import door
from tests import offices
from tests.bench.stage import ROUNDS, Stage, inside, ratios, told
from tests.worlds import World, eventually, process

EACH_ROUND = 7
WARM = 3  # the first ones import and connect
MOST = 3.0
TASK, QUEUE, KEY = "bench.noop", "bench", "bench:began"  # as bare.py has them
BEGAN = text("""
SELECT extract(epoch FROM min(j.started_at))::float8 FROM siskop.job j
JOIN siskop.submission s ON j.payload ->> 'submission' = s.id::text WHERE s.number = :number AND j.kind = 'check'""")


def main(stage: Stage) -> bool:
    """Prints; whether the bound holds."""
    with stage.world() as world, inside(world):
        sendings = drafts(WARM + ROUNDS * EACH_ROUND)
        with ringing(world) as rung, world.worker(), noops(world) as celery:
            pairs = [(ours(number, who, rung), bare(world, celery)) for number, who in sendings]
    found = ratios([a for a, _b in pairs[WARM:]], [b for _a, b in pairs[WARM:]])
    print(told("from sent to checks begin, times a bare Celery no-op", found, f"at most {MOST:.0f}"), flush=True)
    return median(found) <= MOST


def drafts(n: int) -> list[tuple[str, int]]:
    """Ready to be sent: (number, whose)."""
    offices.staff()
    made = []
    for place in range(n):
        secretary = offices.person(f"s{place}@siskop.test", "Sekretaris")
        number = door.start("cooperative", offices.actor(secretary), None)
        offices.fill(number, secretary, "cooperative", {"name": f"Koperasi Jasa Sekar {place}"})
        made.append((number, secretary))
    return made


@contextlib.contextmanager
def ringing(world: World) -> Iterator[list[float]]:
    """The doorbell of a web process; when it was rung, which is at once after the commit."""
    bell, rung = Doorbell(world.settings.redis_url), list[float]()

    def ring(name: str) -> None:
        rung.append(time.time())
        bell.ring(name)

    queue.on_put = ring
    try:
        yield rung
    finally:
        queue.on_put = None


def ours(number: str, secretary: int, rung: list[float]) -> float:
    who = offices.actor(secretary)
    rung.clear()
    door.perform(number, who, Command("act", "submit"))
    sent = rung[0]
    eventually(lambda: began(number), 30)
    spent = began(number) - sent
    time.sleep(0.4)  # until the checks are over: each measures an idle worker
    return spent


def began(number: str) -> float:
    with unit_of_work() as tx:
        return tx.execute(BEGAN, {"number": number}).scalar() or 0.0


def bare(world: World, celery: Celery) -> float:
    answers = redis.Redis.from_url(world.settings.redis_url, socket_timeout=60)
    sent = time.time()
    celery.send_task(TASK, queue=QUEUE, retry=False)
    answer = answers.blpop([KEY], timeout=30)
    assert answer is not None, "the bare worker does not answer"
    return float(answer[1]) - sent


@contextlib.contextmanager
def noops(world: World) -> Iterator[Celery]:
    """A worker with our pool and options that knows one task; and who calls it."""
    options = ["-P", "threads", "-c", "10", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    command = [sys.executable, "-m", "celery", "-A", "tests.bench.bare", "worker", *options, "-Q", QUEUE]
    with process(command, world.environ, world.settings.var / "bare.log"):
        celery = broker.celery(world.settings.redis_url, "bench")
        bare(world, celery)  # ready when it answers
        yield celery

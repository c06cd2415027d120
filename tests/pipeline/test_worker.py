"""A real worker on a real Valkey: woken by the doorbell, and whole again after whatever happens to either."""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from sqlalchemy import text

from config import ROOT
from siskop.base.db import unit_of_work
from siskop.base.embedded import Servers
from siskop.jobs import queue, workers
from siskop.pipeline.doorbell import Doorbell
from tests.worlds import World, eventually

TICK = 5 + 1  # seconds until beat looks again, and a little


class Broker:
    """A Valkey that may be stopped, started, emptied and frozen, and our doorbell on it."""

    def __init__(self, var: Path) -> None:
        self.servers = Servers(var, postgres=False)
        self.servers.start()
        self.url = self.servers.environment()["REDIS_URL"]
        self.bell = Doorbell(self.url)

    def freeze(self) -> None:
        self.servers.children[0].process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.servers.children[0].process.send_signal(signal.SIGCONT)

    def empty(self) -> None:
        redis.Redis.from_url(self.url).flushall()


@pytest.fixture
def broker(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    broker = Broker(tmp_path / "broker")
    world.environ["REDIS_URL"] = broker.url
    monkeypatch.setattr(queue, "on_put", broker.bell.ring)
    yield broker
    broker.servers.stop()


class Line:
    """A TCP line to a Valkey. Once cut, what goes through it is swallowed for ever; later calls get through again."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.listener.getsockname()[1]}/0"
        self.cut_at = 0
        self.calls = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.cut_at = self.calls

    def _accept(self) -> None:
        while True:
            near, _ = self.listener.accept()
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.target)
            self.calls += 1
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink, self.calls), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, call: int) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if call > self.cut_at:
                    sink.sendall(data)


def put(key: str) -> None:
    """A job that needs nothing and does little."""
    with unit_of_work() as tx:
        queue.put(tx, "prune", key, {}, "batch")


def status(key: str) -> str | None:
    with unit_of_work() as tx:
        return tx.execute(text("SELECT status FROM siskop.job WHERE key = :key"), {"key": key}).scalar()


def test_the_doorbell_wakes_the_worker_at_once(world: World, broker: Broker) -> None:
    with world.worker():
        put("first")
        eventually(lambda: status("first") == "done", 3)


def test_what_was_put_while_no_worker_was_there_waits_and_is_done_later(world: World, broker: Broker) -> None:
    put("early")
    broker.bell.flush()
    broker.empty()
    assert status("early") == "waiting"
    with world.worker(), world.beat():
        eventually(lambda: status("early") == "done", TICK + 5)


def test_emptied_stopped_and_started_again_redis_loses_nothing(world: World, broker: Broker) -> None:
    with world.worker(), world.beat():
        put("before")
        eventually(lambda: status("before") == "done", TICK)
        broker.empty()
        put("emptied")
        eventually(lambda: status("emptied") == "done", TICK)
        broker.servers.stop()
        began = time.monotonic()
        put("stopped")
        assert time.monotonic() - began < 0.5
        broker.servers.start()
        eventually(lambda: status("stopped") == "done", 30)


def test_a_frozen_redis_holds_nobody_up_and_the_worker_comes_back(world: World, broker: Broker) -> None:
    with world.worker(), world.beat():
        put("before")
        eventually(lambda: status("before") == "done", TICK)
        broker.freeze()
        for number in range(3):
            began = time.monotonic()
            put(f"frozen {number}")
            assert time.monotonic() - began < 0.5
        time.sleep(8)  # longer than every patience of ours
        broker.thaw()
        eventually(lambda: all(status(f"frozen {number}") == "done" for number in range(3)), 30)


def test_a_line_that_swallows_everything_is_given_up_and_dialled_anew(world: World, broker: Broker) -> None:
    line = Line(broker.url.removeprefix("unix://"))
    world.environ["REDIS_URL"] = line.url
    with world.worker(), world.beat():
        put("before")
        eventually(lambda: status("before") == "done", TICK)
        line.cut()
        put("after")
        eventually(lambda: status("after") == "done", 40)


def test_a_killed_workers_job_is_taken_up_by_the_next_one(world: World, broker: Broker) -> None:
    """Killed between claim and effect: here the claim of a worker that is no more."""
    put("cut short")
    assert queue.claim("batch", "a worker that died") is not None
    world.move_clock(timedelta(seconds=queue.LEASE_SECONDS + 1))
    with world.worker(), world.beat():
        eventually(lambda: status("cut short") == "done", TICK + 5)


def test_a_job_that_three_workers_died_of_is_set_aside_and_the_rest_goes_on(world: World, broker: Broker) -> None:
    put("poison")
    with world.connect("owner") as gate:  # what it needs is held: each worker is killed in the middle of it
        gate.execute("LOCK TABLE siskop.answered IN ACCESS EXCLUSIVE MODE")
        for death in range(queue.MOST_DEATHS):
            with world.worker() as running:
                broker.bell.ring("batch")
                eventually(lambda: stands("poison") == ("running", death), 20)  # noqa: B023
                running.kill()
            world.move_clock(timedelta(seconds=queue.LEASE_SECONDS + 1))
        put("healthy")
    with world.worker():
        broker.bell.ring("batch")
        eventually(lambda: status("poison") == "dead" and status("healthy") == "done", 20)
    with unit_of_work() as tx:
        why = tx.execute(text("SELECT error FROM siskop.job WHERE key = 'poison'")).scalar()
    assert why == "its process died 3 times"


def stands(key: str) -> tuple[str, int]:
    """Its status, and of how many workers it was the death."""
    with unit_of_work() as tx:
        row = tx.execute(text("SELECT status, deaths FROM siskop.job WHERE key = :key"), {"key": key}).one()
    return row.status, row.deaths


def alive(world: World, *within: str) -> tuple[int, str]:
    """What `siskop worker alive` exits with and says, as systemd would ask it."""
    command = [sys.executable, "-c", "from siskop.cli.main import main; main()", "worker", "alive", *within]
    done = subprocess.run(command, cwd=ROOT, env=world.environ, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_worker_is_alive_by_what_it_looks_at_and_a_frozen_one_is_not(world: World, broker: Broker) -> None:
    assert alive(world)[0] == 1
    with world.worker() as running, world.beat():
        eventually(lambda: len(seen()) == len(queue.QUEUES), 20)
        code, said = alive(world)
        assert (code, "checks" in said) == (0, True), said
        running.pause()
        time.sleep(TICK)
        code, said = alive(world, "--within", "3")
        assert (code, "restart the worker" in said) == (1, True), said
        put("nobody hears")
        world.move_clock(timedelta(seconds=workers.DEAF_SECONDS + 1))
        assert unheard() == 1
        running.go_on()
        eventually(lambda: status("nobody hears") == "done", TICK + 5)
        assert unheard() == 0
        assert alive(world)[0] == 0


def seen() -> list[str]:
    with unit_of_work() as tx:
        return [name for worker in workers.seen(tx) for name in worker.queues]


def unheard() -> int:
    with unit_of_work() as tx:
        return workers.unheard(tx)


def test_two_beats_and_two_workers_open_one_day(world: World, broker: Broker) -> None:
    with world.worker(), world.worker(), world.beat(), world.beat():
        eventually(lambda: days() and len(names()) == 2, 20)
        world.move_clock(timedelta(days=1))
        eventually(lambda: len(days()) == 2, TICK + 5)
        time.sleep(TICK)
    assert set(days().values()) == {1}
    with unit_of_work() as tx:
        doubled = "SELECT key FROM siskop.job WHERE key ~ '\\d{4}-' GROUP BY key HAVING count(*) > 1"
        assert tx.execute(text(doubled)).all() == []


def days() -> dict[object, int]:
    with unit_of_work() as tx:
        found = tx.execute(text("SELECT day, count(*) FROM siskop.period WHERE kind = 'day' GROUP BY day"))
        return {row.day: row.count for row in found}


def names() -> list[str]:
    with unit_of_work() as tx:
        return [worker.name for worker in workers.seen(tx)]


def test_beat_does_not_pile_up_messages_while_no_worker_is_there(world: World, broker: Broker) -> None:
    with world.beat():
        client = redis.Redis.from_url(broker.url)
        eventually(lambda: client.llen("mail") == 1, 15)
        time.sleep(TICK)
        assert {name: client.llen(name) for name in queue.QUEUES} == dict.fromkeys(queue.QUEUES, 1)


def test_a_frozen_redis_makes_the_site_degraded_and_no_slower(world: World, broker: Broker) -> None:
    from siskop.pipeline.broker import answers

    assert answers(broker.url)
    broker.freeze()
    began = time.monotonic()
    assert not answers(broker.url)
    assert time.monotonic() - began < 0.5
    broker.thaw()

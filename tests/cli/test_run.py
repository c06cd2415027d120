"""`make run`: one command starts everything, says so, and leaves nothing behind however it ends."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config import ROOT
from tests.worlds import eventually, free_port

COMMAND = [sys.executable, "-c", "from siskop.cli.main import main; main()"]
MAKE_RUN = ["make", "--no-print-directory", "run"]


class Run:
    """A `siskop run` of its own folder and port."""

    def __init__(self, var: Path, port: int, command: list[str] | None = None) -> None:
        self.var = var
        self.address = f"http://127.0.0.1:{port}"
        self.output = var.with_name(f"output-{time.time_ns()}")
        self.began = time.monotonic()
        environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with self.output.open("wb") as output:
            self.popen = subprocess.Popen(
                command or [*COMMAND, "run"], cwd=ROOT, stdout=output, stderr=output, start_new_session=True,
                env=environ | {"SISKOP_VAR": str(var), "PORT": str(port)},
            )  # fmt: skip

    def said(self) -> str:
        return self.output.read_text()

    def ready(self) -> float:
        """Seconds from the start."""
        eventually(lambda: "Siskop is ready" in self.said() or self.popen.poll() is not None, 60, self.output)
        assert "Siskop is ready" in self.said(), self.said()
        return time.monotonic() - self.began

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path, timeout=5) as answer:
            return answer.read().decode()

    def ended(self, seconds: float = 15) -> int:
        return self.popen.wait(seconds)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database counts as seeded: the demo's data has tests of its own."""
    var = tmp_path_factory.mktemp("run") / "var"
    subprocess.run([*COMMAND, "database", "migrate"], cwd=ROOT, env={**os.environ, "SISKOP_VAR": str(var)}, check=True)
    from siskop.base.embedded import lent

    with lent(var, {}) as environ, psycopg.connect(environ["DATABASE_URL"]) as app:
        app.execute("INSERT INTO siskop.period (kind, day) VALUES ('seeded', siskop.today())")
    return var


@pytest.fixture
def start(prepared: Path) -> Iterator[Run]:
    """One that is ready; afterwards no process of its folder is left."""
    run = Run(prepared, free_port())
    try:
        run.ready()
        yield run
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.popen.pid, signal.SIGKILL)
        run.popen.wait()
        eventually(lambda: not left(prepared), 5)


def left(var: Path) -> list[str]:
    """Command lines of living processes that belong to the folder, by their arguments or their environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            mine = process.environ().get("SISKOP_VAR") == str(var) or str(var) in " ".join(process.cmdline())
            if mine and process.status() != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
                found.append(" ".join(process.cmdline()))
    return found


def test_it_serves_says_where_and_stops_in_order(start: Run) -> None:
    assert start.address in start.said()
    assert json.loads(start.get("/healthz")) == {"status": "alive"}
    assert json.loads(start.get("/readyz"))["status"] == "ready"
    mails = next(
        word for word in start.said().split() if word.startswith("http") and not word.startswith(start.address)
    )
    assert "Belum ada surat" in urllib.request.urlopen(mails, timeout=5).read().decode()
    start.popen.send_signal(signal.SIGTERM)
    assert start.ended() == 0
    assert start.said().endswith("Stopping.\nStopped.\n")
    assert left(start.var) == []


@pytest.mark.alone
def test_a_second_one_is_refused_in_words_and_a_warm_start_is_quick(prepared: Path) -> None:
    first = Run(prepared, free_port())
    try:
        assert first.ready() <= 5
        second = Run(prepared, free_port())
        assert second.ended() == 1
        assert "already runs" in second.said()
        assert "Traceback" not in second.said()
        assert json.loads(first.get("/readyz"))["status"] == "ready"
    finally:
        first.popen.send_signal(signal.SIGINT)
        assert first.ended() == 0


def test_killed_it_leaves_nothing_and_the_next_one_goes_on(start: Run) -> None:
    assert len(left(start.var)) > 6
    start.popen.kill()
    start.popen.wait()
    eventually(lambda: left(start.var) == [], 5)
    again = Run(start.var, free_port())
    again.ready()
    again.popen.send_signal(signal.SIGTERM)
    assert again.ended() == 0


def test_what_ends_by_itself_ends_everything_and_is_named(start: Run) -> None:
    worker = next(process for process in psutil.Process(start.popen.pid).children() if "-Q" in process.cmdline())
    worker.kill()
    assert start.ended() == 1
    assert "worker ended by itself" in start.said()
    assert "worker.log" in start.said()
    assert left(start.var) == []


def test_a_deaf_worker_is_started_anew_and_that_is_said(start: Run) -> None:
    with psycopg.connect(database(start, "owner"), autocommit=True) as owner:
        worker = next(process for process in psutil.Process(start.popen.pid).children() if "-Q" in process.cmdline())
        eventually(lambda: owner.execute("SELECT 1 FROM siskop.worker WHERE claimed_at IS NOT NULL").fetchone(), 30)
        worker.suspend()
        owner.execute(
            "INSERT INTO siskop.job (queue, kind, key, due_at) VALUES ('batch', 'prune', 'unheard', siskop.now())"
        )
        owner.execute("UPDATE siskop.clock SET shift = shift + interval '1 minute'")
        eventually(lambda: "The worker is deaf: " in start.said(), 40, start.output)
        done = "SELECT 1 FROM siskop.job WHERE key = 'unheard' AND status = 'done'"
        eventually(lambda: owner.execute(done).fetchone(), 40, start.output)
    assert not worker.is_running()
    assert start.said().count("deaf") == 1
    assert start.popen.poll() is None


def database(run: Run, role: str) -> str:
    command = [*COMMAND, "database", "url", "--role", role]
    environ = {**os.environ, "SISKOP_VAR": str(run.var)}
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True).stdout.strip()


def test_killing_make_ends_what_make_started(prepared: Path) -> None:
    run = Run(prepared, free_port(), MAKE_RUN)
    run.ready()
    run.popen.kill()
    run.popen.wait()
    eventually(lambda: left(prepared) == [], 8)


def test_a_taken_port_is_said_before_anything_starts(prepared: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = Run(prepared, taken.getsockname()[1])
        assert run.ended() == 1
    assert "PORT=" in run.said()
    assert "Starting" not in run.said()

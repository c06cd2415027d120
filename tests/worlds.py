"""A world of its own for each test: a database made from a template, on servers that the whole run shares."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from psycopg import sql

from config import ROOT, Settings
from siskop.base.embedded import Servers
from siskop.base.migrations import migrate
from siskop.jobs.queue import QUEUES
from siskop.submissions import definitions

TEMPLATE = "template_world"


class Mailboxes:
    """A real SMTP server on a loopback port. `refuse` holds answers by address, e.g. "550 No such user"."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.refuse: dict[str, str] = {}
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True)
        self.controller.start()

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.mails.append(envelope)
        return "250 OK"

    def to(self, address: str) -> list[Envelope]:
        return [mail for mail in self.mails if address in mail.rcpt_tos]

    def stop(self) -> None:
        self.controller.stop()


class World:
    """One database with its settings, its clock and its mails."""

    def __init__(self, servers: Servers, database: str, mailboxes: Mailboxes, var: Path, port: int = 8000) -> None:
        self.servers = servers
        self.database = database
        self.mails = mailboxes
        self.environ = {
            **servers.environment(),
            "SISKOP_TESTING": "1",
            "SISKOP_DEMO": "1",
            "SISKOP_VAR": str(var),
            "DATABASE_URL": servers.url("app", database),
            "DATABASE_PUBLIC_URL": servers.url("public", database),
            "DATABASE_OWNER_URL": servers.url("owner", database),
            "MAIL_URL": f"smtp://127.0.0.1:{mailboxes.port}",
            "PORT": str(port),
        }
        self.settings = Settings.from_environment(self.environ)

    def move_clock(self, by: timedelta) -> None:
        """For every process on this database, from now on."""
        with self.connect("owner") as owner:
            owner.execute("UPDATE siskop.clock SET shift = shift + %s", (by,))

    def connect(self, role: str = "app") -> psycopg.Connection:
        """Plain psycopg, not through the app; role is owner, app, public or admin."""
        return psycopg.connect(self.servers.url(role, self.database))

    @contextlib.contextmanager
    def worker(self, redis_url: str | None = None) -> Iterator[Process]:
        """A real Celery worker process, ready when this is entered; killed at the end if it still lives."""
        ready = self.settings.var / f"worker-{uuid.uuid4().hex}.ready"
        options = ["-P", "threads", "-c", "10", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        environ = {**self.environ, "SISKOP_READY_FILE": str(ready)} | ({"REDIS_URL": redis_url} if redis_url else {})
        command = [sys.executable, "-m", "celery", "-A", "worker", "worker", *options, "-Q", ",".join(QUEUES)]
        with process(command, environ, self.settings.var / "worker.log") as running:
            eventually(ready.exists, 30, running.log)
            yield running

    @contextlib.contextmanager
    def beat(self) -> Iterator[Process]:
        command = [sys.executable, "-m", "celery", "-A", "worker", "beat", "--pidfile="]
        with process(command, self.environ, self.settings.var / "beat.log") as running:
            yield running

    @contextlib.contextmanager
    def web(self, threads: int = 8) -> Iterator[Process]:
        """A real web server at `settings.base_url`; give the world a free port first."""
        command = [sys.executable, "-m", "gunicorn", "siskop.web.server:app()", "--worker-class", "gthread"]
        command += ["--bind", f"127.0.0.1:{self.settings.port}", "--threads", str(threads), "--no-control-socket"]
        with process(command, self.environ, self.settings.var / "web.log") as running:
            eventually(lambda: listens(self.settings.port), 30, running.log)
            yield running


class Process:
    def __init__(self, popen: subprocess.Popen[bytes], log: Path) -> None:
        self.popen = popen
        self.pid = popen.pid
        self.log = log

    def kill(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()

    def pause(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)


@contextlib.contextmanager
def process(command: list[str], environ: dict[str, str], log: Path) -> Iterator[Process]:
    """In a group of its own, with the settings in its environment; nothing of it is left at the end."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        popen = subprocess.Popen(
            command, env=kept | environ, cwd=ROOT, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    running = Process(popen, log)
    try:
        yield running
    finally:
        if popen.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                running.kill()


def eventually(true: Callable[[], object], seconds: float = 10, log: Path | None = None) -> None:
    """Waits for what another process does; a failure shows the end of its log."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            words = "\n".join(log.read_text("utf-8", "replace").splitlines()[-30:]) if log and log.exists() else ""
            raise AssertionError(f"not within {seconds} seconds\n{words}")
        time.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def make_template(servers: Servers, workflows: Path = ROOT / "workflows", name: str = TEMPLATE) -> None:
    """Migrated, with a clock that can be moved and the definitions (those that ship, unless told) in force."""
    create_database(servers, name)
    owner = servers.url("owner", name)
    migrate(owner, servers.url("app", name), servers.url("public", name), movable_clock=True)
    definitions.load(workflows, owner)


def create_database(servers: Servers, name: str, template: str = "template1") -> None:
    with psycopg.connect(servers.url("admin", "postgres"), autocommit=True) as admin:
        owner = sql.Identifier("siskop_owner")
        command = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        admin.execute(command.format(sql.Identifier(name), owner, sql.Identifier(template)))


def drop_database(servers: Servers, name: str) -> None:
    with psycopg.connect(servers.url("admin", "postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def scratch(
    servers: Servers, mailboxes: Mailboxes, var: Path, port: int = 8000, template: str = TEMPLATE
) -> Iterator[World]:
    """A world that lasts as long as the block; `servers` must hold the template."""
    name = f"world_{uuid.uuid4().hex[:12]}"
    create_database(servers, name, template)
    redis.Redis.from_url(servers.environment()["REDIS_URL"]).flushall()  # no wake-ups of another test
    try:
        yield replace_files(World(servers, name, mailboxes, var, port))
    finally:
        drop_database(servers, name)


def replace_files(world: World) -> World:
    """Uploads of a world lie in its own folder."""
    files = world.settings.var / "files" / world.database
    world.environ["SISKOP_FILES"] = str(files)
    world.settings = replace(world.settings, files=files)
    return world


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False

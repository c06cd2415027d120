"""`siskop run`, the supervisor behind `make run`: private servers, database, web, worker, beat and mail catcher, in
one foreground process that starts them in order, watches them, and takes them all down with it."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from config import ROOT, Settings, bracketed, near
from siskop.base import child
from siskop.base.db import bare_app, unit_of_work
from siskop.base.embedded import Servers, demo_environment, locked, until
from siskop.base.errors import Refusal
from siskop.cli.invented import PASSWORD, PEOPLE
from siskop.cli.main import var_folder
from siskop.jobs import workers
from siskop.jobs.queue import QUEUES
from siskop.pipeline import broker

THREADS = 8
WORKER_THREADS = 2 * len(QUEUES)
START_SECONDS = 60
STOP_SECONDS = 5
LOOK_SECONDS = 5
DEAF_LOOKS = 3
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPED_FIRST = ("beat", "web", "mail catcher", "worker")


@click.command()
def run() -> None:
    """Serve everything here until Ctrl-C: web, worker, beat, and what they need."""
    for number in STOPS:
        signal.signal(number, _ask_to_stop)
    if os.environ.get("MAKELEVEL"):
        child.follow_parent(signal.SIGTERM)  # make may be killed too
    var = var_folder()
    lock = locked(var / "run.lock", wait=False)
    if lock is None:
        raise Refusal(
            "Siskop already runs on %(var)s (process %(pid)s). Stop it first, or choose another SISKOP_VAR and PORT.",
            var=var, pid=(var / "run.lock").read_text() or "unknown",
        )  # fmt: skip
    with lock:
        Supervisor(var).serve()


class Stop(BaseException):
    """Ctrl-C or SIGTERM."""


def _ask_to_stop(number: int, _frame: FrameType | None) -> None:
    _hear_no_more()
    raise Stop(number)


def _hear_no_more() -> None:
    """While stopping, further signals change nothing."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


class Supervisor:
    def __init__(self, var: Path) -> None:
        self.var = var
        private = {"postgres": not os.environ.get("DATABASE_URL"), "valkey": not os.environ.get("REDIS_URL")}
        self.servers = Servers(var, **private)
        self.children: dict[str, child.Child] = {}
        self.open_sockets: list[socket.socket] = []
        self.heard = var / "worker.ready"  # the worker writes it once it listens

    def serve(self) -> None:
        began = time.monotonic()
        try:
            settings, environ = self._settings()
            _check_port(settings)
            self._start_servers()
            self._prepare(environ)
            self._start_children(settings, environ)
            self._wait_until_ready(settings)
            self._announce(settings, time.monotonic() - began)
            self._watch(settings)
        except Stop:
            say("Stopping.")
        finally:
            _hear_no_more()
            self._stop()
        say("Stopped.")

    def _settings(self) -> tuple[Settings, dict[str, str]]:
        """With the mail catcher's addresses where a demo names no mail server. Every fault shows before any start."""
        self.var.mkdir(parents=True, exist_ok=True)
        environ = {"SISKOP_VAR": str(self.var), **os.environ}
        if self.servers.wanted["postgres"] or environ.get("SISKOP_DEMO") == "1":
            environ |= self._catcher_addresses(environ)
        environ = demo_environment(self.servers, environ)
        return Settings.from_environment(environ), environ

    def _catcher_addresses(self, environ: Mapping[str, str]) -> dict[str, str]:
        if environ.get("MAIL_URL"):
            return {}
        self.open_sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        smtp, pages = (opened.getsockname()[1] for opened in self.open_sockets)
        return {"MAIL_URL": f"smtp://127.0.0.1:{smtp}", "SISKOP_CAPTURED_MAIL_URL": f"http://127.0.0.1:{pages}/"}

    def _start_servers(self) -> None:
        names = [name for name, on in (("PostgreSQL", "postgres"), ("Valkey", "valkey")) if self.servers.wanted[on]]
        if names:
            say(f"Starting {' and '.join(names)} under {self.var}.")
            self.servers.start()

    def _prepare(self, environ: Mapping[str, str]) -> None:
        """In a process of its own, to keep this one small; what it prints is for the reader."""
        say("Preparing the database.")
        (self.var / "log" / "prepare.log").unlink(missing_ok=True)
        preparing = self._start("prepare", _siskop("database", "prepare"), environ)
        with preparing.log.open(encoding="utf-8", errors="replace") as written:
            running = True
            while running:
                running = preparing.running()  # asked first: then nothing can be written after the last look
                for line in written:
                    say(f"  {line.rstrip()}")
                time.sleep(0.05)
        if preparing.process.returncode:
            raise Refusal("The database could not be prepared.")
        del self.children["prepare"]

    def _start_children(self, settings: Settings, environ: Mapping[str, str]) -> None:
        """The app's processes never learn the owner's address."""
        environ = {name: value for name, value in environ.items() if name != "DATABASE_OWNER_URL"}
        environ |= {"SISKOP_READY_FILE": str(self.heard), "PYTHONUNBUFFERED": "1"}
        say("Starting web, worker, beat" + (" and mail catcher." if self.open_sockets else "."))
        celery = [sys.executable, "-m", "celery", "-A", "worker"]
        options = ["-P", "threads", "-c", str(WORKER_THREADS), "--without-gossip", "--without-mingle"]
        self._start("web", _gunicorn(settings), environ, dies_by=signal.SIGQUIT)
        worker = [*celery, "worker", *options, "--without-heartbeat", "-Q", ",".join(QUEUES)]
        self._start_worker = functools.partial(self._start, "worker", worker, environ)
        self.heard.unlink(missing_ok=True)
        self._start_worker()
        self._start("beat", [*celery, "beat", "--pidfile="], environ)
        if self.open_sockets:
            smtp, pages = (opened.fileno() for opened in self.open_sockets)
            command = _siskop("catcher", "--smtp", str(smtp), "--pages", str(pages))
            self._start("mail catcher", command, environ, pass_fds=(smtp, pages))

    def _start(
        self,
        name: str,
        command: list[str],
        environ: Mapping[str, str],
        *,
        dies_by: signal.Signals = signal.SIGKILL,
        pass_fds: tuple[int, ...] = (),
    ) -> child.Child:
        log = self.var / "log" / f"{name.replace(' ', '-')}.log"
        if log.exists() and log.stat().st_size > 10_000_000:
            log.rename(log.with_suffix(".old.log"))
        started = child.start(name, command, log, env=environ, dies_by=dies_by, pass_fds=pass_fds, cwd=ROOT)
        self.children[name] = started
        return started

    def _wait_until_ready(self, settings: Settings) -> None:
        address = f"{near(settings.host, settings.port)}/readyz"
        until(lambda: self._all_run() and self.heard.exists(), START_SECONDS, self.children["worker"])
        until(lambda: self._all_run() and _ready(address, settings), START_SECONDS, self.children["web"])

    def _announce(self, settings: Settings, seconds: float) -> None:
        say(f"Siskop is ready after {seconds:.1f} seconds: {settings.base_url}")
        if settings.captured_mail_url:
            say(f"Mails that it sends are read at {settings.captured_mail_url}")
        for address, _, _, does in PEOPLE if settings.demo else ():
            say(f"  {address:26}  {PASSWORD}  {does}")
        say("Ctrl-C stops everything.")

    def _watch(self, settings: Settings) -> None:
        """A worker that lives and takes nothing of what is due, at several looks in a row, is started anew."""
        app, deaf, next_look = bare_app(settings), 0, time.monotonic()
        while self._all_run():
            time.sleep(0.2)
            if time.monotonic() < next_look:
                continue
            next_look = time.monotonic() + LOOK_SECONDS
            untaken = _untaken(app, settings) if self.heard.exists() else 0
            deaf = deaf + 1 if untaken else 0
            if deaf == DEAF_LOOKS:
                say(f"The worker is deaf: {untaken} jobs are due and it takes none. Starting it anew.")
                self.heard.unlink()
                self.children["worker"].stop(STOP_SECONDS)
                self._start_worker()

    def _all_run(self) -> bool:
        """Whoever ends by itself ends everything, and is named."""
        for one in (*self.servers.children, *self.children.values()):
            if not one.running():
                raise Refusal(
                    "%(name)s ended by itself (code %(code)s). Its last words, from %(log)s:\n%(why)s",
                    name=one.name, code=one.process.returncode, log=one.log, why=one.last_words(),
                )  # fmt: skip
        return True

    def _stop(self) -> None:
        for name in (*STOPPED_FIRST, *self.children):
            if name in self.children:
                self.children.pop(name).stop(STOP_SECONDS)
        for opened in self.open_sockets:
            opened.close()
        self.servers.stop()


def _untaken(app: Flask, settings: Settings) -> int:
    """Jobs that nobody takes although Redis answers. What cannot be found out now is no reason to restart anything."""
    try:
        with app.app_context(), unit_of_work() as tx:
            found = workers.unheard(tx)
    except SQLAlchemyError:
        return 0
    return found if found and broker.answers(settings.redis_url) else 0


def say(line: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        click.echo(line)


def _siskop(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from siskop.cli.main import main; main()", *arguments]


def _gunicorn(settings: Settings) -> list[str]:
    place = f"{bracketed(settings.host)}:{settings.port}"
    command = [sys.executable, "-m", "gunicorn", "siskop.web.server:app()", "--bind", place]
    command += ["--workers", "1", "--worker-class", "gthread", "--threads", str(THREADS), "--graceful-timeout", "3"]
    command += ["--no-control-socket", "--log-level", "warning"]
    return command + (["--worker-tmp-dir", "/dev/shm"] if Path("/dev/shm").is_dir() else [])  # noqa: S108 - gunicorn's advice


def _check_port(settings: Settings) -> None:
    """Before minutes of work, not after. The web server binds it itself."""
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        raise Refusal(
            "%(host)s port %(port)s can't be used (%(why)s). Choose another one: PORT=8001 make run",
            host=settings.host, port=settings.port, why=error.strerror,
        ) from error  # fmt: skip


def _ready(address: str, settings: Settings) -> bool:
    """/readyz under a name that the app trusts."""
    question = urllib.request.Request(address, headers={"Host": settings.trusted_hosts[0]})  # noqa: S310 - our own http
    try:
        with urllib.request.urlopen(question, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False

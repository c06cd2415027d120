"""What is measured on: durable private servers in a folder of their own, and worlds that are copies of one another."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import psycopg

from siskop.base.db import bare_app, db
from siskop.base.embedded import Servers
from tests.worlds import Mailboxes, World, create_database, drop_database, free_port, make_template, scratch

ROUNDS = 6


class Stage:
    """Servers and mailboxes; everything of them is gone at the end."""

    def __init__(self, servers: Servers, mailboxes: Mailboxes, var: Path) -> None:
        self.servers, self.mailboxes, self.var = servers, mailboxes, var

    @contextlib.contextmanager
    def world(self) -> Iterator[World]:
        with scratch(self.servers, self.mailboxes, self.var, free_port()) as world:
            yield world

    @contextlib.contextmanager
    def copy(self, world: World, synchronous_commit: str) -> Iterator[World]:
        """The same database once more, with every row and sequence; nobody may be connected to the first."""
        name = f"copy_{uuid.uuid4().hex[:12]}"
        create_database(self.servers, name, world.database)
        with psycopg.connect(self.servers.url("admin", "postgres"), autocommit=True) as admin:
            admin.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = {synchronous_commit}')
        try:
            yield World(self.servers, name, self.mailboxes, self.var, free_port())
        finally:
            drop_database(self.servers, name)


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="siskop-bench-") as folder:
        servers, mailboxes = Servers(Path(folder)), Mailboxes()
        servers.start()
        try:
            make_template(servers)
            yield Stage(servers, mailboxes, Path(folder))
        finally:
            mailboxes.stop()
            servers.stop()


@contextlib.contextmanager
def inside(world: World) -> Iterator[None]:
    """An app context on the world; its connections are closed at the end."""
    with bare_app(world.settings).app_context():
        yield
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def rounds(seconds: list[float]) -> list[float]:
    """The medians of ROUNDS rounds, in the order in which they were measured."""
    size = len(seconds) // ROUNDS
    return [median(seconds[n * size : (n + 1) * size]) for n in range(ROUNDS)]


def ratios(upper: list[float], lower: list[float]) -> list[float]:
    """Round by round, so that what slowed the machine down slowed both."""
    return [a / b for a, b in zip(rounds(upper), rounds(lower), strict=True)]


def told(label: str, figures: list[float], bound: str = "") -> str:
    spread = f"({min(figures):.2f}–{max(figures):.2f})"
    return f"{label:68} {median(figures):6.2f}  {spread:14} {bound}"

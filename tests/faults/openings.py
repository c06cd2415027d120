"""Walls with an opening, for tests alone: what the product relies on is taken out of every statement on its way."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import event

from siskop.base.db import Tx, after_commit, db, unit_of_work
from siskop.jobs import queue
from tests.worlds import World

ROW_LOCKS = (r"FOR (NO KEY )?UPDATE(?! OF r SKIP| SKIP)", "")
NOTHING_TWICE = (r"ON CONFLICT (\(\w+\) )?DO NOTHING", "")
TOKEN = (r"AND attempt = %\(attempt\)s(::\w+)?", "")
ONLY_CLAIMED = (r"(WHERE id = %\(id\)s(?:::\w+)?) AND status = 'claimed'", r"\1")
HANDING_OVER = (r"SET status = 'handing_over'", "SET status = 'claimed'")


@contextmanager
def without(*walls: tuple[str, str]) -> Iterator[None]:
    """Each wall is a pattern and what stands in its place."""

    def rewrite(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> tuple[str, Any]:
        for pattern, instead in walls:
            statement = re.sub(pattern, instead, statement)
        return statement, given

    engine = db.engine
    event.listen(engine, "before_cursor_execute", rewrite, retval=True)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", rewrite)


def drop(world: World, *constraints: str) -> None:
    """`table.constraint`, or the name of a unique index; whatever leans on it falls too."""
    with world.connect("owner") as owner:
        for name in constraints:
            table, _, constraint = name.partition(".")
            if constraint:
                owner.execute(f"ALTER TABLE siskop.{table} DROP CONSTRAINT {constraint} CASCADE")
            else:
                owner.execute(f"DROP INDEX siskop.{name}")


def jobs_after_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a broker outside of the database: first the state, then the message."""
    put = queue.put

    def later(tx: Tx, *args: Any, **more: Any) -> None:
        def ask() -> None:
            with unit_of_work() as own:
                put(own, *args, **more)

        after_commit(tx, ask)

    monkeypatch.setattr(queue, "put", later)


def meet(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, people: int) -> None:
    """Nobody goes on into `place.name` before all are there, or half a second has passed."""
    call: Callable[..., Any] = getattr(place, name)
    barrier = threading.Barrier(people)

    def wait(*args: Any, **more: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(0.5)
        return call(*args, **more)

    monkeypatch.setattr(place, name, wait)

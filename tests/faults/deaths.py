"""SIGKILL at the n-th point of an act: in a forked process with connections of its own, on a database that can be put
back. A point lies before and after every call of the database, every commit and every word to the mail server."""

from __future__ import annotations

import os
import signal
import smtplib
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import event, text

from siskop.base.db import db, unit_of_work
from tests.worlds import World

Act = Callable[[], Any]


class Stage:
    """A world whose database can be put back to how it was when the stage was made; `letters` had gone out then."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept = f"{world.database}_kept"
        with unit_of_work() as tx:
            self.letters = frozenset(
                tx.execute(text("SELECT message_id FROM siskop.mail WHERE status = 'accepted'")).scalars()
            )
        disconnect()
        self._admin = psycopg.connect(world.servers.url("admin", "postgres"), autocommit=True)
        self._copy(world.database, self.kept)

    def restore(self) -> None:
        disconnect()
        self._drop(self.world.database)
        self._copy(self.kept, self.world.database)
        self.world.mails.mails.clear()

    def close(self) -> None:
        self._drop(self.kept)
        self._admin.close()

    def _copy(self, source: str, target: str) -> None:
        command = sql.SQL("CREATE DATABASE {} OWNER siskop_owner TEMPLATE {} STRATEGY FILE_COPY")
        self._admin.execute(command.format(sql.Identifier(target), sql.Identifier(source)))

    def _drop(self, name: str) -> None:
        self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def killed_at(self, n: int, act: Act) -> bool:
        """False when `act` has fewer points than `n` and came to its end."""
        disconnect()
        child = os.fork()
        if not child:
            _play(n, act)
        _, status = os.waitpid(child, 0)
        self._until_nobody_is_connected()
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return True
        assert os.WEXITSTATUS(status) == 0, "the act failed: see above"
        return False

    def _until_nobody_is_connected(self) -> None:
        """The server notices a dead client by itself, and rolls back."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
        end = time.monotonic() + 10
        while self._admin.execute(query, (self.world.database,)).fetchone() != (0,):
            assert time.monotonic() < end, "a dead client still holds its connection"
            time.sleep(0.002)


def disconnect() -> None:
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def _play(n: int, act: Act) -> None:
    """In the child: never returns."""
    try:
        for engine in db.engines.values():
            engine.dispose(close=False)
        _arm(n)
        act()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(3)
    os._exit(0)


def _arm(n: int) -> None:
    left = n

    def point(*_: Any, **__: Any) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    for engine in db.engines.values():
        event.listen(engine, "before_cursor_execute", point)
        event.listen(engine, "after_cursor_execute", point)
        engine.dialect.do_commit = _between(point, engine.dialect.do_commit)  # type: ignore[method-assign]
    for name in ("send", "getreply"):
        setattr(smtplib.SMTP, name, _between(point, getattr(smtplib.SMTP, name)))


def _between(point: Act, call: Callable[..., Any]) -> Callable[..., Any]:
    def called(*args: Any, **more: Any) -> Any:
        point()
        answer = call(*args, **more)
        point()
        return answer

    return called

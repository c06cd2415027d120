"""The database: two engines (app and public role), the unit of work, and the database's clock.

Everything here runs inside an app context. A `Tx` is a Core connection with a transaction; rooms take it as first
argument and never commit: the unit of work does.
"""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Any, cast

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import Pool

from config import ROOT, Settings
from siskop.base import i18n

log = logging.getLogger(__name__)
Tx = Connection
LONG_REST_SECONDS = 60


class Base(DeclarativeBase):
    """Models name what code asks of tables by; what the tables hold and promise, the migrations say alone."""


db = SQLAlchemy(model_class=Base)


def bare_app(settings: Settings) -> Flask:
    """An app with settings and database but no pages: what the worker and commands run in."""
    app = Flask("siskop", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        SQLALCHEMY_ENGINE_OPTIONS=_options(settings.database_url),
        SQLALCHEMY_DATABASE_URI=sqlalchemy_url(settings.database_url),
        SQLALCHEMY_BINDS={
            "public": {"url": sqlalchemy_url(settings.database_public_url), **_options(settings.database_public_url)}
        },
    )
    app.extensions["siskop"] = settings
    db.init_app(app)
    i18n.init_app(app)
    return app


def settings() -> Settings:
    return cast(Settings, current_app.extensions["siskop"])


def sqlalchemy_url(uri: str) -> URL:
    """A libpq URI as SQLAlchemy wants it, with the driver named."""
    return make_url(uri).set(drivername="postgresql+psycopg")


def _options(uri: str) -> dict[str, Any]:
    """A database that was restarted is noticed before use; nobody waits for a lock for ever; no log tells an answer."""
    connect: dict[str, Any] = {"connect_timeout": 5}
    if "options" not in make_url(uri).query:
        connect["options"] = "-c timezone=UTC -c lock_timeout=15s"
    return {
        "hide_parameters": True,
        "pool_size": 10,
        "max_overflow": 10,
        "pool_timeout": 10,
        "connect_args": connect,
    }


@event.listens_for(Pool, "checkin")
def _rests(_raw: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _noticed(raw: Any, record: Any, _proxy: Any) -> None:
    """A connection whose server went away is not used: the pool takes another one.

    A server that ends closes its side, which can be seen without asking it (a ping costs three round trips). What
    rested long is asked all the same: something between may have forgotten the connection.
    """
    rested = time.monotonic() - record.info.get("rests_since", time.monotonic())
    try:
        gone = raw.closed or _readable(raw.fileno())
        if not gone and rested > LONG_REST_SECONDS:
            raw.execute("SELECT 1")
            raw.rollback()
    except Exception as error:
        raise DisconnectionError(str(error)) from error
    if gone:
        raise DisconnectionError("the server closed the connection")


def _readable(handle: int) -> bool:
    look = select.poll()
    look.register(handle, select.POLLIN)
    return bool(look.poll(0))


_WHOLE: ContextVar[Tx | None] = ContextVar("whole", default=None)


@contextmanager
def unit_of_work(*, apart: bool = False) -> Iterator[Tx]:
    """One connection, one transaction (READ COMMITTED): committed at the end, rolled back on an error.

    What `after_commit` noted runs then, outside the transaction; its failures are logged, for the commit stands. Within
    a `whole` it is a part of that, unless it stands `apart`.
    """
    whole = _WHOLE.get()
    if whole is not None and not apart:
        with _part_of(whole):
            yield whole
        return
    callbacks: list[Callable[[], None]] = []
    with db.engine.connect() as tx:
        tx.info["after_commit"] = callbacks
        try:
            with tx.begin():
                yield tx
        finally:
            tx.info.pop("after_commit", None)
    for callback in callbacks:
        try:
            callback()
        except Exception:
            log.exception("after commit")


@contextmanager
def _part_of(whole: Tx) -> Iterator[None]:
    noted: list[Callable[[], None]] = whole.info["after_commit"]
    before = len(noted)
    try:
        with whole.begin_nested():
            yield
    except BaseException:
        del noted[before:]
        raise


@contextmanager
def one_whole() -> Iterator[Tx]:
    """A unit of work of which every other one inside is a part: all of them stand, or none."""
    with unit_of_work() as tx:
        token = _WHOLE.set(tx)
        try:
            yield tx
        finally:
            _WHOLE.reset(token)


def after_commit(tx: Tx, callback: Callable[[], None]) -> None:
    """Within a unit of work only: elsewhere nobody would call back, hence a KeyError."""
    tx.info["after_commit"].append(callback)


def reading() -> Tx:
    """The connection of this request (or app context), for pages that only read; within a whole, that."""
    return _WHOLE.get() or db.session.connection()


@contextmanager
def public_reading() -> Iterator[Tx]:
    """A connection as the public role, which can read the schema `register` and nothing else."""
    with db.engines["public"].connect() as tx:
        yield tx


def now(tx: Tx) -> datetime:
    """The database's clock, in UTC; demo and tests may move it (table siskop.clock)."""
    return cast(datetime, tx.execute(text("SELECT siskop.now()")).scalar_one()).astimezone(UTC)


def today(tx: Tx) -> date:
    """The day in Jakarta."""
    return now(tx).astimezone(i18n.JAKARTA).date()

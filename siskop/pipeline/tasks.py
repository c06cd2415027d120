"""The Celery tasks: one a queue, each runs what is due there; that of the timers opens the day first.

A message says nothing but "look": losing one, or getting it twice, changes nothing.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery import Celery, signals
from flask import Flask

from siskop.base import logs
from siskop.jobs import drain
from siskop.jobs.queue import QUEUES
from siskop.pipeline import broker
from siskop.pipeline.handlers import daily  # and with it every kind of job

log = logging.getLogger(__name__)

AT_ONCE = 2  # drains of one queue in one process: no queue may take all the threads
LIMIT = 100
WORKER = f"{socket.gethostname()}:{os.getpid()}"


def add(celery: Celery, flask: Flask, level: str) -> None:
    """Gives the Celery app its tasks, its logs and its sign of readiness."""
    for queue in QUEUES:
        _add(celery, broker.task_name(queue), _Turns(queue, flask).take)
    signals.setup_logging.connect(lambda **_: logs.set_up(level), weak=False)
    signals.worker_ready.connect(_show_ready, weak=False)


def _add(celery: Celery, name: str, function: Callable[[], None]) -> None:
    """Celery misreads the signature of a method or a lambda, hence a plain function around each."""

    def task() -> None:
        function()

    celery.task(name=name, shared=False)(task)


class _Turns:
    """At most AT_ONCE drains of a queue; a wake-up that comes meanwhile makes one of them look once more."""

    def __init__(self, queue: str, flask: Flask) -> None:
        self.queue = queue
        self.flask = flask
        self._lock = threading.Lock()
        self._running = 0
        self._again = False

    def take(self) -> None:
        with self._lock:
            if self._running == AT_ONCE:
                self._again = True
                return
            self._running += 1
        try:
            while self._look() or self._called_back():
                pass
        except BaseException:
            with self._lock:
                self._running -= 1
            raise

    def _look(self) -> bool:
        """Whether there may be more."""
        with self.flask.app_context():
            if self.queue == "timers":
                _open_day()
            return drain.drain(self.queue, LIMIT, WORKER) == LIMIT

    def _called_back(self) -> bool:
        """Whether somebody called meanwhile; if not, this turn is over, in the same breath."""
        with self._lock:
            again, self._again = self._again, False
            self._running -= not again
            return again


def _open_day() -> None:
    """Once, whoever asks; what keeps it shut must not keep the timers from going on."""
    try:
        with logs.correlated(None):
            daily.open_day()
    except Exception:
        log.exception("the day was not opened")


def _show_ready(**_: Any) -> None:
    """The supervisor and tests wait for this file."""
    if path := os.environ.get("SISKOP_READY_FILE"):
        Path(path).write_text(str(os.getpid()))

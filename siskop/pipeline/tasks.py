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
        celery.task(name=broker.task_name(queue), shared=False)(_task(queue, flask))
    signals.setup_logging.connect(lambda **_: logs.set_up(level), weak=False)
    signals.worker_ready.connect(_show_ready, weak=False)


def _task(queue: str, flask: Flask) -> Callable[[], None]:
    """At most AT_ONCE drains of a queue; a wake-up that comes meanwhile makes one of them look once more."""
    turns, called = threading.BoundedSemaphore(AT_ONCE), threading.Event()

    def look() -> bool:
        """Whether there may be more."""
        called.clear()
        with flask.app_context():
            if queue == "timers":
                _open_day()
            return drain.drain(queue, LIMIT, WORKER) == LIMIT or called.is_set()

    def task() -> None:
        called.set()
        while called.is_set() and turns.acquire(blocking=False):
            try:
                while look():
                    pass
            finally:
                turns.release()

    return task


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

"""The loop that runs due jobs, in process: for the Celery tasks, the seed and tests."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app

from siskop.base import logs
from siskop.base.db import unit_of_work
from siskop.jobs import kinds, queue
from siskop.jobs.queue import Job, Stale

log = logging.getLogger(__name__)
BEAT_SECONDS = queue.LEASE_SECONDS / 3


def drain(name: str, limit: int = 100, worker: str = "") -> int:
    """Runs due jobs of the queue one after the other, at most `limit`; answers how many were taken up."""
    queue.revive(name, worker)
    for count in range(limit):
        job = queue.claim(name, worker)
        if job is None:
            return count
        run(job)
    return limit


def run(job: Job) -> None:
    """Runs one claimed job. Its errors end here: noted on the row, with the next try or the grave."""
    with logs.correlated(job.correlation), _heartbeat(job):
        told = {"job": job.id, "kind": job.kind, "key": job.key, "attempt": job.attempt}
        try:
            kinds.handler(job.kind)(job)
            if not job.finished:
                raise RuntimeError(f"the handler of {job.kind!r} did not finish its job")
            log.info("job done", extra=told)
        except Stale:
            log.warning("job lost to another worker", extra=told)
        except Exception as error:
            status = queue.fail(job, f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
            log.exception("job failed", extra={**told, "status": status})


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """Renews the lease while the handler works, from a thread: a dead process stops it, a slow one does not."""
    over = threading.Event()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    thread = threading.Thread(target=_beat, args=(app, job, over), name=f"heartbeat-{job.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()


def _beat(app: Flask, job: Job, over: threading.Event) -> None:
    while not over.wait(BEAT_SECONDS):
        try:
            with app.app_context(), unit_of_work() as tx:
                queue.hold(tx, job)
        except Stale:
            return
        except Exception:
            log.warning("heartbeat missed", exc_info=True, extra={"job": job.id})

"""The doorbell: after a commit that put jobs, tell a worker which queue to look at.

It rings from a thread of its own: Redis, however slow or gone, never holds up a request. Rings that come while one is
under way become one. A lost ring costs seconds: beat's tick sends the same message.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time

from siskop.jobs import queue
from siskop.pipeline import broker

log = logging.getLogger(__name__)
FLUSH_SECONDS = 0.5


class Doorbell:
    def __init__(self, redis_url: str) -> None:
        self.celery = broker.celery(redis_url, "doorbell")
        self._asked: set[str] = set()
        self._ringing = False
        self._changed = threading.Condition()
        self._process = 0

    def ring(self, name: str) -> None:
        """Answers at once and never raises."""
        with self._changed:
            self._asked.add(name)
            if self._process != os.getpid():  # the first ring, or the first after a fork
                self._process = os.getpid()
                threading.Thread(target=self._run, name="doorbell", daemon=True).start()
            self._changed.notify_all()

    def flush(self, seconds: float = FLUSH_SECONDS) -> None:
        """Waits until everything asked for was sent, or not for longer than this."""
        with self._changed:
            self._changed.wait_for(lambda: not self._asked and not self._ringing, seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._asked))
                names, self._asked, self._ringing = self._asked, set(), True
            unheard = sum(not self._send(name) for name in sorted(names))
            with self._changed:
                self._ringing = False
                self._changed.notify_all()
            if unheard:
                time.sleep(1)

    def _send(self, name: str) -> bool:
        try:
            self.celery.send_task(broker.task_name(name), queue=name, retry=False, expires=broker.MESSAGE_LIVES)
        except Exception as error:
            log.warning("nobody heard the doorbell", extra={"queue": name, "error": type(error).__name__})
            return False
        return True


def install(redis_url: str) -> Doorbell:
    """From now on this process rings when it has put jobs."""
    bell = Doorbell(redis_url)
    queue.on_put = bell.ring
    atexit.register(bell.flush)
    return bell

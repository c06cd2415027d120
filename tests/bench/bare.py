"""A Celery app with one task that tells when it began, on the broker and with the settings of our own worker."""

from __future__ import annotations

import os
import time

import redis

from siskop.pipeline import broker

KEY, QUEUE, TASK = "bench:began", "bench", "bench.noop"

app = broker.celery(os.environ["REDIS_URL"], "bench")
answers = redis.Redis.from_url(os.environ["REDIS_URL"])


def noop() -> None:
    answers.lpush(KEY, str(time.time()))


app.task(name=TASK)(noop)

"""The Celery app: `celery -A worker worker` and `celery -A worker beat`. Queues and beat's table, nothing else."""

from __future__ import annotations

from config import Settings
from siskop.base.db import bare_app
from siskop.jobs.queue import QUEUES
from siskop.pipeline import broker, doorbell, tasks

TICK_SECONDS = 5

settings = Settings.from_environment()
app = broker.celery(settings.redis_url)
app.conf.siskop_redis_url = settings.redis_url
app.conf.beat_scheduler = "siskop.pipeline.beat:QuietScheduler"
app.conf.beat_schedule = {
    queue: {
        "task": broker.task_name(queue),
        "schedule": TICK_SECONDS,
        "options": {"queue": queue, "expires": broker.MESSAGE_LIVES},
    }
    for queue in QUEUES
}
tasks.add(app, bare_app(settings), settings.log_level)
doorbell.install(settings.redis_url)

"""How every process of ours speaks to Redis through Celery, and how long it is patient."""

from __future__ import annotations

from urllib.parse import urlsplit

import redis
from celery import Celery
from kombu import Queue

from siskop.jobs.queue import QUEUES

MESSAGE_LIVES = 30  # seconds; an older wake-up wakes nobody: the next tick is near
PING_SECONDS = 0.3


def celery(redis_url: str, name: str = "siskop") -> Celery:
    """A queue for each sort of job; no results, no retries, no delays: all that is in the database."""
    app = Celery(name, broker=broker_url(redis_url), set_as_current=False)
    app.conf.update(
        task_queues=[Queue(queue) for queue in QUEUES],
        task_ignore_result=True,
        task_acks_late=False,
        task_publish_retry=False,
        task_serializer="json",
        accept_content=["json"],
        timezone="Asia/Jakarta",
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": 3,
            "socket_connect_timeout": 1,
            "health_check_interval": 5,
            "max_retries": 0,
        },
    )
    return app


def task_name(queue: str) -> str:
    return f"siskop.{queue}"


def broker_url(redis_url: str) -> str:
    """Celery has a scheme of its own for sockets."""
    return "redis+socket" + redis_url.removeprefix("unix") if redis_url.startswith("unix:") else redis_url


def client(redis_url: str) -> redis.Redis:
    """A connection that gives up soon; `urlsplit` first, for a wrong address should say so at start."""
    urlsplit(redis_url)
    return redis.Redis.from_url(
        redis_url, socket_timeout=PING_SECONDS, socket_connect_timeout=PING_SECONDS, retry=None, health_check_interval=0
    )


def answers(redis_url: str) -> bool:
    """Whether Redis answers at once; never takes longer than half a second."""
    try:
        return bool(client(redis_url).ping())
    except (redis.RedisError, OSError):
        return False

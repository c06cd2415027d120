"""Which worker really works: by what it looked at and took, for a process may exist and hear nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from siskop.base.db import Tx

DEAF_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Worker:
    """`name`: host:process. `seconds` since it last looked at one of its queues."""

    name: str
    queues: list[str]
    seen_at: datetime
    claimed_at: datetime | None
    seconds: float

    @property
    def host(self) -> str:
        return self.name.rpartition(":")[0]


_LOOKED = text("""
    INSERT INTO siskop.worker AS known (name, queues, seen_at) VALUES (:name, ARRAY[CAST(:queue AS text)], siskop.now())
    ON CONFLICT (name) DO UPDATE SET seen_at = EXCLUDED.seen_at,
      queues = CASE WHEN known.queues @> EXCLUDED.queues THEN known.queues ELSE known.queues || EXCLUDED.queues END
""")
_FORGET = text("DELETE FROM siskop.worker WHERE seen_at < siskop.now() - interval '1 day'")


def looked(tx: Tx, name: str, queue: str) -> None:
    """Notes that it looks now; `queue.claim` notes what it takes. Who was not seen for a day is forgotten."""
    tx.execute(_FORGET)
    tx.execute(_LOOKED, {"name": name, "queue": queue})


_SEEN = text("""
    SELECT name, queues, seen_at, claimed_at, EXTRACT(epoch FROM siskop.now() - seen_at)::float
    FROM siskop.worker ORDER BY seen_at DESC, name
""")


def seen(tx: Tx) -> list[Worker]:
    """Those of the last day, the latest first."""
    return [Worker(*row) for row in tx.execute(_SEEN)]


_UNHEARD = text("""
    WITH old AS (SELECT siskop.now() - make_interval(secs => :secs) AS at)
    SELECT count(*) FROM siskop.job, old
    WHERE (status = 'waiting' AND GREATEST(due_at, created_at) < old.at OR status = 'running' AND lease_until < old.at)
      AND queue NOT IN (SELECT queue FROM siskop.job WHERE status = 'running' AND lease_until >= siskop.now())
      AND NOT EXISTS (SELECT FROM siskop.worker WHERE claimed_at > old.at)
""")


def unheard(tx: Tx, seconds: float = DEAF_SECONDS) -> int:
    """How many jobs have been due for that long while nobody took any: the workers are deaf, or there is none.

    A queue in which a job runs is busy, however long that takes.
    """
    return int(tx.execute(_UNHEARD, {"secs": seconds}).scalar_one())

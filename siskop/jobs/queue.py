"""Job rows: put, claim, hold, finish, fail. All instants are the database's; the attempt is the fencing token.

A job is live while waiting or running, and its key is unique among the live ones. What must never happen twice carries
a unique key on its own table for ever, for done jobs are pruned. States: waiting → running → done, waiting (again, or
after an error) or dead; a dead one is taken up again or buried by a person (`overview`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text

from siskop.base import logs
from siskop.base.db import Tx, after_commit, unit_of_work
from siskop.jobs import workers

log = logging.getLogger(__name__)

QUEUES = ("checks", "timers", "mail", "publishing", "batch")
LEASE_SECONDS = 30
LATE_SECONDS = 60
MOST_ERRORS = 8
"""With the waits below, a job that always fails is set aside after about three quarters of an hour."""
MOST_DEATHS = 3

on_put: Callable[[str], None] | None = None
"""The doorbell, rung with the queue's name after the commit of a put. It must neither raise nor take long."""


class Stale(Exception):
    """The job is no longer ours: its lease ran out and somebody else has it, or it is over. The effect rolls back."""


@dataclass(slots=True)
class Job:
    """A claimed job. `attempt` is the token that every later write must match."""

    id: int
    queue: str
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempt: int
    correlation: str | None = None
    finished: bool = field(default=False, compare=False)


_PUT = text("""
    INSERT INTO siskop.job AS live (queue, kind, key, payload, priority, due_at, correlation)
    VALUES (:queue, :kind, :key, CAST(:payload AS jsonb), :priority, COALESCE(:due_at, siskop.now()), :correlation)
    ON CONFLICT (key) WHERE status IN ('waiting', 'running') DO UPDATE SET
      due_at = CASE live.status WHEN 'waiting' THEN LEAST(live.due_at, EXCLUDED.due_at) ELSE live.due_at END,
      again_at = CASE live.status WHEN 'running' THEN LEAST(live.again_at, EXCLUDED.due_at) END,
      payload = EXCLUDED.payload, priority = LEAST(live.priority, EXCLUDED.priority)
""")


def put(  # noqa: PLR0917  (what a job is, in the order in which one says it)
    tx: Tx,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    queue: str,
    due_at: datetime | None = None,
    priority: int = 5,
) -> None:
    """Asks for a job in the asker's own transaction, due at once unless `due_at` says so; lower priorities go first.

    A live job with this key is not doubled: a waiting one comes due no later than asked, a running one runs once more.
    """
    if queue not in QUEUES:
        raise ValueError(f"{queue!r} is no queue")
    values = {"queue": queue, "kind": kind, "key": key, "due_at": due_at, "priority": priority}
    tx.execute(_PUT, {**values, "payload": json.dumps(dict(payload)), "correlation": logs.correlation()})
    if due_at is None:
        after_commit(tx, lambda: ring(queue))


def ring(queue: str) -> None:
    """Tells a worker to look, after the commit of what makes a job due."""
    if on_put is not None:
        on_put(queue)


_STANDING = text("""
    SELECT CASE WHEN bool_or(status = 'running' AND lease_until >= siskop.now()) THEN 'running'
      WHEN bool_or(due_at < siskop.now() - make_interval(secs => :late)) THEN 'late' ELSE 'waiting' END AS standing
    FROM siskop.job WHERE status IN ('waiting', 'running') AND starts_with(key, :prefix) HAVING count(*) > 0
""")


def standing(tx: Tx, prefix: str) -> str | None:
    """Of the live jobs whose keys begin so: running, waiting, or late (due, and nobody has taken one for a minute:
    no worker runs). None when there is none."""
    found: str | None = tx.execute(_STANDING, {"prefix": prefix, "late": LATE_SECONDS}).scalar()
    return found


_REVIVE = text("""
    UPDATE siskop.job SET
      status = CASE WHEN deaths + 1 >= :most THEN 'dead' ELSE 'waiting' END,
      deaths = deaths + 1, lease_until = NULL,
      error = CASE WHEN deaths + 1 >= :most THEN :reason ELSE error END,
      finished_at = CASE WHEN deaths + 1 >= :most THEN siskop.now() END
    WHERE id IN (
      SELECT id FROM siskop.job WHERE queue = :queue AND status = 'running' AND lease_until < (SELECT siskop.now())
      FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, key, status
""")


def revive(queue: str, worker: str = "") -> None:
    """Takes back jobs whose process died; one that died with its process too often is set aside with the reason.

    `worker` is who looks: thereby it was seen.
    """
    with unit_of_work() as tx:
        reason = f"its process died {MOST_DEATHS} times"
        for row in tx.execute(_REVIVE, {"queue": queue, "most": MOST_DEATHS, "reason": reason}):
            log.warning("lease expired", extra={"job": row.id, "kind": row.kind, "key": row.key, "status": row.status})
        if worker:
            workers.looked(tx, worker, queue)


_CLAIM = text("""
    WITH taken AS (
      UPDATE siskop.job SET status = 'running', attempt = attempt + 1, worker = :worker,
        started_at = siskop.now(), lease_until = siskop.now() + make_interval(secs => :lease)
      WHERE id = (
        SELECT id FROM siskop.job WHERE queue = :queue AND status = 'waiting' AND due_at <= (SELECT siskop.now())
        ORDER BY priority, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING id, queue, kind, key, payload, attempt, correlation
    ), noted AS (
      UPDATE siskop.worker SET claimed_at = siskop.now(), seen_at = siskop.now() WHERE name = :worker
        AND COALESCE(claimed_at < siskop.now() - interval '1 second', true) AND EXISTS (SELECT FROM taken)
    )
    SELECT * FROM taken
""")


def claim(queue: str, worker: str) -> Job | None:
    """The next due job of the queue, in a short transaction of its own; None when nothing is due."""
    with unit_of_work() as tx:
        row = tx.execute(_CLAIM, {"queue": queue, "worker": worker, "lease": LEASE_SECONDS}).first()
    return Job(*row) if row else None


_HOLD = text("""
    UPDATE siskop.job SET lease_until = siskop.now() + make_interval(secs => :lease)
    WHERE id = :id AND attempt = :attempt AND status = 'running' RETURNING true
""")


def hold(tx: Tx, job: Job) -> None:
    """Renews the lease. Raises Stale when the job is no longer ours: ask before any act that can't be taken back."""
    if not tx.execute(_HOLD, {"id": job.id, "attempt": job.attempt, "lease": LEASE_SECONDS}).scalar():
        raise Stale(job.key)


_FINISH = text("""
    UPDATE siskop.job SET
      status = CASE WHEN again_at IS NULL THEN 'done' ELSE 'waiting' END,
      due_at = COALESCE(again_at, due_at), again_at = NULL, errors = 0, deaths = 0, error = NULL, lease_until = NULL,
      finished_at = CASE WHEN again_at IS NULL THEN siskop.now() END
    WHERE id = :id AND attempt = :attempt AND status = 'running' RETURNING status, due_at <= siskop.now() AS due
""")


def finish(tx: Tx, job: Job) -> None:
    """Ends the job in the transaction of its effect; asked for again meanwhile, it waits anew. Raises Stale."""
    row = tx.execute(_FINISH, {"id": job.id, "attempt": job.attempt}).first()
    if row is None:
        raise Stale(job.key)
    job.finished = True
    if row.status == "waiting" and row.due:
        after_commit(tx, lambda: ring(job.queue))


_FAIL = text("""
    UPDATE siskop.job SET
      status = CASE WHEN errors + 1 >= :most THEN 'dead' ELSE 'waiting' END,
      errors = errors + 1, error = :error, lease_until = NULL,
      due_at = siskop.now() + make_interval(secs => LEAST(5 * 3 ^ errors, 900) * (0.5 + random())),
      finished_at = CASE WHEN errors + 1 >= :most THEN siskop.now() END
    WHERE id = :id AND attempt = :attempt AND status = 'running' RETURNING status
""")


def fail(job: Job, error: str, most: int = MOST_ERRORS) -> str | None:
    """Notes the error and waits longer each time: 5 s, 15 s, … 15 min, with jitter. The `most`-th sets the job aside.

    Answers the new status, None when the job was no longer ours.
    """
    with unit_of_work() as tx:
        return tx.execute(_FAIL, {"id": job.id, "attempt": job.attempt, "error": error[:2000], "most": most}).scalar()


_PRUNE = text("""
    DELETE FROM siskop.job
    WHERE status IN ('done', 'buried') AND finished_at < siskop.now() - make_interval(days => :days)
""")


def prune(tx: Tx, days: int = 14) -> int:
    """Forgets done and buried jobs; dead ones stay until somebody has looked at them."""
    return tx.execute(_PRUNE, {"days": days}).rowcount

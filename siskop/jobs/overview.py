"""Jobs as people see them: how many stand where, which failed and why; and what a person may do about them.

A dead job is taken up again, or buried: somebody has looked at it, and it is forgotten like a done one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from siskop.base.db import Tx, after_commit
from siskop.base.errors import Conflict, NotFound
from siskop.base.i18n import N_
from siskop.jobs import queue
from siskop.jobs.queue import QUEUES

MOST = 100
VIEWS = ("dead", "failed", "running", "waiting", "buried")
"""What a job is seen as; failed are those that will be tried again."""


@dataclass(frozen=True, slots=True)
class Queue:
    """`due` of the waiting could run now; `oldest` is how many seconds the first of them has been due."""

    name: str
    waiting: int
    due: int
    running: int
    dead: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Line:
    """`at`: since when it runs or is over, else when it comes due. `error`: why it failed last; `by`: who buried it."""

    id: int
    queue: str
    kind: str
    key: str
    status: str
    priority: int
    errors: int
    deaths: int
    error: str | None
    at: datetime
    by: str | None


_QUEUES = text("""
    SELECT q.name, count(*) FILTER (WHERE status = 'waiting'), count(*) FILTER (WHERE due_at <= siskop.now()
      AND status = 'waiting'), count(*) FILTER (WHERE status = 'running'), count(*) FILTER (WHERE status = 'dead'),
      COALESCE(EXTRACT(epoch FROM max(siskop.now() - GREATEST(due_at, created_at))
        FILTER (WHERE status = 'waiting' AND due_at <= siskop.now())), 0)::float
    FROM unnest(CAST(:queues AS text[])) WITH ORDINALITY q(name, place)
    LEFT JOIN siskop.job ON queue = q.name AND status IN ('waiting', 'running', 'dead')
    GROUP BY name, place ORDER BY place
""")


def queues(tx: Tx) -> list[Queue]:
    return [Queue(*row) for row in tx.execute(_QUEUES, {"queues": list(QUEUES)})]


_COUNTS = text("SELECT seen, count(*) FROM siskop.job_seen WHERE status <> 'done' GROUP BY seen")


def counts(tx: Tx) -> dict[str, int]:
    """How many jobs each view holds."""
    return dict.fromkeys(VIEWS, 0) | {row[0]: row[1] for row in tx.execute(_COUNTS)}


def dead_kinds(tx: Tx) -> list[tuple[str, int]]:
    """Of which kinds jobs are dead, and how many."""
    rows = tx.execute(text("SELECT kind, count(*) FROM siskop.job WHERE status = 'dead' GROUP BY kind ORDER BY kind"))
    return [(row[0], row[1]) for row in rows]


_LINES = text("""
    SELECT job.id, queue, kind, key, status, priority, errors, deaths, error,
      CASE status WHEN 'waiting' THEN due_at WHEN 'running' THEN started_at ELSE finished_at END AS at, account.name
    FROM siskop.job_seen job LEFT JOIN siskop.account ON account.id = buried_by
    WHERE seen = :view ORDER BY job.finished_at DESC, priority, due_at, job.id LIMIT :most
""")


def lines(tx: Tx, view: str, most: int = MOST) -> list[Line]:
    """Of the view, those whose turn comes first, or that ended last."""
    return [Line(*row) for row in tx.execute(_LINES, {"view": view, "most": most})]


_RETRY = text("""
    UPDATE siskop.job SET status = CASE WHEN again THEN 'waiting' ELSE 'buried' END, errors = 0, deaths = 0,
      due_at = siskop.now(), finished_at = CASE WHEN NOT again THEN siskop.now() END, buried_by = NULL
    FROM (
      SELECT id AS asked, row_number() OVER (PARTITION BY key ORDER BY id DESC) = 1 AND NOT EXISTS (
        SELECT FROM siskop.job live WHERE live.key = dead.key AND live.status IN ('waiting', 'running')) AS again
      FROM siskop.job dead
      WHERE id = :id AND status IN ('dead', 'buried') OR kind = :kind AND status = 'dead') found
    WHERE id = asked AND status IN ('dead', 'buried') RETURNING queue, again
""")


def retry(tx: Tx, *, job: int | None = None, kind: str | None = None) -> int:
    """Takes up a dead or buried job again, or all dead ones of a kind; says how many wait now.

    Where the same work (the same key) waits already, or died more than once, one is enough: the others are buried.
    """
    try:
        found = tx.execute(_RETRY, {"id": job, "kind": kind}).all()
    except IntegrityError as error:
        raise Conflict(N_("The same work was just asked for anew. Look again.")) from error
    if job is not None and not found:
        raise NotFound(N_("There is no dead job %(job)s."), job=job)
    for name in {row.queue for row in found if row.again}:
        after_commit(tx, lambda name=name: queue.ring(name))  # type: ignore[misc]
    return sum(row.again for row in found)


_BURY = text("""
    UPDATE siskop.job SET status = 'buried', finished_at = siskop.now(), buried_by = :by
    WHERE id = :id AND (status = 'dead' OR status = 'waiting' AND (errors > 0 OR deaths > 0)) RETURNING true
""")


def bury(tx: Tx, job: int, by: int | None = None) -> None:
    """Puts aside a job that is dead or failed before. What runs, or never failed, is not anybody's to stop."""
    if not tx.execute(_BURY, {"id": job, "by": by}).scalar():
        raise NotFound(N_("There is no job %(job)s that has failed."), job=job)

"""What monitoring reads: numbers from the database in Prometheus's text format 0.0.4, which is three rules.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.jobs import overview

TYPE = "text/plain; version=0.0.4; charset=utf-8"
QUEUES = {
    "waiting": "Jobs that wait, also for later",
    "due": "Jobs that could run now",
    "running": "Jobs that a worker has taken",
    "dead": "Jobs that failed for good",
    "oldest": "For how many seconds the first job has been due",
}
QUERIES = {
    ("siskop_dead_letters", "Jobs that failed for good"): """
        SELECT kind, count(*) FROM siskop.job WHERE status = 'dead' GROUP BY kind""",
    ("siskop_worker_seen_seconds", "Since a worker last looked at a queue"): """
        SELECT name AS worker, EXTRACT(epoch FROM siskop.now() - seen_at)::float FROM siskop.worker""",
    ("siskop_worker_claimed_seconds", "Since a worker last took a job"): """
        SELECT name AS worker, EXTRACT(epoch FROM siskop.now() - claimed_at)::float
        FROM siskop.worker WHERE claimed_at IS NOT NULL""",
    ("siskop_day_opened_seconds", "Since the last day was opened: beat and worker"): """
        SELECT EXTRACT(epoch FROM siskop.now() - max(at))::float FROM siskop.period WHERE kind = 'day'""",
    ("siskop_mails", "Mails by state"): "SELECT status AS state, count(*) FROM siskop.mail GROUP BY status",
    ("siskop_reminders_sent_total", "Rungs of reminders that were sent"): "SELECT count(*) FROM siskop.reminder_rung",
    ("siskop_submissions_open", "Open submissions by whom they wait for"): """
        SELECT COALESCE(waits_for, 'nobody') AS waits_for, count(*) FROM siskop.submission
        WHERE NOT final GROUP BY 1""",
}
"""(name, what it is): the columns before the last are labels."""


def exposition(tx: Tx) -> str:
    queues = overview.queues(tx)
    lines = []
    for name, means in QUEUES.items():
        unit = "_due_seconds" if name == "oldest" else ""
        rows = [(queue.name, getattr(queue, name)) for queue in queues]
        lines += _metric(f"siskop_jobs_{name}{unit}", means, ["queue"], rows)
    for (name, means), query in QUERIES.items():
        found = tx.execute(text(query))
        lines += _metric(name, means, list(found.keys())[:-1], found)
    return "\n".join(lines) + "\n"


def _metric(name: str, means: str, labels: list[str], rows: Iterable[Iterable[object]]) -> list[str]:
    lines = [f"# HELP {name} {means}", f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}"]
    for *values, number in rows:
        shown = ",".join(f'{label}="{_escaped(value)}"' for label, value in zip(labels, values, strict=True))
        lines.append(f"{name}{{{shown}}} {'NaN' if number is None else number}")
    return lines


def _escaped(value: object) -> str:
    return str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

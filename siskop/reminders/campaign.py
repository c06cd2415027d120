"""What each rung led to: how many ladders ended soon after it was the last one sent, how many are still open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from siskop.base.db import Tx

CURED_WITHIN = 30
"""Days after a rung within which the end of a ladder counts as its doing."""
_SUMMARY = text(f"""
    SELECT r.kind, m.rule, g.rung, count(*) AS sent, max(g.day) AS last_on,
      count(*) FILTER (WHERE g.is_last AND m.ended_on <= g.day + {CURED_WITHIN}) AS cured,
      count(*) FILTER (WHERE g.is_last AND m.ended_on > g.day + {CURED_WITHIN}) AS ended_later,
      count(*) FILTER (WHERE g.is_last AND m.ended_on IS NULL) AS open
    FROM (SELECT reminder_id, rung, day, rung = max(rung) OVER (PARTITION BY reminder_id) AS is_last
          FROM siskop.reminder_rung WHERE outcome = 'sent') g
    JOIN siskop.reminder m ON m.id = g.reminder_id JOIN siskop.record r ON r.id = m.record_id
    WHERE g.day >= COALESCE(CAST(:since AS date), g.day)
    GROUP BY r.kind, m.rule, g.rung ORDER BY r.kind, m.rule, g.rung
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Result:
    """Of one rung (counted from 0). `cured`, `ended_later` and `open` are those for which it was the last one sent."""

    kind: str
    rule: str
    rung: int
    sent: int
    last_on: date
    cured: int
    ended_later: int
    open: int


def summary(tx: Tx, since: date | None = None) -> list[Result]:
    """Of rungs sent from that day on."""
    return [Result(**row._mapping) for row in tx.execute(_SUMMARY, {"since": since})]

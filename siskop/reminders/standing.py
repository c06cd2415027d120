"""How a rule stands for each published record on a day: the cause holds, is gone, or cannot be known.

A ladder belongs to a cause: the values of the fields that the rule names. Another value is another cause, which starts
anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text

from siskop.base import crypto
from siskop.base.db import Tx
from siskop.engine.definition import RecordKind, Reminder, Truth
from siskop.engine.prefill import renamed
from siskop.register import facts, relatives


@dataclass(frozen=True, slots=True)
class Standing:
    """`opened_on` is the ladder's anchor, None when it would open today; `sent` counts rungs, `last_on` their day."""

    record_id: int
    slug: str
    title: str
    values: Mapping[str, Any]
    truth: Truth
    cause: str
    reminder_id: int | None = None
    opened_on: date | None = None
    sent: int = 0
    last_on: date | None = None


_RECORDS = text("""
    SELECT r.id, r.slug, b.data
    FROM siskop.record r JOIN siskop.record_body b ON b.record_id = r.id AND b.number = r.version
    WHERE r.kind = :kind AND r.version > 0 AND r.withdrawn_at IS NULL
      AND r.id = COALESCE(CAST(:record AS bigint), r.id) ORDER BY r.id
""")
_LADDERS = text("""
    SELECT m.record_id, m.cause, m.id, CASE WHEN m.ended_on IS NULL THEN m.opened_on END, count(g.rung), max(g.day)
    FROM siskop.reminder m JOIN siskop.record r ON r.id = m.record_id
    LEFT JOIN siskop.reminder_rung g ON g.reminder_id = m.id
    WHERE m.rule = :rule AND r.kind = :kind AND r.id = COALESCE(CAST(:record AS bigint), r.id) GROUP BY m.id
""")


def standings(tx: Tx, kind: RecordKind, rule: Reminder, day: date, record_id: int | None = None) -> Iterator[Standing]:
    """Every published record of the kind (or the one), as the rule sees it on that day."""
    asked = {"kind": kind.name, "rule": rule.name, "record": record_id}
    ladders = {(record, cause): ladder for record, cause, *ladder in tx.execute(_LADDERS, asked)}
    for row in tx.execute(_RECORDS, asked):
        values = renamed(kind.fields, row.data)
        kin = relatives.around(tx, kind, row.id, values)
        cause = crypto.canonical([values.get(name) for name in rule.cause])
        truth = rule.when.test(facts.environment(kind, values, day, kin))
        title = kind.title_of(values, kin.parent_title)
        yield Standing(row.id, row.slug, title, values, truth, cause, *ladders.get((row.id, cause), ()))


_OPEN = text("""
    INSERT INTO siskop.reminder AS m (rule, record_id, cause, opened_on, why)
    VALUES (:rule, :record, :cause, :day, CAST(:why AS jsonb))
    ON CONFLICT (rule, record_id, cause) DO UPDATE SET ended_on = NULL,
      opened_on = CASE WHEN m.ended_on IS NULL THEN m.opened_on ELSE EXCLUDED.opened_on END
""")
_END = text("""
    UPDATE siskop.reminder SET ended_on = :day
    WHERE rule = :rule AND record_id = :record AND ended_on IS NULL AND cause IS DISTINCT FROM :kept
""")


def keep(tx: Tx, rule: Reminder, found: Standing, day: date) -> None:
    """Opens the ladder of a cause that holds, and ends what no longer has one. What is unknown changes nothing."""
    if found.truth is None:
        return
    about = {"rule": rule.name, "record": found.record_id, "day": day}
    tx.execute(_END, {**about, "kept": found.cause if found.truth else None})
    if found.truth and found.opened_on is None:
        why = {"when": rule.when.source, "cause": {name: found.values.get(name) for name in rule.cause}}
        tx.execute(_OPEN, {**about, "cause": found.cause, "why": json.dumps(why)})

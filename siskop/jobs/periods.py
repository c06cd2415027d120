"""Days, weeks and years that begin once: one row for each and kind, so that two beats are harmless."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from sqlalchemy import text

from siskop.base.db import Tx

Span = Literal["day", "week", "year"]

_OPEN = text("""
    INSERT INTO siskop.period (kind, span, day) VALUES (:kind, :span, :day) ON CONFLICT DO NOTHING RETURNING true
""")


def open_once(tx: Tx, kind: str, day: date, span: Span = "day") -> bool:
    """True for the one who opens the day, or the week or year that holds it, in the transaction of what it brings.

    A second asks in vain, waiting if the first has not committed yet.
    """
    return bool(tx.execute(_OPEN, {"kind": kind, "span": span, "day": first_day(day, span)}).scalar())


def first_day(day: date, span: Span) -> date:
    """A week begins on Monday (ISO 8601)."""
    if span == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(month=1, day=1) if span == "year" else day


def last(tx: Tx, kind: str, span: Span = "day") -> date | None:
    """The first day of the newest one that was opened."""
    query = text("SELECT max(day) FROM siskop.period WHERE kind = :kind AND span = :span")
    newest: date | None = tx.execute(query, {"kind": kind, "span": span}).scalar()
    return newest

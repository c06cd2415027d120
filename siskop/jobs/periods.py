"""Days that are opened once, whoever asks: the row's primary key decides between two beats."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from siskop.base.db import Tx

_OPEN = text("INSERT INTO siskop.period (kind, day) VALUES (:kind, :day) ON CONFLICT DO NOTHING RETURNING true")


def open_once(tx: Tx, kind: str, day: date) -> bool:
    """True for the one who opens; a second asks in vain, waiting if the first has not committed yet."""
    return bool(tx.execute(_OPEN, {"kind": kind, "day": day}).scalar())

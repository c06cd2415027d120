"""Numbers of submissions: PGJ-2026-000418-7. The last digit catches every single slip and swap (Damm's algorithm)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text
from stdnum import damm

from siskop.base.db import Tx

_NEXT = text("SELECT nextval('siskop.submission_number')")


def take(tx: Tx, day: date) -> str:
    """The next number, in the year of `day`. Numbers may have gaps: a draft that was never begun takes one with it."""
    return number(day.year, tx.execute(_NEXT).scalar_one())


def number(year: int, n: int) -> str:
    digits = f"{year}{n:06}"
    return f"PGJ-{year}-{n:06}-{damm.calc_check_digit(digits)}"

"""Tables of reminders, exactly as the migrations make them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, Identity, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from siskop.base.db import db

PRIVATE = {"schema": "siskop"}


class ReminderRow(db.Model):
    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("rule", "record_id", "cause"),
        Index("reminder_open", "rule", "record_id", postgresql_where=text("ended_on IS NULL")),
        PRIVATE,
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    rule: Mapped[str] = mapped_column(Text)
    record_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.record.id"))
    cause: Mapped[str] = mapped_column(Text)
    opened_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    why: Mapped[dict[str, Any]] = mapped_column(JSONB)


class ReminderRung(db.Model):
    __tablename__ = "reminder_rung"
    __table_args__ = PRIVATE
    reminder_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.reminder.id"), primary_key=True)
    rung: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    day: Mapped[date] = mapped_column(Date)

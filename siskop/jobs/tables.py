"""Tables of jobs, exactly as the migrations make them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, DateTime, Identity, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from siskop.base.db import db

PRIVATE = {"schema": "siskop"}
INSTANT = DateTime(timezone=True)


class JobRow(db.Model):
    __tablename__ = "job"
    __table_args__ = (
        Index("job_live", "key", unique=True, postgresql_where=text("status IN ('waiting', 'running')")),
        Index("job_due", "queue", "priority", "due_at", postgresql_where=text("status = 'waiting'")),
        Index("job_leased", "lease_until", postgresql_where=text("status = 'running'")),
        PRIVATE,
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    queue: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    priority: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime] = mapped_column(INSTANT)
    status: Mapped[str] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(Integer)
    errors: Mapped[int] = mapped_column(Integer)
    deaths: Mapped[int] = mapped_column(Integer)
    lease_until: Mapped[datetime | None] = mapped_column(INSTANT)
    worker: Mapped[str | None] = mapped_column(Text)
    again_at: Mapped[datetime | None] = mapped_column(INSTANT)
    error: Mapped[str | None] = mapped_column(Text)
    correlation: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(INSTANT)
    started_at: Mapped[datetime | None] = mapped_column(INSTANT)
    finished_at: Mapped[datetime | None] = mapped_column(INSTANT)


class Period(db.Model):
    __tablename__ = "period"
    __table_args__ = PRIVATE
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    at: Mapped[datetime] = mapped_column(INSTANT)

"""The columns of which lists are composed. What the tables hold and promise, the migrations say."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from siskop.base.db import db

PRIVATE = {"schema": "siskop"}
Id = Annotated[int, mapped_column(BigInteger, primary_key=True)]
Key = Annotated[int, mapped_column(primary_key=True)]
Name = Annotated[str, mapped_column(Text, primary_key=True)]
Ref = Annotated[int, mapped_column(BigInteger)]
Word = Annotated[str, mapped_column(Text)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class Submission(db.Model):
    __tablename__ = "submission"
    __table_args__ = PRIVATE
    id: Mapped[Id]
    number: Mapped[Word]
    workflow: Mapped[Word]
    behaviour: Mapped[Word]
    record_id: Mapped[Ref]
    state: Mapped[Word]
    final: Mapped[bool]
    waits_for: Mapped[Word | None]
    title: Mapped[Word]
    area: Mapped[Word | None]
    started_by: Mapped[Ref | None]
    sent_at: Mapped[Instant | None]
    state_at: Mapped[Instant]
    due_on: Mapped[date | None]


class Event(db.Model):
    __tablename__ = "event"
    __table_args__ = PRIVATE
    submission_id: Mapped[Id]
    seq: Mapped[Key]
    by: Mapped[Ref | None]
    type: Mapped[Word]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Revision(db.Model):
    __tablename__ = "revision"
    __table_args__ = PRIVATE
    id: Mapped[Id]
    submission_id: Mapped[Ref]
    number: Mapped[int]
    authors: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


class StepRun(db.Model):
    __tablename__ = "step_run"
    __table_args__ = PRIVATE
    submission_id: Mapped[Id]
    step: Mapped[Name]
    round: Mapped[Key]
    outcome: Mapped[Word | None]


class WorkItem(db.Model):
    __tablename__ = "work_item"
    __table_args__ = PRIVATE
    id: Mapped[Id]
    submission_id: Mapped[Ref]
    step: Mapped[Word]
    round: Mapped[int]
    seat: Mapped[Word]
    person: Mapped[Ref | None]
    role: Mapped[Word | None]
    area: Mapped[Word | None]
    status: Mapped[Word]
    due_on: Mapped[date | None]
    ended_at: Mapped[Instant | None]


class Vote(db.Model):
    __tablename__ = "vote"
    __table_args__ = PRIVATE
    submission_id: Mapped[Id]
    step: Mapped[Name]
    round: Mapped[Key]
    person: Mapped[Id]
    principal: Mapped[Ref]


class Correction(db.Model):
    __tablename__ = "correction"
    __table_args__ = PRIVATE
    submission_id: Mapped[Id]
    id: Mapped[Key]
    status: Mapped[Word]

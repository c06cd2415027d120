"""Tables of submissions, exactly as the migrations make them. The database keeps the promises; these say how
it looks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from siskop.base.db import db

PRIVATE = {"schema": "siskop"}
INSTANT = DateTime(timezone=True)
STEP = ["submission_id", "step", "round"]
STEP_RUN = [f"siskop.step_run.{name}" for name in STEP]


def _id() -> Mapped[int]:
    return mapped_column(BigInteger, Identity(always=True), primary_key=True)


class DefinitionSet(db.Model):
    __tablename__ = "definition_set"
    __table_args__ = PRIVATE
    id: Mapped[int] = _id()
    digest: Mapped[str] = mapped_column(Text)
    files: Mapped[dict[str, str]] = mapped_column(JSONB)
    loaded_at: Mapped[datetime] = mapped_column(INSTANT)


class WorkflowVersion(db.Model):
    __tablename__ = "workflow_version"
    __table_args__ = PRIVATE
    workflow: Mapped[str] = mapped_column(Text, primary_key=True)
    behaviour: Mapped[str] = mapped_column(Text, primary_key=True)
    set_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.definition_set.id"))


class WorkflowState(db.Model):
    __tablename__ = "workflow_state"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workflow", "behaviour"], ["siskop.workflow_version.workflow", "siskop.workflow_version.behaviour"]
        ),
        PRIVATE,
    )
    workflow: Mapped[str] = mapped_column(Text, primary_key=True)
    behaviour: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text, primary_key=True)
    final: Mapped[bool]


class Submission(db.Model):
    __tablename__ = "submission"
    __table_args__ = (
        Index("submission_open", "workflow", "record_id", unique=True, postgresql_where=text("NOT final")),
        Index("submission_record", "record_id"),
        ForeignKeyConstraint(
            ["workflow", "behaviour", "state"],
            [f"siskop.workflow_state.{name}" for name in ("workflow", "behaviour", "state")],
            name="submission_declared_state",
        ),
        ForeignKeyConstraint(
            ["id", "version", "state"],
            [f"siskop.event.{name}" for name in ("submission_id", "seq", "to_state")],
            name="submission_state_has_its_event",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        PRIVATE,
    )
    id: Mapped[int] = _id()
    number: Mapped[str] = mapped_column(Text, unique=True)
    workflow: Mapped[str] = mapped_column(Text)
    behaviour: Mapped[str] = mapped_column(Text)
    record_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.record.id"))
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    final: Mapped[bool]
    base_version: Mapped[int] = mapped_column(Integer)
    waits_for: Mapped[str | None] = mapped_column(Text)
    revision_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.revision.id"))
    title: Mapped[str] = mapped_column(Text)
    area: Mapped[str | None] = mapped_column(Text)
    started_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    started_at: Mapped[datetime] = mapped_column(INSTANT)
    sent_at: Mapped[datetime | None] = mapped_column(INSTANT)
    state_at: Mapped[datetime] = mapped_column(INSTANT)
    due_on: Mapped[date | None] = mapped_column(Date)


class EventRow(db.Model):
    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("submission_id", "seq", "to_state"),
        PRIVATE,
    )
    submission_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.submission.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(INSTANT)
    by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    type: Mapped[str] = mapped_column(Text)
    to_state: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    prev: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)


class Checkpoint(db.Model):
    __tablename__ = "checkpoint"
    __table_args__ = PRIVATE
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    at: Mapped[datetime] = mapped_column(INSTANT)
    events: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class Revision(db.Model):
    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        PRIVATE,
    )
    id: Mapped[int] = _id()
    submission_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.submission.id"))
    number: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(Text)
    authors: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    at: Mapped[datetime] = mapped_column(INSTANT)


class RevisionBody(db.Model):
    __tablename__ = "revision_body"
    __table_args__ = PRIVATE
    revision_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.revision.id"), primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    salt: Mapped[str] = mapped_column(Text)


class DraftValue(db.Model):
    __tablename__ = "draft_value"
    __table_args__ = PRIVATE
    submission_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.submission.id"), primary_key=True)
    field: Mapped[str] = mapped_column(Text, primary_key=True)
    raw: Mapped[Any] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer)
    by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    at: Mapped[datetime] = mapped_column(INSTANT)


class Words(db.Model):
    __tablename__ = "words"
    __table_args__ = (
        Index("words_submission", "submission_id"),
        PRIVATE,
    )
    id: Mapped[int] = _id()
    submission_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.submission.id"))
    kind: Mapped[str] = mapped_column(Text)
    by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    at: Mapped[datetime] = mapped_column(INSTANT)
    text: Mapped[str] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(Text)


class StepRun(db.Model):
    __tablename__ = "step_run"
    __table_args__ = PRIVATE
    submission_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.submission.id"), primary_key=True)
    step: Mapped[str] = mapped_column(Text, primary_key=True)
    round: Mapped[int] = mapped_column(Integer, primary_key=True)
    self_service: Mapped[bool]
    opened_at: Mapped[datetime] = mapped_column(INSTANT)
    due_on: Mapped[date | None] = mapped_column(Date)
    outcome: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(INSTANT)
    evidence: Mapped[Any | None] = mapped_column(JSONB)


class WorkItem(db.Model):
    __tablename__ = "work_item"
    __table_args__ = (
        ForeignKeyConstraint(STEP, STEP_RUN),
        UniqueConstraint("submission_id", "step", "round", "seat"),
        Index("work_item_person", "person", "due_on", postgresql_where=text("status = 'open'")),
        Index("work_item_offered", "role", "due_on", postgresql_where=text("status = 'open' AND person IS NULL")),
        PRIVATE,
    )
    id: Mapped[int] = _id()
    submission_id: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str] = mapped_column(Text)
    round: Mapped[int] = mapped_column(Integer)
    seat: Mapped[str] = mapped_column(Text)
    person: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    role: Mapped[str | None] = mapped_column(Text)
    area: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(INSTANT)
    claimed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    due_on: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(INSTANT)


class Vote(db.Model):
    __tablename__ = "vote"
    __table_args__ = (
        ForeignKeyConstraint(STEP, STEP_RUN),
        UniqueConstraint("submission_id", "step", "round", "seat_of"),
        PRIVATE,
    )
    submission_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    step: Mapped[str] = mapped_column(Text, primary_key=True)
    round: Mapped[int] = mapped_column(Integer, primary_key=True)
    person: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.account.id"), primary_key=True)
    seat_of: Mapped[str] = mapped_column(Text)
    principal: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    ballot: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(INSTANT)


class CorrectionRow(db.Model):
    __tablename__ = "correction"
    __table_args__ = PRIVATE
    submission_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.submission.id"), primary_key=True)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    field: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text)
    round: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    asked_at: Mapped[datetime] = mapped_column(INSTANT)
    words_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.words.id"))
    answer_words_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.words.id"))
    sent: Mapped[bool]


class FormAnswers(db.Model):
    """What a small form of a step or an action was answered; `seq` is the event that came of it."""

    __tablename__ = "form_answers"
    __table_args__ = (
        ForeignKeyConstraint(["submission_id", "seq"], ["siskop.event.submission_id", "siskop.event.seq"]),
        PRIVATE,
    )
    submission_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    round: Mapped[int] = mapped_column(Integer)
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)

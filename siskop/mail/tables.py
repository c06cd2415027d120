"""The table of mails, exactly as the migrations make it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from siskop.base.db import db

INSTANT = DateTime(timezone=True)


class MailRow(db.Model):
    __tablename__ = "mail"
    __table_args__ = (
        Index("mail_submission", "submission_id"),
        Index("mail_record", "record_id"),
        {"schema": "siskop"},
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    message_id: Mapped[str] = mapped_column(Text, unique=True)
    mail: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    address: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    obligatory: Mapped[bool]
    submission_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.submission.id"))
    record_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.record.id"))
    status: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    uncertain_count: Mapped[int] = mapped_column(Integer)
    answer: Mapped[str | None] = mapped_column(Text)
    correlation: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(INSTANT)
    handed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(INSTANT)

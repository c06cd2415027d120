"""The table of files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from siskop.base.db import db


class File(db.Model):
    __tablename__ = "file"
    __table_args__ = (Index("file_sha256", "sha256"), {"schema": "siskop"})

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    sha256: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    holder: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    record_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.record.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("siskop.now()"))

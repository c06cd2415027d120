"""Tables of records and of the public register, exactly as the migrations make them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from siskop.base.db import db

PRIVATE = {"schema": "siskop"}
PUBLIC = {"schema": "register"}


class Record(db.Model):
    """A living entry. `version` 0: not published yet; `slug` is fixed at the first publication.

    `keeper` is the record by whose members it is kept: itself, or for a child the one at the top of its line.
    """

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("kind", "slug"),
        UniqueConstraint("kind", "parent", "period"),
        Index("record_folded", "kind", "folded"),
        Index("record_area", "kind", "area"),
        Index("record_parent", "parent", "kind", postgresql_where=text("parent IS NOT NULL")),
        Index("record_keeper", "keeper"),
        PRIVATE,
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    slug: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default="0")
    parent: Mapped[int | None] = mapped_column(ForeignKey("siskop.record.id"))
    period: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, server_default="")
    folded: Mapped[str] = mapped_column(Text, server_default="")
    area: Mapped[str | None] = mapped_column(Text)
    key_value: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("siskop.account.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    keeper: Mapped[int] = mapped_column(ForeignKey("siskop.record.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RecordVersion(db.Model):
    """Append-only; the values lie in `RecordBody`, which can be erased."""

    __tablename__ = "record_version"
    __table_args__ = (
        UniqueConstraint("record_id", "based_on"),
        UniqueConstraint("submission_id", "seq"),
        ForeignKeyConstraint(["submission_id", "seq"], ["siskop.event.submission_id", "siskop.event.seq"]),
        PRIVATE,
    )
    record_id: Mapped[int] = mapped_column(ForeignKey("siskop.record.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("siskop.revision.id"), unique=True)
    based_on: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(Text)
    changed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    submission_id: Mapped[int | None] = mapped_column(BigInteger)
    seq: Mapped[int | None] = mapped_column(Integer)


class RecordBody(db.Model):
    __tablename__ = "record_body"
    __table_args__ = (
        Index("record_body_data", "data", postgresql_using="gin", postgresql_ops={"data": "jsonb_path_ops"}),
        ForeignKeyConstraint(
            ["record_id", "number"], ["siskop.record_version.record_id", "siskop.record_version.number"]
        ),
        PRIVATE,
    )
    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    salt: Mapped[str] = mapped_column(Text)


class PublicKey(db.Model):
    """What a trigger lets into `entry` and `version`: `field`, or `list.field`. Written by the owner only."""

    __tablename__ = "public_key"
    __table_args__ = PUBLIC
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    path: Mapped[str] = mapped_column(Text, primary_key=True)


class EntryRow(db.Model):
    """What the public sees of a record now."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("kind", "slug"),
        Index("entry_order", "kind", "sort_key", "record_id"),
        Index("entry_area", "kind", "area", postgresql_ops={"area": "text_pattern_ops"}),
        Index("entry_facets", "facets", postgresql_using="gin", postgresql_ops={"facets": "jsonb_path_ops"}),
        Index("entry_refresh", "refresh_on", postgresql_where=text("refresh_on IS NOT NULL")),
        Index("entry_parent", "parent", "kind", postgresql_where=text("parent IS NOT NULL")),
        PUBLIC,
    )
    record_id: Mapped[int] = mapped_column(ForeignKey("siskop.record.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(Text)
    area: Mapped[str | None] = mapped_column(Text)
    facets: Mapped[dict[str, Any]] = mapped_column(JSONB)
    badges: Mapped[dict[str, Any]] = mapped_column(JSONB)
    search: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(BigInteger)
    published_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    refresh_on: Mapped[date | None] = mapped_column(Date)
    parent: Mapped[int | None] = mapped_column(ForeignKey("siskop.record.id"))
    period: Mapped[str | None] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PublicVersion(db.Model):
    __tablename__ = "version"
    __table_args__ = PUBLIC
    record_id: Mapped[int] = mapped_column(ForeignKey("siskop.record.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Change(db.Model):
    """The register's log: `seq` has no gaps, for it is taken under the lock of `Counter`."""

    __tablename__ = "change"
    __table_args__ = PUBLIC
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer)
    type: Mapped[str] = mapped_column(Text)
    changed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Counter(db.Model):
    __tablename__ = "counter"
    __table_args__ = PUBLIC
    only_row: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default="true")
    seq: Mapped[int] = mapped_column(BigInteger)

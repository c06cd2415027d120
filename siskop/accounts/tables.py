"""Tables of people, exactly as the migrations make them. Roles are `role_grant`; Flask-Security's own stay empty."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_security import UserMixin
from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from siskop.base.db import db, settings

PRIVATE = {"schema": "siskop"}
INSTANT = DateTime(timezone=True)


def _id() -> Mapped[int]:
    return mapped_column(BigInteger, Identity(always=True), primary_key=True)


def _now() -> Mapped[datetime]:
    return mapped_column(INSTANT, server_default=text("siskop.now()"))


class Account(db.Model, UserMixin):
    """`email` is in small letters; `fs_uniquifier` changes with the password, which ends every other session."""

    __tablename__ = "account"
    __table_args__ = PRIVATE
    id: Mapped[int] = _id()
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    fs_uniquifier: Mapped[str] = mapped_column(Text, unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    language: Mapped[str] = mapped_column(Text, server_default="id")
    mail_bad_since: Mapped[datetime | None] = mapped_column(INSTANT)
    created_at: Mapped[datetime] = _now()

    @property
    def is_active(self) -> bool:
        """A demo account is none outside demo mode: Flask-Login then takes it for signed out."""
        return self.active and (not self.demo or settings().demo)

    @property
    def roles(self) -> list[Any]:
        return []

    @roles.setter
    def roles(self, given: list[Any]) -> None:
        """Flask-Security hands over an empty list with every new account."""


class Session(db.Model):
    __tablename__ = "session"
    __table_args__ = (Index("session_expires", "expires_at"), Index("session_account", "account_id"), PRIVATE)
    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.account.id", ondelete="CASCADE"))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[datetime] = _now()
    seen_at: Mapped[datetime] = _now()
    expires_at: Mapped[datetime] = mapped_column(INSTANT)


class SignInAttempt(db.Model):
    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("sign_in_attempt_key", "key", "at"), PRIVATE)
    id: Mapped[int] = _id()
    key: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = _now()


class RoleGrant(db.Model):
    """`area` covers every code that begins with it, '' all; `until_on` is the last day, inclusive."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "area", "from_on"),
        Index("role_grant_role", "role"),
        PRIVATE,
    )
    id: Mapped[int] = _id()
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    role: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text, server_default="")
    from_on: Mapped[date] = mapped_column(Date, server_default=text("siskop.today()"))
    until_on: Mapped[date | None] = mapped_column(Date)


class Deputy(db.Model):
    """`account_id` is the principal."""

    __tablename__ = "deputy"
    __table_args__ = PRIVATE
    id: Mapped[int] = _id()
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    deputy_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)


class Answered(db.Model):
    """The first answer to a form: {status, location, notice}."""

    __tablename__ = "answered"
    __table_args__ = PRIVATE
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    payload: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = _now()


class Membership(db.Model):
    """Who acts for which record: claimed (with a proof), accepted by an officer, ended."""

    __tablename__ = "membership"
    __table_args__ = (
        Index("membership_live", "account_id", "record_id", unique=True, postgresql_where=text("status <> 'ended'")),
        Index("membership_record", "record_id"),
        PRIVATE,
    )
    id: Mapped[int] = _id()
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.account.id"))
    record_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("siskop.record.id"))
    status: Mapped[str] = mapped_column(Text)
    proof_file: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("siskop.file.id"))
    claimed_at: Mapped[datetime] = _now()
    accepted_at: Mapped[datetime | None] = mapped_column(INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(INSTANT)

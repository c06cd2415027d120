"""The account as Flask-Security wants it: a model. Its roles are `role_grant`; Flask-Security's own stay empty."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_security import UserMixin
from sqlalchemy import BigInteger, DateTime, Identity, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from siskop.base.db import db, settings

INSTANT = DateTime(timezone=True)


class Account(db.Model, UserMixin):
    """`email` is in small letters; `fs_uniquifier` changes with the password, which ends every other session."""

    __tablename__ = "account"
    __table_args__ = {"schema": "siskop"}
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    fs_uniquifier: Mapped[str] = mapped_column(Text, unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    language: Mapped[str] = mapped_column(Text, server_default="id")
    mail_bad_since: Mapped[datetime | None] = mapped_column(INSTANT)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=text("siskop.now()"))

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

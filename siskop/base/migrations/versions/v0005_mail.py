"""Mails that are gathered, switched off, returned."""

from __future__ import annotations

from siskop.base.migrations.sql import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run(revision)

"""What holds a reminder, what it did, and what officers are to do."""

from __future__ import annotations

from siskop.base.migrations.sql import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run(revision)

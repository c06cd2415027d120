"""Reports that are opened each year, meetings and their calendar."""

from __future__ import annotations

from siskop.base.migrations.sql import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run(revision)

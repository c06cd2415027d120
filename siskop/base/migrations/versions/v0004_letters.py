"""Letters, their numbers, and who signs them."""

from __future__ import annotations

from siskop.base.migrations.sql import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run(revision)

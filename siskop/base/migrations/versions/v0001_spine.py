"""The schema of the spine, written as SQL beside this folder."""

from __future__ import annotations

from siskop.base.migrations.sql import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    run(revision)

"""Which worker really works."""

from __future__ import annotations

from siskop.base.migrations.sql import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run(revision)

"""Records of records, withdrawn publications, small forms: SQL beside this folder, as the first."""

from __future__ import annotations

from siskop.base.migrations.sql import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run(revision)

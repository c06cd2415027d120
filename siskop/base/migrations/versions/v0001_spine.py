"""The schema of the spine, written as SQL beside this folder: triggers and grants are its larger half."""

from __future__ import annotations

from pathlib import Path

from alembic import context, op
from psycopg import sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    text = (Path(__file__).resolve().parent.parent / "0001.sql").read_text("utf-8")
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    for role in ("app", "public"):
        name = sql.Identifier(context.config.attributes[role]).as_string(connection)
        text = text.replace("{" + role + "}", name)
    connection.execute(text)  # without parameters the driver sends it whole and leaves every % alone

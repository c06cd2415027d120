"""A migration that is a file of SQL: triggers and grants are its larger half."""

from __future__ import annotations

from pathlib import Path

from alembic import context, op
from psycopg import sql


def run(revision: str) -> None:
    """The file of that number, with the names of the two roles that are not the owner."""
    text = (Path(__file__).resolve().parent / f"{revision}.sql").read_text("utf-8")
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    for role in ("app", "public"):
        name = sql.Identifier(context.config.attributes[role]).as_string(connection)
        text = text.replace("{" + role + "}", name)
    connection.execute(text)  # without parameters the driver sends it whole and leaves every % alone

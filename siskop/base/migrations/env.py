"""Alembic's entry: one connection as the owner; two migrations at once wait for each other."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text

from siskop.base.db import sqlalchemy_url

ALONE = 7_305_011_942  # the number of our advisory lock; any will do, as long as it stays

engine = create_engine(sqlalchemy_url(context.config.attributes["owner_url"]))
with engine.connect() as connection:
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ALONE})
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ALONE})
    connection.commit()
engine.dispose()

"""Statements as somebody with a database shell would give them: as the app, as the owner, as the server's superuser."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.worlds import World

ROLES = ("app", "owner", "admin")
Error = type[psycopg.Error]


def refused(world: World, role: str, statement: str, error: Error, **values: Any) -> None:
    """Not done, at the latest at the commit. Whatever a trigger refuses says so."""
    with pytest.raises(error) as caught, world.connect(role) as connection:
        connection.execute(statement, values)
    if error is psycopg.errors.RaiseException:
        assert "refused: " in str(caught.value)


def value(world: World, query: str, **values: Any) -> Any:
    with world.connect("owner") as owner:
        row = owner.execute(query, values).fetchone()
    return row[0] if row else None


def done(world: World, role: str, statement: str, **values: Any) -> None:
    with world.connect(role) as connection:
        connection.execute(statement, values)


def forge(world: World, *statements: str, **values: Any) -> None:
    """As a superuser who has switched off every trigger and every foreign key."""
    with world.connect("admin") as admin:
        admin.execute("SET session_replication_role = replica")
        for statement in statements:
            admin.execute(statement, values)

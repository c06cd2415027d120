"""Bringing a database to the newest schema, as its owner."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import make_url

from siskop.base.embedded import make_role
from siskop.base.errors import Refusal

HERE = Path(__file__).resolve().parent


def migrate(owner_url: str, app_url: str, public_url: str, *, movable_clock: bool) -> None:
    """All addresses are libpq URIs; the two roles' names and passwords are taken from theirs, and made where missing.

    `movable_clock` puts in the row by which demo and tests shift the database's clock; production has none.
    """
    with psycopg.connect(owner_url, autocommit=True) as owner:
        roles = [_ensure_role(owner, url) for url in (app_url, public_url)]
    settings = Config()
    settings.set_main_option("script_location", str(HERE).replace("%", "%%"))
    settings.attributes.update(owner_url=owner_url, app=roles[0], public=roles[1])
    command.upgrade(settings, "head")
    with psycopg.connect(owner_url) as owner:
        if movable_clock:
            owner.execute("INSERT INTO siskop.clock DEFAULT VALUES ON CONFLICT DO NOTHING")


def _ensure_role(owner: psycopg.Connection, url: str) -> str:
    address = make_url(url)
    name = address.username
    if not name:
        raise Refusal(
            "An address of the database names no role; it needs one: postgresql://role:password@host/database"
        )
    if owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone():
        return name
    try:
        make_role(owner, name, None if address.password is None else str(address.password))
    except psycopg.errors.InsufficientPrivilege as error:
        order = sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)).as_string()
        raise Refusal("The role %(name)s is missing; as a superuser give: %(order)s", name=name, order=order) from error
    except psycopg.errors.DuplicateObject:
        pass
    return name

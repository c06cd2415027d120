"""Bringing a database to the newest schema, as its owner."""

from __future__ import annotations

from pathlib import Path

import psycopg
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
        current = _is_newest(owner)
    if not current:
        _upgrade(owner_url, *roles)
    with psycopg.connect(owner_url) as owner:
        if movable_clock:
            owner.execute("INSERT INTO siskop.clock DEFAULT VALUES ON CONFLICT DO NOTHING")


def _is_newest(owner: psycopg.Connection) -> bool:
    """By the number in the newest file's name: importing Alembic would be half of a warm start."""
    if owner.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
        return False
    return owner.execute("SELECT version_num FROM alembic_version").fetchone() == (newest(),)


def newest() -> str:
    return max(path.stem[1:5] for path in (HERE / "versions").glob("v[0-9]*.py"))


def _upgrade(owner_url: str, app: str, public: str) -> None:
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(HERE).replace("%", "%%"))
    settings.attributes.update(owner_url=owner_url, app=app, public=public)
    command.upgrade(settings, "head")


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

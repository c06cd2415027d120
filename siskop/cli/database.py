"""`siskop database`: addresses, migrations, and what `make run` does before it serves."""

from __future__ import annotations

import shutil
import subprocess

import click
import psycopg

from config import Settings
from siskop.base.embedded import postgres_programs
from siskop.base.errors import Refusal
from siskop.cli.main import siskop as main_group
from siskop.cli.main import surroundings


@click.group()
def database() -> None:
    """The database: its addresses, its schema."""


@database.command()
@click.option("--role", type=click.Choice(["owner", "app", "public"]), default="app", show_default=True)
def url(role: str) -> None:
    """Print the address for psql, a libpq URI."""
    with surroundings(start=False) as settings:
        click.echo(address(settings, role))


@database.command()
def migrate() -> None:
    """Bring the schema to the newest version, as the owner."""
    with surroundings() as settings:
        bring_up(settings)


@database.command()
@click.option("--role", type=click.Choice(["owner", "app", "public"]), default="app", show_default=True)
def shell(role: str) -> None:
    """Open psql."""
    with surroundings() as settings:
        program = shutil.which("psql") or str(postgres_programs() / "psql")
        subprocess.run([program, address(settings, role)], check=False)


@database.command(hidden=True)
def prepare() -> None:
    """What `make run` needs before it serves: schema, definitions, and the demo's data when there is none.

    The seed runs as the command that it is, so that this says nothing of how it works.
    """
    with surroundings() as settings:
        if settings.database_owner_url:
            _begin_anew_after_a_broken_seed(settings)
            bring_up(settings)
            _load_definitions(settings)
        elif not has_schema(settings):
            raise Refusal("The database has no tables yet. Set DATABASE_OWNER_URL, or run `siskop database migrate`.")
        if settings.demo and not _noted(settings, "seeded"):
            _seed(settings)


def bring_up(settings: Settings) -> None:
    from siskop.base.migrations import migrate as upgrade  # Alembic is slow to import

    owner = settings.database_owner_url
    if not owner:
        raise Refusal("DATABASE_OWNER_URL is not set: only the owner may change the schema.")
    movable = settings.demo or settings.testing
    upgrade(owner, settings.database_url, settings.database_public_url, movable_clock=movable)


def _load_definitions(settings: Settings) -> None:
    from siskop.engine.load import DefinitionErrors
    from siskop.submissions import definitions  # slow to import, like the engine

    try:
        definitions.load(settings.workflows, address(settings, "owner"))
    except DefinitionErrors as error:
        raise Refusal(
            "The definitions in %(folder)s hold errors:\n%(all)s", folder=settings.workflows, all=error
        ) from error


def address(settings: Settings, role: str) -> str:
    known = {
        "owner": settings.database_owner_url,
        "app": settings.database_url,
        "public": settings.database_public_url,
    }
    found = known[role]
    if not found:
        raise Refusal("DATABASE_OWNER_URL is not set here.")
    return found


def _seed(settings: Settings) -> None:
    """Between two marks, so that a seed that was cut short is known and begun anew."""
    with psycopg.connect(settings.database_url) as app:
        if app.execute("SELECT EXISTS (SELECT FROM siskop.submission)").fetchone() == (True,):
            return
        app.execute("INSERT INTO siskop.period (kind, day) VALUES ('seeding', siskop.today()) ON CONFLICT DO NOTHING")
    click.echo("Writing the demo's data.")
    main_group(["seed"], standalone_mode=False)
    with psycopg.connect(settings.database_url) as app:
        app.execute("INSERT INTO siskop.period (kind, day) VALUES ('seeded', siskop.today()) ON CONFLICT DO NOTHING")


def _begin_anew_after_a_broken_seed(settings: Settings) -> None:
    if not settings.demo or not _noted(settings, "seeding") or _noted(settings, "seeded"):
        return
    click.echo("The demo's data was cut short; writing it anew.")
    with psycopg.connect(address(settings, "owner")) as owner:
        owner.execute("DROP SCHEMA siskop, register CASCADE")
        owner.execute("DROP TABLE alembic_version")


def has_schema(settings: Settings) -> bool:
    with psycopg.connect(settings.database_url) as app:
        return app.execute("SELECT to_regclass('siskop.submission') IS NOT NULL").fetchone() == (True,)


def _noted(settings: Settings, kind: str) -> bool:
    with psycopg.connect(settings.database_url) as app:
        try:
            return app.execute("SELECT 1 FROM siskop.period WHERE kind = %s", (kind,)).fetchone() is not None
        except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
            return False

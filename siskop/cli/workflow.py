"""`siskop workflow`: what the files of a folder say, whether they are right, and what comes of them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from config import ROOT
from siskop.base.db import bare_app
from siskop.cli.main import surroundings
from siskop.engine import scenario
from siskop.engine.load import DefinitionErrors, read_folder
from siskop.engine.load import load as compile_files
from siskop.submissions import definitions

SHIPPED = ROOT / "workflows"
INNER = frozenset({"records", "lists", "mails"})
_EXISTING = click.Path(exists=True, path_type=Path)


def register(main: click.Group) -> None:
    main.add_command(workflow)


@click.group()
def workflow() -> None:
    """Definitions: the files that say what the register holds and how a submission runs."""


@workflow.command()
@click.argument("paths", nargs=-1, type=_EXISTING)
def check(paths: tuple[Path, ...]) -> None:
    """Check folders, or the folders of files (default: the shipped one). Each error a line; exit 1 if there is one.

    A file is checked together with its folder, since it names roles, lists and mails of it.
    """
    lines = [
        line for folder in sorted({_folder_of(path) for path in paths or (SHIPPED,)}) for line in _errors_of(folder)
    ]
    for line in lines:
        click.echo(line)
    if lines:
        click.echo(f"{len(lines)} error{'' if len(lines) == 1 else 's'}", err=True)
        sys.exit(1)


@workflow.command()
@click.argument("folder", required=False, type=_EXISTING)
def load(folder: Path | None) -> None:
    """Check a folder and put it in force. Running processes follow within five seconds."""
    with surroundings() as settings:
        if settings.database_owner_url is None:
            raise click.UsageError("Only the owner of the database loads definitions: set DATABASE_OWNER_URL.")
        chosen = folder or settings.workflows
        try:
            with bare_app(settings).app_context():
                changed = definitions.load(chosen, settings.database_owner_url)
        except DefinitionErrors as errors:
            for error in errors.errors:
                click.echo(f"{chosen}/{error}", err=True)
            sys.exit(1)
    click.echo(f"{chosen} is in force now." if changed else f"{chosen} is in force already.")


@workflow.command()
@click.argument("files", nargs=-1, type=_EXISTING)
def test(files: tuple[Path, ...]) -> None:
    """Run scenario files (default: the shipped ones): how submissions should go, told in YAML. No database is needed.

    Exit 1 if one goes otherwise than told, or cannot be read.
    """
    libraries: scenario.Libraries = {}
    told = failed = 0
    for file in files or scenario.files_of(SHIPPED / "tests"):
        try:
            found = scenario.read_file(file, libraries)
        except DefinitionErrors as errors:
            click.echo("\n".join(map(str, errors.errors)))
            failed += 1
            continue
        told += len(found)
        for failure in filter(None, map(scenario.run, found)):
            click.echo(str(failure))
            failed += 1
    if failed:
        sys.exit(1)
    click.echo(f"{told} scenario{'' if told == 1 else 's'} passed")


def _folder_of(path: Path) -> Path:
    if path.is_dir():
        return path
    return path.parent.parent if path.parent.name in INNER else path.parent


def _errors_of(folder: Path) -> list[str]:
    try:
        library = compile_files(read_folder(folder))
    except DefinitionErrors as errors:
        return [f"{folder}/{error}" for error in errors.errors]
    for found in library.workflows.values():
        states, actions = len(found.states), len(found.actions)
        click.echo(f"{found.name}: {states} states, {actions} actions, behaviour {found.behaviour[:12]}", err=True)
    return []

"""`siskop workflow`: what the files of a folder say, whether they are right, and what comes of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

import click

from config import ROOT
from siskop.base.db import Tx, bare_app, unit_of_work
from siskop.cli.main import surroundings
from siskop.engine import diagram as drawing
from siskop.engine import play as playing
from siskop.engine import scenario
from siskop.engine.definition import Definition, Library
from siskop.engine.load import DefinitionErrors, read_folder
from siskop.engine.load import load as compile_files
from siskop.engine.reading import LANGUAGES
from siskop.engine.source import read
from siskop.submissions import definitions, migration

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
@click.argument("name", metavar="WORKFLOW")
@click.option("--map", "pairs", multiple=True, metavar="OLD=NEW", help="A state that is gone, and the one instead.")
@click.option("--dry-run", is_flag=True, help="Only list what would come of it.")
def migrate(name: str, pairs: tuple[str, ...], dry_run: bool) -> None:
    """Move running submissions of WORKFLOW to its newest behaviour, each with an event in its history.

    What is lost or would be stuck is listed for each. A state that the files no longer have needs a --map; nothing is
    moved while one lacks. Interrupted, give the command again: it goes on with the rest.
    """
    mapping = dict(_pair(pair) for pair in pairs)
    with surroundings() as settings, bare_app(settings).app_context():
        with unit_of_work() as tx:
            moves = {found: migration.look(tx, found, mapping) for found in _running(tx, name, mapping)}
        for move in moves.values():
            way = f"{move.state} → {move.to}" if move.to != move.state else move.state
            click.echo(f"{move.number}: {way}{', goes on as it is' if move.same else ''}")
            for what in move.breaks:
                click.echo(f"    {what}")
        if any(move.to is None for move in moves.values()):
            click.echo("Nothing is moved: some states lead nowhere.", err=True)
            sys.exit(1)
        done = 0 if dry_run else sum(migration.migrate(found, mapping) for found in moves)
    click.echo(f"{len(moves)} would be moved." if dry_run else f"{done} of {len(moves)} moved.")


def _pair(pair: str) -> tuple[str, str]:
    old, sign, new = pair.partition("=")
    if not (old and sign and new):
        raise click.UsageError(f"--map takes OLD=NEW, not “{pair}”")
    return old, new


def _running(tx: Tx, name: str, mapping: Mapping[str, str]) -> list[int]:
    workflows = definitions.library(tx).workflows
    if name not in workflows:
        raise click.UsageError(f"There is no workflow “{name}”; known are {', '.join(sorted(workflows))}")
    for state in mapping.values():
        if state not in workflows[name].states:
            raise click.UsageError(f"“{name}” has no state “{state}”; known are {', '.join(workflows[name].states)}")
    return migration.running(tx, name)


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


@workflow.command()
@click.argument("file", type=_EXISTING)
@click.option("--seed", default=1, show_default=True, help="The same seed plays the same.")
@click.option("--cases", default=200, show_default=True)
def play(file: Path, seed: int, cases: int) -> None:
    """Play a FILE's workflows at random, with invented people and answers, without a database.

    Says which states are never reached, which actions never taken, where work waits, and what gets stuck.
    """
    library, named = _of_file(file)
    for found in named:
        played = playing.play(found, library, Random(seed), cases)  # noqa: S311 no secret hangs on it
        click.echo("\n".join(played.lines(found)))


@workflow.command()
@click.argument("file", type=_EXISTING)
@click.option("--mermaid", is_flag=True, help="Mermaid's text instead of SVG.")
@click.option("--state", help="Mark this state as the present one.")
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
def diagram(file: Path, mermaid: bool, state: str | None, language: str) -> None:
    """Draw the states of a FILE's workflows as SVG, to standard output."""
    draw = drawing.mermaid if mermaid else drawing.svg
    library, named = _of_file(file)
    for found in named:
        if state is not None and state not in found.states:
            raise click.UsageError(f"There is no state “{state}”; there are {', '.join(found.states)}")
        click.echo(draw(found, language, state, library.roles))


def _of_file(file: Path) -> tuple[Library, list[Definition]]:
    """A file's folder, and the workflows that stand in the file. Exits with the folder's errors."""
    folder = _folder_of(file)
    try:
        library = compile_files(read_folder(folder))
    except DefinitionErrors as errors:
        click.echo("\n".join(f"{folder}/{error}" for error in errors.errors), err=True)
        sys.exit(1)
    told = [source.value for source in read(file.name, file.read_text(encoding="utf-8"))[0]]
    named = [library.workflows[t["workflow"]] for t in told if isinstance(t, dict) and "workflow" in t]
    if not named:
        raise click.UsageError(f"{file} holds no workflow")
    return library, named


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

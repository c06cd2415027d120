"""`siskop workflow`: what the files of a folder say, whether they are right, and what comes of them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

import click

from config import ROOT
from siskop.base.db import Tx, bare_app, unit_of_work
from siskop.cli.main import surroundings, within_app
from siskop.engine import check as checking
from siskop.engine import diagram as drawing
from siskop.engine import play as playing
from siskop.engine import scenario
from siskop.engine.definition import Definition, Library
from siskop.engine.folder import Unreadable, place_of, read_folder, text_of
from siskop.engine.load import load as compile_files
from siskop.engine.reading import LANGUAGES, DefinitionError, DefinitionErrors
from siskop.engine.source import read
from siskop.submissions import definitions, migration

SHIPPED = ROOT / "workflows"
_EXISTING = click.Path(exists=True, path_type=Path)


@click.group()
def workflow() -> None:
    """Definitions: the files that say what the register holds and how a submission runs."""


@workflow.command()
@click.argument("paths", nargs=-1, metavar="[FILE]...", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="A list of {file, line, path, message, near, severity}.")
def check(paths: tuple[str, ...], as_json: bool) -> None:
    """Say everything that is wrong in FILEs or folders (default: the shipped one); exit 1 if an error is among it.

    A file is read with the records/, lists/ and mails/ of its own folder; told is what concerns it. Beside what one
    line says wrong, this finds what only running shows: dead ends, actions that are never taken, waiting of which
    nobody is told. Warnings alone exit 0.
    """
    _say(checking.check(paths or (os.path.relpath(SHIPPED),)), as_json)


@workflow.command()
@click.argument("folder", required=False, type=_EXISTING)
def load(folder: Path | None) -> None:
    """Check a folder and put it in force. Running processes follow within five seconds."""
    with surroundings() as settings:
        if settings.database_owner_url is None:
            raise click.UsageError("Only the owner of the database loads definitions: set DATABASE_OWNER_URL.")
        chosen = folder or settings.workflows
        _say(checking.check((str(chosen),)))
        with bare_app(settings).app_context():
            changed = definitions.load(chosen, settings.database_owner_url)
    click.echo(f"{chosen} is in force now." if changed else f"{chosen} is in force already.")


@workflow.command()
@click.argument("name", metavar="WORKFLOW")
@click.option("--map", "pairs", multiple=True, metavar="OLD=NEW", help="A state that is gone, and the one instead.")
@click.option("--dry-run", is_flag=True, help="Only list what would come of it.")
@click.option("--final", is_flag=True, help="Move also into final states, which ends what nobody decided.")
@within_app
def migrate(name: str, pairs: tuple[str, ...], dry_run: bool, final: bool) -> None:
    """Move running submissions of WORKFLOW to its newest behaviour, each with an event in its history.

    What is lost or would be stuck is listed for each. A state that the files no longer have needs a --map; nothing is
    moved while one lacks, or while one leads into a final state without --final. Interrupted, give the command again:
    it goes on with the rest.
    """
    mapping = dict(_pair(pair) for pair in pairs)
    with unit_of_work() as tx:
        moves = {found: migration.look(tx, found, mapping) for found in _running(tx, name, mapping)}
    for move in moves.values():
        way = f"{move.state} → {move.to or '?'}" if move.to != move.state else move.state
        click.echo(f"{move.number}: {way}{', goes on as it is' if move.same else ''}")
        for what in move.breaks:
            click.echo(f"    {what}")
    if any(move.to is None for move in moves.values()):
        click.echo("Nothing is moved: some states lead nowhere.", err=True)
        sys.exit(1)
    if not final and any(move.ends for move in moves.values()):
        click.echo("Nothing is moved: some would end in a final state. If that is meant, add --final.", err=True)
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
    """Run scenario FILES or folders (default: the shipped): how submissions should go. No database is needed.

    Exit 1 if one goes otherwise than told, or cannot be read.
    """
    libraries: scenario.Libraries = {}
    told = failed = 0
    for file in (found for path in files or (SHIPPED / "tests",) for found in scenario.files_of(path)):
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


def _say(found: list[DefinitionError], as_json: bool = False) -> None:
    """Exits 1 if there is an error."""
    if as_json:
        click.echo(json.dumps([error.plain() for error in found], ensure_ascii=False, indent=1))
    else:
        click.echo("".join(f"{error}\n" for error in found), nl=False)
    warnings = sum(error.warning for error in found)
    counts = {"error": len(found) - warnings, "warning": warnings}
    click.echo(", ".join(f"{n} {what}{'' if n == 1 else 's'}" for what, n in counts.items()), err=True)
    if len(found) > warnings:
        sys.exit(1)


def _of_file(file: Path) -> tuple[Library, list[Definition]]:
    """A file's folder, and the workflows that stand in the file. Exits with what keeps it from being read."""
    around, _ = place_of(file)
    try:
        text = text_of(file)
        library = compile_files(read_folder(around), thorough=False)
    except Unreadable as why:
        raise click.UsageError(f"{file}: {why}") from None
    except DefinitionErrors as errors:
        click.echo("\n".join(str(error.within(around)) for error in errors.errors), err=True)
        sys.exit(1)
    told = [source.value for source in read(file.name, text)[0]]
    named = [library.workflows[t["workflow"]] for t in told if isinstance(t, dict) and "workflow" in t]
    if not named:
        raise click.UsageError(f"{file} holds no workflow")
    return library, named

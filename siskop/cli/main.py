"""The `siskop` command: which module has which command, and refusals as sentences."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec

import click
from flask import Flask

from config import ROOT, ConfigError, Settings
from siskop.base import logs
from siskop.base.db import bare_app
from siskop.base.embedded import lent
from siskop.base.errors import Invalid, Refusal
from siskop.base.i18n import speaking

ALONE = ("audit", "catcher", "database", "jobs", "mail", "reminders", "run", "seed", "workflow")
MODULES = {name: name for name in ALONE} | {"account": "operate", "docs": "operate", "doctor": "jobs", "worker": "jobs"}
P = ParamSpec("P")


class Commands(click.Group):
    """Imports a command's module when it is asked for: most of them are heavy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        found: click.Command = getattr(importlib.import_module(f"siskop.cli.{MODULES[cmd_name]}"), cmd_name)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def siskop() -> None:
    """Siskop: submissions, their review, and the public register."""


def main() -> None:
    """0 done · 1 refused, in a sentence · 2 wrongly called or set up"""
    try:
        with speaking("en"):
            siskop()
    except ConfigError as error:
        _say("The settings are not complete:", *(f"  {problem}" for problem in error.problems))
        sys.exit(2)
    except Invalid as error:
        lines = [f"  {name}: {line}" if name else f"  {line}" for name, many in error.problems.items() for line in many]
        _say(error.message, *lines)
        sys.exit(1)
    except Refusal as error:
        _say(error.message)
        sys.exit(1)


def var_folder() -> Path:
    return Path(os.environ.get("SISKOP_VAR") or ROOT / "var").absolute()


@contextmanager
def surroundings(start: bool = True) -> Iterator[Settings]:
    """The settings of a command; without DATABASE_URL it uses the private servers of SISKOP_VAR, running or its own."""
    with lent(var_folder(), os.environ, _say, start) as environ:
        yield Settings.from_environment(environ)


@contextmanager
def application() -> Iterator[Flask]:
    """A bare app on these settings, its context pushed."""
    with surroundings() as settings:
        logs.set_up("WARNING" if settings.log_level == "INFO" else settings.log_level)
        app = bare_app(settings)
        with app.app_context():
            yield app


def within_app(function: Callable[P, Any]) -> Callable[P, Any]:
    """Decorates a command that works on the database."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Any:
        with application():
            return function(*args, **kwargs)

    return wrapped


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(line, err=True)

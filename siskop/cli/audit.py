"""`siskop audit verify`: are all histories whole? Exit 1 on a broken chain, each fault a line."""

from __future__ import annotations

import sys

import click

from siskop.base.db import unit_of_work
from siskop.cli.main import within_app
from siskop.submissions import chain


@click.group()
def audit() -> None:
    """The histories: what happened, chained."""


@audit.command()
@within_app
def verify() -> None:
    """Check every chain, every state that rests on one, and every signed day."""
    with unit_of_work() as tx:
        faults = list(chain.verify(tx))
        submissions, events = chain.count(tx)
    for fault in faults:
        click.echo(f"{fault.where}: event {fault.seq}: {fault.why}" if fault.seq else f"{fault.where}: {fault.why}")
    click.echo(
        f"{submissions} submissions, {events} events: {len(faults) or 'no'} fault{'' if len(faults) == 1 else 's'}"
    )
    if faults:
        sys.exit(1)

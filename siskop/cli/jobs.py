"""`siskop jobs` and `siskop worker`: what waits, what failed and why, and whether anybody works."""

from __future__ import annotations

import socket

import click

from siskop.base.db import unit_of_work
from siskop.base.errors import Refusal
from siskop.cli.main import within_app
from siskop.jobs import workers


@click.group()
def worker() -> None:
    """The processes that run the jobs."""


@worker.command()
@click.option("--within", default=60, show_default=True, metavar="SECONDS", help="how long ago it may have looked")
@within_app
def alive(within: int) -> None:
    """Exit 0 when a worker of this machine looked at its queues or took a job lately, else 1: for systemd and
    containers. It asks what the worker did, for a process may exist and hear nothing."""
    with unit_of_work() as tx:
        mine = next((one for one in workers.seen(tx) if one.host == socket.gethostname()), None)
    if mine is None or mine.seconds > within:
        last = f"; {mine.name} last did, at {mine.seen_at:%Y-%m-%d %H:%M:%S %z}" if mine else ""
        raise Refusal(
            "No worker of this machine looked at its queues within %(within)s seconds%(last)s."
            " Is beat running, and does Redis answer? Then restart the worker.",
            within=within, last=last,
        )  # fmt: skip
    click.echo(f"{mine.name} looked at its queues {mine.seconds:.0f} seconds ago ({', '.join(mine.queues)}).")

"""`siskop jobs`, `worker` and `doctor`: what waits, what failed and why, whether anybody works, what is wrong."""

from __future__ import annotations

import json
import socket
import sys
from dataclasses import asdict

import click

from siskop.base.db import unit_of_work
from siskop.base.errors import Refusal
from siskop.cli.main import application, within_app
from siskop.jobs import overview, workers


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="{queues: [...], dead: [...], failed: [...], running: [...]}")
@click.pass_context
def jobs(context: click.Context, as_json: bool) -> None:
    """What waits, runs, failed and why. Without a word behind it: how each queue stands, and what needs a look."""
    if context.invoked_subcommand is None:
        with application():
            _show(as_json)


def _show(as_json: bool) -> None:
    with unit_of_work() as tx:
        queues = overview.queues(tx)
        found = {view: overview.lines(tx, view) for view in ("dead", "failed", "running")}
    if as_json:
        lists = {"queues": list(map(asdict, queues))} | {view: list(map(asdict, many)) for view, many in found.items()}
        click.echo(json.dumps(lists, ensure_ascii=False, indent=2, default=str))
        return
    click.echo("queue        waiting     due  running    dead  oldest due")
    for one in queues:
        click.echo(f"{one.name:11} {one.waiting:8} {one.due:7} {one.running:8} {one.dead:7} {one.oldest:9.0f} s")
    for view, many in found.items():
        for line in many:
            click.echo(f"{view:8} {line.id}  {line.kind}  {line.key}  {line.error or ''}".rstrip())


@jobs.command()
@click.argument("job", required=False, type=int)
@click.option("--kind", help="all dead ones of this kind")
@within_app
def retry(job: int | None, kind: str | None) -> None:
    """Take up a dead job again, at once."""
    if (job is None) == (kind is None):
        raise click.UsageError("Name one job, or a kind.")
    with unit_of_work() as tx:
        click.echo(f"{overview.retry(tx, job=job, kind=kind)} taken up again")


@jobs.command()
@click.argument("job", type=int)
@within_app
def bury(job: int) -> None:
    """Put aside a job that failed: it is not tried again, and counts no longer."""
    with unit_of_work() as tx:
        overview.bury(tx, job)
    click.echo(f"{job} is put aside")


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


@click.command()
@within_app
def doctor() -> None:
    """What is wrong, in plain words, and what to do. Exit 1 when something is."""
    from siskop.pipeline import doctor, handlers  # half of Siskop, and only this command needs it

    assert handlers  # every kind of job has its words
    findings = doctor.examine()
    for one in findings:
        mark = {"good": "ok", "bad": "WRONG", "info": "note"}[one.tone]
        click.echo(f"{mark:6} {one.about}: {one.says}" + (f"\n       {one.advice}" if one.advice else ""))
    sys.exit(any(one.tone == "bad" for one in findings))

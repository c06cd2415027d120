"""`siskop reminders due`: who would get what on a day, and why. It only looks; the worker sends."""

from __future__ import annotations

import json
from datetime import date, datetime

import click

from siskop.base import db
from siskop.base.db import unit_of_work
from siskop.cli.main import within_app
from siskop.reminders.due import Due, all_dues, names
from siskop.submissions import definitions


@click.group()
def reminders() -> None:
    """Reminders by the rules of the record kinds."""


@reminders.command("due")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day (YYYY-MM-DD); today if left out.")
@click.option("--dry-run", is_flag=True, help="Only look. This command never sends.")
@click.option("--json", "as_json", is_flag=True, help="A list of {record, rule, rung, to, letters, tasks, held, why}.")
@within_app
def show_due(day: datetime | None, dry_run: bool, as_json: bool) -> None:
    """Who would get what in that day's run, given what was sent so far."""
    with unit_of_work() as tx:
        on: date = day.date() if day else db.today(tx)
        found = list(all_dues(tx, definitions.library(tx), on))
    if as_json:
        click.echo(json.dumps([_line(due) for due in found], ensure_ascii=False, indent=2))
        return
    for due in found:
        brings = f"held ({due.held})" if due.held else ", ".join((*_to(due), *names(due.papers), *names(due.tasks)))
        click.echo(f"{due.standing.slug}: {due.rule.name}, rung {due.rung}, to {brings} ({due.why})")
    click.echo(f"{sum(not due.held for due in found)} due on {on}")


def _line(due: Due) -> dict[str, object]:
    return {
        "record": due.standing.slug,
        "rule": due.rule.name,
        "rung": due.rung,
        "to": _to(due),
        "letters": names(due.papers),
        "tasks": names(due.tasks),
        "held": due.held,
        "why": due.why,
    }


def _to(due: Due) -> list[str]:
    return sorted({receiver.address for letter in due.letters for receiver in letter.receivers})

"""The day: opened once, whoever asks. What it brings are jobs: a worker killed in the middle goes on where it was."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from sqlalchemy import text

from siskop.accounts import limits, sessions
from siskop.base import db
from siskop.base.db import Tx, unit_of_work
from siskop.base.i18n import JAKARTA, N_
from siskop.engine.calendar import midnight
from siskop.engine.definition import Library, RecordKind, Reminder
from siskop.files import store
from siskop.jobs import periods, queue
from siskop.jobs.kinds import kind
from siskop.jobs.queue import Job
from siskop.mail import bounces
from siskop.register import publish
from siskop.reminders import due, fire, held, standing
from siskop.submissions import chain, definitions

log = logging.getLogger(__name__)


def open_day() -> bool:
    """Puts the jobs of today (Asia/Jakarta) in one transaction with the day's row; False when it was open already."""
    with unit_of_work() as tx:
        day = db.today(tx)
        if not periods.open_once(tx, "day", day):
            return False
        library = definitions.library(tx)
        _put_reminders(tx, library, day)
        queue.put(tx, "refresh", f"refresh:{day}", {}, "publishing")
        queue.put(tx, "checkpoint", f"checkpoint:{day}", {}, "timers")
        queue.put(tx, "prune", f"prune:{day}", {}, "batch", priority=9)
        bounces.begin(tx)
    return True


def _put_reminders(tx: Tx, library: Library, day: date) -> None:
    """A job a rule, due when its hours begin."""
    for on in library.kinds.values():
        for rule in on.reminders.values():
            if due.sends_on(rule, day, library.calendar):
                about = {"kind": on.name, "rule": rule.name, "day": day.isoformat()}
                at = midnight(day) + timedelta(hours=rule.send.from_hour)
                queue.put(tx, "remind", f"remind:{on.name}:{rule.name}:{day}", about, "batch", at)


@kind("remind", N_("Send the reminders of a rule"))
def remind(job: Job) -> None:
    """Payload {kind, rule, day}. Outside the day's hours nothing is sent: the next day's job does it."""
    day = date.fromisoformat(job.payload["day"])
    with unit_of_work() as tx:
        library = definitions.library(tx)
        on, rule = _rule(library, job)
        queue.hold(tx, job)
        records = _begin(tx, library, on, rule, day)
    sent = sum(_fire(job, library, on, rule, day=day, record_id=record) for record in records)
    with unit_of_work() as tx:
        queue.finish(tx, job)
    log.info("reminders", extra={"rule": rule.name, "due": len(records), "sent": sent})


def _rule(library: Library, job: Job) -> tuple[RecordKind, Reminder]:
    """Raises KeyError when newer files no longer hold the rule: the job ends among the dead, with that reason."""
    on = library.kinds[job.payload["kind"]]
    return on, on.reminders[job.payload["rule"]]


def _begin(tx: Tx, library: Library, on: RecordKind, rule: Reminder, day: date) -> list[int]:
    """Opens and ends ladders and passes rungs over, in one walk; answers the records that may have a rung due."""
    if not _within_hours(tx, rule, day):
        return []
    holds, records = held.on(tx, rule, day), []
    for found in standing.standings(tx, on, rule, day):
        is_held = holds.why(found) is not None
        reminder = standing.keep(tx, rule, found, day, is_held)
        coming = due.plan(rule, found, day, library.calendar, held=is_held)
        if coming.passed and reminder is not None:
            fire.pass_over(tx, reminder, coming.passed)
        if coming.rung is not None and not is_held:
            records.append(found.record_id)
    return records


def _within_hours(tx: Tx, rule: Reminder, day: date) -> bool:
    now = db.now(tx).astimezone(JAKARTA)
    return now.date() == day and rule.send.from_hour <= now.hour < rule.send.until_hour


def _fire(job: Job, library: Library, on: RecordKind, rule: Reminder, *, day: date, record_id: int) -> bool:
    """One rung in a transaction of its own, looked at anew: the cause may have gone since the list was made."""
    with unit_of_work() as tx:
        queue.hold(tx, job)
        found = list(due.dues(tx, library.calendar, on, rule, day, record_id=record_id))
        return bool(found) and fire.fire(tx, library, found[0])


@kind("refresh", N_("Bring badges up to date"))
def refresh(job: Job) -> None:
    """Badges whose day has come, a batch a transaction; `parent` in the payload: its children first."""
    if parent := job.payload.get("parent"):
        with unit_of_work() as tx:
            publish.relatives_due(tx, parent)
    while True:
        with unit_of_work() as tx:
            queue.hold(tx, job)
            if not publish.due_refresh(tx, definitions.library(tx).kinds, db.today(tx)):
                return queue.finish(tx, job)


@kind("checkpoint", N_("Sign the histories of the day"))
def checkpoint(job: Job) -> None:
    with unit_of_work() as tx:
        chain.checkpoint(tx)
        queue.finish(tx, job)


_OLD_ANSWERS = text("DELETE FROM siskop.answered WHERE at < siskop.now() - interval '30 days'")


@kind("prune", N_("Clear away what has had its time"))
def prune(job: Job) -> None:
    """What has had its time: done jobs, sessions, sign-in attempts, answers to forms, files without a row."""
    with unit_of_work() as tx:
        gone = {
            "jobs": queue.prune(tx),
            "sessions": sessions.sweep(tx),
            "attempts": limits.sweep(tx),
            "answers": tx.execute(_OLD_ANSWERS).rowcount,
            "files": store.sweep(tx),
        }
        queue.finish(tx, job)
    log.info("pruned", extra=gone)

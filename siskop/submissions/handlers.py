"""Jobs that knock at the door: a check that is due, a case whose time has come.

A check reads in one transaction and answers in another, together with the end of its job: killed in between,
it is simply done again.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from siskop.base.db import Tx, unit_of_work
from siskop.base.i18n import N_
from siskop.engine.case import Command
from siskop.jobs import queue
from siskop.jobs.kinds import kind
from siskop.jobs.queue import Job
from siskop.submissions import answers, checks, door, store

log = logging.getLogger(__name__)


@kind("check", N_("Check a submission"))
def run_check(job: Job) -> None:
    """Payload {submission, step, round}. A step that is closed by now is stale: the job ends without effect."""
    step, round_ = job.payload["step"], job.payload["round"]
    found = _found(job, step, round_)
    with unit_of_work() as tx:
        if found is not None:
            command = Command("check", step, {"round": round_, "outcome": found.outcome})
            door.knock(tx, job.payload["submission"], command, {step: found.evidence})
        queue.finish(tx, job)


def _found(job: Job, step: str, round_: int) -> checks.Found | None:
    """What the check found; at the last try that fails, that it could not be made: so people go on, not the queue."""
    try:
        with unit_of_work() as tx:
            return _look(tx, job.payload["submission"], step, round_)
    except Exception:
        if job.attempt < queue.MOST_ERRORS:
            raise
        log.exception("a check could not be made", extra={"job": job.id, "step": step})
        return checks.Found("error", [{"text": N_("This check could not be made. Look at the answers yourself.")}])


def _look(tx: Tx, submission_id: int, step: str, round_: int) -> checks.Found | None:
    loaded = store.load(tx, submission_id)
    run = loaded.case.runs.get(step)
    if run is None or run.round != round_ or run.outcome is not None:
        return None
    state = loaded.definition.states[loaded.case.state]
    subject = checks.Subject(
        tx=tx,
        record_id=loaded.record_id,
        definition=loaded.definition,
        step=state.steps[step],
        answers=loaded.merged,
        title=loaded.title,
        context=replace(answers.context(tx, loaded), record=loaded.merged),
    )
    return checks.registry()[run.check or ""](subject)


@kind("tick", N_("Let the deadlines of a submission pass"))
def run_tick(job: Job) -> None:
    """Payload {submission}: whatever rung is due is done, and the next instant is set by the door."""
    with unit_of_work() as tx:
        door.knock(tx, job.payload["submission"], Command("tick"))
        queue.finish(tx, job)

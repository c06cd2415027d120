"""What must hold over the whole database at any moment between two transactions, whoever was killed before.

`faults` answers sentences. What follows from the history is derived here anew, from the events and the files: rows that
are there too much, too little or otherwise are each a fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from siskop.base import crypto
from siskop.base.db import Tx
from siskop.engine.case import SYSTEM, Case, Command, Event
from siskop.engine.effects import effects
from siskop.engine.events import evolve
from siskop.engine.ladders import wake
from siskop.submissions import chain, door, store
from siskop.submissions.store import Loaded

_NEVER = {
    "a submission whose `final` is not that of its state": """
        SELECT s.number FROM siskop.submission s JOIN siskop.workflow_state w USING (workflow, behaviour, state)
        WHERE s.final <> w.final""",
    "two open submissions of one workflow on one record": """
        SELECT workflow, record_id FROM siskop.submission WHERE NOT final GROUP BY 1, 2 HAVING count(*) > 1""",
    "two events of one number": """
        SELECT submission_id, seq FROM siskop.event GROUP BY 1, 2 HAVING count(*) > 1""",
    "a record whose keeper is not the top of its line": """
        SELECT r.id FROM siskop.record r LEFT JOIN siskop.record p ON p.id = r.parent
        WHERE r.keeper <> COALESCE(p.keeper, r.id)""",
    "a small form without the event that came of it": """
        SELECT f.seq FROM siskop.form_answers f JOIN siskop.event e USING (submission_id, seq)
        WHERE f.name IS DISTINCT FROM COALESCE(e.body->>'step', e.body->>'action')""",
    "a publication withdrawn here and not there": """
        SELECT r.id FROM siskop.record r JOIN register.entry e ON e.record_id = r.id
        WHERE (r.withdrawn_at IS NULL) <> (e.withdrawn_at IS NULL)
          OR (r.withdrawn_at IS NOT NULL AND NOT EXISTS (SELECT FROM register.change c
            WHERE c.record_id = r.id AND c.type = 'withdrawn'))""",
    "a record that nobody began a submission for": """
        SELECT r.id FROM siskop.record r WHERE NOT EXISTS (SELECT FROM siskop.submission s WHERE s.record_id = r.id)""",
    "an unpublished record without somebody who acts for it": """
        SELECT r.id FROM siskop.record r WHERE r.version = 0 AND NOT EXISTS (
          SELECT FROM siskop.membership m WHERE m.record_id = r.keeper)""",
    "an answer typed by somebody who never took the pen": """
        SELECT d.submission_id, d.field FROM siskop.draft_value d WHERE d.by IS NOT NULL AND NOT EXISTS (
          SELECT FROM siskop.event e WHERE e.submission_id = d.submission_id AND e.type = 'edited' AND e.by = d.by)""",
    "a task that is open in a step that is over": """
        SELECT w.id FROM siskop.work_item w JOIN siskop.step_run r USING (submission_id, step, round)
        WHERE w.status = 'open' AND r.outcome IS NOT NULL""",
    "a revision without its answers": """
        SELECT r.id FROM siskop.revision r LEFT JOIN siskop.revision_body b ON b.revision_id = r.id
        WHERE b.revision_id IS NULL""",
    "a record whose version is not its newest": """
        SELECT r.id FROM siskop.record r WHERE r.version <> (
          SELECT COALESCE(max(v.number), 0) FROM siskop.record_version v WHERE v.record_id = r.id)""",
    "a version without its values": """
        SELECT v.record_id FROM siskop.record_version v LEFT JOIN siskop.record_body b USING (record_id, number)
        WHERE b.number IS NULL""",
    "a public entry that is not of the newest version": """
        SELECT r.id FROM siskop.record r LEFT JOIN register.entry e ON e.record_id = r.id
        WHERE r.version <> COALESCE(e.version, 0) OR (e.slug IS NOT NULL AND e.slug <> r.slug)""",
    "a public version too many or too few": """
        SELECT v.record_id, v.number FROM siskop.record_version v FULL JOIN register.version p USING (record_id, number)
        WHERE p.number IS NULL OR v.number IS NULL""",
    "a publication that the register's log tells not once": """
        SELECT v.record_id, v.number FROM siskop.record_version v LEFT JOIN register.change c
          ON c.record_id = v.record_id AND c.number = v.number AND c.type IN ('published', 'changed')
        GROUP BY 1, 2 HAVING count(c.seq) <> 1 AND NOT EXISTS (SELECT FROM register.change w
          WHERE w.record_id = v.record_id AND w.number = v.number AND w.type = 'withdrawn')""",
    "a gap in the register's log": """
        SELECT c.seq FROM register.counter c WHERE c.seq <> (SELECT count(*) FROM register.change)
          OR c.seq <> (SELECT COALESCE(max(seq), 0) FROM register.change)""",
    "two live jobs of one key": """
        SELECT key FROM siskop.job WHERE status IN ('waiting', 'running') GROUP BY 1 HAVING count(*) > 1""",
    "a job set aside": "SELECT key, error FROM siskop.job WHERE status = 'dead'",
    "a mail twice": "SELECT key FROM siskop.mail GROUP BY 1 HAVING count(*) > 1",
    "a mail that is due and has no job": """
        SELECT m.key FROM siskop.mail m WHERE m.ended_at IS NULL AND NOT EXISTS (SELECT FROM siskop.job j
          WHERE j.key IN ('deliver:' || m.id, 'gather:' || m.account_id) AND j.status IN ('waiting', 'running'))""",
    "a mail that is over and is still to be delivered": """
        SELECT m.key FROM siskop.mail m WHERE (m.ended_at IS NULL) <> (m.status IN
          ('due', 'claimed', 'handing_over') OR (m.status = 'uncertain' AND m.obligatory AND m.uncertain_count < 2))""",
    "a day that was opened not once": """
        SELECT kind, span, day FROM siskop.period GROUP BY 1, 2, 3 HAVING count(*) > 1""",
    "a day that was opened without its jobs": """
        SELECT p.day FROM siskop.period p, unnest(ARRAY['refresh:', 'checkpoint:', 'prune:']) AS name
        WHERE p.kind = 'day' AND NOT EXISTS (SELECT FROM siskop.job j WHERE j.key = name || p.day)""",
    "a reminder sent twice": """
        SELECT reminder_id, rung FROM siskop.reminder_rung GROUP BY 1, 2 HAVING count(*) > 1""",
    "a reminder noted and not written": """
        SELECT g.reminder_id, g.rung FROM siskop.reminder_rung g WHERE NOT EXISTS (SELECT FROM siskop.mail m
          WHERE m.key LIKE 'reminder:' || g.reminder_id || ':' || g.rung || ':%')""",
    "a reminder written and not noted": """
        SELECT m.key FROM siskop.mail m WHERE m.key LIKE 'reminder:%' AND NOT EXISTS (SELECT FROM
          siskop.reminder_rung g WHERE m.key LIKE 'reminder:' || g.reminder_id || ':' || g.rung || ':%')""",
}
_SUBMISSIONS = text("SELECT id, number, revision_id, record_id FROM siskop.submission ORDER BY id")
_ROWS = {
    "step": text("SELECT step, round, outcome FROM siskop.step_run WHERE submission_id = :id"),
    "seat": text("""
        SELECT step, round, seat, person FROM siskop.work_item WHERE submission_id = :id AND status = 'open'"""),
    "vote": text("SELECT step, round, person, seat_of, ballot FROM siskop.vote WHERE submission_id = :id"),
    "correction": text("SELECT id, field, status, sent FROM siskop.correction WHERE submission_id = :id"),
    "revision": text("SELECT id, digest FROM siskop.revision WHERE submission_id = :id"),
    "words": text("SELECT id FROM siskop.words WHERE submission_id = :id"),
    "publication": text("""
        SELECT revision_id, seq FROM siskop.record_version WHERE submission_id = :id"""),
    "check": text("""
        SELECT payload->>'step', (payload->>'round')::int FROM siskop.job
        WHERE kind = 'check' AND status IN ('waiting', 'running') AND (payload->>'submission')::bigint = :id"""),
}
_BODIES = text("""
    SELECT r.id, r.digest, b.answers, b.salt FROM siskop.revision r JOIN siskop.revision_body b ON b.revision_id = r.id
    WHERE r.submission_id = :id""")
_MAILS = text("SELECT split_part(key, ':', 3)::int AS seq, mail FROM siskop.mail WHERE key LIKE :prefix")
_TICK = text("SELECT due_at FROM siskop.job WHERE key = :key AND status IN ('waiting', 'running')")


def faults(tx: Tx) -> list[str]:
    """Everything wrong, in words; nothing where all is whole."""
    found = [f"{fault.where} {fault.seq}: {fault.why}" for fault in chain.verify(tx)]
    found += [f"{what}: {tuple(row)}" for what, query in _NEVER.items() for row in tx.execute(text(query))]
    for row in tx.execute(_SUBMISSIONS).all():
        found += [f"{row.number}: {what}" for what in _of_one(tx, row)]
    return found


def _of_one(tx: Tx, row: Any) -> Iterator[str]:
    loaded = store.load(tx, row.number)
    if loaded.case.revision != row.revision_id:
        yield "its revision is not the last one sent"
    for name, wanted in _derived(loaded).items():
        real = Counter(tuple(line) for line in tx.execute(_ROWS[name], {"id": row.id}))
        yield from (f"missing {name} {line}" for line in (wanted - real).elements())
        if name != "check":  # a job for a step that was closed meanwhile ends by itself, stale
            yield from (f"a {name} too much {line}" for line in (real - wanted).elements())
    for body in tx.execute(_BODIES, {"id": row.id}):
        if crypto.salted(body.answers, body.salt) != body.digest:
            yield f"revision {body.id} is not what its digest says"
    yield from _mails(tx, loaded)
    yield from _timer(tx, loaded)


def _derived(loaded: Loaded) -> dict[str, Counter[tuple[Any, ...]]]:
    """The rows beside the history, as they follow from it."""
    case, events = loaded.case, loaded.events
    runs = _runs(events)
    live = [run for run in case.runs.values() if run.outcome is None]
    seats = [(run.step, run.round, s.name, s.person) for run in live for s in run.seats.values() if s.acted is None]
    said = [e.body["words"] for e in events if e.body.get("words") is not None]
    return {
        "step": Counter((*place, outcome) for place, outcome in runs.items()),
        "seat": Counter(seats),
        "vote": Counter(
            (e.body["step"], e.body["round"], e.by, e.body["seat"], e.body["ballot"])
            for e in events
            if e.type == "voted"
        ),
        "correction": Counter((c.id, c.field, c.status, c.sent) for c in case.corrections.values()),
        "revision": Counter((e.body["revision"], e.body["digest"]) for e in events if e.type == "submitted"),
        "words": Counter((words,) for words in said),
        "publication": Counter(_published(loaded)),
        "check": Counter((run.step, run.round) for run in live if run.check),
    }


def _runs(events: tuple[Event, ...]) -> dict[tuple[str, int], str | None]:
    runs: dict[tuple[str, int], str | None] = {}
    for event in events:
        if event.type in ("opened", "ended"):
            runs[event.body["step"], event.body["round"]] = event.body.get("outcome")
    return runs


def _published(loaded: Loaded) -> Iterator[tuple[int | None, int]]:
    """A revision is in the first of its publications only."""
    done: set[int | None] = set()
    case: Case | None = None
    for event in loaded.events:
        case = evolve(case, event)
        if any(effect.kind == "publish" for effect in effects(loaded.definition, event)):
            yield (None if case.revision in done else case.revision, event.seq)
            done.add(case.revision)


def _mails(tx: Tx, loaded: Loaded) -> Iterator[str]:
    """Each event whose file says so has written its mails, and nothing else has."""
    wanted = {(e.seq, f.args["mail"]) for e in loaded.events for f in effects(loaded.definition, e) if f.kind == "mail"}
    real = {(row.seq, row.mail) for row in tx.execute(_MAILS, {"prefix": f"event:{loaded.id}:%"})}
    yield from (f"missing mail {line}" for line in sorted(wanted - real))
    yield from (f"a mail too much {line}" for line in sorted(real - wanted))


def _timer(tx: Tx, loaded: Loaded) -> Iterator[str]:
    facts = door.facts_for(tx, loaded, SYSTEM, Command("look"))
    at = wake(loaded.definition, loaded.case, facts)
    due = tx.execute(_TICK, {"key": f"tick:{loaded.id}"}).scalar()
    if at is not None and (due is None or due > max(at, facts.now)):
        yield f"nobody will wake it at {at}"

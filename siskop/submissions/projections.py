"""What lists and pages read beside the history: step runs, work items, votes, corrections. Each follows from an event,
whose body the statements take their values from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text

from siskop.base.db import Tx
from siskop.engine.case import Case, Event

_RUN = text("""
INSERT INTO siskop.step_run (submission_id, step, round, self_service, opened_at, due_on)
VALUES (:id, :step, :round, :self_service, :at, CAST(:due AS date))""")
_SEATS = text("""
INSERT INTO siskop.work_item (submission_id, step, round, seat, person, role, area, opened_at, due_on)
SELECT :id, :step, :round, s.seat, s.person, s.role, s.area, :at, CAST(:due AS date)
FROM jsonb_to_recordset(CAST(:seats AS jsonb)) AS s(seat text, person bigint, role text, area text)""")
_RUN_ENDED = text("""
INSERT INTO siskop.step_run (submission_id, step, round, opened_at, outcome, ended_at, evidence)
VALUES (:id, :step, :round, :at, :outcome, :at, CAST(:evidence AS jsonb))
ON CONFLICT (submission_id, step, round) DO UPDATE SET outcome = EXCLUDED.outcome,
  ended_at = EXCLUDED.ended_at, evidence = COALESCE(EXCLUDED.evidence, step_run.evidence)""")
_SEATS_ENDED = text("""
UPDATE siskop.work_item SET status = 'withdrawn', ended_at = :at
WHERE submission_id = :id AND step = :step AND round = :round AND status = 'open'""")
_LEFT = text("""
UPDATE siskop.work_item SET status = CASE WHEN step = :step THEN 'done' ELSE 'withdrawn' END, ended_at = :at,
  person = CASE WHEN step = :step THEN COALESCE(person, :by) ELSE person END
WHERE submission_id = :id AND round < :round AND status = 'open'""")
_VOTE = text("""
INSERT INTO siskop.vote (submission_id, step, round, person, seat_of, principal, ballot, at)
VALUES (:id, :step, :round, :by, :seat, :for, :ballot, :at)""")
_VOTED = text("""
UPDATE siskop.work_item SET status = 'done', ended_at = :at, person = :by
WHERE submission_id = :id AND step = :step AND round = :round AND seat = :seat""")
_AGAIN = text("""
UPDATE siskop.step_run SET outcome = NULL, ended_at = NULL
WHERE submission_id = :id AND step = :step AND round = :round AND outcome IS NOT NULL""")
_SEATED = text("""
UPDATE siskop.work_item SET person = :person, claimed_at = :at,
  status = CASE WHEN :why = 'struck' THEN 'withdrawn' ELSE status END
WHERE submission_id = :id AND step = :step AND round = :round AND seat = :seat""")
_ASKED = text("""
INSERT INTO siskop.correction (submission_id, id, field, step, round, status, asked_by, asked_at, words_id)
VALUES (:id, :correction, :field, :step, :round, 'open', :by, :at, :words)""")
_CORRECTED = text("""
UPDATE siskop.correction SET status = :status, answer_words_id = COALESCE(:words, answer_words_id)
WHERE submission_id = :id AND id = :correction""")
_SENT = text("""
UPDATE siskop.correction SET sent = true
WHERE submission_id = :id AND NOT sent AND status = 'open' AND :waits_for = 'submitter'""")
_STATEMENTS = {
    "opened": (_RUN, _SEATS),
    "ended": (_RUN_ENDED, _SEATS_ENDED),
    "moved": (_LEFT, _SENT),
    "voted": (_VOTE, _VOTED),
    "seated": (_SEATED,),
    "consulted": (_AGAIN, _SEATS),  # a seat that is new
    "asked": (_ASKED,),
    "correction": (_CORRECTED,),
}


def project(
    tx: Tx, submission_id: int, case: Case, events: Iterable[Event], evidence: Mapping[str, Any] | None = None
) -> None:
    """Bring the tables after `events`; `case` is the one before them. `evidence`: what a check found, by its step."""
    round_now = case.round
    for event in events:
        body = event.body
        if event.type == "moved":
            round_now = body["round"]
        consulted = body.get("why") == "consulted"
        seats = [body] if consulted else [{"seat": name, **seat} for name, seat in body.get("seats", {}).items()]
        found = (evidence or {}).get(body.get("step", ""))
        values = {"id": submission_id, "at": event.at, "by": event.by, "round": round_now, **body}
        values |= {"seats": json.dumps(seats), "evidence": None if found is None else json.dumps(found)}
        for statement in _STATEMENTS.get("consulted" if consulted else event.type, ()):
            tx.execute(statement, values)

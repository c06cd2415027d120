"""What lists and pages read beside the history: step runs, work items, votes, corrections. Each follows from
an event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
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
_SKIPPED = text("""
INSERT INTO siskop.step_run (submission_id, step, round, opened_at, outcome, ended_at)
VALUES (:id, :step, :round, :at, :outcome, :at)
ON CONFLICT (submission_id, step, round) DO UPDATE SET outcome = EXCLUDED.outcome, ended_at = EXCLUDED.ended_at""")
_EVIDENCE = text("""
UPDATE siskop.step_run SET evidence = CAST(:evidence AS jsonb) WHERE submission_id = :id AND step = :step AND
  round = :round""")
_ITEMS_ENDED = text("""
UPDATE siskop.work_item SET status = CASE WHEN seat = ANY(:acted) THEN 'done' ELSE 'withdrawn' END, ended_at = :at
WHERE submission_id = :id AND step = :step AND round = :round AND status = 'open'""")
_LEFT = text("""
UPDATE siskop.work_item SET status = CASE WHEN step = :step THEN 'done' ELSE 'withdrawn' END, ended_at = :at,
  person = CASE WHEN step = :step THEN COALESCE(person, :by) ELSE person END
WHERE submission_id = :id AND round < :round AND status = 'open'""")
_VOTE = text("""
INSERT INTO siskop.vote (submission_id, step, round, person, seat_of, principal, ballot, at)
VALUES (:id, :step, :round, :by, :seat, :principal, :ballot, :at)""")
_VOTED = text("""
UPDATE siskop.work_item SET status = 'done', ended_at = :at, person = :by
WHERE submission_id = :id AND step = :step AND round = :round AND seat = :seat""")
_AGAIN = text("""
UPDATE siskop.step_run SET outcome = NULL, ended_at = NULL
WHERE submission_id = :id AND step = :step AND round = :round AND outcome IS NOT NULL""")
_SEATED = text("""
UPDATE siskop.work_item SET person = :person, claimed_at = :at, status = CASE WHEN :why = 'struck' THEN
  'withdrawn' ELSE status END
WHERE submission_id = :id AND step = :step AND round = :round AND seat = :seat""")
_ASKED = text("""
INSERT INTO siskop.correction (submission_id, id, field, step, round, status, asked_by, asked_at, words_id)
VALUES (:id, :correction, :field, :step, :round, 'open', :by, :at, :words)""")
_CORRECTED = text("""
UPDATE siskop.correction SET status = :status, answer_words_id = COALESCE(:words, answer_words_id)
WHERE submission_id = :id AND id = :correction""")
_SENT = text("UPDATE siskop.correction SET sent = true WHERE submission_id = :id AND NOT sent")


def project(
    tx: Tx, submission_id: int, case: Case, events: Iterable[Event], evidence: Mapping[str, Any] | None = None
) -> None:
    """Bring the tables after `events`; `case` is the one before them. `evidence` maps a check's step to what
    it found."""
    round_now = case.round
    for event in events:
        if event.type == "moved":
            round_now = event.body["round"]
        act = _ACTS.get(event.type)
        if act is not None:
            act(
                tx,
                {
                    **event.body,
                    "id": submission_id,
                    "at": event.at,
                    "by": event.by,
                    "now_round": round_now,
                    "evidence": evidence or {},
                },
            )


def _opened(tx: Tx, e: Mapping[str, Any]) -> None:
    tx.execute(_RUN, {**_run(e), "self_service": bool(e.get("self_service")), "due": e.get("due")})
    seats = [{"seat": name, **seat} for name, seat in (e.get("seats") or {}).items()]
    if seats:
        tx.execute(_SEATS, {**_run(e), "due": e.get("due"), "seats": json.dumps(seats)})


def _ended(tx: Tx, e: Mapping[str, Any]) -> None:
    tx.execute(_SKIPPED, {**_run(e), "outcome": e["outcome"]})
    if e["step"] in e["evidence"]:
        found = json.dumps(e["evidence"][e["step"]])
        tx.execute(_EVIDENCE, {"id": e["id"], "step": e["step"], "round": e["round"], "evidence": found})
    else:
        tx.execute(_ITEMS_ENDED, {**_run(e), "acted": []})


def _moved(tx: Tx, e: Mapping[str, Any]) -> None:
    tx.execute(_LEFT, {"id": e["id"], "round": e["round"], "step": e.get("step"), "at": e["at"], "by": e["by"]})
    if e.get("waits_for") == "submitter":
        tx.execute(_SENT, {"id": e["id"]})


def _voted(tx: Tx, e: Mapping[str, Any]) -> None:
    tx.execute(_VOTE, {**_run(e), "by": e["by"], "seat": e["seat"], "principal": e["for"], "ballot": e["ballot"]})
    tx.execute(_VOTED, {**_run(e), "by": e["by"], "seat": e["seat"]})


def _seated(tx: Tx, e: Mapping[str, Any]) -> None:
    if e["why"] == "consulted":
        seat = {"seat": e["seat"], "person": e["person"], "role": e.get("role"), "area": e.get("area")}
        tx.execute(_AGAIN, _run(e))
        tx.execute(_SEATS, {**_run(e), "due": e.get("due"), "seats": json.dumps([seat])})
        return
    tx.execute(_SEATED, {**_run(e), "seat": e["seat"], "person": e["person"], "why": e["why"]})


def _asked(tx: Tx, e: Mapping[str, Any]) -> None:
    values = {k: e[k] for k in ("id", "correction", "field", "step", "by", "at", "words")}
    tx.execute(_ASKED, {**values, "round": e["now_round"]})


def _correction(tx: Tx, e: Mapping[str, Any]) -> None:
    tx.execute(
        _CORRECTED, {"id": e["id"], "correction": e["correction"], "status": e["status"], "words": e.get("words")}
    )


def _run(e: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": e["id"], "step": e["step"], "round": e["round"], "at": e["at"]}


_ACTS: dict[str, Callable[[Tx, Mapping[str, Any]], None]] = {
    "opened": _opened,
    "ended": _ended,
    "moved": _moved,
    "voted": _voted,
    "seated": _seated,
    "asked": _asked,
    "correction": _correction,
}

"""From events to the case: the fold. It never reads an answer, so erasing what people wrote leaves it whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import reduce
from typing import Any

from siskop.engine.calendar import day_of
from siskop.engine.case import Case, Correction, Event, Run, Seat

IDLE = "idle:"
"""Begins the scope of a rung that counts from the last edit; such rungs are spent only until somebody edits again."""


def fold(events: Iterable[Event]) -> Case:
    """The case after `events`, oldest first, of which the first is `started`. Raises ValueError for none at all."""
    case = reduce(evolve, events, None)
    if case is None:
        raise ValueError("a case begins with an event")
    return case


def evolve(case: Case | None, event: Event) -> Case:
    """The case after one more event. Raises ValueError where a history does not begin with `started`."""
    if case is None:
        if event.type != "started":
            raise ValueError(f"a history begins with started, not {event.type}")
        return _started(event)
    changes = _FOLDS[event.type](case, event, event.body)
    if case.office_since is not None and event.by is not None and _touches(event):
        changes["touched"] = True
    after: Case = object.__new__(Case)  # a fifth of the time that `replace` takes
    after.__dict__.update(case.__dict__, **changes, seq=event.seq)
    return after


def _touches(event: Event) -> bool:
    """Whether a person of the office has begun with this: taken a seat, voted, asked, resolved, ended something."""
    return event.type in _BEGINNINGS or (event.type == "seated" and event.body["why"] in ("claimed", "consulted"))


_BEGINNINGS = frozenset({"voted", "asked", "correction", "resolved", "ended"})

Body = Mapping[str, Any]
Changes = dict[str, Any]
Held = Mapping[str, frozenset[int]]


def _started(event: Event) -> Case:
    body = event.body
    return Case(
        workflow=body["workflow"],
        behaviour=body["behaviour"],
        record=body["record"],
        state=body["state"],
        base=body["base"],
        seq=event.seq,
        starter=event.by,
        submitters=frozenset() if event.by is None else frozenset({event.by}),
        entered_at=event.at,
    )


def _edited(case: Case, event: Event, body: Body) -> Changes:
    idle_spent = frozenset(r for r in case.rungs if not r[0].startswith(IDLE))
    return {"edited_at": event.at, "editor": event.by, "rungs": idle_spent}


def _submitted(case: Case, event: Event, body: Body) -> Changes:
    """New answers make picks between old ones void: somebody looks at the sides again."""
    return {
        "revision": body["revision"],
        "revisions": body["number"],
        "behaviour": body.get("behaviour", case.behaviour),
        "submitters": case.submitters | ({event.by} - {None}),
        "authors": case.authors | frozenset(body["authors"]),
        "resolutions": {},
        "sent_at": event.at,
    }


def _moved(case: Case, event: Event, body: Body) -> Changes:
    waits_for = body["waits_for"]
    changes: Changes = {
        "state": body["to"],
        "round": body["round"],
        "did": _with(case.did, (event.by, body.get("for")), body["action"], body["step"]),
        "runs": {},
        "rungs": frozenset(),
        "touched": False,
        "named": body.get("person"),
        "entered_at": event.at,
        "office_days": body["office_days"],
        "office_since": day_of(event.at) if waits_for == "office" and event.at is not None else None,
    }
    if waits_for == "submitter" and case.corrections:
        asked = case.corrections.items()
        changes["corrections"] = {n: replace(c, sent=c.sent or c.status == "open") for n, c in asked}
    return changes


def _opened(case: Case, event: Event, body: Body) -> Changes:
    name = body["step"]
    seats = {seat: Seat(seat, s["person"], s["role"], s["area"]) for seat, s in body["seats"].items()}
    due = date.fromisoformat(body["due"]) if body["due"] else None
    run = Run(name, body["round"], event.at, body["check"], seats, due)
    return {**_put(case, run), "asked_in": case.asked_in - {name}}


def _ended(case: Case, event: Event, body: Body) -> Changes:
    name = body["step"]
    run = case.runs.get(name) or Run(name, body["round"], None)
    return {**_put(case, replace(run, outcome=body["outcome"])), "did": _with(case.did, (event.by,), name)}


def _voted(case: Case, event: Event, body: Body) -> Changes:
    run = case.runs[body["step"]]
    seat = run.seats[body["seat"]]
    acted = replace(seat, ballot=body["ballot"], acted=event.by, person=seat.person or body["for"])
    return {**_put(case, run, acted), "did": _with(case.did, (event.by, body["for"]), run.step)}


def _seated(case: Case, event: Event, body: Body) -> Changes:
    run, name, why = case.runs[body["step"]], body["seat"], body["why"]
    if why == "struck":
        left = {seat: s for seat, s in run.seats.items() if seat != name}
        return _put(case, replace(run, seats=left))
    if why == "consulted":
        return _consulted(case, run, body)
    seat = replace(run.seats[name], person=body["person"], assigned=why == "assigned")
    leaves = (event.by if body["was"] is None else body["was"],) if why == "recused" else ()
    return {**_put(case, run, seat), "recused": _with(case.recused, leaves, run.step)}


def _consulted(case: Case, run: Run, body: Body) -> Changes:
    """One more seat: the run is open (again) until the last day that anybody was given, and its ladder starts anew."""
    seat = Seat(body["seat"], body["person"], body["role"], body["area"])
    days = [day for day in (run.due, date.fromisoformat(body["due"]) if body["due"] else None) if day]
    again = replace(run, due=max(days, default=None), outcome=None)
    spent = frozenset(rung for rung in case.rungs if rung[0] != f"step:{run.step}")
    return {**_put(case, again, seat), "rungs": spent}


def _asked(case: Case, event: Event, body: Body) -> Changes:
    asked = Correction(body["correction"], body["field"], body["step"], case.round, "open", event.by)
    return {"corrections": {**case.corrections, asked.id: asked}, "asked_in": case.asked_in | {asked.step}}


def _correction(case: Case, event: Event, body: Body) -> Changes:
    changed = replace(case.corrections[body["correction"]], status=body["status"])
    return {"corrections": {**case.corrections, changed.id: changed}}


def _put(case: Case, run: Run, *seats: Seat) -> Changes:
    """The run, with these of its seats anew."""
    run = replace(run, seats={**run.seats, **{seat.name: seat for seat in seats}}) if seats else run
    return {"runs": {**case.runs, run.step: run}}


def _with(held: Held, ids: Iterable[int | None], *names: str | None) -> Held:
    """Those people too, under each of the names."""
    people = frozenset(n for n in ids if n is not None)
    return {**held, **{n: held.get(n, frozenset()) | people for n in names if n is not None and people}}


_FOLDS: dict[str, Callable[[Case, Event, Body], Changes]] = {
    "edited": _edited,
    "submitted": _submitted,
    "moved": _moved,
    "opened": _opened,
    "ended": _ended,
    "voted": _voted,
    "seated": _seated,
    "asked": _asked,
    "correction": _correction,
    "resolved": lambda case, _, body: {
        "resolutions": {**case.resolutions, body["field"]: (body["side"], body["version"])}
    },
    "rung": lambda case, _, body: {"rungs": case.rungs | {(body["scope"], body["n"], body["round"])}},
    "migrated": lambda case, _, body: {"behaviour": body["to"]},
    "commented": lambda case, _, body: {},
}

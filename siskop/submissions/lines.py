"""The history in plain words: one line an event, or none where an event says nothing to its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siskop.base.i18n import gettext as _
from siskop.base.i18n import words
from siskop.engine.case import Event
from siskop.engine.definition import Definition, Step
from siskop.engine.people import asks_submitters
from siskop.submissions.store import Loaded


@dataclass(frozen=True, slots=True)
class Line:
    """`what` is ready to show, `tone` a class (good warn bad info, or none), `said` what somebody wrote with it,
    `check`: an automatic check ended by itself."""

    seq: int
    at: datetime
    who: str
    what: str
    tone: str = ""
    said: str = ""
    internal: bool = False
    check: bool = False
    file: int | None = None  # what was attached
    note: bool = False  # written for the office only


_TONES = {"passed": "good", "warned": "warn", "failed": "bad"}


def describe(loaded: Loaded, names: Mapping[int, str], said: Mapping[int, Any], office: bool) -> Iterator[Line]:
    """Oldest first. Those outside the office see neither notes, nor who sits where, nor what was asked and not sent
    to them, and people of the office as the office."""
    own = loaded.operators | loaded.case.submitters | loaded.case.authors
    unsent = {n for n, asked in loaded.case.corrections.items() if not asked.sent}
    for event in loaded.events:
        note = event.type == "commented" and event.body["code"] == "note"
        step = loaded.definition.steps.get(event.body.get("step") or "")
        internal = note or event.type in {"seated", "voted"} or event.body.get("correction") in unsent
        told = _TELLERS[event.type](loaded, event, names) if event.type in _TELLERS else None
        if told is None or (internal and not office):
            continue
        who = _by(event, names if office else {n: name for n, name in names.items() if n in own}) or _(
            "the applicant's side"
        )
        who = _("the system") if event.by is None else who if office or event.by in own else _("the office")
        row = said.get(event.body.get("words") or 0)
        yield Line(
            event.seq,
            event.at or loaded.now,
            who,
            *told,
            said=row.text if row is not None else "",
            internal=internal,
            check=event.type == "ended" and event.by is None and step is not None and step.check is not None,
            file=event.body.get("attachment"),
            note=note,
        )


def _by(event: Event, names: Mapping[int, str]) -> str:
    """Whoever did it; a deputy with whom they did it for."""
    name, principal = names.get(event.by or 0, ""), event.body.get("for")
    if principal in (None, event.by) or principal not in names:
        return name
    return _("%(deputy)s for %(principal)s", deputy=name, principal=names.get(principal, ""))


def step_words(definition: Definition, name: str) -> str:
    """The label of a step; its name where this version knows it no more."""
    found = definition.steps.get(name)
    return words(found.label) if found else name


def _field(loaded: Loaded, name: str) -> str:
    found = loaded.definition.kind.fields.get(name)
    return words(found.label) if found else name


def _moved(loaded: Loaded, event: Event, names: Mapping[int, str]) -> tuple[str, str] | None:
    state = loaded.definition.states.get(event.to_state)
    label = words((state.public_label or state.label) if state else {}) or event.to_state
    action = loaded.definition.actions.get(event.body["action"])
    if action is not None and "valid_form" in action.needs:
        return None
    tone = "good" if state and state.final and any(e.kind == "publish" for e in (action.does if action else ())) else ""
    return _("Now: %(state)s", state=label), tone


def _opened(loaded: Loaded, event: Event, names: Mapping[int, str]) -> tuple[str, str] | None:
    """An opinion that is asked has a line of its own."""
    of, seats = loaded.definition.steps.get(event.body["step"]), event.body["seats"].values()
    if event.body.get("check") or (of is not None and of.on_demand):
        return None
    step = step_words(loaded.definition, event.body["step"])
    if not any(seat.get("person") for seat in seats):
        state = loaded.definition.states.get(event.to_state)
        if of is not None and state is not None and asks_submitters(loaded.definition, state, of):
            return _("%(step)s: asked of those who act for it", step=step), ""
        return _("%(step)s: waits for somebody to take it", step=step), ""
    how: str = "named" if of is None or of.allocate is None else of.allocate
    if of is not None and any(kind.count == "all" for kind in of.seats):
        how = "all"
    elif how == "least_busy" and any(seat.get("area") for seat in seats):
        how = "area"
    return f"{step}: {_GIVEN[how]()}", "info"


_GIVEN = {
    "all": lambda: _("everybody who may has a seat"),
    "area": lambda: _("assigned by itself, by area and fewest tasks"),
    "least_busy": lambda: _("assigned by itself, by fewest tasks"),
    "handled_before": lambda: _("assigned by itself, to whoever did it before if it can be, else by fewest tasks"),
    "named": lambda: _("given to whoever was named"),
}


def _ended(loaded: Loaded, event: Event, names: Mapping[int, str]) -> tuple[str, str] | None:
    outcome, step = event.body["outcome"], step_words(loaded.definition, event.body["step"])
    if outcome == "done":
        return None  # whoever did it has a line
    of = loaded.definition.steps.get(event.body["step"])
    return f"{step}: {outcome_words(outcome, of)}", _TONES.get(outcome, "")


def outcome_words(outcome: str, step: Step | None = None) -> str:
    """How a step ended; a vote is no exam."""
    votes = {"passed": _("approved"), "failed": _("not approved")} if step and step.votes else {}
    return votes.get(outcome) or _OUTCOMES[outcome]()


_OUTCOMES = {
    "passed": lambda: _("passed"),
    "warned": lambda: _("to be looked at"),
    "failed": lambda: _("failed"),
    "skipped": lambda: _("not needed"),
    "lapsed": lambda: _("decided by the deadline"),
    "overridden": lambda: _("overridden"),
    "done": lambda: _("done"),
}


def _voted(loaded: Loaded, event: Event, names: Mapping[int, str]) -> tuple[str, str]:
    """A task that was done is a ballot for."""
    name, step = event.body["step"], loaded.definition.steps.get(event.body["step"])
    said = ballot_words(event.body["ballot"]) if step and step.votes else outcome_words("done")
    return f"{step_words(loaded.definition, name)}: {said}", ""


def ballot_words(ballot: str) -> str:
    return {"for": _("in favour"), "against": _("against"), "abstain": _("abstained")}[ballot]


def _seated(loaded: Loaded, event: Event, names: Mapping[int, str]) -> tuple[str, str]:
    """Who left the seat, then who has it now."""
    person, was = (names.get(event.body.get(key) or 0, "") for key in ("person", "was"))
    step, why = step_words(loaded.definition, event.body["step"]), event.body["why"]
    left = {"recused": _("%(name)s stood down", name=was), "struck": _("%(name)s’s seat is struck out", name=was)}
    outside = event.body.get("outside")
    given = {
        "assigned": _("assigned to %(name)s, from outside", name=person)
        if outside
        else _("assigned to %(name)s", name=person),
        "consulted": _("opinion asked of %(name)s", name=person),
        "claimed": _("taken by %(name)s", name=person),
    }
    said = [left.get(why, ""), given.get(why, _("now with %(name)s", name=person)) if person else ""]
    told = ", ".join(part for part in said if part) or _("given back")
    return f"{step}: {told}", ""


def _correction(loaded: Loaded, event: Event, names: Mapping[int, str]) -> tuple[str, str] | None:
    asked = loaded.case.corrections.get(event.body["correction"])
    field = _field(loaded, asked.field) if asked else ""
    texts = {
        "open": _("Correction asked again: %(field)s", field=field),
        "answered": _("Correction answered: %(field)s", field=field),
        "accepted": _("Correction accepted: %(field)s", field=field),
        "cancelled": _("Correction cancelled: %(field)s", field=field),
    }
    return texts.get(event.body["status"], field), ""


_REMARKS = {"reason": lambda: _("Reason"), "note": lambda: _("Internal note"), "comment": lambda: _("Comment")}
_SIDES = {
    "proposed": lambda field: _("Changed on both sides, the proposed value was chosen: %(field)s", field=field),
    "current": lambda field: _("Changed on both sides, the published value was kept: %(field)s", field=field),
}
_TELLERS: dict[str, Callable[[Loaded, Event, Mapping[int, str]], tuple[str, str] | None]] = {
    "started": lambda *_of: (_("Draft begun"), ""),
    "submitted": lambda _loaded, event, _names: (_("Sent, revision %(n)s", n=event.body["number"]), "info"),
    "moved": _moved,
    "opened": _opened,
    "ended": _ended,
    "voted": _voted,
    "seated": _seated,
    "asked": lambda loaded, event, _names: (
        _("Correction asked: %(field)s", field=_field(loaded, event.body["field"])),
        "warn",
    ),
    "correction": _correction,
    "resolved": lambda loaded, event, _names: (_SIDES[event.body["side"]](_field(loaded, event.body["field"])), ""),
    "commented": lambda _loaded, event, _names: (_REMARKS.get(event.body["code"], _REMARKS["comment"])(), ""),
    "rung": lambda *_of: (_("Reminded of the deadline"), ""),
    "migrated": lambda *_of: (_("Goes by the newer rules from here on"), "info"),
}

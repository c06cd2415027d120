"""What a scenario may expect: how it is looked up in the case, how it is compared, and what happened, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from siskop.engine import ladders, standing
from siskop.engine.calendar import day_of
from siskop.engine.case import Event, Seat
from siskop.engine.definition import Definition, Effect
from siskop.engine.effects import INSIDE
from siskop.engine.outside import case_of
from siskop.engine.rehearsal import Rehearsal

NOBODY = "nobody"
VALUES = ("record", "draft", "proposal")
"""What is expected of values, compared as the register holds them."""


@dataclass(frozen=True, slots=True)
class Look:
    """`see(stage, name, wanted)` answers in the shape of what is wanted. The rest says which names may stand in it.

    With `keys` it is asked for each name that is wanted.
    """

    see: Callable[[Rehearsal, str, Any], Any]
    keys: str | None = None
    values: str | None = None
    inner: str | None = None


def compared(stage: Rehearsal, what: str, wanted: Any) -> str | None:
    """What is otherwise, as a sentence."""
    look = LOOKS[what]
    each = isinstance(wanted, Mapping) and look.keys is not None
    was = {name: look.see(stage, name, part) for name, part in wanted.items()} if each else look.see(stage, "", wanted)
    if what not in VALUES:
        wanted, was = _unordered(wanted), _unordered(was)
    return None if wanted == was else f"{what}: expected {_written(wanted)}, but was {_written(was)}"


def _unordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _unordered(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return sorted(map(str, value))
    return NOBODY if value is None else value


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_written(part)}" for key, part in value.items()) + "}"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _as_list(wanted: Any) -> list[str]:
    return [str(word) for word in (wanted if isinstance(wanted, list) else [wanted])]


# ------------------------------------------------------------------ what can be seen


def _open(stage: Rehearsal, name: str, wanted: Any) -> list[str]:
    return [name for name, run in stage.begun.runs.items() if run.outcome is None and name in stage.state.steps]


def _outcome(stage: Rehearsal, step: str, wanted: Any) -> str:
    """Of the newest round in which it was opened or skipped; “closed”: in an earlier one, or never, or it was left."""
    if step in _open(stage, "", None):
        return "open"
    if wanted == "closed" and step not in stage.begun.runs:
        return "closed"
    told = (e for e in reversed(stage.events) if e.type in ("opened", "ended") and e.body["step"] == step)
    return next((event.body.get("outcome") for event in told), None) or "closed"


def _seats_of(stage: Rehearsal, step: str) -> list[Seat]:
    run = stage.begun.runs.get(step)
    return [] if run is None else list(run.seats.values())


def _seats(stage: Rehearsal, step: str, wanted: Any) -> Any:
    seats = _seats_of(stage, step)
    return len(seats) if isinstance(wanted, int) else {s.name: stage.name_of(s.person, NOBODY) for s in seats}


def _assigned(stage: Rehearsal, step: str, wanted: Any) -> Any:
    names = [stage.name_of(seat.person) for seat in _seats_of(stage, step) if seat.person]
    return names if isinstance(wanted, list) or len(names) > 1 else (names or [NOBODY])[0]


def _ballots(stage: Rehearsal, step: str, wanted: Any) -> Any:
    return {stage.name_of(seat.person): seat.ballot for seat in _seats_of(stage, step) if seat.ballot}


def _did(stage: Rehearsal, name: str, wanted: Any) -> list[str]:
    return [stage.name_of(person) for person in stage.begun.did.get(name, ())]


def _corrections(stage: Rehearsal, field: str, wanted: Any) -> str:
    found = [c.status for c in stage.begun.corrections.values() if c.field == field]
    return found[-1] if found else "none"


def _due(stage: Rehearsal, step: str, wanted: Any) -> str:
    run = stage.begun.runs.get(step)
    return str(run.due or "none") if run is not None else "none"


def _office_due(stage: Rehearsal, name: str, wanted: Any) -> str:
    return str(ladders.office_due(stage.definition, stage.begun, stage.calendar) or "none")


def _may(stage: Rehearsal, name: str, wanted: Any) -> list[str]:
    """Of the words wanted, those that are offered: an action or step, “claim approval”, or only “edit”."""
    offers = [o for o in stage.offers(name) if o.refusal is None]
    plain = {o.name for o in offers if o.do in ("act", "vote", "complete")}
    known = plain | {f"{o.do} {o.name}" for o in offers} | {o.do for o in offers}
    return [word for word in _as_list(wanted) if word in known]


def _may_not(stage: Rehearsal, name: str, wanted: Any) -> list[str]:
    possible = _may(stage, name, wanted)
    return [word for word in _as_list(wanted) if word not in possible]


def spoken(effect: Effect) -> str:
    """publish · mail received · start licence"""
    about = effect.args.get(effect.kind)
    return f"{effect.kind} {about}" if isinstance(about, str) else effect.kind


def known_effects(definition: Definition) -> Iterator[str]:
    rungs = (effect for state in definition.states.values() for effect in state.rung_effects())
    yield from (spoken(effect) for action in definition.actions.values() for effect in action.does)
    yield from (spoken(effect) for effect in rungs if effect.kind not in INSIDE)


def _effects(stage: Rehearsal, name: str, wanted: Any) -> list[str]:
    happened = [spoken(effect) for effect, _ in stage.said[stage.told_of :]]
    return happened if not set(_as_list(wanted)) <= set(happened) else _as_list(wanted)


def _never(stage: Rehearsal, name: str, wanted: Any) -> list[str]:
    happened = {spoken(effect) for effect, _ in stage.said}
    return [word for word in _as_list(wanted) if word not in happened]


def _mails(stage: Rehearsal, mail: str, wanted: Any) -> list[str]:
    """Who got the mail; without one, which were sent."""
    sent = [(effect.args["mail"], to) for effect, to in stage.said[stage.told_of :] if effect.kind == "mail"]
    return (
        sorted({name for other, to in sent if other == mail for name in to}) if mail else [other for other, _ in sent]
    )


def _fact(stage: Rehearsal, name: str, wanted: Any) -> Any:
    truth = stage.environment()[name]
    return "unknown" if truth is None else truth


def _badge(stage: Rehearsal, name: str, wanted: Any) -> str:
    kind = stage.definition.kind
    badge = next(b for b in kind.badges if b.name == name)
    env = stage.environment()
    case = badge.cases[case_of(badge, env)]
    parts = {f"{name}.{part}": standing.stored(env[name][part]) for name in kind.periods for part in env[name]}
    values = {**stage.record, **parts}
    words = [case.tone, *(standing.filled(kind, text, values, language) for language, text in case.label.items())]
    return str(wanted) if wanted in words else " / ".join(words)


LOOKS: Mapping[str, Look] = {
    "state": Look(lambda stage, name, wanted: stage.begun.state, values="state"),
    "waits_for": Look(lambda stage, name, wanted: stage.state.waits_for, values="side"),
    "round": Look(lambda stage, name, wanted: stage.begun.round),
    "open": Look(_open, values="step"),
    "outcomes": Look(_outcome, "step"),
    "assigned": Look(_assigned, "step", "person"),
    "seats": Look(_seats, "step"),
    "ballots": Look(_ballots, "step", inner="person"),
    "corrections": Look(_corrections, "field"),
    "conflicts": Look(lambda stage, name, wanted: stage.unresolved(), values="field"),
    "did": Look(_did, "action or step", "person"),
    "due": Look(_due, "step"),
    "office_due": Look(_office_due),
    "may": Look(_may, "person", "action, step or act"),
    "may_not": Look(_may_not, "person", "action, step or act"),
    "operators": Look(lambda stage, name, wanted: [n for n, p in stage.people.items() if p.operator], values="person"),
    "problems": Look(lambda stage, name, wanted: list({p.field: p for p in stage.problems}), values="field"),
    "effects": Look(_effects, values="effect"),
    "never": Look(_never, values="effect"),
    "mails": Look(_mails, "mail"),
    "record": Look(lambda stage, field, wanted: stage.record.get(field), "field"),
    "draft": Look(lambda stage, field, wanted: stage.filled().get(field), "field"),
    "proposal": Look(lambda stage, field, wanted: stage.answers.get(field), "field"),
    "facts": Look(_fact, "fact"),
    "badges": Look(_badge, "badge"),
}


# ------------------------------------------------------------------ what happened


def story(stage: Rehearsal) -> Iterator[str]:
    """The events so far, one a line."""
    for event in stage.events:
        day = day_of(event.at).isoformat() if event.at is not None else ""
        yield f"{day} {stage.name_of(event.by)}: {_told(stage, event)}"
    if stage.case is not None:
        yield f"{stage.today} now in {stage.case.state}, open: {', '.join(_open(stage, '', None)) or 'nothing'}"


def _told(stage: Rehearsal, event: Event) -> str:
    told = {"person": None, "due": None, "seats": {}} | dict(event.body)
    named = [stage.name_of(seat["person"]) for seat in told["seats"].values() if seat["person"]]
    told |= {"person": stage.name_of(told["person"], NOBODY), "due": told["due"] or ""}
    told["seats"] = f"for {', '.join(named)}" if named else ""
    return " ".join(_TOLD.get(event.type, event.type).format_map(told).split())


_TOLD: Mapping[str, str] = {
    "moved": "{action}: {from} → {to} ({cause})",
    "opened": "{step} opened {seats} {due}",
    "ended": "{step} {outcome}",
    "voted": "{ballot} in {step}",
    "seated": "{step} {seat}: {person} ({why})",
    "asked": "asked to correct {field}",
    "correction": "correction {correction} {status}",
    "resolved": "{field}: {side} holds",
    "rung": "rung {n} of {scope}",
}

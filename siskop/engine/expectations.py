"""What a scenario may expect: how it is looked up in the case, how it is compared, and what happened, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from siskop.engine import ladders
from siskop.engine.calendar import day_of
from siskop.engine.case import Event, Run
from siskop.engine.definition import Definition, Effect
from siskop.engine.effects import INSIDE
from siskop.engine.rehearsal import Rehearsal
from siskop.engine.standing import case_of, environment

NOBODY = "nobody"
Said = list[tuple[Effect, list[str]]]


@dataclass(frozen=True, slots=True)
class Look:
    """`see(stage, wanted, said)` answers in the shape of what is wanted. The rest says which names may stand in it."""

    see: Callable[[Rehearsal, Any, Said], Any]
    keys: str | None = None
    values: str | None = None
    inner: str | None = None


def compared(stage: Rehearsal, what: str, wanted: Any, since: int) -> str | None:
    """What is otherwise, as a sentence; `since` numbers the effects that were told of before."""
    was = LOOKS[what].see(stage, wanted, stage.said[since:])
    if what not in ("record", "proposal"):
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


# ------------------------------------------------------------------ what can be seen


def _each(see: Callable[[Rehearsal, str, Any], Any]) -> Callable[[Rehearsal, Any, Said], Any]:
    """Of a mapping, only the names that are wanted."""
    return lambda stage, wanted, said: {name: see(stage, name, value) for name, value in dict(wanted or {}).items()}


def _run(stage: Rehearsal, step: str) -> Run | None:
    return stage.begun.runs.get(step)


def _open(stage: Rehearsal, wanted: Any, said: Said) -> list[str]:
    here = stage.definition.states[stage.begun.state].steps
    return [n for n, run in stage.begun.runs.items() if run.outcome is None and n in here]


def _outcome(stage: Rehearsal, step: str, wanted: Any) -> str:
    run = _run(stage, step)
    return "closed" if run is None else run.outcome or "open"


def _seats(stage: Rehearsal, step: str, wanted: Any) -> Any:
    run = _run(stage, step)
    seats = run.seats.values() if run is not None else ()
    held = {seat.name: stage.name_of(seat.person) if seat.person else NOBODY for seat in seats}
    return len(held) if isinstance(wanted, int) else held


def _assigned(stage: Rehearsal, step: str, wanted: Any) -> Any:
    names = [name for name in _seats(stage, step, {}).values() if name != NOBODY]
    if isinstance(wanted, list):
        return names
    return names[0] if len(names) == 1 else names or NOBODY


def _ballots(stage: Rehearsal, step: str, wanted: Any) -> Any:
    run = _run(stage, step)
    return {stage.name_of(s.person): s.ballot for s in run.seats.values() if s.ballot} if run is not None else {}


def _corrections(stage: Rehearsal, field: str, wanted: Any) -> str:
    found = [c.status for c in stage.begun.corrections.values() if c.field == field]
    return found[-1] if found else "none"


def _due(stage: Rehearsal, step: str, wanted: Any) -> str:
    run = _run(stage, step)
    return run.due.isoformat() if run is not None and run.due is not None else "none"


def _office_due(stage: Rehearsal, wanted: Any, said: Said) -> str:
    due = ladders.office_due(stage.definition, stage.begun, stage.calendar)
    return due.isoformat() if due is not None else "none"


def _may(possible: bool) -> Callable[[Rehearsal, str, Any], list[str]]:
    """Of the words wanted, those that are offered (or not): an action or step, “claim approval”, or only “edit”."""

    def see(stage: Rehearsal, name: str, wanted: Any) -> list[str]:
        offers = [o for o in stage.offers(name) if o.refusal is None]
        plain = {o.name for o in offers if o.do in ("act", "vote", "complete")}
        known = plain | {f"{o.do} {o.name}" for o in offers} | {o.do for o in offers}
        return [word for word in _as_list(wanted) if (word in known) is possible]

    return see


def _as_list(wanted: Any) -> list[str]:
    return [str(word) for word in (wanted if isinstance(wanted, list) else [wanted])]


def spoken(effect: Effect) -> str:
    """publish · mail received · start licence"""
    about = effect.args.get(effect.kind)
    return f"{effect.kind} {about}" if isinstance(about, str) else effect.kind


def known_effects(definition: Definition) -> Iterator[str]:
    rungs = (
        rung
        for s in definition.states.values()
        for rung in (*s.ladder, *(r for x in s.steps.values() for r in x.ladder))
    )
    yield from (spoken(effect) for action in definition.actions.values() for effect in action.does)
    yield from (spoken(effect) for rung in rungs for effect in rung.does if effect.kind not in INSIDE)


def _effects(stage: Rehearsal, wanted: Any, said: Said) -> list[str]:
    happened = [spoken(effect) for effect, _ in said]
    return happened if not set(_as_list(wanted)) <= set(happened) else _as_list(wanted)


def _never(stage: Rehearsal, wanted: Any, said: Said) -> list[str]:
    happened = {spoken(effect) for effect, _ in stage.said}
    return [word for word in _as_list(wanted) if word not in happened]


def _mails(stage: Rehearsal, wanted: Any, said: Said) -> Any:
    sent = [(effect.args["mail"], to) for effect, to in said if effect.kind == "mail"]
    if not isinstance(wanted, Mapping):
        return [mail for mail, _ in sent]
    return {mail: sorted({name for other, to in sent if other == mail for name in to}) for mail in wanted}


def _record(stage: Rehearsal, field: str, wanted: Any) -> Any:
    return stage.record.get(field)


def _proposal(stage: Rehearsal, field: str, wanted: Any) -> Any:
    return stage.answers.get(field)


def _fact(stage: Rehearsal, name: str, wanted: Any) -> Any:
    truth = environment(stage.definition.kind, stage.record, stage.today)[name]
    return "unknown" if truth is None else truth


def _badge(stage: Rehearsal, name: str, wanted: Any) -> str:
    kind = stage.definition.kind
    badge = next(b for b in kind.badges if b.name == name)
    case = badge.cases[case_of(badge, environment(kind, stage.record, stage.today))]
    words = [case.tone, *case.label.values()]
    return str(wanted) if wanted in words else " / ".join(words)


LOOKS: Mapping[str, Look] = {
    "state": Look(lambda stage, w, said: stage.begun.state, values="state"),
    "waits_for": Look(lambda stage, w, said: stage.definition.states[stage.begun.state].waits_for, values="side"),
    "round": Look(lambda stage, w, said: stage.begun.round),
    "open": Look(_open, values="step"),
    "outcomes": Look(_each(_outcome), "step"),
    "assigned": Look(_each(_assigned), "step", "person"),
    "seats": Look(_each(_seats), "step"),
    "ballots": Look(_each(_ballots), "step", None, "person"),
    "corrections": Look(_each(_corrections), "field"),
    "conflicts": Look(lambda stage, w, said: stage.unresolved(), values="field"),
    "did": Look(
        _each(lambda stage, n, w: [stage.name_of(p) for p in stage.begun.did.get(n, ())]), "action or step", "person"
    ),
    "due": Look(_each(_due), "step"),
    "office_due": Look(_office_due),
    "may": Look(_each(_may(True)), "person"),
    "may_not": Look(_each(_may(False)), "person"),
    "operators": Look(lambda stage, w, said: [n for n, p in stage.people.items() if p.operator], values="person"),
    "problems": Look(lambda stage, w, said: list(dict.fromkeys(p.field for p in stage.problems)), values="field"),
    "effects": Look(_effects, values="effect"),
    "never": Look(_never, values="effect"),
    "mails": Look(_mails, "mail", None),
    "record": Look(_each(_record), "field"),
    "proposal": Look(_each(_proposal), "field"),
    "facts": Look(_each(_fact), "fact"),
    "badges": Look(_each(_badge), "badge"),
}


# ------------------------------------------------------------------ what happened


def story(stage: Rehearsal) -> Iterator[str]:
    """The events so far, one a line."""
    for event in stage.events:
        day = day_of(event.at).isoformat() if event.at is not None else ""
        yield f"{day} {stage.name_of(event.by)}: {_told(stage, event)}"
    if stage.case is not None:
        yield f"{stage.today} now in {stage.case.state}, open: {', '.join(_open(stage, None, [])) or 'nothing'}"


def _told(stage: Rehearsal, event: Event) -> str:
    body = event.body
    seats = (stage.name_of(s["person"]) for s in body.get("seats", {}).values() if s["person"])
    person = stage.name_of(body.get("person")) if body.get("person") else NOBODY
    said: dict[str, Callable[[], str]] = {
        "moved": lambda: f"{body['action']}: {body['from']} → {body['to']} ({body['cause']})",
        "opened": lambda: (
            f"{body['step']} opened {'for ' + ', '.join(seats) if body['seats'] else ''} {body['due'] or ''}"
        ),
        "ended": lambda: f"{body['step']} {body['outcome']}",
        "voted": lambda: f"{body['ballot']} in {body['step']}",
        "seated": lambda: f"{body['step']} {body['seat']}: {person} ({body['why']})",
        "asked": lambda: f"asked to correct {body['field']}",
        "correction": lambda: f"correction {body['correction']} {body['status']}",
        "resolved": lambda: f"{body['field']}: {body['side']} holds",
        "rung": lambda: f"rung {body['n']} of {body['scope']}",
    }
    return said.get(event.type, lambda: event.type)().replace("  ", " ").strip()

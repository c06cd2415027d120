"""Workflows: states with their steps, actions, and what they may read. Rules across the whole are in `lint`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Literal, cast

from siskop.engine.conditions import BOOLEAN, NUMBER, Kind, Scope
from siskop.engine.definition import (
    OUTCOMES,
    Action,
    Definition,
    Form,
    Page,
    RecordKind,
    SeatKind,
    State,
    Step,
    Votes,
    Who,
)  # fmt: skip
from siskop.engine.load_fields import TAKEN, scope_of, surroundings
from siskop.engine.load_form import form, step_form
from siskop.engine.reading import Node, each, labelled, mapped, optional, shown
from siskop.engine.shorthand import EFFECTS, RELATIONS, Place, shaped, span, who

Forms = Mapping[str, Form]
_OF_PEOPLE = ("who", "seats", "votes", "allocate", "form", "recuse", "self_service", "due", "ladder", "on_demand")
_OF_THE_PLANNED = ("after", "when", "seats", "votes", "allocate", "form")


def workflow(node: Node, folder: Place, kinds: Mapping[str, RecordKind]) -> Definition | None:
    parts = node.keys("label manage forms deadline", "workflow record start form states actions")
    if "manage" not in parts:
        node.warn("“manage” is missing: nobody can give a stuck submission to somebody else")
    record = optional(parts.get("record"), lambda n: n.one_of(kinds, "record kind"), "")
    if record not in kinds or not parts.keys() >= {"states", "actions", "form"}:
        return None
    kind, name = kinds[record], optional(parts.get("workflow"), Node.name, "")
    place = _place(parts, folder, kind)
    forms = mapped(parts.get("forms"), lambda f, n: step_form(f, n, folder))
    place = place.naming({"form": forms})
    states = mapped(parts["states"], lambda s, n: _state(s, n, place, forms))
    people = {name for state in states.values() for name, s in state.steps.items() if s.who and not s.on_demand}
    acting = place.naming({"step of people": people})
    start = parts["start"].keys("prefill record proof", "who") if "start" in parts else {}
    existing = optional(start.get("record"), lambda n: n.one_of(("any", "new", "existing"), "way to start"), "any")
    deadline = parts["deadline"].keys("", "counts due") if "deadline" in parts else {}
    if "counts" in deadline:
        deadline["counts"].one_of(("office",), "clock")
    days, working = optional(deadline.get("due"), span, (0, True))
    return Definition(
        name=name,
        label=labelled(node, parts, name),
        record=record,
        kind=kind,
        start=optional(start.get("who"), lambda n: who(n, place.naming(_relations(()))), Who()),
        prefill=optional(start.get("prefill"), lambda n: n.one_of(("record", "last"), "source of answers"), None),
        manage=optional(parts.get("manage"), lambda n: who(n, place), None),
        deadline_days=days if deadline else None,
        deadline_working=working,
        form=form(parts["form"], kind, folder),
        forms=forms,
        states=states,
        actions=mapped(parts["actions"], lambda a, n: _action(a, n, acting, states, forms)),
        start_record=cast(Literal["any", "new", "existing"], existing),
        proof=optional(
            start.get("proof"), lambda n: shaped(Page, n, place, name="proof", fields=(), show_if=None), None
        ),
    )


def _place(parts: Mapping[str, Node], folder: Place, kind: RecordKind) -> Place:
    """Looks ahead at all names; steps share one namespace with fields and reserved names."""
    states, actions = parts["states"].named(), parts["actions"].named()
    taken = dict.fromkeys(actions, "an action") | TAKEN | dict.fromkeys(kind.fields, "a field")
    steps: set[str] = set()
    for state, node in states.items():
        told = node.peek("steps")
        for step in told if isinstance(told, dict) else ():
            if step in taken:
                node.fail(f"“{step}” is already {taken[step]}: one name means one thing", "steps", step)
            taken.setdefault(step, f"a step of {state}")
            steps.add(step)
    above = kind.child_of.fields if kind.child_of else {}
    areas = [name for name, f in kind.fields.items() if f.type == "area"]
    areas += [f"parent.{name}" for name, f in above.items() if f.type == "area"]
    names = {"state": states, "action": actions, "field": kind.fields, "field of type area": areas}
    known = {**surroundings(kind.fields, kind.child_of), **scope_of(kind.fields)}
    did = _relations(steps | actions.keys())
    return folder.naming({**names, **did}, kind=kind.name, fields=kind.fields, known=known, scope=known)


def _relations(did: Collection[str]) -> dict[str, Collection[str]]:
    relations = RELATIONS | {f"did.{name}" for name in did}
    return {"relation or did.…": relations, "excluded": relations - {"anyone"}}


def _scope(place: Place, steps: Mapping[str, Form | None]) -> Scope:
    """What conditions of the engine see: fields, steps of this state with their small forms, and the reserved names."""
    counts = dict.fromkeys(("open", "answered", "accepted", "cancelled"), NUMBER)
    did = sorted(name.removeprefix("did.") for name in place.names["excluded"] if name.startswith("did."))
    asked = {step: scope_of(form.fields) if form else {} for step, form in steps.items()}
    return {
        **place.known,
        **{step: Kind("group", {**own, **dict.fromkeys(OUTCOMES, BOOLEAN)}) for step, own in asked.items()},
        "round": NUMBER,
        "touched": BOOLEAN,
        "checks": Kind("group", dict.fromkeys(("passed", "failed"), BOOLEAN)),
        "corrections": Kind("group", counts),
        "conflicts": Kind("group", {"open": NUMBER}),
        "did": Kind("group", dict.fromkeys(did, BOOLEAN)),
    }


# -- states and steps


def _state(name: str, node: Node, place: Place, forms: Forms) -> State:
    parts = node.named()
    inner = parts["steps"].declared(read=True) if "steps" in parts else {}
    scope = _scope(place, {step: forms.get(str(n.peek("form") or "")) for step, n in inner.items()})
    stepping = replace(place, scope=scope, acts=f"{EFFECTS} action end widen")
    steps = {
        s: _step(s, n, stepping.naming({"other step of this state": inner.keys() - {s}})) for s, n in inner.items()
    }
    for step in steps.values():
        for before in (b for b in step.after if b in steps and steps[b].on_demand):
            inner[step.name].fail(f"“{before}” is a step on demand: nobody waits for it", "after")
    place = replace(place, acts=f"{EFFECTS} action", idle="edit" in parts)
    state = shaped(State, node, place, beside="steps", name=name, steps=steps)
    return replace(state, public_label=state.public_label or state.label)


def _step(name: str, node: Node, place: Place) -> Step:
    parts, check = node.named(), node.peek("check")
    if ("check" in parts) == ("who" in parts):
        node.fail("A step is either a “check” by the system, or has “who” does it")
    sort = "a check" if "check" in parts else "a step of people"
    for key in parts.keys() & (_OF_PEOPLE if "check" in parts else ("with",)):
        node.fail(f"“{key}” does not belong to {sort}", key)
    if "ladder" in parts and "due" not in parts:
        node.fail("The ladder of a step counts from its “due”, which is missing", "ladder")
    for key in parts.keys() & (_OF_THE_PLANNED if node.peek("on_demand") is True else ()):
        node.fail(f"“{key}” does not belong to a step on demand: who is asked, and when, somebody decides", key)
    days, working = optional(parts.get("due"), span, (0, True))
    seats = _seats(parts.get("seats"), place)
    return shaped(
        Step,
        node,
        place,
        beside="with due seats votes",
        name=name,
        with_=_with(parts.get("with"), check, node, place) if check and isinstance(check, str) else {},
        seats=seats,
        votes=optional(parts.get("votes"), lambda n: _votes(n, seats, place), None),
        due_days=days if "due" in parts else None,
        due_working=working,
    )


def _with(node: Node | None, check: str, step: Node, place: Place) -> dict[str, Any]:
    """Settings of a check: {by: fields} of duplicates, {holds, otherwise, shows, words} of a condition."""
    known = {"duplicates": ("by", ""), "condition": ("otherwise shows", "holds words")}.get(check, ("", ""))
    if node is None:
        if known[1]:
            step.fail(f"“with” is missing: a check “{check}” needs {' and '.join(known[1].split())}")
        return {}
    readers: Mapping[str, Callable[[Node], Any]] = {
        "holds": lambda n: n.condition(place.known),
        "words": Node.words,
        "otherwise": lambda n: n.one_of(("warn", "fail"), "outcome"),
        **dict.fromkeys(("by", "shows"), lambda n: each(n, lambda name: name.one_of(place.fields, "field"))),
    }
    return {key: readers[key](part) for key, part in node.keys(*known).items()}


def _seats(node: Node | None, place: Place) -> tuple[SeatKind, ...]:
    if node is None or not isinstance(node.value, dict):
        return (SeatKind("1", optional(node, _count, 1)),)
    return tuple(_seat(name, part, place) for name, part in node.declared().items()) or (SeatKind("1", 1),)


def _seat(name: str, node: Node, place: Place) -> SeatKind:
    if not isinstance(node.value, dict):
        return SeatKind(name, _count(node))
    count: int | Literal["all"] = optional(node.named().get("count"), _count, 1)
    return shaped(SeatKind, node, place, needed="count", name=name, count=count)


def _count(node: Node) -> int | Literal["all"]:
    if node.value == "all":
        return "all"
    if isinstance(node.value, str):
        node.fail(f"Here stands a number of seats or all, not {shown(node.value)}")
        return 1
    return node.whole(1)


def _votes(node: Node, seats: tuple[SeatKind, ...], place: Place) -> Votes:
    parts = node.named()
    names = {seat.name for seat in seats}
    need = node.peek("need")
    if need not in ("all", "majority"):
        need = optional(parts.get("need"), lambda n: n.whole(1), 1)
    weights = {n: w.whole(0) for n, w in parts["weights"].named().items()} if "weights" in parts else {}
    there = sum(_at_most(seat) * weights.get(seat.name, 1) for seat in seats)
    if isinstance(need, int) and need > there:
        weighing = ", by their weight" if weights else ""
        node.fail(f"{need} votes are needed, but there are fewer seats: {there:.0f}{weighing}", "need")
    for name in weights.keys() - names:
        node.fail(f"There is no seat “{name}”", "weights", name)
    place = place.naming({"seat": names})
    return shaped(Votes, node, place, beside="weights", needed="need", need=need, weights=weights)


def _at_most(seat: SeatKind) -> float:
    return seat.count if isinstance(seat.count, int) else float("inf")


# -- actions


def _action(name: str, node: Node, place: Place, states: Mapping[str, State], forms: Forms) -> Action:
    parts, step = node.named(), node.peek("step")
    by = [key for key in ("who", "step", "auto") if key in parts]
    if len(by) > 1:
        node.fail(f"An action is taken in one way, not by {' and '.join(by)}")
    from_ = each(parts.get("from"), lambda n: n.one_of(states, "state"))
    at = tuple(state.name for state in states.values() if step in list(state.steps))
    if step and from_ and from_ != at:
        node.fail(f"The step “{step}” is in {', '.join(at)}: leave “from” out", "from")
    if not (from_ or "step" in parts):
        node.fail("“from” is missing: in which states this can be done")
    sources = [states[s] for s in (at if step else from_) if s in states]
    steps = {s.name: s for state in sources for s in state.steps.values()}
    common = [s for s in steps.values() if all(s.name in state.steps for state in sources)]
    scope = _scope(place, {s.name: forms.get(s.form or "") for s in common})
    place = replace(place, scope=scope)
    return shaped(Action, node, place, beside="from", name=name, from_=at if step else from_)

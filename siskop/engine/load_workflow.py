"""Workflows: states with their steps, actions, and what they may read. Rules across the whole are in `lint`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, cast

from siskop.engine.conditions import Kind, Scope
from siskop.engine.definition import Action, Definition, Form, Page, RecordKind, SeatKind, State, Step, Votes, Who
from siskop.engine.load_fields import RESERVED, TODAY, scope_of
from siskop.engine.load_form import form, step_forms
from siskop.engine.reading import Node, each, labelled, mapped, optional, shown, worded
from siskop.engine.shorthand import CHECKS, EFFECTS, Folder, Place, effect, ladder, span, who

OUTCOMES = ("passed", "failed", "done", "skipped", "lapsed")
BALLOTS = ("for", "against", "abstain")
NEEDS = ("valid_form", "correction", "reason", "comment", "attachment", "person")
ALLOCATE = ("least_busy", "handled_before")
_BOOLEAN, _NUMBER = Kind("boolean"), Kind("number")


def workflow(node: Node, folder: Folder, kinds: Mapping[str, RecordKind]) -> Definition | None:
    parts = node.keys("label manage forms deadline", "workflow record start form states actions")
    if "manage" not in parts:
        node.warn("“manage” is missing: nobody can give a stuck submission to somebody else")
    name = optional(parts.get("record"), lambda n: n.one_of(kinds, "record kind"), "")
    if name not in kinds or "states" not in parts or "actions" not in parts or "form" not in parts:
        return None
    kind = kinds[name]
    place = _place(parts, folder, kind, kinds)
    start = parts["start"].keys("prefill record proof", "who") if "start" in parts else {}
    asked = form(parts["form"], kind)
    forms = step_forms(parts.get("forms"), folder)
    for step_form, asked_there in forms.items():
        for taken in asked_there.fields.keys() & set(OUTCOMES):
            parts["forms"].fail(f"“{taken}” is how a step ends: call the answer otherwise", None, (step_form, taken))
    states = mapped(parts["states"], lambda s, n: _state(s, n, place, forms))
    deadline = parts["deadline"].keys("", "counts due") if "deadline" in parts else {}
    if "counts" in deadline:
        deadline["counts"].one_of(("office",), "clock")
    days, working = optional(deadline.get("due"), span, (0, True))
    existing = optional(start.get("record"), lambda n: n.one_of(("any", "new", "existing"), "way to start"), "any")
    own_name = optional(parts.get("workflow"), Node.text, "")
    return Definition(
        name=own_name,
        label=labelled(node, parts, own_name),
        record=name,
        kind=kind,
        start=who(start["who"], replace(place, did=frozenset())) if "who" in start else Who(),
        prefill=optional(start.get("prefill"), lambda n: n.one_of(("record", "last"), "source of answers"), None),
        manage=optional(parts.get("manage"), lambda n: who(n, place), None),
        deadline_days=days if deadline else None,
        deadline_working=working,
        form=asked,
        forms=forms,
        states=states,
        actions=mapped(parts["actions"], lambda a, n: _action(a, n, place, states, forms)),
        start_record=cast(Literal["any", "new", "existing"], existing),
        proof=optional(start.get("proof"), _proof, None),
    )


def _proof(node: Node) -> Page:
    parts = node.keys("label help")
    return Page("proof", labelled(node, parts, "proof"), (), worded(parts.get("help")))


def _place(parts: Mapping[str, Node], folder: Folder, kind: RecordKind, kinds: Mapping[str, RecordKind]) -> Place:
    """Looks ahead at the names of steps and actions; steps share one namespace with fields and reserved names."""
    actions = frozenset(parts["actions"].named())
    steps: dict[str, str] = {}
    for state, node in parts["states"].named().items():
        inner = node.named().get("steps") if isinstance(node.value, dict) else None
        for step in inner.named() if inner is not None else ():
            taken = "a field" if step in kind.fields else "a reserved name" if step in RESERVED else None
            taken = taken or ("an action" if step in actions else f"a step of {steps[step]}" if step in steps else None)
            if taken:
                cast(Node, inner).fail(f"“{step}” is already {taken}: one name means one thing", None, (step,))
            steps[step] = state
    beside = {"last": kind, "parent": kinds.get(kind.child_of.record) if kind.child_of else None}
    groups = {name: Kind("group", scope_of(found.fields)) for name, found in beside.items() if found is not None}
    known = {**TODAY, **scope_of(kind.fields), **groups}
    return Place(folder, kind.name, kind.fields, actions | steps.keys(), actions, known)


def _scope(place: Place, steps: Mapping[str, Form | None]) -> Scope:
    """What conditions of the engine see: fields, steps of this state with their small forms, and the reserved names."""
    counts = dict.fromkeys(("open", "answered", "accepted", "cancelled"), _NUMBER)
    asked = {step: scope_of(form.fields) if form else {} for step, form in steps.items()}
    return {
        **place.known,
        **{step: Kind("group", {**own, **dict.fromkeys(OUTCOMES, _BOOLEAN)}) for step, own in asked.items()},
        "round": _NUMBER,
        "touched": _BOOLEAN,
        "checks": Kind("group", dict.fromkeys(("passed", "failed"), _BOOLEAN)),
        "corrections": Kind("group", counts),
        "conflicts": Kind("group", {"open": _NUMBER}),
        "did": Kind("group", dict.fromkeys(sorted(place.did), _BOOLEAN)),
    }


# -- states and steps


def _state(name: str, node: Node, place: Place, forms: Mapping[str, Form]) -> State:
    parts = node.keys("label public_label waits_for edit steps ladder final")
    label = labelled(node, parts, name)
    inner = parts["steps"].declared(read=True) if "steps" in parts else {}
    scope = _scope(place, {step: _form_of(n, forms) for step, n in inner.items()})
    steps = {s: _step(s, n, place, scope, forms) for s, n in inner.items()}
    for step in steps.values():
        for before in (b for b in step.after if b in steps and steps[b].on_demand):
            inner[step.name].fail(f"“{before}” is a step on demand: nobody waits for it", None, ("after",))
    waits = optional(parts.get("waits_for"), lambda n: n.one_of(("submitter", "office"), "side"), None)
    return State(
        name=name,
        label=label,
        public_label=worded(parts.get("public_label")) or label,
        waits_for=cast(Literal["submitter", "office"] | None, waits),
        edit=optional(parts.get("edit"), lambda n: who(n, place), None),
        steps=steps,
        ladder=ladder(parts.get("ladder"), place, f"{EFFECTS} action", idle="edit" in parts),
        final=optional(parts.get("final"), Node.flag, False),
    )


def _form_of(step: Node, forms: Mapping[str, Form]) -> Form | None:
    """Looks ahead: conditions of one step read the form of another."""
    named = step.value.get("form") if isinstance(step.value, dict) else None
    return forms.get(named) if isinstance(named, str) else None


def _step(name: str, node: Node, place: Place, scope: Scope, forms: Mapping[str, Form]) -> Step:
    by_whom = "who seats votes allocate form recuse self_service due ladder on_demand"
    parts = node.keys(f"label check with after when {by_whom}")
    if ("check" in parts) == ("who" in parts):
        node.fail("A step is either a “check” by the system, or has “who” does it")
    for key in by_whom.split() if "check" in parts else ("with",) if "with" in parts else ():
        if key in parts:
            parts[key].fail(f"“{key}” does not belong to {'a check' if 'check' in parts else 'a step of people'}")
    if "ladder" in parts and "due" not in parts:
        parts["ladder"].fail("The ladder of a step counts from its “due”, which is missing")
    check = optional(parts.get("check"), lambda n: n.one_of(CHECKS, "check"), None)
    beside = {other for other in node.siblings() if other != name}
    on_demand = optional(parts.get("on_demand"), Node.flag, False)
    for key in ("after", "when", "seats", "votes", "allocate", "form") if on_demand else ():
        if key in parts:
            parts[key].fail(f"“{key}” does not belong to a step on demand: who is asked, and when, somebody decides")
    days, working = optional(parts.get("due"), span, (0, True))
    seats = _seats(parts.get("seats"), place)
    return Step(
        name=name,
        label=labelled(node, parts, name),
        check=check,
        with_=_with(parts.get("with"), check, node, place) if check else {},
        who=optional(parts.get("who"), lambda n: who(n, place), None),
        seats=seats,
        votes=optional(parts.get("votes"), lambda n: _votes(n, seats), None),
        allocate=optional(parts.get("allocate"), lambda n: n.one_of(ALLOCATE, "way to choose"), None),
        after=each(parts.get("after"), lambda n: n.one_of(beside, "other step of this state")),
        when=optional(parts.get("when"), lambda n: n.condition(scope), None),
        due_days=days if "due" in parts else None,
        due_working=working,
        ladder=ladder(parts.get("ladder"), place, f"{EFFECTS} action end widen"),
        form=optional(parts.get("form"), lambda n: n.one_of(forms, "form"), None),
        recuse=optional(parts.get("recuse"), Node.flag, False),
        self_service=optional(parts.get("self_service"), Node.flag, False),
        on_demand=on_demand,
    )


def _with(node: Node | None, check: str, step: Node, place: Place) -> dict[str, Any]:
    """Settings of a check: {by: fields} of duplicates, {holds, otherwise, shows, words} of a condition."""
    known = {"duplicates": ("by", ""), "condition": ("otherwise shows", "holds words")}.get(check, ("", ""))
    if node is None:
        if known[1]:
            step.fail(f"“with” is missing: a check “{check}” needs {' and '.join(known[1].split())}")
        return {}
    found: dict[str, Any] = {}
    for key, part in node.keys(*known).items():
        if key == "holds":
            found[key] = part.condition(place.known)
        elif key == "words":
            found[key] = part.words()
        elif key == "otherwise":
            found[key] = part.one_of(("warn", "fail"), "outcome")
        else:
            found[key] = tuple(n.one_of(place.fields, "field") for n in part.items())
    return found


def _seats(node: Node | None, place: Place) -> tuple[SeatKind, ...]:
    if node is None or not isinstance(node.value, dict):
        return (SeatKind("1", optional(node, _count, 1)),)
    return tuple(_seat(name, part, place) for name, part in node.declared().items()) or (SeatKind("1", 1),)


def _seat(name: str, node: Node, place: Place) -> SeatKind:
    if not isinstance(node.value, dict):
        return SeatKind(name, _count(node))
    parts = node.keys("who", "count")
    return SeatKind(
        name, optional(parts.get("count"), _count, 1), optional(parts.get("who"), lambda n: who(n, place), None)
    )


def _count(node: Node) -> int | Literal["all"]:
    if node.value == "all":
        return "all"
    if isinstance(node.value, str):
        node.fail(f"Here stands a number of seats or all, not {shown(node.value)}")
        return 1
    return node.whole(1)


def _votes(node: Node, seats: tuple[SeatKind, ...]) -> Votes:
    parts = node.keys("veto weights reason", "need")
    names = {seat.name for seat in seats}
    need = parts["need"].value if "need" in parts else 1
    if need not in ("all", "majority"):
        need = parts["need"].whole(1) if "need" in parts else 1
    weights = {n: w.whole(0) for n, w in parts["weights"].named().items()} if "weights" in parts else {}
    there = sum(_at_most(seat) * weights.get(seat.name, 1) for seat in seats)
    if isinstance(need, int) and need > there:
        weighing = ", by their weight" if weights else ""
        parts["need"].fail(f"{need} votes are needed, but there are fewer seats: {there:.0f}{weighing}")
    for name in weights.keys() - names:
        parts["weights"].fail(f"There is no seat “{name}”", None, (name,))
    return Votes(
        need=need,
        veto=optional(parts.get("veto"), lambda n: n.one_of(names, "seat"), None),
        weights=weights,
        reason=optional(parts.get("reason"), lambda n: n.one_of(BALLOTS, "ballot"), None),
    )


def _at_most(seat: SeatKind) -> float:
    return seat.count if isinstance(seat.count, int) else float("inf")


# -- actions


def _action(name: str, node: Node, place: Place, states: Mapping[str, State], forms: Mapping[str, Form]) -> Action:
    parts = node.keys("label from who step auto when why form needs does tone", "to")
    by = [key for key in ("who", "step", "auto") if key in parts]
    if len(by) > 1:
        node.fail(f"An action is taken in one way, not by {' and '.join(by)}")
    steps = {s.name: s for state in states.values() for s in state.steps.values()}
    human = {name for name, s in steps.items() if s.who is not None and not s.on_demand}
    step = optional(parts.get("step"), lambda n: n.one_of(human, "step of people"), None)
    from_ = each(parts.get("from"), lambda n: n.one_of(states, "state"))
    at = tuple(state.name for state in states.values() if step in state.steps)
    if step and from_ and from_ != at:
        parts["from"].fail(f"The step “{step}” is in {', '.join(at)}: leave “from” out")
    if not (from_ or step or "step" in parts):
        node.fail("“from” is missing: in which states this can be done")
    sources = [states[s] for s in (at if step else from_) if s in states]
    common = set.intersection(*(set(state.steps) for state in sources)) if sources else set()
    scope = _scope(place, {name: forms.get(steps[name].form or "") for name in common})
    return Action(
        name=name,
        label=labelled(node, parts, name),
        from_=at if step else from_,
        to=optional(parts.get("to"), lambda n: n.one_of(states, "state"), ""),
        who=optional(parts.get("who"), lambda n: who(n, place), None),
        step=step,
        auto=optional(parts.get("auto"), lambda n: n.condition(scope), None),
        when=optional(parts.get("when"), lambda n: n.condition(scope), None),
        needs=each(parts.get("needs"), lambda n: n.one_of(NEEDS, "need")),
        does=each(parts.get("does"), lambda n: effect(n, place, EFFECTS)),
        tone=optional(parts.get("tone"), lambda n: n.one_of(("primary", "plain", "refuse"), "tone of a button"), ""),
        why=worded(parts.get("why")),
        form=optional(parts.get("form"), lambda n: n.one_of(forms, "form"), None),
    )

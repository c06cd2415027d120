"""Rules across a whole workflow whose breach would leave a case stuck, or let it decide without what it needs.

Found by random play over thousands of definitions: an `auto` on a field that may be empty stuck one case in six.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from siskop.engine import people
from siskop.engine.definition import Action, Condition, Definition, Form, RecordKind, Rung, Who
from siskop.engine.reading import Node

INPUT = frozenset({"reason", "comment", "attachment", "form", "person"})


def certain(form: Form) -> frozenset[str]:
    """Fields that every form sent in has: required, without condition."""
    return frozenset(
        f.name for page in form.pages if page.show_if is None for f in page.fields if f.required and f.show_if is None
    )


def never_empty(workflow: Definition, elsewhere: frozenset[str]) -> frozenset[str]:
    """Fields that a case that was sent in always has; `elsewhere` are those of every record it can be started on.

    What needs no question: the period of a child, and what is worked out from what is known. A step that has been done
    has what its small form requires.
    """
    child = workflow.kind.child_of
    known = certain(workflow.form) | elsewhere | ({child.period} if child and child.period else set[str]())
    for step in (step for state in workflow.states.values() for step in state.steps.values()):
        if step.form and step.form in workflow.forms:
            known |= {f"{step.name}.{name}" for name in certain(workflow.forms[step.form])}
    for f in workflow.kind.fields.values():
        if f.value is not None and f.value.names - f.value.optional <= {"today"} | known:
            known |= {f.name}
    return known


def check(node: Node, workflow: Definition, known: frozenset[str]) -> None:
    """`known` are the fields that are never empty."""
    _ways(node, workflow)
    _actions(node, workflow)
    _rungs(node, workflow)
    _orders(node, workflow)
    _reads(node, workflow, known)
    if node.errors.thorough:
        _separation(node, workflow)
        _explained(node, workflow)


def kind(node: Node, of: RecordKind) -> None:
    """What everybody would read of a field that is nobody's business."""
    for name, field in of.fields.items() if node.errors.thorough else ():
        for column in ("search", "filter"):
            if getattr(field, column) and field.privacy == "personal":
                said = "is personal, so no public page may be searched or filtered by it"
                node.fail(f"“{name}” {said}: say its privacy, or leave “{column}” out", None, ("fields", name, column))


def reopens(action: Action) -> bool:
    return action.who is not None and action.who.role is not None and "reason" in action.needs


# -- the graph of states


def _ways(node: Node, workflow: Definition) -> None:
    out = {state for action in workflow.actions.values() for state in action.from_}
    sends = {state for a in workflow.actions.values() if "valid_form" in a.needs for state in a.from_}
    for name, state in workflow.states.items():
        at = ("states", name)
        if state.final and (state.steps or state.ladder):
            node.fail("A final state is the end: it has no steps or ladder", None, at)
        if not state.final and name not in out:
            node.fail("No action leads out of here, and it is not final", None, at)
        if not state.final and state.waits_for is None:
            node.fail("“waits_for” is missing: submitter or office, or final: true", None, at)
        if state.edit is not None and name not in sends:
            node.warn(
                "What is filled in here is never sent: no action from here has needs: [valid_form]", (*at, "edit")
            )
    if not any(state.final for state in workflow.states.values()):
        node.fail("No state is final", None, ("states",))


# -- actions


def _actions(node: Node, workflow: Definition) -> None:
    by_ladder = {e.args["action"] for _, rung in _all_rungs(workflow) for e in rung.does if e.kind == "action"}
    for name, action in workflow.actions.items():
        at = ("actions", name)
        unattended = action.auto is not None or (action.who is None and action.step is None)
        if unattended and action.auto is None and name not in by_ladder:
            node.fail("Nobody takes this: say who, step or auto, or name it in a ladder", None, at)
        inputs = sorted(INPUT & {*action.needs, *(("form",) if action.form else ())})
        if (unattended or name in by_ladder) and inputs:
            node.fail(
                f"Nobody is there to give {' or '.join(inputs)}", None, (*at, "needs" if action.needs else "form")
            )
        if any(workflow.states[s].final for s in action.from_ if s in workflow.states) and not reopens(action):
            node.fail("Out of a final state leads only what a role does with a reason (who, needs: [reason])", None, at)
        target = workflow.states.get(action.to)
        if "correction" in action.needs and target is not None and target.waits_for != "submitter":
            node.fail("Corrections are asked of the submitter, but this leads elsewhere", None, (*at, "needs"))
    sent = any("valid_form" in action.needs for action in workflow.actions.values())
    for name, action in workflow.actions.items():
        if not sent and any(effect.kind == "publish" and not effect.args.get("set") for effect in action.does):
            node.fail("Nothing to publish: no action has needs: [valid_form]", None, ("actions", name))


# -- ladders


def _all_rungs(workflow: Definition) -> Iterator[tuple[tuple[str | int, ...], Rung]]:
    for name, state in workflow.states.items():
        yield from ((("states", name, "ladder", n), rung) for n, rung in enumerate(state.ladder))
        for step_name, step in state.steps.items():
            yield from ((("states", name, "steps", step_name, "ladder", n), rung) for n, rung in enumerate(step.ladder))


def _rungs(node: Node, workflow: Definition) -> None:
    for path, rung in _all_rungs(workflow):
        for effect in rung.does:
            action = workflow.actions.get(effect.args["action"]) if effect.kind == "action" else None
            if action is not None and path[1] not in action.from_:
                node.fail(f"“{action.name}” is no action of this state", None, path)


def _orders(node: Node, workflow: Definition) -> None:
    """Steps that wait for each other never open."""
    for name, state in workflow.states.items():
        waiting = {step.name: set(step.after) for step in state.steps.values()}
        while free := {step for step, after in waiting.items() if not after & waiting.keys()}:
            waiting = {step: after for step, after in waiting.items() if step not in free}
        for step in waiting:
            node.fail("This step waits for itself (after)", None, ("states", name, "steps", step))


# -- separation of duties must leave somebody


def _separation(node: Node, workflow: Definition) -> None:
    for path, who in _asked(workflow):
        relation, excluded = who.relation or "", set(who.exclude)
        before = workflow.actions.get(relation.removeprefix("did."))
        if relation in excluded:
            automatic = " (and where the office acts, submitter, author and operators always are)"
            node.fail(f"Nobody may do this: “{relation}” is excluded{automatic}", None, path)
        elif before is not None and before.who is not None and before.who.relation in excluded and not before.who.role:
            node.fail(f"Nobody may do this: whoever did “{before.name}” is excluded", None, path)
        if relation.startswith("did.") and path[0] == "states" and not _precedes(workflow, relation[4:], path[1]):
            node.fail(f"Nobody can have done “{relation[4:]}” before", None, path)


def _asked(workflow: Definition) -> Iterator[tuple[tuple[str, ...], Who]]:
    """Who is asked to act, with the exclusions of the place."""
    yield ("start", "who"), workflow.start
    for name, state in workflow.states.items():
        if state.edit is not None:
            yield ("states", name, "edit"), state.edit
        for step in state.steps.values():
            at = ("states", name, "steps", step.name)
            if step.who is not None:
                yield (*at, "who"), people.who_of(workflow, state, step)
            for seat in step.seats:
                if seat.who is not None:
                    yield (*at, "seats", seat.name, "who"), people.who_of(workflow, state, step, seat)
    for name, action in workflow.actions.items():
        found = [
            people.office_who(workflow, workflow.states[s], action.who)
            for s in action.from_
            if action.who and s in workflow.states
        ]
        yield from ((("actions", name, "who"), who) for who in found)


def _precedes(workflow: Definition, doing: str, state: str) -> bool:
    """Whether a case can come to `state` after the action or step, or have the step beside."""
    action = workflow.actions.get(doing)
    reached = {action.to} if action else {s.name for s in workflow.states.values() if doing in s.steps}
    while more := {a.to for a in workflow.actions.values() if reached & set(a.from_)} - reached:
        reached |= more
    return state in reached


def _explained(node: Node, workflow: Definition) -> None:
    for page in workflow.form.pages:
        for asked in page.fields:
            field = workflow.form.fields[asked.name]
            if (asked.required or asked.required_if) and not (field.help or field.example):
                said = "is required, but its record kind has neither help nor example for it"
                node.warn(f"“{asked.name}” {said}", ("form", page.name, "fields", asked.name))


# -- what is read must be there


def _reads(node: Node, workflow: Definition, known: frozenset[str]) -> None:
    fields = workflow.kind.fields
    for path, condition in _deciding(workflow):
        for field in sorted(condition.names & fields.keys() - known - condition.optional):
            node.fail(f"“{field}” may be empty: require it in the form, or test {field} is None first", None, path)
    for path, who in _people(workflow):
        if who.area is not None and who.area in fields and who.area not in known:
            node.fail(f"“{who.area}” may be empty, then nobody is found: require it in the form", None, path)
    for title in workflow.kind.title_fields():
        if title not in known:
            node.fail(f"“{title}” is in the title of the record: require it in the form", None, ("form",))


def _deciding(workflow: Definition) -> Iterator[tuple[tuple[str, ...], Condition]]:
    for name, action in workflow.actions.items():
        if action.auto is not None:
            yield from ((("actions", name, key), c) for key, c in _conditions(action))
    for name, state in workflow.states.items():
        for step_name, step in state.steps.items():
            if step.when is not None:
                yield ("states", name, "steps", step_name, "when"), step.when


def _conditions(action: Action) -> Iterator[tuple[str, Condition]]:
    found: Mapping[str, Condition | None] = {"auto": action.auto, "when": action.when}
    yield from ((key, condition) for key, condition in found.items() if condition is not None)


def _people(workflow: Definition) -> Iterator[tuple[tuple[str, ...], Who]]:
    for name, state in workflow.states.items():
        for step_name, step in state.steps.items():
            path = ("states", name, "steps", step_name)
            yield from ((path, who) for who in (step.who, *(seat.who for seat in step.seats)) if who is not None)

"""Rules across a whole workflow whose breach would leave a case stuck, or let it decide without what it needs.

Each rule yields what is wrong with its path. Found by random play over thousands of definitions: an `auto` on a field
that may be empty stuck one case in six.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from siskop.engine import people
from siskop.engine.definition import Action, Definition, Field, Form, RecordKind, Rung, State, Step, Who
from siskop.engine.reading import Node
from siskop.engine.source import Path

INPUT = frozenset({"reason", "comment", "attachment", "form", "person"})
Said = Iterator[tuple[Path, str]]


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
    for step in workflow.steps.values():
        if step.form and step.form in workflow.forms:
            known |= {f"{step.name}.{name}" for name in certain(workflow.forms[step.form])}
    for f in workflow.kind.fields.values():
        if f.value is not None and f.value.names - f.value.optional <= {"today"} | known:
            known |= {f.name}
    return known


def check(node: Node, workflow: Definition, known: frozenset[str]) -> None:
    """`known` are the fields that are never empty."""
    found = [*_ways(workflow), *_actions(workflow), *_rungs(workflow), *_orders(workflow), *_reads(workflow, known)]
    for path, said in (*found, *(_separation(workflow) if node.errors.thorough else ())):
        node.fail(said, *path)
    unsure = (_unexplained, _unused, _hurried, _late, _one_sided, _uncompared) if node.errors.thorough else ()
    for path, said in (*_unsent(workflow), *(one for rule in unsure for one in rule(workflow))):
        node.warn(said, *path)


def kind(node: Node, of: RecordKind) -> None:
    """What everybody would read of a field that is nobody's business."""
    for name, field in of.fields.items() if node.errors.thorough else ():
        for column in ("search", "filter"):
            if getattr(field, column) and field.privacy == "personal":
                said = "is personal, so no public page may be searched or filtered by it"
                node.fail(f"“{name}” {said}: say its privacy, or leave “{column}” out", "fields", name, column)


def reopens(action: Action) -> bool:
    return action.who is not None and action.who.role is not None and "reason" in action.needs


def _steps(workflow: Definition) -> Iterator[tuple[Path, State, Step]]:
    for state in workflow.states.values():
        yield from ((("states", state.name, "steps", step.name), state, step) for step in state.steps.values())


# -- the graph of states


def _ways(workflow: Definition) -> Said:
    out = {state for action in workflow.actions.values() for state in action.from_}
    for name, state in workflow.states.items():
        at = ("states", name)
        if state.final and (state.steps or state.ladder):
            yield at, "A final state is the end: it has no steps or ladder"
        if not state.final and name not in out:
            yield at, "No action leads out of here, and it is not final"
        if not state.final and state.waits_for is None:
            yield at, "“waits_for” is missing: submitter or office, or final: true"
    if not any(state.final for state in workflow.states.values()):
        yield ("states",), "No state is final"


def _unsent(workflow: Definition) -> Said:
    sends = {state for a in workflow.actions.values() if "valid_form" in a.needs for state in a.from_}
    for name, state in workflow.states.items():
        if state.edit is not None and name not in sends:
            said = "What is filled in here is never sent: no action from here has needs: [valid_form]"
            yield ("states", name, "edit"), said


# -- actions


def _actions(workflow: Definition) -> Said:
    rungs = (effect for state in workflow.states.values() for effect in state.rung_effects())
    by_ladder = {effect.args["action"] for effect in rungs if effect.kind == "action"}
    sent = any("valid_form" in action.needs for action in workflow.actions.values())
    for name, action in workflow.actions.items():
        at = ("actions", name)
        unattended = action.auto is not None or (action.who is None and action.step is None)
        if unattended and action.auto is None and name not in by_ladder:
            yield at, "Nobody takes this: say who, step or auto, or name it in a ladder"
        inputs = sorted(INPUT & {*action.needs, *(("form",) if action.form else ())})
        if (unattended or name in by_ladder) and inputs:
            yield (*at, "needs" if action.needs else "form"), f"Nobody is there to give {' or '.join(inputs)}"
        if any(workflow.states[s].final for s in action.from_ if s in workflow.states) and not reopens(action):
            yield at, "Out of a final state leads only what a role does with a reason (who, needs: [reason])"
        target = workflow.states.get(action.to)
        if "correction" in action.needs and target is not None and target.waits_for != "submitter":
            yield (*at, "needs"), "Corrections are asked of the submitter, but this leads elsewhere"
        if not sent and any(effect.kind == "publish" and not effect.args.get("set") for effect in action.does):
            yield at, "Nothing to publish: no action has needs: [valid_form]"


# -- ladders


def _rungs(workflow: Definition) -> Said:
    ladders: list[tuple[Path, tuple[Rung, ...]]] = [(("states", s.name), s.ladder) for s in workflow.states.values()]
    ladders += [(at, step.ladder) for at, _, step in _steps(workflow)]
    for at, n, effect in ((at, n, e) for at, ladder in ladders for n, rung in enumerate(ladder) for e in rung.does):
        action = workflow.actions.get(effect.args["action"]) if effect.kind == "action" else None
        if action is not None and at[1] not in action.from_:
            yield (*at, "ladder", n), f"“{action.name}” is no action of this state"


def _orders(workflow: Definition) -> Said:
    """Steps that wait for each other never open."""
    for name, state in workflow.states.items():
        waiting = {step.name: set(step.after) for step in state.steps.values()}
        while free := {step for step, after in waiting.items() if not after & waiting.keys()}:
            waiting = {step: after for step, after in waiting.items() if step not in free}
        yield from ((("states", name, "steps", step), "This step waits for itself (after)") for step in waiting)


# -- separation of duties must leave somebody


def _separation(workflow: Definition) -> Said:
    for path, who in _asked(workflow):
        relation, excluded = who.relation or "", set(who.exclude)
        before = workflow.actions.get(relation.removeprefix("did."))
        if relation in excluded:
            automatic = " (and where the office acts, submitter, author and operators always are)"
            yield path, f"Nobody may do this: “{relation}” is excluded{automatic}"
        elif before is not None and before.who is not None and before.who.relation in excluded and not before.who.role:
            yield path, f"Nobody may do this: whoever did “{before.name}” is excluded"
        if relation.startswith("did.") and path[0] == "states" and not _precedes(workflow, relation[4:], path[1]):
            yield path, f"Nobody can have done “{relation[4:]}” before"


def _asked(workflow: Definition) -> Iterator[tuple[Path, Who]]:
    """Who is asked to act, with the exclusions of the place."""
    yield ("start", "who"), workflow.start
    yield from ((("states", s.name, "edit"), s.edit) for s in workflow.states.values() if s.edit is not None)
    for at, state, step in _steps(workflow):
        if step.who is not None:
            yield (*at, "who"), people.who_of(state, step)
        for seat in (seat for seat in step.seats if seat.who is not None):
            yield (*at, "seats", seat.name, "who"), people.who_of(state, step, seat)
    for name, action in workflow.actions.items():
        for state in (workflow.states[s] for s in action.from_ if s in workflow.states):
            if action.who is not None:
                yield ("actions", name, "who"), people.office_who(workflow, state, action.who)


def _precedes(workflow: Definition, doing: str, state: str | int, step: str = "") -> bool:
    """Whether a case can come to `state` (and its step) after the action or step, or have the step beside."""
    action = workflow.actions.get(doing)
    reached = {action.to} if action else {s.name for s in workflow.states.values() if doing in s.steps}
    if state in reached and step in (doing, *_awaited(workflow, doing)):  # only in a later round
        reached = {a.to for a in workflow.actions.values() if state in a.from_}
    while more := {a.to for a in workflow.actions.values() if reached & set(a.from_)} - reached:
        reached |= more
    return state in reached


def _awaited(workflow: Definition, step: str) -> set[str]:
    """The steps that have ended when this one opens."""
    found: set[str] = set()
    waiting = {step}
    while waiting := {n for name in waiting & workflow.steps.keys() for n in workflow.steps[name].after} - found:
        found |= waiting
    return found


def _excluded(step: Step) -> set[str]:
    """The steps and actions of which who did them is excluded."""
    asked = (who for who in (step.who, *(seat.who for seat in step.seats)) if who is not None)
    return {word.removeprefix("did.") for who in asked for word in who.exclude if word.startswith("did.")}


def _late(workflow: Definition) -> Said:
    """Exclusions of what only comes later."""
    for at, state, step in _steps(workflow):
        for name in sorted(_excluded(step) & (workflow.steps.keys() | workflow.actions.keys())):
            if not _precedes(workflow, name, state.name, step.name):
                yield at, f"“{name}” never comes before this step, so excluding who did it keeps nobody out"


def _one_sided(workflow: Definition) -> Said:
    """Of two steps side by side only one keeps out who did the other."""
    for at, state, step in _steps(workflow):
        beside = _excluded(step) & state.steps.keys() - {step.name} - _awaited(workflow, step.name)
        for name in sorted(beside):
            if step.name not in _excluded(state.steps[name]) | _awaited(workflow, name):
                yield at, f"One person may do this and then “{name}”: let “{name}” exclude did.{step.name} too"


def _unused(workflow: Definition) -> Said:
    used = {step.form for step in workflow.steps.values()} | {action.form for action in workflow.actions.values()}
    for name in workflow.forms.keys() - used:
        yield ("forms", name), "Nothing uses this form: a step or an action names it (form: …)"


def _hurried(workflow: Definition) -> Said:
    """What is over, or comes, as soon as it begins."""
    over = "Nobody has time: this is over at the end of the day on which it begins"
    if workflow.deadline_days == 0:
        yield ("deadline", "due"), over
    yield from (((*at, "due"), over) for at, _, step in _steps(workflow) if step.due_days == 0)
    of_states = ((("states", s.name), s.ladder, 0, False) for s in workflow.states.values())
    of_steps = ((at, step.ladder, step.due_days or 0, step.due_working) for at, _, step in _steps(workflow))
    for at, ladder, days, working in (*of_states, *of_steps):
        for n in (n for n, r in enumerate(ladder) if r.at.days < -days and (r.at.working or not working)):
            yield (*at, "ladder", n, "at"), "This day lies before the ladder begins, so it comes at once"


def _uncompared(workflow: Definition) -> Said:
    kind = workflow.kind
    compared = {*kind.title_fields(), kind.area, kind.key}
    for at, _, step in _steps(workflow):
        for name in () if step.check != "duplicates" else step.with_.get("by", ()):
            if name in kind.fields and name not in compared:
                yield (*at, "with", "by"), f"“{name}” is not compared: only the title, area and key of “display” are"


def _unexplained(workflow: Definition) -> Said:
    for page in workflow.form.pages:
        for asked in page.fields:
            field = workflow.form.fields[asked.name]
            if (asked.required or asked.required_if) and not (field.help or field.example):
                said = "is required, but its record kind has neither help nor example for it"
                yield ("form", page.name, "fields", asked.name), f"“{asked.name}” {said}"


# -- what is read must be there


def _reads(workflow: Definition, known: frozenset[str]) -> Said:
    fields = workflow.kind.fields
    deciding = [
        *((("actions", a.name, "auto"), a.auto) for a in workflow.actions.values()),
        *((("actions", a.name, "when"), a.when) for a in workflow.actions.values() if a.auto),
        *(((*at, "when"), step.when) for at, _, step in _steps(workflow)),
    ]
    for path, condition in ((path, c) for path, c in deciding if c is not None):
        for field in sorted(condition.names & fields.keys() - known - condition.optional):
            yield path, f"“{field}” may be empty: {_lacking(fields, field, known)}, or test {field} is None first"
    for path, who in _asked(workflow):
        if path[2:3] == ("steps",) and who.area in fields and who.area not in known:
            yield path[:4], f"“{who.area}” may be empty, then nobody is found: require it in the form"
    for title in workflow.kind.title_fields():
        if title not in known:
            yield ("form",), f"“{title}” is in the title of the record: require it in the form"


def _lacking(fields: Mapping[str, Field], field: str, known: frozenset[str]) -> str:
    """What to do so that the field is always there; for one that is worked out, what it rests on."""
    if fields[field].value is None:
        return "require it in the form"
    rests = sorted(_rests(fields, field) - known - {"today"})
    own = [name for name in rests if "." not in name]
    above = [name for name in rests if name.startswith("parent.")]
    ways = [f"require {_joined(own)} in the form"] if own else []
    ways += [f"require {_joined(above)} in every form that begins the record above"] if above else []
    return "; ".join([f"it is worked out from {_joined(rests)}", *ways])


def _rests(fields: Mapping[str, Field], field: str) -> frozenset[str]:
    by = fields[field].value if field in fields else None
    return frozenset({field}) if by is None else frozenset().union(*(_rests(fields, n) for n in by.names - by.optional))


def _joined(names: list[str]) -> str:
    return " and ".join(f"“{name}”" for name in names)

"""Workflows by chance: valid ones, with everything that a file can ask for, and newer versions of them.

Conditions are read by the real language; `kleene` says independently of it what they come to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from siskop.engine.conditions import Kind, compile_condition
from siskop.engine.definition import (
    Action,
    At,
    Condition,
    Definition,
    Effect,
    Field,
    Form,
    Page,
    PageField,
    RecordKind,
    Rung,
    SeatKind,
    State,
    Step,
    Votes,
    Who,
)
from tests.engine.flows import OPERATORS, by_name

TYPES = {"name": "text", "area": "text", "amount": "integer", "expires": "date", "flag": "boolean"}
FIELDS = {name: Field(name, type_, {}) for name, type_ in TYPES.items()}
PARTS = ("passed", "failed", "done", "skipped", "lapsed")
VISIT = Form((Page("all", {}, (PageField("score"),)),), {"score": Field("score", "integer", {})})
ROLES = ("clerk", "chief", "expert")
PLAIN = ("amount > 50", "amount <= 50", "flag", "not flag", "expires is None", "expires > today", "last.amount is None")
"""What an action or a step may hang on; with `round` and `touched` also on what happened."""
DECIDING, NUMBER, BOOLEAN = ("end", "action"), Kind("number"), Kind("boolean")


def condition(source: str) -> Condition:
    """Over the fields, the record's values now, and whichever steps it names."""
    steps = {word.partition(".")[0] for word in source.split() if "." in word} - {"last", "checks"}
    group = Kind("group", {**dict.fromkeys(PARTS, BOOLEAN), "score": NUMBER})
    scope = {
        **{name: Kind({"integer": "number"}.get(type_, type_)) for name, type_ in TYPES.items()},
        **dict.fromkeys(steps, group),
        "today": Kind("date"),
        "round": NUMBER,
        "touched": BOOLEAN,
        "checks": Kind("group", dict.fromkeys(("passed", "failed"), BOOLEAN)),
        "last": Kind("group", {"amount": NUMBER}),
    }
    return compile_condition(source, scope)


def kleene(source: str, value: Callable[[str], Any]) -> bool | None:
    """What a condition comes to, where `value` looks up names: alternatives of terms, each perhaps with `not`."""
    found = [_all([_term(term, value) for term in part.split(" and ")]) for part in source.split(" or ")]
    return True if True in found else None if None in found else False


def _all(found: list[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def _term(term: str, value: Callable[[str], Any]) -> bool | None:
    words = term.split()
    if words[0] == "not":
        inner = value(words[1])
        return None if inner is None else not inner
    if len(words) == 1:
        return value(words[0])
    if words[1] == "is":
        return value(words[0]) is None
    left, right = value(words[0]), value(words[2]) if words[2].isidentifier() else int(words[2])
    if left is None or right is None:
        return None
    return {">": left > right, "<=": left <= right, "<": left < right}[words[1]]


# ------------------------------------------------------------------ a workflow


def invent(dice: Random) -> Definition:
    """Draft and returned; one to three states of the office; published, refused, withdrawn."""
    offices = [f"o{n}" for n in range(dice.choice([1, 1, 2, 2, 3]))]
    done: list[str] = ["submit"]
    states = {"draft": _draft(dice), "returned": State("returned", {}, {}, "submitter", edit=OPERATORS)}
    actions: dict[str, Action] = {"submit": _submit(dice, offices[0])}
    for n, name in enumerate(offices):
        onwards = [*offices, "published"][n + 1]
        back = dice.choice(["returned", "refused", *offices[:n]])
        states[name] = _office(dice, name, done)
        found = list(_ways(dice, states[name], onwards, back))
        actions |= by_name(*found)
        done += [*states[name].steps, *(action.name for action in found if action.auto is None)]
    states |= by_name(*(State(name, {}, {}, final=True) for name in ("published", "refused", "withdrawn")))
    actions |= by_name(*_at_the_ends(dice, offices))
    return Definition(
        name="invented",
        label={},
        record="thing",
        kind=RecordKind("thing", {}, "name", FIELDS, area="area"),
        start=OPERATORS,
        prefill=None,
        manage=Who(role="manager") if dice.random() < 0.95 else None,
        deadline_days=10,
        deadline_working=dice.random() < 0.5,
        form=Form((Page("all", {}, tuple(PageField(name) for name in FIELDS)),), FIELDS),
        forms={"visit": VISIT},
        states=states,
        actions=actions,
        behaviour="b1",
    )


def _draft(dice: Random) -> State:
    rungs = [Rung(At(8, idle=True), (Effect("mail", {"mail": "soon"}),))]
    if dice.random() < 0.3:
        rungs.append(Rung(At(9, idle=True), (Effect("action", {"action": "withdraw"}),)))
    return State("draft", {}, {}, "submitter", edit=OPERATORS, ladder=tuple(rungs))


def _submit(dice: Random, to: str) -> Action:
    window = condition("round < 9") if dice.random() < 0.2 else None
    why = {"why": {"id": "Nanti.", "en": "Later."}} if window else {}
    return Action("submit", {}, ("draft", "returned"), to, who=OPERATORS, needs=("valid_form",), when=window, **why)


def _at_the_ends(dice: Random, offices: list[str]) -> Iterator[Action]:
    recalled = ("draft", "returned", *dice.sample(offices, dice.randint(0, 1)))
    untouched = condition("not touched") if len(recalled) > 2 else None
    yield Action("withdraw", {}, recalled, "withdrawn", who=OPERATORS, when=untouched)
    if dice.random() < 0.4:
        ends = tuple(dice.sample(["published", "refused"], dice.randint(1, 2)))
        who = Who(role="chief", exclude=tuple(dice.sample(["did.submit"], dice.randint(0, 1))))
        yield Action("reopen", {}, ends, dice.choice([offices[0], "returned"]), who=who, needs=("reason",))


# ------------------------------------------------------------------ a state of the office


def _office(dice: Random, name: str, done: list[str]) -> State:
    steps: dict[str, Step] = {}
    for n in range(dice.randint(0, 2)):
        steps[f"{name}_check{n}"] = Step(f"{name}_check{n}", {}, check="completeness")
    for n in range(dice.choice([1, 1, 2, 2, 3])):
        step = _human(dice, f"{name}_s{n}", list(steps), done)
        steps[step.name] = step
    if dice.random() < 0.35:
        asked = Step(f"{name}_asked", {}, who=Who(role="expert"), on_demand=True, due_days=dice.choice([None, 2]))
        steps[asked.name] = replace(asked, recuse=dice.random() < 0.3)
    rungs = [Rung(At(dice.randint(3, 12)), (Effect("mail", {"mail": "late"}),))]
    if dice.random() < 0.5:
        rungs.append(Rung(At(dice.randint(2, 9), dice.random() < 0.5), (Effect("action", {"action": f"{name}_late"}),)))
    return State(name, {}, {}, "office", steps=steps, ladder=tuple(rungs))


def _human(dice: Random, name: str, before: list[str], done: list[str]) -> Step:
    sort = dice.choice(["vote", "vote", "task", "form", "decides", "decides"])
    seats = _seats(dice) if sort == "vote" else (SeatKind("1", 1),)
    if sort == "task" and dice.random() < 0.3:
        seats = (SeatKind("member", dice.choice([2, "all"])),)
    exclude = tuple(f"did.{dice.choice(done)}" for _ in range(dice.randint(0, 1)))
    due = dice.choice([None, 1, 3, 5])
    return Step(
        name,
        {},
        who=Who(role=dice.choice(ROLES[:2]), area=dice.choice([None, None, "area"]), exclude=exclude),
        seats=seats,
        votes=_votes(dice, seats) if sort == "vote" else None,
        allocate=dice.choice([None, None, "least_busy", "handled_before"]),
        after=tuple(dice.sample(before, dice.randint(0, min(2, len(before))))),
        when=condition(dice.choice([*PLAIN, "round < 3"])) if dice.random() < 0.45 else None,
        due_days=due,
        due_working=dice.random() < 0.7,
        ladder=_ladder(dice, sort) if due is not None else (),
        form="visit" if sort == "form" else None,
        recuse=dice.random() < 0.4,
        self_service=dice.random() < 0.1,
    )


def _seats(dice: Random) -> tuple[SeatKind, ...]:
    several = SeatKind("member", dice.choice([2, 3, 3, "all", "all"]))
    chief = SeatKind("boss", dice.choice([1, 1, "all"]), Who(role="chief") if dice.random() < 0.6 else None)
    return dice.choice([(SeatKind("1", 1),), (several,), (several,), (several, chief)])


def _votes(dice: Random, seats: tuple[SeatKind, ...]) -> Votes:
    kind = seats[-1].name
    return Votes(
        need=dice.choice([1, 2, 2, "all", "majority", "majority"]) if len(seats) > 1 or seats[0].count != 1 else 1,
        veto=kind if dice.random() < 0.3 else None,
        weights={kind: dice.choice([0, 2])} if dice.random() < 0.25 else {},
        reason=dice.choice([None, "against"]),
    )


def _ladder(dice: Random, sort: str) -> tuple[Rung, ...]:
    outcome = dice.choice({"vote": ["passed", "failed", "lapsed"], "decides": ["lapsed"]}.get(sort, ["done", "lapsed"]))
    acts = [
        Effect("mail", {"mail": "due"}),
        Effect("widen", {"who": Who(role="chief")}),
        Effect("end", {"outcome": outcome}),
        Effect("end", {"outcome": outcome}),
    ]
    return tuple(Rung(At(n), (act,)) for n, act in enumerate(dice.sample(acts, dice.randint(1, 2))))


# ------------------------------------------------------------------ what leads out of it


def _ways(dice: Random, state: State, onwards: str, back: str) -> Iterator[Action]:
    here = (state.name,)
    for step in state.steps.values():
        if step.who is not None and not step.on_demand:
            yield from _out_of(dice, state, step, onwards, back)
    returns = dice.choice([Who(role="clerk"), Who(relation="assignee"), Who(role="chief", exclude=("did.submit",))])
    yield Action(f"{state.name}_return", {}, here, "returned", who=returns, needs=("correction",))
    if dice.random() < 0.3:
        whose = Who(relation=f"did.{dice.choice([s.name for s in state.steps.values() if s.who])}")
        yield Action(f"{state.name}_undo", {}, here, back, who=whose, needs=("comment",))
    yield Action(f"{state.name}_late", {}, here, dice.choice([onwards, "refused", "returned"]), when=_maybe(dice))


def _maybe(dice: Random) -> Condition | None:
    return condition(dice.choice(PLAIN)) if dice.random() < 0.25 else None


def _out_of(dice: Random, state: State, step: Step, onwards: str, back: str) -> Iterator[Action]:
    here, name = (state.name,), step.name
    with_more = dice.choice(["", "", " and amount > 50", " and checks.passed"])
    if step.votes is not None:
        yield Action(f"{name}_yes", {}, here, onwards, auto=condition(f"{name}.passed{with_more}"), when=_maybe(dice))
        yield Action(f"{name}_nay", {}, here, back, auto=condition(f"{name}.failed or {name}.lapsed"))
    elif step.form:
        yield Action(f"{name}_yes", {}, here, onwards, auto=condition(f"{name}.score > 50 or {name}.skipped"))
        yield Action(f"{name}_nay", {}, here, back, auto=condition(f"{name}.score <= 50 or {name}.lapsed"))
    elif step.seats[0].count != 1 or dice.random() < 0.35:
        yield Action(f"{name}_yes", {}, here, onwards, auto=condition(f"{name}.done{with_more}"))
        yield Action(f"{name}_nay", {}, here, back, auto=condition(f"{name}.lapsed"))
    else:
        needs = tuple(dice.sample(["comment", "attachment", "person"], dice.choice([0, 0, 0, 1, 2])))
        if onwards == "published":
            needs = tuple(need for need in needs if need != "person")
        form = "visit" if dice.random() < 0.2 else None
        yield Action(f"{name}_go", {}, here, onwards, step=name, when=_maybe(dice), needs=needs, form=form)
        yield Action(f"{name}_back", {}, here, "returned", step=name, needs=("correction",))
        yield Action(f"{name}_no", {}, here, "refused", step=name, needs=("reason",))


# ------------------------------------------------------------------ a newer version of it


def renew(dice: Random, old: Definition, state: str) -> tuple[Definition, str]:
    """A newer version, and the state in which a case that is in `state` goes on."""
    new = replace(old, behaviour=old.behaviour + "'")
    change = dice.choice(["name", "field", "seats", "none"])
    if change == "name" and not old.states[state].final and state != old.initial:
        return _renamed(new, {state: f"{state}x"}), f"{state}x"
    if change == "field":
        fields = {name: f for name, f in old.form.fields.items() if name != dice.choice(list(FIELDS))}
        return replace(new, form=replace(old.form, fields=fields)), state
    if change == "seats":
        steps = {n: replace(s, recuse=not s.recuse, due_days=4) for n, s in old.states[state].steps.items()}
        return replace(new, states={**old.states, state: replace(old.states[state], steps=steps)}), state
    return new, state


def _renamed(new: Definition, names: Mapping[str, str]) -> Definition:
    states = {names.get(n, n): replace(s, name=names.get(n, n)) for n, s in new.states.items()}
    actions = {
        name: replace(a, from_=tuple(names.get(f, f) for f in a.from_), to=names.get(a.to, a.to))
        for name, a in new.actions.items()
    }
    return replace(new, states=states, actions=actions)

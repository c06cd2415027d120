"""What the outside does and shows, as far as values decide it: the same for the house with its database, and for
rehearsals."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Literal

from siskop.engine import form, standing
from siskop.engine.case import Case, Event
from siskop.engine.definition import EMPTY, Badge, Condition, Definition, RecordKind, Step
from siskop.engine.fields.registry import type_of

Verdict = Literal["passed", "warned", "failed"]


def reached(to: str, case: Case, event: Event, operators: Collection[int]) -> Iterator[int]:
    """Whom a mail's `to` or `copy` names by relation; `operators` act for the record now."""
    if to in ("operators", "record_operator"):
        yield from operators
    elif to == "submitter":
        yield from sorted(case.submitters or {person for person in (case.starter,) if person is not None})
    elif to == "author":
        yield from sorted(case.authors)
    elif to == "assignee":
        scope = str(event.body.get("scope", "")).removeprefix("step:") or event.body.get("step")
        runs = (run for run in case.runs.values() if run.outcome is None and (not scope or run.step == scope))
        yield from (seat.person for run in runs for seat in run.seats.values() if seat.person)


def hidden(definition: Definition, case: Case, answers: Mapping[str, Any], context: form.Context) -> list[str]:
    """Questions that do not apply to what the record will hold: one side may have said no where the other gave
    details."""
    if case.revision is None:
        return []
    shown = form.visible(definition.form, answers, context)
    return [name for name in definition.form.names() if name not in shown]


def constants(
    kind: RecordKind, expressions: Mapping[str, Condition], answers: Mapping[str, Any], context: form.Context
) -> dict[str, Any]:
    """What a publication sets by the file, as it is stored."""
    env = environment(kind, answers, context.today, context.parent, context.last)
    found = {name: expression.value(env) for name, expression in expressions.items()}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def settled(kind: RecordKind, values: Mapping[str, Any], context: form.Context) -> dict[str, Any]:
    """What a record holds after a merge: with what is worked out, and without what is empty."""
    worked = {**values, **form.computed(kind, values, context)}
    return {name: value for name, value in worked.items() if value is not None}


def complete(definition: Definition, answers: Mapping[str, Any], context: form.Context) -> form.Clean | form.Problems:
    """The validator that took the form, on what the record would hold."""
    asked = definition.form
    given = {name: answers[name] for name in asked.names() if answers.get(name) is not None}
    raw = {name: type_of(asked.fields[name]).raw(asked.fields[name], value) for name, value in given.items()}
    return form.accept(asked, raw, context)


def verdict(step: Step, kind: RecordKind, answers: Mapping[str, Any], context: form.Context) -> Verdict:
    """Of a check by a condition: only a known False is no pass."""
    env = environment(kind, answers, context.today, context.parent, context.last)
    if step.with_["holds"].test(env) is not False:
        return "passed"
    return "failed" if step.with_.get("otherwise") == "fail" else "warned"


def environment(
    kind: RecordKind,
    values: Mapping[str, Any],
    today: date,
    parent: Mapping[str, Any] = EMPTY,
    last: Mapping[str, Any] = EMPTY,
    *,
    reported: Mapping[str, Collection[int]] = EMPTY,
) -> dict[str, Any]:
    """What conditions beside the engine may read: fields with their real types, `today`, the parent's and the last
    values, the groups of periods (`reported`: years by group), and the facts in their order."""
    env = form.environment(kind.fields, values, **form.surroundings(kind, parent, last))
    return on_day(kind, env, today, reported)


def on_day(
    kind: RecordKind, env: Mapping[str, Any], today: date, reported: Mapping[str, Collection[int]]
) -> dict[str, Any]:
    """The same on another day, without reading the values again."""
    env = {**env, "today": today, **standing.groups(kind, env, today, reported)}
    for name, fact in kind.facts.items():
        env[name] = fact.test(env)
    return env


def case_of(badge: Badge, env: Mapping[str, Any]) -> int:
    """The first true case; if none is true but one unknown, the row for that; else the row without condition."""
    truths = [case.when.test(env) if case.when is not None else False for case in badge.cases]
    if True in truths:
        return truths.index(True)
    rest = [index for index, case in enumerate(badge.cases) if case.when is None]
    fitting = [index for index in rest if badge.cases[index].unknown is (None in truths)]
    return (fitting or rest or [len(truths) - 1])[0]

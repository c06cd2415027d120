"""The one validator: what was typed into a form, against its definition; for pages, drafts, imports, scenarios.

The value of a field that is hidden, or left empty, is None: what no longer applies leaves the record with the patch.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from siskop.engine.definition import Field, Form, Page, PageField, RecordKind, Rule, Words
from siskop.engine.fields.field_type import Bad, Context
from siskop.engine.fields.lists import BadRows
from siskop.engine.fields.registry import UNASKED, type_of
from siskop.engine.fields.unasked import Computed
from siskop.engine.prefill import prefill, renamed

__all__ = ["Bad", "Clean", "Context", "Problem", "Problems", "prefill", "renamed"]

SURE = "_sure"
"""The raw under this name lists the tokens of doubts that somebody has answered with yes."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding at a field, or at a cell of its list (`row` from 0). `text` is a msgid, but a file's own `words` are
    said where there are some. With `sure` it is only a doubt: the token, kept under SURE, answers it.
    """

    field: str
    text: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    row: int | None = None
    column: str | None = None
    missing: bool = False  # nothing was typed where an answer is needed
    words: Words = dataclasses.field(default_factory=dict)
    sure: str | None = None


@dataclass(frozen=True, slots=True)
class Clean:
    """Every name of the form (or page) with its value; `shown` are those asked. `warnings` doubt what was taken."""

    values: Mapping[str, Any]
    shown: frozenset[str]
    warnings: tuple[Problem, ...] = ()
    problems: ClassVar[tuple[Problem, ...]] = ()


@dataclass(frozen=True, slots=True)
class Problems:
    """At least one problem; `values` are the parts that could be taken."""

    problems: tuple[Problem, ...]
    values: Mapping[str, Any]
    shown: frozenset[str] = frozenset()
    warnings: tuple[Problem, ...] = ()


def accept(form: Form, raw: Mapping[str, Any], context: Context) -> Clean | Problems:
    taken, findings = _take(form, raw, context)
    shown, env, worked = _settle(form, taken, context)
    taken |= worked
    problems: list[Problem] = []
    for part in (part for page in form.pages for part in page.fields if part.name in shown):
        problems += findings.get(part.name) or _lacking(form.fields[part.name], part, taken.get(part.name), env)
    problems += _broken(form.rules, shown, env)
    doubts = (*_improbable(form.warnings, taken, shown, env), *_copied(form, taken, shown, context))
    problems += [doubt for doubt in doubts if doubt.sure not in _tokens(raw)]
    values = {name: taken.get(name) if name in shown else None for name in form.names()}
    warnings = tuple(_doubts(form, values, context))
    return Problems(tuple(problems), values, shown, warnings) if problems else Clean(values, shown, warnings)


def visible(form: Form, values: Mapping[str, Any], context: Context) -> frozenset[str]:
    """The fields asked, given clean values. A hidden field counts as empty for what hangs on it; unknown hides."""
    return _settle(form, values, context)[0]


def environment(fields: Mapping[str, Field], values: Mapping[str, Any], **extra: Any) -> dict[str, Any]:
    """What conditions read: every field by its name, typed, absent ones None; `extra` (today …) beside them."""
    return {name: type_of(f).typed(f, values.get(name)) for name, f in fields.items()} | extra


def surroundings(kind: RecordKind, parent: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """What conditions read as parent.x and last.x, from stored values."""
    above = kind.child_of.fields if kind.child_of else {}
    return {"parent": environment(above, parent), "last": environment(kind.fields, last)}


def computed(kind: RecordKind, values: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """What the kind's computed fields are for these stored values: a publication's, after the merge."""
    worked = [f for f in kind.fields.values() if f.type == "computed"]
    env = environment(kind.fields, values, today=context.today) if worked else {}
    return _work_out(worked, env | surroundings(kind, context.parent, context.last)) if worked else {}


def answered(kind: RecordKind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is worked out: two sides never contradict each other in that."""
    worked = {name for name, f in kind.fields.items() if f.type in UNASKED}
    return {name: value for name, value in values.items() if name not in worked}


def raws(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the inputs of these fields show for the values: prefill."""
    return {name: type_of(f).raw(f, values.get(name)) for name, f in fields.items()}


def differences(fields: Iterable[str], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Fields whose values differ; absent, "" and [] are the same nothing, and what `new` lacks did not change."""
    return [n for n in fields if n in new and _nothing_as_none(old.get(n)) != _nothing_as_none(new[n])]


def missing_names(result: Clean | Problems) -> frozenset[str]:
    """Fields at which the only finding is that nothing was typed."""
    wrong = {problem.field for problem in result.problems if not problem.missing}
    return frozenset(problem.field for problem in result.problems) - wrong


# -- field by field


def _take(form: Form, raw: Mapping[str, Any], context: Context) -> tuple[dict[str, Any], dict[str, list[Problem]]]:
    """Every field's value, None where there is none or it can't be taken; and what is wrong, by field."""
    values: dict[str, Any] = dict.fromkeys(form.names())
    findings: dict[str, list[Problem]] = {}
    for name in values:
        f, typed = form.fields[name], raw.get(name)
        if name in context.fixed:
            values[name] = context.fixed[name]
        elif not type_of(f).empty(typed):
            try:
                values[name] = _one(f, typed, context)
            except BadRows as bad:
                findings[name] = [_in_a_row(f, *cell) for cell in bad.problems]
            except Bad as bad:
                findings[name] = [Problem(name, bad.text, bad.params)]
    return values, findings


def _one(f: Field, typed: Any, context: Context) -> Any:
    value = type_of(f).accept(f, typed, context)
    other = context.taken(f.name, value) if f.params.get("unique") and value != "" else None
    if other is not None:
        raise Bad("%(title)s has this already; it may stand only once in the register", title=other)
    return None if value == "" else value


def _in_a_row(f: Field, row: int, column: str, bad: Bad) -> Problem:
    missing = bad.text == type_of(f.of[column]).missing
    return Problem(f.name, bad.text, bad.params, row, column, missing)


def _lacking(f: Field, part: PageField, value: Any, env: Mapping[str, Any]) -> list[Problem]:
    if value is not None or f.type in UNASKED:
        return []
    needed = part.required or (part.required_if is not None and part.required_if.test(env) is True)
    return [Problem(f.name, type_of(f).missing, missing=True)] if needed else []


def _doubts(form: Form, values: Mapping[str, Any], context: Context) -> Iterator[Problem]:
    for name, value in values.items():
        f = form.fields[name]
        rows = enumerate(value if f.of and value else ())
        cells = [(c, row.get(c.name), (n, c.name)) for n, row in rows for c in f.of.values()]
        for part, known, place in [(f, value, (None, None)), *cells]:
            doubt = None if known is None else type_of(part).warning(part, known, context)
            if doubt:
                yield Problem(name, doubt.text, doubt.params, *place)


# -- across fields


def _broken(rules: Iterable[Rule], seen: frozenset[str], env: Mapping[str, Any]) -> Iterator[Problem]:
    """Only what is known to be false breaks a rule; it is said at each of its fields that is asked here."""
    for rule in rules:
        if seen.intersection(rule.at) and rule.holds.test(env) is False:
            yield from (_said(rule, name) for name in rule.at if name in seen)


def _said(rule: Rule, name: str, sure: str | None = None) -> Problem:
    return Problem(name, rule.message.get("en", rule.name), words=rule.message, sure=sure)


def _improbable(
    warnings: Iterable[Rule], taken: Mapping[str, Any], seen: frozenset[str], env: Mapping[str, Any]
) -> Iterator[Problem]:
    """What is asked once: other values at its fields are another doubt."""
    for rule in warnings:
        at = next((name for name in rule.at if name in seen), None)
        if at is not None and rule.holds.test(env) is False:
            yield _said(rule, at, f"{rule.name}:{_digest([taken.get(name) for name in rule.at])}")


def _copied(form: Form, taken: Mapping[str, Any], seen: frozenset[str], context: Context) -> Iterator[Problem]:
    """What was taken over and has to be looked at: `copy: ask`."""
    asking = {part.name for page in form.pages for part in page.fields if part.copy == "ask"} & seen
    for name in (name for name in form.names() if name in asking - context.fixed.keys()):
        value = taken.get(name)
        if value is not None and value in (context.record.get(name), context.last.get(name)):
            told = "This was taken over from before. Is it still right?"
            yield Problem(name, told, sure=f"ask:{name}:{_digest(value)}")


def _tokens(raw: Mapping[str, Any]) -> frozenset[str]:
    told = raw.get(SURE)
    return frozenset(t for t in (told if isinstance(told, list | tuple) else [told]) if isinstance(t, str))


def _digest(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


# -- what conditions see


def _settle(
    form: Form, values: Mapping[str, Any], context: Context
) -> tuple[frozenset[str], dict[str, Any], dict[str, Any]]:
    """(the fields asked, what conditions see then, the values of computed fields)"""
    shown = frozenset(form.names())
    typed = environment({name: form.fields[name] for name in form.names()}, values)
    around = _around(form, shown, context)
    for _ in range(len(shown) + 1):
        env = around | {name: value if name in shown else None for name, value in typed.items()}
        worked = _work_out(form.computed, env)
        now = frozenset(
            part.name for page in form.pages if _holds(page, env) for part in page.fields if _holds(part, env)
        )
        if now == shown:
            break
        shown = now
    return shown, env, worked


def _around(form: Form, asked: frozenset[str], context: Context) -> dict[str, Any]:
    """Beside the form's own answers: the day, the record's values of what it does not ask, the parent and the last."""
    beside = {name: f for name, f in {**form.fields, **form.reads}.items() if name not in asked}
    env = {**context.record, **environment(beside, context.record), "today": context.today}
    for group, known in (("parent", context.parent), ("last", context.last)):
        names = {name.partition(".")[2]: f for name, f in form.reads.items() if name.startswith(f"{group}.")}
        env[group] = environment(names, known)
    return env


def _work_out(fields: Iterable[Field], env: dict[str, Any]) -> dict[str, Any]:
    """Values of computed fields in their order, each put into `env` for those behind it."""
    values = {}
    for f in fields:
        kind = type_of(f)
        assert isinstance(kind, Computed)
        values[f.name] = kind.work_out(f, env)
        env[f.name] = kind.typed(f, values[f.name])
    return values


def _holds(part: Page | PageField, env: Mapping[str, Any]) -> bool:
    return part.show_if is None or part.show_if.test(env) is True


def _nothing_as_none(value: Any) -> Any:
    return None if value in ("", [], {}) else value

"""The one validator: what was typed into a form, against its definition; for pages, drafts, imports, scenarios.

The value of a field that is hidden, or left empty, is None: what no longer applies leaves the record with the patch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from siskop.engine.definition import Field, Form, Page, PageField
from siskop.engine.fields.field_type import Bad, Context
from siskop.engine.fields.lists import BadRows
from siskop.engine.fields.registry import TYPES, type_of

__all__ = ["Bad", "Clean", "Context", "Difference", "Problem", "Problems"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding at a field, or at a cell of its list (`row` from 0). `text` is a msgid."""

    field: str
    text: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    row: int | None = None
    column: str | None = None
    missing: bool = False  # nothing was typed where an answer is needed


@dataclass(frozen=True, slots=True)
class Clean:
    """Every name of the form (or page) with its value; `shown` are those asked. `warnings` doubt what was taken."""

    values: Mapping[str, Any]
    shown: frozenset[str]
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Problems:
    """At least one problem; `values` are the parts that could be taken."""

    problems: tuple[Problem, ...]
    values: Mapping[str, Any]
    shown: frozenset[str] = frozenset()
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    old: Any
    new: Any


def accept(form: Form, raw: Mapping[str, Any], context: Context) -> Clean | Problems:
    return _judge(form, form.pages, raw, context)


def accept_page(form: Form, page: Page, raw: Mapping[str, Any], context: Context) -> Clean | Problems:
    """One page's part; `raw` holds the whole form's answers, since conditions may read other pages."""
    return _judge(form, (page,), raw, context)


def visible(form: Form, values: Mapping[str, Any], context: Context) -> frozenset[str]:
    """The fields asked, given clean values. A hidden field counts as empty for what hangs on it; unknown hides."""
    shown = frozenset(form.names())
    for _ in range(len(shown) + 1):
        env = _around(form, {name: value for name, value in values.items() if name in shown}, context)
        now = frozenset(
            part.name for page in form.pages if _holds(page, env) for part in page.fields if _holds(part, env)
        )
        if now == shown:
            break
        shown = now
    return shown


def environment(fields: Mapping[str, Field], values: Mapping[str, Any], **extra: Any) -> dict[str, Any]:
    """What conditions read: every field by its name, typed, absent ones None; `extra` (today …) beside them."""
    return {name: type_of(f).typed(f, values.get(name)) for name, f in fields.items()} | extra


def raws(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the inputs of these fields show for the values: prefill."""
    return {name: type_of(f).raw(f, values.get(name)) for name, f in fields.items()}


def differences(fields: Mapping[str, Field], old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Fields whose values differ; absent, "" and [] are the same nothing, and what `new` lacks did not change."""
    pairs = ((name, old.get(name), new[name]) for name in fields if name in new)
    return tuple(
        Difference(name, was, now) for name, was, now in pairs if _nothing_as_none(was) != _nothing_as_none(now)
    )


def missing_names(result: Clean | Problems) -> frozenset[str]:
    """Fields at which the only finding is that nothing was typed."""
    if isinstance(result, Clean):
        return frozenset()
    wrong = {problem.field for problem in result.problems if not problem.missing}
    return frozenset(problem.field for problem in result.problems) - wrong


def _judge(form: Form, pages: Iterable[Page], raw: Mapping[str, Any], context: Context) -> Clean | Problems:
    taken, findings = _take(form, raw, context)
    shown = visible(form, taken, context)
    env = _around(form, {name: value for name, value in taken.items() if name in shown}, context)
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for part in (part for page in pages for part in page.fields):
        values[part.name] = taken[part.name] if part.name in shown else None
        if part.name in shown:
            problems += findings.get(part.name) or _lacking(form.fields[part.name], part, values[part.name], env)
    warnings = tuple(_doubts(form, values, context))
    seen = shown & values.keys()
    return Problems(tuple(problems), values, seen, warnings) if problems else Clean(values, seen, warnings)


def _take(form: Form, raw: Mapping[str, Any], context: Context) -> tuple[dict[str, Any], dict[str, list[Problem]]]:
    """Every field's value, None where there is none or it can't be taken; and what is wrong, by field."""
    values: dict[str, Any] = dict.fromkeys(form.names())
    findings: dict[str, list[Problem]] = {}
    for name in values:
        f, typed = form.fields[name], raw.get(name)
        kind = TYPES[f.type]
        if kind.empty(typed):
            continue
        try:
            value = kind.accept(f, typed, context)
            values[name] = None if value == "" else value
        except BadRows as bad:
            findings[name] = [
                Problem(
                    name,
                    cell.bad.text,
                    cell.bad.params,
                    cell.row,
                    cell.column,
                    cell.bad.text == _missing_text(f, cell.column),
                )
                for cell in bad.problems
            ]
        except Bad as bad:
            findings[name] = [Problem(name, bad.text, bad.params)]
    return values, findings


def _missing_text(f: Field, column: str) -> str:
    return type_of(f.of[column]).missing


def _lacking(f: Field, part: PageField, value: Any, env: Mapping[str, Any]) -> list[Problem]:
    if value is not None:
        return []
    needed = part.required or (part.required_if is not None and part.required_if.test(env) is True)
    return [Problem(f.name, type_of(f).missing, missing=True)] if needed else []


def _doubts(form: Form, values: Mapping[str, Any], context: Context) -> Iterable[Problem]:
    for name, value in values.items():
        f = form.fields[name]
        if value is None:
            continue
        doubt = type_of(f).warning(f, value, context)
        if doubt:
            yield Problem(name, doubt.text, doubt.params)
        if f.of:
            for n, row in enumerate(value):
                yield from _row_doubts(f, n, row, context)


def _row_doubts(f: Field, n: int, row: Mapping[str, Any], context: Context) -> Iterable[Problem]:
    for column in f.of.values():
        if row.get(column.name) is not None:
            doubt = type_of(column).warning(column, row[column.name], context)
            if doubt:
                yield Problem(f.name, doubt.text, doubt.params, n, column.name)


def _around(form: Form, values: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """The form's own answers, over the record's values of what it does not ask, and the day."""
    asked = dict.fromkeys(form.names())
    known = {name: f for name, f in form.fields.items() if name in asked or name in context.record}
    return {**context.record, **environment(known, {**context.record, **asked, **values}), "today": context.today}


def _holds(part: Page | PageField, env: Mapping[str, Any]) -> bool:
    return part.show_if is None or part.show_if.test(env) is True


def _nothing_as_none(value: Any) -> Any:
    return None if value in ("", [], {}) else value

"""What is so on a day, from a record's values: its facts, and which case of a badge holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from siskop.engine import form
from siskop.engine.definition import EMPTY, Badge, RecordKind


def environment(
    kind: RecordKind,
    values: Mapping[str, Any],
    today: date,
    parent: Mapping[str, Any] = EMPTY,
    last: Mapping[str, Any] = EMPTY,
) -> dict[str, Any]:
    """What conditions of the kind may read: fields with their real types, `today`, the parent's and the last values,
    and the facts in their order."""
    env = form.environment(kind.fields, values, today=today, **form.surroundings(kind, parent, last))
    for name, fact in kind.facts.items():
        env[name] = fact.test(env)
    return env


def case_of(badge: Badge, env: Mapping[str, Any]) -> int:
    """The first true case; if none is true but one unknown, the row for that; else the row without condition."""
    unknown = False
    for index, case in enumerate(badge.cases):
        truth = case.when.test(env) if case.when is not None else False
        if truth:
            return index
        unknown = unknown or truth is None
    rows = [i for i, case in enumerate(badge.cases) if case.when is None and case.unknown == unknown]
    rest = [i for i, case in enumerate(badge.cases) if case.when is None]
    return (rows or rest or [len(badge.cases) - 1])[0]

"""Checks: what the system looks at by itself. One file each; `{check: <file's name>}` in a workflow names it.

A check is `run(subject: Subject) -> Found`. It reads, never writes; it may be slow, for it runs outside the door.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from siskop.base.db import Tx
from siskop.engine.definition import Definition, Step
from siskop.engine.form import Context


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check looks at: `answers` are the record's values under those of the submission."""

    tx: Tx
    record_id: int
    definition: Definition
    step: Step
    answers: Mapping[str, Any]
    title: str
    context: Context


@dataclass(frozen=True, slots=True)
class Found:
    """What it found. Evidence lines are shown as they are: {text (English msgid) or words {id, en}, params,
    fields, number}."""

    outcome: Literal["passed", "warned", "failed", "error"]
    evidence: list[dict[str, Any]] = field(default_factory=list)


@cache
def registry() -> Mapping[str, Callable[[Subject], Found]]:
    """Every check by name: a file in this folder that has a `run`."""
    modules = {m.name: importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)}
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}

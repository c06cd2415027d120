"""Two hashes of a workflow: of what decides, and of what is only shown. New words never make a new behaviour."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from siskop.engine.definition import Condition, Definition, RecordKind

SHOWN = frozenset(
    {"label", "help", "example", "why", "message", "public_label", "tone", "words", "search", "filter", "privacy"}
)
"""Attributes that always follow the newest files: words, and what the register alone decides on."""

_Leaf = tuple[tuple[str, ...], Any, bool]


def hashes(workflow: Definition) -> tuple[str, str]:
    """(behaviour, texts), each 64 hex digits. Of the kind counts what the form asks and what the record is known by.

    What a file leaves out counts for nothing, so that a setting which Siskop learns later changes no older hash.
    """
    leaves = list(_leaves(dataclasses.replace(workflow, behaviour="", texts=""), (), False))
    return _digest(leaves, False), _digest(leaves, True)


def same_state(old: Definition, new: Definition, state: str) -> bool:
    """Whether a case in this state may go on in it by the new version: the state, and what leads out of it, decide
    as they did."""
    return _decides(old, state) == _decides(new, state)


def _decides(workflow: Definition, state: str) -> str:
    out = {name: action for name, action in workflow.actions.items() if state in action.from_}
    used = {"state": workflow.states.get(state), "actions": out, "forms": workflow.forms}
    return _digest(list(_leaves(used, (), False)), False)


def _digest(leaves: list[_Leaf], shown: bool) -> str:
    chosen = [(path, value) for path, value, is_shown in leaves if is_shown is shown]
    return hashlib.sha256(json.dumps(chosen, ensure_ascii=False).encode()).hexdigest()


def _leaves(value: Any, path: tuple[str, ...], shown: bool) -> Iterator[_Leaf]:
    if isinstance(value, Condition):
        yield path, value.source, shown
    elif isinstance(value, RecordKind):
        yield path, [value.name, value.title, value.area, value.key], shown
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for attribute in dataclasses.fields(value):
            part = getattr(value, attribute.name)
            if part != _default(attribute):
                yield from _leaves(part, (*path, attribute.name), shown or attribute.name in SHOWN)
    elif isinstance(value, Mapping):
        inside = bool(path) and path[-1] == "with_"  # the words of a check stand among its settings
        for key, part in value.items():
            yield from _leaves(part, (*path, str(key)), shown or (inside and key in SHOWN))
        yield path, sorted(value) if shown else list(value), shown
    elif isinstance(value, tuple | list):
        for n, part in enumerate(value):
            yield from _leaves(part, (*path, str(n)), shown)
        yield path, len(value), shown
    else:
        yield path, sorted(value) if isinstance(value, frozenset | set) else value, shown


def _default(attribute: dataclasses.Field[Any]) -> Any:
    return attribute.default if attribute.default_factory is dataclasses.MISSING else attribute.default_factory()

"""An old behaviour with the newest words: what a submission goes by from its first sending on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from siskop.engine.definition import Condition, Definition, RecordKind
from siskop.engine.hashes import SHOWN, hashes


def with_texts(old: Definition, newest: Definition) -> Definition:
    """`old` decides; labels, help, examples and what else is only shown come from `newest` where names match."""
    worded: Definition = replace(_reword(old, newest), kind=_kind(old, newest))
    return replace(worded, behaviour=old.behaviour, texts=hashes(worded)[1])


def _kind(old: Definition, newest: Definition) -> RecordKind:
    """The newest kind; fields that it lost, or that changed their type, stay as they were: but not public, for the
    register no longer knows them."""
    types = {name: f.type for name, f in newest.kind.fields.items()}
    lost = {name: f for name, f in old.kind.fields.items() if types.get(name) != f.type}
    hidden = {n: replace(f, privacy="internal") if f.privacy == "public" else f for n, f in lost.items()}
    return replace(newest.kind, fields={**newest.kind.fields, **hidden})


def _reword(old: Any, new: Any) -> Any:
    if old is new or isinstance(old, Condition) or type(old) is not type(new):
        return old
    if is_dataclass(old) and not isinstance(old, type):
        pairs = {f.name: (getattr(old, f.name), getattr(new, f.name)) for f in fields(old)}
        return replace(old, **{n: told if n in SHOWN else _reword(was, told) for n, (was, told) in pairs.items()})
    if isinstance(old, Mapping):  # a check's words stand among its settings, as a mapping of languages
        words = {"words"} if isinstance(new.get("words"), Mapping) else set[str]()
        return {k: new[k] if k in words else _reword(part, new[k]) if k in new else part for k, part in old.items()}
    if isinstance(old, tuple):
        by_name = {_name(part): part for part in new}
        return tuple(_reword(part, by_name.get(_name(part))) if _name(part) else part for part in old)
    return old


def _name(part: Any) -> str:
    return str(getattr(part, "name", "") or getattr(part, "code", ""))

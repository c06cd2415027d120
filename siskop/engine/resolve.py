"""An old behaviour with the newest words: what a submission goes by from its first sending on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from siskop.engine.definition import Condition, Definition, Field, RecordKind
from siskop.engine.hashes import SHOWN, hashes


def with_texts(old: Definition, newest: Definition) -> Definition:
    """`old` decides; labels, help, examples and what else is only shown come from `newest` where names match."""
    worded: Definition = dataclasses.replace(_reword(old, newest), kind=_kind(old, newest))
    return dataclasses.replace(worded, behaviour=old.behaviour, texts=hashes(worded)[1])


def _kind(old: Definition, newest: Definition) -> RecordKind:
    """The newest kind; fields that it lost, or that changed their type, stay as they were: but not public, for the
    register no longer knows them."""
    lost = {name: _hidden(f) for name, f in old.kind.fields.items() if _differs(f, newest.kind.fields.get(name))}
    return dataclasses.replace(newest.kind, fields={**newest.kind.fields, **lost})


def _hidden(field: Field) -> Field:
    return dataclasses.replace(field, privacy="internal") if field.privacy == "public" else field


def _differs(old: Field, new: Field | None) -> bool:
    return new is None or new.type != old.type


def _reword(old: Any, new: Any) -> Any:
    if old is new or isinstance(old, Condition) or type(old) is not type(new):
        return old
    if dataclasses.is_dataclass(old) and not isinstance(old, type):
        return dataclasses.replace(old, **_attributes(old, new))
    if isinstance(old, Mapping):
        return {k: _one(k, part, new[k]) if k in new else part for k, part in old.items()}
    if isinstance(old, tuple):
        by_name = {_name(part): part for part in new}
        return tuple(_reword(part, by_name.get(_name(part))) if _name(part) else part for part in old)
    return old


def _attributes(old: Any, new: Any) -> dict[str, Any]:
    return {
        f.name: getattr(new, f.name) if f.name in SHOWN else _reword(getattr(old, f.name), getattr(new, f.name))
        for f in dataclasses.fields(old)
    }


def _one(key: str, old: Any, new: Any) -> Any:
    """A check's words stand among its settings, as a mapping of languages."""
    return (
        new if key == "words" and isinstance(new, Mapping) and not dataclasses.is_dataclass(new) else _reword(old, new)
    )


def _name(part: Any) -> str:
    return str(getattr(part, "name", "") or getattr(part, "code", ""))

"""A publication is a patch: a three-way merge of what a submission changed into what the record holds now.

A list is one value: rows have no identity of their own that a merge could rely on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CURRENT, PROPOSED = "current", "proposed"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that the record and the submission both changed since the submission began, each to something else."""

    field: str
    base: Any
    current: Any
    proposed: Any
    picked: str | None  # proposed or current, by a person


@dataclass(frozen=True, slots=True)
class Merge:
    """`values`: the whole record after the merge, without fields that are empty. `changed`: what differs from now.

    An unresolved conflict keeps the current value in `values`: never publish while there is one.
    """

    values: dict[str, Any]
    changed: tuple[str, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def unresolved(self) -> tuple[str, ...]:
        return tuple(c.field for c in self.conflicts if c.picked is None)


def merge(
    base: Mapping[str, Any],
    current: Mapping[str, Any],
    proposed: Mapping[str, Any],
    picks: Mapping[str, str] | None = None,
) -> Merge:
    """Merge by field. Only keys of `proposed` take part (None means: emptied); all other fields stay as they are now.

    `base` is the version the submission began from, `current` the newest. `picks` says for a field in conflict which
    side holds; a pick for a field that is not in conflict has no effect.
    """
    picks = picks or {}
    values = dict(current)
    changed, conflicts = [], []
    for name in proposed:
        before, now, mine = (_plain(side.get(name)) for side in (base, current, proposed))
        if mine in (before, now):
            continue
        if now != before:
            conflicts.append(Conflict(name, before, now, mine, picks.get(name)))
            if picks.get(name) != PROPOSED:
                continue
        changed.append(name)
        values[name] = mine
    kept = {name: value for name, value in values.items() if value is not None}
    return Merge(kept, tuple(changed), tuple(conflicts))


def unresolved(conflicts: Iterable[str], resolutions: Mapping[str, tuple[str, int]], current: int) -> tuple[str, ...]:
    """Which of the fields in conflict still need a person's pick, in alphabetical order."""
    return tuple(sorted(name for name in conflicts if name not in resolutions or resolutions[name][1] != current))


def _plain(value: Any) -> Any:
    """Nothing typed, no rows and no value are the same: empty."""
    return None if value in ("", []) else value

"""Effects: what follows from an event outside the engine, in the same transaction. One file each, by the names
used in workflows.

An effect is `apply(deed: Deed, args) -> None`, registered under its file's name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from siskop.base.db import Tx
from siskop.engine import effects as engine_effects
from siskop.engine.case import Case, Event
from siskop.submissions.store import Loaded


@dataclass(slots=True)
class Deed:
    """One event that just happened: `case` is the one after it, `batch` all events of the same command."""

    tx: Tx
    loaded: Loaded
    case: Case
    event: Event
    batch: tuple[Event, ...]


Apply = Callable[[Deed, Mapping[str, Any]], None]


@cache
def registry() -> Mapping[str, Apply]:
    return {m.name: importlib.import_module(f"{__name__}.{m.name}").apply for m in pkgutil.iter_modules(__path__)}


def apply(deed: Deed) -> None:
    for effect in engine_effects.effects(deed.loaded.definition, deed.event):
        registry()[effect.kind](deed, effect.args)


def concerned(deed: Deed, args: Mapping[str, Any]) -> frozenset[int] | None:
    """Whose claims a case decides on: everybody's (None) when it founded the record, else those of its submitters."""
    founded = deed.case.base == 0 and deed.loaded.relatives.parent_id is None
    return None if founded and not args else deed.case.submitters

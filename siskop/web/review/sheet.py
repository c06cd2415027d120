"""What a reviewer reads of a submission's fields, in the order in which it matters to them.

The first time: all answers by page. An update: what differs from what is published now, the rest folded. A second
round: what was asked, with its answer, then what else changed since; the rest folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from siskop.base.i18n import words
from siskop.engine.definition import Field
from siskop.engine.fields.registry import UNASKED
from siskop.engine.form import differences
from siskop.submissions.view import CorrectionView, View
from siskop.web.values import Shown, is_personal, shown


@dataclass(frozen=True, slots=True)
class Row:
    """`was` counts only where `changed`. `corrections`: those not cancelled. `asking`: the form to ask stands open."""

    name: str
    label: str
    was: Shown | None
    now: Shown | None
    changed: bool
    corrections: tuple[CorrectionView, ...]
    may_ask: bool
    asking: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A page of the form, or a group of it."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`kind`: first, update, round. `changed` counts those not `asked`. `personal`: names that are seen."""

    kind: str
    asked: tuple[Row, ...]
    parts: tuple[Part, ...]
    folded: tuple[Part, ...]
    changed: int
    total: int
    personal: tuple[str, ...]

    @property
    def rest(self) -> int:
        return sum(len(part.rows) for part in self.folded)


def sheet(view: View, personal: bool, asking: str = "") -> Sheet:
    form = view.definition.form
    published = view.base if view.state.final else view.current
    answered = {c.field: None for c in view.corrections if c.status == "answered"} if view.previous else {}
    kind = "round" if answered else "update" if published else "first"
    # answers are held against the revision that was asked about, else against what is published (or was, at the end)
    before, now = view.previous if answered else published, _now(view, bool(answered))
    changed = set(differences(form.fields, before, now))
    found = [
        _row(view, form.fields[n], (before.get(n), now.get(n)), changed=n in changed, personal=personal, asking=asking)
        for n in form.names()
        if n in view.proposed
    ]
    rows = {row.name: row for row in found if row.now or row.changed or row.corrections or row.asking}
    marked = {name for name, row in rows.items() if row.asking or any(c.status == "open" for c in row.corrections)}
    chief = ({name for name in rows if kind == "first" or name in changed} | marked) - answered.keys()
    return Sheet(
        kind=kind,
        asked=tuple(rows[name] for name in answered if name in rows),
        parts=_parts(view, rows, chief),
        folded=_parts(view, rows, rows.keys() - chief - answered.keys()),
        changed=len(changed - answered.keys()),
        total=len(rows),
        personal=tuple(n for n in rows if personal and is_personal(form.fields[n])),
    )


def _now(view: View, again: bool) -> Mapping[str, Any]:
    """In a second round and at the end the answers themselves; else what would come of them: an answer that was left
    alone is no change, even if somebody else's was published meanwhile."""
    merged = view.proposed if again or view.state.final else view.merged
    return {name: merged.get(name) for name in view.proposed}


def _row(view: View, field: Field, values: tuple[Any, Any], *, changed: bool, personal: bool, asking: str) -> Row:
    was, now = values
    corrections = tuple(c for c in view.corrections if c.field == field.name and c.status != "cancelled")
    offer = view.offer("ask", field.name) or view.offer("ask", "")
    return Row(
        name=field.name,
        label=words(field.label),
        was=shown(field, was, personal),
        now=shown(field, now, personal),
        changed=changed,
        corrections=corrections,
        may_ask=offer is not None
        and offer.refusal is None
        and field.type not in UNASKED
        and not any(c.status == "open" for c in corrections),
        asking=field.name == asking,
    )


def _parts(view: View, rows: Mapping[str, Row], names: Iterable[str]) -> tuple[Part, ...]:
    wanted = set(names)
    parts = (
        Part(words(page.label), tuple(rows[f.name] for f in page.fields if f.name in wanted))
        for page in view.definition.form.pages
    )
    return tuple(part for part in parts if part.rows)

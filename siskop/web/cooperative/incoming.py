"""What comes with a posted page beside what was typed: buttons of rows, files, pasted tables and spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from siskop.base.i18n import gettext as _
from siskop.base.i18n import ngettext, words
from siskop.engine.definition import Field, Page
from siskop.engine.fields import lists
from siskop.engine.fields.field_type import Bad
from siskop.engine.fields.registry import UPLOADED
from siskop.engine.form import Problem
from siskop.files import sheets
from siskop.web import forms, uploads
from siskop.web.controls import row_digest
from siskop.web.cooperative import kept
from siskop.web.cooperative.kept import Changed, Edit
from siskop.web.cooperative.visit import Visit

Step = Callable[[Any], Any]
"""From what is kept of a field to what is to be kept."""


@dataclass
class Came:
    """`values` as drafts are saved, `refused` what could not be taken, `place` where the eye is, if a button says so:
    a field or a row of a list ("list-3").
    `tables` are the lists that a table came for, `notices` what is said of it: (tone, sentence)."""

    values: dict[str, Any]
    refused: tuple[Problem, ...] = ()
    place: str = ""
    tables: frozenset[str] = frozenset()
    notices: list[tuple[str, str]] = field(default_factory=list)

    def then(self, name: str, step: Step) -> None:
        """After what is to become of the field already."""
        before = self.values.get(name, lambda now: now)
        self.values[name] = lambda now: step(before(now) if callable(before) else before)


def read(seen: Visit, here: Page, changed: Changed) -> Came:
    asked = [part.name for part in here.fields if part.name not in seen.view.context.fixed]
    fields = {name: seen.form.fields[name] for name in asked}
    came = Came(dict(changed.values))
    for f in fields.values():
        if f.of:
            _tables(came, f)
    _files(came, seen, fields)
    _buttons(came, changed, seen, fields)
    return came


def _buttons(came: Came, changed: Changed, seen: Visit, fields: Mapping[str, Field]) -> None:
    """A row added, moved or taken away; a file taken away."""
    added, moved, removed = (forms.pressed(button, fields) for button in ("_add", "_move", "_remove"))
    if added.of:
        shown = max(len(_list(seen.view.draft.get(added.name))), fields[added.name].params.get("min", 1), 1)
        came.then(added.name, lambda now: [*_padded(_list(now), shown), {}])
        came.place = f"{added.name}-{shown}"
    if moved.of and moved.number is not None:
        step = -1 if moved.word == "up" else 1
        came.then(moved.name, _posted(changed, fields[moved.name], moved.number, step=step))
        came.place = f"{moved.name}-{max(moved.number + step, 0)}"
    if removed.of and removed.number is not None:
        came.then(removed.name, _posted(changed, fields[removed.name], removed.number, gone=True))
        came.place = removed.name
    elif removed.name and not removed.of:
        several = fields[removed.name].type == "files"
        came.then(removed.name, lambda now: [f for f in _list(now) if f.get("id") != removed.number] if several else {})
        came.place = removed.name


def _posted(changed: Changed, of: Field, row: int, **what: Any) -> Step:
    """An edit of one row, which stands now as it was posted."""
    raw = (changed.typed.get(of.name) or {}).get(row, {})
    return kept.rows(of, (Edit(row, row_digest(of, raw), own=of.name in changed.own, **what),))


def _files(came: Came, seen: Visit, fields: Mapping[str, Field]) -> None:
    """What was uploaded; a file that is refused leaves what was there."""
    for name, f in fields.items():
        if f.type in UPLOADED:
            taken, refused = uploads.posted(f, seen.me, seen.view.record_id)
            if taken:
                came.then(name, partial(_with_files, f, taken))
            came.refused += tuple(Problem(name, no.text, no.params) for no in refused)


def _with_files(f: Field, taken: list[Any], now: Any) -> Any:
    return [*_list(now), *taken] if f.type == "files" else taken[-1]


def _tables(came: Came, f: Field) -> None:
    """Rows out of a pasted table or a spreadsheet: below those that are there, or in their place."""
    pasted, chosen = request.form.get(f"_paste-{f.name}", ""), uploads.chosen(f"_sheet-{f.name}")
    if not (pasted.strip() or chosen or request.form.get("_take") == f.name):
        return
    came.tables |= {f.name}
    try:
        tables = _read(f, pasted, chosen)
    except Bad as bad:
        came.refused += (Problem(f.name, bad.text, bad.params),)
        return
    found = [row for table in tables for row in table.rows]
    came.then(f.name, partial(_with_rows, came, f.name, found))
    came.notices += [("good", ngettext("%(n)s row taken over.", "%(n)s rows taken over.", len(found)))]
    if left := " ".join(_told(bad) for table in tables for bad in table.left):
        came.notices += [("warn", left)]


def _read(f: Field, pasted: str, chosen: Sequence[FileStorage]) -> list[lists.Table]:
    """Raises Bad, also where no row is in any."""
    tables = [lists.pasted(f, pasted)] if pasted.strip() else []
    tables += [sheets.rows(f, sheet.stream.read(sheets.MOST_BYTES + 1)) for sheet in chosen]
    if not tables:
        raise Bad("Paste rows or choose a file first")
    if not any(table.rows for table in tables):
        raise Bad("Nothing stands in it")
    return tables


def _with_rows(came: Came, name: str, found: list[Any], now: Any) -> list[Any]:
    above = [] if request.form.get(f"_instead-{name}") == "1" else list(filter(_typed, _list(now)))
    came.place = f"{name}-{len(above)}"
    return [*above, *found]


def _told(bad: Bad) -> str:
    return _(bad.text, **{name: words(said) if name == "want" else said for name, said in bad.params.items()}) + "."


def _typed(row: Any) -> bool:
    return isinstance(row, dict) and any(cell not in (None, "", [], {}) for cell in row.values())


def _list(raw: Any) -> list[Any]:
    return list(raw) if isinstance(raw, list) else []


def _padded(rows: list[Any], n: int) -> list[Any]:
    return [*rows, *({} for _blank in range(n - len(rows)))]

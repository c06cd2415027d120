"""What a posted page changed of the draft, and by whom: nobody overwrites a colleague, and rows are kept one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request

from siskop.base.db import reading
from siskop.base.errors import Conflict
from siskop.base.i18n import N_
from siskop.engine.definition import Field
from siskop.engine.form import SURE
from siskop.submissions import answers
from siskop.web.controls import digest, posts, row_digest
from siskop.web.cooperative.visit import Visit

MOST_SURE = 200
BLANK = "-"  # of a row without a mark
LOST = N_("A colleague changed this answer while you were typing. Yours was not lost: look at both.")


@dataclass(frozen=True, slots=True)
class Edit:
    """One row of a list as it should be now; `was` is the digest of what it stood on. `step`: moved by so much,
    `gone`: taken away, `own`: one's own words were the last, so its number may tell which row it is."""

    row: int
    was: str
    raw: Mapping[str, Any] = field(default_factory=dict)
    own: bool = False
    step: int = 0
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """`values` as drafts are saved; `marks` the digests, by field or row, on which the page stands then; `typed` all
    that was posted; `own` are fields in which nobody else has typed."""

    values: Mapping[str, Any]
    marks: Mapping[str, str]
    typed: Mapping[str, Any]
    own: frozenset[str]


def touched(seen: Visit, typed: Mapping[str, Any], strict: bool) -> Changed:
    """`typed` as `forms.collect` reads it. `strict`: also one's own newer words are not overwritten (a save in the
    background may come late)."""
    fields = seen.form.fields
    shown = {name: was for name, _colon, was in (mark.partition(":") for mark in request.form.getlist("_seen"))}
    by = {name: draft.by for name, draft in answers.read(reading(), seen.view.id).items()}
    own = frozenset(name for name in typed if not strict and by.get(name) in (None, seen.me.id))
    values: dict[str, Any] = {}
    marks: dict[str, str] = {}
    for name, raw in typed.items():
        if edits := tuple(_edits(fields[name], raw, shown, name in own)) if fields[name].of else ():
            values[name] = rows(fields[name], edits)
            marks |= {f"{name}-{edit.row}": row_digest(fields[name], edit.raw) for edit in edits}
        elif not fields[name].of and shown.get(name) != digest(raw):
            guarded = name in shown and name not in own
            values[name] = _unless_newer(fields[name], shown[name], raw) if guarded else raw
            marks[name] = digest(raw)
    if request.form.getlist(SURE):
        values[SURE] = _sure
    return Changed(values, marks, typed, own)


def _unless_newer(of: Field, was: str, raw: Any) -> Callable[[Any], Any]:
    def newest(kept: Any) -> Any:
        if digest(posts(of, kept)) not in (was, digest(raw)):
            raise Conflict(LOST)
        return raw

    return newest


def _edits(of: Field, rows: Mapping[int, Any], shown: Mapping[str, str], own: bool) -> Iterator[Edit]:
    for n, raw in rows.items():
        was = shown.get(f"{of.name}-{n}", BLANK)
        if was != row_digest(of, raw):
            yield Edit(n, was, raw, own=own)


def _sure(kept: Any) -> list[str]:
    """The doubts confirmed before and now, newest last."""
    before = [token for token in kept if isinstance(token, str)] if isinstance(kept, list) else []
    now = [token[:200] for token in request.form.getlist(SURE)]
    return list(dict.fromkeys([*before, *now]))[-MOST_SURE:]


def rows(of: Field, edits: tuple[Edit, ...]) -> Callable[[Any], list[dict[str, Any]]]:
    """What is to be done to the list as it is kept at that moment."""

    def applied(kept: Any) -> list[dict[str, Any]]:
        found = [dict(row) if isinstance(row, dict) else {} for row in kept] if isinstance(kept, list) else []
        for edit in edits:
            _apply(found, edit, of)
        return found

    return applied


def _apply(found: list[dict[str, Any]], edit: Edit, of: Field) -> None:
    at = _place(found, edit, of)
    if edit.gone:
        del found[at : at + 1]
    elif edit.step:
        to = at + edit.step
        if 0 <= to < len(found) and at < len(found):
            found[at], found[to] = found[to], found[at]
    elif at < len(found):
        found[at] |= edit.raw
    else:
        found += [{} for _blank in range(at - len(found))] + [dict(edit.raw)]


def _place(found: list[dict[str, Any]], edit: Edit, of: Field) -> int:
    """Where the row is now: a colleague may have added or removed others meanwhile. A blank row is like any other."""
    here = row_digest(of, found[edit.row]) if edit.row < len(found) else None
    blank = edit.was in (BLANK, row_digest(of, {}))
    if here in (edit.was, row_digest(of, edit.raw)):
        return edit.row
    if here is None and blank:
        return edit.row if edit.row < max(of.params.get("min", 1), 1) else len(found)
    same = [] if blank else [n for n, row in enumerate(found) if row_digest(of, row) == edit.was]
    if len(same) == 1:
        return same[0]
    if edit.own and (here is None or _kin(found[edit.row], edit.raw)):
        return min(edit.row, len(found))
    raise Conflict(LOST)


def _kin(kept: Mapping[str, Any], typed: Mapping[str, Any]) -> bool:
    """Whether both are states of one row while somebody types: a save whose answer was lost came before this one."""
    pairs = [(str(kept.get(name) or ""), str(raw or "")) for name, raw in typed.items()]
    return any(a and b and (a.startswith(b) or b.startswith(a)) for a, b in pairs) or not any(a for a, _b in pairs)

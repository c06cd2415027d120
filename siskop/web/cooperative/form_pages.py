"""A form as a list of tasks and short pages. Everything typed is kept, right or wrong, before anything is judged."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.base.db import Tx, reading, unit_of_work
from siskop.base.i18n import JAKARTA, ngettext
from siskop.base.i18n import gettext as _
from siskop.engine import form
from siskop.engine.case import Command
from siskop.engine.definition import Page
from siskop.engine.fields import files as file_fields
from siskop.engine.form import Clean, Problem, Problems
from siskop.files import intake
from siskop.submissions import door, drafts
from siskop.web import forms
from siskop.web.cooperative import blueprint, tasks, visit
from siskop.web.cooperative.visit import Visit
from siskop.web.forms import Answer

LONGEST_WORDS = 2000


@blueprint.get("/pengajuan/<number>/isi")
def overview(number: str) -> str:
    seen = visit.editing(number)
    return render_template(
        "cooperative/tasks.html",
        seen=seen,
        rows=tasks.pages(seen),
        proof=tasks.proof(seen),
        last=tasks.last(seen),
        following=tasks.next_of(seen),
    )


@blueprint.get("/pengajuan/<number>/perbaikan")
def corrections(number: str) -> Response | Any:
    """Where a mail leads: the first field that was asked."""
    seen = visit.editing(number)
    name = next(iter(seen.unanswered), None)
    page = seen.view.definition.form.page_of(name) if name else None
    if page is None:
        return redirect(url_for(".check" if seen.ready else ".overview", number=number))
    return redirect(url_for(".page", number=number, name=page.name, _anchor=f"f-{name}"))


@blueprint.get("/pengajuan/<number>/isi/<name>")
def page(number: str, name: str) -> str:
    """A page that was filled in wrongly before shows at once what is wrong; one that is only unfinished does not."""
    seen = visit.editing(number)
    found = _judge(seen, seen.page(name), seen.raw)
    wrong = isinstance(found, Problems) and (
        "periksa" in request.args or any(not problem.missing for problem in found.problems)
    )
    return _show(seen, seen.page(name), found.problems if wrong and isinstance(found, Problems) else ())


@blueprint.post("/pengajuan/<number>/isi/<name>")
def save(number: str, name: str) -> ResponseReturnValue:
    seen = visit.editing(number)
    here = seen.page(name)
    if request.headers.get("X-Autosave"):
        return _autosave(seen, here)
    changed = _touched(seen, forms.collect(seen.view.definition.form, here, request.form), strict=False)
    values, refused = _with_files(seen, here, dict(changed.values))
    anchor = _rows(seen, here, values)
    with unit_of_work() as tx:
        drafts.save(tx, number, seen.me, values, changed.versions)
        _answer(tx, seen, here, values)
    return _onward(number, here, refused, anchor)


def _onward(number: str, here: Page, refused: tuple[Problem, ...], anchor: str | None) -> ResponseReturnValue:
    """Back to the page where something is wrong or a row was added; else to the next one."""
    seen = visit.editing(number)
    if anchor is not None and not refused:
        return redirect(url_for(".page", number=number, name=here.name, _anchor=anchor), 303)
    if "_later" in request.form and not refused:
        flash(_("Saved. You may go on later, also on another device."))
        return redirect(url_for(".overview", number=number), 303)
    found = _judge(seen, here, seen.raw)
    opened = _opened(seen, here)
    wrong = found.problems if isinstance(found, Problems) else ()
    problems = refused + tuple(problem for problem in wrong if problem.field not in opened)
    if problems:
        return _show(seen, here, problems), 422
    if opened:
        flash(
            ngettext(
                "One more question belongs to your answer.", "%(n)s more questions belong to your answers.", len(opened)
            )
        )
        return redirect(url_for(".page", number=number, name=here.name, _anchor=f"f-{opened[0]}"), 303)
    return redirect(_next(seen, here), 303)


def _opened(seen: Visit, here: Page) -> list[str]:
    """Questions that the answers just given have opened: the page did not show them, so nothing is wrong with them."""
    asked = set(request.form.getlist("_asked"))
    if seen.asked and "semua" not in request.args:
        return []
    return [part.name for part in here.fields if part.name in seen.judged.shown and part.name not in asked]


def _next(seen: Visit, here: Page) -> str:
    if request.form.get("_to") == "periksa" or seen.asked:
        return url_for(".corrections" if seen.unanswered else ".check", number=seen.number)
    names = [page.name for page in seen.pages]
    later = names[names.index(here.name) + 1 :] if here.name in names else names
    if later:
        return url_for(".page", number=seen.number, name=later[0])
    return (
        url_for(".check", number=seen.number)
        if seen.ready
        else tasks.next_of(seen).url or url_for(".overview", number=seen.number)
    )


def _show(seen: Visit, here: Page, problems: Iterable[Problem]) -> str:
    definition = seen.view.definition
    problems = tuple(problems)
    only = _asked_only(seen, here, problems)
    inputs = forms.build(definition.form, here, seen.raw, seen.context, problems=problems, notes=seen.asked, only=only)
    return render_template(
        "cooperative/page.html",
        seen=seen,
        page=here,
        inputs=inputs,
        summary=forms.summary(definition.form, problems),
        narrowed=only is not None,
        rows=tasks.pages(seen),
        last=tasks.last(seen),
        proof=tasks.proof(seen),
        marks=_marks(seen, inputs),
        has_files=any(control.definition.type == "file" for control in _every(inputs)),
        place=[p.name for p in seen.pages].index(here.name) + 1 if here in seen.pages else 0,
    )


def _asked_only(seen: Visit, here: Page, problems: tuple[Problem, ...]) -> frozenset[str] | None:
    """Where the office asked for something: just that, what hangs on it and what is wrong. None: the whole page."""
    asked = {part.name for part in here.fields if part.name in seen.asked}
    if not asked or "semua" in request.args:
        return None
    hanging = {part.name for part in here.fields if part.show_if is not None and part.show_if.names & asked}
    return frozenset(asked | hanging | {problem.field for problem in problems})


def _judge(seen: Visit, here: Page, raw: Mapping[str, Any]) -> Clean | Problems:
    return form.accept_page(seen.view.definition.form, here, raw, seen.context)


# ------------------------------------------------------------------ what was changed, and by whom


@dataclass(frozen=True, slots=True)
class Changed:
    values: Mapping[str, Any]
    versions: Mapping[str, int]  # those that must still be so: nobody overwrites a colleague


def _marks(seen: Visit, inputs: list[Answer]) -> str:
    """What the page shows, field by field: "name:version:digest". What comes back the same was not touched."""
    versions = seen.view.draft_versions
    return " ".join(f"{c.name}:{versions.get(c.name, 0)}:{_digest(c.posts)}" for c in _every(inputs))


def _touched(seen: Visit, typed: Mapping[str, Any], strict: bool) -> Changed:
    """`strict`: also one's own newer words are not overwritten (a save in the background may come late)."""
    shown = {name: (int(version), digest) for name, version, digest in _read_marks(request.form.get("_seen", ""))}
    values = {name: raw for name, raw in typed.items() if name not in shown or shown[name][1] != _digest(raw)}
    by = {name: draft.by for name, draft in drafts.read(reading(), seen.view.id).items()}
    others = {name for name in values if strict or by.get(name) not in (None, seen.me.id)}
    return Changed(values, {name: shown[name][0] for name in others if name in shown})


def _read_marks(text: str) -> Iterator[tuple[str, str, str]]:
    for mark in text.split():
        name, _colon, rest = mark.partition(":")
        version, _colon, digest = rest.partition(":")
        if version.isdecimal() and len(version) < 10:
            yield name, version, digest


def _digest(raw: Any) -> str:
    return format(zlib.crc32(json.dumps(raw, sort_keys=True).replace("\\r\\n", "\\n").encode()), "x")


def _every(inputs: Iterable[Answer]) -> Iterator[Answer]:
    for control in inputs:
        yield control
        for inside in control.reveals.values():
            yield from _every(inside)


def _autosave(seen: Visit, here: Page) -> Response:
    """Keeps, judges nothing, answers when it was and what the page now stands on."""
    typed = forms.collect(seen.view.definition.form, here, request.form)
    changed = _touched(seen, typed, strict=True)
    if changed.values:
        with unit_of_work() as tx:
            drafts.save(tx, seen.number, seen.me, changed.values, changed.versions)
    now = drafts.read(reading(), seen.view.id)
    marks = {name: f"{name}:{now[name].version if name in now else 0}:{_digest(raw)}" for name, raw in typed.items()}
    kept = [mark for mark in request.form.get("_seen", "").split() if mark.partition(":")[0] not in marks]
    return jsonify(saved=seen.view.now.astimezone(JAKARTA).strftime("%H.%M"), seen=" ".join([*kept, *marks.values()]))


# ------------------------------------------------------------------ rows, files, corrections


def _rows(seen: Visit, here: Page, values: dict[str, Any]) -> str | None:
    """A row added or taken away, a file taken away: the anchor of where the eye is; None without such a button."""
    names = {part.name for part in here.fields}
    fields = seen.view.definition.form.fields
    added, removed = request.form.get("_add", ""), request.form.get("_remove", "")
    name, _dash, row = removed.rpartition("-") if "-" in removed else (removed, "", "")
    if added in names and fields[added].of:
        rows = values.setdefault(added, list(_posted(seen, here, added)))
        rows.append({})
        return f"f-{added}-{len(rows) - 1}"
    if name in names and fields[name].of and re.fullmatch(r"[0-9]{1,6}", row):
        rows = values.setdefault(name, list(_posted(seen, here, name)))
        del rows[int(row) : int(row) + 1]
        return f"f-{name}"
    if name in names and fields[name].type == "file":
        values[name] = {}
        return f"f-{name}"
    return None


def _posted(seen: Visit, here: Page, name: str) -> list[Any]:
    typed = forms.collect(seen.view.definition.form, here, request.form).get(name)
    return typed if isinstance(typed, list) else []


def _with_files(seen: Visit, here: Page, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The values with what was uploaded; a file that is refused leaves what was there."""
    refused = []
    for part in here.fields:
        field, upload = seen.view.definition.form.fields[part.name], request.files.get(part.name)
        if field.type != "file" or upload is None or not upload.filename:
            continue
        try:
            with unit_of_work() as tx:
                row = intake.receive(
                    tx,
                    cast(BinaryIO, upload.stream),
                    upload.filename,
                    holder=seen.me.id or 0,
                    accept=file_fields.accepted(field),
                    max_bytes=file_fields.largest(field),
                    record_id=seen.view.record_id,
                )
            values[part.name] = row.value()
        except intake.NotAccepted as no:
            refused.append(Problem(part.name, no.text, no.params))
    return values, tuple(refused)


def _answer(tx: Tx, seen: Visit, here: Page, values: Mapping[str, Any]) -> None:
    """A correction is answered by another value, or in words; no box has to be ticked."""
    taken = _judge(seen, here, {**seen.raw, **values})
    wrong = {problem.field for problem in taken.problems} if isinstance(taken, Problems) else set()
    fields = seen.view.definition.form.fields
    for part in here.fields:
        now = {part.name: taken.values.get(part.name)}
        differs = part.name not in wrong and bool(form.differences(fields, seen.view.answers, now))
        for correction in seen.asked.get(part.name, ()):
            explained = request.form.get(f"_explain-{correction.id}", "").strip()[:LONGEST_WORDS]
            if correction.status == "open" and (explained or differs):
                command = Command("correction", str(correction.id), {"status": "answered"})
                door.perform_in(tx, seen.number, seen.me, command, said={"answer": explained} if explained else {})

"""A form as a list of tasks and short pages. Everything typed is kept, right or wrong, before anything is judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.base.db import Tx, unit_of_work
from siskop.base.i18n import JAKARTA, ngettext
from siskop.base.i18n import gettext as _
from siskop.engine import form
from siskop.engine.case import Command
from siskop.engine.definition import Page
from siskop.engine.fields.registry import UPLOADED
from siskop.engine.form import Problem
from siskop.submissions import answers, door, drafts
from siskop.web import forms
from siskop.web.controls import WINDOW, Upload
from siskop.web.cooperative import blueprint, incoming, kept, suggestions, tasks, visit
from siskop.web.cooperative.visit import Visit

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
        uploads=seen.needs_proof or any(field.type in UPLOADED for field in seen.form.fields.values()),
    )


@blueprint.get("/pengajuan/<number>/perbaikan")
def corrections(number: str) -> Response | Any:
    """Where a mail leads: the first field that was asked."""
    seen = visit.editing(number)
    name = next(iter(seen.unanswered), None)
    page = seen.form.page_of(name) if name else None
    if page is None:
        return redirect(url_for(".check" if seen.ready else ".overview", number=number))
    return redirect(url_for(".page", number=number, name=page.name, _anchor=f"f-{name}"))


@blueprint.get("/pengajuan/<number>/isi/<name>")
def page(number: str, name: str) -> str:
    """A page that was filled in wrongly before shows at once what is wrong; one that is only unfinished does not."""
    seen = visit.editing(number)
    here = seen.page(name)
    found = _wrong(seen, here)
    shows = "periksa" in request.args or any(not problem.missing for problem in found)
    return _show(seen, here, found if shows else ())


@blueprint.post("/pengajuan/<number>/isi/<name>")
def save(number: str, name: str) -> ResponseReturnValue:
    seen = visit.editing(number)
    here = seen.page(name)
    if request.headers.get("X-Autosave"):
        return _autosave(seen, here)
    changed = _changed(seen, here, strict=False)
    came = incoming.read(seen, here, changed)
    with unit_of_work() as tx:
        drafts.save(tx, number, seen.me, came.values)
        _answer(tx, seen, here, answers.raws(tx, seen.view.id))
    return _onward(number, here, came)


def _onward(number: str, here: Page, came: incoming.Came) -> ResponseReturnValue:
    """Back to the page where something is wrong or a row was added; else to the next one. What a button of rows or
    "later" saves is not judged yet; of what came with a table, the table is."""
    seen = visit.editing(number)
    for tone, said in came.notices:
        flash(said, tone)
    opened = _opened(seen, here)
    paused = bool(came.place) or "_later" in request.form
    judged = [p for p in _wrong(seen, here) if (p.field in came.tables if came.tables else not paused)]
    problems = came.refused + tuple(problem for problem in judged if problem.field not in opened)
    if problems:
        return _show(seen, here, problems), 422
    if came.place:
        return redirect(_at(seen, here, came.place), 303)
    if "_later" in request.form:
        flash(_("Saved. You may go on later, also on another device."))
        return redirect(url_for(".overview", number=number), 303)
    if opened:
        flash(
            ngettext(
                "One more question belongs to your answer.", "%(n)s more questions belong to your answers.", len(opened)
            )
        )
        return redirect(_at(seen, here, opened[0]), 303)
    return redirect(_next(seen, here), 303)


def _at(seen: Visit, here: Page, place: str) -> str:
    """This page where the eye is: a field, or the row of a list ("list-3"), whichever window it stands in."""
    row = place.rpartition("-")[2]
    query: dict[str, Any] = {**request.args, "baris": place if row.isdecimal() and int(row) >= WINDOW else None}
    return url_for(".page", number=seen.number, name=here.name, _anchor=f"f-{place}", **query)


def _opened(seen: Visit, here: Page) -> list[str]:
    """Questions that the answers just given have opened: the page did not show them, so nothing is wrong with them."""
    asked = set(request.form.getlist("_asked"))
    if seen.asked and "semua" not in request.args:
        return []
    return [name for name in seen.asking(here) if name not in asked]


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
    look = forms.Look(
        notes=seen.asked,
        only=_asked_only(seen, here, problems),
        new=seen.view.new_questions,
        row=_turned_to(problems),
        suggest=suggestions.of,
    )
    inputs = forms.build(
        definition.form, here, seen.view.draft, seen.view.context, problems=problems, look=look, judged=seen.judged
    )
    return render_template(
        "cooperative/page.html",
        seen=seen,
        page=here,
        inputs=inputs,
        summary=forms.summary(definition.form, problems, inputs),
        narrowed=look.only is not None,
        rows=tasks.pages(seen),
        last=tasks.last(seen),
        proof=tasks.proof(seen),
        has_files=any(isinstance(control, Upload) or control.definition.of for control in forms.every(inputs)),
        place=[p.name for p in seen.pages].index(here.name) + 1 if here in seen.pages else 0,
    )


def _turned_to(problems: tuple[Problem, ...]) -> tuple[str, int]:
    """The row that the address names (`?baris=list-57`), else the first in which something is wrong."""
    found = re.fullmatch(r"(\w+)-([0-9]{1,6})", request.args.get("baris", ""))
    if found:
        return found[1], int(found[2])
    return next(((p.field, p.row) for p in problems if p.row is not None), ("", 0))


def _asked_only(seen: Visit, here: Page, problems: tuple[Problem, ...]) -> frozenset[str] | None:
    """Where the office asked for something: just that, what hangs on it and what is wrong. None: the whole page."""
    asked = {part.name for part in here.fields if part.name in seen.asked}
    if not asked or "semua" in request.args:
        return None
    hanging = {part.name for part in here.fields if part.show_if is not None and part.show_if.names & asked}
    return frozenset(asked | hanging | {problem.field for problem in problems})


def _wrong(seen: Visit, here: Page) -> tuple[Problem, ...]:
    names = {part.name for part in here.fields}
    return tuple(problem for problem in seen.problems if problem.field in names)


def _changed(seen: Visit, here: Page, strict: bool) -> kept.Changed:
    typed = forms.collect(seen.form, here, request.form, seen.view.context.fixed)
    return kept.touched(seen, typed, strict)


def _autosave(seen: Visit, here: Page) -> Response:
    """Keeps, judges nothing, answers when it was and what the page now stands on: {name: mark}."""
    changed = _changed(seen, here, strict=True)
    if changed.values:
        with unit_of_work() as tx:
            drafts.save(tx, seen.number, seen.me, changed.values)
    marks = {place: f"{place}:{of}" for place, of in changed.marks.items()}
    return jsonify(saved=seen.view.now.astimezone(JAKARTA).strftime("%H.%M"), seen=marks)


def _answer(tx: Tx, seen: Visit, here: Page, raw: Mapping[str, Any]) -> None:
    """A correction is answered by another value, or in words; no box has to be ticked."""
    asked = [(part.name, c) for part in here.fields for c in seen.asked.get(part.name, ()) if c.status == "open"]
    if not asked:
        return
    taken = form.accept(seen.form, raw, seen.view.context)
    wrong = {problem.field for problem in taken.problems}
    for name, correction in asked:
        now = {name: taken.values.get(name)}
        differs = name not in wrong and form.differences(seen.form.fields, seen.view.proposed, now)
        explained = request.form.get(f"_explain-{correction.id}", "").strip()[:LONGEST_WORDS]
        if explained or differs:
            command = Command("correction", str(correction.id), {"status": "answered"})
            door.perform_in(tx, seen.number, seen.me, command, said={"answer": explained} if explained else {})

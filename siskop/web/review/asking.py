"""What an act asks before it is done: words, a small form, a file, a person, a day. It is asked on a page of its own,
and what was given stays there while something is lacking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, cast

from flask import render_template, request
from werkzeug.datastructures import FileStorage

from siskop.base.db import reading, unit_of_work
from siskop.base.errors import NotFound
from siskop.base.i18n import gettext as _
from siskop.engine import form, people
from siskop.engine.case import Actor
from siskop.engine.definition import Form, State
from siskop.engine.fields import files as file_fields
from siskop.engine.fields.registry import UPLOADED
from siskop.engine.form import Clean, Context, Problem, Problems
from siskop.files import intake, store
from siskop.submissions import seats
from siskop.submissions.small_forms import form_of
from siskop.submissions.view import View
from siskop.web import forms
from siskop.web.review import visit
from siskop.web.review.acts import Act

LONGEST_WORDS = 2000
WORDS = ("reason", "comment", "note")
MOST_DAYS = 365


@dataclass
class Given:
    """`raw`: the small form as typed. `problems`: (id of the control, sentence) of what can't be taken so."""

    args: dict[str, Any] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    wrong: tuple[Problem, ...] = ()
    problems: list[tuple[str, str]] = field(default_factory=list)
    again: bool = False  # a button asked for another row, and nothing is to be done yet

    @property
    def is_whole(self) -> bool:
        return not self.problems and not self.again


def typed() -> str:
    return request.form.get("words", "").strip()


def read(seen: View, here: Actor, act: Act) -> Given:
    """What was posted for the act."""
    given = Given()
    asked = form_of(seen.definition, act.name) if "form" in act.asks else None
    if asked is not None:
        _form(seen, here, asked, given)
    for what in act.asks:
        if what in _READ:
            _READ[what](seen, here, act, given)
    if (kind := next((kind for kind in WORDS if kind in act.asks), None)) is not None:
        _words(kind, given)
    return given


def _words(kind: str, given: Given) -> None:
    said = typed()
    if len(said) > LONGEST_WORDS:
        problem = _("%(got)s characters; at most %(limit)s are kept.", got=len(said), limit=LONGEST_WORDS)
        given.problems.append(("kata", problem))
    elif not said:
        given.problems.append(("kata", _("Write it: it can't be done without these words.")))
    given.said[kind] = said


def _person(seen: View, here: Actor, act: Act, given: Given) -> None:
    person = request.form.get("person", type=int)
    if person not in {account for account, _name, _load in candidates(seen, act)}:
        given.problems.append(("orang", _("Choose who should do it.")))
    given.args["person"] = person
    seat = request.form.get("seat", "")
    if seat in {name for name, _who in free_seats(seen, act)}:
        given.args["seat"] = seat


def _due(seen: View, here: Actor, act: Act, given: Given) -> None:
    days = request.form.get("due", type=int)
    if days is None or not 0 <= days <= MOST_DAYS:
        given.problems.append(("hari", _("Write a number of days, from 0 to %(most)s.", most=MOST_DAYS)))
    given.args["due"] = days


def _attachment(seen: View, here: Actor, act: Act, given: Given) -> None:
    kept, refused = _uploads(seen, here, "attachment", tuple(file_fields.SORTS), None)
    if not kept and not refused:
        refused = [_("Attach a file.")]
    given.problems += [("lampiran", text) for text in refused]
    given.args["attachment"] = kept[-1]["id"] if kept else None


_READ = {"person": _person, "due": _due, "attachment": _attachment}


# ------------------------------------------------------------------ the small form


def _form(seen: View, here: Actor, asked: Form, given: Given) -> None:
    for page in asked.pages:
        given.raw |= forms.collect(asked, page, request.form)
    refused: list[Problem] = []
    for name, of in asked.fields.items():
        if of.type in UPLOADED:
            files, why = _uploads(seen, here, name, file_fields.accepted(of), file_fields.largest(of))
            given.raw[name] = files if of.type == "files" else files[-1] if files else {}
            refused += [Problem(name, text) for text in why]
        elif of.of:
            given.raw[name], given.again = _rows(name, given.raw.get(name), given.again)
    found = judged(seen, asked, given.raw)
    given.wrong = (*refused, *found.problems)
    given.problems += forms.summary(asked, given.wrong)


def judged(seen: View, asked: Form, raw: Mapping[str, Any]) -> Clean | Problems:
    return form.accept(asked, raw, context(seen))


def context(seen: View) -> Context:
    return replace(seen.context, record=seen.merged, fixed={})


def _rows(name: str, raw: Any, again: bool) -> tuple[list[Any], bool]:
    """The rows of a list in their order; buttons add one at the end, or take one away."""
    rows = [raw[n] for n in sorted(raw)] if isinstance(raw, dict) else list(raw or ())
    removed = request.form.get("_remove", "")
    if request.form.get("_add") == name:
        return [*rows, {}], True
    if removed.startswith(f"{name}-") and removed.removeprefix(f"{name}-").isdecimal():
        at = int(removed.removeprefix(f"{name}-")[:6])
        return rows[:at] + rows[at + 1 :], True
    return rows, again


def _uploads(
    seen: View, here: Actor, name: str, sorts: tuple[str, ...], most: int | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """What was handed in before and stays, then what came now; and why something was refused."""
    kept, refused = list(_kept(seen, here, name)), []
    for upload in [upload for upload in request.files.getlist(name) if upload.filename]:
        try:
            kept.append(_receive(seen, here, upload, sorts, most or file_fields.MAX_MB * file_fields.MEGABYTE))
        except intake.NotAccepted as no:
            refused.append(_(no.text, **no.params))
    return kept, refused


def _receive(seen: View, here: Actor, upload: FileStorage, sorts: tuple[str, ...], most: int) -> dict[str, Any]:
    with unit_of_work(apart=True) as tx:  # it stays, also when the act is refused
        row = intake.receive(
            tx,
            cast(BinaryIO, upload.stream),
            upload.filename or "",
            holder=here.id or 0,
            accept=sorts,
            max_bytes=most,
            record_id=seen.record_id,
        )
        return row.value()


def _kept(seen: View, here: Actor, name: str) -> Iterator[dict[str, Any]]:
    """Files that this person handed in for this record a moment ago; nobody else's."""
    for said in request.form.getlist(f"_kept-{name}")[:20]:
        if said.isascii() and said.isdecimal() and len(said) <= visit.MOST_DIGITS:
            try:
                row = store.get(reading(), int(said))
            except NotFound:
                continue
            if row.holder == here.id and row.record_id == seen.record_id:
                yield row.value()


# ------------------------------------------------------------------ the page


def candidates(seen: View, act: Act) -> list[tuple[int, str, int]]:
    """(account, name, open tasks) of those who may be named, least busy first."""
    state: State = seen.state
    step: str | None = act.name
    if act.do == "act":
        state = seen.definition.states[seen.definition.actions[act.name].to]
        step = people.first_of(state)
    if step is None or step not in state.steps:
        return []
    return seats.fitting(reading(), seen.number, state, state.steps[step])


def free_seats(seen: View, act: Act) -> list[tuple[str, str]]:
    """(seat, who has it) where one of several must be named."""
    run = seen.case.runs.get(act.name) if act.do == "assign" else None
    return [(x.name, seen.names.get(x.person or 0, "")) for x in run.seats.values() if x.acted is None] if run else []


def page(
    seen: View, here: Actor, act: Act, given: Given | None = None, /, template: str = "review/ask.html", **more: Any
) -> str:
    """Asks; with what was given, and what is wrong with it. `more` is for the template of another room."""
    now = given or Given()
    asked = form_of(seen.definition, act.name) if "form" in act.asks else None
    inputs = [
        control
        for part in (asked.pages if asked else ())
        for control in forms.build(asked or Form((), {}), part, now.raw, context(seen), problems=now.wrong)
    ]
    step = seen.state.steps.get(act.name)
    return render_template(
        template,
        **more,
        view=seen,
        me=here,
        act=act,
        inputs=inputs,
        kept=_files_of(asked, now.raw),
        attachment=store.get(reading(), now.args["attachment"]) if now.args.get("attachment") else None,
        people=candidates(seen, act) if "person" in act.asks else [],
        seats=free_seats(seen, act),
        chosen=now.args,
        due=now.args.get("due") or (step.due_days if step else None) or "",
        words_kind=next((kind for kind in WORDS if kind in act.asks), ""),
        problems=dict(now.problems),
        summary=now.problems,
        typed=typed(),
        uploads="attachment" in act.asks or any(f.type in UPLOADED for f in (asked.fields if asked else {}).values()),
    )


def _files_of(asked: Form | None, raw: Mapping[str, Any]) -> list[tuple[str, int]]:
    """(field, file) of what was handed in already."""
    found = []
    for name, of in (asked.fields if asked else {}).items():
        files = raw.get(name) if of.type in UPLOADED else None
        found += [(name, f["id"]) for f in (files if isinstance(files, list) else [files]) if f]
    return found

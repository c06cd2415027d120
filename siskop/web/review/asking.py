"""What an act asks before it is done: words, a small form, a file, a person, a day. It is asked on a page of its own,
and what was given stays there while something is lacking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import render_template, request

from siskop.base.db import reading
from siskop.base.errors import NotFound
from siskop.base.i18n import gettext as _
from siskop.engine import form, people
from siskop.engine.case import Actor, Seat
from siskop.engine.definition import Field, Form, State
from siskop.engine.fields.registry import UPLOADED
from siskop.engine.form import Context, Problem
from siskop.files import NotAccepted, store
from siskop.submissions import seats
from siskop.submissions.seats import Choice
from siskop.submissions.view import View
from siskop.web import forms, uploads
from siskop.web.review import steps, visit
from siskop.web.review.acts import Act

LONGEST_WORDS = 2000
WORDS = ("reason", "comment", "note")
MOST_DAYS = 365
ATTACHMENT = Field("attachment", "files", {})


@dataclass
class Given:
    """`raw`: the small form as typed. `problems`: (id of the control, sentence) of what can't be taken so."""

    args: dict[str, Any] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    wrong: tuple[Problem, ...] = ()
    problems: list[tuple[str, str]] = field(default_factory=list)
    again: bool = False  # a button changed the form, and nothing is to be done yet

    @property
    def is_whole(self) -> bool:
        return not self.problems and not self.again


def typed() -> str:
    return request.form.get("words", "").strip()


def read(seen: View, here: Actor, act: Act) -> Given:
    """What was posted for the act."""
    given = Given()
    _form(seen, here, _asked(seen, act), given)
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
    if (seat := asked_seat(seen, act)) is not None:
        given.args["seat"] = seat.name
    if person not in {one.account for one in candidates(seen, here, act)}:
        given.problems.append(("orang", _("Choose who should do it.")))
    given.args["person"] = person


def _due(seen: View, here: Actor, act: Act, given: Given) -> None:
    days = request.form.get("due", type=int)
    if days is None or not 0 <= days <= MOST_DAYS:
        given.problems.append(("hari", _("Write a number of days, from 0 to %(most)s.", most=MOST_DAYS)))
    given.args["due"] = days


def _attachment(seen: View, here: Actor, act: Act, given: Given) -> None:
    kept, refused = _uploads(seen, here, ATTACHMENT)
    texts = [no.message for no in refused] or ([] if kept else [_("Attach a file.")])
    given.problems += [("lampiran", text) for text in texts]
    given.args["attachment"] = kept[-1]["id"] if kept else None


_READ = {"person": _person, "due": _due, "attachment": _attachment}


# ------------------------------------------------------------------ the small form


def _asked(seen: View, act: Act) -> Form:
    """Without pages where the act asks for none."""
    return (seen.definition.form_of(act.name) if "form" in act.asks else None) or Form((), {})


def _form(seen: View, here: Actor, asked: Form, given: Given) -> None:
    for page in asked.pages:
        given.raw |= forms.collect(asked, page, request.form)
    wrong: list[Problem] = []
    for name, of in asked.fields.items():
        if of.type in UPLOADED:
            files, refused = _uploads(seen, here, of)
            given.raw[name] = files if of.type == "files" else files[-1] if files else {}
            wrong += [Problem(name, no.text, no.params) for no in refused]
        elif of.of:
            rows = given.raw.get(name) or {}
            given.raw[name] = [rows[n] for n in sorted(rows)]
    given.again = _buttons(asked, given.raw)
    given.wrong = (*wrong, *form.accept(asked, given.raw, _context(seen)).problems)
    given.problems += forms.summary(asked, given.wrong)


def _context(seen: View) -> Context:
    return replace(seen.context, record=seen.merged, fixed={})


def _buttons(asked: Form, raw: dict[str, Any]) -> bool:
    """Whether one was pressed that adds a row at the end, or takes a row or a file away."""
    added, removed = (forms.pressed(button, asked.fields) for button in ("_add", "_remove"))
    if added.of:
        raw[added.name].append({})
    if removed.of:
        raw[removed.name] = [row for n, row in enumerate(raw[removed.name]) if n != removed.number]
    elif removed.name:
        files = raw[removed.name]
        raw[removed.name] = [f for f in files if f["id"] != removed.number] if isinstance(files, list) else {}
    return bool(added.of or removed.name)


def _uploads(seen: View, here: Actor, of: Field) -> tuple[list[dict[str, Any]], list[NotAccepted]]:
    """What was handed in before and stays, then what came now; and why something was refused."""
    taken, refused = uploads.posted(of, here, seen.record_id)
    return [*_kept(seen, here, of.name), *taken], refused


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


def candidates(seen: View, here: Actor, act: Act) -> list[Choice]:
    """Those who may be named."""
    if (seat := asked_seat(seen, act)) is not None:
        return seats.assignable(reading(), seen.number, act.name, seat.name, here)
    state: State = seen.state
    step: str | None = act.name
    if act.do == "act":
        state = seen.definition.states[seen.definition.actions[act.name].to]
        step = people.first_of(state)
    if step is None or step not in state.steps:
        return []
    return seats.fitting(reading(), seen.number, state, state.steps[step])


def free_seats(seen: View, act: Act) -> list[Seat]:
    """Those that can be given to somebody, the empty ones first."""
    run = seen.case.runs.get(act.name) if act.do == "assign" else None
    free = [seat for seat in run.seats.values() if seat.acted is None] if run else []
    return sorted(free, key=lambda seat: seat.person is not None)


def asked_seat(seen: View, act: Act) -> Seat | None:
    """The free seat that was chosen, else the first of them."""
    free, wanted = free_seats(seen, act), request.values.get("seat")
    return next((seat for seat in free if seat.name == wanted), free[0] if free else None)


def page(view: View, here: Actor, act: Act, given: Given | None = None, **more: Any) -> str:
    """Asks; with what was given, and what is wrong with it. `more` is what the applicant's side adds."""
    now = given or Given()
    asked, around = _asked(view, act), _context(view)
    inputs = [
        control for part in asked.pages for control in forms.build(asked, part, now.raw, around, problems=now.wrong)
    ]
    step = view.state.steps.get(act.name)
    return render_template(
        "review/ask.html",
        **more,
        view=view,
        act=act,
        inputs=inputs,
        kept=_files_of(asked, now.raw),
        attachment=store.get(reading(), now.args["attachment"]) if now.args.get("attachment") else None,
        people=candidates(view, here, act) if "person" in act.asks else [],
        seats=[steps.choice(view, step, seat) for seat in free_seats(view, act)] if step else [],
        seat=asked_seat(view, act),
        chosen=now.args,
        due=now.args.get("due") or (step.due_days if step else None) or "",
        words_kind=next((kind for kind in WORDS if kind in act.asks), ""),
        problems=dict(now.problems),
        summary=now.problems,
        typed=typed(),
        uploads="attachment" in act.asks or any(f.type in UPLOADED for f in asked.fields.values()),
    )


def _files_of(asked: Form, raw: Mapping[str, Any]) -> list[tuple[str, int]]:
    """(field, file) of what was handed in already."""
    found = {name: raw.get(name) or [] for name, of in asked.fields.items() if of.type in UPLOADED}
    return [(name, f["id"]) for name, files in found.items() for f in (files if isinstance(files, list) else [files])]

"""What became of a submission: whose turn it is, until when, what happened, and what may still be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from siskop.base.db import reading
from siskop.base.errors import NotFound
from siskop.base.i18n import format_date, ngettext, words
from siskop.base.i18n import gettext as _
from siskop.engine.calendar import day_of
from siskop.engine.case import Actor
from siskop.engine.definition import Definition
from siskop.jobs import queue
from siskop.letters import shelf
from siskop.submissions import definitions
from siskop.submissions.lines import Line
from siskop.submissions.view import View
from siskop.web import gate, history, standing, values
from siskop.web.cooperative import blueprint, visit, way
from siskop.web.cooperative.visit import Visit
from siskop.web.repeat import once
from siskop.web.review import acts, asking, decisions
from siskop.web.review.acts import Act
from siskop.web.review.asking import Given
from siskop.web.standing import Standing


@blueprint.get("/pengajuan/<number>")
def status(number: str) -> str:
    seen = visit.load(number)
    checks = queue.standing(reading(), f"check:{seen.view.id}:") if seen.view.waits_for_checks else None
    offered = _acts(seen)
    answers_now = seen.view.turn.whose == "you" and not seen.view.editable
    tasks = [act for act in offered if act.do != "act" or answers_now]
    return render_template(
        "cooperative/status.html",
        seen=seen,
        sent="terkirim" in request.args and seen.view.case.sent_at is not None,
        due=_due(seen.view),
        next_steps=list(_next_steps(seen.view, checks)),
        checks=checks,
        told=lambda field, value: None if value is None else values.told(field, value),
        history=[_told(lines, seen.me) for lines in _grouped(seen.view.history)],
        acts=[act for act in offered if act not in tasks],
        tasks=tasks,
        closed=acts.reasons(acts.without_sending(seen.view, closed=True)),
        silence=_silence(seen.view),
        letters=shelf.of_submission(reading(), seen.view.id, sent=True),
        answers=_answers(seen.view),
        picture=history.picture(seen.view.definition, seen.view.case.state),
        public=values.record_path(seen.view.kind.name, seen.view.record_slug),
        standing=_standing(seen),
        mailed=gate.reader().account.email if _is_told(seen.view.definition) else "",
    )


def _is_told(definition: Definition) -> bool:
    """Whether any act of this workflow sends a mail to whoever sent it in."""
    does = (effect for action in definition.actions.values() for effect in action.does if effect.kind == "mail")
    return any(effect.args.get("to") in ("submitter", "author", "operators") for effect in does)


def _standing(seen: Visit) -> Standing | None:
    """Of the record, or of that to which it belongs, for those who act for it."""
    view = seen.view
    return standing.of_record(view.relatives.parent_id or view.record_id, seen.me) if view.is_operator else None


@blueprint.get("/pengajuan/<number>/tindakan/<name>")
def before_act(number: str, name: str) -> ResponseReturnValue:
    """?do=vote&ballot=against; without: an action. What was possible a moment ago leads back, with the reason."""
    seen = visit.load(number)
    try:
        return _ask(seen, _act(seen, name))
    except NotFound:
        if name not in seen.view.definition.actions and name not in seen.view.definition.steps:
            raise
        return _too_late(seen, name)


@blueprint.post("/pengajuan/<number>/tindakan/<name>")
@once
def act(number: str, name: str) -> ResponseReturnValue:
    """Taking it back, objecting, and whatever else the workflow lets this side do beside sending."""
    seen = visit.load(number)
    wanted = _act(seen, name)
    given = asking.read(seen.view, seen.me, wanted)
    if not given.is_whole:
        return _ask(seen, wanted, given), 422
    if asking.typed() and not given.said:
        given.said["comment"] = asking.typed()[: asking.LONGEST_WORDS]
    decisions.perform(seen.view, seen.me, wanted, given)
    flash(_("Done: %(act)s", act=wanted.label))
    return redirect(url_for(".status", number=number), 303)


def _ask(seen: Visit, wanted: Act, given: Given | None = None) -> str:
    action = seen.view.definition.actions.get(wanted.name) if wanted.do == "act" else None
    to = way.label(seen.view.definition.states[action.to]) if action else ""
    return asking.page(seen.view, seen.me, wanted, given, seen=seen, to=to, words_help=_("The office reads this."))


def _act(seen: Visit, name: str) -> Act:
    wanted = request.values.get("do", "act"), name, request.values.get("ballot", "")
    found = next((act for act in _acts(seen) if (act.do, act.name, act.ballot) == wanted), None)
    if found is None:
        raise NotFound()
    return found


def _acts(seen: Visit) -> list[Act]:
    """What may be done now beside sending: actions, and steps that are this reader's."""
    return acts.without_sending(seen.view)


def _too_late(seen: Visit, name: str) -> Response:
    why = acts.reasons([act for act in acts.without_sending(seen.view, closed=True) if act.name == name])
    label = acts.label_of(seen.view.definition, name)
    flash(why or _("This is no longer possible: %(act)s", act=label))
    return redirect(url_for(".status", number=seen.number), 303)


def _silence(view: View) -> str:
    """What happens by itself if this reader, whose turn it is, does nothing."""
    if view.silence is None or view.turn.whose != "you" or view.editable:
        return ""
    day = format_date(day_of(view.silence.at) - timedelta(days=1))
    named = [effect.args["action"] for effect in view.silence.rung.does if effect.kind == "action"]
    if named:
        label = acts.label_of(view.definition, named[0])
        return _("Without an answer by %(day)s, this follows by itself: %(act)s.", day=day, act=label)
    return _("Without an answer by %(day)s it goes on without one.", day=day)


def _due(view: View) -> tuple[date, int] | None:
    """The day by which the office must be done, and the working days until then; one step's due promises nothing."""
    until = view.turn.office_until
    return (until, definitions.library(reading()).calendar.between(view.today, until)) if until else None


def _next_steps(view: View, checks: str | None) -> Iterator[dict[str, Any]]:
    """The steps of this state that are not done, then the states that follow. The first of them is where it is."""
    if view.state.final or view.state.waits_for != "office":
        return
    first = {"when": _("under way") if checks in (None, "running") else _("waits to be begun"), "here": "office"}
    for text, when in _ahead(view):
        yield {**first, "text": text, **({"when": when} if when else {})}
        first = {}


def _ahead(view: View) -> Iterator[tuple[str, str]]:
    """(what, by when, if that is known)"""
    runs = view.case.runs
    steps = [s for s in view.state.steps.values() if s.name in runs or not s.on_demand]
    left = [s for s in steps if s.name not in runs or runs[s.name].outcome is None]
    if any(step.check for step in left):
        checks = (words(step.label) for step in view.state.steps.values() if step.check)
        yield _("The system checks: %(what)s", what=", ".join(checks)), ""
    for step in left:
        if not step.check:
            due = runs[step.name].due if step.name in runs else None
            yield words(step.label), _("by %(day)s at the latest", day=format_date(due)) if due else ""
    for name in way.route(view.definition, view.state.name):
        yield way.label(view.definition.states[name]), ""


def _grouped(lines: Iterable[Line]) -> list[list[Line]]:
    """Newest first; checks that ended one after the other are one line."""
    return [list(group) for _key, group in groupby(lines, lambda line: 0 if line.check else line.seq)][::-1]


def _told(lines: list[Line], me: Actor) -> dict[str, Any]:
    told = history.item(lines[-1], me)
    if len(lines) > 1:
        amiss = [line.what for line in lines if line.tone != "good"]
        text = ngettext("%(n)s automatic check ended", "%(n)s automatic checks ended", len(lines))
        told["text"] = f"{text}: {', '.join(amiss) or _('all passed')}"
        told["tone"] = min((line.tone for line in lines), key=("bad", "warn", "good", "").index)
    return told


def _answers(view: View) -> list[tuple[str, Any]]:
    fields, given = view.definition.form.fields, view.proposed
    return [(words(f.label), values.told(f, given[name])) for name, f in fields.items() if given.get(name) is not None]

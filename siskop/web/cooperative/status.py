"""What became of a submission: whose turn it is, until when, what happened, and what may still be done about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.base.db import reading
from siskop.base.errors import NotFound
from siskop.base.i18n import format_date, format_datetime, ngettext, words
from siskop.base.i18n import gettext as _
from siskop.engine.case import Command
from siskop.jobs import queue
from siskop.submissions import definitions, door
from siskop.submissions.lines import Line
from siskop.web import flows, gate, values
from siskop.web.cooperative import blueprint, visit, way
from siskop.web.cooperative.visit import Visit
from siskop.web.repeat import once
from siskop.web.review import acts, asking
from siskop.web.review.acts import Act
from siskop.web.review.asking import Given


@blueprint.get("/pengajuan/<number>")
def status(number: str) -> str:
    seen = visit.load(number)
    reader = gate.reader_now()
    standing = queue.standing(reading(), f"check:{seen.view.id}:") if seen.view.waits_for_checks else None
    return render_template(
        "cooperative/status.html",
        seen=seen,
        sent="terkirim" in request.args and seen.view.case.sent_at is not None,
        due=_due(seen),
        next_steps=_next_steps(seen, standing),
        checks=standing,
        told=lambda field, value: None if value is None else values.told(field, value),
        history=[_told(lines) for lines in reversed(_grouped(seen.view.history))],
        acts=[act for act in _acts(seen) if act.do == "act"],
        tasks=[act for act in _acts(seen) if act.do != "act"],
        answers=_answers(seen),
        picture=flows.picture(seen.view.definition, seen.view.case.state),
        public=_public(seen),
        email=reader.account.email if reader else "",
    )


@blueprint.get("/pengajuan/<number>/tindakan/<name>")
def before_act(number: str, name: str) -> str:
    """?do=vote&ballot=against; without: an action."""
    seen = visit.load(number)
    return _ask(seen, _act(seen, name))


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
    args = {**given.args, **({"ballot": wanted.ballot} if wanted.ballot else {})}
    form: dict[str, Any] = {"form": given.raw} if "form" in wanted.asks else {}
    command = Command(wanted.do, wanted.name, args)
    door.perform(number, seen.me, command, basis=request.form.get("basis"), said=given.said, **form)
    flash(_("Done: %(act)s", act=wanted.label))
    return redirect(url_for(".status", number=number), 303)


def _ask(seen: Visit, wanted: Act, given: Given | None = None) -> str:
    action = seen.view.definition.actions.get(wanted.name) if wanted.do == "act" else None
    to = way.label(seen.view.definition.states[action.to]) if action else ""
    help_ = _("The office reads this.")
    return asking.page(
        seen.view, seen.me, wanted, given, template="cooperative/act.html", seen=seen, to=to, words_help=help_
    )


def _act(seen: Visit, name: str) -> Act:
    do, ballot = request.values.get("do", "act"), request.values.get("ballot", "")
    found = next((a for a in _acts(seen) if (a.do, a.name, a.ballot) == (do, name, ballot)), None)
    if found is None:
        raise NotFound()
    return found


def _acts(seen: Visit) -> list[Act]:
    """What may be done now beside sending: actions, and steps that are this reader's."""
    actions = seen.view.definition.actions
    bar = acts.bar(seen.view)
    found = [act for act in (bar.acts if bar else ()) if not act.closed]
    return [a for a in found if a.do != "act" or "valid_form" not in actions[a.name].needs]


def _due(seen: Visit) -> dict[str, Any] | None:
    until = seen.view.turn.office_until or seen.view.turn.until
    if until is None or seen.view.turn.whose is None:
        return None
    return {"day": until, "left": definitions.library(reading()).calendar.between(seen.view.today, until)}


def _next_steps(seen: Visit, checks_standing: str | None) -> list[dict[str, Any]]:
    """The steps of this state that are not done, then the states that follow."""
    state, definition, runs = seen.view.state, seen.view.definition, seen.view.case.runs
    if state.final or state.waits_for != "office":
        return []
    items = []
    checks = [step for step in state.steps.values() if step.check]
    if any(step.name not in runs or runs[step.name].outcome is None for step in checks):
        items.append({"text": _("The system checks: %(what)s", what=", ".join(words(s.label) for s in checks))})
    for step in state.steps.values():
        if step.check is None and (step.name not in runs or runs[step.name].outcome is None):
            run = runs.get(step.name)
            until = _("by %(day)s at the latest", day=format_date(run.due)) if run and run.due else ""
            items.append({"text": words(step.label), "when": until})
    items += [{"text": way.label(definition.states[name])} for name in way.route(definition, state.name)]
    if items:
        when = _("under way") if checks_standing in (None, "running") else _("waits to be begun")
        items[0] = {"when": when, **items[0], "here": "office"}
    return items


def _grouped(history: Iterable[Line]) -> list[list[Line]]:
    """Checks that ended one after the other are one line."""
    found: list[list[Line]] = []
    for line in history:
        if line.check and found and found[-1][0].check:
            found[-1].append(line)
        else:
            found.append([line])
    return found


def _told(lines: list[Line]) -> dict[str, Any]:
    line, text = lines[-1], lines[-1].what
    if len(lines) > 1:
        seen = [one.what for one in lines if one.tone != "good"]
        text = ngettext("%(n)s automatic check ended", "%(n)s automatic checks ended", len(lines))
        text += f": {', '.join(seen)}" if seen else f": {_('all passed')}"
    tone = next((t for t in ("bad", "warn") if any(one.tone == t for one in lines)), line.tone)
    when = f"{format_datetime(line.at)} · {line.who}"
    return {"text": text, "tone": tone, "note": line.said, "when": when, "iso": line.at.isoformat()}


def _answers(seen: Visit) -> list[tuple[str, Any]]:
    fields, answers = seen.view.definition.form.fields, seen.view.answers
    return [
        (words(f.label), values.told(f, answers[name])) for name, f in fields.items() if answers.get(name) is not None
    ]


def _public(seen: Visit) -> str:
    kind = seen.view.kind.public
    return (
        f"/{kind.path}/{seen.view.record_slug}" if kind and seen.view.record_slug and seen.view.record_version else ""
    )

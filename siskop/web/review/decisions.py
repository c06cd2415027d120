"""Every act of the office on a submission, posted from the review page: one address, one closed list of acts.

Whoever acts on what is no longer so sees what happened meanwhile, by whom, and still has what they typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from siskop.accounts import memberships, people
from siskop.base.db import reading
from siskop.base.errors import Conflict, Invalid, NotFound, Refusal
from siskop.base.i18n import N_, words
from siskop.base.i18n import gettext as _
from siskop.engine.case import Actor, Command
from siskop.engine.definition import Definition
from siskop.engine.effects import effects as effects_of
from siskop.submissions import definitions, desk, door, view
from siskop.submissions.view import View
from siskop.web import gate, history
from siskop.web.repeat import once
from siskop.web.review import acts, asking, blueprint, visit
from siskop.web.review.acts import EFFECTS, Act
from siskop.web.review.asking import Given, typed

MEANWHILE = frozenset({"taken", "state", "final", "step"})
"""Refusals by which somebody else was faster."""
DECISIONS = frozenset({"act", "vote", "complete"})


class Simple(NamedTuple):
    """An act that asks nothing on a page of its own: what was done, where on the page one comes back to, what is posted
    with it, and what its words are."""

    done: str
    anchor: str = ""
    posted: str = ""
    words: str = ""


SIMPLE = {
    "claim": Simple(N_("The task is yours now.")),
    "release": Simple(N_("The task is given back; colleagues can take it.")),
    "vacate": Simple(N_("The task is free again."), "#langkah", "seat"),
    "ask": Simple(
        N_("The request is saved. The applicant reads it when you return the submission."),
        "#f-{}",
        words="correction",
    ),
    "correction": Simple(N_("The request is changed."), "#perubahan", "status"),
    "resolve": Simple(N_("The choice is kept."), "#benturan", "side"),
    "comment": Simple(N_("The note is saved."), "#catatan", words="note"),
}
BESIDE = {
    "override": N_("The check is overridden."),
    "recuse": N_("You stood down. The task is no longer yours."),
    "assign": N_("Assigned to %(name)s."),
    "consult": N_("%(name)s is asked."),
}
OF_THE_PUBLIC = ("publish", "unpublish")


@blueprint.get("/pengajuan/<number>/alasan")
def reason(number: str) -> str:
    """The page that asks for what an act needs: ?do=&name=&ballot="""
    here, seen = visit.load(number)
    act = _offered(seen)
    if act is None:
        raise NotFound()
    return asking.page(seen, here, act)


@blueprint.post("/pengajuan/<number>")
@once
def decide(number: str) -> Response | tuple[str, int] | str:
    here, seen = visit.load(number)
    do, name, ballot = _choice()
    if do in SIMPLE:
        if len(typed()) > asking.LONGEST_WORDS or (do == "ask" and not typed()):
            return _ask_again(number, name)
        return _carry_out(seen, here, Act(do, "note" if do == "comment" else name, "", ""), _simple(SIMPLE[do]))
    if do not in DECISIONS and do not in BESIDE:
        raise NotFound()
    act = _offered(seen) or Act(do, name, "", "", ballot)
    given = asking.read(seen, here, act) if act.asks and not act.closed else Given()
    if not given.is_whole:
        return asking.page(seen, here, act, given), 422
    return _carry_out(seen, here, act, given)


def perform(seen: View, here: Actor, act: Act, given: Given) -> door.Outcome:
    """An act with what was given for it, through the door. Decisions stand on what their form has seen."""
    args = {**given.args, **({"ballot": act.ballot} if act.do == "vote" else {})}
    basis = request.form.get("basis") if act.do in DECISIONS else None
    form: dict[str, Any] = {"form": given.raw} if "form" in act.asks else {}
    return door.perform(seen.number, here, Command(act.do, act.name, args), basis=basis, said=given.said, **form)


def _simple(simple: Simple) -> Given:
    posted = request.form.get(simple.posted, "")
    return Given({simple.posted: posted} if posted else {}, {simple.words: typed()} if simple.words else {})


def _carry_out(seen: View, here: Actor, act: Act, given: Given) -> Response | tuple[str, int]:
    number, line = seen.number, desk.line(reading(), here)
    claimed = any(status == "claimed" for _account, status, _file in memberships.proofs(reading(), seen.record_id))
    try:
        outcome = perform(seen, here, act, given)
    except Invalid as error:
        given.problems = [(f"f-{name}", " ".join(texts)) for name, texts in error.problems.items()]
        return asking.page(seen, here, act, given), 422
    except (door.Refused, Conflict) as error:
        return changed(number, error)
    if act.do in DECISIONS:
        state = words(seen.definition.states[outcome.state].label)
        said = [_("%(title)s: %(state)s.", title=seen.title, state=state)]
        return _onward(number, line, here, [*said, *_effects(seen.definition, outcome, claimed)])
    flash(_done(act, given))
    anchor = SIMPLE[act.do].anchor if act.do in SIMPLE else ""
    return redirect(url_for(".page", number=number) + anchor.format(act.name))


def changed(number: str, error: Refusal) -> tuple[str, int]:
    """Somebody was faster, or it is no longer allowed: what happened since, what was wanted, and what was typed."""
    here, now = visit.load(number)
    since = request.form.get("seen", type=int) or 0
    return render_template(
        "review/changed.html",
        view=now,
        error=error,
        news=[history.item(line, here) for line in reversed(now.history) if line.seq > since],
        wanted=_offered(now),
        label=acts.label_of(now.definition, _choice()[1]),
        typed=typed(),
    ), 409 if isinstance(error, Conflict) or getattr(error, "code", "") in MEANWHILE else 403


def _onward(number: str, line: list[str], here: Actor, said: list[str]) -> Response:
    """To what comes next on the desk, with a word of what was done and of what comes of it."""
    with_next = _next(number, line)
    turn = view.load(reading(), number, here).turn
    flash(" ".join([*said, f"{turn.heading}."] if turn.whose else said))
    return redirect(url_for(".page", number=with_next) if with_next else url_for(".inbox"))


def _next(number: str, before: list[str]) -> str | None:
    left = set(desk.line(reading(), gate.actor())) - {number}
    place = before.index(number) if number in before else -1
    return next((n for n in before[place + 1 :] + before[: max(place, 0)] if n in left), None)


def _done(act: Act, given: Given) -> str:
    """Of an act that decides nothing."""
    person = given.args.get("person", 0)
    name = {"name": people.names(reading(), [person]).get(person, "")} if person else {}
    return _(SIMPLE[act.do].done if act.do in SIMPLE else BESIDE[act.do], **name)


def _effects(definition: Definition, outcome: door.Outcome, claimed: bool) -> Iterator[str]:
    """What comes of it for others: each once, in their order. `claimed`: somebody had asked to act for it."""
    found = [effect for event in outcome.events for effect in effects_of(definition, event)]
    void = {"publish"} if any(effect.kind == "unpublish" for effect in found) else set()
    void |= set() if claimed else {"accept_members"}
    for kind, flow in dict.fromkeys((effect.kind, effect.args.get("start", "")) for effect in found):
        if kind in void:
            continue
        begun = definitions.library(reading()).workflows.get(flow) if kind == "start" else None
        if begun:
            yield _("Begun with it: %(workflow)s.", workflow=words(begun.label))
        elif kind in EFFECTS and (definition.kind.public or kind not in OF_THE_PUBLIC):
            yield _(EFFECTS[kind])


def _ask_again(number: str, name: str) -> Response:
    flash(_("Write what must be changed, then save the request."))
    return redirect(url_for(".page", number=number, minta=name) + f"#f-{name}")


def _offered(seen: View) -> Act | None:
    """The button that was pressed, or that leads to the page which is asked for."""
    return next((act for act in acts.every(seen) if (act.do, act.name, act.ballot) == _choice()), None)


def _choice() -> tuple[str, str, str]:
    """What, of what, and which ballot: a button of the bar says all three in one value, since only it is sent."""
    said = request.values.get("choice", "").split(":")
    if len(said) == 3:
        return said[0], said[1], said[2]
    do, name, ballot = (request.values.get(key, "") for key in ("do", "name", "ballot"))
    return do, name, ballot

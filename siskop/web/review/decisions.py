"""Every act of the office on a submission, posted from the review page: one address, one closed list of acts.

Whoever acts on what is no longer so sees what happened meanwhile, by whom, and still has what they typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from siskop.base.db import reading
from siskop.base.errors import Conflict, NotFound, Refusal
from siskop.base.i18n import gettext as _
from siskop.base.i18n import words
from siskop.engine.case import Actor, Command
from siskop.submissions import desk, door, view
from siskop.submissions.view import View
from siskop.web import gate
from siskop.web.repeat import once
from siskop.web.review import acts, blueprint, visit

LONGEST_WORDS = 2000
MEANWHILE = frozenset({"taken", "state", "final", "step"})
"""Refusals by which somebody else was faster."""
DECISIONS = frozenset({"act", "vote", "complete"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What was posted: the command, the words that go with it by kind, and where on the page one comes back to."""

    command: Command
    said: Mapping[str, str]
    anchor: str = ""


@blueprint.get("/pengajuan/<number>/alasan")
def reason(number: str) -> str:
    """The page that asks for words before an act: ?do=&name=&ballot="""
    here, seen = visit.load(number)
    return _ask_reason(seen, here)


@blueprint.post("/pengajuan/<number>")
@once
def decide(number: str) -> Response | tuple[str, int] | str:
    here, seen = visit.load(number)
    wish = _wish()
    if len(_typed()) > LONGEST_WORDS:
        problem = _("%(got)s characters; at most %(limit)s are kept.", got=len(_typed()), limit=LONGEST_WORDS)
        return _ask_reason(seen, here, problem), 422
    if wish.command.do == "ask" and not _typed():
        return _ask_again(number, wish)
    if _lacks_words(seen):
        return _ask_reason(seen, here, _("Write the reason: it can't be done without one.")), 422
    return _carry_out(number, here, seen, wish)


def _carry_out(number: str, here: Actor, seen: View, wish: Wish) -> Response | tuple[str, int]:
    line = desk.line(reading(), here)
    basis = request.form.get("basis") if wish.command.do in DECISIONS else None
    try:
        outcome = door.perform(number, here, wish.command, basis=basis, said=wish.said)
    except (door.Refused, Conflict) as error:
        return changed(number, error)
    if wish.command.do in DECISIONS:
        return _onward(number, line, seen, outcome, here)
    flash(_DONE[wish.command.do]())
    return redirect(url_for(".page", number=number) + wish.anchor)


def changed(number: str, error: Refusal) -> tuple[str, int]:
    """Somebody was faster, or it is no longer allowed: what happened since, what was wanted, and what was typed."""
    here, now = visit.load(number)
    since = request.form.get("seen", type=int) or 0
    do, name, ballot = _choice()
    return render_template(
        "review/changed.html",
        view=now,
        me=here,
        error=error,
        news=[line for line in reversed(now.history) if line.seq > since],
        wanted=acts.act_of(now, do, name, ballot),
        label=acts.label_of(now, do, name),
        typed=_typed(),
    ), 409 if isinstance(error, Conflict) or getattr(error, "code", "") in MEANWHILE else 403


def _onward(number: str, line: list[str], seen: View, outcome: door.Outcome, here: Actor) -> Response:
    """To what comes next on the desk, with a word of what was done."""
    with_next = _next(number, line)
    state = words(seen.definition.states[outcome.state].label)
    done = _("%(title)s: %(state)s.", title=seen.title, state=state)
    turn = view.load(reading(), number, here).turn
    flash(f"{done} {turn.heading}." if turn.whose else done)
    return redirect(url_for(".page", number=with_next) if with_next else url_for(".inbox"))


def _next(number: str, before: list[str]) -> str | None:
    tx = reading()
    tx.rollback()  # what was read before the decision is old
    left = set(desk.line(tx, gate.actor())) - {number}
    place = before.index(number) if number in before else -1
    return next((n for n in before[place + 1 :] + before[: max(place, 0)] if n in left), None)


def _lacks_words(seen: View) -> bool:
    act = acts.act_of(seen, *_choice())
    return bool(act and act.asks and not act.closed and not _typed())


def _ask_reason(seen: View, here: Actor, problem: str = "") -> str:
    act = acts.act_of(seen, *_choice())
    if act is None:
        raise NotFound()
    return render_template("review/reason.html", view=seen, me=here, act=act, problem=problem, typed=_typed())


def _ask_again(number: str, wish: Wish) -> Response:
    flash(_("Write what must be changed, then save the request."))
    return redirect(url_for(".page", number=number, minta=wish.command.name) + f"#f-{wish.command.name}")


# ------------------------------------------------------------------ what was posted, as a command


def _wish() -> Wish:
    do, name, ballot = _choice()
    if do not in _WISHES:
        raise NotFound()
    return _WISHES[do](name, ballot)


def _choice() -> tuple[str, str, str]:
    """What, of what, and which ballot: a button of the bar says all three in one value, since only it is sent."""
    said = request.values.get("choice", "").split(":")
    if len(said) == 3:
        return said[0], said[1], said[2]
    do, name, ballot = (request.values.get(key, "") for key in ("do", "name", "ballot"))
    return do, name, ballot


def _typed() -> str:
    return request.form.get("words", "").strip()


def _act(name: str, ballot: str) -> Wish:
    return Wish(Command("act", name), {"reason": _typed()})


def _vote(name: str, ballot: str) -> Wish:
    return Wish(Command("vote", name, {"ballot": ballot}), {"reason": _typed()})


def _plain(do: str) -> Callable[[str, str], Wish]:
    return lambda name, ballot: Wish(Command(do, name), {})


def _override(name: str, ballot: str) -> Wish:
    return Wish(Command("override", name), {"reason": _typed()}, "#pemeriksaan")


def _ask(name: str, ballot: str) -> Wish:
    return Wish(Command("ask", name), {"correction": _typed()}, f"#f-{name}")


def _correction(name: str, ballot: str) -> Wish:
    status = "open" if request.form.get("status") == "open" else "cancelled"
    return Wish(Command("correction", name, {"status": status}), {}, "#perubahan")


def _resolve(name: str, ballot: str) -> Wish:
    return Wish(Command("resolve", name, {"side": request.form.get("side", "")}), {}, "#benturan")


def _note(name: str, ballot: str) -> Wish:
    return Wish(Command("comment", "note"), {"note": _typed()}, "#catatan")


_WISHES: dict[str, Callable[[str, str], Wish]] = {
    "act": _act,
    "vote": _vote,
    "complete": _plain("complete"),
    "claim": _plain("claim"),
    "release": _plain("release"),
    "vacate": _plain("vacate"),
    "override": _override,
    "ask": _ask,
    "correction": _correction,
    "resolve": _resolve,
    "comment": _note,
}
_DONE = {
    "claim": lambda: _("The task is yours now."),
    "release": lambda: _("The task is given back; colleagues can take it."),
    "vacate": lambda: _("The task is free again."),
    "override": lambda: _("The check is overridden."),
    "ask": lambda: _("The request is saved. The cooperative reads it when you return the submission."),
    "correction": lambda: _("The request is changed."),
    "resolve": lambda: _("The choice is kept."),
    "comment": lambda: _("The note is saved."),
}

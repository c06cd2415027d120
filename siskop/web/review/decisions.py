"""Every act of the office on a submission, posted from the review page: one address, one closed list of acts.

Whoever acts on what is no longer so sees what happened meanwhile, by whom, and still has what they typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from siskop.base.db import reading
from siskop.base.errors import Conflict, Invalid, NotFound, Refusal
from siskop.base.i18n import gettext as _
from siskop.base.i18n import words
from siskop.engine.case import Actor, Command
from siskop.submissions import desk, door, view
from siskop.submissions.view import View
from siskop.web import gate
from siskop.web.repeat import once
from siskop.web.review import acts, asking, blueprint, outcomes, visit
from siskop.web.review.acts import Act
from siskop.web.review.asking import Given, typed

MEANWHILE = frozenset({"taken", "state", "final", "step"})
"""Refusals by which somebody else was faster."""
DECISIONS = frozenset({"act", "vote", "complete"})


@blueprint.get("/pengajuan/<number>/alasan")
def reason(number: str) -> str:
    """The page that asks for what an act needs: ?do=&name=&ballot="""
    here, seen = visit.load(number)
    act = acts.act_of(seen, *_choice())
    if act is None:
        raise NotFound()
    return asking.page(seen, here, act)


@blueprint.post("/pengajuan/<number>")
@once
def decide(number: str) -> Response | tuple[str, int] | str:
    here, seen = visit.load(number)
    do, name, ballot = _choice()
    if do not in _SIMPLE and do not in _ASKED:
        raise NotFound()
    act = acts.act_of(seen, do, name, ballot)
    if do in _SIMPLE:
        if len(typed()) > asking.LONGEST_WORDS or (do == "ask" and not typed()):
            return _ask_again(number, name)
        return _carry_out(seen, here, Act(do, name, "", ""), Given(), _SIMPLE[do])
    given = Given()
    if act is not None and act.asks and not act.closed:
        given = asking.read(seen, here, act)
        if not given.is_whole:
            return asking.page(seen, here, act, given), 422
    return _carry_out(seen, here, act or Act(do, name, "", "", ballot), given, None)


Simple = Callable[[str], tuple[Command, Mapping[str, str], str]]
"""From a name to the command, the words with it, and where on the page one comes back to."""


def _carry_out(seen: View, here: Actor, act: Act, given: Given, simple: Simple | None) -> Response | tuple[str, int]:
    number, line = seen.number, desk.line(reading(), here)
    args = {**given.args, **({"ballot": act.ballot} if act.do == "vote" else {})}
    command, said, anchor = simple(act.name) if simple else (Command(act.do, act.name, args), given.said, "")
    basis = request.form.get("basis") if act.do in DECISIONS else None
    form: dict[str, Any] = {"form": given.raw} if "form" in act.asks else {}
    try:
        outcome = door.perform(number, here, command, basis=basis, said=said, **form)
    except Invalid as error:
        given.problems = [(f"f-{name}", " ".join(texts)) for name, texts in error.problems.items()]
        return asking.page(seen, here, act, given), 422
    except (door.Refused, Conflict) as error:
        return changed(number, error)
    if act.do in DECISIONS:
        return _onward(number, line, seen, outcome, here)
    flash(outcomes.done(act.do, args))
    return redirect(url_for(".page", number=number) + anchor)


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
        typed=typed(),
    ), 409 if isinstance(error, Conflict) or getattr(error, "code", "") in MEANWHILE else 403


def _onward(number: str, line: list[str], seen: View, outcome: door.Outcome, here: Actor) -> Response:
    """To what comes next on the desk, with a word of what was done and of what comes of it."""
    with_next = _next(number, line)
    state = words(seen.definition.states[outcome.state].label)
    said = [_("%(title)s: %(state)s.", title=seen.title, state=state), *outcomes.effects(seen.definition, outcome)]
    turn = view.load(reading(), number, here).turn
    flash(" ".join([*said, f"{turn.heading}."] if turn.whose else said))
    return redirect(url_for(".page", number=with_next) if with_next else url_for(".inbox"))


def _next(number: str, before: list[str]) -> str | None:
    left = set(desk.line(reading(), gate.actor())) - {number}
    place = before.index(number) if number in before else -1
    return next((n for n in before[place + 1 :] + before[: max(place, 0)] if n in left), None)


def _ask_again(number: str, name: str) -> Response:
    flash(_("Write what must be changed, then save the request."))
    return redirect(url_for(".page", number=number, minta=name) + f"#f-{name}")


# ------------------------------------------------------------------ what was posted, as a command


def _choice() -> tuple[str, str, str]:
    """What, of what, and which ballot: a button of the bar says all three in one value, since only it is sent."""
    said = request.values.get("choice", "").split(":")
    if len(said) == 3:
        return said[0], said[1], said[2]
    do, name, ballot = (request.values.get(key, "") for key in ("do", "name", "ballot"))
    return do, name, ballot


def _plain(do: str) -> Simple:
    return lambda name: (Command(do, name), {}, "")


def _vacate(name: str) -> tuple[Command, Mapping[str, str], str]:
    seat = request.form.get("seat", "")
    return Command("vacate", name, {"seat": seat} if seat else {}), {}, "#langkah"


def _ask(name: str) -> tuple[Command, Mapping[str, str], str]:
    return Command("ask", name), {"correction": typed()}, f"#f-{name}"


def _correction(name: str) -> tuple[Command, Mapping[str, str], str]:
    status = "open" if request.form.get("status") == "open" else "cancelled"
    return Command("correction", name, {"status": status}), {}, "#perubahan"


def _resolve(name: str) -> tuple[Command, Mapping[str, str], str]:
    return Command("resolve", name, {"side": request.form.get("side", "")}), {}, "#benturan"


def _note(_name: str) -> tuple[Command, Mapping[str, str], str]:
    return Command("comment", "note"), {"note": typed()}, "#catatan"


_SIMPLE: dict[str, Simple] = {
    "claim": _plain("claim"),
    "release": _plain("release"),
    "vacate": _vacate,
    "ask": _ask,
    "correction": _correction,
    "resolve": _resolve,
    "comment": _note,
}
_ASKED = frozenset({"act", "vote", "complete", "override", "recuse", "assign", "consult"})
"""Whose inputs, if they ask for any, stand on a page of their own."""

"""Posts: what those who sign are called under their letters."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.base.db import reading, today, unit_of_work
from siskop.base.errors import Invalid
from siskop.base.i18n import gettext as _
from siskop.letters import posts as held
from siskop.web.repeat import once
from siskop.web.review import blueprint
from siskop.web.review.deputies import office
from siskop.web.review.visit import asked_id


@blueprint.get("/jabatan")
def posts() -> str:
    return _show()


@blueprint.post("/jabatan")
@once
def add_post() -> ResponseReturnValue:
    person = asked_id("orang")
    if person not in {actor.id for actor in office()}:
        return _show({"orang": [_("Choose a colleague.")]}), 422
    try:
        with unit_of_work() as tx:
            held.add(tx, person or 0, request.form, _day("from"), _day("until"))
    except Invalid as error:
        return _show(error.problems), 422
    flash(_("The post is kept."))
    return redirect(url_for(".posts"), 303)


@blueprint.post("/jabatan/<int:post>/akhiri")
@once
def end_post(post: int) -> ResponseReturnValue:
    with unit_of_work() as tx:
        held.end(tx, post)
    flash(_("The post has ended. Letters keep what they were signed with."))
    return redirect(url_for(".posts"), 303)


def _day(name: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(request.form.get(name, "").strip())
    return None


def _show(problems: dict[str, list[str]] | None = None) -> str:
    problems = problems or {}
    return render_template(
        "review/posts.html",
        posts=held.standing(reading()),
        colleagues=office(),
        today=today(reading()),
        problems=problems,
        summary=[(name, " ".join(texts)) for name, texts in problems.items()],
        typed=request.form,
    )

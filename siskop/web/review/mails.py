"""The mails of the house: what was sent to whom and what came of it, and how each of them reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.base.db import reading, settings, today, unit_of_work
from siskop.base.errors import NotFound
from siskop.base.i18n import LOCALES, speaking
from siskop.base.i18n import gettext as _
from siskop.engine.definition import PLACEHOLDER, Library, MailText
from siskop.mail import compose, log
from siskop.submissions.definitions import library
from siskop.web import gate
from siskop.web.repeat import once
from siskop.web.review import blueprint

PARAMETERS = {"about": "tentang", "person": "orang", "result": "hasil"}


@blueprint.get("/surel")
def mails() -> str:
    tx = reading()
    chosen = {key: request.args.get(name, "").strip()[:200] for key, name in PARAMETERS.items()}
    found = log.lines(tx, log.Asked(**chosen, before=request.args.get("dari", type=int)))
    more: dict[str, Any] = {PARAMETERS[key]: said for key, said in chosen.items() if said}
    return render_template(
        "review/mails.html",
        found=found[: log.PAGE],
        chosen=chosen,
        counts=log.counts(tx),
        results=log.RESULTS,
        tones=log.TONES,
        title=title,
        next_url=url_for(".mails", **more, dari=found[log.PAGE - 1].id) if len(found) > log.PAGE else None,
    )


@blueprint.get("/surel/<int:mail_id>")
def mail(mail_id: int) -> str:
    """With its text; but of mails that hold a key to an account nobody but their reader sees it."""
    found = log.one(reading(), mail_id)
    open_ = bool(found.mail) and all(kind in library().mails for kind in found.mail.split(","))
    return render_template(
        "review/mail.html",
        mail=found,
        text=found.text if open_ else None,
        result=_(log.RESULTS[found.result]),
        tone=log.TONES.get(found.result, "none"),
        title=title(found.mail),
        may_repeat=open_ and log.may_repeat(found),
    )


@blueprint.post("/surel/<int:mail_id>/lagi")
@once
def send_again(mail_id: int) -> ResponseReturnValue:
    if not all(kind in library().mails for kind in log.one(reading(), mail_id).mail.split(",")):
        raise NotFound()
    with unit_of_work() as tx:
        made = log.again(tx, mail_id)
    flash(_("The mail goes out again."))
    return redirect(url_for(".mail", mail_id=made), 303)


@blueprint.get("/surel/contoh")
def samples() -> str:
    return render_template("review/samples.html", kinds=[(name, title(name)) for name in sorted(library().mails)])


@blueprint.get("/surel/contoh/<name>")
def sample(name: str) -> str:
    """Each mail with invented values, in every language."""
    known = library(reading())
    if name not in known.mails:
        raise NotFound()
    shown = {}
    for language in LOCALES:
        with speaking(language):
            values = _invented(known, known.mails[name])
            shown[language] = compose.render(known.mails[name], values, settings().base_url)
    return render_template("review/sample.html", mail=known.mails[name], title=title(name), shown=shown)


def _invented(known: Library, mail: MailText) -> dict[str, Any]:
    """A value for each placeholder; of a field its example, else its label in brackets."""
    fields = {f.name: f for kind in known.kinds.values() for f in kind.fields.values()}
    day = today(reading())
    ours = {"due": day + timedelta(days=5), "today": day, "count": 2, "link": "/ruang", "number": "PGJ-2026-000001-7"}
    said = " ".join(words for part in (mail.subject, mail.body, mail.button, mail.why) for words in part.values())
    named = {found[1] for found in PLACEHOLDER.finditer(said)}
    told = {n: fields[n].example or _bracketed(fields[n].label) for n in named if n in fields}
    return {**{n: f"[{n}]" for n in named}, "name": gate.reader().account.name, **told, **ours}


def _bracketed(label: Mapping[str, str]) -> dict[str, str]:
    return {language: f"[{said}]" for language, said in label.items()}


def title(kinds: str) -> str:
    """What kinds of mail are called; the machinery's own are about the account."""
    known = library().mails
    return ", ".join(dict.fromkeys(compose.called(known[k]) if k in known else _("Account") for k in kinds.split(",")))

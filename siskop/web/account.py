"""One's own account: name, language of mails, password, sessions; where one arrives after signing in. And the mails of
Flask-Security, put into the outbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.accounts import people, sessions
from siskop.accounts.security import Addresses
from siskop.base import crypto
from siskop.base.db import Tx, db, reading, settings, unit_of_work
from siskop.base.errors import Invalid
from siskop.base.i18n import gettext as _
from siskop.base.i18n import speaking
from siskop.engine.definition import Library
from siskop.mail import bounces, compose, outbox, switches
from siskop.submissions.definitions import library
from siskop.web import gate
from siskop.web.frame import here
from siskop.web.repeat import once

blueprint = Blueprint("account", __name__, url_prefix="/akun")
EVEN_SECONDS = 0.35
NEARLY = 0.85  # of difflib: one letter wrong, missing or in another place
ABOUT_AN_ADDRESS = ("security.register", "security.forgot_password", "security.send_confirmation")


@blueprint.get("")
def show() -> ResponseReturnValue:
    return _page({})


@blueprint.post("")
def change() -> ResponseReturnValue:
    try:
        with unit_of_work() as tx:
            people.rename(tx, gate.reader().account.id, request.form.get("name", ""), request.form.get("language", ""))
    except Invalid as error:
        return _page(error.problems), 422
    flash(_("Your account was changed."), "success")
    return redirect(url_for(".show"), 303)


@blueprint.post("/surel")
@once
def choose_mails() -> ResponseReturnValue:
    """The kinds of mail that were shown, of which some are wanted."""
    shown, wanted = set(request.form.getlist("kinds")), set(request.form.getlist("wanted"))
    with unit_of_work() as tx:
        me = gate.reader().account.id
        free = {kind.mail for kind in switches.known(tx, me) if not kind.obligatory} & shown
        switches.turn(tx, me, sorted(free & wanted), on=True)
        switches.turn(tx, me, sorted(free - wanted), on=False)
    flash(_("Your mails were changed."), "success")
    return redirect(url_for(".show"), 303)


@blueprint.post("/alamat")
@once
def confirm_address() -> ResponseReturnValue:
    with unit_of_work() as tx:
        bounces.is_good(tx, gate.reader().account.id)
    flash(_("Mail goes to your address again."), "success")
    return redirect(url_for(".show"), 303)


@blueprint.post("/keluar-semua")
@once
def end_sessions() -> ResponseReturnValue:
    """Every session ends, this one too: the cookie in hand is worth nothing after it."""
    with unit_of_work() as tx:
        sessions.end_all(tx, gate.reader().account.id)
    return redirect(url_for("security.login"), 303)


@blueprint.get("/mulai")
def arrive() -> ResponseReturnValue:
    """Where one begins: the office's people at their inbox, everybody else in the cooperative's room."""
    return redirect(here("/kantor" if gate.reader().may("desk") else "/ruang"))


@blueprint.get("/selesai")
def left() -> ResponseReturnValue:
    """After signing out; no session is opened for it."""
    return render_template("account/left.html")


def _page(problems: dict[str, list[str]]) -> str:
    tx, reader = reading(), gate.reader()
    known = library(tx)
    held = people.grants(tx, reader.account.id)
    return render_template(
        "account/show.html",
        account=reader.account,
        name=request.form.get("name", reader.account.name),
        mail_language=request.form.get("language", reader.account.language),
        problems=problems,
        grants=[(known.roles[role].label, _area(known, area)) for role, area in held if role in known.roles],
        sessions=sessions.count(tx, reader.account.id),
        kinds=[(kind, compose.called(known.mails[kind.mail])) for kind in _kinds(tx, known)],
    )


def _kinds(tx: Tx, known: Library) -> list[switches.Known]:
    """The kinds of mail that came here, those first that one may do without."""
    found = [kind for kind in switches.known(tx, gate.reader().account.id) if kind.mail in known.mails]
    return sorted(found, key=lambda kind: (kind.obligatory, kind.mail))


def _area(known: Library, code: str) -> str:
    """Its name in whichever list has the code."""
    rows = (row for rows in known.lists.values() for row in rows)
    return next((row.get("name", code) for row in rows if code and row.get("code") == code), code)


def evened(response: Response) -> Response:
    """Answers about an address take the same time whether it has an account or not."""
    if request.method == "POST" and request.endpoint in ABOUT_AN_ADDRESS and response.status_code != 429:
        time.sleep(max(0.0, EVEN_SECONDS - (time.perf_counter() - g.get("began", 0.0))))
    return response


class Mails(Addresses):
    """What Flask-Security writes goes into the outbox, in the transaction of what it is about."""

    def meant(self, email: str) -> str | None:
        local, _at, host = email.rpartition("@")
        domains = [row.get("domain", "") for row in library().lists.get("mail-domains", ())]
        near = get_close_matches(host, domains, n=1, cutoff=NEARLY) if host not in domains else []
        return f"{local}@{near[0]}" if near else None

    def send_mail(  # noqa: PLR0917  (Flask-Security calls it so)
        self, template: str, subject: str, recipient: Any, sender: Any, body: str | None, html: str | None, **about: Any
    ) -> None:
        """The template's first line is the subject, its second the button as `label | /path`, or empty."""
        user = about["user"]
        name = template.rsplit("/", 1)[-1]
        subject, button, text = ((body or "").strip() + "\n\n\n").split("\n", 2)
        label, _bar, path = button.partition(" | ")
        with speaking(user.language), committing() as tx:
            outbox.queue_ready(
                tx,
                key=f"account:{user.id}:{name}:{crypto.salt()}",
                name=name,
                subject=subject,
                text=text,
                button=(label.strip(), compose.address(path.strip(), settings().base_url)) if path else None,
                why=_("This mail came because of what was done with this address at Siskop."),
                to_account=user.id,
            )


@contextmanager
def committing() -> Iterator[Tx]:
    """The app's session as a unit of work: what waits in it and what is done here is committed together."""
    db.session.flush()
    tx = db.session.connection()
    rings: list[Callable[[], None]] = []
    about = tx.info  # outlives the transaction: the pool keeps it with the connection
    about["after_commit"] = rings
    try:
        yield tx
        db.session.commit()
    finally:
        about.pop("after_commit", None)
    for ring in rings:
        ring()

"""Letters of the office: what waits for my signature, all that were written, printing, withdrawing."""

from __future__ import annotations

import logging

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.base import child
from siskop.base.db import reading, unit_of_work
from siskop.base.errors import Conflict
from siskop.base.i18n import N_, ngettext
from siskop.base.i18n import gettext as _
from siskop.letters import posts, shelf, signing, typeset
from siskop.letters.shelf import Asked, Letter
from siskop.submissions import definitions
from siskop.web import files, gate
from siskop.web.repeat import once
from siskop.web.review import blueprint
from siskop.web.review.visit import MOST_DIGITS

log = logging.getLogger(__name__)
LONGEST_REASON = 1000
STATES = {
    "waiting": N_("Waiting for a signature"),
    "unprinted": N_("Not yet printed"),
    "sent": N_("Signed"),
    "withdrawn": N_("Withdrawn"),
}


@blueprint.get("/surat")
def letters() -> str:
    """?lihat=semua: all, narrowed by keadaan, jenis, q, and from which id on (dari); ?pilih=semua: all are ticked."""
    tx, me, mine = reading(), gate.actor(), request.args.get("lihat") != "semua"
    asked = Asked(
        state=request.args.get("keadaan", "") if request.args.get("keadaan") in shelf.STATES else "",
        letter=request.args.get("jenis", "")[:100],
        q=request.args.get("q", "")[:100].strip(),
        before=_id(request.args.get("dari", "")),
    )
    found = shelf.waiting(tx, me) if mine else shelf.every(tx, me, asked)
    return render_template(
        "review/letters.html",
        mine=mine,
        asked=asked,
        states=STATES,
        waiting=shelf.count_waiting(tx, me),
        kinds=definitions.library(tx).letters.values(),
        found=found if mine else found[: shelf.PAGE],
        more=not mine and len(found) > shelf.PAGE,
        ticked=request.args.get("pilih") == "semua",
        may_people=gate.may("people"),
        post=posts.of(tx, me.id or 0),
        run=_id(request.args.get("cetakan", "")),
    )


@blueprint.post("/surat/tanda-tangan")
@once
def sign_letters() -> ResponseReturnValue:
    ids = _chosen()
    if ids:
        with unit_of_work() as tx:
            n = signing.sign(tx, definitions.library(tx), ids, gate.actor())
        flash(ngettext("%(n)s letter is signed.", "%(n)s letters are signed.", n))
    else:
        flash(_("No letter was chosen. Tick those that you want to sign."), "warn")
    return redirect(url_for(".letters"), 303)


@blueprint.post("/surat/cetak")
@once
def print_letters() -> ResponseReturnValue:
    """The chosen ones; `semua`: all that were never printed."""
    with unit_of_work() as tx:
        run, n = shelf.print_run(tx, gate.actor(), None if request.form.get("semua") else _chosen())
    if run:
        flash(ngettext("%(n)s letter is ready for the printer.", "%(n)s letters are ready for the printer.", n))
    else:
        flash(_("There is nothing to print among them: only signed letters whose PDF is made."), "warn")
    return redirect(url_for(".letters", lihat="semua", cetakan=run or None), 303)


@blueprint.get("/surat/cetak/<int:run>.pdf")
def print_run(run: int) -> Response:
    return files.document(typeset.bound(shelf.run_files(reading(), gate.actor(), run)), f"cetak-{run}.pdf")


@blueprint.get("/surat/<int:letter>")
def letter(letter: int) -> str:
    return _show(_letter(letter))


@blueprint.get("/surat/<int:letter>.pdf")
def letter_pdf(letter: int) -> Response:
    """As it was made; before that, as it would be."""
    found = _letter(letter)
    if found.sha256:
        return files.document(files.content(found.sha256), f"surat-{letter}.pdf")
    try:
        return files.document(typeset.drawn(reading(), letter)[1], f"surat-{letter}.pdf")
    except (child.Failed, OSError) as error:
        log.exception("a letter could not be drawn", extra={"letter": letter})
        raise Conflict(N_("The PDF of this letter could not be made. Tell an administrator.")) from error


@blueprint.post("/surat/<int:letter>/tarik")
@once
def withdraw_letter(letter: int) -> ResponseReturnValue:
    found, why = _letter(letter), request.form.get("alasan", "").strip()
    if not why or len(why) > LONGEST_REASON or "\0" in why:
        return _show(found, _("Write why, in at most %(n)s characters.", n=LONGEST_REASON)), 422
    with unit_of_work() as tx:
        signing.withdraw(tx, letter, gate.actor(), why, any_letter=gate.may("people"))
    flash(_("The letter is withdrawn. Whoever asks about it is told so."))
    return redirect(url_for(".letter", letter=letter), 303)


def _letter(letter_id: int) -> Letter:
    return shelf.one(reading(), gate.actor(), letter_id)


def _show(found: Letter, problem: str = "") -> str:
    return render_template(
        "review/letter.html", letter=found, problem=problem, may_withdraw=found.mine or gate.may("people")
    )


def _id(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= MOST_DIGITS else None


def _chosen() -> list[int]:
    """What was ticked; what is no id was not."""
    return [number for said in request.form.getlist("surat") if (number := _id(said)) is not None]

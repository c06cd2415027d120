"""Where the file asks for it, whoever begins shows that they act for the record: a file, looked at by the office."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from siskop.accounts import memberships
from siskop.base.db import reading, unit_of_work
from siskop.base.errors import NotFound
from siskop.base.i18n import gettext as _
from siskop.engine.case import Command
from siskop.engine.definition import Field
from siskop.engine.fields.files import MAX_MB
from siskop.files import NotAccepted, store
from siskop.submissions import door
from siskop.web import uploads
from siskop.web.cooperative import blueprint, tasks, visit
from siskop.web.cooperative.visit import Visit

LETTER = Field("bukti", "file", {})


@blueprint.get("/pengajuan/<number>/bukti")
def proof(number: str) -> str:
    return _show(_asked(number))


@blueprint.post("/pengajuan/<number>/bukti")
def give_proof(number: str) -> ResponseReturnValue:
    seen = _asked(number)
    chosen = uploads.chosen(LETTER.name)
    if not chosen:
        if seen.proof is not None:
            return redirect(tasks.next_of(seen).url, 303)
        return _show(seen, _("No file was chosen yet. Choose it as a PDF or a photo.")), 422
    try:
        with unit_of_work() as tx:
            door.perform_in(tx, number, seen.me, Command("edit"))  # under its lock: no claim after the office's no
            file = uploads.receive(tx, chosen[0], LETTER, seen.me, seen.view.record_id)
            memberships.claim(tx, seen.me.id or 0, seen.view.record_id, file["id"])
    except NotAccepted as no:
        return _show(seen, no.message), 422
    flash(_("The file was received. The office looks at it together with your answers."))
    return redirect(url_for(".overview", number=number), 303)


def _asked(number: str) -> Visit:
    seen = visit.editing(number)
    if not seen.needs_proof:
        raise NotFound()
    return seen


def _show(seen: Visit, problem: str = "") -> str:
    file = store.get(reading(), seen.proof) if seen.proof else None
    return render_template(
        "cooperative/proof.html", seen=seen, asked=seen.view.definition.proof, file=file, problem=problem, max_mb=MAX_MB
    )

"""Jobs, seen: what waits, runs, failed and why; dead ones are taken up again or put aside."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from siskop.base.db import reading, unit_of_work
from siskop.base.errors import NotFound
from siskop.base.i18n import gettext as _
from siskop.base.i18n import ngettext
from siskop.jobs import kinds, overview
from siskop.pipeline import handlers
from siskop.web import gate
from siskop.web.admin import blueprint
from siskop.web.repeat import once

assert handlers  # every kind of job has its words


@blueprint.get("/pekerjaan")
def jobs() -> str:
    """?lihat= which view; the dead ones first."""
    tx, view = reading(), request.args.get("lihat", "dead")
    if view not in overview.VIEWS:
        raise NotFound()
    return render_template(
        "admin/jobs.html",
        view=view,
        counts=overview.counts(tx),
        queues=overview.queues(tx),
        lines=overview.lines(tx, view),
        dead_kinds=overview.dead_kinds(tx) if view == "dead" else [],
        kind_words=kinds.label,
    )


@blueprint.post("/pekerjaan")
@once
def settle() -> ResponseReturnValue:
    """do=retry | retry_kind | bury, name= which job or kind."""
    act, name = request.form.get("do"), request.form.get("name", "")
    with unit_of_work() as tx:
        if act == "bury":
            overview.bury(tx, _job(name), gate.reader().account.id)
            flash(_("The job was put aside."))
        elif act in ("retry", "retry_kind"):
            asked = overview.retry(tx, kind=name) if act == "retry_kind" else overview.retry(tx, job=_job(name))
            done = ngettext("%(n)s job was taken up again.", "%(n)s jobs were taken up again.", asked)
            flash(done if asked else _("The same work waits already."))
        else:
            abort(400)
    return redirect(url_for(".jobs", lihat=request.args.get("lihat")), 303)


def _job(name: str) -> int:
    """An id in plain digits; what is none belongs to no job."""
    return int(name) if name.isascii() and name.isdigit() and len(name) < 19 else 0

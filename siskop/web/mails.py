"""One click in a mail: no more of these (RFC 8058). Whoever holds the mail may; a mail program asks without a page."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from siskop.accounts.security import csrf
from siskop.base.db import unit_of_work
from siskop.base.errors import NotFound
from siskop.mail import compose, switches
from siskop.submissions.definitions import library

blueprint = Blueprint("mails", __name__, url_prefix="/surel")
csrf.exempt(blueprint)  # the seal in the address is the key
ADDRESS = "/berhenti/<int:account>/<kinds>/<seal>"


@blueprint.get(ADDRESS)
def stopping(account: int, kinds: str, seal: str) -> str:
    """Programs that look into mails open every link: only the button acts."""
    return render_template("account/stop.html", kinds=_named(_kinds(account, kinds, seal)), done=False)


@blueprint.post(ADDRESS)
def stop(account: int, kinds: str, seal: str) -> ResponseReturnValue:
    found = _kinds(account, kinds, seal)
    with unit_of_work() as tx:
        switches.turn(tx, account, found, on=False)
    return render_template("account/stop.html", kinds=_named(found), done=True)


def _kinds(account: int, kinds: str, seal: str) -> list[str]:
    if not switches.is_address(account, kinds, seal):
        raise NotFound()
    return kinds.split(",")


def _named(kinds: list[str]) -> list[str]:
    known = library().mails
    return [compose.called(known[kind]) for kind in kinds if kind in known]

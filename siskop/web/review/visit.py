"""Who is here, and the submission they came for."""

from __future__ import annotations

import logging

from flask import request

from siskop.base.db import reading
from siskop.base.errors import NotFound
from siskop.engine.case import Actor
from siskop.submissions import desk, door, sight, store, view
from siskop.submissions.view import View
from siskop.web import gate

log = logging.getLogger(__name__)
MOST_DIGITS = 18


def load(number: str) -> tuple[Actor, View]:
    """The submission, if it is this person's to see in the office; else the one 404."""
    tx, here = reading(), gate.actor()
    if not desk.sees(tx, here, number):
        raise NotFound()
    return here, view.load(tx, number, here)


def opens(number: str, here: Actor) -> bool:
    """Whether `load` finds it for this person."""
    tx = reading()
    if not gate.may("desk") or not desk.sees(tx, here, number):
        return False
    loaded = store.load(tx, number)
    return sight.visible(tx, loaded, door.related(loaded, here))


def looked_at(seen: View, here: Actor, fields: list[str]) -> None:
    """Personal data was on a page (UU 27/2022): who, of which record, which fields; never the values."""
    if fields:
        about = {"account": here.id, "record": seen.record_id, "submission": seen.number, "fields": fields}
        log.info("personal data looked at", extra=about)


def asked_id(name: str) -> int | None:
    """The id that was posted, or stands in the address, under this name; None for nothing. Anything else is no page."""
    said = request.values.get(name, "")
    if said and not (said.isascii() and said.isdecimal() and len(said) <= MOST_DIGITS):
        raise NotFound()
    return int(said) if said else None

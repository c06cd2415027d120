"""Who is here, and the submission they came for."""

from __future__ import annotations

import logging

from flask_login import current_user

from siskop.accounts import people
from siskop.base.db import Tx, reading
from siskop.base.errors import NotFound
from siskop.engine.case import Actor
from siskop.submissions import definitions, desk, view
from siskop.submissions.view import View

log = logging.getLogger(__name__)


def actor(tx: Tx) -> Actor:
    return people.actor_for(tx, current_user.id)


def load(number: str) -> tuple[Actor, View]:
    """The submission, if it is this person's to see in the office; else the one 404."""
    tx = reading()
    here = actor(tx)
    if not desk.sees(tx, here, number):
        raise NotFound()
    return here, view.load(tx, number, here)


def may_personal(here: Actor) -> bool:
    return "personal" in people.may_words(here.grants, definitions.library(reading()).roles)


def looked_at(seen: View, here: Actor, fields: list[str]) -> None:
    """Personal data was on a page (UU 27/2022): who, of which record, which fields; never the values."""
    if fields:
        about = {"account": here.id, "record": seen.record_id, "submission": seen.number, "fields": fields}
        log.info("personal data looked at", extra=about)

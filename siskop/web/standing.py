"""How a registered record stands, for those who act for it or look into it: its badges, why, and what may be begun."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from siskop.base.db import public_reading, reading
from siskop.base.i18n import words
from siskop.engine.case import Actor
from siskop.register import directory
from siskop.register.directory import Line
from siskop.submissions import definitions, founding
from siskop.web import values
from siskop.web.values import BadgeView


@dataclass(frozen=True, slots=True)
class WayOut:
    """What ends a badge: begun at once on the record (for its `period`, where it has one), or after a look at `url`."""

    label: str
    workflow: str
    period: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    line: Line
    path: str
    badges: list[tuple[BadgeView, WayOut | None]]


def of_record(record_id: int, me: Actor | None = None) -> Standing | None:
    """Nothing where it is not public; no badges where it is no longer in force. With `me`, who acts for it, also the
    ways out."""
    with public_reading() as tx:
        found = directory.of_record(tx, record_id)
    kind = definitions.library(reading()).kinds.get(found[0]) if found else None
    if found is None or kind is None or not kind.public:
        return None
    line = found[1]
    views = values.badge_views(kind, line.badges) if line.withdrawn_at is None else []
    ways = [_way_out(badge, line, me) if me else None for badge in views]
    return Standing(line, values.record_path(kind.name, line.slug), list(zip(views, ways, strict=True)))


def _way_out(badge: BadgeView, line: Line, me: Actor) -> WayOut | None:
    definition = definitions.library(reading()).workflows.get(badge.next.start) if badge.next else None
    if badge.next is None or definition is None or not founding.holds_start_role(definition, me):
        return None
    child_of = definition.kind.child_of
    asked = child_of is not None and not (badge.period and child_of.period)
    url = url_for("cooperative.begin", workflow=definition.name, slug=line.slug) if asked else ""
    return WayOut(words(badge.next.label), definition.name, badge.period if child_of else "", url)

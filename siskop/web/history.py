"""What happened to a submission as lines of a timeline, and the way it goes as a picture: the same for both sides of
the desk."""

from __future__ import annotations

from typing import Any

from flask import url_for
from markupsafe import Markup

from siskop.base.db import reading
from siskop.base.i18n import format_datetime, locale
from siskop.base.i18n import gettext as _
from siskop.engine import diagram
from siskop.engine.case import Actor
from siskop.engine.definition import Definition
from siskop.files import store
from siskop.submissions import definitions
from siskop.submissions.lines import Line
from siskop.web import files


def item(line: Line, here: Actor) -> dict[str, Any]:
    """What was attached is linked for whoever may open it."""
    when = f"{format_datetime(line.at)} · {line.who}"
    told = {"text": line.what, "tone": line.tone, "note": line.said, "when": when, "iso": line.at.isoformat()}
    if line.file and files.may_see(here, store.get(reading(), line.file)):
        told["more"] = Markup(' <a href="{}">{}</a>').format(url_for("files.send", file_id=line.file), _("attachment"))
    return told


def picture(definition: Definition, current: str | None = None) -> Markup:
    """In the reader's language; the state `current` is marked."""
    roles = definitions.library(reading()).roles
    return Markup(diagram.svg(definition, locale(), current, roles))  # noqa: S704 (its words are escaped there)

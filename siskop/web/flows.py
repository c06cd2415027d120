"""A workflow as a picture to stand in a page, in the reader's language."""

from __future__ import annotations

from markupsafe import Markup

from siskop.base.db import reading
from siskop.base.i18n import locale
from siskop.engine import diagram
from siskop.engine.definition import Definition
from siskop.submissions import definitions


def picture(definition: Definition, current: str | None = None) -> Markup:
    """`current`: the name of the state that is marked."""
    roles = definitions.library(reading()).roles
    return Markup(diagram.svg(definition, locale(), current, roles))  # noqa: S704 (its words are escaped there)

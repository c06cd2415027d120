"""A value as the office sees it: what it is, or only that it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from siskop.engine.definition import Field
from siskop.web import values


@dataclass(frozen=True, slots=True)
class Shown:
    """`hidden`: there is a value that this reader may not see."""

    html: Markup | str = ""
    text: str = ""
    hidden: bool = False


def shown(field: Field, value: Any, personal: bool) -> Shown | None:
    """None where there is no value. Columns of a list keep their own privacy."""
    if value is None or value in ("", [], {}):
        return None
    if field.privacy == "personal" and not personal:
        return Shown(hidden=True)
    return Shown(values.told(field, value, personal), values.told_text(field, value, personal))


def is_personal(field: Field) -> bool:
    """Whether seeing the whole of it is looking at personal data."""
    return field.privacy == "personal" or any(column.privacy == "personal" for column in field.of.values())

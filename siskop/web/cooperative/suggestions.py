"""What an input offers while one types: codes of its list, or the public titles of what it may refer to."""

from __future__ import annotations

from collections.abc import Sequence

from siskop.base.db import public_reading, reading
from siskop.base.i18n import words
from siskop.engine.definition import Field
from siskop.register import directory
from siskop.submissions import definitions


def of(field: Field) -> Sequence[tuple[str, str]]:
    """(what is typed, what it means) of each; of a long register the first ones."""
    if field.type == "reference":
        kind = definitions.library(reading()).kinds.get(str(field.params.get("to")))
        if kind is None or kind.public is None:
            return ()
        with public_reading() as tx:
            return [(title, "") for title in directory.titles(tx, kind)]
    if field.type == "kbli":
        return [(choice.code, words(choice.label)) for choice in field.choices]
    return ()

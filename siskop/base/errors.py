"""What may go wrong by somebody's doing: each error carries a sentence that its reader can act on.

`text` is an English msgid with %(name)s places for `params`; `message` is that sentence in the reader's language.
web/errors.py turns these into pages, cli/main.py into exits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.base.i18n import gettext


class Refusal(Exception):
    """The act is understood and not allowed, now or to this person."""

    status = 403

    def __init__(self, text: str, **params: Any) -> None:
        self.text = text
        self.params = params
        super().__init__(text % params if params else text)

    @property
    def message(self) -> str:
        return gettext(self.text, **self.params)


class Conflict(Refusal):
    """Somebody else was faster; look again and decide anew."""

    status = 409


class NotFound(Refusal):
    """Not there, or not for this person: both look the same from outside."""

    status = 404

    def __init__(self, text: str = "The page was not found.", **params: Any) -> None:
        super().__init__(text, **params)


class Invalid(Refusal):
    """Input that can't be taken; `problems` maps a field's path to its sentences, "" to those of the whole."""

    status = 422

    def __init__(self, problems: Mapping[str, list[str]], text: str = "Some answers need another look.") -> None:
        super().__init__(text)
        self.problems = dict(problems)

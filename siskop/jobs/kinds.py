"""What jobs there are: a room registers its handlers when its module is imported.

A handler takes the claimed job, opens its own units of work and ends with `queue.finish(tx, job)` in the transaction
of its effect. It must bear being run again from the start after a crash at any point.
"""

from __future__ import annotations

from collections.abc import Callable

from siskop.base.i18n import gettext
from siskop.jobs.queue import Job

Handler = Callable[[Job], None]
_handlers: dict[str, Handler] = {}
_labels: dict[str, str] = {}


def kind(name: str, label: str = "") -> Callable[[Handler], Handler]:
    """Registers a handler under a name; `label` is the msgid by which people know it."""

    def register(handler: Handler) -> Handler:
        if _handlers.setdefault(name, handler) is not handler:
            raise ValueError(f"the job kind {name!r} is registered twice")
        _labels[name] = label or name
        return handler

    return register


def handler(name: str) -> Handler:
    """Raises LookupError for a kind that this process does not know (an older worker beside newer code)."""
    if name not in _handlers:
        raise LookupError(f"no handler for the job kind {name!r}")
    return _handlers[name]


def label(name: str) -> str:
    """In the reader's words; the bare name where this process does not know it."""
    return gettext(_labels.get(name, name))

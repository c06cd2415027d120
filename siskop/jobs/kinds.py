"""What may be run: the registry of job kinds. A room registers its handlers when its module is imported.

A handler takes the claimed job, opens its own units of work and ends with `queue.finish(tx, job)` in the transaction
of its effect. It must bear being run again from the start after a crash at any point.
"""

from __future__ import annotations

from collections.abc import Callable

from siskop.jobs.queue import Job

Handler = Callable[[Job], None]
_handlers: dict[str, Handler] = {}


def kind(name: str) -> Callable[[Handler], Handler]:
    """Registers a handler under a name."""

    def register(handler: Handler) -> Handler:
        if _handlers.setdefault(name, handler) is not handler:
            raise ValueError(f"the job kind {name!r} is registered twice")
        return handler

    return register


def handler(name: str) -> Handler:
    """Raises LookupError for a kind that this process does not know (an older worker beside newer code)."""
    try:
        return _handlers[name]
    except KeyError:
        raise LookupError(f"no handler for the job kind {name!r}") from None

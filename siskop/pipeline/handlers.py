"""Import this, and every kind of job is known: for the worker, and for whoever drains queues in process."""

from siskop.letters import typeset
from siskop.mail import deliver
from siskop.reminders import daily
from siskop.submissions import handlers, moving

__all__ = ["daily", "deliver", "handlers", "moving", "typeset"]

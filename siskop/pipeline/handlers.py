"""Import this, and every kind of job is known: for the worker, and for whoever drains queues in process."""

from siskop.letters import typeset
from siskop.mail import bounces, deliver, gathering
from siskop.reminders import daily
from siskop.submissions import handlers, moving

__all__ = ["bounces", "daily", "deliver", "gathering", "handlers", "moving", "typeset"]

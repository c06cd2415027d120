"""Reminders: what stands against a record by its kind's rules, which rung of a ladder that makes due, and its sending.

`standing` looks at records, `held` at what holds a ladder, `due` chooses, `fire` sends, `daily` opens each day once and
puts the jobs of that day; `holds` is what officers do with a ladder, `campaign` what rungs led to.
"""

from siskop import tasks

__all__ = ["tasks"]

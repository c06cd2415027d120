"""A condition that should hold, as data: `with: {holds: …, otherwise: warn|fail, shows: [fields], words: {id, en}}`.

Licence validity and cross-checks of figures are such conditions. Unknown (an answer is missing) passes:
completeness speaks of that.
"""

from __future__ import annotations

from siskop.engine import outside
from siskop.submissions.checks import Found, Subject


def run(subject: Subject) -> Found:
    settings = subject.step.with_
    shows = list(settings.get("shows", ()))
    outcome = outside.verdict(subject.step, subject.definition.kind, subject.answers, subject.context)
    if outcome == "passed":
        return Found("passed", [{"fields": shows}] if shows else [])
    return Found(outcome, [{"words": dict(settings["words"]), "fields": shows}])

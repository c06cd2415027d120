"""A condition that should hold, as data: `with: {holds: …, otherwise: warn|fail, shows: [fields], words: {id, en}}`.

Licence validity and cross-checks of figures are such conditions. Unknown (an answer is missing) passes:
completeness speaks of that.
"""

from __future__ import annotations

from siskop.engine.form import environment, surroundings
from siskop.submissions.checks import Found, Subject


def run(subject: Subject) -> Found:
    settings = subject.step.with_
    kind = subject.definition.kind
    beside = surroundings(kind, subject.context.parent, subject.context.last)
    holds = settings["holds"].test(environment(kind.fields, subject.answers, today=subject.today, **beside))
    if holds is not False:
        return Found("passed", [{"fields": list(settings.get("shows", ()))}] if settings.get("shows") else [])
    line = {"words": dict(settings["words"]), "fields": list(settings.get("shows", ()))}
    return Found("failed" if settings.get("otherwise") == "fail" else "warned", [line])

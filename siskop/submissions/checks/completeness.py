"""Completeness: every required answer is there and readable, by the same validator that took the form."""

from __future__ import annotations

from typing import Any

from siskop.base.i18n import N_
from siskop.engine import form, outside
from siskop.submissions.checks import Found, Subject


def run(subject: Subject) -> Found:
    asked = subject.definition.form
    given = [name for name in asked.names() if subject.answers.get(name) is not None]
    read = outside.complete(subject.definition, subject.answers, subject.context)
    wrong = [_line(p) for p in read.problems if p.sure is None]
    if wrong:
        return Found("failed", wrong)
    doubts = (
        p for p in read.problems if not str(p.sure).startswith("ask:")
    )  # what was taken over was looked at when sending
    warnings = [_line(p) for p in (*doubts, *read.warnings)]  # the submitter has said yes to the doubts among them
    summary = {
        "text": N_("%(given)s of %(asked)s answers given, every required one among them"),
        "params": {"given": len(given), "asked": len(read.shown)},
    }
    return Found("warned" if warnings else "passed", [*warnings, summary])


def _line(problem: form.Problem) -> dict[str, Any]:
    said = {"text": problem.text, "params": dict(problem.params), "fields": [problem.field]}
    return said | ({"words": dict(problem.words)} if problem.words else {})

"""Completeness: every required answer is there and readable, by the same validator that took the form."""

from __future__ import annotations

from siskop.base.i18n import N_
from siskop.engine import form
from siskop.engine.fields.registry import TYPES
from siskop.submissions.checks import Found, Subject


def run(subject: Subject) -> Found:
    asked = subject.definition.form
    given = {n: v for n in asked.names() if (v := subject.answers.get(n)) is not None}
    raw = {name: TYPES[asked.fields[name].type].raw(asked.fields[name], value) for name, value in given.items()}
    read = form.accept(asked, raw, form.Context(today=subject.today, record=subject.answers))
    if isinstance(read, form.Problems):
        lines = [{"text": p.text, "params": dict(p.params), "fields": [p.field]} for p in read.problems]
        return Found("failed", lines)
    warnings = [{"text": p.text, "params": dict(p.params), "fields": [p.field]} for p in read.warnings]
    summary = {
        "text": N_("%(given)s of %(asked)s answers given, every required one among them"),
        "params": {"given": len(given), "asked": len(read.shown)},
    }
    return Found("warned" if warnings else "passed", [*warnings, summary])

"""The front page of a form: its pages, how far each is, and what opens the last one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from siskop.base.i18n import gettext as _
from siskop.base.i18n import locale, ngettext, words
from siskop.engine.definition import Field, Page
from siskop.engine.fields.registry import plain, type_of
from siskop.web.cooperative.visit import Visit
from siskop.web.forms import where


@dataclass(frozen=True, slots=True)
class Task:
    """`state`: done fix started asked closed, or '' for what is not filled in."""

    name: str
    label: str
    url: str
    state: str
    why: str


def pages(seen: Visit) -> list[Task]:
    return [_task(seen, page) for page in seen.pages]


def proof(seen: Visit) -> Task | None:
    asked = seen.view.definition.proof
    if asked is None or not seen.needs_proof:
        return None
    url = url_for("cooperative.proof", number=seen.number)
    return Task("_proof", words(asked.label), url, "done" if seen.proof else "", words(asked.help))


def last(seen: Visit) -> Task:
    """Check and send: open when nothing before it is left."""
    label = _("Check the answers and send")
    url = url_for("cooperative.check", number=seen.number)
    if seen.ready:
        return Task("_send", label, url, "", _("Everything above is done."))
    return Task("_send", label, "", "closed", left(seen))


def left(seen: Visit) -> str:
    """What has to be done before it can be sent, in one sentence."""
    if seen.unanswered:
        n = len(seen.unanswered)
        return ngettext("Opens when %(n)s correction is answered.", "Opens when %(n)s corrections are answered.", n)
    names = {problem.field for problem in seen.problems}
    n = sum(any(part.name in names for part in page.fields) for page in seen.pages)
    n += seen.view.needs_proof
    return ngettext("Opens when %(n)s page above is done.", "Opens when %(n)s pages above are done.", n)


def next_of(seen: Visit) -> Task:
    """Where to go on."""
    rows = [*pages(seen), *filter(None, [proof(seen)])]
    for state in ("asked", "fix", "started", ""):
        found = next((row for row in rows if row.state == state and not _only_optional(seen, row)), None)
        if found:
            return found
    return last(seen)


def _only_optional(seen: Visit, row: Task) -> bool:
    if row.name.startswith("_"):
        return False
    names = {part.name for part in seen.page(row.name).fields}
    return row.state == "" and not any(p.field in names for p in seen.problems)


def _task(seen: Visit, page: Page) -> Task:
    names = [part.name for part in page.fields if part.name in seen.judged.shown]
    state, why = _state(seen, names)
    url = url_for("cooperative.page", number=seen.number, name=page.name)
    return Task(page.name, words(page.label), url, state, why)


def _state(seen: Visit, names: list[str]) -> tuple[str, str]:
    form = seen.view.definition.form
    asked = [name for name in names if name in seen.unanswered]
    if asked:
        return "asked", ", ".join(words(form.fields[name].label) for name in asked)
    problems = [problem for problem in seen.problems if problem.field in names]
    wrong = [problem for problem in problems if not problem.missing]
    if wrong:
        return "fix", ", ".join(dict.fromkeys(where(form, problem) for problem in wrong[:3]))
    typed = [name for name in names if not type_of(form.fields[name]).empty(seen.view.draft.get(name))]
    if problems and typed:
        missing = ", ".join(dict.fromkeys(where(form, problem) for problem in problems[:3]))
        return "started", _("Still to fill in: %(what)s", what=missing)
    return ("done" if typed else "", _said(seen, typed))


def _said(seen: Visit, names: list[str]) -> str:
    """The first answers of a page that is done, as a reminder of what it holds."""
    fields, values = seen.form.fields, seen.judged.values
    said = [_words(fields[name], values.get(name)) for name in names if type_of(fields[name]).kind != "boolean"]
    text = ", ".join(said[:2])
    return text if len(text) <= 90 else text[:88] + "…"


def _words(field: Field, value: Any) -> str:
    """Of a list the first column alone."""
    first = next(iter(field.of.values()), None)
    if first is None:
        return plain(field, value, locale())
    return ", ".join(filter(None, (plain(first, row.get(first.name), locale()) for row in value or ())))

"""A page of a definition's form as a WTForms form: it decodes what was posted and renders it again. It judges nothing;
the problems it shows come from `engine.form`. CSRF is Flask-WTF's, for the whole site.

Names: `field`, `list-0-column`, `date-d -m -y`; a control's id is its name after "f-". `_asked` names the fields that
a page showed: an unchecked box is an answer, a field that was not shown is none. `_sure` holds confirmed doubts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from siskop.base.i18n import ngettext, words
from siskop.engine.definition import Field, Form, Page, PageField
from siskop.engine.fields.registry import UNASKED, UPLOADED, type_of
from siskop.engine.form import Clean, Context, Problem, Problems, accept
from siskop.web.controls import Answer, Rows, control, every, sentence

__all__ = ["Answer", "Look", "build", "collect", "every", "sentence", "summary", "where"]

MOST_TOLD = 10  # cells of one list in the summary
QUOTED = r"""["']([^"']+)["']"""
OPENS = {  # a condition that is one choice on the page, by the kind of the field that is chosen
    "boolean": re.compile(r"(?P<no>not )?(?P<name>\w+)"),
    "choice": re.compile(rf"(?P<name>\w+) ?== ?{QUOTED}"),
    "choices": re.compile(rf"{QUOTED} in (?P<name>\w+)"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is shown: `notes` (corrections) above their fields, `only` some of the fields, which are `new`,
    the `row` (list, number) to turn to, what to suggest for a field."""

    notes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    only: frozenset[str] | None = None
    new: frozenset[str] = frozenset()
    row: tuple[str, int] = ("", 0)
    suggest: Callable[[Field], Sequence[tuple[str, str]]] = lambda field: ()


def build(
    form: Form,
    page: Page,
    raw: Mapping[str, Any],
    context: Context,
    *,
    problems: Iterable[Problem] = (),
    look: Look | None = None,
    judged: Clean | Problems | None = None,
) -> list[Answer]:
    """The page's inputs in order, filled with `raw`, with `problems` beside them.

    Fields that open under an option of this page stand in that option's `reveals`; others are there only when their
    condition holds now. `judged` is what `accept` says of `raw`, if it was asked before."""
    look, judged = look or Look(), judged or accept(form, raw, context)
    parts = [part for part in page.fields if look.only is None or part.name in look.only]
    openers = {part.name: opener for part in parts if (opener := _opener(part, page, form))}
    inputs: dict[str, Answer] = {}
    top: list[Answer] = []
    for part, one in _controls(form, parts, raw):
        driver, option = openers.get(part.name, ("", ""))
        if driver in inputs:
            inputs[driver].reveals.setdefault(option, []).append(one)
        elif part.name in judged.shown:
            top.append(one)
        else:
            continue
        _dress(one, look, context, judged)
        inputs[part.name] = one
    for problem in problems:
        if problem.field in inputs:
            inputs[problem.field].wrong(problem)
    return top


def _dress(one: Answer, look: Look, context: Context, judged: Clean | Problems) -> None:
    one.notes, one.new, one.fixed = look.notes.get(one.name, ()), one.name in look.new, one.name in context.fixed
    one.value = context.fixed.get(one.name, judged.values.get(one.name))
    one.suggested = look.suggest(one.definition)
    if isinstance(one, Rows):
        one.look_at(look.row[1] if look.row[0] == one.name else 0)
        for row in one.rows:
            for cell in row.cells.values():
                cell.suggested = look.suggest(cell.definition)


def collect(form: Form, page: Page, posted: MultiDict[str, str], fixed: Iterable[str] = ()) -> dict[str, Any]:
    """The raws of those fields of the page that the posted page showed; of a list {number of a row: its raw}. Files
    are not among them, nor what the start has fixed."""
    asked = set(posted.getlist("_asked")).difference(fixed)
    fields = form.fields
    parts = [part for part in page.fields if part.name in asked and fields[part.name].type not in UNASKED | UPLOADED]
    return {part.name: one.data for part, one in _controls(form, parts, None, posted)}


def summary(form: Form, problems: Iterable[Problem], inputs: Sequence[Answer] | None = None) -> list[tuple[str, str]]:
    """(id of the control, "label: sentence"), for the list on top. With the page's inputs: of a long list the cells
    that can be seen, and how many there are elsewhere."""
    told: list[tuple[str, str]] = []
    rest: dict[str, int] = {}
    seen = {one.name: {row.number for row in one.rows} for one in every(inputs or ()) if isinstance(one, Rows)}
    count: dict[str, int] = {}
    for problem in problems:
        count[problem.field] = count.get(problem.field, 0) + 1
        hidden = problem.row is not None and problem.field in seen and problem.row not in seen[problem.field]
        if hidden or count[problem.field] > MOST_TOLD:
            rest[problem.field] = rest.get(problem.field, 0) + 1
        else:
            told.append((f"f-{place(problem)}", f"{where(form, problem)}: {sentence(problem)}"))
    more = (
        (
            f"f-{name}",
            ngettext("%(label)s: %(n)s more", "%(label)s: %(n)s more", n, label=words(form.fields[name].label)),
        )
        for name, n in rest.items()
    )
    return [*told, *more]


def place(problem: Problem) -> str:
    return problem.field if problem.row is None else f"{problem.field}-{problem.row}-{problem.column}"


def where(form: Form, problem: Problem) -> str:
    """The label; for a cell of a list "Officers 2, Name"."""
    field = form.fields[problem.field]
    if problem.row is None or problem.column is None:
        return words(field.label)
    return f"{words(field.label)} {problem.row + 1}, {words(field.of[problem.column].label)}"


def _controls(
    form: Form, parts: Sequence[PageField], raw: Mapping[str, Any] | None, posted: MultiDict[str, str] | None = None
) -> list[tuple[PageField, Answer]]:
    optional = {part.name: not part.required and part.required_if is None for part in parts}
    bound = BaseForm({part.name: control(form.fields[part.name], optional[part.name]) for part in parts})
    bound.process(formdata=posted, data=raw or {})
    return [(part, cast(Answer, bound[part.name])) for part in parts]


def _opener(part: PageField, page: Page, form: Form) -> tuple[str, str] | None:
    """(field, option) of the page whose choice alone shows this part; None where the server has to decide."""
    source = part.show_if.source.strip() if part.show_if else ""
    for kind, pattern in OPENS.items():
        found = pattern.fullmatch(source)
        if found and any(other.name == found["name"] for other in page.fields):
            driver = form.fields[found["name"]]
            option = ("no" if found["no"] else "yes") if kind == "boolean" else re.findall(QUOTED, source)[0]
            return (driver.name, option) if type_of(driver).kind == kind else None
    return None


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button says: "list", "list-3", "list-3-up", "files-7", "file"."""

    name: str = ""
    number: int | None = None
    word: str = ""
    of: bool = False  # it is about a list


def pressed(button: str, fields: Mapping[str, Field]) -> Pressed:
    """Nothing for a button that was not pressed, or names no list or file of the page."""
    found = re.fullmatch(r"(\w+)(?:-([0-9]{1,9}))?(?:-(\w+))?", request.form.get(button, ""))
    field = fields.get(found[1]) if found else None
    if found is None or field is None or not (field.of or field.type in UPLOADED):
        return Pressed()
    return Pressed(field.name, int(found[2]) if found[2] else None, found[3] or "", bool(field.of))

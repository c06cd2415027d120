"""A page of a definition's form as a WTForms form: it decodes what was posted and renders it again. It judges nothing;
the problems it shows come from `engine.form`. CSRF is Flask-WTF's, for the whole site.

Names: `field`, `list-0-column`, `date-d -m -y`; a control's id is its name after "f-". `_asked` names the fields that
a page showed: an unchecked box is an answer, a field that was not shown is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from flask import render_template
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import Field as Control
from wtforms.form import BaseForm

from siskop.base.i18n import gettext as _
from siskop.base.i18n import words
from siskop.engine.definition import Choice, Field, Form, Page, PageField
from siskop.engine.fields import area, dates, files
from siskop.engine.fields.lists import MOST_ROWS
from siskop.engine.fields.registry import type_of
from siskop.engine.form import Context, Problem, accept, visible

FEW = 6  # choices up to which all are shown at once
MONEY_AND_NUMBERS = frozenset({"integer", "money", "year", "nik", "nik_koperasi", "nib"})
WIDTHS = {
    "integer": "w-10",
    "money": "w-20",
    "year": "w-4",
    "nik": "w-20",
    "nik_koperasi": "w-20",
    "nib": "w-20",
    "phone": "w-20",
}
QUOTED = r"""["']([^"']+)["']"""
OPENS = {  # a condition that is one choice on the page, by the kind of the field that is chosen
    "boolean": re.compile(r"(?P<no>not )?(?P<name>\w+)"),
    "choice": re.compile(rf"(?P<name>\w+) ?== ?{QUOTED}"),
    "choices": re.compile(rf"{QUOTED} in (?P<name>\w+)"),
}


def _render(control: Answer, **extra: Any) -> Markup:
    return Markup(render_template(f"fields/{control.definition.type}.html", field=control, **extra))  # noqa: S704


class Answer(Control):
    """One input. `data` is the raw; `reveals` are the fields that open under an option, `notes` corrections."""

    def __init__(self, definition: Field, optional: bool = False, compact: bool = False, **kwargs: Any) -> None:
        super().__init__(label=words(definition.label) or definition.name, widget=cast(Any, _render), **kwargs)
        self.id = f"f-{self.name}"
        self.definition, self.optional, self.compact = definition, optional, compact
        self.reveals: dict[str, list[Answer]] = {}
        self.notes: Sequence[Any] = ()
        self.errors: list[str] = []

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist else ""

    @property
    def posts(self) -> Any:
        """The raw that comes back when nobody touches the input."""
        return str(self.data or "")

    @property
    def text(self) -> str:
        return self.label.text

    @property
    def help(self) -> str:
        example = self.definition.example
        return " ".join(
            filter(None, (words(self.definition.help), example and _("For example %(example)s.", example=example)))
        )

    @property
    def described_by(self) -> str:
        ids = [f"{self.id}-h"] * bool(self.help) + [f"{self.id}-e"] * bool(self.errors)
        return " ".join(ids + [f"minta-{note.id}" for note in self.notes])

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(choice.code, words(choice.label) or choice.code) for choice in self.definition.choices]

    @property
    def areas(self) -> tuple[tuple[Choice, tuple[Choice, ...]], ...]:
        return area.groups(self.definition)

    @property
    def few(self) -> bool:
        return not self.compact and (bool(self.reveals) or len(self.definition.choices) <= FEW)

    @property
    def width(self) -> str:
        return "" if self.compact and self.definition.type != "year" else WIDTHS.get(self.definition.type, "")

    @property
    def numeric(self) -> bool:
        return self.definition.type in MONEY_AND_NUMBERS

    def wrong(self, problem: Problem) -> None:
        self.errors = [*self.errors, sentence(problem)]


class Several(Answer):
    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [value for value in valuelist if value]

    @property
    def posts(self) -> Any:
        return list(self.data or ())


class Boxes(Answer):
    """A date in three boxes; its raw is what they hold, joined."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.data = data or ""
        if formdata is not None:
            self.data = dates.joined(*(formdata.get(f"{self.name}-{part}", "") for part in "dmy"))

    @property
    def posts(self) -> Any:
        return dates.joined(*self.boxes)

    @property
    def boxes(self) -> tuple[str, str, str]:
        return dates.boxes(self.data if isinstance(self.data, str) else "")


class Upload(Answer):
    """What was uploaded stays on the server: its raw is never read from a form."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        pass

    @property
    def limit_mb(self) -> int:
        return files.largest(self.definition) // files.MEGABYTE

    @property
    def size(self) -> str:
        size = self.data.get("size", 0) if isinstance(self.data, dict) else 0
        return f"{files.megabytes(size)} MB" if size >= files.MEGABYTE // 10 else f"{-(-size // 1024)} KB"

    @property
    def accepts(self) -> str:
        return ",".join({"pdf": ".pdf", "image": "image/*,.heic"}[sort] for sort in files.accepted(self.definition))

    @property
    def help(self) -> str:
        kinds = {"pdf": "PDF", "image": _("JPG, PNG, WebP or HEIC")}
        sorts = ", ".join(kinds[sort] for sort in files.accepted(self.definition))
        limit = _("%(sorts)s. At most %(mb)s MB.", sorts=sorts, mb=self.limit_mb)
        return " ".join(filter(None, (super().help, limit)))


class Rows(Answer):
    """A repeated group; `rows` are its inputs, a mapping of columns a row."""

    rows: list[dict[str, Answer]] = []

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.data = list(data) if isinstance(data, list) else []
        if formdata is not None:
            self.rows = [self._row(n, formdata, None) for n in self._numbers(formdata)]
            self.data = [{name: cell.data for name, cell in row.items()} for row in self.rows]
        open_rows = max(len(self.data), self.definition.params.get("min", 1), 1)
        shown = [row if isinstance(row, dict) else {} for row in self.data] + [{}] * (open_rows - len(self.data))
        self.rows = [self._row(n, None, row) for n, row in enumerate(shown)]

    def _numbers(self, formdata: Any) -> list[int]:
        place = re.compile(re.escape(self.name) + r"-(\d{1,4})-")
        return sorted({int(found.group(1)) for key in formdata if (found := place.match(key))})[: MOST_ROWS + 1]

    def _row(self, n: int, formdata: Any, raw: Mapping[str, Any] | None) -> dict[str, Answer]:
        row = {}
        for column in self.definition.of.values():
            optional = not column.params.get("required", True)
            cell = _unbound(column, optional, compact=True).bind(
                form=None, name=f"{self.name}-{n}-{column.name}", _meta=self.meta
            )
            cell.process(formdata, (raw or {}).get(column.name))
            row[column.name] = cell
        return row

    @property
    def posts(self) -> Any:
        return [{name: cell.posts for name, cell in row.items()} for row in self.rows]

    def wrong(self, problem: Problem) -> None:
        if problem.row is None or problem.column is None or problem.row >= len(self.rows):
            super().wrong(problem)
        else:
            self.rows[problem.row][problem.column].wrong(problem)


CONTROLS: dict[str, type[Answer]] = {"date": Boxes, "choices": Several, "file": Upload, "list": Rows}


def build(
    form: Form,
    page: Page,
    raw: Mapping[str, Any],
    context: Context,
    *,
    problems: Iterable[Problem] = (),
    notes: Mapping[str, Sequence[Any]] | None = None,
    only: frozenset[str] | None = None,
) -> list[Answer]:
    """The page's inputs in order, filled with `raw`, with `problems` beside them and `notes` (corrections) above.

    Fields that open under an option of this page stand in that option's `reveals`; others are there only when their
    condition holds now. `only` narrows the page to some fields."""
    parts = [part for part in page.fields if only is None or part.name in only]
    shown = visible(form, accept(form, raw, context).values, context)
    openers = {part.name: opener for part in parts if (opener := _opener(part, page, form))}
    inputs: dict[str, Answer] = {}
    top: list[Answer] = []
    for part, control in _controls(form, parts, raw):
        driver, option = openers.get(part.name, ("", ""))
        if driver in inputs:
            inputs[driver].reveals.setdefault(option, []).append(control)
        elif part.name in shown:
            top.append(control)
        else:
            continue
        control.notes = (notes or {}).get(part.name, ())
        inputs[part.name] = control
    for problem in problems:
        if problem.field in inputs:
            inputs[problem.field].wrong(problem)
    return top


def collect(form: Form, page: Page, posted: MultiDict[str, str]) -> dict[str, Any]:
    """The raws of those fields of the page that the posted page showed; files are not among them."""
    asked = set(posted.getlist("_asked"))
    parts = [part for part in page.fields if part.name in asked and form.fields[part.name].type != "file"]
    return {part.name: control.data for part, control in _controls(form, parts, None, posted)}


def sentence(problem: Problem) -> str:
    return words(problem.words) or _(problem.text, **problem.params)


def summary(form: Form, problems: Iterable[Problem]) -> list[tuple[str, str]]:
    """(id of the control, "label: sentence"), for the list on top."""
    return [(f"f-{place(problem)}", f"{where(form, problem)}: {sentence(problem)}") for problem in problems]


def place(problem: Problem) -> str:
    return problem.field if problem.row is None else f"{problem.field}-{problem.row}-{problem.column}"


def where(form: Form, problem: Problem) -> str:
    """The label; for a cell of a list "Officers 2, Name"."""
    field = form.fields[problem.field]
    if problem.row is None or problem.column is None:
        return words(field.label)
    return f"{words(field.label)} {problem.row + 1}, {words(field.of[problem.column].label)}"


def _unbound(field: Field, optional: bool, compact: bool = False) -> Any:
    return CONTROLS.get(field.type, Answer)(field, optional, compact)


def _controls(
    form: Form, parts: Sequence[PageField], raw: Mapping[str, Any] | None, posted: MultiDict[str, str] | None = None
) -> list[tuple[PageField, Answer]]:
    optional = {part.name: not part.required and part.required_if is None for part in parts}
    bound = BaseForm({part.name: _unbound(form.fields[part.name], optional[part.name]) for part in parts})
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

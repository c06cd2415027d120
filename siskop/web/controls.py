"""The inputs of a form, one class a way of decoding; what they look like stands in templates/fields/<type>.html.

`data` is the raw. A control that keeps something stands in an element `data-keep` with two hidden names: `_asked`, the
field, and `_seen`, its mark "name:digest" (of a row "list-3:digest"): what comes back with the same
digest was not touched. The script that saves in the background sends only the elements in which one has typed.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from flask import render_template, request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import Field as Control

from siskop.base.i18n import gettext as _
from siskop.base.i18n import locale, words
from siskop.engine.definition import Choice, Field
from siskop.engine.fields import area, dates, files
from siskop.engine.fields.lists import MOST_ROWS
from siskop.engine.fields.registry import UNASKED, UPLOADED, plain, type_of
from siskop.engine.form import Problem
from siskop.web import values

FEW = 6  # choices up to which all are shown at once, and rows up to which all stand open
WINDOW = 50  # rows of a list on one page
LINES = {  # what one line takes: (type of the input, its keyboard, its width); all others have a template of their own
    **dict.fromkeys(("text", "legal_number", "reference"), ("text", "", "")),
    **dict.fromkeys(("money", "nik", "nik_koperasi", "nib", "npwp"), ("text", "numeric", "w-20")),
    **dict.fromkeys(("integer", "kbli"), ("text", "numeric", "w-10")),
    "year": ("text", "numeric", "w-4"),
    "decimal": ("text", "decimal", "w-10"),
    "percent": ("text", "decimal", "w-4"),
    "phone": ("tel", "", "w-20"),
    "email": ("email", "", ""),
    "url": ("url", "", ""),
}
KEEP = Markup(
    '<div data-keep><input type="hidden" name="_asked" value="{}"><input type="hidden" name="_seen" value="{}">{}</div>'
)


def _render(control: Answer, **extra: Any) -> Markup:
    of = control.definition.type
    name = "fixed" if control.fixed else "line" if of in LINES else of
    shown = Markup(render_template(f"fields/{name}.html", field=control, **extra))  # noqa: S704
    return KEEP.format(control.name, control.mark, shown) if control.keeps and not control.compact else shown


class Answer(Control):
    """One input. `reveals` are the fields that open under an option, `notes` corrections, `doubts` warnings to be
    confirmed (token, sentence), `suggested` what a list offers while one types."""

    def __init__(self, definition: Field, optional: bool = False, compact: bool = False, **kwargs: Any) -> None:
        self.text = words(definition.label) or definition.name
        super().__init__(label=self.text, widget=cast(Any, _render), **kwargs)
        self.id = f"f-{self.name}"
        self.definition, self.optional, self.compact = definition, optional, compact
        self.reveals: dict[str, list[Answer]] = {}
        self.notes: Sequence[Any] = ()
        self.errors: list[str] = []
        self.doubts: list[tuple[str, str]] = []
        self.suggested: Sequence[tuple[str, str]] = ()
        self.new, self.fixed = False, False
        self.value: Any = None  # what is known without asking: computed, or fixed by the start

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist else ""

    @property
    def keeps(self) -> bool:
        return not self.fixed and self.definition.type not in UNASKED

    @property
    def mark(self) -> str:
        return f"{self.name}:{digest(posts(self.definition, self.data))}"

    @property
    def shown(self) -> Markup | str:
        return values.show(self.definition, self.value)

    @property
    def help(self) -> str:
        example = self.definition.example
        said = (
            words(self.definition.help),
            example and _("For example %(example)s.", example=str(example).rstrip(".")),
        )
        return " ".join(filter(None, said))

    @property
    def described_by(self) -> str:
        ids = [f"{self.id}-h"] * bool(self.help) + [f"{self.id}-s"] * bool(self.doubts)
        return " ".join([*ids, *[f"{self.id}-e"] * bool(self.errors), *(f"minta-{note.id}" for note in self.notes)])

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(choice.code, words(choice.label) or choice.code) for choice in self.definition.choices]

    @property
    def areas(self) -> tuple[tuple[Choice, tuple[Choice, ...]], ...]:
        return area.groups(self.definition)

    @property
    def foreign(self) -> str:
        """What came in another way (pasted, out of an older file) and is none of the options: it stays to be seen."""
        known = {"yes", "no"} if self.definition.type == "boolean" else {c.code for c in self.definition.choices}
        typed = posts(self.definition, self.data)
        return "" if typed in known else str(typed)

    @property
    def few(self) -> bool:
        return not self.compact and (bool(self.reveals) or len(self.definition.choices) <= FEW)

    @property
    def line(self) -> tuple[str, str, str]:
        kind, keyboard, width = LINES[self.definition.type]
        return kind, keyboard, "" if self.compact and self.definition.type != "year" else width

    def wrong(self, problem: Problem) -> None:
        if problem.sure:
            self.doubts = [*self.doubts, (problem.sure, sentence(problem))]
        else:
            self.errors = [*self.errors, sentence(problem)]


class Several(Answer):
    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [value for value in valuelist if value]


class Boxes(Answer):
    """A date in three boxes; its raw is what they hold, joined."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.data = data or ""
        if formdata is not None:
            self.data = dates.joined(*(formdata.get(f"{self.name}-{part}", "") for part in "dmy"))

    @property
    def boxes(self) -> tuple[str, str, str]:
        return dates.boxes(self.data if isinstance(self.data, str) else "")


class Upload(Answer):
    """What was uploaded stays on the server: its raw is never read from a form."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        pass

    @property
    def uploaded(self) -> list[Mapping[str, Any]]:
        """What is there: of a single file one or none."""
        found = self.data if isinstance(self.data, list) else [self.data]
        return [file for file in found if isinstance(file, dict) and file.get("id")]

    @property
    def several(self) -> bool:
        return self.definition.type == "files"

    @property
    def accepts(self) -> str:
        return ",".join({"pdf": ".pdf", "image": "image/*,.heic"}[sort] for sort in files.accepted(self.definition))

    @property
    def help(self) -> str:
        kinds = {"pdf": "PDF", "image": _("JPG, PNG, WebP or HEIC")}
        sorts = ", ".join(kinds[sort] for sort in files.accepted(self.definition))
        limit = _("%(sorts)s. At most %(mb)s MB.", sorts=sorts, mb=files.largest(self.definition) // files.MEGABYTE)
        if self.several:
            limit += " " + _("Several files may be chosen at once.")
        return " ".join(filter(None, (super().help, limit)))


@dataclass(slots=True)
class Row:
    """One row of a list. `open`: it still needs something, or the list is short; else it is folded."""

    number: int
    mark: str
    cells: dict[str, Answer]
    open: bool = True

    @property
    def said(self) -> str:
        """What a folded row shows: its first answers."""
        return ", ".join(list(filter(None, map(_told, self.cells.values())))[:3])


def _told(cell: Answer) -> str:
    """What was typed, right or wrong; of a code its label."""
    raw = posts(cell.definition, cell.data)
    if cell.definition.choices:
        return plain(cell.definition, raw, locale())
    return raw if isinstance(raw, str) and cell.definition.type != "boolean" else ""


class Rows(Answer):
    """A repeated group. Of a long one only the window that starts at `first` is on the page; `rows` are its inputs.

    Decoded, `data` is {number of the row: its raw}: the other rows stay as they are kept."""

    first = 0
    rows: list[Row] = []
    total = 0

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        if formdata is not None:
            self.data = {n: self._decoded(n, formdata) for n in self._numbers(formdata)}
            return
        kept = [row if isinstance(row, dict) else {} for row in data] if isinstance(data, list) else []
        least = max(self.definition.params.get("min", 1), 1)
        self.data = kept + [{}] * (least - len(kept))
        self.total, self.wrong_rows = len(self.data), set[int]()
        self.look_at(self.first)

    def look_at(self, number: int) -> None:
        """Turn to the window that holds this row."""
        self.first = max(min(number, self.total - 1), 0) // WINDOW * WINDOW
        shown = enumerate(self.data[self.first : self.first + WINDOW], self.first)
        self.rows = [self._row(n, raw) for n, raw in shown]

    def _numbers(self, formdata: Any) -> list[int]:
        place = re.compile(re.escape(self.name) + r"-([0-9]{1,4})-")
        return sorted({int(found.group(1)) for key in formdata if (found := place.match(key))})[: MOST_ROWS + 1]

    def _decoded(self, n: int, formdata: MultiDict[str, str]) -> dict[str, Any]:
        columns = self.definition.of.items()
        return {name: self._cell(n, column, formdata, None).data for name, column in columns}

    def _row(self, n: int, raw: Mapping[str, Any]) -> Row:
        cells = {name: self._cell(n, column, None, raw.get(name)) for name, column in self.definition.of.items()}
        finished = all(cell.optional or not type_of(cell.definition).empty(cell.data) for cell in cells.values())
        mark = f"{self.name}-{n}:{row_digest(self.definition, raw)}"
        return Row(n, mark, cells, open=self.total <= FEW or not finished)

    def _cell(self, n: int, column: Field, formdata: Any, raw: Any) -> Answer:
        optional = not column.params.get("required", True)
        name = f"{self.name}-{n}-{column.name}"
        bound = control(column, optional, compact=True).bind(form=None, name=name, _meta=self.meta)
        bound.process(formdata, raw)
        return cast(Answer, bound)

    @property
    def keeps(self) -> bool:
        return False  # each row by itself, and the list's name in an element of its own

    @property
    def windows(self) -> list[tuple[int, int, str]]:
        """(first, last, address) of each window of a long list, counted from 1."""
        starts = range(0, self.total, WINDOW) if self.total > WINDOW else ()
        return [(n + 1, min(n + WINDOW, self.total), self.url(n)) for n in starts]

    @property
    def away(self) -> list[int]:
        """Rows in which something is wrong that cannot be seen here."""
        return sorted(n for n in self.wrong_rows if not self.first <= n < self.first + WINDOW)

    @property
    def next_wrong(self) -> int | None:
        """The next of them below this window, else the first of all."""
        return next((n for n in self.away if n >= self.first), next(iter(self.away), None))

    @property
    def tabular(self) -> bool:
        """Whether so many rows may be needed that people bring a table."""
        return bool(self.definition.params.get("max", MOST_ROWS) > FEW)

    @property
    def columns(self) -> list[str]:
        return [words(column.label) for column in self.definition.of.values()]

    def url(self, row: int) -> str:
        query = urlencode({**request.args, "baris": f"{self.name}-{row}"})
        return f"{request.script_root}{request.path}?{query}#{self.id}-{row}"

    def wrong(self, problem: Problem) -> None:
        if problem.row is None or problem.row >= self.total:
            super().wrong(problem)
            return
        self.wrong_rows.add(problem.row)
        for row in self.rows:
            if row.number == problem.row:
                row.open = True
                (row.cells.get(problem.column or "") or next(iter(row.cells.values()))).wrong(problem)


CONTROLS: dict[str, type[Answer]] = {"date": Boxes, "choices": Several, "list": Rows}
CONTROLS |= dict.fromkeys(UPLOADED, Upload)


def control(field: Field, optional: bool, compact: bool = False) -> Any:
    return CONTROLS.get(field.type, Answer)(field, optional, compact)


def posts(field: Field, raw: Any) -> Any:
    """What an input that shows this raw sends back."""
    if field.type == "choices":
        return list(raw or ()) if isinstance(raw, list) else []
    if field.type == "date":
        return dates.joined(*dates.boxes(raw if isinstance(raw, str) else ""))
    return raw if field.type in UPLOADED else str(raw or "")


def digest(raw: Any) -> str:
    return format(zlib.crc32(json.dumps(raw, sort_keys=True).replace("\\r\\n", "\\n").encode()), "x")


def row_digest(field: Field, raw: Mapping[str, Any]) -> str:
    """Of what the inputs of a list's row send back."""
    return digest({column.name: posts(column, raw.get(column.name)) for column in field.of.values()})


def sentence(problem: Problem) -> str:
    return words(problem.words) or _(problem.text, **problem.params)


def every(inputs: Sequence[Answer]) -> Iterator[Answer]:
    """Also those that open under an option."""
    for one in inputs:
        yield one
        for inside in one.reveals.values():
            yield from every(inside)

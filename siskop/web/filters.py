"""How a directory is asked and narrowed: addresses, filters with their counts, and what a row says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from flask import request
from markupsafe import Markup, escape

from siskop.base.i18n import gettext as _
from siskop.base.i18n import locale, words
from siskop.engine.definition import Badge, RecordKind
from siskop.engine.fields.area import path
from siskop.engine.fields.registry import plain
from siskop.register.directory import Asked, Found, Line, filters_of
from siskop.register.entries import tokens
from siskop.web import values
from siskop.web.frame import here

WORDS_AT_MOST = 100
CODES_AT_MOST = 20
SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Option:
    code: str
    label: str
    count: int
    on: bool


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    label: str
    options: tuple[Option, ...]


def asked(kind: RecordKind) -> Asked:
    """`?q=` words, `?<filter>=<code>` any number of times, `?dari=` where to go on. The unknown is passed over."""
    given = request.args
    codes = {name: [c for c in given.getlist(name) if c and "\0" not in c] for name in filters_of(kind)}
    chosen = {name: tuple(islice(dict.fromkeys(c), CODES_AT_MOST)) for name, c in codes.items() if c}
    return Asked(given.get("q", "")[:WORDS_AT_MOST].strip(), chosen, given.get("dari", ""))


def address(kind: RecordKind, question: Asked | None = None) -> str:
    """The directory, asked so."""
    assert kind.public is not None
    asked = question or Asked()
    chosen = [(name, code) for name, codes in asked.filters.items() for code in codes]
    query = urlencode([pair for pair in (("q", asked.words), *chosen, ("dari", asked.after)) if pair[1]])
    return here(f"/{kind.public.path}") + (f"?{query}" if query else "")


def groups(kind: RecordKind, found: Found, question: Asked) -> list[Group]:
    """Every filter that has something to choose, most frequent choices first, badges in the order of their cases."""
    made = []
    for name in filters_of(kind):
        on = question.filters.get(name, ())
        counts = {**dict.fromkeys(on, 0), **found.counts.get(name, {})}
        ordered = _ordered(kind, name, counts)
        options = tuple(Option(code, label(kind, name, code), n, code in on) for code, n in ordered)
        made.append(Group(name, _name(kind, name), options))
    return [group for group in made if group.options]


def chosen(kind: RecordKind, question: Asked) -> list[tuple[str, str]]:
    """(label, address without it) of each filter that is on."""
    return [
        (label(kind, name, code), address(kind, _without(question, name, code)))
        for name, codes in question.filters.items()
        for code in codes
    ]


def suggestions(kind: RecordKind, found: Found) -> list[tuple[str, str]]:
    """A few filters worth trying: the most frequent values of fields."""
    fields = [name for name in filters_of(kind) if name in kind.fields]
    picked = [(n, name, code) for name in fields for code, n in islice(_ordered(kind, name, found.counts[name]), 2)]
    best: dict[str, str] = {}  # two fields may have choices of one name: the more frequent one is meant
    for _number, name, code in sorted(picked, reverse=True):
        best.setdefault(label(kind, name, code), address(kind, Asked(filters={name: (code,)})))
    return list(best.items())[: SUGGESTED + 1]


def summary(kind: RecordKind, line: Line) -> str:
    """What a row says below its place: the values of fields that one can filter by."""
    fields = [kind.fields[n] for n in filters_of(kind) if n in kind.fields and n != kind.area and n in line.data]
    return " · ".join(plain(field, line.data[field.name], locale()) for field in fields)


def highlight(title: str, asked_words: str) -> Markup:
    """The title with the words that were looked for marked."""
    wanted = tuple(tokens(asked_words))
    return Markup().join(
        Markup("<mark>{}</mark>").format(part) if wanted and _begins(part, wanted) else escape(part)
        for part in re.split(r"(\s+)", title)
    )


def field_names(kind: RecordKind, names: Sequence[str]) -> str:
    """A few of the fields by their labels, in the order of the file, and how many more there are."""
    labels = [words(field.label) for field in kind.fields.values() if field.name in names]
    more = len(labels) - SUGGESTED
    shown = ", ".join(labels[:SUGGESTED])
    return _("%(some)s and %(n)s more", some=shown, n=more) if more > 0 else shown


def label(kind: RecordKind, name: str, code: str) -> str:
    field = kind.fields.get(name)
    if field is None:
        cases = enumerate(_badge(kind, name).cases)
        return next((values.without_values(case.label) for n, case in cases if str(n) == code), code)
    if name == kind.area:
        return next((words(step.label) for step in path(field, code)[-1:]), code)
    value: object = {"true": True, "false": False}.get(code, code) if field.type == "boolean" else code
    return plain(field, [value] if field.type == "choices" else value, locale())


def _name(kind: RecordKind, name: str) -> str:
    if name == kind.area:
        return _("Area")  # the choices are the wider areas, not what the field asks
    return words((kind.fields.get(name) or _badge(kind, name)).label)


def _badge(kind: RecordKind, name: str) -> Badge:
    return next(badge for badge in kind.badges if badge.name == name)


def _ordered(kind: RecordKind, name: str, counts: Mapping[str, int]) -> list[tuple[str, int]]:
    if name in kind.fields:
        return sorted(counts.items(), key=lambda pair: (-pair[1], label(kind, name, pair[0])))
    return sorted(counts.items())


def _without(question: Asked, name: str, code: str) -> Asked:
    left: dict[str, Sequence[str]] = {**question.filters, name: [c for c in question.filters[name] if c != code]}
    return Asked(question.words, {n: codes for n, codes in left.items() if codes})


def _begins(part: str, wanted: tuple[str, ...]) -> bool:
    return any(word.startswith(wanted) for word in tokens(part))

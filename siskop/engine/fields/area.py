"""A place out of a list of areas, each code extending that of the area around it: 36.74 · 36.74.01 · 36.74.01.1001."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from siskop.engine.definition import Choice, Field
from siskop.engine.fields.choices import OneOf, label
from siskop.engine.fields.field_type import Bad, Context


class Area(OneOf):
    name = "area"
    kind = "area"

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        code = super().accept(field, raw, context)
        if code not in leaves(field.choices):
            raise Bad("“%(got)s” is a larger area; choose one within it", got=label(field, code, "id"))
        return code

    def plain(self, field: Field, value: Any, language: str) -> str:
        way = [step.label.get(language) or step.label.get("id", "") for step in reversed(path(field, value))]
        return ", ".join(way) or value or ""


def path(field: Field, code: str | None) -> tuple[Choice, ...]:
    """From below the first level down to `code`: (Pamulang, Bambu Apus). () for an unknown code."""
    way = [choice for choice in field.choices if code and within(code, choice.code)]
    return tuple(sorted(way, key=lambda choice: len(choice.code)))[1:]


def groups(field: Field) -> tuple[tuple[Choice, tuple[Choice, ...]], ...]:
    """The leaves under the area right around each, both in the file's order: options of a select."""
    ends = leaves(field.choices)
    grouped: dict[str, list[Choice]] = {}
    around = {choice.code: choice for choice in field.choices}
    for choice in field.choices:
        if choice.code in ends:
            way = path(field, choice.code)
            grouped.setdefault(way[-2].code if len(way) > 1 else choice.code, []).append(choice)
    return tuple((around[code], tuple(rows)) for code, rows in grouped.items())


def within(code: str, outer: str) -> bool:
    return code == outer or code.startswith(outer + ".")


@lru_cache(maxsize=64)
def _leaves(codes: tuple[str, ...]) -> frozenset[str]:
    outer = {code.rpartition(".")[0] for code in codes}
    return frozenset(code for code in codes if code not in outer)


def leaves(choices: tuple[Choice, ...]) -> frozenset[str]:
    """The codes that no other code extends."""
    return _leaves(tuple(choice.code for choice in choices))

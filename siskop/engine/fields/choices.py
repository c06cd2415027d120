"""Yes or no, one of a list, several of a list. Answers are codes; labels belong to the files."""

from __future__ import annotations

import re
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, positive, word, written

YES, NO = ("yes", "ya", "true", "1"), ("no", "tidak", "false", "0")
ANSWERS = {"yes": {"id": "Ya", "en": "Yes"}, "no": {"id": "Tidak", "en": "No"}}


class Boolean(FieldType):
    name = "boolean"
    kind = "boolean"
    missing = "Nothing is chosen yet"

    def accept(self, field: Field, raw: Any, context: Context) -> bool:
        if isinstance(raw, bool):
            return raw
        answer = written(raw).strip().lower()
        if answer not in YES + NO:
            raise Bad("“%(got)s” is neither yes nor no", got=answer[:40])
        return answer in YES

    def raw(self, field: Field, value: Any) -> str:
        return "" if value is None else "yes" if value else "no"

    def cell(self, field: Field, text: str) -> str:
        said = text.casefold()
        return "yes" if said in YES else "no" if said in NO else text

    def plain(self, field: Field, value: Any, language: str) -> str:
        return "" if value is None else ANSWERS["yes" if value else "no"][language]


class OneOf(FieldType):
    name = "choice"
    kind = "choice"
    params = {"list": word}
    missing = "Nothing is chosen yet"

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        return known(field, written(raw).strip())

    def cell(self, field: Field, text: str) -> str:
        return code_of(field, text)

    def plain(self, field: Field, value: Any, language: str) -> str:
        return label(field, value, language)


class SomeOf(FieldType):
    name = "choices"
    kind = "choices"
    params = {"list": word, "min": positive, "max": positive}
    missing = "Nothing is chosen yet"

    def accept(self, field: Field, raw: Any, context: Context) -> list[str]:
        codes = raw if isinstance(raw, list) else written(raw).split(",")
        chosen = {known(field, written(code).strip()) for code in codes if code}
        least, most = field.params.get("min", 1), field.params.get("max", len(field.choices))
        if len(chosen) < least:
            raise Bad("%(got)s chosen, at least %(want)s", got=len(chosen), want=least)
        if len(chosen) > most:
            raise Bad("%(got)s chosen, at most %(want)s", got=len(chosen), want=most)
        return [choice.code for choice in field.choices if choice.code in chosen]

    def raw(self, field: Field, value: Any) -> list[str]:
        return list(value or ())

    def cell(self, field: Field, text: str) -> list[str]:
        return [code_of(field, part) for part in re.split(r"[,;\n]", text) if part.strip()]

    def plain(self, field: Field, value: Any, language: str) -> str:
        return ", ".join(label(field, code, language) for code in value or ())


def known(field: Field, code: str) -> str:
    if all(choice.code != code for choice in field.choices):
        raise Bad("“%(got)s” is not in the list; choose from it", got=code[:40])
    return code


def code_of(field: Field, text: str) -> str:
    """The code of the one choice that is called so in some language; else the text as it is."""
    said = " ".join(text.split()).casefold()
    codes = {choice.code for choice in field.choices if said in (word.casefold() for word in choice.label.values())}
    return codes.pop() if len(codes) == 1 and said not in (choice.code for choice in field.choices) else text.strip()


def label(field: Field, code: str | None, language: str) -> str:
    """The code's label; a code that left the list is shown as it is."""
    found = next((choice.label for choice in field.choices if choice.code == code), None)
    return (found.get(language) or found.get("id", "")) if found else code or ""

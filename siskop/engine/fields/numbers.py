"""Whole numbers, and money in whole rupiah. People type thousands with dots, blanks, and "Rp" in front."""

from __future__ import annotations

import re
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, whole_number
from siskop.engine.fields.text import tidy

LARGEST = 9_000_000_000_000_000  # what a bigint and a spreadsheet's number both hold exactly
GROUPED = re.compile(r"\d{1,3}([. ])\d{3}(?:\1\d{3})*")
NO_CENTS = re.compile(r",(?:0{1,2}|-)$")  # "Rp 1.000,00" and "Rp 1.000,-"


def dotted(number: int) -> str:
    return f"{number:,}".replace(",", ".")


class Integer(FieldType):
    name = "integer"
    kind = "number"
    params = {"min": whole_number, "max": whole_number}

    def accept(self, field: Field, raw: Any, context: Context) -> int:
        number = self.parse(tidy(raw))
        least, most = field.params.get("min", -LARGEST), field.params.get("max", LARGEST)
        if number < least:
            raise Bad("%(got)s is too small; at least %(want)s", got=dotted(number), want=dotted(least))
        if number > most:
            raise Bad("%(got)s is too large; at most %(want)s", got=dotted(number), want=dotted(most))
        return number

    def parse(self, text: str) -> int:
        sign, digits = (-1, text[1:].strip()) if text[:1] in ("-", "−") else (1, text)
        if len(digits) > 30:
            raise Bad("%(got)s characters, at most %(want)s", got=len(digits), want=30)
        if digits.isascii() and digits.isdigit():
            return sign * int(digits)
        if digits.isascii() and GROUPED.fullmatch(digits):
            return sign * int(re.sub(r"\D", "", digits))
        if re.fullmatch(r"[\d. ]+,\d+", digits):
            raise Bad("“%(got)s” has a decimal comma; a whole number is needed", got=text)
        if re.fullmatch(r"[\d.,\s]+", digits):
            raise Bad("“%(got)s” can't be read; write thousands as 1.250.000 or without dots", got=text)
        raise Bad("“%(got)s” is not a number; write digits only, such as 1.250", got=text)

    def raw(self, field: Field, value: Any) -> str:
        return "" if value is None else dotted(value)

    def plain(self, field: Field, value: Any, language: str) -> str:
        if value is None:
            return ""
        return dotted(value) if language == "id" else f"{value:,}"


class Money(Integer):
    name = "money"

    def parse(self, text: str) -> int:
        sign, rest = ("-", text[1:].strip()) if text[:1] in ("-", "−") else ("", text)
        amount = re.sub(r"^(?:rp|idr)\.?\s*", "", rest, flags=re.IGNORECASE)
        return super().parse(sign + NO_CENTS.sub("", amount))

    def plain(self, field: Field, value: Any, language: str) -> str:
        return "" if value is None else f"{'-' if value < 0 else ''}Rp\u00a0{dotted(abs(value))}"

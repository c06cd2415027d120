"""Numbers: whole, money in whole rupiah, decimals, percent. People type thousands with dots, blanks, "Rp", and "%"."""

from __future__ import annotations

import re
from decimal import Decimal as Exact
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, any_number, places, whole_number
from siskop.engine.fields.text import tidy

LARGEST = 9_000_000_000_000_000  # what a bigint and a spreadsheet's number both hold exactly
DIGITS = 15  # of a decimal: as many as come back unchanged from a double
GROUPED = re.compile(r"\d{1,3}([. ])\d{3}(?:\1\d{3})*|\d{1,3}(?:,\d{3}){2,}")
NO_CENTS = re.compile(r",(?:0{1,2}|-)$")  # "Rp 1.000,00" and "Rp 1.000,-"
UNREADABLE = "“%(got)s” can't be read; write thousands as 1.250.000 or without dots"


def dotted(number: int | float, language: str = "id") -> str:
    """1.234,5 — in English 1,234.5."""
    text = f"{Exact(repr(number)):,f}"
    return text.translate(str.maketrans(".,", ",.")) if language == "id" else text


def written_out(number: float) -> str:
    """A program's number as people type it: 1234,5; whole ones without a comma."""
    return f"{Exact(repr(number)):f}".removesuffix(".0").replace(".", ",")


def _signed(text: str) -> tuple[str, str]:
    if len(text) > 40:
        raise Bad("%(got)s characters, at most %(want)s", got=len(text), want=40)
    return ("-", text[1:].strip()) if text[:1] in ("-", "−") else ("", text)


class Number(FieldType):
    """What all numbers share; a family member says how its text is read and written."""

    kind = "number"
    least: float = -LARGEST
    most: float = LARGEST

    def accept(self, field: Field, raw: Any, context: Context) -> int | float:
        number = self.parse(field, written_out(raw) if isinstance(raw, float) else tidy(raw))
        least, most = field.params.get("min", self.least), field.params.get("max", self.most)
        if number < least:
            raise Bad("%(got)s is too small; at least %(want)s", got=dotted(number), want=dotted(least))
        if number > most:
            raise Bad("%(got)s is too large; at most %(want)s", got=dotted(number), want=dotted(most))
        return number

    def parse(self, field: Field, text: str) -> int | float:
        raise NotImplementedError

    def raw(self, field: Field, value: Any) -> str:
        return "" if value is None else dotted(value)

    def plain(self, field: Field, value: Any, language: str) -> str:
        return "" if value is None else dotted(value, language)


class Integer(Number):
    name = "integer"
    params = {"min": whole_number, "max": whole_number}

    def parse(self, field: Field, text: str) -> int:
        sign, digits = _signed(text)
        if digits.isascii() and (digits.isdigit() or GROUPED.fullmatch(digits)):
            return int(sign + re.sub(r"\D", "", digits))
        if re.fullmatch(r"[\d. ]+,\d+", digits):
            raise Bad("“%(got)s” has a decimal comma; a whole number is needed", got=text)
        if re.fullmatch(r"[\d.,\s]+", digits):
            raise Bad(UNREADABLE, got=text)
        raise Bad("“%(got)s” is not a number; write digits only, such as 1.250", got=text)


class Money(Integer):
    name = "money"

    def parse(self, field: Field, text: str) -> int:
        sign, rest = _signed(text)
        amount = re.sub(r"^(?:rp|idr)\.?\s*", "", rest, flags=re.IGNORECASE)
        return super().parse(field, sign + NO_CENTS.sub("", amount))

    def plain(self, field: Field, value: Any, language: str) -> str:
        return "" if value is None else f"{'-' if value < 0 else ''}Rp\u00a0{dotted(abs(value))}"


class Decimal(Number):
    """`decimals` is how many digits may stand behind the comma. The value is an int where nothing stands there."""

    name = "decimal"
    params = {"min": any_number, "max": any_number, "decimals": places}

    def parse(self, field: Field, text: str) -> int | float:
        sign, digits = _signed(text)
        whole, _, fraction = _plain_digits(digits, text).partition(".")
        fraction = fraction.rstrip("0")
        behind = field.params.get("decimals", DIGITS)
        if len(fraction) > behind:
            raise Bad("%(got)s digits behind the comma, at most %(want)s", got=len(fraction), want=behind)
        if len(f"{whole}{fraction}".lstrip("0")) > DIGITS:
            got = len(f"{whole}{fraction}".lstrip("0"))
            raise Bad("%(got)s digits, at most %(want)s", got=got, want=DIGITS)
        number = float(f"{sign}{whole}.{fraction or 0}")
        return number if fraction else int(number)


class Percent(Decimal):
    """From 0 to 100, unless the file says otherwise."""

    name = "percent"
    least, most = 0, 100

    def parse(self, field: Field, text: str) -> int | float:
        return super().parse(field, text.removesuffix("%").strip())

    def warning(self, field: Field, value: Any, context: Context) -> Bad | None:
        """A spreadsheet keeps 25% as 0.25, and what it shows is not read. A file that bounds it there means it so."""
        if not 0 < abs(value) < 1 or any(0 < field.params.get(bound, 0) <= 1 for bound in ("min", "max")):
            return None
        meant = dotted(self.parse(field, written_out(float(f"{value * 100:.{DIGITS}g}"))))
        return Bad("This is less than one percent: %(got)s%%. For %(want)s%%, write so", got=dotted(value), want=meant)

    def plain(self, field: Field, value: Any, language: str) -> str:
        return "" if value is None else f"{dotted(value, language)}%"


def _plain_digits(digits: str, text: str) -> str:
    """1234.5 for 1.234,5 · 1,234.5 · 1234,5 · 1234.5 — and 1234 for 1.234, which is how thousands are written here."""
    joined = re.sub(r"(?<=\d) (?=\d{3}(?:\D|$))", "", digits)
    whole = re.fullmatch(r"(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?|(\d{1,3}(?:,\d{3})+|\d+)\.(\d+)", joined, re.ASCII)
    if joined.startswith("0."):
        whole = re.fullmatch(r"()()(0)\.(\d+)", joined, re.ASCII)
    elif whole is None and re.fullmatch(GROUPED, joined):
        return re.sub(r"\D", "", joined)
    if whole is None:
        raise Bad("“%(got)s” is not a number; write it as 1.250 or 12,5", got=text)
    return f"{re.sub(r'[.,]', '', whole[1] or whole[3])}.{whole[2] or whole[4] or '0'}"

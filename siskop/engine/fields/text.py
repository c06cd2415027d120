"""Words: a line or several, a mail address, a telephone number. All in NFC, without control characters."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import phonenumbers

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, positive, written, yes_or_no

LINE, LINES, MOST = 200, 4000, 20_000
BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
INVISIBLE = dict.fromkeys((0x200B, 0x2060, 0xFEFF, 0x00AD))  # zero-width and soft hyphens come along with pasted text
TURNING = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # they make a text read otherwise than it is
ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
)


def tidy(raw: Any, lines: bool = False) -> str:
    """NFC, one kind of line break, no blanks at the ends; a line has single spaces. Control characters are refused."""
    typed = written(raw)
    if len(typed) > MOST:
        raise Bad("%(got)s characters, at most %(want)s", got=len(typed), want=MOST)
    text = unicodedata.normalize("NFC", BREAKS.sub("\n", typed).translate(INVISIBLE))
    strange = next(
        (c for c in text if c in TURNING or (c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs"))), None
    )
    if strange:
        raise Bad("There is an invisible character (%(code)s); type the text anew", code=f"U+{ord(strange):04X}")
    if lines:
        return "\n".join(" ".join(line.split()) for line in text.strip().split("\n"))
    return " ".join(text.split())


def bounded(text: str, most: int, least: int = 0) -> str:
    if len(text) > most:
        raise Bad("%(got)s characters, at most %(want)s", got=len(text), want=most)
    if len(text) < least:
        raise Bad("%(got)s characters, at least %(want)s", got=len(text), want=least)
    return text


class Text(FieldType):
    name = "text"
    params = {"max": positive, "min": positive, "lines": yes_or_no}

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        lines = bool(field.params.get("lines"))
        most = field.params.get("max", LINES if lines else LINE)
        return bounded(tidy(raw, lines), most, field.params.get("min", 0))


class Email(FieldType):
    name = "email"

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        text = bounded(tidy(raw).replace(" ", ""), 254)
        if "@" not in text:
            raise Bad("“%(got)s” has no @; a mail address looks like name@example.id", got=text)
        if not ADDRESS.fullmatch(text) or ".." in text:
            raise Bad("“%(got)s” is not a mail address; it looks like name@example.id", got=text)
        local, _, domain = text.rpartition("@")
        return f"{local}@{domain.lower()}"


class Phone(FieldType):
    """Stored as E.164, shown the way people write it: 0812-3456-7890."""

    name = "phone"

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        text = bounded(tidy(raw), 40)
        digits = sum(c.isdigit() for c in text)
        if digits < 8:
            raise Bad("%(got)s digits, a telephone number has at least %(want)s", got=digits, want=8)
        number = _parsed("+" + text if re.match(r"\(?62", text) else text)
        if number is None or not phonenumbers.is_possible_number(number):
            raise Bad("“%(got)s” is not a telephone number; it looks like 0812-3456-7890", got=text)
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    def raw(self, field: Field, value: Any) -> str:
        return self.plain(field, value, "id")

    def plain(self, field: Field, value: Any, language: str) -> str:
        number = _parsed(value) if value else None
        if number is None:
            return ""
        form = phonenumbers.PhoneNumberFormat
        home = number.country_code == 62
        return str(phonenumbers.format_number(number, form.NATIONAL if home else form.INTERNATIONAL))


def _parsed(text: str) -> Any:
    try:
        return phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException:
        return None

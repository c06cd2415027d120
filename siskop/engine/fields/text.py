"""Words: a line, or several. All in NFC, without control characters; a pattern may say their shape."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, positive, written
from siskop.engine.fields.patterns import pattern

MOST = 20_000  # characters looked at in one answer
BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
INVISIBLE = dict.fromkeys((0x200B, 0x2060, 0xFEFF, 0x00AD))  # zero-width and soft hyphens come along with pasted text
TURNING = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # they make a text read otherwise than it is


def tidy(raw: Any, lines: bool = False) -> str:
    """NFC, one kind of line break, no blanks at the ends; a line has single spaces. Control characters are refused."""
    typed = written(raw)
    if len(typed) > MOST:
        raise Bad("%(got)s characters, at most %(want)s", got=len(typed), want=MOST)
    if typed.isascii() and typed.isprintable():  # most answers, and each cell of a long list
        return " ".join(typed.split())
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
    params = {"max": positive, "min": positive, "pattern": pattern}
    lines = False
    most = 200

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        text = bounded(tidy(raw, self.lines), field.params.get("max", self.most), field.params.get("min", 0))
        shape = field.params.get("pattern")
        if shape and text and not re.fullmatch(shape, text):
            raise Bad("“%(got)s” is not written as needed, for example %(want)s", got=text[:60], want=field.example)
        return text


class LongText(Text):
    """Several lines."""

    name = "long_text"
    params = {"max": positive, "min": positive}
    lines = True
    most = 4000

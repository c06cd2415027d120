"""Numbers that offices gave: legal entity, cooperative, business, tax, trade, person. Digits may stand in groups."""

from __future__ import annotations

import re
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.choices import label
from siskop.engine.fields.field_type import Bad, Context, FieldType, word, word_or_number
from siskop.engine.fields.text import Text, tidy


class LegalNumber(Text):
    """Badan hukum. Its families are many (AHU-…, …/BH/…) and it is not unique: kept as typed, never used to refuse."""

    name = "legal_number"
    params = {}
    most = 100


class Digits(FieldType):
    """As many digits as one of `lengths` says: never cut, never filled up."""

    lengths: tuple[int, ...] = ()

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        digits = re.sub(r"[\s.\-–/]", "", tidy(raw))
        strange = re.search(r"[^0-9]", digits)
        want = self.lengths[-1]
        if strange:
            raise Bad("“%(got)s” is not a digit; %(want)s digits are needed", got=strange.group(), want=want)
        if len(digits) not in self.lengths and len(self.lengths) > 1:
            raise Bad("%(got)s digits, %(want)s or %(other)s needed", got=len(digits), want=self.lengths[0], other=want)
        if len(digits) not in self.lengths:
            raise Bad("%(got)s digits, %(want)s needed", got=len(digits), want=want)
        return digits

    def cell(self, field: Field, text: str) -> str:
        """Programs write 3674010010001.0 for a number in a cell."""
        return text[:-2] if re.fullmatch(r"\d+\.0", text) else text


class Nik(Digits):
    """A person's number on the identity card: area, birth date (women: day + 40), series."""

    name = "nik"
    lengths = (16,)

    def warning(self, field: Field, value: Any, context: Context) -> Bad | None:
        day, month = int(value[6:8]), int(value[8:10])
        if 1 <= day % 40 <= 31 and day <= 71 and 1 <= month <= 12:
            return None
        return Bad("Digits 7 to 10 of a NIK are day and month of birth; here they are %(got)s", got=value[6:10])


class NikKoperasi(Digits):
    """Nomor induk koperasi. It begins with the code of the regency (`area`), or of the one that it was cut from."""

    name = "nik_koperasi"
    lengths = (13,)
    params = {"area": word}

    def warning(self, field: Field, value: Any, context: Context) -> Bad | None:
        own = str(field.params.get("area", "")).replace(".", "")
        if not own or value.startswith(own):
            return None
        return Bad(
            "The number begins with %(got)s; numbers from here begin with %(want)s", got=value[: len(own)], want=own
        )


class Nib(Digits):
    """Nomor induk berusaha, from OSS."""

    name = "nib"
    lengths = (13,)


class Npwp(Digits):
    """Nomor pokok wajib pajak: 15 digits in the old form, 16 in the new; each stays what it is."""

    name = "npwp"
    lengths = (15, 16)


class Kbli(Digits):
    """A trade's code in the national classification; `list` holds the codes of its `edition`."""

    name = "kbli"
    lengths = (5,)
    params = {"list": word, "edition": word_or_number}

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        code = super().accept(field, raw, context)
        if field.choices and all(choice.code != code for choice in field.choices):
            raise Bad("There is no %(got)s in KBLI %(edition)s", got=code, edition=field.params.get("edition", ""))
        return code

    def plain(self, field: Field, value: Any, language: str) -> str:
        said = label(field, value, language)
        return said if said == (value or "") else f"{value} {said}"

"""Numbers that offices gave: legal entity, cooperative, business, person. Digits may be typed in groups."""

from __future__ import annotations

import re
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, word
from siskop.engine.fields.text import bounded, tidy


class LegalNumber(FieldType):
    """Badan hukum. Its families are many (AHU-…, …/BH/…) and it is not unique: kept as typed, never used to refuse."""

    name = "legal_number"

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        return bounded(tidy(raw), 100)


class Digits(FieldType):
    length = 0

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        digits = re.sub(r"[\s.\-–/]", "", tidy(raw))
        strange = re.search(r"[^0-9]", digits)
        if strange:
            raise Bad("“%(got)s” is not a digit; %(want)s digits are needed", got=strange.group(), want=self.length)
        if len(digits) != self.length:
            raise Bad("%(got)s digits, %(want)s needed", got=len(digits), want=self.length)
        return digits


class Nik(Digits):
    """A person's number on the identity card: area, birth date (women: day + 40), series."""

    name = "nik"
    length = 16

    def warning(self, field: Field, value: Any, context: Context) -> Bad | None:
        day, month = int(value[6:8]), int(value[8:10])
        if 1 <= day % 40 <= 31 and day <= 71 and 1 <= month <= 12:
            return None
        return Bad("Digits 7 to 10 of a NIK are day and month of birth; here they are %(got)s", got=value[6:10])


class NikKoperasi(Digits):
    """Nomor induk koperasi. It begins with the code of the regency (`area`), or of the one that it was cut from."""

    name = "nik_koperasi"
    length = 13
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
    length = 13

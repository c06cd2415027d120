"""A place on the map, in degrees (WGS 84): typed or pasted as “-6.3, 106.7”."""

from __future__ import annotations

import math
import re
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, places
from siskop.engine.fields.text import bounded, tidy

DECIMALS = 6  # about 11 cm
DEGREES = r"([+-]?\d{1,3}%s)"
DOTTED = re.compile(DEGREES % r"(?:\.\d+)?" + r"\s*(?:[,;]\s*|\s)" + DEGREES % r"(?:\.\d+)?", re.ASCII)
COMMAS = re.compile(DEGREES % r"(?:,\d+)" + r"(?:\s*;\s*|,?\s+)" + DEGREES % r"(?:,\d+)", re.ASCII)
ONE = re.compile(r"[+-]?\d+,\d+")  # one number with its comma is not two


class Point(FieldType):
    """The value is {"lat", "lng"}; `decimals` rounds it, so that a home is not found to the door (2: about 1 km)."""

    name = "point"
    kind = "point"
    parts = ("lat", "lng")
    params = {"decimals": places}

    def accept(self, field: Field, raw: Any, context: Context) -> dict[str, float]:
        if isinstance(raw, dict):
            raw = ", ".join(_shown(raw.get(side)) for side in ("lat", "lng"))
        text = bounded(tidy(raw), 100)
        plain = text.strip("() ").replace("−", "-")
        found = COMMAS.fullmatch(plain) or DOTTED.fullmatch(plain)
        if found is None or ONE.fullmatch(plain):
            raise Bad("“%(got)s” is no place on the map; write latitude and longitude as -6.3, 106.7", got=text)
        decimals = field.params.get("decimals", DECIMALS)
        lat, lng = (round(float(part.replace(",", ".")), decimals) + 0.0 for part in found.groups())
        for got, most in ((lat, 90), (lng, 180)):
            if not math.fabs(got) <= most:
                raise Bad("%(got)s degrees; they lie between -%(most)s and %(most)s", got=_shown(got), most=most)
        return {"lat": lat, "lng": lng}

    def raw(self, field: Field, value: Any) -> str:
        return "" if value is None else f"{_shown(value['lat'])}, {_shown(value['lng'])}"

    def plain(self, field: Field, value: Any, language: str) -> str:
        return self.raw(field, value)


def _shown(degrees: Any) -> str:
    return f"{degrees:.8f}".rstrip("0").rstrip(".") if type(degrees) in (int, float) else "?"

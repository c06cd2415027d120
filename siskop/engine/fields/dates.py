"""Days and years. Days come as 21/12/2026, 21-12-2026, 2026-12-21, 21 Desember 2026, or from three boxes."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType, whole_number
from siskop.engine.fields.text import tidy

FIRST_YEAR, LAST_YEAR = 1900, 2100
INDONESIAN = """Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"""
ENGLISH = """January February March April May June July August September October November December"""
WITH_TIME = re.compile(r"(.*\S)(?:T| +)([0-9]{1,2}[:.][0-9]{2})(?:[:.][0-9]{2})?(?: ?[AP]M)?", re.I)
MONTHS = {"id": re.findall(r"\w+", INDONESIAN), "en": re.findall(r"\w+", ENGLISH)}
NUMBERS = {"agt": 8, "ags": 8, "nop": 11, "nopember": 11, "pebruari": 2}
for _names in MONTHS.values():
    NUMBERS |= {name.lower(): n for n, name in enumerate(_names, 1)}
    NUMBERS |= {name[:3].lower(): n for n, name in enumerate(_names, 1)}


def boxes(raw: str | None) -> tuple[str, str, str]:
    """(day, month, year) as typed, for three boxes; a text without three parts stands whole in the first."""
    text = (raw or "").strip()
    parts = [part.strip() for part in re.split(r"[-/.]" if re.search(r"[-/.]", text) else r"\s+", text)]
    if len(parts) != 3:
        return text, "", ""
    return (parts[2], parts[1], parts[0]) if len(parts[0]) == 4 else (parts[0], parts[1], parts[2])


def joined(day: str, month: str, year: str) -> str:
    """The raw of three boxes; "" when nothing is in any."""
    parts = [part.strip() for part in (day, month, year)]
    return "-".join(parts) if any(parts) else ""


_LACKING = {"day": "The day is missing", "month": "The month is missing", "year": "The year is missing"}


def day_or_today(setting: Any) -> str | None:
    try:
        known = setting == "today" or date.fromisoformat(setting)
    except (TypeError, ValueError):
        known = False
    return None if known else "a day such as 2026-12-31, or today"


def year_or_today(setting: Any) -> str | None:
    return None if setting == "today" or not whole_number(setting) else "a year such as 2026, or today"


class Day(FieldType):
    """`min` and `max` are the earliest and the latest day that is taken."""

    name = "date"
    kind = "date"
    params = {"min": day_or_today, "max": day_or_today}

    def empty(self, raw: Any) -> bool:
        return super().empty(raw) or (isinstance(raw, str) and not raw.strip(" -/."))

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        if isinstance(raw, date):
            return self._within(field, raw.date() if isinstance(raw, datetime) else raw, context)
        text = tidy(raw)
        if len(text) > 40:
            raise Bad("%(got)s characters, at most %(want)s", got=len(text), want=40)
        if timed := WITH_TIME.fullmatch(text):
            text = self._at_midnight(text, *timed.groups())
        day, month, year = self._numbers(text)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Bad(
                "The year %(got)s is out of reach; a year has four digits, such as %(want)s",
                got=year,
                want=context.today.year,
            )
        if not 1 <= month <= 12:
            raise Bad("There is no month %(got)s; months go from 1 to 12", got=month)
        try:
            return self._within(field, date(year, month, day), context)
        except ValueError:
            raise Bad(
                "There is no day %(got)s in month %(month)s of %(year)s", got=day, month=month, year=year
            ) from None

    @staticmethod
    def _at_midnight(text: str, day: str, hour: str) -> str:
        """A spreadsheet keeps a day as its midnight. Of another hour nobody knows whether it may go."""
        if hour.strip("0:."):
            raise Bad("“%(got)s” is a day with a time; write the day alone, such as %(want)s", got=text, want=day)
        return day

    def _within(self, field: Field, day: date, context: Context) -> str:
        bounds = (field.params.get(key) for key in ("min", "max"))
        least, most = (context.today if said == "today" else said and date.fromisoformat(said) for said in bounds)
        if least and day < least:
            raise Bad("The earliest day allowed is %(want)s", want=f"{least:%d/%m/%Y}")
        if most and day > most:
            raise Bad("The latest day allowed is %(want)s", want=f"{most:%d/%m/%Y}")
        return day.isoformat()

    def _numbers(self, text: str) -> tuple[int, int, int]:
        day, month, year = boxes(text)
        lacking = [word for word, part in (("day", day), ("month", month), ("year", year)) if not part]
        if lacking and (day or month or year) and re.search(r"[-/.]", text):
            raise Bad(_LACKING[lacking[0]])
        month = str(NUMBERS.get(month.lower(), month))
        if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in (day, month, year)):
            raise Bad("“%(got)s” is not a date; write it as 21/12/2026", got=text)
        return int(day), int(month), int(year)

    def typed(self, field: Field, value: Any) -> date | None:
        return date.fromisoformat(value) if value else None

    def raw(self, field: Field, value: Any) -> str:
        if not value:
            return ""
        day = date.fromisoformat(value)
        return f"{day.day}-{day.month}-{day.year}"

    def plain(self, field: Field, value: Any, language: str) -> str:
        if not value:
            return ""
        day = date.fromisoformat(value)
        return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"


class Year(FieldType):
    name = "year"
    kind = "number"
    params = {"min": year_or_today, "max": year_or_today}

    def accept(self, field: Field, raw: Any, context: Context) -> int:
        text = tidy(raw)
        if not (text.isascii() and text.isdigit() and len(text) == 4):
            raise Bad(
                "“%(got)s” is not a year; it has four digits, such as %(want)s", got=text[:40], want=context.today.year
            )
        bounds = field.params.get("min", FIRST_YEAR), field.params.get("max", LAST_YEAR)
        least, most = (context.today.year if said == "today" else said for said in bounds)
        if not least <= int(text) <= most:
            raise Bad(
                "The year is %(got)s; it must lie between %(least)s and %(most)s", got=text, least=least, most=most
            )
        return int(text)

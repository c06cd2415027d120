"""A letter is a row written in the transaction of its cause, under a key that is unique for ever.

The row holds all that the letter says, in both languages, but number, day and signer; what is printed is Indonesian.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from siskop.base import i18n
from siskop.base.db import Tx, settings
from siskop.engine.definition import House, LetterText, Library, Words
from siskop.letters import signing

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""What a person can copy from paper: no 0 and O, no 1, I and L."""
_KEEP = text("""
    INSERT INTO siskop.letter (key, code, letter, series, pattern, words, record_id, submission_id, reminder_id, area,
      sign_role, sign_area)
    VALUES (:key, :code, :letter, :series, :pattern, CAST(:words AS jsonb), :record_id, :submission_id, :reminder_id,
      :area, :sign_role, :sign_area)
    ON CONFLICT (key) DO NOTHING RETURNING id
""")


def write(
    tx: Tx,
    library: Library,
    *,
    key: str,
    letter: str | None,
    record_id: int,
    values: Mapping[str, Any],
    area: str | None,
    submission_id: int | None = None,
    reminder_id: int | None = None,
    subject: Words | None = None,
    body: Words | None = None,
) -> int | None:
    """Keeps the letter: it waits for its signer, or is numbered at once where its file names none.

    `values` are flat, as for a mail; `area` is the record's. Without `letter` it is the house's letter for a mail's
    words: `subject` and `body`. None when the key was used before, or the record has the letter that it gets once.
    """
    told, house = library.letters[letter or library.house.notice or ""], library.house
    pattern = told.number or house.number
    for name, value in {"code": told.code, "unit": house.unit, "series": told.series}.items():
        pattern = pattern.replace(f"{{{name}}}", value.replace("{", "").replace("}", ""))
    made = {
        "key": f"once:{told.name}:{record_id}" if told.once else key,
        "code": new_code(),
        "letter": told.name,
        "series": told.series,
        "pattern": pattern,
        "words": json.dumps(_words(told, house, values, subject or told.subject, body or told.body)),
        "sign_role": told.sign.role if told.sign else None,
        "sign_area": (area or "") if told.sign and told.sign.area else None,
    }
    about = {"record_id": record_id, "submission_id": submission_id, "reminder_id": reminder_id, "area": area}
    kept: int | None = tx.execute(_KEEP, made | about).scalar()
    if kept is not None and told.sign is None:
        signing.issue(tx, kept, None, None)
    return kept


def new_code() -> str:
    """98 random bits, in fours."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(20))
    return "-".join(drawn[n : n + 4] for n in range(0, 20, 4))


def _words(told: LetterText, house: House, values: Mapping[str, Any], subject: Words, body: Words) -> dict[str, Any]:
    site = settings().base_url
    link = str(values.get("link") or "")
    link = f"{site}{link}" if link.startswith("/") and not link.startswith("//") else ""
    places = {**values, "link": link, "phone": house.phone}
    parts = {"subject": subject, "body": body, "to": told.to, "enclosure": told.enclosure, "sifat": told.sifat}
    parts |= {"label": told.label, "public": told.public, "answer": house.answer, "closing": house.closing}
    return {
        **{name: _filled(part, places) for name, part in parts.items()},
        "genuine": _filled(house.genuine, {"link": f"{site}/verifikasi", "phone": house.phone}),
        "basis": [_filled(one, places) for one in told.basis],
        "copies": [_filled(one, places) for one in told.copies],
        "house": {"head": house.head, "address": house.address, "city": house.city},
        "layout": told.layout,
        "link": link,
    }


def _filled(part: Words, values: Mapping[str, Any]) -> dict[str, str]:
    """In every language; without what is not printable, for a letter is laid out by its template alone."""
    found = {}
    for language in part:
        with i18n.speaking(language):
            said = i18n.fill(part[language], values).replace("\r\n", "\n")
        found[language] = "".join(c for c in said if c == "\n" or c.isprintable()).strip()
    return found

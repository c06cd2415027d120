"""Words, dates and sums as each language writes them."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from siskop.base import i18n
from siskop.base.i18n import TRANSLATIONS, days_left, format_date, format_datetime, format_rupiah, speaking, words


def test_dates_and_sums_are_written_as_the_office_writes_them() -> None:
    assert format_date(date(2026, 11, 24)) == "24 November 2026"
    assert format_datetime(datetime(2026, 8, 16, 18, 5, tzinfo=UTC)) == "17 Agustus 2026 pukul 01.05 WIB"
    assert format_rupiah(1234567) == "Rp\u00a01.234.567"
    assert format_rupiah(-500) == "-Rp\u00a0500"
    with speaking("en"):
        assert format_date(date(2026, 8, 17)) == "17 August 2026"


@pytest.mark.parametrize(
    ("on", "says"),
    [("2026-11-25", "today"), ("2026-11-26", "tomorrow"), ("2026-11-28", "3 days left"), ("2026-11-24", "1 day late")],
)
def test_a_day_says_how_far_it_is(on: str, says: str) -> None:
    with speaking("en"):
        assert days_left(date.fromisoformat(on), today=date(2026, 11, 25)) == says


def test_words_of_data_follow_the_language_and_fall_back_to_indonesian() -> None:
    assert words({"id": "Nama", "en": "Name"}) == "Nama"
    with speaking("en"):
        assert words({"id": "Nama", "en": "Name"}) == "Name"
        assert words({"id": "Nama"}) == "Nama"
    assert words("Nama") == "Nama"
    assert words(None) == ""


def test_the_address_decides_the_language() -> None:
    app = Flask(__name__)
    with app.test_request_context("/", base_url="http://localhost"):
        assert i18n.locale() == "id"
    with app.test_request_context("/koperasi", base_url="http://localhost/en"):
        assert i18n.locale() == "en"


def test_every_translation_is_whole_and_names_the_same_places() -> None:
    import re

    from babel.messages.pofile import read_po

    for path in sorted(TRANSLATIONS.glob("id/*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale="id"):
                if not message.id:
                    continue
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                strings = message.string if isinstance(message.string, tuple) else (message.string,)
                assert all(strings), f"{path.name}: {message.id!r} has no translation"
                places = {place for text in ids for place in re.findall(r"%\(\w+\)\w", text)}
                used = {place for text in strings for place in re.findall(r"%\(\w+\)\w", text)}
                assert used <= places, f"{path.name}: {message.id!r} has places {used - places} that the text lacks"

"""Each type of field takes what people type, and says what came and what is wanted where it can't."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siskop.engine.definition import Choice, Field
from siskop.engine.fields import area, dates
from siskop.engine.fields.field_type import Bad, Context
from siskop.engine.fields.lists import BadRows
from siskop.engine.fields.registry import TYPES, plain

CONTEXT = Context(today=date(2026, 11, 25))
COLOURS = (Choice("r", {"id": "Merah", "en": "Red"}), Choice("g", {"id": "Hijau", "en": "Green"}))
PLACES = tuple(
    Choice(code, {"id": name, "en": name})
    for code, name in [
        ("36.74", "Kota"),
        ("36.74.01", "Serpong"),
        ("36.74.01.1001", "Ciater"),
        ("36.74.06", "Pamulang"),
        ("36.74.06.1005", "Bambu Apus"),
    ]
)


def make(type_: str, choices: tuple[Choice, ...] = (), of: dict[str, Field] | None = None, **params: Any) -> Field:
    return Field("it", type_, {"id": "Itu", "en": "It"}, params=params, choices=choices, of=of or {})


def take(field: Field, raw: Any) -> Any:
    return TYPES[field.type].accept(field, raw, CONTEXT)


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (make("text"), " Koperasi\r\n  Maju \t Bersama ", "Koperasi Maju Bersama"),
        (make("text"), "Cafe\u0301", "Caf\u00e9"),
        (make("text"), "a\u200bb\ufeff", "ab"),
        (make("text", lines=True), "satu\r\n\r\n dua  tiga ", "satu\n\ndua tiga"),
        (make("email"), " Wulan@Sekar.EXAMPLE ", "Wulan@sekar.example"),
        (make("phone"), "0812-3456-7890", "+6281234567890"),
        (make("phone"), "+62 812 3456 7890", "+6281234567890"),
        (make("phone"), "62812 3456 7890", "+6281234567890"),
        (make("phone"), "(021) 7470-1234", "+622174701234"),
        (make("integer"), "1.234", 1234),
        (make("integer"), " 1 234 567 ", 1234567),
        (make("integer"), 12, 12),
        (make("money"), "Rp 34.127.500.000", 34127500000),
        (make("money"), "rp.1.000,-", 1000),
        (make("money"), "-Rp 5.000,00", -5000),
        (make("boolean"), "ya", True),
        (make("boolean"), False, False),
        (make("choice", COLOURS), "g", "g"),
        (make("choices", COLOURS), ["g", "r", "g"], ["r", "g"]),
        (make("date"), "21/12/2026", "2026-12-21"),
        (make("date"), "21-12-2026", "2026-12-21"),
        (make("date"), "2026-12-21", "2026-12-21"),
        (make("date"), "21 Desember 2026", "2026-12-21"),
        (make("date"), "21 agt 2026", "2026-08-21"),
        (make("date"), dates.joined("1", "2", "2026"), "2026-02-01"),
        (make("year"), " 2025 ", 2025),
        (make("area", PLACES), "36.74.06.1005", "36.74.06.1005"),
        (make("legal_number"), "AHU-0007286.AH.01.26.TAHUN\n2020", "AHU-0007286.AH.01.26.TAHUN 2020"),
        (make("nik"), "3674 0641 0190 0001", "3674064101900001"),
        (make("nik_koperasi"), "3674010100001", "3674010100001"),
        (make("nib"), "0912.0401.18362", "0912040118362"),
    ],
)
def test_what_people_type_is_taken(field: Field, raw: Any, value: Any) -> None:
    assert take(field, raw) == value
    kind = TYPES[field.type]
    assert kind.accept(field, kind.raw(field, value), CONTEXT) == value, "what the input shows gives the same value"


@pytest.mark.parametrize(
    ("field", "raw", "words"),
    [
        (make("text", max=5), "abcdef", "6 characters, at most 5"),
        (make("text"), "a\x00b", "U+0000"),
        (make("text"), "a\u202eb", "U+202E"),
        (make("text"), "x" * 100_000, "100000 characters"),
        (make("text"), ["a"], "wrong shape"),
        (make("email"), "wulan.example", "has no @"),
        (make("email"), "wulan@", "is not a mail address"),
        (make("phone"), "0812", "4 digits, a telephone number has at least 8"),
        (make("integer", min=3), "2", "2 is too small; at least 3"),
        (make("integer", max=1000), "2.000", "2.000 is too large; at most 1.000"),
        (make("integer"), "1,5", "decimal comma"),
        (make("integer"), "1.23", "write thousands"),
        (make("integer"), "dua", "“dua” is not a number"),
        (make("integer"), "9" * 25, "too large"),
        (make("boolean"), "mungkin", "neither yes nor no"),
        (make("choice", COLOURS), "b", "“b” is not in the list"),
        (make("choices", COLOURS, min=2), ["r"], "1 chosen, at least 2"),
        (make("date"), "31-2-2026", "There is no day 31 in month 2 of 2026"),
        (make("date"), "21-13-2026", "There is no month 13"),
        (make("date"), "21--2026", "The month is missing"),
        (make("date"), "21/12/26", "The year 26 is out of reach"),
        (make("date"), "besok", "“besok” is not a date"),
        (make("year"), "25", "four digits, such as 2026"),
        (make("year", max=2026), "2027", "between 1900 and 2026"),
        (make("area", PLACES), "36.74.06", "“Pamulang” is a larger area"),
        (make("area", PLACES), "99", "is not in the list"),
        (make("nib"), "912040118362", "12 digits, 13 needed"),
        (make("nik"), "36740641O1900001", "“O” is not a digit; 16"),
        (make("file", accept=["pdf"]), {"id": 1, "name": "a", "type": "image/png", "size": 1}, "image/png; pdf"),
        (make("file", max_mb=1), {"id": 1, "name": "a", "type": "image/png", "size": 1572864}, "1,5 MB, at most 1 MB"),
        (make("file"), "a.pdf", "wrong shape"),
    ],
)
def test_what_can_not_be_taken_says_what_came_and_what_is_wanted(field: Field, raw: Any, words: str) -> None:
    with pytest.raises(Bad) as caught:
        take(field, raw)
    assert words in str(caught.value)


OFFICERS = make(
    "list",
    of={
        "full_name": Field("full_name", "text", {}, params={"max": 20}),
        "nik": Field("nik", "nik", {}, params={"required": False}),
    },
    min=1,
    max=3,
)


def test_blank_rows_do_not_count_and_problems_keep_the_place_of_their_row() -> None:
    rows = [{"full_name": "Wulan", "nik": ""}, {"full_name": " ", "nik": ""}, {"full_name": "", "nik": "12"}]
    with pytest.raises(BadRows) as caught:
        take(OFFICERS, rows)
    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "full_name"), (2, "nik")]
    assert take(OFFICERS, rows[:2]) == [{"full_name": "Wulan", "nik": None}]
    assert TYPES["list"].empty(rows[1:2])


def test_a_list_is_bounded() -> None:
    with pytest.raises(Bad, match="4 rows, at most 3"):
        take(OFFICERS, [{"full_name": "A"}] * 4)
    with pytest.raises(Bad, match="501 rows, at most 500"):
        take(make("list", of=dict(OFFICERS.of)), [{"full_name": "A"}] * 501)


def test_the_regency_of_a_cooperative_number_is_a_doubt_never_a_refusal() -> None:
    field = make("nik_koperasi", area="36.74")
    doubt = TYPES["nik_koperasi"].warning(field, take(field, "3603010100001"), CONTEXT)
    assert doubt is not None
    assert "begins with 3603" in str(doubt)
    assert TYPES["nik_koperasi"].warning(field, "3674010100001", CONTEXT) is None


def test_values_read_as_words() -> None:
    assert plain(make("money"), -5000, "id") == "-Rp\u00a05.000"
    assert plain(make("date"), "2026-12-21", "id") == "21 Desember 2026"
    assert plain(make("boolean"), False, "id") == "Tidak"
    assert plain(make("choices", COLOURS), ["r", "g"], "en") == "Red, Green"
    assert plain(make("area", PLACES), "36.74.06.1005", "id") == "Bambu Apus, Pamulang"
    assert plain(make("phone"), "+6281234567890", "id") == "0812-3456-7890"
    assert plain(OFFICERS, [{"full_name": "Wulan", "nik": None}], "id") == "Wulan"
    assert all(plain(make(name), None, "id") == "" for name in TYPES)


def test_areas_group_their_leaves_under_the_area_around_them() -> None:
    field = make("area", PLACES)
    assert [(g.code, [c.code for c in rows]) for g, rows in area.groups(field)] == [
        ("36.74.01", ["36.74.01.1001"]),
        ("36.74.06", ["36.74.06.1005"]),
    ]
    assert [step.code for step in area.path(field, "36.74.06.1005")] == ["36.74.06", "36.74.06.1005"]


@given(st.sampled_from(sorted(set(TYPES) - {"list", "file"})), st.text(max_size=60))
def test_no_typed_text_ever_does_more_than_pass_or_be_refused(name: str, typed: str) -> None:
    field = make(name, COLOURS)
    kind = TYPES[name]
    if kind.empty(typed):
        return
    try:
        value = kind.accept(field, typed, CONTEXT)
    except Bad as bad:
        assert str(bad)
    else:
        assert kind.accept(field, kind.raw(field, value), CONTEXT) == value
        kind.typed(field, value)
        assert isinstance(plain(field, value, "id"), str)


@given(st.integers(-(10**15), 10**15))
def test_numbers_come_back_as_they_are_shown(number: int) -> None:
    for name in ("integer", "money"):
        field = make(name)
        assert take(field, TYPES[name].raw(field, number)) == number
        assert take(make("money"), plain(make("money"), number, "id")) == number


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_days_come_back_as_they_are_shown(day: date) -> None:
    field = make("date")
    for shown in (TYPES["date"].raw(field, day.isoformat()), plain(field, day.isoformat(), "id"), day.isoformat()):
        assert take(field, shown) == day.isoformat()
    assert dates.joined(*dates.boxes(TYPES["date"].raw(field, day.isoformat()))) == f"{day.day}-{day.month}-{day.year}"

"""Each type of field takes what people type, and says what came and what is wanted where it can't."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siskop.engine.definition import Choice, Field
from siskop.engine.fields import area, dates
from siskop.engine.fields.field_type import Bad, Context
from siskop.engine.fields.lists import BadRows
from siskop.engine.fields.patterns import pattern
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


REGISTER = {"koperasi-maju": {"id": 12, "slug": "koperasi-maju", "title": "Koperasi Maju"}}
REGISTER |= {"#12": REGISTER["koperasi-maju"], "Koperasi Maju": REGISTER["koperasi-maju"]}
CONTEXT = replace(CONTEXT, found=lambda kind, typed: REGISTER.get(typed))
PDF = {"id": 1, "name": "a.pdf", "type": "application/pdf", "size": 5}
PNG = {"id": 2, "name": "b.png", "type": "image/png", "size": 6}


def make(type_: str, choices: tuple[Choice, ...] = (), of: dict[str, Field] | None = None, **params: Any) -> Field:
    return Field("it", type_, {"id": "Itu", "en": "It"}, example="AB-12", params=params, choices=choices, of=of or {})


def take(field: Field, raw: Any) -> Any:
    return TYPES[field.type].accept(field, raw, CONTEXT)


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (make("text"), " Koperasi\r\n  Maju \t Bersama ", "Koperasi Maju Bersama"),
        (make("text"), "Cafe\u0301", "Caf\u00e9"),
        (make("text"), "a\u200bb\ufeff", "ab"),
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
        (make("date", min="2026-11-24", max="today"), "25-11-2026", "2026-11-25"),
        (make("year"), " 2025 ", 2025),
        (make("area", PLACES), "36.74.06.1005", "36.74.06.1005"),
        (make("legal_number"), "AHU-0007286.AH.01.26.TAHUN\n2020", "AHU-0007286.AH.01.26.TAHUN 2020"),
        (make("nik"), "3674 0641 0190 0001", "3674064101900001"),
        (make("nik_koperasi"), "3674010100001", "3674010100001"),
        (make("nib"), "0912.0401.18362", "0912040118362"),
        (make("long_text"), "satu\r\n\r\n dua  tiga ", "satu\n\ndua tiga"),
        (make("text", pattern="[A-Z]{2}-[0-9]+"), " AB-7 ", "AB-7"),
        (make("decimal"), "1.234,5", 1234.5),
        (make("decimal"), "1,234.5", 1234.5),
        (make("decimal"), "1234.5", 1234.5),
        (make("decimal"), "1.234", 1234),
        (make("decimal"), "1,234", 1.234),
        (make("decimal"), "0.125", 0.125),
        (make("decimal"), "1.234.567", 1234567),
        (make("decimal"), "1,234,567", 1234567),
        (make("decimal"), "1 234 567,25", 1234567.25),
        (make("decimal"), "-0,0", 0),
        (make("decimal"), 0.1, 0.1),
        (make("decimal"), 1.234, 1.234),
        (make("integer"), "1,234,567", 1234567),
        (make("integer"), 12.0, 12),
        (make("percent"), "12,5 %", 12.5),
        (make("percent"), "100", 100),
        (make("percent", max=250), "200%", 200),
        (make("url"), " WWW.Contoh.ID/Toko Kami?a=b#c ", "https://www.contoh.id/Toko%20Kami?a=b#c"),
        (make("url"), "http://contoh.id:80/", "http://contoh.id"),
        (make("url"), "contoh.id:8080/x", "https://contoh.id:8080/x"),
        (make("url"), "https://b\u00fccher.example/\u00e4", "https://xn--bcher-kva.example/%C3%A4"),
        (make("npwp"), "01.234.567.8-901.000", "012345678901000"),
        (make("npwp"), "0012345678901000", "0012345678901000"),
        (make("kbli"), "64 141", "64141"),
        (make("kbli", (Choice("64141", {"id": "KSP primer"}),)), "64141", "64141"),
        (make("point"), "-6.3, 106.7", {"lat": -6.3, "lng": 106.7}),
        (make("point"), "(-6.30001,106.71234567)", {"lat": -6.30001, "lng": 106.712346}),
        (make("point"), "-6,3; 106,7", {"lat": -6.3, "lng": 106.7}),
        (make("point"), "-6,3 106,7", {"lat": -6.3, "lng": 106.7}),
        (make("point", decimals=2), "-6.31234 106.71234", {"lat": -6.31, "lng": 106.71}),
        (make("point"), {"lat": -6.3, "lng": 106}, {"lat": -6.3, "lng": 106}),
        (make("file"), PDF | {"more": 1}, PDF),
        (make("image"), PNG, PNG),
        (make("files"), [PDF, {}, PNG], [PDF, PNG]),
        (make("reference", to="cooperative"), "Koperasi  Maju", REGISTER["#12"]),
        (make("reference", to="cooperative"), {"id": 12, "slug": None, "title": "?"}, REGISTER["#12"]),
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
        (make("date", min="2026-11-24"), "23-11-2026", "The earliest day allowed is 24/11/2026"),
        (make("date", max="today"), "26-11-2026", "The latest day allowed is 25/11/2026"),
        (make("year", max="today"), "2027", "between 1900 and 2026"),
        (make("year"), "25", "four digits, such as 2026"),
        (make("year", max=2026), "2027", "between 1900 and 2026"),
        (make("area", PLACES), "36.74.06", "“Pamulang” is a larger area"),
        (make("area", PLACES), "99", "is not in the list"),
        (make("nib"), "912040118362", "12 digits, 13 needed"),
        (make("nik"), "36740641O1900001", "“O” is not a digit; 16"),
        (make("file", accept=["pdf"]), {"id": 1, "name": "a", "type": "image/png", "size": 1}, "image/png; pdf"),
        (make("file", max_mb=1), {"id": 1, "name": "a", "type": "image/png", "size": 1572864}, "1,5 MB, at most 1 MB"),
        (make("file"), "a.pdf", "wrong shape"),
        (make("file"), PDF | {"id": True}, "wrong shape"),
        (make("file"), PDF | {"size": -1}, "wrong shape"),
        (make("image"), PDF, "application/pdf; image is needed"),
        (make("files", max=1), [PDF, PNG], "2 files, at most 1"),
        (make("files", min=2), [PDF], "1 files, at least 2"),
        (make("files"), [PDF, PDF], "stands here twice"),
        (make("files", accept=["pdf"]), [PDF, PNG], "image/png; pdf is needed"),
        (make("long_text", max=5), "abc\ndef", "7 characters, at most 5"),
        (make("text", pattern="[A-Z]{2}-[0-9]+"), "ab-7", "“ab-7” is not written as needed, for example AB-12"),
        (make("decimal"), "satu", "“satu” is not a number; write it as 1.250 or 12,5"),
        (make("decimal"), "1.23.4", "is not a number"),
        (make("decimal"), "1e5", "is not a number"),
        (make("decimal"), float("nan"), "is not a number"),
        (make("decimal", decimals=2), "1,234", "3 digits behind the comma, at most 2"),
        (make("decimal"), "1234567890123456,7", "17 digits, at most 15"),
        (make("percent"), "100,5", "100,5 is too large; at most 100"),
        (make("percent"), "-1", "-1 is too small; at least 0"),
        (make("url"), "javascript:alert(1)", "“javascript:” can't be opened here"),
        (make("url"), "ftp://contoh.id", "begins with https://"),
        (make("url"), "https://contoh.id@jahat.example", "not an address on the web"),
        (make("url"), "https://user:pass@contoh.id", "not an address on the web"),
        (make("url"), "https://[::1", "not an address on the web"),
        (make("url"), "https://localhost/x", "not an address on the web"),
        (make("url"), "https://contoh.id:99999", "not an address on the web"),
        (make("npwp"), "12345678901234", "14 digits, 15 or 16 needed"),
        (make("nik"), "367406410190001", "15 digits, 16 needed"),
        (make("kbli"), "6414", "4 digits, 5 needed"),
        (make("kbli", (Choice("64141", {}),), edition=2020), "64142", "There is no 64142 in KBLI 2020"),
        (make("point"), "-6,3", "“-6,3” is no place on the map"),
        (make("point"), "106.7, -6.3", "106.7 degrees; they lie between -90 and 90"),
        (make("point"), "di sini", "write latitude and longitude as -6.3, 106.7"),
        (make("point"), {"lat": "x"}, "no place on the map"),
        (make("reference", to="cooperative"), "Koperasi Baru", "“Koperasi Baru” is not in the register"),
    ],
)
def test_what_can_not_be_taken_says_what_came_and_what_is_wanted(field: Field, raw: Any, words: str) -> None:
    with pytest.raises(Bad) as caught:
        take(field, raw)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "taken"),
    [
        ("[A-Z]{2}-[0-9]+", True),
        (r"\d{1,3}(\.\d{3}){0,3}", True),
        (r"(AHU|BH)-[0-9]{7}\.[A-Z.]*", True),
        (r"\w{1,60}@\w{1,60}\.\w{2,10}", True),
        (r"(?i)[a-z]+ ?[0-9]*", True),
        ("(a+)+", False),
        ("(a|a)*", False),
        ("(a|ab)*c", False),
        ("([a-z]*)*", False),
        ("(a?){60}", False),
        (".*.*.*.*.*x", False),
        ("a{1,200}{1,200}", False),
        (r"(a)\1", False),
        ("(?=a)a", False),
        ("[", False),
        ("a{99999999999}", False),
        ("(" * 100 + ")" * 100, True),
        ("a" * 201, False),
        ("", False),
        (7, False),
    ],
)
def test_a_pattern_that_could_run_long_is_refused_when_it_is_loaded(setting: Any, taken: bool) -> None:
    assert (pattern(setting) is None) is taken, pattern(setting)


@given(st.text(alphabet="ab.*+?|()[]{}1,\\d", max_size=24), st.text(alphabet="ab1", max_size=3))
def test_a_pattern_that_is_taken_is_quick_on_any_text(setting: str, end: str) -> None:
    if pattern(setting) is None:
        for text in ("a" * 197 + end, "ab" * 98 + end, "1" * 197 + end):
            begun = time.process_time()
            re.fullmatch(setting, text)
            assert time.process_time() - begun < 2


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
    assert [cell[:2] for cell in caught.value.problems] == [(2, "full_name"), (2, "nik")]
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


def test_a_percentage_out_of_a_spreadsheet_is_doubted_unless_the_file_bounds_it_there() -> None:
    percent, field = TYPES["percent"], make("percent")
    assert str(percent.warning(field, 0.07, CONTEXT)) == "This is less than one percent: 0,07%. For 7%, write so"
    assert percent.warning(field, 1.5, CONTEXT) is None
    assert percent.warning(make("percent", max=1), 0.5, CONTEXT) is None


def test_values_read_as_words() -> None:
    assert plain(make("money"), -5000, "id") == "-Rp\u00a05.000"
    assert plain(make("date"), "2026-12-21", "id") == "21 Desember 2026"
    assert plain(make("boolean"), False, "id") == "Tidak"
    assert plain(make("choices", COLOURS), ["r", "g"], "en") == "Red, Green"
    assert plain(make("area", PLACES), "36.74.06.1005", "id") == "Bambu Apus, Pamulang"
    assert plain(make("phone"), "+6281234567890", "id") == "0812-3456-7890"
    assert plain(make("decimal"), 1234.5, "id") == "1.234,5"
    assert plain(make("decimal"), 1234.5, "en") == "1,234.5"
    assert plain(make("percent"), 12.5, "id") == "12,5%"
    assert plain(make("files"), [PDF, PNG], "id") == "a.pdf, b.png"
    assert plain(make("point"), {"lat": -6.3, "lng": 106.7}, "id") == "-6.3, 106.7"
    assert plain(make("reference"), REGISTER["#12"], "id") == "Koperasi Maju"
    assert plain(make("kbli", (Choice("64141", {"id": "KSP primer"}),)), "64141", "id") == "64141 KSP primer"
    assert plain(make("kbli"), "64141", "id") == "64141"
    assert plain(OFFICERS, [{"full_name": "Wulan", "nik": None}], "id") == "Wulan"
    assert all(plain(make(name), None, "id") == "" for name in TYPES)


def test_areas_group_their_leaves_under_the_area_around_them() -> None:
    field = make("area", PLACES)
    assert [(g.code, [c.code for c in rows]) for g, rows in area.groups(field)] == [
        ("36.74.01", ["36.74.01.1001"]),
        ("36.74.06", ["36.74.06.1005"]),
    ]
    assert [step.code for step in area.path(field, "36.74.06.1005")] == ["36.74.06", "36.74.06.1005"]


NUMERIC = st.text(alphabet="0123456789.,-+ ;%Rp()", max_size=24)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | NUMERIC,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "size", "type", "name", "lat", "lng", "slug", "a"]), inner, max_size=5)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(TYPES)), JSON)
def test_nothing_that_comes_does_more_than_pass_or_be_refused(name: str, came: Any) -> None:
    """And what passed comes back through what the input shows."""
    field = make(name, COLOURS, {"a": Field("a", "decimal", {})} if name == "list" else None)
    kind = TYPES[name]
    if kind.empty(came):
        return
    try:
        value = kind.accept(field, came, CONTEXT)
    except Bad as bad:
        assert str(bad)
    else:
        if not kind.empty(value):
            assert kind.accept(field, kind.raw(field, value), CONTEXT) == value
        assert json.loads(json.dumps(value)) == value
        kind.typed(field, value)
        assert isinstance(plain(field, value, "id"), str)


@given(st.decimals(-(10**9), 10**9, allow_nan=False, places=5))
def test_decimals_come_back_as_they_are_shown(number: Decimal) -> None:
    value = take(make("decimal"), f"{number:f}".replace(".", ","))
    assert value == float(number)
    assert take(make("decimal"), TYPES["decimal"].raw(make("decimal"), value)) == value
    assert take(make("decimal"), plain(make("decimal"), value, "id")) == value


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

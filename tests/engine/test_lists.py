"""Tables that people paste into a list: what stands where, and how spreadsheets write it."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest

from siskop.engine import form as forms
from siskop.engine.definition import Choice, Field, Form, Page, PageField
from siskop.engine.fields import lists
from siskop.engine.fields.field_type import Bad
from siskop.engine.form import Context, Problems

CONTEXT = Context(date(2026, 11, 25))
POSTS = (Choice("head", {"id": "Ketua", "en": "Chair"}), Choice("clerk", {"id": "Sekretaris", "en": "Secretary"}))


def column(name: str, type_: str, id_: str, en: str, choices: tuple[Choice, ...] = ()) -> Field:
    return Field(name, type_, {"id": id_, "en": en}, params={"required": False}, choices=choices)


COLUMNS = [
    column("full_name", "text", "Nama lengkap", "Full name"),
    column("post", "choice", "Jabatan", "Post", POSTS),
    column("nik", "nik", "NIK", "Identity number"),
    column("phone", "phone", "Telepon", "Phone"),
    column("paid", "money", "Simpanan (Rp)", "Paid"),
    column("share", "percent", "Bagian", "Share"),
    column("born", "date", "Tanggal lahir", "Born"),
    column("active", "boolean", "Aktif", "Active"),
]
PEOPLE = Field("people", "list", {}, of={c.name: c for c in COLUMNS}, params={"max": 500})
FORM = Form((Page("all", {}, (PageField("people"),)),), {"people": PEOPLE})
NAMES = Field("names", "list", {}, of={"name": column("name", "text", "Nama", "Name")})


def taken(text: str) -> Any:
    result = forms.accept(FORM, {"people": lists.pasted(PEOPLE, text).rows}, CONTEXT)
    assert not isinstance(result, Problems), result
    return result.values["people"]


WULAN = {
    "full_name": "Wulan Sari",
    "post": "head",
    "nik": "3674064101900001",
    "phone": "+6281234567890",
    "paid": 1250000,
    "share": 12.5,
    "born": "1980-05-01",
    "active": True,
}
CELLS = ["Wulan Sari", "Ketua", "3674064101900001", "81234567890", "Rp 1.250.000", "12,5%", "1/5/1980", "Ya"]


def test_cells_without_a_heading_stand_in_the_order_of_the_columns() -> None:
    assert taken("\t".join(CELLS)) == [WULAN]
    assert taken("\r\n".join(["\t".join(CELLS), "", "\t\t", "Adi"]))[1] == dict.fromkeys(WULAN) | {"full_name": "Adi"}


@pytest.mark.parametrize(
    "heading",
    [
        "NIK\tSimpanan\tNama lengkap\tJabatan",
        "identity NUMBER:\tPaid\tfull_name *\tPost",
        "nik\tpaid (rupiah)\tNama  Lengkap\tpost",
    ],
)
def test_a_heading_in_either_language_says_which_column_is_which(heading: str) -> None:
    text = f"Daftar pengurus\t\t\t\t\nNo.\t{heading}\n1\t3674064101900001.0\t1,250,000\tWulan Sari\tsekretaris"
    assert taken(text) == [
        dict.fromkeys(WULAN) | {"full_name": "Wulan Sari", "post": "clerk", "nik": "3674064101900001", "paid": 1250000}
    ]


def test_what_is_wrong_is_said_at_its_cell() -> None:
    rows = lists.pasted(PEOPLE, "Nama lengkap\tNIK\tJabatan\nWulan\t36740641019\tBos\n\nAdi\t3,67406E+15\t").rows
    result = forms.accept(FORM, {"people": rows}, CONTEXT)
    assert isinstance(result, Problems)
    said = [(p.row, p.column, p.text % p.params) for p in result.problems]
    assert said == [
        (0, "post", "“Bos” is not in the list; choose from it"),
        (0, "nik", "11 digits, 16 needed"),
        (1, "nik", "“,” is not a digit; 16 digits are needed"),
    ]


def test_cells_with_breaks_quotes_commas_and_semicolons() -> None:
    assert lists.table('a\t"b ""x""\nc"\nd\te', 2) == [["a", 'b "x"\nc'], ["d", "e"]]
    assert lists.table('5" pipa\tb\nc\td', 2) == [['5" pipa', "b"], ["c", "d"]]
    assert lists.table("a;b\nc;d,e", 2) == [["a", "b"], ["c", "d,e"]]
    assert lists.table('a,"b,c"\n', 2) == [["a", "b,c"]]
    assert lists.pasted(NAMES, "Jl. Raya, no. 2\nJl. Lama; no. 3").rows == [
        {"name": "Jl. Raya, no. 2"},
        {"name": "Jl. Lama; no. 3"},
    ]
    assert lists.pasted(NAMES, "Nama\nWulan").rows == [{"name": "Wulan"}]


@pytest.mark.parametrize("text", ["", "\n\n", "\t\t", "\0"])
def test_nothing_gives_no_rows(text: str) -> None:
    assert lists.pasted(PEOPLE, text) == lists.Table([])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\t".join(["x"] * 9), "9 columns, but there are 8; put their names above them"),
        ("a\n" * 501, "501 rows, at most 500"),
        ("a" * 2_000_001, "2000001 characters"),
        ("Nama lengkap\tNIK\tJabatan\n\t\t\n", "There is a heading, but no row below it"),
        ('"' + "a" * 200_000 + '"\tb', "This is not a table"),
    ],
)
def test_what_is_no_table_for_this_list_says_why(text: str, said: str) -> None:
    with pytest.raises(Bad) as caught:
        lists.pasted(PEOPLE, text)
    assert said in str(caught.value)


def left(text: str) -> list[str]:
    found = lists.pasted(PEOPLE, text)
    assert found.rows
    return [str(bad) for bad in found.left]


def test_what_stands_in_a_table_and_in_no_row_is_said_with_the_nearest_right_column() -> None:
    said = left(
        "a\tb\n\tTelepon\tNama lengkap\tNIK\tAktif\tJabtan\tRuang Kerja\tnik\n1\t\tWulan\t\t\tKetua\tAdi\t3674\tx\t\ty"
    )
    assert said == [
        "Rows above the heading that were not taken over: 1",
        "There is no column “Jabtan” here; it was not taken over. Nearest to it is “{'id': 'Jabatan', 'en': 'Post'}”",
        "There is no column “Ruang Kerja” here; it was not taken over",
        "“nik” stands twice in the heading; only the first was taken over",
        "Column 9 has no heading and was not taken over",
        "Column 11 has no heading and was not taken over",
    ]
    many = left("NIK\tNama lengkap\tJabatan" + "\tx" * 3 + "\n" + "\t".join("123456"))
    assert [words.split(";")[0] for words in many] == ["There is no column “x” here"] * 3


def test_a_title_numbered_rows_and_headings_above_nothing_are_not_missed() -> None:
    assert left("Pengurus 2026\t\t\n\nNo\tNama lengkap\tNIK\tRuang Kerja\n1\tWulan\t\t\n2\tAdi\t\t") == []


@pytest.mark.alone
def test_five_hundred_rows_of_eight_columns_are_judged_well_under_a_second() -> None:
    text = "\n".join("\t".join(CELLS) for _ in range(500))
    begun = time.perf_counter()
    assert len(taken(text)) == 500
    assert time.perf_counter() - begun < 0.5

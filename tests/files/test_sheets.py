"""A spreadsheet becomes rows as somebody would have typed them; one made to do harm costs a second and a sentence."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from siskop.engine.definition import Choice, Field
from siskop.engine.fields import lists
from siskop.engine.fields.field_type import Bad, Context
from siskop.engine.fields.registry import TYPES
from siskop.files import sheets

CONTEXT = Context(date(2026, 11, 25))
POSTS = (Choice("head", {"id": "Ketua", "en": "Chair"}), Choice("clerk", {"id": "Sekretaris", "en": "Secretary"}))
PEOPLE = Field(
    "people",
    "list",
    {},
    of={
        "full_name": Field("full_name", "text", {"id": "Nama lengkap", "en": "Full name"}),
        "post": Field("post", "choice", {"id": "Jabatan", "en": "Post"}, choices=POSTS),
        "number": Field("number", "nik_koperasi", {"id": "Nomor", "en": "Number"}),
        "share": Field("share", "decimal", {"id": "Simpanan (Rp)", "en": "Share"}, params={"required": False}),
        "born": Field("born", "date", {"id": "Lahir", "en": "Born"}, params={"required": False}),
    },
)


def book(*rows: list[Any]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def ods(table: str) -> bytes:
    spaces = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", kind)
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
        packed.writestr(
            "content.xml",
            f"<office:document-content{spaces}><office:body><office:spreadsheet><table:table table:name='S'>{table}"
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return content.getvalue()


def test_cells_are_read_as_somebody_would_type_them() -> None:
    content = book(
        ["Daftar pengurus 2026"],
        [],
        ["No.", "Jabatan", "NAMA LENGKAP *", "Lahir", "Simpanan", "Number"],
        [1, "Ketua", "Wulan Sari", datetime(1980, 5, 1), 1234.5, 3674010010001.0],
        [2, "secretary", "Adi", None, 0.1 + 0.2, "3674010010002"],
    )
    values = TYPES["list"].accept(PEOPLE, sheets.rows(PEOPLE, content).rows, CONTEXT)
    assert values == [
        {"full_name": "Wulan Sari", "post": "head", "number": "3674010010001", "share": 1234.5, "born": "1980-05-01"},
        {"full_name": "Adi", "post": "clerk", "number": "3674010010002", "share": 0.3, "born": None},
    ]


def test_a_formula_gives_its_value_and_endless_empty_cells_nothing() -> None:
    cells = (
        '<table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="2"/>'
        '<table:table-cell office:value-type="date" office:date-value="2026-05-01"/>'
    )
    rest = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell'
        ' table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert sheets.matrix(ods(f"<table:table-row>{cells}</table:table-row>{rest}")) == [["2", "2026-05-01"]]


def test_a_day_with_an_hour_is_refused_with_a_sentence_and_midnight_is_the_day() -> None:
    content = book(
        ["Nama lengkap", "Nomor", "Jabatan", "Lahir"], ["Wulan", "3674010010001", "Ketua", datetime(1980, 5, 1, 12, 30)]
    )
    with pytest.raises(lists.BadRows) as caught:
        TYPES["list"].accept(PEOPLE, sheets.rows(PEOPLE, content).rows, CONTEXT)
    [(row, column, bad)] = caught.value.problems
    assert (row, column) == (0, "born")
    assert str(bad) == "“1980-05-01 12:30” is a day with a time; write the day alone, such as 1980-05-01"
    born = PEOPLE.of["born"]
    for midnight in ("1980-05-01T00:00:00", "1/5/1980 0:00", "1 Mei 1980 00.00"):
        assert TYPES["date"].accept(born, midnight, CONTEXT) == "1980-05-01"


def test_digits_that_a_spreadsheet_has_lost_are_not_made_up() -> None:
    assert sheets.matrix(book([3674064101900001, "3674064101900001"])) == [["3.6741E+15", "3674064101900001"]]


def test_text_with_commas_is_read_too() -> None:
    content = "Nama lengkap;Jabatan;Nomor\r\nWulan;Ketua;3674010010001\r\n".encode("utf-8-sig")
    assert sheets.rows(PEOPLE, content).rows == [{"full_name": "Wulan", "post": "head", "number": "3674010010001"}]
    assert sheets.rows(PEOPLE, content.decode("utf-8-sig").encode("utf-16")) == sheets.rows(PEOPLE, content)


def far_away() -> bytes:
    made = openpyxl.Workbook()
    made.active["A1"], made.active["XFD1048576"] = 1, 2
    return saved(made)


def zeros() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (sheets.UNFOLDED + 1))
    return content.getvalue()


def lying() -> bytes:
    """Its own words say 100 bytes; what is packed is a hundred million."""
    content = zeros()
    return content.replace((sheets.UNFOLDED + 1).to_bytes(4, "little"), (100).to_bytes(4, "little"))


REPEATED = (
    '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string"'
    ' table:number-columns-repeated="16384"><text:p>a</text:p></table:table-cell></table:table-row>'
)
HARMFUL = {
    "one cell far away": far_away,
    "a cell repeated without end": lambda: ods(REPEATED),
    "a bomb": zeros,
    "a bomb that lies": lying,
    "no zip": lambda: b"PK\x03\x04" + b"x" * 100,
    "no spreadsheet": lambda: b"\xd0\xcf\x11\xe0" + b"x" * 5000,
    "binary": lambda: bytes(range(256)),
    "too many bytes": lambda: b"a" * (sheets.MOST_BYTES + 1),
    "too many rows": lambda: book(*([n] for n in range(600))),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_what_would_do_harm_is_refused_with_a_sentence(name: str) -> None:
    content = HARMFUL[name]()
    begun = time.monotonic()
    with pytest.raises(Bad, match=r"too large|can't be read|at most 500"):
        sheets.rows(PEOPLE, content)
    assert time.monotonic() - begun < 5

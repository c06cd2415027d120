"""A kind with every type of field through its pages: typed, kept, shown again, sent, published, and seen by all."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.submissions import answers, door
from tests import inventory, offices
from tests.offices import PDF, actor, seen
from tests.visitors import person, signed_in
from tests.web.browsing import form
from tests.web.test_cooperative import BACKGROUND
from tests.worlds import World


@pytest.fixture
def sari(world: World, app: Flask, tmp_path: Path) -> Iterator[FlaskClient]:
    inventory.in_force(tmp_path / "files")
    person("sari@siskop.test", "Sari Wulandari")
    yield signed_in(app, "sari@siskop.test")


@pytest.fixture
def number(sari: FlaskClient) -> str:
    return door.start("inventory", actor(account()))


def account() -> int:
    with unit_of_work() as tx:
        return people.find(tx, "sari@siskop.test") or 0


def raws(number: str) -> dict[str, object]:
    with unit_of_work() as tx:
        return answers.raws(tx, seen(number, account()).id)


FIRST = {
    "name": "Gudang Melati",
    "story": "Satu\nDua",
    "weight": "12,5",
    "share": "40",
    "site": "contoh.id/gudang",
    "place": "-6.30012, 106.70011",
    "tax": "01.234.567.8-901.000",
    "trade": "47112",
}


def test_every_answer_is_kept_shown_and_seen(sari: FlaskClient, number: str, app: Flask) -> None:
    address = f"/pengajuan/{number}/isi"
    page = sari.get(f"{address}/first").text
    assert "Isi apa adanya." in page
    found = form(page).fill(**FIRST)
    found.values.add("photo", (io.BytesIO(inventory.picture()), "rak.png"))
    for name in ("a.pdf", "b.pdf"):
        found.values.add("papers", (io.BytesIO(PDF), name))
    assert found.send(sari).location.endswith("/isi/money")
    page = sari.get(f"{address}/first").text
    assert re.search(r'<img class="thumb" src="/berkas/\d+" alt="">', page)
    remove = re.findall(r'name="_remove" value="(papers-\d+)"', page)
    assert len(remove) == 2
    assert form(page).send(sari, _remove=remove[0]).location.endswith("#f-papers")
    money = form(sari.get(f"{address}/money").text).fill(price="500.000", pieces="3")
    assert money.send(sari).location.endswith("/isi/rows")
    assert "Rp\xa01.500.000" in sari.get(f"{address}/money").text, "worked out from what was typed"
    rows = form(sari.get(f"{address}/rows").text).fill(**{"items-0-what": "Meja", "items-0-pieces": "4"})
    assert rows.send(sari).status_code == 303
    checked = sari.get(f"/pengajuan/{number}/periksa").text
    for words in ("12,5", "40%", "https://contoh.id/gudang", "b.pdf", "Rp\xa01.500.000", "Meja, 4", "Satu<br>Dua"):
        assert words in checked, words
    assert "a.pdf" not in checked


def test_a_doubt_is_asked_once_and_other_values_ask_anew(sari: FlaskClient, number: str) -> None:
    address = f"/pengajuan/{number}/isi/money"
    refused = form(sari.get(address).text).fill(price="2.000.000", pieces="3").send(sari)
    assert refused.status_code == 422
    assert "Harganya besar: benarkah?" in refused.text
    [token] = re.findall(r'name="_sure" value="([^"]+)"', refused.text)
    assert form(refused.text).fill(_sure=token).send(sari).status_code == 303
    assert "_sure" not in sari.get(address).text
    again = form(sari.get(address).text).fill(price="3.000.000").send(sari)
    assert again.status_code == 422
    [other] = re.findall(r'name="_sure" value="([^"]+)"', again.text)
    assert other != token


def test_a_rule_across_fields_is_said_at_each_of_them_and_on_top(sari: FlaskClient, number: str) -> None:
    page = form(sari.get(f"/pengajuan/{number}/isi/first").text).fill(name="A", weight="2000").send(sari)
    assert page.status_code == 422
    assert 'id="f-weight-e"' in page.text
    assert 'id="f-share-e"' in page.text
    assert '<a href="#f-weight">Weight: Terlalu berat</a>' in page.text


def table(rows: int) -> str:
    """A table as a spreadsheet gives it, with its heading and one wrong cell."""
    lines = [f"{n}\tMeja {n}\t{n:013}\t21/12/2020\t50.000\tya" for n in range(1, rows + 1)]
    lines[min(rows, 400) - 1] = f"banyak\tKursi\t{7:013}\t21/12/2020\t50.000\tya"
    return "Pieces\tWhat\tCode\tBought\tPrice\tGood\n" + "\n".join(lines)


def test_a_pasted_table_becomes_rows_with_errors_at_their_cells(sari: FlaskClient, number: str) -> None:
    address = f"/pengajuan/{number}/isi/rows"
    page = form(sari.get(address).text).fill(**{"_paste-items": table(3)}).send(sari, _take="items")
    assert page.status_code == 422
    assert 'id="f-items-2-pieces-e"' in page.text
    assert "“banyak” bukan" in page.text
    mended = form(page.text).fill(**{"items-2-pieces": "5", "_paste-items": "What\tPieces\nLemari\t1"})
    assert mended.send(sari, _take="items").status_code == 303
    rows = raws(number)["items"]
    assert isinstance(rows, list)
    assert [row["what"] for row in rows] == ["Meja 1", "Meja 2", "Kursi", "Lemari"]
    assert rows[0]["good"] == "yes"
    strange = form(sari.get(address).text).fill(**{"_paste-items": "What\tPieces\tGood\nPot\t1\tmungkin"})
    page = strange.send(sari, _take="items")
    assert form(page.text).values["items-4-good"] == "mungkin", "what is none of the options stays to be seen"
    instead = form(sari.get(address).text).fill(**{"_paste-items": "Rak;;;1", "_instead-items": "1"})
    assert instead.send(sari).status_code == 303, "nothing that was pasted is lost, whichever button is pressed"
    assert [row["what"] for row in raws(number)["items"]] == ["Rak"]
    words = form(sari.get(address).text).fill(**{"_paste-items": "a;b;c;d;e;f;g;h;i;j"}).send(sari, _take="items")
    assert words.status_code == 422
    assert "kolom" in words.text


def test_what_was_taken_over_is_shown_and_what_was_not_is_said(sari: FlaskClient, number: str) -> None:
    address = f"/pengajuan/{number}/isi/rows"
    text = "What\tPieces\tPrise\tWhat\nMeja\t2\t900\tRak"
    sent = form(sari.get(address).text).fill(**{"_paste-items": text}).send(sari, _take="items")
    assert sent.location.endswith("/isi/rows#f-items-0")
    page = sari.get(sent.location).text
    assert "1 baris diambil alih." in page
    assert "Tidak ada kolom “Prise” di sini; isinya tidak diambil alih. Yang paling mirip: “Price”." in page
    assert "“What” ada dua kali" in page
    assert form(page).values["items-0-what"] == "Meja"
    again = form(page).fill(**{"_paste-items": "What\tPieces\nKursi\t1"}).send(sari)
    assert again.location.endswith("#f-items-1"), "whichever button is pressed"
    assert "baris diambil alih" in sari.get(again.location).text
    for pasted, said in (("", "Tempelkan baris"), ("What\tPieces", "tidak ada baris di bawahnya")):
        refused = form(sari.get(address).text).fill(**{"_paste-items": pasted}).send(sari, _take="items")
        assert refused.status_code == 422
        assert said in refused.text
    found = form(sari.get(address).text)
    found.values.add("_sheet-items", (io.BytesIO(b"\n"), "kosong.csv"))
    assert "Tidak ada isinya" in found.send(sari, _take="items").text


def test_a_spreadsheet_is_taken_and_what_is_none_is_refused(sari: FlaskClient, number: str) -> None:
    address = f"/pengajuan/{number}/isi/rows"
    found = form(sari.get(address).text)
    found.values.add("_sheet-items", (io.BytesIO(b"What,Pieces\nMeja,2\nRak,3\n"), "barang.csv"))
    assert found.send(sari, _take="items").status_code == 303
    assert [(row["what"], row["pieces"]) for row in raws(number)["items"]] == [("Meja", "2"), ("Rak", "3")]
    found = form(sari.get(address).text)
    found.values.add("_sheet-items", (io.BytesIO(b"PK\x03\x04 no sheet"), "barang.xlsx"))
    assert found.send(sari, _take="items").status_code == 422
    assert len(raws(number)["items"]) == 2


def test_five_hundred_rows_of_eight_columns_come_in_windows_that_lead_to_the_next_error(
    sari: FlaskClient, number: str
) -> None:
    address = f"/pengajuan/{number}/isi/rows"
    page = form(sari.get(address).text).fill(**{"_paste-items": table(500)}).send(sari, _take="items")
    assert page.status_code == 422
    assert 'id="f-items-399-pieces-e"' in page.text, "turned to the first row in which something is wrong"
    started = time.perf_counter()
    page = sari.get(f"{address}?baris=items-0&periksa=1")
    seconds = time.perf_counter() - started
    assert page.text.count('name="_seen" value="items-') == 50
    assert len(page.data) < 400_000
    assert seconds < 2
    assert "baris=items-399&amp;periksa=1#f-items-399" in page.text
    window = sari.get(f"{address}?baris=items-399").text
    assert 'name="items-350-what"' in window
    assert 'id="f-items-399-pieces-e"' in window
    values = form(window).fill(**{"items-399-pieces": "9"}).values
    row = {name: values[name] for name in values if name.startswith("items-399-")}
    mark = next(mark for mark in values.getlist("_seen") if mark.startswith("items-399:"))
    sent = {"csrf_token": values["csrf_token"], "_asked": "items", "_seen": mark, **row}
    started = time.perf_counter()
    assert sari.post(address, data=sent, headers=BACKGROUND).status_code == 200
    assert time.perf_counter() - started < 1
    assert len(str(sent)) < 2_000
    assert "perlu diperbaiki" not in sari.get(address).text
    kept = raws(number)["items"]
    assert isinstance(kept, list)
    assert (len(kept), kept[399]["pieces"], kept[398]["pieces"]) == (500, "9", "399")
    assert form(sari.get(f"{address}?baris=items-399").text).send(sari, _add="items").location.endswith("#f-items-500")


def test_what_is_published_is_shown_to_all(sari: FlaskClient, number: str, app: Flask) -> None:
    head = person("tirta@siskop.test", "Tirta Anggara", ("verifier", ""))
    values = {**FIRST, "items": [{"what": "Meja", "pieces": "4"}]}
    offices.fill(number, account(), "inventory", values, everything=False)
    door.perform(number, actor(account()), Command("act", "send"))
    door.perform(number, actor(head), Command("complete", "look"))
    offices.check()
    page = app.test_client().get("/inventaris/gudang-melati").text
    for words in ("12,5", "40%", 'href="https://contoh.id/gudang"', "Satu<br>Dua", "Meja, 4", "47112"):
        assert words in page, words
    assert "01.234.567" not in page

"""Letters through the real pages: signing many, printing, withdrawing, posts, and what everybody may ask."""

from __future__ import annotations

import html
import re

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import text

from siskop.base.db import unit_of_work
from siskop.jobs import drain
from siskop.letters import typeset
from tests import offices
from tests.offices import Office
from tests.visitors import keys, person, signed_in
from tests.worlds import World

assert typeset  # its job is known


@pytest.fixture
def office(world: World, app: Flask) -> Office:
    return offices.staff()


def letters() -> list[int]:
    with unit_of_work() as tx:
        return list(tx.execute(text("SELECT id FROM siskop.letter ORDER BY id")).scalars())


def code_of(letter: int) -> str:
    with unit_of_work() as tx:
        return str(tx.execute(text("SELECT code FROM siskop.letter WHERE id = :id"), {"id": letter}).scalar_one())


def said(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_head_signs_many_at_once_and_they_are_printed_as_one(app: Flask, office: Office) -> None:
    numbers = [offices.published(office, name=f"Koperasi Surat {n}")[0] for n in (1, 2, 3)]
    ids = letters()
    assert len(ids) == 3
    browser = signed_in(app, "ratna@siskop.test")
    assert "Surat untuk ditandatangani 3" in said(browser.get("/kantor").text)
    page = browser.get("/kantor/surat").text
    assert "Koperasi Surat 2" in page and 'name="surat"' in page and " checked" not in page
    assert browser.get("/kantor/surat?pilih=semua").text.count(" checked") == 3
    answer = browser.post("/kantor/surat/tanda-tangan", data={**keys(page), "surat": ids[:2]})
    assert answer.status_code == 303
    page = browser.get("/kantor/surat").text
    assert "2 surat sudah ditandatangani" in said(page) and "Koperasi Surat 3" in page
    drain.drain("publishing")
    page = browser.get("/kantor/surat?lihat=semua&keadaan=unprinted").text
    answer = browser.post("/kantor/surat/cetak", data={**keys(page), "semua": "1"})
    page = browser.get(answer.location).text
    address = re.search(r"/kantor/surat/cetak/\d+\.pdf", page)
    assert address
    run = browser.get(address[0])
    assert run.mimetype == "application/pdf" and len(pypdfium2.PdfDocument(run.data)) == 2
    assert signed_in(app, "adi@siskop.test").get(address[0]).status_code == 404
    page = browser.get(f"/kantor/pengajuan/{numbers[0]}").text
    assert "Sertifikat Pendaftaran" in page and "001-DKUKM" in page


def test_a_preview_says_that_it_is_a_draft_and_the_signed_one_does_not(app: Flask, office: Office) -> None:
    offices.published(office)
    (letter,) = letters()
    browser = signed_in(app, "ratna@siskop.test")
    shown = browser.get(f"/kantor/surat/{letter}.pdf")
    assert "KONSEP" in text_of(shown.data) and shown.headers["Content-Disposition"].startswith("inline")
    page = browser.get(f"/kantor/surat/{letter}").text
    browser.post("/kantor/surat/tanda-tangan", data={**keys(page), "surat": letter})
    drain.drain("publishing")
    assert "KONSEP" not in text_of(browser.get(f"/kantor/surat/{letter}.pdf").data)


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as found:
        return "\n".join(page.get_textpage().get_text_range() for page in found)


def sign_all(app: Flask) -> None:
    browser = signed_in(app, "ratna@siskop.test")
    page = browser.get("/kantor/surat").text
    browser.post("/kantor/surat/tanda-tangan", data={**keys(page), "surat": letters()})
    drain.drain("publishing")


def test_those_who_act_for_it_find_their_letter_and_nobody_else_does(app: Flask, office: Office) -> None:
    number, _record = offices.published(office)
    (letter,) = letters()
    browser = signed_in(app, "sari@siskop.test")
    assert browser.get(f"/surat/{letter}.pdf").status_code == 404  # not signed yet
    assert "Sertifikat" not in browser.get("/ruang").text
    sign_all(app)
    for page in ("/ruang", f"/pengajuan/{number}"):
        assert f'href="/surat/{letter}.pdf"' in browser.get(page).text
    assert browser.get(f"/surat/{letter}.pdf").mimetype == "application/pdf"
    person("lain@siskop.test", "Lain")
    for stranger, path in (("lain", f"/surat/{letter}.pdf"), ("sari", f"/surat/{'9' * 40}.pdf")):
        assert signed_in(app, f"{stranger}@siskop.test").get(path).status_code == 404


def test_everybody_may_ask_whether_a_letter_is_genuine(app: Flask, office: Office) -> None:
    offices.published(office, name="Koperasi Maju")
    sign_all(app)
    (letter,) = letters()
    visitor, code = app.test_client(), code_of(letter)
    assert visitor.get("/verifikasi").status_code == 200
    found = visitor.get(f"/verifikasi?kode={code.replace('-', '').lower()}", follow_redirects=True)
    assert found.status_code == 200 and "Set-Cookie" not in found.headers
    assert "Asli." in found.text and "Koperasi Maju" in found.text and "Ratna" not in found.text
    assert "Genuine." in visitor.get(f"/en/verifikasi/{code}").text
    for unknown in ("AAAA-BBBB", "<script>", "x" * 300):
        answer = visitor.get(f"/verifikasi/{unknown}")
        assert answer.status_code == 404 and "Tidak dikenal." in answer.text
    browser = signed_in(app, "ratna@siskop.test")
    page = browser.get(f"/kantor/surat/{letter}").text
    assert browser.post(f"/kantor/surat/{letter}/tarik", data={**keys(page), "alasan": " "}).status_code == 422
    assert browser.post(f"/kantor/surat/{letter}/tarik", data={**keys(page), "alasan": "Keliru"}).status_code == 303
    assert "Keliru" in browser.get(f"/kantor/surat/{letter}").text
    withdrawn = visitor.get(f"/verifikasi/{code}")
    assert withdrawn.status_code == 200 and "Ditarik pada" in withdrawn.text and "Keliru" not in withdrawn.text


def test_a_letter_of_another_area_is_no_page(app: Flask, office: Office) -> None:
    offices.published(office)
    (letter,) = letters()
    person("jauh@siskop.test", "Jauh", ("verifier", "99"))
    browser = signed_in(app, "jauh@siskop.test")
    for path in (f"/kantor/surat/{letter}", f"/kantor/surat/{letter}.pdf"):
        assert browser.get(path).status_code == 404
    page = browser.get("/kantor/surat?lihat=semua").text
    assert "Sertifikat Pendaftaran</a>" not in page
    page = browser.get("/kantor/wakil").text
    for act in ("tanda-tangan", f"{letter}/tarik"):
        answer = browser.post(f"/kantor/surat/{act}", data={**keys(page), "surat": letter, "alasan": "x"})
        assert answer.status_code == 404


def test_an_administrator_keeps_posts_and_ends_them(app: Flask, office: Office) -> None:
    browser = signed_in(app, "adi@siskop.test")
    page = browser.get("/kantor/jabatan").text
    wrong = {"orang": str(office.head), "title": "", "acting": "an", "from": ""}
    answer = browser.post("/kantor/jabatan", data={**keys(page), **wrong})
    assert answer.status_code == 422
    for sentence in ("Tulis nama jabatannya.", "Tulis atas nama siapa.", "Tulis hari pertama"):
        assert sentence in answer.text
    right = {"orang": str(office.head), "title": "Kepala Bidang", "acting": "plt", "nip": "1970", "from": "2020-01-01"}
    assert browser.post("/kantor/jabatan", data={**keys(page), **right}).status_code == 303
    page = browser.get("/kantor/jabatan").text
    assert "Plt. Kepala Bidang" in page
    offices.published(office)
    assert "Plt. Kepala Bidang" in signed_in(app, "ratna@siskop.test").get("/kantor/surat").text
    ending = re.search(r"/kantor/jabatan/\d+/akhiri", page)
    assert ending
    assert browser.post(ending[0], data=keys(page)).status_code == 303
    assert "Plt. Kepala Bidang" not in browser.get("/kantor/jabatan").text
    assert browser.post(ending[0], data=keys(browser.get("/kantor/jabatan").text)).status_code == 404
    assert signed_in(app, "ratna@siskop.test").get("/kantor/jabatan").status_code == 403

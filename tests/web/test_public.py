"""Public pages: what stands on them, what does not, and how they may be kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from siskop.base.db import unit_of_work
from siskop.submissions.definitions import library
from tests.register.kinds import open_to_all, published
from tests.worlds import World

GOOD: dict[str, Any] = {
    "name": "Koperasi Simpan Pinjam <b>Mawar</b>",
    "legal_number": "518/042/BH/DINKOP",
    "kind": None,
    "kelurahan": "36.74.06.1001",
    "phone": "+6281200001482",
    "members_men": 1204,
    "turnover": 3412750000,
    "has_licence": True,
    "licence_expires": "2026-12-21",
    "last_report_year": 2025,
    "licence_scan": {"id": 7, "name": "izin.pdf", "type": "application/pdf", "size": 3},
    "officers": [{"full_name": "Wulan K.", "post": None, "nik": "3674014107800001", "mobile": "+6281200007777"}],
}


@pytest.fixture(autouse=True)
def register(world: World) -> Iterator[None]:
    open_to_all(world)
    yield


def put(record_id: int | None = None, base: int = 0, **more: Any) -> int:
    kind = library().kinds["cooperative"]
    soon = {"licence_expires": (date.today() + timedelta(days=30)).isoformat(), "last_report_year": date.today().year}
    with unit_of_work() as tx:
        return published(tx, {**GOOD, **soon, **more}, record_id, base=base, kind=kind)[0]


def words(answer: TestResponse) -> str:
    """What a reader sees, on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)))


def test_an_entry_shows_badges_with_reasons_and_public_fields_by_their_type(browser: FlaskClient) -> None:
    put()
    answer = browser.get("/koperasi/koperasi-simpan-pinjam-b-mawar-b")
    shown = words(answer)
    assert "Izin akan berakhir" in shown
    assert "Rp 3.412.750.000" in shown
    assert "0812-0000-1482" in shown
    assert "Wulan K." in shown
    assert "&lt;b&gt;Mawar" in answer.get_data(as_text=True)
    for private in ("3674014107800001", "izin.pdf", "0812-0000-7777"):
        assert private not in shown


def test_what_is_not_known_never_looks_like_an_answer(browser: FlaskClient) -> None:
    put(has_licence=None, licence_expires=None, last_report_year=None)
    shown = words(browser.get("/koperasi/koperasi-simpan-pinjam-b-mawar-b"))
    assert "Izin belum diketahui" in shown
    assert "Keaktifan belum diketahui" in shown
    assert "Belum diketahui" in shown


def test_versions_show_the_data_as_it_was_and_what_changed(browser: FlaskClient) -> None:
    record_id = put()
    put(record_id, base=1, phone="+6281200009999")
    page = "/koperasi/koperasi-simpan-pinjam-b-mawar-b"
    assert "Versi 2 : Telepon kantor" in words(browser.get(page))
    second, first = words(browser.get(f"{page}/versi/2")), words(browser.get(f"{page}/versi/1"))
    assert "Sebelumnya: 0812-0000-1482" in second
    assert "Menjadi: 0812-0000-9999" in second
    assert "Lihat data yang berlaku sekarang" in first
    assert "0812-0000-9999" not in first
    for number in ("3", "0", "99999999999999999999", "x"):
        assert browser.get(f"{page}/versi/{number}").status_code == 404


def test_the_directory_shows_twenty_a_page_and_leads_on(browser: FlaskClient) -> None:
    for number in range(23):
        put(name=f"Koperasi Nomor {number:02}")
    first = browser.get("/koperasi")
    links = re.findall(r'href="/koperasi/([^"?]+)"', first.get_data(as_text=True))
    assert len(set(links)) == 20
    following = re.search(r'href="([^"]+)" rel="next"', first.get_data(as_text=True))
    assert following
    second = browser.get(following[1].replace("&amp;", "&"))
    assert len(re.findall(r'href="/koperasi/koperasi-nomor', second.get_data(as_text=True))) == 3
    assert "23 ditemukan" in words(second)


def test_a_directory_in_which_nothing_is_published_says_so(browser: FlaskClient) -> None:
    assert "Belum ada yang dipublikasikan" in words(browser.get("/koperasi"))
    assert "Tidak ada yang cocok" in words(browser.get("/koperasi?q=zzz"))


def test_search_and_filters_go_together_and_can_be_taken_off(browser: FlaskClient) -> None:
    put(name="Koperasi Mawar")
    put(name="KSP Mawar Merah", kelurahan="36.74.03.1001")
    answer = browser.get("/koperasi?q=simpan+pinjam+mawar&kelurahan=36.74.03&nonsense=1")
    assert "1 ditemukan" in words(answer)
    assert 'href="/koperasi?q=simpan+pinjam+mawar"' in answer.get_data(as_text=True)
    assert browser.get("/koperasi?licence=²").status_code == 200
    nothing = browser.get("/koperasi?q=zzz")
    assert "Tidak ada yang cocok" in words(nothing)


@pytest.mark.parametrize(
    "path",
    ["/tidak-ada", "/koperasi/tidak-ada", "/koperasi/tidak-ada/versi/1", "/koperasi/%00", "/koperasi/a/b", "/a/b/c/d"],
)
def test_what_does_not_exist_is_one_designed_page(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "Halaman ini tidak ada" in words(answer)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/koperasi", "/koperasi/koperasi-simpan-pinjam-b-mawar-b"])
def test_pages_may_be_kept_for_a_minute_and_are_asked_for_again_by_tag(browser: FlaskClient, path: str) -> None:
    record_id = put()
    first = browser.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in first.headers
    again = browser.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = browser.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    put(record_id, base=1, phone="+6281200009999")
    assert browser.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_same_address_under_en_speaks_english_and_stays_there(browser: FlaskClient) -> None:
    put()
    answer = browser.get("/en/koperasi?q=mawar")
    page = answer.get_data(as_text=True)
    assert '<html lang="en">' in page
    assert "1 found" in words(answer)
    assert 'href="/en/koperasi/koperasi-simpan-pinjam-b-mawar-b"' in page
    assert 'href="/koperasi?q=mawar" lang="id"' in page


def test_home_counts_what_is_there_and_says_what_is_new(browser: FlaskClient) -> None:
    empty = words(browser.get("/"))
    assert "Belum ada yang dipublikasikan" in empty
    put()
    shown = words(browser.get("/"))
    assert re.search(r"terdaftar 1 Sudah diperiksa kantor dan dipublikasikan\. Per \d+ \w+ \d{4}\.", shown)
    assert "terdaftar untuk pertama kali" in shown


def test_no_link_leads_nowhere(browser: FlaskClient) -> None:
    put()
    for path in ("/", "/koperasi", "/koperasi/koperasi-simpan-pinjam-b-mawar-b", "/tidak-ada"):
        page = browser.get(path).get_data(as_text=True)
        assert 'href="#"' not in page
        assert not re.search(r'\bstyle="|<script(?![^>]*\bsrc=)|\bon\w+="', page)
        for anchor in re.findall(r'href="#([^"]+)"', page):
            assert f'id="{anchor}"' in page

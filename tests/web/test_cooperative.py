"""The cooperative's room through its pages, without a script: start, fill in, prove, check, send, look."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siskop.base.db import unit_of_work
from siskop.submissions import answers, definitions, drafts, view
from tests.offices import PDF, actor, seen
from tests.visitors import keys, person, signed_in
from tests.web.browsing import form, forms

AREA = "36.74.01.1001"
OFFICERS = {
    f"officers-{n}-{column}": value
    for n, (name, post, nik) in enumerate(
        [
            ("Wulan", "ketua", "3674014107800001"),
            ("Darma", "sekretaris", "3674010107800002"),
            ("Yusra", "bendahara", "3674010207800003"),
        ]
    )
    for column, value in (("full_name", name), ("post", post), ("nik", nik), ("mobile", ""))
}
PAGES = {
    "identity": {"name": "Koperasi  Jasa\nSekar Melati", "legal_number": ""},
    "contact": {"address": "Jl. Melati 1", "kelurahan": AREA, "phone": "0812 3456 7890", "email": ""},
    "business": {"activities": ["simpan-pinjam"]},
    "members": {"members_men": "204", "members_women": "308"},
    "licence": {"has_licence": "no"},
    "people": OFFICERS,
    "book_year": {},
    "last_report": {"last_report_year": ""},
    **{page: {} for page in ("certificate", "profile", "places", "for_the_office")},  # nothing of it is required
}


@pytest.fixture
def secretary(app: Flask) -> Iterator[FlaskClient]:
    person("sari@siskop.test", "Sari Wulandari")
    yield signed_in(app, "sari@siskop.test")


def begin(browser: FlaskClient, workflow: str = "cooperative") -> str:
    """Starts a new one from the home page: its number."""
    home = browser.get("/ruang").text
    response = form(home, f"/ruang/mulai/{workflow}").send(browser)
    assert response.status_code == 303
    return re.findall(r"/pengajuan/([^/]+)/isi", response.location)[0]


def filled(page: str) -> dict[str, object]:
    """The answers of a page, with the first choice of its lists."""
    choices = {
        f.name: f.choices[0].code for f in definitions.library().kinds["cooperative"].fields.values() if f.choices
    }
    posts = {c.code for c in definitions.library().kinds["cooperative"].fields["officers"].of["post"].choices}
    given: dict[str, object] = dict(PAGES[page])
    given |= {name: sorted(posts)[0] for name in given if name.endswith("-post")}
    extra = {"business": ("kind", "level"), "book_year": ("book_year_start",)}.get(page, ())
    given |= {name: choices[name] for name in extra}
    if page == "business":
        given["activities"] = [choices["activities"]]
    return given


def fill_in(browser: FlaskClient, number: str, page: str, **given: object) -> str:
    """Fills a page and goes on: the address one is led to."""
    address = f"/pengajuan/{number}/isi/{page}"
    response = form(browser.get(address).text).fill(**(filled(page) | given)).send(browser)
    assert response.status_code == 303, re.findall(r'class="error".*?</p>', response.text)
    return response.location


def fill_all(browser: FlaskClient, number: str) -> None:
    for page in PAGES:
        fill_in(browser, number, page)


def prove(browser: FlaskClient, number: str) -> None:
    found = form(browser.get(f"/pengajuan/{number}/bukti").text, "/bukti")
    found.values.add("bukti", (io.BytesIO(PDF), "SK pengurus.pdf"))
    assert found.send(browser).status_code == 303


def send(browser: FlaskClient, number: str) -> str:
    found = form(browser.get(f"/pengajuan/{number}/periksa").text, "/periksa")
    response = found.fill(benar="1").send(browser)
    assert response.status_code == 303, response.text
    return response.location


def test_an_empty_home_says_what_will_stand_there_and_offers_to_begin(secretary: FlaskClient) -> None:
    page = secretary.get("/ruang")
    assert page.status_code == 200
    assert "Belum ada yang dikirim." in page.text
    assert "/ruang/mulai/cooperative" in [found.action for found in forms(page.text)]


def test_starting_again_leads_to_the_open_draft_which_the_home_page_shows_with_its_age(secretary: FlaskClient) -> None:
    number = begin(secretary)
    home = secretary.get("/ruang").text
    assert "Belum dikirim" in home
    assert number in home
    response = secretary.post("/ruang/mulai/cooperative", data=keys(home))
    assert response.location.endswith(f"/pengajuan/{number}/isi")


def test_the_whole_road_from_the_first_page_to_the_receipt(secretary: FlaskClient) -> None:
    number = begin(secretary)
    assert fill_in(secretary, number, "identity").endswith("/isi/contact")
    overview = secretary.get(f"/pengajuan/{number}/isi").text
    assert "1 dari 13 halaman selesai." in overview
    assert "Belum bisa" in overview
    for page in list(PAGES)[1:]:
        last = fill_in(secretary, number, page)
    assert last.endswith("/bukti"), "what is left is the proof"
    assert "Belum dapat dikirim" in secretary.get(f"/pengajuan/{number}/periksa").text
    prove(secretary, number)
    checked = secretary.get(f"/pengajuan/{number}/periksa").text
    assert "Koperasi Jasa Sekar Melati" in checked
    assert "0812-3456-7890" in checked
    location = send(secretary, number)
    receipt = secretary.get(location).text
    assert "Pengajuan terkirim" in receipt
    assert number in receipt
    assert "menunggu pemeriksaan otomatis" in receipt
    assert "sari@siskop.test" in receipt


def test_what_is_typed_wrongly_is_kept_shown_and_listed_on_top(secretary: FlaskClient) -> None:
    number = begin(secretary)
    page = secretary.get(f"/pengajuan/{number}/isi/identity").text
    response = form(page).fill(name="", nib="912040118362").send(secretary)
    assert response.status_code == 422
    assert "<title>Kesalahan: Nama dan badan hukum" in response.text
    assert '<a href="#f-name">Nama koperasi: Belum diisi</a>' in response.text
    assert '<a href="#f-nib">Nomor induk berusaha (NIB): 12 angka, perlu 13</a>' in response.text
    assert 'value="912040118362"' in response.text
    again = secretary.get(f"/pengajuan/{number}/isi/identity").text
    assert 'value="912040118362"' in again, "it was stored as it was typed"
    assert "12 angka, perlu 13" in again
    assert "Perlu diperbaiki" in secretary.get(f"/pengajuan/{number}/isi").text


def test_a_question_that_an_answer_opens_is_asked_before_one_goes_on(secretary: FlaskClient) -> None:
    number = begin(secretary)
    location = fill_in(secretary, number, "identity", legal_number="AHU-1")
    assert location.endswith("/isi/identity#f-legal_date")
    page = secretary.get(f"/pengajuan/{number}/isi/identity").text
    assert 'name="legal_date-d"' in page
    response = form(page).fill(**{"legal_date-d": "21", "legal_date-m": "12", "legal_date-y": "2020"}).send(secretary)
    assert response.location.endswith("/isi/contact")


def test_what_does_not_apply_is_ignored_and_a_licence_brings_its_questions(secretary: FlaskClient) -> None:
    number = begin(secretary)
    page = secretary.get(f"/pengajuan/{number}/isi/licence").text
    assert page.index('value="yes"') < page.index('class="reveal"') < page.index('name="licence_number"')
    response = form(page).fill(has_licence="yes").send(secretary)
    assert response.status_code == 422
    assert "f-licence_scan" in response.text
    response = form(page).fill(has_licence="no", licence_number="503/1").send(secretary)
    assert response.status_code == 303


def test_rows_are_added_and_removed_by_buttons_and_nothing_typed_is_lost(secretary: FlaskClient) -> None:
    number = begin(secretary)
    address = f"/pengajuan/{number}/isi/people"
    page = secretary.get(address).text
    assert page.count('class="repeat"') == 3
    response = form(page).fill(**{"officers-0-full_name": "Wulan"}).send(secretary, _add="officers")
    assert response.location.endswith("/isi/people#f-officers-3")
    page = secretary.get(address).text
    assert page.count('class="repeat"') == 4
    assert 'value="Wulan"' in page
    response = form(page).fill(**{"officers-3-full_name": "Yusra"}).send(secretary, _remove="officers-0")
    page = secretary.get(address).text
    assert page.count('class="repeat"') == 3
    assert 'value="Wulan"' not in page
    assert 'name="officers-2-full_name" autocomplete="off" value="Yusra"' in page or 'value="Yusra"' in page


def test_a_file_is_taken_shown_and_removed_and_a_wrong_one_is_refused_with_the_limit(secretary: FlaskClient) -> None:
    number = begin(secretary)
    address = f"/pengajuan/{number}/isi/licence"
    found = form(secretary.get(address).text).fill(has_licence="yes", licence_number="503/1")
    found.values.add("licence_scan", (io.BytesIO(b"MZ not a scan"), "izin.pdf"))
    response = found.send(secretary)
    assert response.status_code == 422
    assert 'value="503/1"' in response.text
    assert re.search(r'id="f-licence_scan-e"', response.text)
    found = form(response.text)
    found.values.add("licence_scan", (io.BytesIO(PDF), "izin usaha.pdf"))
    assert found.send(secretary, _later="1").status_code == 303
    page = secretary.get(address).text
    assert "izin usaha.pdf" in page
    assert form(page).send(secretary, _remove="licence_scan").status_code == 303
    assert "izin usaha.pdf" not in secretary.get(address).text


def test_saving_for_later_keeps_and_says_so(secretary: FlaskClient) -> None:
    number = begin(secretary)
    response = form(secretary.get(f"/pengajuan/{number}/isi/contact").text).fill(phone="08").send(secretary, _later="1")
    assert response.location.endswith("/isi")
    assert "Tersimpan. Anda dapat melanjutkan nanti" in secretary.get(response.location).text
    assert 'value="08"' in secretary.get(f"/pengajuan/{number}/isi/contact").text


def test_a_save_in_the_background_keeps_only_what_changed_and_never_overwrites_newer_words(
    secretary: FlaskClient,
) -> None:
    number = begin(secretary)
    page = secretary.get(f"/pengajuan/{number}/isi/contact").text
    late = form(page).fill(address="Jl. Lama")
    headers = {"X-Autosave": "1", "Accept": "application/json"}
    first = secretary.post(late.action, data=form(page).fill(address="Jl. Me").values, headers=headers)
    assert re.fullmatch(r"\d\d\.\d\d", first.json["saved"])
    assert list(first.json["seen"]) == ["address"]
    second = form(page).fill(address="Jl. Melati 1", _asked="address", _sure="x", _seen=first.json["seen"]["address"])
    assert secretary.post(second.action, data=second.values, headers=headers).status_code == 200
    assert secretary.post(late.action, data=late.values, headers=headers).status_code == 409
    with unit_of_work() as tx:
        raws = answers.raws(tx, seen(number, _account(number)).id)
    assert raws == {"address": "Jl. Melati 1", "_sure": ["x"]}


BACKGROUND = {"X-Autosave": "1", "Accept": "application/json"}


def row_of(html: str, n: int, **typed: str) -> dict[str, object]:
    """What the script sends for one row of the officers: the row alone, with its mark."""
    values = form(html).fill(**{f"officers-{n}-{column}": text for column, text in typed.items()}).values
    mark = next(mark for mark in values.getlist("_seen") if mark.startswith(f"officers-{n}:"))
    cells = {name: values[name] for name in values if name.startswith(f"officers-{n}-")}
    return {"csrf_token": values["csrf_token"], "_asked": "officers", "_seen": mark, **cells}


def officers(number: str) -> list[str]:
    with unit_of_work() as tx:
        return [row.get("full_name", "") for row in answers.raws(tx, seen(number, _account(number)).id)["officers"]]


def test_a_row_is_kept_by_itself_and_a_late_or_repeated_save_makes_no_second_one(secretary: FlaskClient) -> None:
    number = begin(secretary)
    address = f"/pengajuan/{number}/isi/people"
    page = secretary.get(address).text
    first = row_of(page, 1, full_name="Dar")
    for _again in range(2):
        assert secretary.post(address, data=first, headers=BACKGROUND).status_code == 200
    assert officers(number) == ["", "Dar"]
    assert secretary.post(address, data=row_of(page, 0, full_name="Wulan"), headers=BACKGROUND).status_code == 200
    assert secretary.post(address, data=row_of(page, 1, full_name="Darma"), headers=BACKGROUND).status_code == 409
    assert officers(number) == ["Wulan", "Dar"]
    pressed = form(page).fill(**{"officers-0-full_name": "Wulan", "officers-1-full_name": "Darma"})
    assert pressed.send(secretary, _later="1").status_code == 303, (
        "a button sends what stands there, the last letter too"
    )
    assert officers(number) == ["Wulan", "Darma"]


def test_two_colleagues_fill_rows_of_one_list_and_neither_loses_a_row(app: Flask, secretary: FlaskClient) -> None:
    from siskop.accounts import memberships

    number = begin(secretary)
    address = f"/pengajuan/{number}/isi/people"
    filled_in = form(secretary.get(address).text).fill(
        **{f"officers-{n}-full_name": name for n, name in enumerate("ABC")}
    )
    assert filled_in.send(secretary, _later="1").status_code == 303
    with unit_of_work() as tx:
        colleague = person("dewi@siskop.test", "Dewi")
        memberships.claim(tx, colleague, view.load(tx, number, actor(_account(number))).record_id)
    other = signed_in(app, "dewi@siskop.test")
    mine, theirs = secretary.get(address).text, other.get(address).text
    assert form(theirs).send(other, _remove="officers-0").status_code == 303
    assert officers(number) == ["B", "C"]
    changed = form(mine).fill(**{"officers-2-full_name": "Cahya"})
    assert changed.send(secretary, _later="1").status_code == 303, "the row is found where it is now"
    assert officers(number) == ["B", "Cahya"]
    gone = form(mine).fill(**{"officers-0-full_name": "Ayu"}).send(secretary, _later="1")
    assert gone.status_code == 409
    assert "Ayu" in gone.text
    assert officers(number) == ["B", "Cahya"]


def test_a_row_is_moved(secretary: FlaskClient) -> None:
    number = begin(secretary)
    address = f"/pengajuan/{number}/isi/people"
    page = form(secretary.get(address).text).fill(**{f"officers-{n}-full_name": name for n, name in enumerate("ABC")})
    assert page.send(secretary, _move="officers-2-up").location.endswith("#f-officers-1")
    assert officers(number) == ["A", "C", "B"]
    assert form(secretary.get(address).text).send(secretary, _move="officers-0-up").status_code == 303
    assert form(secretary.get(address).text).send(secretary, _move="officers-0-down").status_code == 303
    assert officers(number) == ["C", "A", "B"]


def test_a_colleagues_words_are_not_overwritten(app: Flask, secretary: FlaskClient) -> None:
    from siskop.accounts import memberships

    number = begin(secretary)
    colleague = person("dewi@siskop.test", "Dewi")
    with unit_of_work() as tx:
        memberships.claim(tx, colleague, view.load(tx, number, actor(_account(number))).record_id)
    other = signed_in(app, "dewi@siskop.test")
    address = f"/pengajuan/{number}/isi/contact"
    mine, theirs = form(secretary.get(address).text), form(other.get(address).text)
    assert theirs.fill(address="Jl. Dewi 2", phone="0812").send(other, _later="1").status_code == 303
    assert mine.fill(email="a@b.test").send(secretary, _later="1").status_code == 303, "another field is no conflict"
    refused = mine.fill(address="Jl. Sari 1").send(secretary)
    assert refused.status_code == 409
    assert "Jl. Sari 1" in refused.text
    assert 'value="Jl. Dewi 2"' in secretary.get(address).text


def test_it_is_not_sent_without_the_statement_and_twice_is_once(secretary: FlaskClient) -> None:
    number = begin(secretary)
    fill_all(secretary, number)
    prove(secretary, number)
    page = form(secretary.get(f"/pengajuan/{number}/periksa").text, "/periksa")
    refused = page.send(secretary)
    assert refused.status_code == 422
    assert 'href="#benar"' in refused.text
    found = form(refused.text, "/periksa").fill(benar="1")
    first, second = found.send(secretary), found.send(secretary)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert seen(number, _account(number)).case.revisions == 1


def test_what_was_changed_since_one_looked_is_not_sent_unseen(secretary: FlaskClient) -> None:
    number = begin(secretary)
    fill_all(secretary, number)
    prove(secretary, number)
    looked = form(secretary.get(f"/pengajuan/{number}/periksa").text, "/periksa").fill(benar="1")
    with unit_of_work() as tx:
        drafts.save(tx, number, actor(_account(number)), {"main_product": "Kue kering"})
    again = looked.send(secretary)
    assert again.status_code == 409
    assert "Kue kering" in again.text and "berubah sejak Anda melihat" in again.text
    assert form(again.text, "/periksa").fill(benar="1").send(secretary).status_code == 303


def test_a_sent_one_is_not_edited_and_may_be_taken_back_until_the_office_began(secretary: FlaskClient) -> None:
    number = begin(secretary)
    fill_all(secretary, number)
    prove(secretary, number)
    send(secretary, number)
    assert secretary.get(f"/pengajuan/{number}/isi").location.endswith(f"/pengajuan/{number}")
    status = secretary.get(f"/pengajuan/{number}").text
    assert f"/pengajuan/{number}/tindakan/withdraw" in status
    page = form(secretary.get(f"/pengajuan/{number}/tindakan/withdraw").text, "/tindakan/")
    assert page.send(secretary).status_code == 303
    assert "Ditarik" in secretary.get(f"/pengajuan/{number}").text


def test_nobody_else_sees_it_and_unknown_looks_the_same(app: Flask, secretary: FlaskClient) -> None:
    number = begin(secretary)
    staff_of = staff_without_secretary()
    stranger = signed_in(app, staff_of)
    for path in ("", "/isi", "/isi/identity", "/periksa", "/bukti", "/perbaikan"):
        assert stranger.get(f"/pengajuan/{number}{path}").status_code == 404
        assert stranger.get(f"/pengajuan/PGJ-2026-000000-0{path}").status_code == 404


def test_english_is_complete(secretary: FlaskClient) -> None:
    number = begin(secretary)
    page = secretary.get(f"/en/pengajuan/{number}/isi/identity").text
    assert "Save and go on" in page
    assert "Name of the cooperative" in page
    assert f'action="/en/pengajuan/{number}/isi/identity"' in page


def staff_without_secretary() -> str:
    person("orang@siskop.test", "Orang Lain")
    return "orang@siskop.test"


def _account(number: str) -> int:
    from siskop.accounts import people

    with unit_of_work() as tx:
        found = people.find(tx, "sari@siskop.test")
    assert found is not None
    return found

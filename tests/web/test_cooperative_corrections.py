"""What the office asked, and an update of what is published, as the cooperative meets them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siskop.accounts import memberships
from siskop.base.db import unit_of_work
from tests.offices import Office, ask, check, published, seen, send_back, sent, staff, upload
from tests.visitors import signed_in
from tests.web.browsing import form
from tests.worlds import World

ADDRESS = "sari@siskop.test"


@pytest.fixture
def office(app: Flask) -> Office:
    return staff()


@pytest.fixture
def returned(office: Office) -> str:
    """Sent, and sent back with two requests."""
    number = sent(office.secretary)
    with unit_of_work() as tx:
        file = upload(office.secretary, number, "SK pengurus.pdf")
        memberships.claim(tx, office.secretary, seen(number, office.secretary).record_id, int(file["id"]))
    ask(number, office, "licence_number", "Nomor pada berkas lain: samakan.")
    ask(number, office, "members_men", "Mohon periksa jumlahnya.")
    send_back(number, office)
    return number


def browser(app: Flask) -> FlaskClient:
    return signed_in(app, ADDRESS)


def test_the_mails_button_opens_the_first_asked_field_marked_and_alone(app: Flask, returned: str) -> None:
    sari = browser(app)
    home = sari.get("/ruang").text
    assert "Giliran Anda: perbaiki 2 isian" in home
    location = sari.get(f"/pengajuan/{returned}/perbaikan").location
    assert location.endswith("/isi/members#f-members_men")
    page = sari.get(location.partition("#")[0]).text
    assert "Mohon periksa jumlahnya." in page
    assert 'name="members_men"' in page
    assert 'name="members_women"' not in page
    whole = sari.get(location.partition("#")[0] + "?semua=1").text
    assert 'name="members_women"' in whole


def test_another_value_or_a_word_is_an_answer_and_then_it_can_be_sent(app: Flask, returned: str) -> None:
    sari = browser(app)
    members, licence = f"/pengajuan/{returned}/isi/members", f"/pengajuan/{returned}/isi/licence"
    same = form(sari.get(members).text).send(sari)
    asked = sari.get(same.location).location
    assert asked.endswith("#f-members_men"), "nothing was answered: the first one is still asked"
    changed = form(sari.get(members).text).fill(members_men="21").send(sari)
    assert changed.location.endswith("/perbaikan")
    assert "permintaan perbaikan dijawab" in sari.get(f"/pengajuan/{returned}/periksa").text
    page = sari.get(licence).text
    [correction] = re.findall(r'name="_explain-(\d+)"', page)
    said = form(page).fill(**{f"_explain-{correction}": "Sudah sama dengan berkas."}).send(sari)
    assert said.location.endswith("/periksa")
    checked = sari.get(f"/pengajuan/{returned}/periksa")
    assert "Anda perbaiki" in checked.text
    assert form(checked.text, "/periksa").fill(benar="1").send(sari).status_code == 303
    check()
    after = seen(returned, 1)
    assert after.case.revisions == 2
    assert {c.status for c in after.corrections} == {"answered"}
    assert after.proposed["members_men"] == 21


def test_the_list_of_pages_marks_just_what_is_asked(app: Flask, returned: str) -> None:
    page = browser(app).get(f"/pengajuan/{returned}/isi").text
    assert page.count("Diminta petugas") == 2 or page.count("status you") == 2
    assert "Belum bisa" in page


def test_an_update_begins_prefilled_and_marks_what_differs(app: Flask, office: Office) -> None:
    _number, record = published(office, name="Koperasi Maju")
    sari = browser(app)
    home = sari.get("/ruang").text
    assert "Koperasi Maju" in home
    found = re.findall(r'action="(/ruang/mulai/\w+)"', home)
    assert {"/ruang/mulai/cooperative", "/ruang/mulai/licence"} <= set(found)
    start = form(home, "/ruang/mulai/cooperative")
    assert start.values["record"] == str(record)
    number = re.findall(r"/pengajuan/([^/]+)/isi", start.send(sari).location)[0]
    page = sari.get(f"/pengajuan/{number}/isi/members").text
    assert 'value="10"' in page
    assert form(page).fill(members_men="12").send(sari).status_code == 303
    checked = sari.get(f"/pengajuan/{number}/periksa").text
    assert checked.count("Berubah") == 2, "the answer, and the total that is worked out from it"
    assert "Bukti" not in checked, "an update needs no proof"
    assert form(checked, "/periksa").fill(benar="1").send(sari).status_code == 303
    assert seen(number, office.secretary).case.authors == {office.secretary}


def test_a_published_one_says_so_and_leads_to_what_the_public_sees(app: Flask, office: Office) -> None:
    number, _record = published(office, name="Koperasi Maju")
    sari = browser(app)
    status = sari.get(f"/pengajuan/{number}").text
    assert "Dipublikasikan" in status
    assert 'href="/koperasi/koperasi-maju"' in status
    home = sari.get("/ruang").text
    assert 'href="/koperasi/koperasi-maju"' in home
    assert "Tidak ada yang menunggu Anda." in home


def test_an_old_draft_says_how_old_it_is(app: Flask, office: Office, world: World) -> None:
    sari = browser(app)
    form(sari.get("/ruang").text, "/ruang/mulai/").send(sari)
    world.move_clock(timedelta(days=6))
    assert "6 hari lalu" in signed_in(app, ADDRESS).get("/ruang").text

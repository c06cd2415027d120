"""Steps for those who act for a record: whose turn it is, what they answer, what their silence does; and what is left
on the pages once the record is withdrawn."""

from __future__ import annotations

import html

from flask import Flask
from sqlalchemy import text

from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.submissions import door
from tests import offices
from tests.visitors import person, signed_in


def _account(email: str) -> int:
    with unit_of_work() as tx:
        return int(
            tx.execute(text("SELECT id FROM siskop.account WHERE email = :email"), {"email": email}).scalar_one()
        )


def _asked_for_access(office: offices.Office) -> str:
    newcomer = person("baru@siskop.test", "Baru Sekali")
    _number, record = offices.published(office, name="Koperasi Melati")
    number = door.start("access", offices.actor(newcomer), record)
    offices.fill(number, newcomer, "access", {})
    offices.prove(number, newcomer)
    door.perform(number, offices.actor(newcomer), Command("act", "submit"))
    return number


def _closing(office: offices.Office) -> str:
    person("oka@siskop.test", "Oka", ("officer", ""))
    _number, record = offices.published(office, name="Koperasi Melati")
    number = door.start("closure", offices.actor(office.verifier), record)
    offices.fill(number, office.verifier, "closure", {})
    door.perform(number, offices.actor(office.verifier), Command("act", "propose"))
    return number


def _heard(number: str, office: offices.Office) -> None:
    seen = {"still_there": "no", "business_seen": "no", "visit_notes": "Kosong."}
    door.perform(number, offices.actor(_account("oka@siskop.test")), Command("complete", "site_visit"), form=seen)
    door.perform(number, offices.actor(office.secretary), Command("vote", "hearing", {"ballot": "for"}))


def test_who_acts_for_the_record_reads_that_it_is_their_turn_and_by_when(app: Flask) -> None:
    number = _asked_for_access(offices.staff())
    home = signed_in(app, "sari@siskop.test").get("/ruang").text
    assert "Giliran Anda: Tanggapan pemegang akses" in home
    assert "Jawaban Anda ditunggu paling lambat" in home
    assert "Anda tidak perlu melakukan apa pun" not in home
    assert home.index("Yang dikirim orang lain") < home.index(number, home.index("Yang dikirim orang lain"))
    assert number not in home[home.index("Yang sudah Anda kirim") :].partition("</section>")[0]


def test_their_page_says_what_a_button_answers_and_what_silence_does(app: Flask) -> None:
    number = _asked_for_access(offices.staff())
    due = next(run.due for run in offices.seen(number, _account("sari@siskop.test")).case.runs.values())
    page = html.unescape(signed_in(app, "sari@siskop.test").get(f"/pengajuan/{number}").text)
    assert "Giliran Anda: Tanggapan pemegang akses" in page
    assert "Setujui: Akses ke koperasi" in page and "Tidak setuju: Akses ke koperasi" in page
    assert f"Tanpa jawaban sampai {due.day if due else ''} " in page
    assert "menunggu diambil petugas" not in page


def test_the_others_read_whose_answer_is_awaited(app: Flask) -> None:
    number = _asked_for_access(offices.staff())
    page = signed_in(app, "baru@siskop.test").get(f"/pengajuan/{number}").text
    assert "Giliran mereka yang bertindak untuknya: Tanggapan pemegang akses" in page
    assert "Tanpa jawaban sampai" not in page


def test_who_began_it_for_the_office_is_not_asked_in_the_place_of_the_record(app: Flask) -> None:
    office = offices.staff()
    number = _closing(office)
    assert offices.seen(number, office.secretary).turn.whose == "you"
    turn = offices.seen(number, office.verifier).turn
    assert turn.whose == "office" and turn.heading == "Giliran kantor: Kunjungan lapangan, Petugas lapangan"


def test_a_decision_that_takes_something_out_of_the_register_says_so_before(app: Flask) -> None:
    office = offices.staff()
    number = _closing(office)
    _heard(number, office)
    page = html.unescape(signed_in(app, "ratna@siskop.test").get(f"/kantor/pengajuan/{number}").text)
    assert "Setujui: Bubarkan. Data ditarik dari daftar publik" in page


def test_what_is_withdrawn_has_no_badges_and_nothing_to_begin(app: Flask) -> None:
    office = offices.staff()
    number = _closing(office)
    _heard(number, office)
    door.perform(number, offices.actor(office.head), Command("vote", "head_decision", {"ballot": "for"}))
    home = signed_in(app, "sari@siskop.test").get("/ruang").text
    assert "Tidak berlaku lagi sejak" in home
    assert 'name="record"' not in home and "/mulai/" not in home.replace("/ruang/mulai/", "")
    page = app.test_client().get(f"/koperasi/{offices.seen(number, office.head).record_slug}").text
    assert "Tidak berlaku lagi sejak" in page
    assert 'class="badge' not in page and "Kirim perubahan" not in page


def test_an_act_that_went_meanwhile_leads_back_with_a_sentence(app: Flask) -> None:
    number = _asked_for_access(offices.staff())
    browser = signed_in(app, "baru@siskop.test")
    assert browser.get(f"/pengajuan/{number}/tindakan/withdraw").status_code == 200
    door.perform(number, offices.actor(_account("baru@siskop.test")), Command("act", "withdraw"))
    answer = browser.get(f"/pengajuan/{number}/tindakan/withdraw", follow_redirects=True)
    assert answer.status_code == 200 and "Ini sudah tidak dapat dilakukan: Tarik permohonan" in answer.text
    assert browser.get(f"/pengajuan/{number}/tindakan/nonsense").status_code == 404


def test_what_the_office_begins_leads_back_to_its_desk_and_promises_only_what_it_has(app: Flask) -> None:
    office = offices.staff()
    _number, record = offices.published(office, name="Koperasi Melati")
    number = door.start("closure", offices.actor(office.verifier), record)
    browser = signed_in(app, "tirta@siskop.test")
    for path in (f"/pengajuan/{number}/isi", f"/pengajuan/{number}"):
        page = browser.get(path).text
        assert '<a href="/kantor">' in page.partition("<h1")[0].rpartition("<nav")[2]
        assert "Kantor tidak melihat apa pun" not in page
    own = door.start("access", offices.actor(person("baru@siskop.test", "Baru")), record)
    page = signed_in(app, "baru@siskop.test").get(f"/pengajuan/{own}/isi").text
    assert '<a href="/ruang">' in page and "Kantor tidak melihat apa pun" in page

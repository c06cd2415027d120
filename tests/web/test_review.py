"""The review page and its decisions, through the real pages."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siskop.engine.case import Command
from siskop.submissions import door
from tests import offices
from tests.offices import Office
from tests.visitors import keys, person, signed_in
from tests.worlds import World


@pytest.fixture
def office(world: World, app: Flask) -> Office:
    return offices.staff()


def show(browser: FlaskClient, number: str, query: str = "") -> str:
    answer = browser.get(f"/kantor/pengajuan/{number}{query}")
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def hidden(page: str) -> dict[str, str]:
    """What every form of the review page carries."""
    found = dict(re.findall(r'name="(basis|seen)" value="([^"]+)"', page))
    return {**keys(page), **found}


def post(browser: FlaskClient, number: str, page: str, **fields: str) -> object:
    return browser.post(f"/kantor/pengajuan/{number}", data={**hidden(page), **fields})


def test_a_first_submission_shows_every_answer_by_page_and_the_proof(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    proof = offices.prove(number, office.secretary)
    page = show(signed_in(app, offices.address(number, office)), number)
    assert "KSP Sekar Melati" in page
    assert "Giliran Anda" in page or "Your turn" in page
    assert f"/berkas/{proof}" in page
    assert 'name="choice" value="act:verify:"' in page
    assert 'class="was"' not in page


def test_verifying_leads_to_the_next_item_and_says_what_was_done(app: Flask, office: Office) -> None:
    first = offices.sent(office.secretary, name="KSP Sekar Melati")
    browser = signed_in(app, offices.address(first, office))
    answer = post(browser, first, show(browser, first), choice="act:verify:")
    assert answer.status_code == 302
    assert answer.location == "/kantor"
    after = browser.get(answer.location).text
    assert "KSP Sekar Melati:" in after
    assert offices.seen(first, office.head).case.state == "verified"


def test_an_update_shows_what_changes_against_what_is_published(app: Flask, office: Office) -> None:
    _first, record = offices.published(office, name="KSP Sekar Melati", phone="0812-1111-1111")
    number = offices.sent(office.secretary, "cooperative", record, phone="0812-2222-2222")
    page = show(signed_in(app, offices.address(number, office)), number)
    assert page.count('class="was"') == 1
    assert re.search(r'class="was".*0812-1111-1111', page)
    assert re.search(r'class="now".*0812-2222-2222', page)
    assert "isian tidak berubah" in page


def test_a_correction_is_asked_on_its_field_and_blocks_every_other_decision(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    browser = signed_in(app, offices.address(number, office))
    page = show(browser, number, "?minta=name")
    assert 'id="minta"' in page
    answer = post(browser, number, page, do="ask", name="name", words="Samakan dengan akta.")
    assert answer.status_code == 302
    assert answer.location.endswith("#f-name")
    page = show(browser, number)
    assert "Samakan dengan akta." in page
    assert "1 permintaan perbaikan terbuka." in page
    assert "dengan 1 perbaikan" in page
    assert 'value="act:verify:"' not in page
    assert 'aria-disabled="true"' in page


def test_a_request_without_words_comes_back_to_its_form(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    browser = signed_in(app, offices.address(number, office))
    answer = post(browser, number, show(browser, number), do="ask", name="name", words="  ")
    assert "minta=name" in answer.location


def test_the_second_round_opens_on_what_was_asked_and_what_changed(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melti", phone="0812-1111-1111")
    offices.ask(number, office, "name", "Nama pada akta: Melati.")
    offices.send_back(number, office)
    offices.fill(
        number,
        office.secretary,
        "cooperative",
        {"name": "KSP Sekar Melati", "phone": "0812-2222-2222"},
        everything=False,
    )
    for correction in offices.seen(number, office.secretary).corrections:
        command = Command("correction", str(correction.id), {"status": "answered"})
        door.perform(number, offices.actor(office.secretary), command, said={"answer": "Sudah kami betulkan."})
    offices.submit(number, office.secretary)
    page = show(signed_in(app, offices.address(number, office)), number)
    assert "1 diminta, 2 berubah" in page
    assert page.index("Nama pada akta: Melati.") < page.index("Sudah kami betulkan.") < page.index("0812-2222-2222")


def test_rejecting_asks_for_a_reason_first_and_keeps_what_was_typed(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    browser = signed_in(app, offices.address(number, office))
    page = browser.get(f"/kantor/pengajuan/{number}/alasan?do=act&name=reject").text
    empty = post(browser, number, page, do="act", name="reject", words=" ")
    assert empty.status_code == 422
    assert 'id="kata-e"' in empty.text
    assert offices.seen(number, office.administrator).case.state == "submitted"
    done = post(browser, number, page, do="act", name="reject", words="Koperasi ini di kota lain.")
    assert done.status_code == 302
    assert offices.seen(number, office.administrator).case.state == "rejected"


def test_the_head_approves_and_it_is_published_and_against_needs_a_reason(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    offices.verify(number, office)
    browser = signed_in(app, "ratna@siskop.test")
    page = show(browser, number)
    assert "do=vote" in page
    against = post(browser, number, page, do="vote", name="approval", ballot="against")
    assert against.status_code == 422
    done = post(browser, number, page, choice="vote:approval:for")
    assert done.status_code == 302
    assert offices.seen(number, office.head).state.final


def test_whoever_verified_is_told_why_they_can_not_approve(app: Flask, office: Office) -> None:
    both = person("dua@siskop.test", "Dua Peran", ("verifier", ""), ("head", ""))
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    door.perform(number, offices.actor(office.administrator), Command("assign", "verification", {"person": both}))
    door.perform(number, offices.actor(both), Command("act", "verify"))
    browser = signed_in(app, "dua@siskop.test")
    page = show(browser, number)
    assert 'value="vote:approval:for"' not in page
    refused = post(browser, number, page, choice="vote:approval:for")
    assert refused.status_code == 403
    assert offices.seen(number, office.administrator).case.state == "verified"


def test_a_stale_page_decides_nothing_and_shows_who_did_what_with_what_was_typed(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    mine = signed_in(app, offices.address(number, office))
    page = mine.get(f"/kantor/pengajuan/{number}/alasan?do=act&name=reject").text
    name = "Tirta Anggara" if offices.holder(number, office) == office.verifier else "Banyu Rahmat"
    offices.verify(number, office)
    late = post(mine, number, page, do="act", name="reject", words="Alasan yang panjang.")
    assert late.status_code == 409
    assert name in late.text
    assert "Alasan yang panjang." in late.text
    assert offices.seen(number, office.administrator).case.state == "verified"


def test_the_same_decision_posted_twice_is_made_once(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    browser = signed_in(app, offices.address(number, office))
    page = show(browser, number)
    first = post(browser, number, page, choice="act:verify:")
    second = post(browser, number, page, choice="act:verify:")
    assert (first.status_code, first.location) == (second.status_code, second.location)


def test_a_field_changed_on_both_sides_is_settled_by_a_person(app: Flask, office: Office) -> None:
    _first, record = offices.published(office, name="KSP Sekar Melati", licence_number="LAMA-1")
    licence = offices.sent(office.secretary, "licence", record, licence_number="BARU-2")
    update = offices.sent(office.secretary, "cooperative", record, licence_number="BARU-3")
    offices.verify(licence, office)
    offices.approve(licence, office)
    browser = signed_in(app, offices.address(update, office))
    page = show(browser, update)
    for value in ("LAMA-1", "BARU-2", "BARU-3"):
        assert value in page
    assert 'value="act:verify:"' not in page
    answer = post(browser, update, page, do="resolve", name="licence_number", side="proposed")
    assert answer.status_code == 302
    page = show(browser, update)
    assert "Dipilih: yang diajukan" in page
    assert 'value="act:verify:"' in page


def asked_for(browser: FlaskClient, number: str) -> str:
    return browser.get(f"/kantor/pengajuan/{number}/alasan?do=assign&name=verification").text


def test_the_administrator_assigns_and_the_task_changes_hands(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    other = office.colleague if offices.holder(number, office) == office.verifier else office.verifier
    browser = signed_in(app, "adi@siskop.test")
    page = asked_for(browser, number)
    assert "Tirta Anggara" in page and "Banyu Rahmat" in page and "Sari" not in page
    answer = post(browser, number, page, do="assign", name="verification", person=str(other))
    assert answer.status_code == 302
    assert offices.holder(number, office) == other


@pytest.mark.parametrize("person", ["999999", "9" * 30, "", "sari"])
def test_only_somebody_on_the_page_is_assigned(app: Flask, office: Office, person: str) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    before = offices.holder(number, office)
    browser = signed_in(app, "adi@siskop.test")
    given = str(office.secretary) if person == "sari" else person
    answer = post(browser, number, asked_for(browser, number), do="assign", name="verification", person=given)
    assert answer.status_code == 422
    assert 'id="orang-e"' in answer.text
    assert offices.holder(number, office) == before


def test_a_note_stays_in_the_office(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    browser = signed_in(app, offices.address(number, office))
    post(browser, number, show(browser, number), do="comment", words="Tanya kelurahan dulu.")
    assert "Tanya kelurahan dulu." in show(browser, number)
    assert all(line.said != "Tanya kelurahan dulu." for line in offices.seen(number, office.secretary).history)


def test_personal_answers_are_shown_only_to_a_role_that_may_and_are_logged(
    app: Flask, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    may = {name for name, role in _roles().items() if "personal" in role}
    page = show(signed_in(app, offices.address(number, office)), number)
    nik = offices.SAMPLES["nik"]
    assert (nik in page) is ("verifier" in may)
    logged = [record for record in caplog.records if record.message == "personal data looked at"]
    assert bool(logged) is ("verifier" in may)
    assert nik not in caplog.text


def _roles() -> dict[str, frozenset[str]]:
    from siskop.submissions import definitions

    return {name: role.may for name, role in definitions.library().roles.items()}


def test_strangers_and_wrong_numbers_get_the_same_page(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    elsewhere = person("jauh@siskop.test", "Jauh Sekali", ("verifier", "36.74.99"))
    assert elsewhere
    browser = signed_in(app, "jauh@siskop.test")
    foreign, unknown = browser.get(f"/kantor/pengajuan/{number}"), browser.get("/kantor/pengajuan/PGJ-2026-999999-0")
    assert foreign.status_code == unknown.status_code == 404
    secretary = signed_in(app, "sari@siskop.test")
    assert secretary.get(f"/kantor/pengajuan/{number}").status_code == 403
    assert secretary.get("/kantor").status_code == 403


def test_what_is_still_possible_after_somebody_elses_change_can_be_done_from_that_page(
    app: Flask, office: Office
) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    mine, browser = offices.holder(number, office), signed_in(app, offices.address(number, office))
    page = show(browser, number)
    offices.verify(number, office)
    against = Command("vote", "approval", {"ballot": "against"})
    door.perform(number, offices.actor(office.head), against, said={"reason": "Berkas belum lengkap."})
    offices.check()
    if offices.holder(number, office) != mine:
        again = Command("assign", "verification", {"person": mine})
        door.perform(number, offices.actor(office.administrator), again)
    late = post(browser, number, page, choice="act:verify:")
    assert late.status_code == 409
    assert "Ratna Dewi" in late.text and "Berkas belum lengkap." in late.text
    assert browser.post(f"/kantor/pengajuan/{number}", data=_form(late.text)).status_code == 302
    assert offices.seen(number, office.head).case.state == "verified"


def _form(page: str) -> dict[str, str]:
    main = page[page.index("<main") : page.index("</main>")]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', main))


def test_a_likely_duplicate_can_be_compared(app: Flask, office: Office) -> None:
    first = offices.sent(office.secretary, name="KSP Sekar Melati")
    second = offices.sent(person("dua@siskop.test", "Darma Santosa"), name="KSP Sekar Melati")
    page = show(signed_in(app, offices.address(second, office)), second)
    assert f"/kantor/pengajuan/{first}" in page

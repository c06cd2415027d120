"""Who may see a file, and what it may do in their browser."""

from __future__ import annotations

from flask import Flask

from siskop.engine.case import Command
from siskop.submissions import door
from tests import offices
from tests.visitors import person, signed_in
from tests.worlds import World


def test_holder_operators_and_reviewers_see_a_file_and_nobody_else(world: World, app: Flask) -> None:
    office = offices.staff()
    person("asing@siskop.test", "Orang Asing")
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    path = f"/berkas/{offices.prove(number, office.secretary)}"
    for address in ("sari@siskop.test", offices.address(number, office), "adi@siskop.test"):
        assert signed_in(app, address).get(path).status_code == 200, address
    stranger = signed_in(app, "asing@siskop.test")
    assert stranger.get(path).status_code == stranger.get("/berkas/999999").status_code == 404
    assert app.test_client().get(path).status_code == 302


def test_a_file_can_do_nothing_in_the_browser_of_who_opens_it(world: World, app: Flask) -> None:
    office = offices.staff()
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    file = offices.upload(office.secretary, number, "akta “baru”\r\nX-Evil: 1.pdf")
    answer = signed_in(app, "sari@siskop.test").get(f"/berkas/{file['id']}")
    assert answer.data == offices.PDF
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="akta _baru_ X-Evil_ 1.pdf"')
    assert "filename*=UTF-8''akta%20%E2%80%9Cbaru%E2%80%9D" in disposition


def test_the_office_sees_what_was_sent_but_nothing_of_a_draft(world: World, app: Flask) -> None:
    office = offices.staff()
    _number, record = offices.published(office)
    update = offices.door.start("licence", offices.actor(office.secretary), record)
    file = offices.upload(office.secretary, update)
    reviewer = signed_in(app, "ratna@siskop.test")
    assert reviewer.get(f"/berkas/{file['id']}").status_code == 404
    offices.fill(update, office.secretary, "licence", {"licence_scan": file}, everything=False)
    offices.submit(update, office.secretary)
    assert reviewer.get(f"/berkas/{file['id']}").status_code == 200


def test_what_is_personal_needs_a_role_that_may_see_it(world: World, app: Flask) -> None:
    """An officer has the desk, but sees no personal data: neither the proof, nor what a personal answer holds."""
    office = offices.staff()
    officer = person("lapangan@siskop.test", "Petugas Lapangan", ("officer", ""))
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    proof = offices.prove(number, office.secretary)
    scan = offices.seen(number, office.secretary).proposed["licence_scan"]
    door.perform(number, offices.actor(office.administrator), Command("assign", "verification", {"person": officer}))
    browser = signed_in(app, "lapangan@siskop.test")
    assert browser.get(f"/berkas/{proof}").status_code == 404
    assert f"/berkas/{proof}" not in browser.get(f"/kantor/pengajuan/{number}").text
    assert browser.get(f"/berkas/{scan['id']}").status_code == 200


def test_whoever_is_assigned_from_outside_their_area_sees_the_submission_and_its_files(
    world: World, app: Flask
) -> None:
    office = offices.staff()
    elsewhere = person("jauh@siskop.test", "Jauh Sekali", ("verifier", "99"))
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    proof = offices.prove(number, office.secretary)
    browser = signed_in(app, "jauh@siskop.test")
    paths = f"/kantor/pengajuan/{number}", f"/berkas/{proof}"
    assert [browser.get(path).status_code for path in paths] == [404, 404]
    door.perform(number, offices.actor(office.administrator), Command("assign", "verification", {"person": elsewhere}))
    assert [browser.get(path).status_code for path in paths] == [200, 200]
    assert 'value="act:verify:"' in browser.get(paths[0]).text
    door.perform(number, offices.actor(elsewhere), Command("act", "verify"))
    assert browser.get(paths[0]).status_code == 200

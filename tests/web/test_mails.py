"""Which mails one wants, one click in a mail, an address that fails, and the office's log of mails."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import text

from siskop.base.db import reading, unit_of_work
from siskop.engine.definition import MailText
from siskop.jobs import drain
from siskop.mail import outbox, switches
from siskop.submissions.definitions import library
from tests import offices
from tests.offices import Office
from tests.visitors import keys, signed_in
from tests.worlds import World

TO = "sari@siskop.test"


@pytest.fixture
def office(world: World, app: Flask) -> Office:
    return offices.staff()


def written(to: int, name: str, key: str = "k") -> int:
    with unit_of_work() as tx:
        mail: MailText = library(tx).mails[name]
        outbox.queue(
            tx, key=key, mail=mail, values={"title": "Maju", "number": "PGJ-1", "link": "/ruang"}, to_account=to
        )
        return int(tx.execute(text("SELECT max(id) FROM siskop.mail")).scalar_one())


def off(account: int) -> list[str]:
    with unit_of_work() as tx:
        found = tx.execute(text("SELECT mail FROM siskop.mail_switch WHERE account_id = :id"), {"id": account})
        return list(found.scalars())


def test_kinds_that_came_can_be_switched_and_what_is_obligatory_says_why(app: Flask, office: Office) -> None:
    written(office.secretary, "draft-expires")
    written(office.secretary, "returned", "k2")
    browser = signed_in(app, TO)
    page = browser.get("/akun").text
    assert "Draf akan berakhir" in page
    assert re.search(r'value="draft-expires" checked', page)
    assert "Surel yang selalu dikirim" in page
    assert "Anda menerima surel ini karena" in page
    sent = {**keys(page), "kinds": ["draft-expires", "returned", "work-due"]}
    assert browser.post("/akun/surel", data=sent).status_code == 303
    assert off(office.secretary) == ["draft-expires"], "neither what is obligatory nor what never came"
    page = browser.get("/akun").text
    assert not re.search(r'value="draft-expires" checked', page)
    browser.post("/akun/surel", data={**keys(page), "kinds": "draft-expires", "wanted": "draft-expires"})
    assert off(office.secretary) == []


def test_one_click_in_a_mail_needs_neither_sign_in_nor_page_and_looking_alone_does_nothing(
    app: Flask, office: Office
) -> None:
    with app.app_context():
        address = switches.address(office.secretary, "draft-expires,still-returned").partition("/surel")[2]
    browser = app.test_client()
    page = browser.get(f"/surel{address}")
    assert page.status_code == 200
    assert "Draf akan berakhir" in page.text
    assert "Set-Cookie" not in page.headers
    assert off(office.secretary) == []
    answer = browser.post(f"/surel{address}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert off(office.secretary) == ["draft-expires", "still-returned"]
    forged = address.replace(f"/{office.secretary}/", f"/{office.head}/")
    assert browser.post(f"/surel{forged}").status_code == 404
    assert browser.get(f"/surel{address[:-1]}é").status_code == 404
    assert off(office.head) == []


def test_an_address_that_fails_is_said_on_every_page_until_its_owner_says_that_it_is_right(
    app: Flask, office: Office
) -> None:
    browser = signed_in(app, TO)
    assert "alamat Anda kembali" not in browser.get("/ruang").text
    with unit_of_work() as tx:
        tx.execute(text("UPDATE siskop.account SET mail_bad_since = siskop.now() WHERE email = :to"), {"to": TO})
    assert "alamat Anda kembali" in browser.get("/ruang").text
    page = browser.get("/akun").text
    assert "Surel ke alamat ini kembali" in page
    assert browser.post("/akun/alamat", data=keys(page)).status_code == 303
    assert "alamat Anda kembali" not in browser.get("/ruang").text


def test_the_log_tells_to_whom_what_when_and_why_and_sends_again(world: World, app: Flask, office: Office) -> None:
    world.mails.refuse[TO] = "550 No such user"
    first = written(office.secretary, "returned")
    written(office.verifier, "returned", "k2")
    drain.drain("mail")
    browser = signed_in(app, "adi@siskop.test")
    page = browser.get("/kantor/surel").text
    assert "Ditolak 1" in page
    assert "1 di antaranya wajib" in page
    assert TO in page
    assert TO not in browser.get("/kantor/surel?hasil=accepted").text
    assert TO not in browser.get("/kantor/surel?orang=tirta").text
    assert TO in browser.get("/kantor/surel?orang=SARI@").text
    assert TO not in browser.get("/kantor/surel?tentang=tidak-ada").text
    page = browser.get(f"/kantor/surel/{first}").text
    assert "550 No such user" in page
    assert "Anda menerima surel ini karena" in page
    world.mails.refuse.clear()
    answer = browser.post(f"/kantor/surel/{first}/lagi", data=keys(page))
    assert answer.status_code == 303
    drain.drain("mail")
    assert len(world.mails.to(TO)) == 1
    assert "Diterima peladen surel" in browser.get(answer.location).text
    page = browser.get(f"/kantor/surel/{first}").text
    assert "Sudah dikirim ulang" in page
    assert "Kirim ulang</button>" not in page


def test_a_mail_that_holds_a_key_to_an_account_shows_its_text_to_nobody_else(app: Flask, office: Office) -> None:
    app.test_client().post("/lupa-sandi", data={**keys(app.test_client().get("/lupa-sandi").text), "email": TO})
    with unit_of_work() as tx:
        outbox.queue_ready(
            tx,
            key="k",
            name="reset_instructions",
            subject="Kata sandi",
            text="Rahasia",
            button=("Pilih", "http://127.0.0.1/lupa-sandi/abc"),
            why="Diminta.",
            to_account=office.secretary,
        )
        made = tx.execute(text("SELECT max(id) FROM siskop.mail")).scalar_one()
        tx.execute(text("UPDATE siskop.mail SET status = 'refused', ended_at = siskop.now()"))
    browser = signed_in(app, "adi@siskop.test")
    page = browser.get(f"/kantor/surel/{made}").text
    assert "Rahasia" not in page
    assert "lupa-sandi/abc" not in page
    assert "Kirim ulang</button>" not in page
    assert browser.post(f"/kantor/surel/{made}/lagi", data={**keys(page), "_once": "a" * 22}).status_code == 404


def test_only_who_may_audit_reads_what_was_written_to_others(app: Flask, office: Office) -> None:
    assert signed_in(app, "tirta@siskop.test").get("/kantor/surel").status_code == 403
    assert signed_in(app, TO).get("/kantor/surel/contoh").status_code == 403


def test_every_mail_is_shown_in_both_languages_without_a_place_left_open(app: Flask, office: Office) -> None:
    browser = signed_in(app, "tirta@siskop.test")
    shown = browser.get("/kantor/surel/contoh").text
    with app.app_context():
        names = list(library(reading()).mails)
    for name in names:
        assert f"/kantor/surel/contoh/{name}" in shown
        page = browser.get(f"/kantor/surel/contoh/{name}").text
        assert 'lang="id"' in page
        assert 'lang="en"' in page
        assert not re.search(r"\{\w+\}", page), name
    assert browser.get("/kantor/surel/contoh/tidak-ada").status_code == 404

"""Registration, confirmation, recovery, change: through the pages, with mails from a real server."""

from __future__ import annotations

import email
import re
import statistics
import threading
import time
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from siskop.accounts import limits
from siskop.base.db import unit_of_work
from siskop.jobs.drain import drain
from siskop.mail import deliver
from tests.visitors import PASSWORD, cookie, keys, person, post, sign_in, signed_in
from tests.worlds import World

assert deliver  # registers the job that hands mails over


def register(browser: FlaskClient, address: str = "siti@koperasi.test", name: str = "Siti Aminah") -> TestResponse:
    return post(browser, "/daftar", {"name": name, "email": address, "password": PASSWORD})


def mails(world: World, address: str) -> list[EmailMessage]:
    drain("mail")
    found = [email.message_from_bytes(cast(bytes, one.content), policy=default) for one in world.mails.to(address)]
    return cast(list[EmailMessage], found)


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link(world: World, mail: EmailMessage) -> str:
    """The path of the mail's one button."""
    found = re.search(re.escape(world.settings.base_url) + r"(/\S+)", body(mail))
    assert found
    return found[1]


def test_a_secretary_registers_confirms_and_signs_in(app: Flask, world: World) -> None:
    browser = app.test_client()
    sent = register(browser)
    assert sent.location == "/konfirmasi"
    assert "siti@koperasi.test" in browser.get("/konfirmasi").text
    refused = sign_in(browser, "siti@koperasi.test")
    assert refused.status_code == 200
    assert "belum dikonfirmasi" in refused.text
    [mail] = mails(world, "siti@koperasi.test")
    assert mail["Subject"] == "Konfirmasi alamat surel Anda untuk Siskop"
    assert "Yth. Siti Aminah" in body(mail)
    confirmed = browser.get(link(world, mail), follow_redirects=True)
    assert "sudah dikonfirmasi" in confirmed.text
    assert sign_in(browser, "Siti@Koperasi.Test").location == "/akun/mulai"
    assert browser.get("/akun/mulai").location == "/ruang"
    assert "Siti Aminah" in browser.get("/akun").text


def test_an_address_that_is_nearly_a_known_one_is_asked_about_once(app: Flask, world: World) -> None:
    browser = app.test_client()
    asked = register(browser, "siti@gmial.com")
    assert asked.status_code == 200
    assert "Maksud Anda siti@gmail.com?" in asked.text
    assert mails(world, "siti@gmial.com") == []
    fields = {"name": "Siti", "email": "siti@gmial.com", "password": PASSWORD, "sure": "siti@gmial.com"}
    assert 'name="sure" value="siti@gmial.com"' in asked.text
    assert post(browser, "/daftar", fields).location == "/konfirmasi"
    assert register(browser, "siti@gmail.com").location == "/konfirmasi"
    assert "Maksud Anda ani@yahoo.com?" in register(browser, "ani@yaho.com").text


def test_a_taken_address_gets_the_same_answer_and_a_mail_that_says_so(app: Flask, world: World) -> None:
    person("ani@siskop.test")
    fresh, taken = app.test_client(), app.test_client()
    answers = [register(fresh, "new@siskop.test"), register(taken, "ani@siskop.test")]
    assert len({(answer.status, answer.location) for answer in answers}) == 1
    pages = [fresh.get("/konfirmasi").text, taken.get("/konfirmasi").text.replace("ani@", "new@")]
    hidden = re.compile(r'value="[^"]+"')
    assert hidden.sub("", pages[0]) == hidden.sub("", pages[1])
    [mail] = mails(world, "ani@siskop.test")
    assert "sudah memiliki akun" in mail["Subject"]
    with unit_of_work() as tx:
        assert tx.execute(text("SELECT name FROM siskop.account WHERE email = 'ani@siskop.test'")).scalar() != "Siti"


def test_a_double_click_on_registration_makes_one_account(app: Flask, world: World) -> None:
    browser = app.test_client()
    hidden = keys(browser.get("/daftar").text)
    fields = {"name": "Siti", "email": "siti@koperasi.test", "password": PASSWORD, **hidden}
    statuses: list[int] = []

    def click_once() -> None:
        other = app.test_client()
        other.set_cookie("siskop", str(cookie(browser)))
        statuses.append(other.post("/daftar", data=fields).status_code)

    clicks = [threading.Thread(target=click_once) for _click in range(2)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert statuses == [302, 302]


def test_recovery_says_the_same_to_all_and_its_link_works_once(app: Flask, world: World) -> None:
    person("ani@siskop.test")
    phone = signed_in(app)
    browser = app.test_client()
    pages = []
    for address in ("ani@siskop.test", "nobody@siskop.test"):
        answer = post(browser, "/lupa-sandi", {"email": address})
        pages.append(re.sub(r'value="[^"]+"', "", answer.text.replace(address, "…")))
    assert pages[0] == pages[1]
    assert mails(world, "nobody@siskop.test") == []
    [mail] = mails(world, "ani@siskop.test")
    path, new = link(world, mail), "kalimat lain yang panjang"
    assert post(browser, path, {"password": new, "password_confirm": new}).location == "/masuk"
    assert phone.get("/akun").status_code == 302
    assert browser.get(path).location == "/lupa-sandi"
    assert sign_in(browser, "ani@siskop.test", new).status_code == 302
    assert mails(world, "ani@siskop.test")[1]["Subject"] == "Kata sandi Siskop Anda sudah diubah"


def test_recovery_by_mail_also_confirms_the_address(app: Flask, world: World) -> None:
    browser = app.test_client()
    register(browser)
    post(browser, "/lupa-sandi", {"email": "siti@koperasi.test"})
    path = next(link(world, mail) for mail in mails(world, "siti@koperasi.test") if "lupa-sandi" in body(mail))
    post(browser, path, {"password": PASSWORD + "!", "password_confirm": PASSWORD + "!"})
    assert sign_in(browser, "siti@koperasi.test", PASSWORD + "!").status_code == 302


@pytest.mark.alone
@pytest.mark.parametrize("path", ["/lupa-sandi", "/konfirmasi", "/masuk"])
def test_an_answer_takes_as_long_for_nobody_as_for_somebody(app: Flask, path: str) -> None:
    with unit_of_work() as tx:
        from siskop.accounts import people

        people.create(tx, "ani@siskop.test", "Ani", password=PASSWORD)
        if path == "/konfirmasi":
            tx.execute(text("UPDATE siskop.account SET confirmed_at = NULL"))
    browser = app.test_client()
    hidden = keys(browser.get(path).text)
    took: dict[str, list[float]] = {"ani@siskop.test": [], "nobody@siskop.test": []}
    for _time in range(3):
        for address, times in took.items():
            began = time.perf_counter()
            browser.post(path, data={**hidden, "email": address, "password": "not this one"})
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    assert abs(known - unknown) < 0.5 * max(known, unknown)


def test_what_is_wrong_stands_on_top_and_at_its_field_and_nothing_typed_is_lost(app: Flask) -> None:
    browser = app.test_client()
    answer = post(browser, "/daftar", {"name": "  ", "email": "siti", "password": "pendek"})
    assert answer.status_code == 200
    assert "<title>Kesalahan:" in answer.text
    for sentence in ("Isi nama Anda", "perlu bentuk nama@contoh.id", "sedikitnya 10 karakter"):
        assert answer.text.count(sentence) == 2
    assert 'value="siti"' in answer.text
    assert "pendek" not in answer.text.replace("terlalu pendek", "").replace("Kalimat pendek", "")


def test_mails_are_limited_by_address(app: Flask) -> None:
    browser = app.test_client()
    statuses = [post(browser, "/lupa-sandi", {"email": "a@siskop.test"}).status_code for _mail in range(5)]
    assert statuses == [200] * limits.MAIL.per_address + [429]


def test_a_demo_account_signs_in_only_in_demo_mode(world: World) -> None:
    from dataclasses import replace

    from siskop.accounts import people
    from siskop.web.app import create_app

    with unit_of_work() as tx:
        people.create(tx, "demo@siskop.test", "Demo", password=PASSWORD, demo=True)
    demo, real = (create_app(replace(world.settings, demo=mode)).test_client() for mode in (True, False))
    assert sign_in(demo, "demo@siskop.test").status_code == 302
    assert sign_in(real, "demo@siskop.test").status_code == 200
    real.set_cookie("siskop", str(cookie(demo)))
    assert real.get("/akun").status_code == 302


def test_name_and_language_are_changed_by_their_owner(app: Flask, world: World) -> None:
    person()
    browser = signed_in(app)
    assert post(browser, "/akun", {"name": " Ani  R. ", "language": "en"}).status_code == 303
    assert "Akun Anda sudah diubah" in browser.get("/akun").text
    assert post(browser, "/akun", {"name": " ", "language": "en"}).status_code == 422
    post(browser, "/lupa-sandi", {"email": "ani@siskop.test"})
    [mail] = mails(world, "ani@siskop.test")
    assert mail["Subject"] == "Choose a new password for Siskop"
    assert "Dear Ani R.," in body(mail)
    assert link(world, mail).startswith("/en/lupa-sandi/")


def test_the_same_pages_speak_english_under_en(app: Flask) -> None:
    person()
    browser = app.test_client()
    assert "<h1>Sign in</h1>" in browser.get("/en/masuk").text
    answer = sign_in(browser, "ani@siskop.test", to="/en/masuk")
    assert answer.location == "/en/akun/mulai"
    assert browser.get("/en/akun/mulai").location == "/en/ruang"


def test_signing_out_needs_its_form(app: Flask) -> None:
    person()
    browser = signed_in(app)
    assert browser.get("/keluar").status_code == 404
    assert browser.post("/keluar").status_code == 400
    assert browser.get("/akun").status_code == 200

"""What stands before every page: host, policy, headers, form keys."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from siskop.accounts import policy
from siskop.base.db import unit_of_work
from siskop.web import gate
from siskop.web.app import create_app
from tests.visitors import person, post, sign_in, signed_in
from tests.worlds import World

PAGES = ("/healthz", "/masuk", "/daftar", "/akun/selesai", "/nowhere/at/all/here")


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_headers(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers
    content = headers["Content-Security-Policy"]
    assert "default-src 'self'" in content
    assert "frame-ancestors 'none'" in content
    assert "unsafe" not in content
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_https_brings_hsts_and_a_cookie_for_this_host_only(world: World) -> None:
    app = create_app(replace(world.settings, base_url="https://koperasi.example", trusted_hosts=("koperasi.example",)))
    answer = app.test_client().get("/masuk", base_url="https://koperasi.example")
    assert answer.headers["Strict-Transport-Security"] == gate.A_YEAR
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-siskop=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_whatever_has_a_session_is_never_stored(app: Flask) -> None:
    person()
    browser = signed_in(app)
    for path in ("/masuk", "/akun", "/akun/mulai", "/sandi"):
        assert browser.get(path).headers["Cache-Control"] == "no-store"


def test_public_pages_neither_read_nor_set_a_session(app: Flask) -> None:
    person()
    browser = signed_in(app)
    for path in ("/akun/selesai", "/healthz"):
        answer = browser.get(path)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example"])
def test_a_foreign_host_gets_a_page_that_does_not_repeat_it(app: Flask, host: str) -> None:
    for path in ("/lupa-sandi", "/akun", "/healthz"):
        answer = app.test_client().get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert "evil" not in answer.text
        assert "Set-Cookie" not in answer.headers


def test_a_form_without_its_key_does_nothing_and_shows_what_was_typed(app: Flask) -> None:
    person()
    browser = signed_in(app)
    answer = browser.post("/akun", data={"name": "Tanpa Kunci"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 400
    assert "Tanpa Kunci" in answer.text
    assert "Tanpa Kunci" not in browser.get("/akun").text


def test_who_is_not_signed_in_is_led_to_sign_in_and_back(app: Flask) -> None:
    person()
    browser = app.test_client()
    asked = browser.get("/akun?tab=1")
    assert asked.location == "/masuk?next=/akun?tab%3D1"
    answer = post(browser, "/masuk", {"email": "ani@siskop.test", "password": "kata sandi panjang", "next": "/akun"})
    assert answer.location == "/akun"


def test_a_form_after_the_session_ended_shows_what_was_typed(app: Flask) -> None:
    answer = app.test_client().post("/akun", data={"name": "Tulisan Lama"})
    assert answer.status_code in (400, 401)
    assert "Tulisan Lama" in answer.text


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_elsewhere(app: Flask, place: str) -> None:
    person()
    browser = app.test_client()
    fields = {"email": "ani@siskop.test", "password": "kata sandi panjang", "next": place}
    answer = post(browser, "/masuk", fields)
    assert answer.status_code == 200 or re.match(r"/[%\w]", answer.location)


def test_too_much_at_once_is_refused_with_the_limit(app: Flask) -> None:
    person()
    browser = signed_in(app)
    answer = browser.post("/akun", data={"name": "x" * (gate.MOST_BYTES + 1)})
    assert answer.status_code == 413
    assert "12 MB" in answer.text


def test_an_address_without_a_rule_stops_the_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = {endpoint: rule for endpoint, rule in policy.POLICY.items() if endpoint != "account.show"}
    monkeypatch.setattr(policy, "POLICY", rules)
    with pytest.raises(policy.PolicyError, match=r"account\.show"):
        create_app(world.settings)


def test_a_closed_account_is_out_at_once(app: Flask) -> None:
    from sqlalchemy import text

    person()
    browser = signed_in(app)
    with unit_of_work() as tx:
        tx.execute(text("UPDATE siskop.account SET active = false"))
    assert browser.get("/akun").status_code == 302
    assert sign_in(app.test_client(), "ani@siskop.test").status_code == 200


def test_an_answer_in_json_says_that_the_session_ended(app: Flask) -> None:
    answer = app.test_client().post("/akun", data={}, headers={"Accept": "application/json"})
    assert answer.status_code in (400, 401)
    assert answer.content_type == "application/problem+json"

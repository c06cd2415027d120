"""The same form posted twice acts once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask, flash, redirect, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from werkzeug.test import TestResponse

from siskop.accounts import policy
from siskop.base.db import Tx, after_commit, reading, unit_of_work
from siskop.base.errors import Refusal
from siskop.web.repeat import once
from tests.visitors import cookie, keys, person, signed_in

KEY = "k" * 22


class Counter:
    """A page of the test's own behind the real gate: it counts how often it acted."""

    def __init__(self) -> None:
        self.acted = 0
        self.seconds = 0.0
        self.refuses = False

    def act(self) -> ResponseReturnValue:
        if self.refuses:
            raise Refusal("Not now.")
        time.sleep(self.seconds)
        self.acted += 1
        if request.form.get("again"):
            return "once more", 422
        flash(f"act {self.acted}", "success")
        return redirect(f"/done/{self.acted}", 303)


@pytest.fixture
def counter(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    counter = Counter()
    monkeypatch.setitem(policy.POLICY, "count", policy.confirmed)
    app.add_url_rule("/count", "count", once(counter.act), methods=["POST"])
    yield counter


def send(app: Flask, browser: FlaskClient, once_key: str = KEY, **fields: str) -> TestResponse:
    hidden = {"csrf_token": keys(browser.get("/akun").text)["csrf_token"], "_once": once_key}
    return browser.post("/count", data=hidden | fields)


def test_a_second_post_gets_the_first_answer(app: Flask, counter: Counter) -> None:
    person()
    browser = signed_in(app)
    answers = [send(app, browser, text="same") for _time in range(3)]
    assert [(one.status_code, one.location) for one in answers] == [(303, "/done/1")] * 3
    assert counter.acted == 1


def test_a_double_click_at_the_same_moment_acts_once(app: Flask, counter: Counter) -> None:
    person()
    browser = signed_in(app)
    fields = {"csrf_token": keys(browser.get("/akun").text)["csrf_token"], "_once": KEY}
    counter.seconds = 0.3
    places: list[str | None] = []

    def click() -> None:
        other = app.test_client()
        other.set_cookie("siskop", str(cookie(browser)))
        places.append(other.post("/count", data=fields).location)

    clicks = [threading.Thread(target=click) for _click in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert places == ["/done/1"] * 4
    assert counter.acted == 1


def test_the_same_key_with_another_content_is_refused(app: Flask, counter: Counter) -> None:
    person()
    browser = signed_in(app)
    send(app, browser, text="one")
    answer = send(app, browser, text="two")
    assert answer.status_code == 409
    assert "isi lain" in answer.text
    assert counter.acted == 1


def test_a_key_belongs_to_its_account(app: Flask, counter: Counter) -> None:
    person("ani@siskop.test")
    person("budi@siskop.test")
    places = [send(app, signed_in(app, f"{who}@siskop.test")).location for who in ("ani", "budi")]
    assert places == ["/done/1", "/done/2"]


def test_a_refused_form_may_be_sent_again(app: Flask, counter: Counter) -> None:
    person()
    browser = signed_in(app)
    counter.refuses = True
    assert send(app, browser).status_code == 403
    counter.refuses = False
    assert send(app, browser, again="yes").status_code == 422
    assert send(app, browser, text="corrected").location == "/done/2"


def test_a_form_without_a_key_is_no_form_of_ours(app: Flask, counter: Counter) -> None:
    person()
    assert send(app, signed_in(app), once_key="").status_code == 400
    assert counter.acted == 0


def test_the_notice_is_shown_to_whoever_sees_the_answer(app: Flask, counter: Counter) -> None:
    person()
    browser = signed_in(app)
    hidden = {"csrf_token": keys(browser.get("/akun").text)["csrf_token"], "_once": KEY}
    browser.post("/count", data=hidden)
    assert "act 1" in browser.get("/akun").text
    browser.post("/count", data=hidden)
    assert "act 1" in browser.get("/akun").text


def test_who_is_killed_between_the_act_and_its_answer_has_done_neither(
    app: Flask, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The act is done in a unit of work of its own, as views do; then the process dies before the answer is kept."""
    ani, act = person(), counter.act

    def noted() -> ResponseReturnValue:
        with unit_of_work() as tx:
            tx.execute(text("UPDATE siskop.account SET name = name || '.' WHERE id = :id"), {"id": ani})
            after_commit(tx, lambda: told.append("committed"))
        assert named(reading()) == "Ani Rahayu."
        if dies:
            raise KeyboardInterrupt
        return act()

    def named(tx: Tx) -> str:
        return str(tx.execute(text("SELECT name FROM siskop.account WHERE id = :id"), {"id": ani}).scalar_one())

    told: list[str] = []
    dies = True
    monkeypatch.setitem(app.view_functions, "count", once(noted))
    browser = signed_in(app)
    with pytest.raises(KeyboardInterrupt):
        send(app, browser)
    with app.app_context(), unit_of_work() as tx:
        assert (named(tx), told) == ("Ani Rahayu", [])
        assert tx.execute(text("SELECT count(*) FROM siskop.answered")).scalar() == 0
    dies = False
    assert [send(app, browser).location for _time in range(2)] == ["/done/1"] * 2
    with app.app_context(), unit_of_work() as tx:
        assert (named(tx), told) == ("Ani Rahayu.", ["committed"])

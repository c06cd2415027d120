"""Sessions are rows: they die, turn and outlive Redis as they should."""

from __future__ import annotations

from datetime import timedelta

import redis
from flask import Flask
from sqlalchemy import text

from siskop.accounts import sessions
from siskop.base.db import unit_of_work
from tests.visitors import cookie, keys, person, post, sign_in, signed_in
from tests.worlds import World


def rows() -> int:
    with unit_of_work() as tx:
        return int(tx.execute(text("SELECT count(*) FROM siskop.session")).scalar_one())


def stolen(app: Flask, token: str | None) -> int:
    """What /akun answers to a browser that has only this cookie."""
    thief = app.test_client()
    thief.set_cookie("siskop", token or "")
    return thief.get("/akun").status_code


def test_a_public_page_makes_no_session(app: Flask) -> None:
    browser = app.test_client()
    answer = browser.get("/healthz")
    assert "Set-Cookie" not in answer.headers
    assert rows() == 0


def test_the_cookie_holds_a_token_and_the_row_its_digest_only(app: Flask) -> None:
    person()
    browser = signed_in(app)
    header = browser.get("/masuk").request.headers["Cookie"]
    with unit_of_work() as tx:
        kept = tx.execute(text("SELECT digest || data::text FROM siskop.session")).scalars().all()
    assert cookie(browser) in header
    assert all(str(cookie(browser)) not in row for row in kept)


def test_signing_in_turns_the_token_and_the_form_key(app: Flask) -> None:
    person()
    browser = app.test_client()
    before = keys(browser.get("/masuk").text)["csrf_token"]
    planted = cookie(browser)
    sign_in(browser, "ani@siskop.test")
    assert cookie(browser) != planted
    assert stolen(app, planted) == 302
    assert browser.post("/akun", data={"csrf_token": before, "name": "Ani"}).status_code == 400


def test_a_session_dies_at_sign_out(app: Flask) -> None:
    person()
    browser = signed_in(app)
    token = cookie(browser)
    assert stolen(app, token) == 200
    answer = post(browser, "/keluar", {}, page="/akun")
    assert answer.status_code == 302
    assert cookie(browser) is None
    assert stolen(app, token) == 302
    assert rows() == 0


def test_emptying_redis_signs_nobody_out(app: Flask, world: World) -> None:
    person()
    browser = signed_in(app)
    redis.Redis.from_url(world.settings.redis_url).flushall()
    assert browser.get("/akun").status_code == 200


def test_signing_out_everywhere_ends_the_other_devices_too(app: Flask) -> None:
    person()
    phone, desk = signed_in(app), signed_in(app)
    assert post(desk, "/akun/keluar-semua", {}, page="/akun").status_code == 303
    assert phone.get("/akun").status_code == 302
    assert desk.get("/akun").status_code == 302


def test_a_new_password_ends_the_other_devices_and_turns_this_one(app: Flask) -> None:
    person()
    phone, desk = signed_in(app), signed_in(app)
    old = cookie(desk)
    new = "kalimat lain yang panjang"
    fields = {"password": "kata sandi panjang", "new_password": new, "new_password_confirm": new}
    assert post(desk, "/sandi", fields).status_code == 302
    assert desk.get("/akun").status_code == 200
    assert stolen(app, old) == 302
    assert phone.get("/akun").status_code == 302


def test_more_rights_never_ride_on_an_old_cookie(app: Flask) -> None:
    account = person()
    browser = signed_in(app)
    from siskop.accounts import people

    with unit_of_work() as tx:
        people.grant(tx, account, "verifier")
    assert browser.get("/akun").status_code == 302


def test_a_session_ends_after_twelve_idle_hours_and_after_thirty_days(app: Flask, world: World) -> None:
    person()
    idle = signed_in(app)
    world.move_clock(timedelta(hours=12, minutes=1))
    assert idle.get("/akun").status_code == 302
    busy = signed_in(app)
    for _half_day in range(60):
        assert busy.get("/akun").status_code == 200
        world.move_clock(timedelta(hours=11, minutes=59))
    assert busy.get("/akun").status_code == 200
    world.move_clock(timedelta(hours=1))
    assert busy.get("/akun").status_code == 302


def test_a_request_under_way_does_not_bring_back_a_session_that_was_ended(app: Flask) -> None:
    account = person()
    token = str(cookie(signed_in(app)))
    with app.test_request_context("/akun", headers={"Cookie": f"siskop={token}"}):
        under_way = sessions.RowSession(token)
        under_way["noticed"] = "yes"
        with unit_of_work() as tx:
            sessions.end_all(tx, account)
        app.session_interface.save_session(app, under_way, app.make_response(""))
    assert rows() == 0


def test_two_tabs_do_not_undo_each_other(app: Flask) -> None:
    person()
    browser = signed_in(app)
    browser.get("/akun")
    token = str(cookie(browser))
    with app.test_request_context("/akun", headers={"Cookie": f"siskop={token}"}):
        first, second = sessions.RowSession(token), sessions.RowSession(token)
        first["one"], second["two"] = 1, 2
        for tab in (first, second):
            app.session_interface.save_session(app, tab, app.make_response(""))
        assert dict(sessions.RowSession(token)).items() >= {"one": 1, "two": 2}.items()


def test_what_cannot_be_used_any_more_is_swept(app: Flask, world: World) -> None:
    person()
    signed_in(app)
    world.move_clock(timedelta(days=2))
    signed_in(app)
    with unit_of_work() as tx:
        assert sessions.sweep(tx) == 1
    assert rows() == 1

"""The page of the jobs: what failed, why, and what may be done about it."""

from __future__ import annotations

import secrets

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from siskop.base.db import unit_of_work
from siskop.jobs import queue
from tests import offices
from tests.visitors import keys, signed_in
from tests.worlds import World

PAGE = "/kantor/pekerjaan"


@pytest.fixture
def admin(world: World, app: Flask) -> FlaskClient:
    offices.staff()
    return signed_in(app, "adi@siskop.test")


def die(key: str) -> int:
    with unit_of_work() as tx:
        queue.put(tx, "deliver", key, {}, "mail", priority=0)
    job = queue.claim("mail", "w")
    assert job
    queue.fail(job, f"OSError: {key} is <away>", most=0)
    return job.id


def act(browser: FlaskClient, do: str, name: object) -> TestResponse:
    hidden = keys(browser.get(PAGE).text) | {"_once": secrets.token_urlsafe(16), "do": do, "name": str(name)}
    return browser.post(PAGE, data=hidden, follow_redirects=True)


def test_a_dead_letter_shows_its_reason_and_is_taken_up_again(admin: FlaskClient) -> None:
    job = die("a")
    page = admin.get(PAGE).text
    assert "Gagal 1" in page
    assert "Menyerahkan surel" in page
    assert "OSError: a is &lt;away&gt;" in page
    answer = act(admin, "retry", job)
    assert "1 pekerjaan dijalankan lagi." in answer.text
    assert "Tidak ada pekerjaan yang gagal." in answer.text
    assert "Menunggu 1" in answer.text
    assert act(admin, "retry", job).status_code == 404


def test_all_of_a_kind_are_taken_up_in_one_act(admin: FlaskClient) -> None:
    for key in "abc":
        die(key)
    assert "Jalankan semuanya lagi" in admin.get(PAGE).text
    assert "3 pekerjaan dijalankan lagi." in act(admin, "retry_kind", "deliver").text


def test_what_was_put_aside_names_who_did_it_and_may_come_back(admin: FlaskClient) -> None:
    job = die("a")
    assert "Pekerjaan dikesampingkan." in act(admin, "bury", job).text
    page = admin.get(f"{PAGE}?lihat=buried").text
    assert "Adi" in page
    assert "Jalankan lagi" in page


def test_the_same_post_twice_acts_once(admin: FlaskClient) -> None:
    job = die("a")
    fields = keys(admin.get(PAGE).text) | {"do": "retry", "name": str(job)}
    first, second = (admin.post(PAGE, data=fields) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)


def test_no_view_and_no_act_but_those_there_are(admin: FlaskClient) -> None:
    assert admin.get(f"{PAGE}?lihat=done").status_code == 404
    assert act(admin, "kill", 1).status_code == 400
    assert act(admin, "bury", "9" * 30).status_code == 404


def test_only_a_role_that_looks_after_jobs_sees_them(app: Flask, admin: FlaskClient) -> None:
    assert signed_in(app, "ratna@siskop.test").get(PAGE).status_code == 403
    assert PAGE not in signed_in(app, "ratna@siskop.test").get("/kantor").text
    assert f'href="{PAGE}"' in admin.get("/kantor").text

"""Errors become pages that say what happened and what to do next, or problems for whoever asks for JSON."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import DataError
from werkzeug.exceptions import TooManyRequests

from config import Settings
from siskop.base import logs
from siskop.base.db import bare_app
from siskop.base.errors import Conflict, Invalid, NotFound, Refusal
from siskop.web import assets, errors, frame
from tests.worlds import World

RAISED = {
    "refusal": Refusal("There is no connection."),
    "conflict": Conflict("There is no connection."),
    "missing": NotFound(),
    "invalid": Invalid({"x": ["Kurang satu angka."]}),
    "often": TooManyRequests(retry_after=61),
    "broken": ZeroDivisionError(),
    "unstorable": DataError("", {}, ValueError()),
}


def fallible(settings: Settings) -> Flask:
    """The frame and its errors, with addresses that fail in each way."""
    app = bare_app(settings)
    app.config.update(MAX_CONTENT_LENGTH=2_000_000, PROPAGATE_EXCEPTIONS=False)
    logs.init_app(app)
    for part in (errors, assets, frame):
        part.init_app(app)
    CSRFProtect(app)

    @app.route("/<how>", methods=["GET", "POST"])
    def fail(how: str) -> str:
        if how in RAISED:
            raise RAISED[how]
        return str(len(request.form)) if how == "fine" else abort(int(how))

    return app


@pytest.fixture
def visitor(world: World) -> FlaskClient:
    return fallible(world.settings).test_client()


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))


@pytest.mark.parametrize(
    ("how", "status", "says"),
    [
        ("refusal", 403, "Tidak ada sambungan."),
        ("conflict", 409, "Tidak ada sambungan."),
        ("missing", 404, "Halaman ini tidak ada"),
        ("invalid", 422, "Kurang satu angka."),
        ("often", 429, "Coba lagi 2 menit lagi."),
        ("broken", 500, "Ada gangguan di sistem kami"),
        ("unstorable", 400, "Permintaan tidak dapat dipahami"),
        ("403", 403, "Halaman ini bukan untuk akun Anda"),
        ("503", 503, "Situs belum dapat dibuka"),
        ("418", 418, "Permintaan tidak dapat dipahami"),
    ],
)
def test_each_error_is_a_page_with_a_way_on(visitor: FlaskClient, how: str, status: int, says: str) -> None:
    answer = visitor.get(f"/{how}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert says in words(page)
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<main id="isi"' in page


def test_a_fault_of_ours_gives_a_code_to_ask_about_and_tells_nothing_else(visitor: FlaskClient) -> None:
    page = words(visitor.get("/broken").get_data(as_text=True))
    assert re.search(r"sebutkan kode ini: \w+", page)
    assert "ZeroDivision" not in page


def test_who_asks_for_json_gets_a_problem(visitor: FlaskClient) -> None:
    answer = visitor.get("/invalid", headers={"Accept": "application/json"})
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == 422
    assert answer.json["fields"] == {"x": ["Kurang satu angka."]}


def test_a_form_whose_session_ended_shows_what_was_typed_but_no_secret(visitor: FlaskClient) -> None:
    sent = {"reason": "Alasan yang panjang", "password": "rahasia", "csrf_token": "basi", "_once": "kunci"}
    answer = visitor.post("/fine", data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "Sesi Anda sudah berakhir" in page
    assert "Alasan yang panjang" in page
    for hidden in ("rahasia", "basi", "kunci"):
        assert hidden not in page


def test_what_a_form_says_of_itself_is_not_shown_as_typed(visitor: FlaskClient) -> None:
    sealed = {"basis": "1.231.368e", "seen": "17", "do": "act", "name": "recall", "ballot": "", "words": "Salah kirim"}
    page = words(visitor.post("/fine", data=sealed).get_data(as_text=True))
    assert "Salah kirim" in page
    assert not any(said in page for said in ("1.231.368e", "recall", "Yang Anda ketik: 17"))
    assert "Maju" in words(visitor.post("/fine", data={"name": "Maju"}).get_data(as_text=True))


def test_what_another_site_posts_is_not_shown(visitor: FlaskClient) -> None:
    page = visitor.post("/fine", data={"a": "Kata asing"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert "Kata asing" not in page.get_data(as_text=True)


def test_too_much_at_once_says_the_limit(visitor: FlaskClient) -> None:
    answer = visitor.post("/fine", data={"a": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "paling besar 2 MB" in words(answer.get_data(as_text=True))


def test_without_a_database_there_is_still_a_page(world: World) -> None:
    away = replace(world.settings, database_url=world.servers.url("app", "nowhere"))
    answer = fallible(away).test_client().get("/404")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "Situs belum dapat dibuka" in words(answer.get_data(as_text=True))

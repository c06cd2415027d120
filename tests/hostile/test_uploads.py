"""Files that try to be something else, with names that try to be paths: refused with a sentence, or made harmless."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from siskop.base.db import unit_of_work
from siskop.submissions import answers, door
from tests import offices
from tests.hostile.attacks import DISGUISED, HTML, NAMES, picture
from tests.visitors import person, signed_in
from tests.web.browsing import form
from tests.worlds import World


@pytest.fixture
def draft(world: World, app: Flask) -> str:
    sari = person("sari@siskop.test", "Sari")
    return door.start("cooperative", offices.actor(sari), None)


def upload(browser: FlaskClient, draft: str, name: str, content: bytes) -> TestResponse:
    """As the proof that one acts for the cooperative."""
    found = form(browser.get(f"/pengajuan/{draft}/bukti").text, "/bukti")
    said = {"content_type": "text/html"}  # what the sender says of it counts for nothing
    found.values.add("bukti", FileStorage(io.BytesIO(content), name, **said))
    return found.send(browser)


def kept(world: World) -> list[tuple[int, str, str]]:
    with world.connect() as tx:
        return tx.execute("SELECT id, type, name FROM siskop.file ORDER BY id").fetchall()


def test_a_disguised_file_is_refused_with_a_sentence_and_nothing_is_kept(world: World, app: Flask, draft: str) -> None:
    browser = signed_in(app, "sari@siskop.test")
    for how, (name, content) in DISGUISED.items():
        answer = upload(browser, draft, name, content)
        assert answer.status_code == 422, how
        assert re.search(r'role="alert"', answer.text), how
    assert kept(world) == []
    assert not list(world.settings.files.glob("??/*"))


def test_a_picture_that_is_a_page_as_well_keeps_only_the_picture(world: World, app: Flask, draft: str) -> None:
    browser = signed_in(app, "sari@siskop.test")
    for kind in ("PNG", "JPEG", "WEBP"):
        assert upload(browser, draft, "foto.html", picture(kind) + HTML).status_code == 303
        file, media, name = kept(world)[-1]
        answer = browser.get(f"/berkas/{file}")
        assert media == f"image/{kind.lower()}" and not name.endswith("html")
        assert HTML not in answer.data
        assert answer.headers["Content-Type"] == media
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_name_is_never_a_path_a_header_or_another_kind_of_file(world: World, app: Flask, draft: str) -> None:
    browser = signed_in(app, "sari@siskop.test")
    for name in NAMES:
        assert upload(browser, draft, name, offices.PDF).status_code == 303, name
        file, _media, shown = kept(world)[-1]
        assert shown.endswith(".pdf") and shown.isprintable()
        assert not set(shown) & set("/\\") and len(shown) < 200
        answer = browser.get(f"/berkas/{file}")
        assert answer.data == offices.PDF
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["Content-Type"] == "application/pdf"
        assert "<script>hit" not in browser.get(f"/pengajuan/{draft}/bukti").text
    inside = world.settings.files
    assert len(kept(world)) == len(NAMES)
    assert [p.relative_to(inside).as_posix().count("/") for p in inside.rglob("*") if p.is_file()] == [1], (
        "by its digest"
    )


def test_line_breaks_in_a_name_end_the_part_and_no_file_comes(world: World, app: Flask, draft: str) -> None:
    browser = signed_in(app, "sari@siskop.test")
    answer = upload(browser, draft, "izin\r\nContent-Type: text/html\r\n\r\n.pdf", offices.PDF)
    assert answer.status_code == 422
    assert kept(world) == []


def test_a_file_of_somebody_else_is_not_there_and_can_not_be_taken_over(world: World, app: Flask, draft: str) -> None:
    browser = signed_in(app, "sari@siskop.test")
    upload(browser, draft, "SK.pdf", offices.PDF)
    [(file, _media, _name)] = kept(world)
    dua = person("dua@siskop.test", "Dua")
    other = signed_in(app, "dua@siskop.test")
    assert other.get(f"/berkas/{file}").status_code == other.get("/berkas/999999").status_code == 404
    mine = door.start("cooperative", offices.actor(dua), None)
    page = form(other.get(f"/pengajuan/{mine}/isi/licence").text)
    stolen = {"licence_scan": f'{{"id": {file}}}', "licence_scan-id": str(file), "has_licence": "yes"}
    answer = page.fill(**stolen, _asked=["has_licence", "licence_scan"]).send(other)
    assert answer.status_code in (303, 422)
    with unit_of_work() as tx:
        assert "licence_scan" not in answers.raws(tx, offices.seen(mine, dua).id)

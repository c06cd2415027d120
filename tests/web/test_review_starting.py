"""What the office begins itself, through the real pages; and the pictures of workflows."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from flask import Flask

from siskop.submissions import definitions
from tests import committees, inventory, offices
from tests.offices import Office
from tests.visitors import keys, person, signed_in
from tests.worlds import World


@pytest.fixture
def office(world: World, app: Flask, tmp_path: Path) -> Office:
    inventory.in_force(tmp_path / "files", committees.FILES)
    return offices.staff()


def here() -> str:
    return str(offices.sample(definitions.library().kinds["cooperative"].fields["kelurahan"], 0, ""))


def test_a_role_finds_a_record_in_its_area_begins_and_fills_in_the_form(app: Flask, office: Office) -> None:
    _number, record = offices.published(office, name="KSP Sekar Melati")
    person("lapangan@siskop.test", "Laksmi", ("officer", here()[:5]))
    browser = signed_in(app, "lapangan@siskop.test")
    assert "/kantor/mulai/inspection" in browser.get("/kantor/mulai").text
    page = browser.get("/kantor/mulai/inspection?q=sekar").text
    assert f'name="record" value="{record}"' in page
    answer = browser.post("/kantor/mulai/inspection", data={**keys(page), "record": str(record)})
    assert answer.status_code == 303 and answer.location.endswith("/isi")
    assert "Temuan" in browser.get(answer.location).text
    again = browser.get("/kantor/mulai/inspection?q=sekar").text
    other = browser.post("/kantor/mulai/inspection", data={**keys(again), "record": str(record)})
    assert other.location == answer.location


def test_what_is_in_another_area_is_neither_found_nor_begun(app: Flask, office: Office) -> None:
    _number, record = offices.published(office, name="KSP Sekar Melati")
    person("jauh@siskop.test", "Jauh", ("officer", "99"))
    browser = signed_in(app, "jauh@siskop.test")
    page = html.unescape(browser.get("/kantor/mulai/inspection?q=sekar").text)
    assert "Tidak ada yang terdaftar di wilayah Anda" in page
    hidden = keys(browser.get("/kantor/wakil").text)
    assert browser.post("/kantor/mulai/inspection", data={**hidden, "record": str(record)}).status_code == 422


@pytest.mark.parametrize("record", ["abc", "9" * 30, "-1", "0"])
def test_a_record_that_is_none_is_not_begun(app: Flask, office: Office, record: str) -> None:
    person("lapangan@siskop.test", "Laksmi", ("officer", ""))
    browser = signed_in(app, "lapangan@siskop.test")
    hidden = keys(browser.get("/kantor/wakil").text)
    assert browser.post("/kantor/mulai/inspection", data={**hidden, "record": record}).status_code == 404


def test_whose_role_begins_nothing_is_told_so_and_finds_no_page(app: Flask, office: Office) -> None:
    person("duduk@siskop.test", "Asih", ("head", ""))
    browser = signed_in(app, "duduk@siskop.test")
    assert "Tidak ada yang dimulai oleh peran Anda" in browser.get("/kantor/mulai").text
    assert browser.get("/kantor/mulai/inspection").status_code == 404
    assert browser.get("/kantor/mulai/cooperative").status_code == 404


def test_every_workflow_is_drawn_with_its_versions_and_what_runs_on_them(app: Flask, office: Office) -> None:
    offices.sent(office.secretary, name="KSP Sekar Melati")
    browser = signed_in(app, "tirta@siskop.test")
    page = browser.get("/kantor/alur?lihat=request").text
    assert "Permintaan dana" in page and page.count("<svg xmlns") == 1
    assert re.search(r"1 sedang berjalan: <code>\w{12}</code>", page)
    assert "Komite" in page


def test_the_present_state_is_marked_for_both_sides(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    pages = (
        (f"/kantor/pengajuan/{number}", offices.address(number, office)),
        (f"/pengajuan/{number}", "sari@siskop.test"),
    )
    for path, who in pages:
        page = signed_in(app, who).get(path).text
        assert "sekarang di sini" in page

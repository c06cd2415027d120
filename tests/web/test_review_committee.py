"""The review page over a workflow that it has never seen: a committee, steps side by side, small forms, opinions."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import committees
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

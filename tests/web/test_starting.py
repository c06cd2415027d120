"""What may be begun, from the home page and from the public pages; what belongs to a record; what is withdrawn."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siskop.accounts import memberships
from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.submissions import door
from tests import inventory, offices
from tests.offices import PDF, actor, seen
from tests.visitors import person, signed_in
from tests.web.browsing import form, forms
from tests.worlds import World

HOUSE = "/inventaris/gudang-melati"


@pytest.fixture
def accounts(world: World, app: Flask, tmp_path: Path) -> Iterator[dict[str, int]]:
    """A published inventory of Sari's; Dewi is a stranger to it."""
    inventory.in_force(tmp_path / "files")
    people = {
        "sari": person("sari@siskop.test", "Sari Wulandari"),
        "dewi": person("dewi@siskop.test", "Dewi"),
        "tirta": person("tirta@siskop.test", "Tirta Anggara", ("verifier", "")),
        "ratna": person("ratna@siskop.test", "Ratna Dewi", ("head", "")),
    }
    number = door.start("inventory", actor(people["sari"]))
    offices.fill(number, people["sari"], "inventory", {"name": "Gudang Melati", "story": "Satu"}, everything=False)
    door.perform(number, actor(people["sari"]), Command("act", "send"))
    door.perform(number, actor(people["tirta"]), Command("complete", "look"))
    yield people


def number_of(location: str) -> str:
    return re.findall(r"/pengajuan/([^/]+)/isi", location)[0]


def test_a_report_is_begun_by_choosing_its_period_which_then_stands_fixed(app: Flask, accounts: dict[str, int]) -> None:
    sari = signed_in(app, "sari@siskop.test")
    assert 'href="/mulai/stocktaking/gudang-melati"' in sari.get("/ruang").text
    page = sari.get("/mulai/stocktaking/gudang-melati").text
    choices = [found for found in forms(page) if "mulai/stocktaking" in found.action]
    assert [found.values["period"] for found in choices] == ["2026", "2025", "2024"], "as many as the file allows"
    number = number_of(choices[1].send(sari).location)
    asked = sari.get(f"/pengajuan/{number}/isi/all").text
    assert 'name="year"' not in asked
    assert "2025" in asked
    assert form(asked).fill(counted="7").send(sari).status_code == 303
    begun = sari.get("/mulai/stocktaking/gudang-melati").text
    assert "Belum dikirim" in begun
    assert f'href="/pengajuan/{number}"' in begun
    assert form(sari.get(f"/pengajuan/{number}/periksa").text, "/periksa").fill(benar="1").send(sari).status_code == 303
    published = sari.get("/mulai/stocktaking/gudang-melati").text
    assert "Dipublikasikan, versi 1" in published
    again = next(found for found in forms(published) if "period" not in found.values and "mulai" in found.action)
    assert number_of(again.send(sari).location) != number, "a change of what is published"


def test_an_entry_lists_what_belongs_to_it_which_leads_back(app: Flask, accounts: dict[str, int]) -> None:
    sari, anybody = signed_in(app, "sari@siskop.test"), app.test_client()
    for period in ("2024", "2026"):
        data = {**forms(sari.get("/mulai/stocktaking/gudang-melati").text)[1].values, "period": period}
        number = number_of(sari.post("/ruang/mulai/stocktaking", data=data).location)
        assert form(sari.get(f"/pengajuan/{number}/isi/all").text).fill(counted="7").send(sari).status_code == 303
        form(sari.get(f"/pengajuan/{number}/periksa").text, "/periksa").fill(benar="1").send(sari)
    page = anybody.get(HOUSE).text
    assert page.index("Hitungan 2026 Gudang Melati") < page.index("Hitungan 2024 Gudang Melati")
    [child] = re.findall(r'href="(/hitungan/[^"]*2026[^"]*)"', page)
    below = anybody.get(child).text
    assert f'<a href="{HOUSE}">Gudang Melati</a>' in below
    assert "Hitungan 2026 Gudang Melati" in anybody.get("/hitungan").text


def test_a_period_that_cannot_be_is_said_on_the_page(app: Flask, accounts: dict[str, int]) -> None:
    sari = signed_in(app, "sari@siskop.test")
    data = {**forms(sari.get("/mulai/stocktaking/gudang-melati").text)[1].values, "period": "1999"}
    refused = sari.post("/ruang/mulai/stocktaking", data=data)
    assert refused.status_code == 422
    assert "antara 2024 dan 2026" in refused.text


def test_a_stranger_begins_from_the_public_page_shows_a_proof_and_sees_only_what_is_public(
    app: Flask, accounts: dict[str, int]
) -> None:
    public = app.test_client().get(HOUSE).text
    assert 'href="/mulai/joining/gudang-melati"' in public
    assert app.test_client().get("/mulai/joining/gudang-melati").status_code == 302, "sign in first, then back"
    dewi = signed_in(app, "dewi@siskop.test")
    assert dewi.get("/mulai/stocktaking/gudang-melati").status_code == 404
    assert dewi.get("/mulai/joining/tidak-ada").status_code == 404
    assert dewi.get("/mulai/tidak-ada/gudang-melati").status_code == 404
    page = dewi.get("/mulai/joining/gudang-melati").text
    assert "Surat yang menyebut nama Anda." in page
    number = number_of(form(page, "mulai/joining").send(dewi).location)
    assert (
        form(dewi.get(f"/pengajuan/{number}/isi/all").text).fill(story="Sekretaris baru").send(dewi).status_code == 303
    )
    assert "Belum dapat dikirim" in dewi.get(f"/pengajuan/{number}/periksa").text
    letter = form(dewi.get(f"/pengajuan/{number}/bukti").text, "/bukti")
    letter.values.add("bukti", (io.BytesIO(PDF), "kuasa.pdf"))
    assert letter.send(dewi).status_code == 303
    checked = form(dewi.get(f"/pengajuan/{number}/periksa").text, "/periksa").fill(benar="1")
    assert checked.send(dewi).status_code == 303
    assert seen(number, accounts["dewi"]).case.state == "objection"


def test_a_draft_of_a_stranger_is_not_on_the_home_of_those_who_act_for_the_record(
    app: Flask, accounts: dict[str, int]
) -> None:
    number = door.start("joining", actor(accounts["dewi"]), record_of(accounts["sari"]))
    sari = signed_in(app, "sari@siskop.test")
    assert number not in sari.get("/ruang").text
    assert sari.get(f"/pengajuan/{number}").status_code == 404


def record_of(account: int) -> int:
    with unit_of_work() as tx:
        return memberships.records_of(tx, account)[0].record_id


def test_those_who_act_for_the_record_may_object_on_their_own_pages(app: Flask, accounts: dict[str, int]) -> None:
    number = door.start("joining", actor(accounts["dewi"]), record_of(accounts["sari"]))
    offices.prove(number, accounts["dewi"])
    offices.fill(number, accounts["dewi"], "joining", {"story": "Baru"}, everything=False)
    door.perform(number, actor(accounts["dewi"]), Command("act", "send"))
    sari = signed_in(app, "sari@siskop.test")
    assert number in sari.get("/ruang").text
    page = sari.get(f"/pengajuan/{number}").text
    [address] = {
        url.replace("&amp;", "&") for url in re.findall(rf'href="(/pengajuan/{number}/tindakan/[^"]*against)"', page)
    }
    asked = sari.get(address.replace("&amp;", "&")).text
    empty = form(asked, "/tindakan/").send(sari)
    assert empty.status_code == 422
    assert form(empty.text, "/tindakan/").fill(words="Bukan pengurus kami.").send(sari).status_code == 303
    assert seen(number, accounts["dewi"]).case.state == "refused"


def test_what_is_withdrawn_keeps_its_page_and_leaves_the_lists(app: Flask, accounts: dict[str, int]) -> None:
    number = door.start("closing", actor(accounts["ratna"]), record_of(accounts["sari"]))
    offices.fill(number, accounts["ratna"], "closing", {"pieces": "1"}, everything=False)
    door.perform(number, actor(accounts["ratna"]), Command("act", "close"))
    anybody: FlaskClient = app.test_client()
    for address in (HOUSE, f"{HOUSE}/versi/1"):
        page = anybody.get(address).text
        assert "Tidak berlaku lagi sejak" in page
        assert '<meta name="robots" content="noindex">' in page
        assert "Satu" in page
    assert "Gudang Melati" not in anybody.get("/inventaris").text
    assert "noindex" not in anybody.get("/inventaris").text

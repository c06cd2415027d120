"""A list of five hundred rows on a weak network, and the place where the device is: in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Request, expect

from siskop.base.db import unit_of_work
from siskop.submissions import door, drafts
from tests import inventory, offices
from tests.end_to_end.house import House
from tests.end_to_end.visitor import Visitor
from tests.visitors import person

ROWS, WINDOW = 500, 50
MOST_SENT = 1_000  # bytes of one row with its mark and its key
MOST_PAGE = 250_000  # bytes of a window as it is sent, before any packing
MOST_SECONDS = 5  # from the address to the page, on a machine that does other things too


@pytest.fixture(scope="module")
def sari(house: House, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    inventory.in_force(tmp_path_factory.mktemp("files") / "workflows")
    person("sari@siskop.test", "Sari Wulandari")
    visitor = Visitor(chromium, house.url, "sari@siskop.test", geolocation={"latitude": -6.3, "longitude": 106.7})
    visitor.sign_in()
    yield visitor
    visitor.leave()


@pytest.fixture(scope="module")
def account(sari: Visitor) -> int:
    from siskop.accounts import people

    with unit_of_work() as tx:
        return people.find(tx, sari.email) or 0


@pytest.fixture(scope="module")
def number(account: int) -> str:
    number = door.start("inventory", offices.actor(account))
    rows = [
        {"what": f"Meja {n}", "pieces": str(n), "code": f"{n:013}", "bought": "21-12-2020", "price": "50.000",
         "good": "yes", "share": "5", "note": "Baik" if n != 320 else ""}
        for n in range(ROWS)
    ]  # fmt: skip
    rows[320]["pieces"] = "banyak"
    with unit_of_work() as tx:
        drafts.save(tx, number, offices.actor(account), {"items": rows})
    return number


def kept(number: str, account: int) -> list[dict[str, Any]]:
    rows = offices.seen(number, account).draft["items"]
    assert isinstance(rows, list)
    return rows


def test_a_window_is_light_and_leads_to_the_next_error(sari: Visitor, number: str) -> None:
    started = time.monotonic()
    response = sari.page.goto(f"/pengajuan/{number}/isi/rows?baris=items-0&periksa=1")
    assert response is not None
    assert time.monotonic() - started < MOST_SECONDS
    assert len(response.body()) < MOST_PAGE
    expect(sari.page.locator("[data-keep] input[name^='items-'][name$='-what']")).to_have_count(WINDOW)
    sari.page.get_by_role("link", name=re.compile("perlu diperbaiki: ke yang berikutnya")).first.click()
    expect(sari.page.locator("[name='items-320-pieces']")).to_have_value("banyak")
    expect(sari.page.locator("#f-items-320-pieces-e")).to_be_visible()


def test_only_the_row_that_changed_is_sent_also_when_the_network_comes_back(
    sari: Visitor, number: str, account: int
) -> None:
    page = sari.open(f"/pengajuan/{number}/isi/rows?baris=items-320")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if "x-autosave" in request.headers else None)
    sari.context.set_offline(True)
    page.fill("[name='items-320-pieces']", "12")
    expect(page.locator("#tersimpan")).to_contain_text("Belum tersimpan")
    sari.context.set_offline(False)
    expect(page.locator("#tersimpan")).to_contain_text(re.compile(r"^\s*Tersimpan \d\d\.\d\d"))
    body = sent[-1].post_data or ""
    assert len(body) < MOST_SENT
    assert set(re.findall(r"items-(\d+)-", body)) == {"320"}
    page.fill("[name='items-320-note']", "Sudah dihitung")
    with page.expect_response(lambda response: response.ok and "x-autosave" in response.request.headers):
        pass
    rows = kept(number, account)
    assert (rows[320]["pieces"], rows[320]["note"]) == ("12", "Sudah dihitung")
    assert len(rows) == ROWS
    assert rows[319]["pieces"] == "319"
    assert all("ERR_INTERNET_DISCONNECTED" in fault for fault in sari.faults)
    sari.faults.clear()


def test_an_unfinished_row_is_kept_and_others_stand_folded(sari: Visitor, number: str, account: int) -> None:
    page = sari.open(f"/pengajuan/{number}/isi/rows?baris=items-499")
    page.locator("button[name=_add]").click()
    expect(page.locator("#f-items-500")).to_be_visible()
    page.fill("[name='items-500-what']", "Belum selesai")
    expect(page.locator("#tersimpan")).to_contain_text(re.compile(r"^\s*Tersimpan \d\d\.\d\d"))
    assert kept(number, account)[500]["what"] == "Belum selesai"
    expect(page.locator("[name='items-500-pieces']")).to_be_visible()


def test_the_place_is_asked_of_the_device_only_when_somebody_wants_it(sari: Visitor, number: str, account: int) -> None:
    page = sari.open(f"/pengajuan/{number}/isi/first")
    expect(page.locator("[name=place]")).to_have_value("")
    sari.context.grant_permissions(["geolocation"])
    sari.press("Pakai tempat saya sekarang")
    expect(page.locator("[name=place]")).to_have_value("-6.300000, 106.700000")
    expect(page.locator("#tersimpan")).to_contain_text(re.compile(r"^\s*Tersimpan \d\d\.\d\d"))
    assert offices.seen(number, account).draft["place"] == "-6.300000, 106.700000"
    assert sari.faults == []

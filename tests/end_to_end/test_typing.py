"""A weak network and quick fingers: what was typed is neither lost nor sent twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from siskop.submissions import door
from siskop.submissions.view import View
from tests import offices
from tests.end_to_end.house import House
from tests.end_to_end.visitor import Visitor
from tests.visitors import person

LATEST_MS = 50
STAMP = """() => document.addEventListener('keydown', (event) => {
  sessionStorage.before = sessionStorage.last || 0;
  sessionStorage.last = event.timeStamp;
}, true)"""
GAP = "() => sessionStorage.last - sessionStorage.before"


@pytest.fixture(scope="module")
def secretary(house: House) -> int:
    return person("sari@siskop.test", "Sari Wulandari")


@pytest.fixture(scope="module")
def number(secretary: int) -> str:
    return door.start("cooperative", offices.actor(secretary), None)


@pytest.fixture(scope="module")
def visitor(house: House, chromium: Browser, secretary: int) -> Iterator[Visitor]:
    visitor = Visitor(chromium, house.url, "sari@siskop.test")
    visitor.sign_in()
    yield visitor
    visitor.leave()


def draft(number: str, account: int) -> dict[str, object]:
    seen: View = offices.seen(number, account)
    return dict(seen.draft)


def test_enter_right_after_the_last_letter_keeps_it(visitor: Visitor, number: str, secretary: int) -> None:
    gaps = []
    for n in range(3):
        page = visitor.open(f"/pengajuan/{number}/isi/identity")
        page.evaluate(STAMP)
        page.fill("#f-name", "")
        page.focus("#f-name")
        page.keyboard.type(f"Koperasi Melati {n}\n")
        page.wait_for_url(re.compile("/isi/contact"))
        assert draft(number, secretary)["name"] == f"Koperasi Melati {n}"
        gaps.append(page.evaluate(GAP))
    assert min(gaps) < LATEST_MS, "Enter came as quickly as fingers are"


def test_without_a_network_the_page_says_so_and_sends_what_was_typed_when_it_is_back(
    visitor: Visitor, number: str, secretary: int
) -> None:
    page = visitor.open(f"/pengajuan/{number}/isi/contact")
    visitor.context.set_offline(True)
    page.fill("#f-address", "Jl. Melati No. 1")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#tersimpan")).to_contain_text("Belum tersimpan")
    expect(page.locator("#f-address")).to_have_value("Jl. Melati No. 1")
    assert "address" not in draft(number, secretary)
    visitor.context.set_offline(False)
    expect(page.locator("#tersimpan")).to_contain_text(re.compile(r"^\s*Tersimpan \d\d\.\d\d"))
    expect(page.locator("#offline")).to_be_hidden()
    assert draft(number, secretary)["address"] == "Jl. Melati No. 1"


def test_a_double_click_decides_once(house: House, chromium: Browser) -> None:
    office = offices.Office(
        secretary=person("wulan@siskop.test", "Wulan Sari"),
        verifier=person("tirta@siskop.test", "Tirta Anggara", ("verifier", "")),
        colleague=0,
        head=person("ratna@siskop.test", "Ratna Dewi", ("head", "")),
        administrator=person("adi@siskop.test", "Adi Putra", ("administrator", "")),
    )
    number = offices.sent(office.secretary, name="Koperasi Jasa Kenanga")
    for email, button in (("tirta@siskop.test", "Verifikasi"), ("ratna@siskop.test", "Setujui")):
        officer = Visitor(chromium, house.url, email)
        officer.sign_in()
        officer.open(f"/kantor/pengajuan/{number}")
        officer.page.locator("form.decision").get_by_role("button", name=button, exact=True).dblclick()
        expect(officer.page.locator("[role=status].good")).to_be_visible()
        officer.leave()
    offices.check()
    moves = [event for event in _events(house, number) if event[0] == "moved"]
    assert [to for _kind, to in moves] == ["submitted", "verified", "published"]


def _events(house: House, number: str) -> list[tuple[str, str]]:
    with house.world.connect() as connection:
        return connection.execute(
            "SELECT e.type, e.to_state FROM siskop.event e JOIN siskop.submission s ON s.id = e.submission_id"
            " WHERE s.number = %s ORDER BY e.seq",
            (number,),
        ).fetchall()

"""Deputies, tasks moved in heaps, and seats that nobody can take, through the real pages."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask

from siskop.accounts import people
from siskop.base.db import now, unit_of_work
from siskop.base.db import today as day
from siskop.engine.case import Command
from siskop.jobs import drain
from siskop.submissions import door, moving
from tests import offices
from tests.offices import Office
from tests.visitors import keys, person, signed_in
from tests.worlds import World


@pytest.fixture
def office(world: World, app: Flask) -> Office:
    return offices.staff()


def dates(first: int = 0, last: int = 3) -> dict[str, str]:
    with unit_of_work() as tx:
        return {"dari": str(day(tx) + timedelta(first)), "sampai": str(day(tx) + timedelta(last))}


def test_a_named_colleague_stands_in_until_it_is_ended(app: Flask, office: Office) -> None:
    browser = signed_in(app, "ratna@siskop.test")
    page = browser.get("/kantor/wakil").text
    answer = browser.post("/kantor/wakil", data={**keys(page), "orang": str(office.verifier), **dates()})
    assert answer.status_code == 302
    assert list(offices.actor(office.verifier).principals) == [office.head]
    page = browser.get("/kantor/wakil").text
    assert "Tirta Anggara" in page
    assert "Ratna Dewi" in signed_in(app, "tirta@siskop.test").get("/kantor/wakil").text
    end = re.search(r'action="(/kantor/wakil/\d+/akhiri)"', page)
    assert end is not None
    foreign = signed_in(app, "banyu@siskop.test")
    assert foreign.post(end.group(1), data=keys(foreign.get("/kantor/wakil").text)).status_code == 404
    assert browser.post(end.group(1), data=keys(page)).status_code == 302
    assert not offices.actor(office.verifier).principals


def test_a_wrong_deputy_is_refused_beside_the_field_with_what_was_typed(app: Flask, office: Office) -> None:
    browser = signed_in(app, "ratna@siskop.test")
    page = browser.get("/kantor/wakil").text
    answer = browser.post("/kantor/wakil", data={**keys(page), "orang": str(office.secretary), **dates(2, 1)})
    assert answer.status_code == 422
    assert 'id="orang-e"' in answer.text and 'id="sampai-e"' in answer.text
    assert dates(2, 1)["dari"] in answer.text


def test_only_a_role_with_people_names_deputies_of_others(app: Flask, office: Office) -> None:
    wanted = {"untuk": str(office.head), "orang": str(office.verifier), **dates()}
    for who, status in (("banyu", 404), ("adi", 302)):
        browser = signed_in(app, f"{who}@siskop.test")
        page = browser.get("/kantor/wakil").text
        assert browser.post("/kantor/wakil", data={**keys(page), **wanted}).status_code == status
    assert list(offices.actor(office.verifier).principals) == [office.head]


def test_a_deputy_does_the_work_of_the_principal(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    offices.verify(number, office)
    deputy = person("wakil@siskop.test", "Wakil Kepala", ("officer", ""))
    adi = signed_in(app, "adi@siskop.test")
    page = adi.get("/kantor/wakil").text
    adi.post("/kantor/wakil", data={**keys(page), "untuk": str(office.head), "orang": str(deputy), **dates()})
    browser = signed_in(app, "wakil@siskop.test")
    page = browser.get(f"/kantor/pengajuan/{number}").text
    found = dict(re.findall(r'name="(basis|seen)" value="([^"]+)"', page))
    data = {**keys(page), **found, "choice": "vote:approval:for"}
    assert browser.post(f"/kantor/pengajuan/{number}", data=data).status_code == 302
    seen = offices.seen(number, office.administrator)
    assert seen.state.final
    assert any("Wakil Kepala" in line.who and seen.names[office.head] in line.who for line in seen.history)
    told = offices.seen(number, office.secretary).history
    assert not any("Wakil Kepala" in line.who or seen.names[office.head] in line.who for line in told)


def test_all_tasks_of_a_person_are_moved_and_what_stays_says_why(app: Flask, office: Office) -> None:
    numbers = [offices.sent(person(f"s{n}@siskop.test", f"S {n}"), name=f"KSP Nomor {n}") for n in range(4)]
    leaving = offices.holder(numbers[0], office)
    other = office.colleague if leaving == office.verifier else office.verifier
    for number in numbers:
        if offices.holder(number, office) != leaving:
            give = Command("assign", "verification", {"person": leaving})
            door.perform(number, offices.actor(office.administrator), give)
    here = person("dua@siskop.test", "Dua Peran", ("head", ""))
    browser = signed_in(app, "adi@siskop.test")
    wrong = html.unescape(browser.get(f"/kantor/pindahkan?orang={leaving}&ke={here}").text)
    assert "4 tugas tetap" in wrong and "Dua Peran tidak memegang peran" in wrong
    page = browser.get(f"/kantor/pindahkan?orang={leaving}&ke={other}").text
    assert "4 tugas dipindahkan" in page
    answer = browser.post("/kantor/pindahkan", data={**keys(page), "orang": leaving, "ke": other})
    assert answer.status_code == 303
    result = browser.get(answer.location).text
    assert all(number in result for number in numbers)
    assert {offices.holder(number, office) for number in numbers} == {other}


def test_a_task_that_the_mover_cannot_open_is_no_link(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    person("jauh@siskop.test", "Jauh", ("administrator", "99"))
    link = f"/kantor/pengajuan/{number}"
    for who, opens in (("adi", True), ("jauh", False)):
        browser = signed_in(app, f"{who}@siskop.test")
        page = browser.get(f"/kantor/pindahkan?orang={offices.holder(number, office)}").text
        assert number in page and (link in page) is opens
        assert browser.get(link).status_code == (200 if opens else 404)


def test_by_the_rule_each_task_goes_to_whom_its_step_would_choose(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    leaving = offices.holder(number, office)
    browser = signed_in(app, "adi@siskop.test")
    page = browser.get(f"/kantor/pindahkan?orang={leaving}").text
    browser.post("/kantor/pindahkan", data={**keys(page), "orang": leaving, "ke": ""})
    assert offices.holder(number, office) in {office.verifier, office.colleague} - {leaving}


def test_many_tasks_are_moved_by_a_job(app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 0)
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    leaving = offices.holder(number, office)
    with unit_of_work() as tx:
        since = now(tx)
    assert moving.move(leaving, office.administrator, None) is False
    assert offices.holder(number, office) == leaving
    drain.drain("batch")
    assert offices.holder(number, office) != leaving
    with unit_of_work() as tx:
        assert [m.number for m in moving.moved(tx, leaving, office.administrator, since)] == [number]


def test_a_seat_that_nobody_can_take_is_listed_until_somebody_can(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    offices.verify(number, office)
    browser = signed_in(app, "adi@siskop.test")
    assert number not in browser.get("/kantor/kosong").text
    with unit_of_work() as tx:
        people.grant(tx, office.head, "head", until_on=day(tx) - timedelta(1))
    page = html.unescape(browser.get("/kantor/kosong").text)
    assert number in page and "Tidak ada yang memegang peran ini" in page
    assert "/kantor/kosong" in browser.get("/kantor").text
    both = person("lagi@siskop.test", "Kepala Baru", ("head", ""))
    assert both and number not in browser.get("/kantor/kosong").text


def test_a_seat_whose_every_holder_is_excluded_is_listed(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    verifier = offices.holder(number, office)
    offices.verify(number, office)
    with unit_of_work() as tx:
        people.grant(tx, office.head, "head", until_on=day(tx) - timedelta(1))
        people.grant(tx, verifier, "head")
        people.grant(tx, office.secretary, "head")
    page = html.unescape(signed_in(app, "adi@siskop.test").get("/kantor/kosong").text)
    assert number in page and "Semua (2)" in page


def test_only_who_manages_a_workflow_or_has_people_sees_empty_seats(app: Flask, office: Office) -> None:
    assert signed_in(app, "tirta@siskop.test").get("/kantor/kosong").status_code == 404
    assert signed_in(app, "tirta@siskop.test").get("/kantor/pindahkan").status_code == 404


@pytest.mark.parametrize("query", ["orang=abc", "orang=" + "9" * 30, "orang=1&ke=-1", "orang=٣"])
def test_a_person_who_is_no_number_is_no_page(app: Flask, office: Office, query: str) -> None:
    browser = signed_in(app, "adi@siskop.test")
    assert browser.get(f"/kantor/pindahkan?{query}").status_code == 404
    assert browser.get(f"/kantor/pindahkan/hasil?{query}&sejak=nan").status_code == 404

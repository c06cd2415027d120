"""Addresses, numbers, cursors, hosts and keys that are somebody else's or nobody's; one key eight times."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from flask import Flask

from siskop.base.db import unit_of_work
from siskop.submissions import door
from tests import offices
from tests.faults import consistency
from tests.hostile.attacks import TEXTS
from tests.offices import Office
from tests.visitors import keys, person, signed_in
from tests.web.browsing import form
from tests.worlds import World

ODD = {name: text[:2_000] for name, text in TEXTS.items() if text}
QUERIES = ("/koperasi?q={}", "/koperasi?dari={}", "/koperasi?kelurahan={}", "/koperasi?kind={}", "/koperasi?{}=1",
           "/kantor?lihat={}", "/kantor?q={}", "/kantor?wilayah={}", "/kantor?alur={}", "/kantor?dari={}",
           "/masuk?next={}", "/en/koperasi?dari={}")  # fmt: skip
PLACES = ("/{}", "/koperasi/{}", "/koperasi/x/versi/{}", "/pengajuan/{}", "/pengajuan/{}/isi", "/pengajuan/N/isi/{}",
          "/pengajuan/N/tindakan/{}", "/kantor/pengajuan/{}", "/kantor/pengajuan/N/alasan?do={}&name=x",
          "/kantor/pengajuan/N/tugaskan/{}", "/berkas/{}", "/aset/{}/style.css", "/aset/0/{}", "/konfirmasi/{}",
          "/lupa-sandi/{}", "/en/{}")  # fmt: skip


@pytest.fixture
def office(world: World, app: Flask) -> Office:
    return offices.staff()


def test_no_question_or_address_fails(app: Flask, office: Office) -> None:
    number, _record = offices.published(office, name="Koperasi Jasa Sekar")
    browser = signed_in(app, "tirta@siskop.test")
    wrong = []
    for path in (*QUERIES, *PLACES):
        for name, text in ODD.items():
            answer = browser.get(path.replace("N", number).replace("{}", quote(text, safe="")))
            if answer.status_code >= 500:
                wrong.append(f"{path} {name}: {answer.status_code}")
    assert not wrong


def test_a_foreign_host_gets_nothing_and_stands_in_no_link(app: Flask, office: Office) -> None:
    browser = app.test_client()
    for host in ("jahat.example", "127.0.0.1.jahat.example", "localhost@jahat.example", ""):
        answer = browser.get("/lupa-sandi", headers={"Host": host})
        assert answer.status_code == 400, host
        assert "jahat" not in answer.text.replace("Referer", "")
    answer = browser.get("/masuk", headers={"X-Forwarded-Host": "jahat.example", "X-Forwarded-Proto": "https"})
    assert answer.status_code == 200 and "jahat" not in answer.text


def foreign(number: str, record: int, file: int) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every act on what is somebody else's."""
    yield "GET", f"/pengajuan/{number}", {}
    for part in ("isi", "isi/identity", "bukti", "periksa", "perbaikan", "tindakan/withdraw"):
        yield "GET", f"/pengajuan/{number}/{part}", {}
    for part in ("isi/identity", "bukti", "periksa", "tindakan/withdraw"):
        yield "POST", f"/pengajuan/{number}/{part}", {"name": "Milik saya", "_asked": "name", "benar": "1"}
    yield "POST", "/ruang/mulai/cooperative", {"record": str(record)}
    yield "POST", "/ruang/mulai/licence", {"record": str(record)}
    yield "GET", f"/berkas/{file}", {}


def written(world: World) -> tuple[int, ...]:
    """How much there is of what an act would add."""
    tables = ("event", "job", "file", "submission", "record", "membership", "draft_value")
    with world.connect("owner") as owner:
        return tuple(owner.execute(f"SELECT count(*) FROM siskop.{table}").fetchone()[0] for table in tables)


def test_what_is_somebody_elses_is_not_there(world: World, app: Flask, office: Office) -> None:
    _number, record = offices.published(office, name="Koperasi Jasa Sekar")
    update = door.start("cooperative", offices.actor(office.secretary), record)
    file = offices.upload(office.secretary, update)["id"]
    person("dua@siskop.test", "Dua")
    browser = signed_in(app, "dua@siskop.test")
    before = written(world)
    for method, path, fields in foreign(update, record, file):
        key = {"csrf_token": keys(browser.get("/akun").text)["csrf_token"], "_once": secrets.token_urlsafe(16)}
        answer = browser.open(path, method=method, data={**key, **fields} if method == "POST" else None)
        assert answer.status_code == 404, (method, path, answer.status_code)
    assert written(world) == before


def test_a_correction_of_another_submission_can_not_be_answered(app: Flask, office: Office) -> None:
    theirs = offices.sent(office.secretary, name="Koperasi Jasa Sekar")
    offices.ask(theirs, office, "name", "Perbaiki.")
    offices.send_back(theirs, office)
    dua = person("dua@siskop.test", "Dua")
    mine = door.start("cooperative", offices.actor(dua), None)
    browser = signed_in(app, "dua@siskop.test")
    page = form(browser.get(f"/pengajuan/{mine}/isi/identity").text)
    page.fill(**{"name": "Koperasi Dua", "_explain-1": "Sudah."}).send(browser, _later="1")
    [correction] = offices.seen(theirs, office.secretary).corrections
    assert correction.status == "open" and correction.answer in (None, "")


def test_one_key_posted_eight_times_at_once_is_one_act(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="Koperasi Jasa Sekar")
    browser = signed_in(app, offices.address(number, office))
    page = browser.get(f"/kantor/pengajuan/{number}").text
    cookie = browser.get_cookie("siskop")
    assert cookie is not None
    posted = {**keys(page), "do": "ask", "name": "name", "words": "Perbaiki."}

    def post(_n: int) -> tuple[int, str | None]:
        other = app.test_client()
        other.set_cookie("siskop", cookie.value)
        answer = other.post(f"/kantor/pengajuan/{number}", data=posted)
        return answer.status_code, answer.location

    with ThreadPoolExecutor(8) as eight:
        answers = list(eight.map(post, range(8)))
    assert {status for status, _location in answers} == {302}
    assert len(set(answers)) == 1
    assert len(offices.seen(number, office.administrator).corrections) == 1
    other = {**posted, "words": "Lain."}
    assert browser.post(f"/kantor/pengajuan/{number}", data=other).status_code == 409
    with unit_of_work() as tx:
        assert consistency.faults(tx) == []


def test_a_key_is_worth_nothing_to_another_account(app: Flask, office: Office) -> None:
    number = offices.sent(office.secretary, name="Koperasi Jasa Sekar")
    browser = signed_in(app, offices.address(number, office))
    page = browser.get(f"/kantor/pengajuan/{number}").text
    posted = {**keys(page), "do": "ask", "name": "name", "words": "Perbaiki."}
    admin = signed_in(app, "adi@siskop.test")
    assert admin.post(f"/kantor/pengajuan/{number}", data=posted).status_code == 400, "the token of another session"
    assert browser.post(f"/kantor/pengajuan/{number}", data=posted).status_code == 302

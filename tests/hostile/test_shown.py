"""What people type is shown as they typed it, on every page and in every mail, and is never markup there."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.submissions import definitions, door
from tests import offices
from tests.hostile.openings import EVERYONE, Opening, Scene, picture
from tests.visitors import person, signed_in
from tests.worlds import World

MARK = "'\"><i onclick=x() class=hostile>"
SAID = ("correction", "answer", "note", "reason", "comment")
PAGES_AT_MOST = 90
DISGUISED = {
    "izin.pdf": b"MZ\x90\x00\x03 program",
    "izin.png": b"<html><script>alert(1)</script></html>",
    "foto.jpg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "izin.pdf.exe": b"#!/bin/sh\nrm -rf /\n%PDF-1.7\n",
    "../../foto.gif": b"GIF89a/*<script>*/=1;alert(1)",
    "arsip.pdf": b"PK\x03\x04" + b"\0" * 500,
}


class Page(HTMLParser):
    """`alive`: markup that no page of ours has; `links` lead on; `shown`: text and the values of inputs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.alive: list[str] = []
        self.links: list[str] = []
        self.shown = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attributes}
        places = [has.get(name, "").strip().lower() for name in ("href", "src", "action", "formaction")]
        if (
            any(name.startswith("on") or name == "srcdoc" for name in has)
            or "hostile" in has.get("class", "").split()
            or (tag == "script" and "src" not in has)
            or any(place.startswith(("javascript:", "data:text", "vbscript:")) for place in places)
        ):
            self.alive.append(str(self.get_starttag_text()))
        self.shown += " ".join([*has.values(), ""])
        self.links += [has["href"]] if tag == "a" and has.get("href", "").startswith("/") else []

    def handle_data(self, data: str) -> None:
        self.shown += data

    def handle_comment(self, data: str) -> None:
        self.alive += [data] if "hostile" in data else []


def crawl(browser: FlaskClient, *first: str) -> dict[str, Page]:
    """Every page that links lead to, each in one language; of a path with questions the first few."""
    found: dict[str, Page] = {}
    asked = Counter[str]()
    waiting = list(first)
    while waiting and len(found) < PAGES_AT_MOST:
        path = waiting.pop(0).partition("#")[0]
        asked[path.partition("?")[0]] += path not in found
        if (
            path in found
            or asked[path.partition("?")[0]] > 6
            or path.startswith(("/aset", "/berkas", "/surat/", "/keluar"))
        ):
            continue
        answer = browser.get(path, follow_redirects=True)
        assert answer.status_code in (200, 404), (path, answer.status_code)
        if answer.mimetype != "text/html":  # a letter, a calendar
            continue
        found[path] = Page(answer.text)
        waiting += found[path].links
    return found


def typed() -> dict[str, Any]:
    """The mark with the field's name in every field and column that takes words."""
    given: dict[str, Any] = {}
    for name, field in definitions.library().workflows["cooperative"].form.fields.items():
        if field.type in ("text", "legal_number") and "pattern" not in field.params:
            given[name] = MARK + name
        elif field.of:
            row = {c.name: offices.sample(c, 0, "") for c in field.of.values()}
            given[name] = [row | {c.name: MARK + c.name for c in field.of.values() if c.type == "text"}] * 3
    return given


@pytest.fixture
def numbers(world: World) -> list[str]:
    """One published after a correction, its update that waits, a draft, one that was rejected, one taken back."""
    office = offices.staff()
    with unit_of_work() as tx:
        for account in (office.secretary, office.verifier, office.colleague, office.head):
            people.rename(tx, account, f"{MARK}person", "id")
    first = door.start("cooperative", offices.actor(office.secretary))
    scan = offices.upload(office.secretary, first, f"{MARK}file.pdf")
    offices.fill(first, office.secretary, "cooperative", {**typed(), "licence_scan": scan})
    offices.submit(first, office.secretary)
    offices.prove(first, office.secretary)
    offices.ask(first, office, "name", f"{MARK}correction")
    offices.send_back(first, office)
    answered = Command("correction", "1", {"status": "answered"})
    door.perform(first, offices.actor(office.secretary), answered, said={"answer": f"{MARK}answer"})
    offices.submit(first, office.secretary)
    door.perform(first, offices.actor(office.head), Command("comment", "note"), said={"note": f"{MARK}note"})
    offices.verify(first, office)
    offices.approve(first, office)
    record = offices.seen(first, office.secretary).record_id
    update = offices.sent(office.secretary, "cooperative", record, name=f"{MARK}name", main_product=f"{MARK}again")
    other = person("wati@siskop.test", f"{MARK}person")
    draft = door.start("cooperative", offices.actor(other))
    offices.fill(draft, other, "cooperative", typed())
    rejected = offices.sent(person("budi@siskop.test", f"{MARK}person"), **typed())
    reviewer = offices.actor(offices.holder(rejected, office))
    door.perform(rejected, reviewer, Command("act", "reject"), said={"reason": f"{MARK}reason"})
    tuti = person("tuti@siskop.test", f"{MARK}person")
    taken = offices.sent(tuti, **typed())
    door.perform(taken, offices.actor(tuti), Command("act", "withdraw"), said={"comment": f"{MARK}comment"})
    return [first, update, draft, rejected, taken]


def test_no_words_become_markup_on_any_page_or_in_any_mail(app: Flask, numbers: list[str]) -> None:
    offered = [f"/pengajuan/{n}{rest}" for n in numbers for rest in ("", "/isi", "/periksa", "/perbaikan", "/bukti")]
    office = ["/kantor", "/kantor?lihat=all", *(f"/kantor/pengajuan/{number}" for number in numbers)]
    pages = crawl(app.test_client(), "/", "/koperasi?q=onclick", "/en/koperasi", "/masuk")
    public = "".join(page.shown for page in pages.values())
    for who in ("sari", "wati", "budi", "tuti"):
        pages |= crawl(signed_in(app, f"{who}@siskop.test"), "/ruang", *offered, "/akun")
    for who in EVERYONE[1:]:
        pages |= {f"{who}: {path}": page for path, page in crawl(signed_in(app, f"{who}@siskop.test"), *office).items()}
    with unit_of_work() as tx:
        mails = tx.execute(text("SELECT mail || ' ' || id, html FROM siskop.mail")).all()
    pages |= {name: Page(html) for name, html in mails}
    assert Page(f"<p>{MARK}").alive, "it would be seen"
    assert {path: page.alive for path, page in pages.items() if page.alive} == {}

    everything = "".join(page.shown for page in pages.values())
    words = [name for name, value in typed().items() if isinstance(value, str)]
    for name in (*words, "full_name", "again", "person", "file", *SAID):
        assert f"{MARK}{name}" in everything, f"{name} is shown nowhere as it was typed"
    fields = definitions.library().kinds["cooperative"].fields
    for name in (*words, "full_name"):
        told = name == "full_name" or fields[name].privacy == "public"
        assert (f"{MARK}{name}" in public) is told, f"{name} is {'not ' if told else ''}shown to the public"
    assert len(mails) > 5


def test_what_only_claims_to_be_a_scan_is_refused_by_every_page_and_leaves_nothing(scene: Scene) -> None:
    draft = f"/pengajuan/{scene.draft}"
    for name, content in DISGUISED.items():
        before = picture()
        licence = {"_asked": ["licence_scan"], "licence_scan": (name, content)}
        for path, fields in ((f"{draft}/isi/licence", licence), (f"{draft}/bukti", {"bukti": (name, content)})):
            answer = scene.post(Opening("", "wati", path), fields)
            assert answer.status_code == 422, (path, name)
        assert {t for t, rows in picture().items() if rows != before[t]} <= {"event", "submission", "job"}, name


def test_what_belongs_to_others_is_not_reached_by_its_number(scene: Scene) -> None:
    foreign = offices.seen(scene.returned, scene.office.secretary).record_id
    draft = f"/pengajuan/{scene.draft}/isi"
    scene.post(Opening("", "wati", f"{draft}/licence"), {"_asked": ["licence_scan"]})  # takes the pen
    before = picture()
    tries: dict[str, dict[str, Any]] = {
        "/ruang/mulai/cooperative": {"record": str(foreign)},
        "/ruang/mulai/licence": {"record": str(foreign)},
        f"{draft}/members": {"_explain-1": "Bukan milik saya"},
        f"{draft}/licence": {
            "_asked": ["licence_scan"],
            "licence_scan": '{"id": 1, "type": "application/pdf", "size": 1}',
        },
        f"/kantor/pengajuan/{scene.waiting}": {"do": "comment", "words": "Bukan kantor"},
    }
    for path, fields in tries.items():
        scene.post(Opening("", "wati", path), fields)
        assert picture() == before, path
    assign = Opening("", "adi", f"/kantor/pengajuan/{scene.waiting}/tugaskan/verification")
    scene.post(assign, {"person": str(scene.office.secretary)})
    assert {t for t, rows in picture().items() if rows != before[t]} <= {"answered"}

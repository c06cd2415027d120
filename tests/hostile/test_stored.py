"""What people write is shown as text on every page that shows it, and stays inside its line of every mail."""

from __future__ import annotations

import email
import email.policy
import re
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.jobs import drain
from siskop.pipeline import handlers
from siskop.submissions import definitions, door
from tests import offices
from tests.hostile.attacks import HEADERS
from tests.offices import Office
from tests.visitors import signed_in
from tests.worlds import World

assert handlers  # the kind of job that sends a mail
MARK = "<script>hit()</script><img src=x onerror=hit()>\"'><i>{{7*7}}"
ALIVE = re.compile(r"<script>hit|<img src=x|<i>|onerror=hit\(\)>(?!&)|>49<")


@pytest.fixture
def office(world: World, app: Flask) -> Office:
    return offices.staff()


def marked() -> dict[str, object]:
    """The mark in every field of text, in columns of lists too."""
    kind = definitions.library().kinds["cooperative"]
    found: dict[str, object] = {f.name: f"{f.name} {MARK}" for f in kind.fields.values() if f.type == "text"}
    found["short_name"] = MARK[:60]
    found["legal_number"] = f"1/BH/{MARK}"
    row = {c.name: offices.sample(c, 0, "") for c in kind.fields["officers"].of.values()}
    return {**found, "officers": [{**row, "full_name": f"Orang {n} {MARK}"} for n in range(3)]}


def shows(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    assert not (found := ALIVE.search(answer.text)), (path, answer.text[max(found.start() - 200, 0) : found.end() + 50])
    assert "&lt;script&gt;hit" in answer.text, f"{path} shows it"
    return answer.text


def test_no_text_runs_on_any_page_that_shows_it(app: Flask, office: Office) -> None:
    sari, head = signed_in(app, "sari@siskop.test"), signed_in(app, "ratna@siskop.test")
    number = offices.sent(office.secretary, **marked())
    officer = signed_in(app, offices.address(number, office))
    offices.ask(number, office, "name", f"Perbaiki {MARK}")
    door.perform(number, offices.actor(office.verifier), Command("comment", "note"), said={"note": f"Catatan {MARK}"})
    for path in (f"/kantor/pengajuan/{number}", "/kantor", f"/kantor/pengajuan/{number}/alasan?do=act&name=reject"):
        shows(officer, path)
    shows(signed_in(app, "adi@siskop.test"), f"/kantor/pengajuan/{number}/tugaskan/verification")
    offices.send_back(number, office)
    for page in ("identity", "contact", "licence", "people"):
        shows(sari, f"/pengajuan/{number}/isi/{page}?semua")
    for path in ("/ruang", f"/pengajuan/{number}", f"/pengajuan/{number}/isi", f"/pengajuan/{number}/periksa"):
        shows(sari, path)
    answered = Command("correction", "1", {"status": "answered"})
    door.perform(number, offices.actor(office.secretary), answered, said={"answer": f"Sudah {MARK}"})
    offices.submit(number, office.secretary)
    shows(officer, f"/kantor/pengajuan/{number}")
    offices.verify(number, office)
    shows(head, f"/kantor/pengajuan/{number}")
    offices.approve(number, office)
    public = app.test_client()
    with unit_of_work() as tx:
        slug = offices.view.load(tx, number, offices.people.actor_for(tx, office.secretary)).record_slug
    for path in ("/", "/koperasi", f"/koperasi/{slug}", f"/koperasi/{slug}/versi/1", "/en/koperasi"):
        shows(public, path)


@pytest.mark.parametrize(
    "path",
    ["/koperasi?q={}", "/masuk?next=/{}", "/koperasi/{}", "/{}", "/pengajuan/{}", "/kantor?q={}", "/en/koperasi?q={}"],
)
def test_nothing_of_an_address_runs(app: Flask, office: Office, path: str) -> None:
    browser = signed_in(app, "tirta@siskop.test")
    answer = browser.get(path.format(quote(MARK, safe="")))
    assert answer.status_code in (200, 302, 403, 404)
    assert not ALIVE.search(answer.text)


@pytest.mark.parametrize("name", HEADERS)
def test_no_name_adds_a_line_to_a_mail(world: World, office: Office, name: str) -> None:
    """The record's title, as far as the form takes it, in a mail that is really sent."""
    typed = "".join(c for c in name if c not in "\x0b\x0c")
    offices.sent(office.secretary, name=typed)
    drain.drain("mail")
    came = world.mails.to("sari@siskop.test")
    assert len(came) == 1
    assert came[0].rcpt_tos == ["sari@siskop.test"]
    mail = email.message_from_bytes(bytes(came[0].content or b""), policy=email.policy.default)
    assert not {"bcc", "cc"} & {key.lower() for key in mail}
    assert [address.addr_spec for address in mail["To"].addresses] == ["sari@siskop.test"]
    assert "\n" not in mail["Subject"] and mail["Subject"].strip().startswith("Koperasi")
    assert len(world.mails.mails) == 1

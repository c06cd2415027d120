"""Every form of the site with what no browser sends: an answer that is no failure, and never half a change."""

from __future__ import annotations

import html
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from siskop.base.db import unit_of_work
from siskop.submissions import definitions, door
from tests import offices
from tests.faults import consistency
from tests.hostile.attacks import TEXTS
from tests.offices import Office
from tests.visitors import keys, signed_in
from tests.web.browsing import Form, forms
from tests.worlds import World

ALSO = (
    *("_seen", "_asked", "_to", "_later", "_add", "_remove", "_explain-1", "basis", "seen", "do", "name", "ballot"),
    *(
        "choice",
        "words",
        "side",
        "status",
        "record",
        "person",
        "next",
        "benar",
        "email",
        "language",
        "x-unknown",
        "a[b]",
    ),
)
"""What machines read, on whichever form it is expected; and what none of them knows."""
EVENED = ("/masuk", "/daftar", "/konfirmasi", "/lupa-sandi")


@dataclass
class Site:
    """Sari's submission waits for its verifier; Dua's is a draft."""

    world: World
    app: Flask
    office: Office
    draft: str
    sent: str

    def forms(self) -> Iterator[tuple[str, str]]:
        """(who, page) wherever a form stands that posts; what ends something comes last."""
        mine, theirs = f"/pengajuan/{self.draft}", f"/kantor/pengajuan/{self.sent}"
        officer = offices.address(self.sent, self.office).partition("@")[0]
        for page in definitions.library().workflows["cooperative"].form.pages:
            yield "dua", f"{mine}/isi/{page.name}"
        yield from (
            ("dua", f"{mine}/bukti"),
            ("dua", f"{mine}/periksa"),
            ("dua", "/ruang/mulai/cooperative"),
            ("dua", "/akun"),
        )
        yield from ((officer, theirs), (officer, f"{theirs}/alasan?do=act&name=reject"))
        yield "adi", f"{theirs}/tugaskan/verification"
        yield from (("dua", "/sandi"), ("dua", f"{mine}/tindakan/withdraw"), ("dua", "/keluar"))
        yield "dua", "/akun/keluar-semua"
        yield from (("", page) for page in ("/masuk", "/daftar", "/konfirmasi", "/lupa-sandi"))
        yield from (("", page) for page in ("/lupa-sandi/x", "/konfirmasi/x"))


@pytest.fixture
def site(world: World, app: Flask) -> Site:
    office = offices.staff()
    sent = offices.sent(office.secretary, name="Koperasi Jasa Sekar Melati")
    draft = door.start("cooperative", offices.actor(offices.person("dua@siskop.test", "Dua")), None)
    return Site(world, app, office, draft, sent)


class Attacker:
    """One person's browser before one form. It signs in again whenever it was thrown out."""

    def __init__(self, app: Flask, who: str, page: str) -> None:
        self.app, self.who, self.page = app, who, page
        self.begin()

    def begin(self) -> None:
        """The form as it stands on the page; where it stands no more, its address with the keys of any other."""
        self.browser = signed_in(self.app, f"{self.who}@siskop.test") if self.who else self.app.test_client()
        path = self.page.partition("?")[0].removesuffix("/alasan")
        found = [form for form in forms(self.browser.get(self.page).text) if form.method == "post"]
        bare = Form(path, "post").fill(**keys(self.browser.get("/akun" if self.who else "/masuk").text))
        self.form = next((form for form in found if path in html.unescape(form.action)), bare)
        self.controls = [name for name in self.form.values if not name.startswith("_") and name != "csrf_token"]

    def send(self, **changed: object) -> TestResponse:
        form = Form(self.form.action, "post")
        form.values = MultiDict(self.form.values)
        form.fill(**({"_once": secrets.token_urlsafe(16)} | changed))
        answer = self.browser.post(form.action, data=form.values)
        if self.who and (answer.location or "").endswith(("/masuk", "/akun/selesai")):
            self.begin()
        return answer


@pytest.mark.timeout(300)
def test_no_form_fails_and_nothing_is_half_done_whatever_is_posted(site: Site) -> None:
    reached: set[str] = set()
    wrong: list[str] = []
    for who, page in site.forms():
        attacker = Attacker(site.app, who, page)
        reached.add(_endpoint(site.app, attacker.form.action))
        attacks = evened(attacker, site.world) if page in EVENED else whole(attacker)
        wrong += [f"{page} {name}: {answer.status_code}" for name, answer in attacks if answer.status_code >= 500]
    assert not wrong
    posts = {rule.endpoint for rule in site.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert reached == posts
    with unit_of_work() as tx:
        assert consistency.faults(tx) == []


def whole(attacker: Attacker) -> Iterator[tuple[str, TestResponse]]:
    for name, text in TEXTS.items():
        yield f"{name} typed", attacker.send(**dict.fromkeys(attacker.controls, text))
        yield name, attacker.send(**dict.fromkeys(ALSO, text))
    yield "several", attacker.send(**{name: ["1", "2", "x"] for name in [*attacker.controls, *ALSO]})
    yield from shapeless(attacker)


def evened(attacker: Attacker, world: World) -> Iterator[tuple[str, TestResponse]]:
    """Their answers take their time, and are counted: a few texts, each as if it were the first."""
    for name in ("empty", "long", "null", "turned", "header", "script", "sql"):
        with world.connect("owner") as owner:
            owner.execute("DELETE FROM siskop.sign_in_attempt")
        yield name, attacker.send(**dict.fromkeys([*attacker.controls, "next"], TEXTS[name]))


def shapeless(attacker: Attacker) -> Iterator[tuple[str, TestResponse]]:
    """The right key, but not a form: JSON, bytes that are no text, a body cut off, hundreds of names."""
    token = {"X-CSRFToken": str(attacker.form.values.get("csrf_token", ""))}
    for kind, body in (
        ("application/json", '{"a":' * 3_000 + "1" + "}" * 3_000),
        ("application/json", "[]"),
        ("application/x-www-form-urlencoded", "%ed%a0%80=%ff%fe&=&&&=x&%00=%00"),
        ("multipart/form-data; boundary=x", '--x\r\nContent-Disposition: form-data; name="a'),
        ("multipart/form-data", "no boundary"),
        ("text/plain", "x" * 100),
    ):
        yield (
            f"{kind} {body[:9]}",
            attacker.browser.post(attacker.form.action, data=body, content_type=kind, headers=token),
        )
    yield "rows", attacker.send(**{f"officers-{n}-full_name": "x" for n in range(600)})


def _endpoint(app: Flask, action: str) -> str:
    path = html.unescape(action).partition("?")[0]
    return str(app.url_map.bind("localhost").match(path, method="POST")[0])


def test_without_its_key_no_form_does_anything(site: Site) -> None:
    for who, page in site.forms():
        attacker = Attacker(site.app, who, page)
        for key in (None, "", "x", "." * 5_000):
            assert attacker.send(csrf_token=key).status_code == 400, (page, key)
    assert offices.seen(site.sent, site.office.administrator).case.state == "submitted"

"""Every address that takes a POST, with who may use it and what its form holds; and what strangers write into it."""

from __future__ import annotations

import io
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.submissions import definitions, door
from tests import inventory, offices
from tests.offices import Office
from tests.visitors import PASSWORD, keys, person, signed_in
from tests.web.browsing import form

Fields = Mapping[str, Any]
WORDS: Mapping[str, str] = {
    "far too long": "x" * 100_000,
    "many digits": "9" * 5_000,
    "a null byte": "a\0b",
    "turned around": "\u202egnp.exe\u2066 \u200b\u200f",
    "control characters": "\x1b[31m\x07\x08\x7f\x85\u2028",
    "a header": "Halo\r\nBcc: jahat@contoh.test\r\n\r\n<b>isi</b>",
    "a way up": "../../../../../../etc/passwd",
    "markup": "\"'><script>alert(1)</script><svg onload=alert(1)>",
    "sql": "'; DROP TABLE siskop.submission CASCADE; --",
    "placeholders": "{{ 7*7 }} {x} {0.__class__} %(x)s %s %n ${7*7}",
    "deep json": '[{"a":' * 5_000,
    "a number too large": "1e309",
    "less than nothing": "-9223372036854775809",
    "other digits": "٣٤٥²",
    "no characters": "\U0010ffff\ufffe\u0000",
    "an address of nothing": "http://[::1",
    "colons": "act:" * 50,
    "blanks": " \u00a0\u3000\t",
}
SHAPES = ("twice", "a file", "in brackets", "left out", "with others")
EVERYONE = ("sari", "tirta", "banyu", "ratna", "adi")
KEYS = ("csrf_token", "_once")
ENDS = ("security.login", "security.register", "security.logout", "security.change_password", "account.end_sessions")
UNSEEN = ("session", "sign_in_attempt", "definition_set", "clock")  # what no act of a form is about
MANAGED = ("override", "correction", "resolve", "assign", "vacate", "consult")
REVIEW: tuple[Fields, ...] = (
    {"choice": "act:reject:", "words": "Sebab", "basis": "", "seen": "1"},
    {"do": "vote", "name": "verification", "ballot": "against", "words": "Sebab"},
    {"do": "ask", "name": "members_men", "words": "Samakan."},
    {"do": "correction", "name": "1", "status": "open"},
    {"do": "resolve", "name": "name", "side": "current"},
    {"do": "override", "name": "figures", "words": "Sebab"},
    {"do": "comment", "words": "Catatan"},
    {"do": "assign", "name": "verification", "person": "1", "seat": "1"},
    {"do": "vacate", "name": "verification", "seat": "1"},
    {"do": "consult", "name": "verification", "person": "1", "due": "3"},
    {"do": "recuse", "name": "verification", "words": "Sebab"},
    {"do": "complete", "name": "verification", "attachment": ("a.pdf", b"MZ"), "_kept-attachment": "1", "_add": "x"},
    {"do": "release", "name": "verification"},
)


@dataclass(frozen=True, slots=True)
class Opening:
    """`good` is what its form would send; with `whole`, all of it turns hostile at once (each field is judged
    by itself). `keys` are hidden ones that turn hostile too."""

    endpoint: str
    who: str
    path: str
    good: Fields = field(default_factory=dict)
    whole: bool = False
    keys: tuple[str, ...] = ()


@dataclass
class Scene:
    """A draft, one that came back with a correction, one on a verifier's desk; and a browser for everybody."""

    app: Flask
    office: Office
    draft: str = ""
    stock: str = ""
    returned: str = ""
    waiting: str = ""
    letter: int = 0
    browsers: dict[str, FlaskClient] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def browser(self, who: str) -> FlaskClient:
        if who not in self.browsers:
            self.browsers[who] = signed_in(self.app, f"{who}@siskop.test") if who else self.app.test_client()
            page = self.browsers[who].get("/akun" if who else "/masuk").text
            self.keys[who] = keys(page)["csrf_token"]
        return self.browsers[who]

    def post(self, opening: Opening, fields: Fields, **headers: str) -> TestResponse:
        """With the keys of a form, unless `fields` bring their own; a session that ended is begun anew later."""
        browser = self.browser(opening.who)
        hidden = {"csrf_token": self.keys[opening.who], "_once": secrets.token_urlsafe(16)}
        answer = browser.post(
            opening.path, data=hidden | fresh(fields), content_type="multipart/form-data", headers=headers
        )
        if 300 <= answer.status_code < 400 and opening.endpoint in ENDS:
            self.browsers.pop(opening.who)
        if opening.endpoint.startswith("security."):
            with unit_of_work() as tx:
                tx.execute(text("DELETE FROM siskop.sign_in_attempt"))
        return answer


def fresh(fields: Fields) -> dict[str, Any]:
    """A file can be sent once: (name, content) becomes a new stream."""
    return {n: (io.BytesIO(v[1]), v[0]) if isinstance(v, tuple) else v for n, v in fields.items()}


def scene(app: Flask) -> Scene:
    with tempfile.TemporaryDirectory() as folder:
        inventory.in_force(Path(folder))
    office = offices.staff()
    set_up = Scene(app, office)
    set_up.returned = offices.sent(office.secretary, name="Koperasi Kembali")
    offices.prove(set_up.returned, office.secretary)
    offices.ask(set_up.returned, office, "members_men", "Samakan dengan buku anggota.")
    offices.send_back(set_up.returned, office)
    other = person("wati@siskop.test", "Wati")
    set_up.draft = door.start("cooperative", offices.actor(other))
    offices.fill(set_up.draft, other, "cooperative", {"name": "Koperasi Draf"})
    set_up.stock = door.start("inventory", offices.actor(other))
    rows = [{"what": "Meja", "pieces": "2"}, {"what": "Kursi"}]
    offices.fill(set_up.stock, other, "inventory", {"name": "Gudang", "items": rows}, everything=False)
    set_up.waiting = offices.sent(person("budi@siskop.test", "Budi"), name="Koperasi Antre")
    offices.ask(set_up.waiting, office, "turnover", "Mohon periksa.")
    door.perform(set_up.waiting, offices.actor(office.administrator), Command("comment", "note"), said={"note": "Ya"})
    offices.published(replace(office, secretary=person("suci@siskop.test", "Suci")), name="Koperasi Surat")
    with unit_of_work() as tx:
        set_up.letter = tx.execute(text("SELECT max(id) FROM siskop.letter")).scalar_one()
    return set_up


def openings(scene: Scene) -> Iterator[Opening]:
    visitor = {"email": "baru@siskop.test", "password": "kata sandi panjang"}
    yield Opening("security.login", "", "/masuk", {**visitor, "next": "/akun"})
    yield Opening("security.register", "", "/daftar", {**visitor, "name": "Orang Baru"})
    yield Opening("security.send_confirmation", "", "/konfirmasi", {"email": "baru@siskop.test"})
    yield Opening("security.confirm_email", "", "/konfirmasi/abc.def", {"next": "/akun"})
    yield Opening("security.forgot_password", "", "/lupa-sandi", {"email": "sari@siskop.test"})
    yield Opening("security.reset_password", "", "/lupa-sandi/abc.def", {"password": "p", "password_confirm": "p"})
    changed = {"password": "bukan ini", "new_password": "sandi lain panjang", "new_password_confirm": "sandi lain"}
    yield Opening("security.change_password", "budi", "/sandi", changed)
    yield Opening("security.change_password", "budi", "/sandi", {**changed, "password": PASSWORD}, whole=True)
    yield Opening("security.logout", "budi", "/keluar", {"next": "/akun"}, keys=KEYS[:1])
    yield Opening("account.change", "budi", "/akun", {"name": "Budi", "language": "id"})
    yield Opening("account.end_sessions", "budi", "/akun/keluar-semua", keys=KEYS)
    yield Opening("account.choose_mails", "budi", "/akun/surel", {"kinds": "returned", "wanted": "returned"})
    yield Opening("account.confirm_address", "budi", "/akun/alamat", keys=KEYS)
    stop = {"List-Unsubscribe": "One-Click"}
    yield Opening("mails.stop", "", f"/surel/berhenti/{'9' * 30}/returned/{'0' * 32}", stop)
    yield Opening("review.send_again", "adi", "/kantor/surel/1/lagi", keys=KEYS)
    yield Opening("cooperative.start", "sari", "/ruang/mulai/cooperative", {"record": ""})
    begun = {"record": "1", "period": "2025", "slug": "gudang"}
    yield Opening("cooperative.start", "sari", "/ruang/mulai/stocktaking", begun)
    yield from _forms(scene)
    yield from _stock(scene)
    sent = {"benar": "1", "looked": "0", "basis": "0"}
    yield Opening("cooperative.send", "wati", f"/pengajuan/{scene.draft}/periksa", sent)
    kept = {"bukti": ("surat.pdf", b"MZ\x90\x00 bukan surat")}
    yield Opening("cooperative.give_proof", "wati", f"/pengajuan/{scene.draft}/bukti", kept)
    words = {"words": "", "basis": "0", "do": "act", "ballot": ""}
    yield Opening("cooperative.act", "wati", f"/pengajuan/{scene.draft}/tindakan/withdraw", words)
    verifier = offices.address(scene.waiting, scene.office).partition("@")[0]
    for act in REVIEW:
        who = (
            "adi" if act.get("do") in ("override", "correction", "resolve", "assign", "vacate", "consult") else verifier
        )
        yield Opening("review.decide", who, f"/kantor/pengajuan/{scene.waiting}", act)
    deputy = {"untuk": "", "orang": str(scene.office.verifier), "dari": "2026-01-01", "sampai": "2026-02-30"}
    yield Opening("review.name_deputy", "adi", "/kantor/wakil", deputy)
    yield Opening("review.end_deputy", "adi", f"/kantor/wakil/{'9' * 30}/akhiri", keys=KEYS)
    moved = {"orang": str(scene.office.head), "ke": str(scene.office.colleague)}
    yield Opening("review.begin", "adi", "/kantor/mulai/cooperative", {"record": "1", "period": "2025"})
    yield Opening("review.move", "adi", "/kantor/pindahkan", moved)
    for act in ("retry", "retry_kind", "bury"):
        yield Opening("admin.settle", "adi", "/kantor/pekerjaan", {"do": act, "name": "1"})
    yield Opening("review.sign_letters", "ratna", "/kantor/surat/tanda-tangan", {"surat": str(scene.letter)})
    yield Opening("review.print_letters", "ratna", "/kantor/surat/cetak", {"surat": str(scene.letter), "semua": ""})
    yield Opening("review.withdraw_letter", "ratna", f"/kantor/surat/{scene.letter}/tarik", {"alasan": "Keliru"})
    post = {
        "orang": str(scene.office.head),
        "title": "Kepala",
        "rank": "",
        "nip": "",
        "acting": "an",
        "behalf": "Dinas",
    }
    post |= {"from": "2026-01-01", "until": "2026-02-30"}
    yield Opening("review.add_post", "adi", "/kantor/jabatan", post)
    yield Opening("review.end_post", "adi", f"/kantor/jabatan/{'9' * 30}/akhiri", keys=KEYS)


def _forms(scene: Scene) -> Iterator[Opening]:
    """Each page of a form as it stands in a browser, and what only its buttons send."""
    extra = {"_to": "", "_add": "", "_remove": f"officers-{'9' * 5000}", "_explain-1": ""}
    for who, number in (("wati", scene.draft), ("sari", scene.returned)):
        for page in definitions.library().workflows["cooperative"].form.pages:
            path = f"/pengajuan/{number}/isi/{page.name}"
            if who == "wati" or page.name == "members":
                values = form(scene.browser(who).get(path).text).values
                shown = {n: values.getlist(n) for n in values if n not in ("csrf_token", "_asked", "_seen")}
                fixed = {"_asked": values.getlist("_asked")}
                yield Opening("cooperative.save", who, path, {**dict.fromkeys(shown, ""), **fixed}, whole=True)
                if page.name in ("people", "members"):
                    yield Opening("cooperative.save", who, path, {**fixed, **extra, "_seen": ""}, whole=True)


def _stock(scene: Scene) -> Iterator[Opening]:
    """Every type of field at once, what is pasted, and what a script would send of one row."""
    for page in ("first", "money", "rows"):
        path = f"/pengajuan/{scene.stock}/isi/{page}"
        values = form(scene.browser("wati").get(path).text).values
        shown = {n: values.getlist(n) for n in values if n not in ("csrf_token", "_asked", "_seen")}
        asked = {"_asked": values.getlist("_asked")}
        yield Opening("cooperative.save", "wati", path, {**dict.fromkeys(shown, ""), **asked}, whole=True)
    extra = {"_sure": "", "_move": "items-0-up", "_remove": "papers-1", "_paste-items": "", "_instead-items": "1"}
    yield Opening("cooperative.save", "wati", path, {**asked, **extra, "_seen": "items-0:0:x"}, whole=True)
    sheet = {"_sheet-items": ("barang.xlsx", b"PK\x03\x04 bukan"), "photo": ("a.png", b"bukan"), "papers": ("b", b"c")}
    yield Opening("cooperative.save", "wati", path, {**asked, **sheet}, whole=True)


def hostile(opening: Opening) -> Iterator[tuple[str, Fields]]:
    """(what it is, the fields to post): each kind of words and each wrong shape, in every field."""
    names = [name for name in opening.good if name not in ("_asked", "do")] + list(opening.keys)
    yield "nothing hostile", opening.good
    for kind, word in WORDS.items():
        if opening.whole:
            yield kind, {**opening.good, **dict.fromkeys(names, word)}
        else:
            yield from ((f"{kind} in {name}", {**opening.good, name: word}) for name in names)
    for shape in SHAPES:
        yield shape, _shaped(opening.good, [name for name in names if name != "csrf_token"], shape)


def _shaped(good: Fields, names: list[str], shape: str) -> dict[str, Any]:
    kept = {name: value for name, value in good.items() if name not in names}
    if shape == "twice":
        return {**good, **{name: ["satu", "dua"] for name in names}}
    if shape == "a file":
        return {**kept, **dict.fromkeys(names, ("x.txt", b"isi"))}
    if shape == "in brackets":
        return {**kept, **{f"{name}[0][a]": "x" for name in names}}
    unknown = {"state": "published", "final": "1", "by": "1", "officers-999-nik": "1", "officers-99999999-nik": "1"}
    return kept if shape == "left out" else {**good, **unknown, "_asked": ["state", "officers", "licence_scan"]}


def picture() -> dict[str, Any]:
    """A digest of each table, to see whether anything at all was changed."""
    with unit_of_work() as tx:
        names = tx.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'siskop' ORDER BY 1")).scalars()
        each = [f"SELECT '{n}', sum(hashtextextended(t::text, 0)) FROM siskop.{n} t" for n in names if n not in UNSEEN]
        return {row[0]: row[1] for row in tx.execute(text(" UNION ALL ".join(each)))}

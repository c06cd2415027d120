"""Hostile addresses, questions, headers and bodies: an answer, never a failure of ours, and nothing that leads away."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from flask.testing import FlaskClient
from sqlalchemy import text

from siskop.base.db import unit_of_work
from tests.hostile.openings import WORDS, Scene, openings, picture
from tests.visitors import keys

WORDS_OF_AN_ADDRESS = {kind: word[:1500] for kind, word in WORDS.items()} | {
    "digits": "9" * 1500,
    "a day": "2026-11-25.0",
}
ASKED = (
    "q",
    "dari",
    "kelurahan",
    "kind",
    "activities",
    "licence",
    "lihat",
    "wilayah",
    "alur",
    "minta",
    "choice",
    "next",
)
PLACES = (
    *(
        "/{}",
        "/{}/x",
        "/koperasi/{}",
        "/koperasi/melati/versi/{}",
        "/en/koperasi/{}",
        "/berkas/{}",
        "/aset/{}/style.css",
    ),
    *("/pengajuan/{}", "/pengajuan/{}/isi", "/pengajuan/{number}/isi/{}", "/pengajuan/{number}/tindakan/{}"),
    *("/verifikasi/{}", "/verifikasi?kode={}", "/surat/{}.pdf", "/kantor/surat/{}", "/kantor/surat/{}.pdf"),
    *("/kantor/surat/cetak/{}.pdf", "/kantor/surat?lihat=semua&keadaan={0}&jenis={0}&q={0}&dari={0}&cetakan={0}"),
    *("/kantor/pengajuan/{}", "/kantor/pengajuan/{number}/tugaskan/{}", "/lupa-sandi/{}", "/konfirmasi/{}"),
)
HEADERS = {
    "Referer": ("http://[::1", "javascript:alert(1)", "//jahat.contoh/", "\xff"),
    "Accept": ("*/*;q=x", "application/json;q=" + "9" * 400, ",;,", "a/b," * 500),
    "Accept-Language": ("id-" * 300, "\xff", "*;q=-1"),
    "If-None-Match": ('"' * 500, "W/", "*"),
    "If-Modified-Since": ("kemarin", "Mon, 99 Foo 99999 99:99:99 GMT"),
    "Range": ("bytes=0-0,5-2,-", "bytes=" + "9" * 400 + "-"),
    "Cookie": ("siskop=" + "x" * 3000, "siskop=\xff; siskop=", "=;=;,"),
    "Authorization": ("Basic !!!", "Bearer x", "Digest a=b"),
    "X-Forwarded-Host": ("jahat.contoh",),
    "X-HTTP-Method-Override": ("DELETE",),
}
BODIES = {
    "application/json": (b"[1]", b"5", b"null", b'{"email": 5, "password": [1]}', b"[" * 100_000, b"{", b'"\xff"'),
    "multipart/form-data": (b"", b"--x\r\n"),
    "multipart/form-data; boundary=x": (b"", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--", b"\xff" * 100),
    "multipart/form-data; boundary=" + "x" * 500: (b"--x",),
    "application/x-www-form-urlencoded; charset=utf-7": (b"name=%FF%FE&=&&%00=%00&email=%ED%A0%80", b"&" * 20_000),
    "text/xml": (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',),
    "": (b"name=x",),
}


def broken(browser: FlaskClient, path: str, **said: object) -> Iterator[str]:
    answer = browser.open(path, **said)
    location = answer.headers.get("Location", "/")
    if answer.status_code >= 500 or urlsplit(location).netloc not in ("", "localhost") or "\\" in location:
        yield f"{path[:120]} {str(said)[:120]} is answered {answer.status_code} {location}"


def test_no_address_and_no_question_makes_a_page_fail(scene: Scene) -> None:
    browsers = [scene.browser(who) for who in ("", "sari", "adi")]
    wrong: list[str] = []
    for word in WORDS_OF_AN_ADDRESS.values():
        typed = quote(word)
        asked = "&".join(f"{name}={typed}" for name in ASKED)
        for path in (place.replace("{number}", scene.waiting).format(typed) for place in PLACES):
            for browser in browsers[path.startswith(("/pengajuan", "/berkas")) :][
                : 3 if path.startswith("/ber") else 2
            ]:
                wrong += broken(browser, path)
        for browser in browsers:
            for path in ("/koperasi", "/", "/kantor", f"/kantor/pengajuan/{scene.waiting}", "/masuk"):
                wrong += broken(browser, f"{path}?{asked}")
    assert not wrong, "\n".join(wrong)


def test_no_header_makes_a_page_fail_or_leads_away(scene: Scene) -> None:
    browsers = [(scene.browser(who), path) for who, path in (("", "/koperasi"), ("sari", "/ruang"), ("adi", "/x/y"))]
    wrong: list[str] = []
    for name, values in HEADERS.items():
        for value in values:
            for browser, path in browsers:
                wrong += broken(browser, path, headers={name: value})
    assert not wrong, "\n".join(wrong)


def test_no_body_makes_a_form_fail_or_does_anything(scene: Scene) -> None:
    wrong: list[str] = []
    tried = {opening.endpoint: opening for opening in openings(scene)}
    before = picture()
    for opening in tried.values():
        browser = scene.browser(opening.who)
        key = {"X-CSRFToken": scene.keys[opening.who]}
        for kind, bodies in BODIES.items():
            for body in bodies:
                wrong += broken(browser, opening.path, method="POST", data=body, content_type=kind, headers=key)
    assert not wrong, "\n".join(wrong)
    assert {name for name, rows in picture().items() if rows != before[name]} <= {"event", "submission", "job"}


def test_a_link_in_a_mail_leads_here_whatever_the_proxy_was_told(scene: Scene) -> None:
    browser = scene.browser("")
    told = {"X-Forwarded-Host": "jahat.contoh", "X-Forwarded-Proto": "ftp", "Forwarded": "host=jahat.contoh"}
    key = keys(browser.get("/lupa-sandi").text)
    assert browser.post("/lupa-sandi", data={**key, "email": "sari@siskop.test"}, headers=told).status_code < 400
    with unit_of_work() as tx:
        mail = tx.execute(text("SELECT text || html FROM siskop.mail WHERE mail = 'reset_instructions'")).scalar_one()
    assert "/lupa-sandi/" in mail
    assert "jahat" not in mail

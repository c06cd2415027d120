"""The main job, step by step, as the people of it do it; the tests say which steps, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from playwright.sync_api import Browser, expect

from siskop.base.i18n import JAKARTA
from tests.end_to_end.house import House, body, link
from tests.end_to_end.visitor import Visitor
from tests.offices import PDF
from tests.visitors import PASSWORD, person

Answers = Mapping[str, Mapping[str, Any]]
"""page → field → what one fills in"""
SCAN = ("izin usaha.pdf", "application/pdf", PDF)
LETTER = ("SK pengurus.pdf", "application/pdf", PDF)
YEAR = datetime.now(JAKARTA).year


def officers(*names: str) -> list[dict[str, str]]:
    posts = ("ketua", "sekretaris", "bendahara", "pengawas")
    return [
        {"full_name": name, "post": post, "nik": f"36740141078000{n:02}"}
        for n, (name, post) in enumerate(zip(names, posts, strict=False), 1)
    ]


def answers(name: str, **changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A whole cooperative in Serpong."""
    whole: dict[str, dict[str, Any]] = {
        "identity": {
            "name": name,
            "legal_number": "AHU-0007286.AH.01.26.TAHUN 2020",
            "legal_date": "21/12/2020",
            "nib": "9120001234567",
        },
        "contact": {
            "address": "Jl. Raya Puspiptek No. 12, RT 03 RW 02",
            "kelurahan": "36.74.01.1001",
            "phone": "0812-3456-7890",
            "email": "sekretariat@koperasi.example",
        },
        "business": {"kind": "jasa", "level": "primer", "activities": ["pengembangan_usaha"]},
        "members": {"members_men": "41", "members_women": "57"},
        "licence": {
            "has_licence": "yes",
            "licence_kind": "perizinan_oss",
            "licence_number": "518/21/IUSP/2024",
            "licence_expires": f"31/12/{YEAR + 2}",
            "licence_scan": SCAN,
        },
        "people": {"officers": officers("Ani Rahayu", "Budi Santosa", "Citra Lestari")},
        "book_year": {"book_year_start": "01"},
        "last_report": {"last_report_year": str(YEAR - 1), "turnover": "1.250.000.000"},
    }
    return {page: {**whole[page], **changes.get(page, {})} for page in whole}


@dataclass
class Story:
    """One house, its people, and the submission that is on its way."""

    house: House
    browser: Browser
    script: bool
    secretary: Visitor
    name: str
    number: str = ""
    officer: Visitor | None = None
    people: list[Visitor] = field(default_factory=list)

    def visitor(self, email: str = "") -> Visitor:
        """Signed in; whoever was here before goes on in the same browser."""
        found = next((one for one in self.people if email and one.email == email), None)
        if found is None:
            found = Visitor(self.browser, self.house.url, email, script=self.script)
            self.people.append(found)
            if email:
                found.sign_in()
        return found

    def end(self) -> None:
        """Nobody's browser complained of anything."""
        faults = [fault for one in self.people for fault in one.faults]
        for one in self.people:
            one.leave()
        assert not faults, faults


def staff() -> None:
    """Tirta and Banyu may verify and approve, but never the same; Ratna only approves."""
    for email, name in (("tirta@siskop.test", "Tirta Anggara"), ("banyu@siskop.test", "Banyu Rahmat")):
        person(email, name, ("verifier", ""), ("head", ""))
    person("ratna@siskop.test", "Ratna Dewi", ("head", ""))


def begin(house: House, browser: Browser, script: bool, email: str, name: str) -> Story:
    secretary = Visitor(browser, house.url, email, script=script)
    return Story(house, browser, script, secretary, name, people=[secretary])


# ---------------------------------------------------------------------- 1: the secretary


def register(story: Story, name: str) -> None:
    """An account, its address confirmed by the link of the mail, signed in."""
    she = story.secretary
    she.open("/daftar")
    she.page.fill("[name=name]", name)
    she.page.fill("[name=email]", she.email)
    she.page.fill("[name=password]", PASSWORD)
    she.press("Buat akun")
    expect(she.page).to_have_url(re.compile("/konfirmasi"))
    she.open(link(story.house.mail(she.email, "onfirmasi")))
    she.says("Alamat Anda sudah dikonfirmasi")
    she.sign_in()
    expect(she.page).to_have_url(re.compile("/ruang"))


def start(story: Story) -> None:
    she = story.secretary
    she.press("Data koperasi: ajukan yang baru")
    expect(she.page).to_have_url(re.compile(r"/pengajuan/[^/]+/isi$"))
    story.number = she.page.url.split("/pengajuan/")[1].split("/")[0]
    she.says("0 dari 13 halaman")


def fill_in(story: Story, pages: Answers) -> None:
    """Page after page, as the button leads. A conditional question comes when its answer is given."""
    she = story.secretary
    she.open(f"/pengajuan/{story.number}/isi/{next(iter(pages))}")
    for name, given in pages.items():
        expect(she.page).to_have_url(re.compile(f"/isi/{name}"))
        _fill_page(she, name, given)


def _fill_page(she: Visitor, name: str, given: Mapping[str, Any]) -> None:
    later = {key: value for key, value in given.items() if not she.page.locator(f"#f-{key}").count()}
    she.fill({key: value for key, value in given.items() if key not in later})
    she.press("Simpan dan lanjutkan")
    if later:
        she.says("pertanyaan")
        expect(she.page).to_have_url(re.compile(f"/isi/{name}"))
        she.fill(later)
        she.press("Simpan dan lanjutkan")


def prove(story: Story) -> None:
    she = story.secretary
    she.open(f"/pengajuan/{story.number}/bukti")
    she.page.set_input_files("#bukti", {"name": LETTER[0], "mimeType": LETTER[1], "buffer": LETTER[2]})
    she.press("Simpan dan lanjutkan")
    she.says("Surat sudah diterima|sudah diterima|dari 1[34] halaman")


def send(story: Story) -> None:
    """Check your answers, then send, pressing twice: one number, and whose turn it is."""
    she = story.secretary
    she.open(f"/pengajuan/{story.number}/periksa")
    she.says(story.name)
    she.page.check("#benar")
    she.page.get_by_role("button", name="Kirim untuk diverifikasi").dblclick()
    she.heading("Pengajuan terkirim")
    she.says(re.escape(story.number))
    she.says("Apa yang terjadi berikutnya")


# ---------------------------------------------------------------------- 2: the worker


def wait_for_checks(story: Story) -> None:
    she = story.secretary
    she.open(f"/pengajuan/{story.number}")
    she.says("[Dd]iajukan, menunggu pemeriksaan otomatis")


def checked(story: Story) -> Visitor:
    """All of it happened: who of the verifiers got it."""
    she = story.secretary
    _reload_until(she, f"/pengajuan/{story.number}", "menunggu pemeriksaan otomatis", gone=True)
    for email in ("tirta@siskop.test", "banyu@siskop.test"):
        officer = story.visitor(email)
        officer.open("/kantor")
        if officer.page.locator("table", has_text=story.number).count():
            return officer
    raise AssertionError("nobody got it")


def _reload_until(who: Visitor, path: str, words: str, gone: bool = False, tries: int = 100) -> None:
    for _try in range(tries):
        who.open(path)
        if (words in who.page.locator("main").inner_text()) != gone:
            return
        who.page.wait_for_timeout(100)
    raise AssertionError(f"{words!r} {'stays' if gone else 'does not come'} at {path}")


# ---------------------------------------------------------------------- 3: corrections


def ask_for(story: Story, officer: Visitor, asked: Mapping[str, str]) -> None:
    """Opens it from the inbox, makes a correction on each field, and returns it."""
    officer.open("/kantor")
    officer.follow(story.name)
    officer.heading(story.name)
    for name, words in asked.items():
        officer.page.locator(f"#f-{name} a.ask").click()
        officer.page.fill("#minta", words)
        officer.press("Simpan permintaan")
        officer.says(re.escape(words))
    verify = officer.page.locator("form.decision").get_by_role("button", name="Verifikasi", exact=True)
    expect(verify).to_have_attribute("aria-disabled", "true")
    officer.page.get_by_role("button", name=re.compile(f"^Kembalikan.* dengan {len(asked)} perbaikan")).click()
    officer.says("[Dd]ikembalikan")


def correct(story: Story, changes: Answers) -> None:
    """The mail leads to the first asked field; just those fields are there."""
    she = story.secretary
    mail = story.house.mail(she.email, f"perbaikan diminta untuk {story.number}")
    she.open(link(mail))
    expect(she.page).to_have_url(re.compile(f"/isi/{next(iter(changes))}#f-"))
    for name, given in changes.items():
        expect(she.page).to_have_url(re.compile(f"/isi/{name}"))
        shown = she.page.locator("form [name=_asked]").evaluate_all("nodes => nodes.map(node => node.value)")
        assert shown == list(given), "just the asked fields are shown"
        expect(she.page.locator(".correction.you")).to_have_count(len(given))
        she.fill(given)
        she.press("Simpan dan lanjutkan")
    expect(she.page).to_have_url(re.compile("/periksa"))


# ---------------------------------------------------------------------- 4: decisions


def verify(story: Story, officer: Visitor, asked: int | None = None, changed: int | None = None) -> None:
    officer.open(f"/kantor/pengajuan/{story.number}")
    if asked is not None:
        officer.says(f"{asked} diminta, {changed or asked} berubah")
    officer.page.locator("form.decision").get_by_role("button", name="Verifikasi", exact=True).dblclick()
    expect(officer.page).to_have_url(re.compile("/kantor"))
    officer.open(f"/kantor/pengajuan/{story.number}")
    officer.says("[Tt]erverifikasi|Persetujuan")
    expect(officer.page.locator("form.decision [name=choice]")).to_have_count(0)  # a head too, but not for this


def approve(story: Story, head: Visitor, stale: bool = False) -> None:
    """From the inbox; with a second window that comes too late."""
    head.open("/kantor?lihat=offered")
    if not head.page.locator("table", has_text=story.number).count():
        head.open("/kantor")
    head.follow(story.name)
    late = head.context.new_page()
    late.goto(f"/kantor/pengajuan/{story.number}")
    head.press("Setujui")
    expect(head.page.locator("main")).to_contain_text(re.compile("[Dd]ipublikasikan"))
    if stale:
        late.locator("form.decision").get_by_role("button", name=re.compile("^Setujui")).click()
        expect(late.locator("h1")).to_contain_text("Ada yang lebih dulu")
    late.close()


# ---------------------------------------------------------------------- 5: the register


def look_up(story: Story, *badges: str, kecamatan: str = "36.74.01", kind: str = "jasa") -> str:
    """Anybody finds it by its name and by filters; the path of its page."""
    anybody = story.visitor()
    anybody.open("/koperasi")
    anybody.page.fill("main [name=q]", story.name.split()[-1])
    anybody.press("Cari")
    anybody.says(story.name)
    anybody.open(f"/koperasi?kelurahan={kecamatan}&kind={kind}")
    anybody.follow(story.name)
    anybody.heading(story.name)
    for words in (*badges, "Ani Rahayu"):
        anybody.says(words)
    for secret in ("3674014107800001", "izin usaha.pdf"):
        anybody.silent(secret)
    assert not anybody.context.cookies(), "public pages set no cookie"
    return anybody.page.url.removeprefix(story.house.url)


def told(story: Story, path: str) -> None:
    """A mail with the link to what everybody sees."""
    mail = story.house.mail(story.secretary.email, "data sudah dipublikasikan")
    assert link(mail).endswith(path), body(mail)
    story.secretary.open(link(mail))
    story.secretary.heading(story.name)


# ---------------------------------------------------------------------- 6: two changes of one record


def change(story: Story, what: str, pages: Answers, shows: Mapping[str, str]) -> Story:
    """A change of what is published, begun from the secretary's home, prefilled, and sent."""
    she = story.secretary
    she.open("/ruang")
    she.press(f"{what} {story.name}")
    expect(she.page).to_have_url(re.compile(r"/pengajuan/[^/]+/isi$"))
    number = she.page.url.split("/pengajuan/")[1].split("/")[0]
    other = replace(story, number=number)
    she.open(f"/pengajuan/{number}/isi/{next(iter(pages))}")
    for name, value in shows.items():
        expect(she.page.locator(f"#f-{name}")).to_have_value(value)
    for name, given in pages.items():
        she.open(f"/pengajuan/{number}/isi/{name}")
        _fill_page(she, name, given)
    send(other)
    return other


def pick(story: Story, officer: Visitor, field: str, sides: tuple[str, str, str]) -> None:
    """Where both changed the same: what it was, what stands now, what is proposed; nothing is decided before."""
    officer.open(f"/kantor/pengajuan/{story.number}")
    panel = officer.page.locator(f"#benturan-{field}")
    assert tuple(panel.locator("dd").all_inner_texts()) == sides
    verify = officer.page.locator("form.decision").get_by_role("button", name="Verifikasi", exact=True)
    expect(verify).to_have_attribute("aria-disabled", "true")
    officer.press("Pakai yang diajukan", panel)
    expect(panel).to_contain_text("Dipilih: yang diajukan")

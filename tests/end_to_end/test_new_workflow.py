"""A leave request: a record kind, roles, a list, mails and a workflow that Python has never seen, put into the folder
of a running house, and then taken from form to decision in the browser, with and without JavaScript."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from config import ROOT
from siskop.base.i18n import JAKARTA
from tests.end_to_end.house import House, body
from tests.end_to_end.visitor import Visitor
from tests.offices import PDF
from tests.visitors import person
from tests.worlds import eventually

pytestmark = pytest.mark.timeout(240)
TODAY = datetime.now(JAKARTA).date()
LETTER = ("surat dokter.pdf", "application/pdf", PDF)

ROLES = """
employee,Pegawai,Employee,
supervisor,Atasan langsung,Supervisor,desk
clerk,Staf kepegawaian,Clerk,desk
"""
SORTS = """code,label_id,label_en
yearly,Cuti tahunan,Annual leave
sick,Cuti sakit,Sick leave
"""
KIND = """
record: leave
label: {id: Cuti, en: Leave}
display: {title: "Cuti {who}"}
fields:
  who: {type: text, max: 100, privacy: internal, label: {id: Nama pegawai, en: Name}}
  sort: {type: choice, list: leave-sorts, privacy: internal, label: {id: Jenis cuti, en: Sort of leave}}
  first_day: {type: date, privacy: internal, label: {id: Hari pertama, en: First day}}
  last_day: {type: date, privacy: internal, label: {id: Hari terakhir, en: Last day}}
  days:
    label: {id: Lama (hari), en: Days}
    type: computed
    value: last_day - first_day + 1
    as: integer
    privacy: internal
  letter: {type: file, accept: [pdf], privacy: internal, label: {id: Surat dokter, en: Letter of the doctor}}
  why: {type: long_text, max: 500, privacy: internal, label: {id: Keperluan, en: Purpose}}
rules:
  in_order:
    holds: last_day >= first_day
    at: last_day
    message: {id: "Hari terakhir mendahului hari pertama.", en: "The last day comes before the first."}
warnings:
  long:
    holds: days <= 10
    at: last_day
    message: {id: "Lebih dari sepuluh hari.", en: "More than ten days."}
"""
WORKFLOW = """
workflow: leave
label: {id: Permohonan cuti, en: Leave request}
record: leave
start: {who: {role: employee}, record: new}
manage: {role: administrator}
deadline: {counts: office, due: 5 working days}
form:
  request:
    label: {id: Permohonan, en: Request}
    fields:
      who: {required: true, prefill: account.name}
      sort: required
      letter: {show_if: 'sort == "sick"', required: true}
      first_day: required
      last_day: required
      days: optional
      why: optional
states:
  draft: {label: {id: Draf, en: Draft}, waits_for: submitter, edit: {relation: submitter}}
  first:
    label: {id: Menunggu atasan, en: With the supervisor}
    waits_for: office
    steps:
      supervisor:
        label: {id: Persetujuan atasan, en: Supervisor}
        who: {role: supervisor}
        allocate: least_busy
        due: 3 working days
  second:
    label: {id: Menunggu kepala, en: With the head}
    waits_for: office
    steps:
      chief:
        label: {id: Persetujuan kepala, en: Head}
        who: {role: head, exclude: [did.supervisor]}
  granted: {label: {id: Cuti diberikan, en: Leave granted}, final: true}
  refused: {label: {id: Cuti ditolak, en: Leave refused}, final: true}
actions:
  send:
    label: {id: Ajukan cuti, en: Ask for leave}
    who: {relation: submitter}
    from: [draft]
    to: first
    needs: [valid_form]
    does: [{mail: leave-asked, to: {role: supervisor}}]
  agree: {label: {id: Setuju, en: Agree}, step: supervisor, to: second, tone: primary}
  refuse:
    label: {id: Tolak, en: Refuse}
    step: supervisor
    to: refused
    needs: [reason]
    tone: refuse
    does: [{mail: leave-refused, to: submitter}]
  grant:
    label: {id: Berikan cuti, en: Grant}
    step: chief
    to: granted
    tone: primary
    does: [publish, {mail: leave-granted, to: submitter}]
  deny:
    label: {id: Tolak, en: Refuse}
    step: chief
    to: refused
    needs: [reason]
    tone: refuse
    does: [{mail: leave-refused, to: submitter}]
"""


def mail(subject: str, text: str) -> str:
    return f"""
subject: {{id: "{subject}", en: "{subject}"}}
body: {{id: "{text}", en: "{text}"}}
button: {{id: Buka, en: Open}}
why: {{id: Karena ini permohonan cuti., en: Because of a leave request.}}
"""


FILES: Mapping[str, str] = {
    "records/leave.yaml": KIND,
    "leave.yaml": WORKFLOW,
    "lists/leave-sorts.csv": SORTS,
    "mails/leave-asked.yaml": mail("{title}: cuti diajukan", "Mohon diputuskan."),
    "mails/leave-granted.yaml": mail("{title}: cuti diberikan", "Permohonan {number} disetujui."),
    "mails/leave-refused.yaml": mail("{title}: cuti ditolak", "Alasan: {reason}"),
}


@pytest.fixture(scope="module")
def office(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house runs before it has heard of leave; the files are dropped in and loaded, and nothing is restarted."""
    house.worker_on()
    folder: Path = tmp_path_factory.mktemp("folder") / "workflows"
    shutil.copytree(ROOT / "workflows", folder)
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    with (folder / "lists/roles.csv").open("a", encoding="utf-8") as roles:
        roles.write(ROLES.lstrip())
    assert "is in force now" in house.siskop("workflow", "load", str(folder))
    for email, name, role in (
        ("ema@siskop.test", "Ema Lestari", "employee"),
        ("joko@siskop.test", "Joko Susilo", "supervisor"),
        ("kiki@siskop.test", "Kiki Amalia", "clerk"),
        ("ratna@siskop.test", "Ratna Dewi", "head"),
    ):
        person(email, name, (role, ""))
    yield house


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def someone(house: House, browser: Browser, email: str, script: bool) -> Visitor:
    visitor = Visitor(browser, house.url, email, script=script)
    visitor.sign_in()
    return visitor


def asked(ema: Visitor, days: int) -> str:
    """Fills in a request for so many days and sends it: its number."""
    eventually(lambda: "Permohonan cuti" in ema.open("/ruang").content(), 20)
    ema.page.locator("form[action*='/ruang/mulai/leave'] button").first.click()
    number = re.findall(r"/pengajuan/([^/]+)/isi", ema.page.url)[0]
    ema.follow("Lanjutkan")
    expect(ema.page.locator("[name=who]")).to_have_value("Ema Lestari")
    first, last = (f"{TODAY + timedelta(n):%d/%m/%Y}" for n in (7, 6 + days))
    ema.fill({"sort": "sick", "letter": LETTER, "first_day": last, "last_day": first, "why": "Pulih\ndi rumah"})
    ema.press("Simpan dan lanjutkan")
    ema.says("Hari terakhir mendahului hari pertama.")
    ema.fill({"first_day": first, "last_day": last})
    ema.press("Simpan dan lanjutkan")
    if days > 10:
        ema.says("Lebih dari sepuluh hari.")
        ema.page.locator("[name=_sure]").check()
        ema.press("Simpan dan lanjutkan")
    ema.heading("Periksa")
    ema.says(rf"Lama \(hari\)\s*{days}(?!\d)")
    ema.page.check("#benar")
    ema.press("Ajukan cuti")
    ema.heading("Pengajuan terkirim")
    return number


def told(house: House, address: str, subject: str, words: str) -> None:
    """The newest mail says so; waits for it."""
    eventually(lambda: words in body(house.mail(address, subject)), 20)


def decide(visitor: Visitor, number: str, button: str, reason: str = "") -> None:
    visitor.open(f"/kantor/pengajuan/{number}")
    if reason:
        visitor.follow(button)
        visitor.page.fill("[name=words]", reason)
    visitor.press(button)
    expect(visitor.page.locator("[role=status].good")).to_be_visible()


def test_the_deputy_decides_in_the_first_level_and_the_head_in_the_second(
    office: House, chromium: Browser, script: bool
) -> None:
    joko = someone(office, chromium, "joko@siskop.test", script)
    joko.open("/kantor/wakil")
    if (
        not joko.page.get_by_text("Kiki Amalia", exact=False)
        .locator("visible=true")
        .and_(joko.page.locator("dt"))
        .count()
    ):
        joko.page.select_option("[name=orang]", label="Kiki Amalia")
        joko.page.fill("[name=dari]", TODAY.isoformat())
        joko.page.fill("[name=sampai]", (TODAY + timedelta(20)).isoformat())
        joko.press("Tunjuk")
    ema = someone(office, chromium, "ema@siskop.test", script)
    number = asked(ema, 3)
    told(office, "joko@siskop.test", "cuti diajukan", number)
    kiki = someone(office, chromium, "kiki@siskop.test", script)
    kiki.open("/kantor")
    kiki.says("Cuti Ema Lestari")
    decide(kiki, number, "Setuju")
    ratna = someone(office, chromium, "ratna@siskop.test", script)
    decide(ratna, number, "Berikan cuti")
    told(office, "ema@siskop.test", "cuti diberikan", number)
    ema.open(f"/pengajuan/{number}")
    ema.says("Cuti diberikan")
    ema.says("surat dokter.pdf")
    for visitor in (joko, ema, kiki, ratna):
        assert visitor.faults == []
        visitor.leave()


def test_a_refusal_has_its_reason_and_reaches_the_employee(office: House, chromium: Browser, script: bool) -> None:
    ema = someone(office, chromium, "ema@siskop.test", script)
    number = asked(ema, 14)
    joko = someone(office, chromium, "joko@siskop.test", script)
    decide(joko, number, "Tolak", f"Ada audit pada minggu itu {int(script)}.")
    told(office, "ema@siskop.test", "cuti ditolak", f"minggu itu {int(script)}")
    ema.open(f"/pengajuan/{number}")
    ema.says("Cuti ditolak")
    ema.says("Ada audit pada minggu itu")
    for visitor in (ema, joko):
        assert visitor.faults == []
        visitor.leave()


def test_nobody_of_the_public_sees_any_of_it(office: House, chromium: Browser) -> None:
    anybody = Visitor(chromium, office.url)
    for path in ("/", "/koperasi?q=cuti"):
        assert "Ema Lestari" not in anybody.open(path).content()
    anybody.leave()

"""A workflow that is in no folder of Siskop: a committee with weights and a veto beside a visit with a small form, an
opinion on demand, people who may stand down, an action with everything that can be asked, one that says why it is
closed, and one that reopens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config import ROOT
from siskop.engine.case import Command
from siskop.submissions import door
from tests import offices
from tests.offices import Office
from tests.visitors import person

KIND = """
record: request
label: {id: Permintaan, en: Request}
display: {title: subject}
fields:
  subject: {type: text, privacy: public, label: {id: Perihal, en: Subject}, help: {id: Singkat, en: Short}}
  amount: {type: money, privacy: internal, label: {id: Jumlah, en: Amount}, help: {id: Rupiah, en: Rupiah}}
"""
WORKFLOW = """
workflow: request
label: {id: Permintaan dana, en: Request for money}
record: request
start: {who: {relation: record_operator}}
manage: {role: administrator}
form:
  main:
    label: {id: Isi, en: Content}
    fields: {subject: required, amount: required}
forms:
  visit:
    score: {type: integer, min: 0, max: 100, label: {id: Nilai, en: Score}}
    remark: {type: text, required: false, label: {id: Catatan kunjungan, en: Remark}}
  condition:
    term: {type: text, label: {id: Syarat, en: Term}}
    scan: {type: file, required: false, label: {id: Pindaian, en: Scan}}
states:
  draft: {label: {id: Draf, en: Draft}, waits_for: submitter, edit: {relation: record_operator}}
  weighing:
    label: {id: Dipertimbangkan, en: Being weighed}
    waits_for: office
    steps:
      visit:
        label: {id: Kunjungan, en: Visit}
        who: {role: officer}
        form: visit
        recuse: true
        due: 3 working days
      opinion:
        label: {id: Pendapat, en: Opinion}
        who: {role: head}
        on_demand: true
        due: 5 working days
      panel:
        label: {id: Komite, en: Committee}
        who: {role: juror}
        seats: {member: 3, finance: {count: 1, who: {role: treasurer}}}
        votes: {need: 3, veto: finance, weights: {finance: 2}, reason: against}
        recuse: true
      large:
        label: {id: Jumlah besar, en: Large amount}
        who: {role: head}
        when: amount > 1000000000
        votes: {need: 1}
      summary:
        label: {id: Ringkasan, en: Summary}
        who: {role: head}
        after: [visit, panel]
  granted: {label: {id: Diberikan, en: Granted}, final: true}
  refused: {label: {id: Ditolak, en: Refused}, final: true}
actions:
  send:
    label: {id: Kirim, en: Send}
    from: draft
    to: weighing
    who: {relation: record_operator}
    needs: [valid_form]
    does: [{mail: received, to: submitter}]
  grant:
    label: {id: Berikan, en: Grant}
    step: summary
    to: granted
    when: panel.passed
    why: {id: Komite belum setuju., en: The committee has not agreed yet.}
    does: [{mail: published, to: submitter}]
  decline:
    label: {id: Jangan berikan, en: Decline}
    tone: refuse
    step: summary
    to: refused
    form: condition
    needs: [reason, attachment]
    does: [{mail: rejected, to: submitter}]
  wait:
    label: {id: Belum waktunya, en: Not yet}
    from: weighing
    to: refused
    who: {role: administrator}
    when: amount > 5000000
    why: {id: Hanya di atas lima juta., en: Only above five million.}
    does: [{mail: rejected, to: submitter}]
  reopen:
    label: {id: Buka kembali, en: Reopen}
    from: [granted, refused]
    to: weighing
    who: {role: administrator}
    needs: [reason]
    does: [{mail: received, to: submitter}]
"""
INSPECTION = """
workflow: inspection
label: {id: Pemeriksaan lapangan, en: Inspection}
record: cooperative
start: {who: {role: officer, area: kelurahan}, record: existing}
form:
  seen: {label: {id: Temuan, en: Findings}, fields: {phone: optional}}
states:
  draft: {label: {id: Draf, en: Draft}, waits_for: submitter, edit: {relation: submitter}}
  ended: {label: {id: Selesai, en: Ended}, final: true}
actions:
  finish: {label: {id: Selesaikan, en: Finish}, from: draft, to: ended, who: {relation: submitter}, needs: [valid_form]}
"""
ROLES = "juror,Anggota komite,Committee member,desk\ntreasurer,Bagian keuangan,Finance,desk personal\n"


FILES: Mapping[str, str] = {
    "records/request.yaml": KIND,
    "request.yaml": WORKFLOW,
    "inspection.yaml": INSPECTION,
    "lists/roles.csv": (ROOT / "workflows" / "lists" / "roles.csv").read_text("utf-8").rstrip("\n") + "\n" + ROLES,
}


@dataclass(frozen=True, slots=True)
class Committee:
    """Accounts; every address is `<name>@siskop.test`. `members` are anggota1, anggota2, anggota3."""

    number: str
    secretary: int
    members: tuple[int, ...]
    finance: int
    officer: int
    head: int
    administrator: int


def staff(office: Office | None = None) -> Committee:
    """With one request that the committee weighs; beside those who are there already."""
    sari = office.secretary if office else person("sari@siskop.test", "Sari Wulandari")
    members = tuple(person(f"anggota{n}@siskop.test", f"Anggota {n}", ("juror", "")) for n in (1, 2, 3))
    return Committee(
        number=request(sari),
        secretary=sari,
        members=members,
        finance=person("keuangan@siskop.test", "Kirana Keuangan", ("treasurer", "")),
        officer=person("lapangan@siskop.test", "Laksmi Lapangan", ("officer", "")),
        head=office.head if office else person("ratna@siskop.test", "Ratna Dewi", ("head", "")),
        administrator=office.administrator if office else person("adi@siskop.test", "Adi Putra", ("administrator", "")),
    )


def request(account: int) -> str:
    number = door.start("request", offices.actor(account))
    offices.fill(number, account, "request", {"subject": "Mesin jahit", "amount": "1.000.000"}, everything=False)
    door.perform(number, offices.actor(account), Command("act", "send"))
    return number


def weighed(committee: Committee, number: str = "") -> str:
    """The panel said no, the visit is over: the summary is open."""
    number, form = number or committee.number, {"score": "80", "remark": "Warung ramai"}
    door.perform(number, offices.actor(committee.officer), Command("complete", "visit"), form=form)
    vote(number, committee.members[0], "for")
    vote(number, committee.finance, "against", "Belum perlu.")
    return number


def vote(number: str, account: int, ballot: str, reason: str = "") -> None:
    said = {"reason": reason} if reason else {}
    door.perform(number, offices.actor(account), Command("vote", "panel", {"ballot": ballot}), said=said)

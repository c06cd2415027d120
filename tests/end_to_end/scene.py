"""Everything that a page can be about, brought there through the door: one submission of each fate, and people."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from siskop.accounts import deputies, people
from siskop.base.db import today, unit_of_work
from siskop.engine.case import Command
from siskop.jobs import drain
from siskop.letters import posts, shelf, signing, typeset
from siskop.submissions import definitions, door, drafts
from tests import committees, inventory, offices
from tests.committees import Committee
from tests.offices import Office
from tests.visitors import person

assert typeset  # its job is known
COOPERATIVE = "cooperative"
NAMES = ("Maju Bersama", "Teratai", "Sumber Rejeki", "Bina Sejahtera", "Mekar Jaya", "Cendana", "Anggrek", "Puspita")

JOBS = """
    INSERT INTO siskop.job (queue, kind, key, status, due_at, finished_at, errors, deaths, error)
    SELECT 'mail', kind, 'deliver:lost-' || n, status, siskop.now() + interval '1 day',
      CASE WHEN status <> 'waiting' THEN siskop.now() END, errors, 3 - errors % 3, error
    FROM (VALUES ('deliver', 1, 'dead', 8, 'OSError: [Errno 111] Connection refused'), ('deliver', 2, 'dead', 8, 'x'),
      ('unheard-of', 3, 'dead', 0, 'its process died 3 times'), ('deliver', 4, 'waiting', 1, 'TimeoutError: timed out'),
      ('deliver', 5, 'buried', 8, 'ValueError: no')) v(kind, n, status, errors, error)
"""


@dataclass
class Scene:
    """`numbers` by fate; `paths` of what is published; who has each task."""

    office: Office
    numbers: dict[str, str] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    record: int = 0
    slug: str = "koperasi-jasa-maju-bersama"
    file: int = 0
    committee: Committee | None = None


def build() -> Scene:
    with tempfile.TemporaryDirectory() as folder:
        inventory.in_force(Path(folder), {**inventory.FILES, **committees.FILES})
    scene = Scene(offices.staff())
    person("baru@siskop.test", "Lina Marlina")
    for fate, make in FATES.items():
        scene.numbers[fate] = make(scene)
    for fate in ("waiting", "asking", "again", "conflict"):
        scene.holders[fate] = offices.address(scene.numbers[fate], scene.office)
    with unit_of_work() as tx:
        days = today(tx), today(tx) + timedelta(30)
        deputies.name(tx, scene.office.head, scene.office.colleague, days, {scene.office.colleague})
        tx.execute(text(JOBS))
    scene.file = int(offices.upload(scene.office.secretary, scene.numbers["published"])["id"])
    return scene


def _one(name: str) -> int:
    return person(f"{name}@siskop.test", f"Lina {name.title()}")


def _draft(_scene: Scene) -> str:
    """Half filled, and partly wrong."""
    account = _one("draf")
    number = door.start(COOPERATIVE, offices.actor(account), None)
    wrong = {"name": "Koperasi Jasa Melati", "nib": "912", "legal_number": "518/15/BH/PERINDAGKOP", "nik_koperasi": ""}
    wrong |= {"members_men": "banyak", "has_licence": "yes", "officers": [{"full_name": "Ani", "nik": "36"}]}
    _keep(number, account, wrong)
    return number


def _ready(_scene: Scene) -> str:
    account = _one("siap")
    number = door.start(COOPERATIVE, offices.actor(account), None)
    offices.fill(number, account, COOPERATIVE, {"name": "Koperasi Jasa Kenanga"})
    offices.prove(number, account)
    return number


def _sent(_scene: Scene) -> str:
    """No worker has looked at it yet."""
    account = _one("tunggu")
    number = door.start(COOPERATIVE, offices.actor(account), None)
    offices.fill(number, account, COOPERATIVE, {"name": "Koperasi Jasa Seroja"})
    offices.prove(number, account)
    door.perform(number, offices.actor(account), Command("act", "submit"))
    return number


def _waiting(_scene: Scene) -> str:
    """With a verifier; its checks have something to say."""
    account = _one("periksa")
    given = {"name": "Koperasi Jasa Maju Bersama", "members_men": "3", "members_women": "2"}
    number = offices.sent(account, **given, licence_issued="2019-01-31", licence_expires="2020-01-31")
    offices.prove(number, account)
    return number


def _asking(scene: Scene) -> str:
    number = offices.sent(_one("minta"), name="Koperasi Jasa Dahlia")
    offices.ask(number, scene.office, "address", "Tulis nomor rumahnya.")
    return number


def _returned(scene: Scene) -> str:
    account = _one("balik")
    number = offices.sent(account, name="Koperasi Jasa Flamboyan")
    offices.prove(number, account)
    _give_back(scene, number)
    return number


def _again(scene: Scene) -> str:
    account = _one("ulang")
    number = offices.sent(account, name="Koperasi Jasa Bugenvil")
    _give_back(scene, number)
    _keep(number, account, {"address": "Jl. Melati No. 7", "members_men": "44", "main_product": "Katering"})
    seen = offices.seen(number, account)
    for correction in seen.corrections:
        answer = Command("correction", str(correction.id), {"status": "answered"})
        door.perform(number, offices.actor(account), answer, said={"answer": "Sudah kami perbaiki."})
    offices.submit(number, account)
    return number


def _verified(scene: Scene) -> str:
    number = offices.sent(_one("setuju"), name="Koperasi Jasa Wijaya")
    offices.verify(number, scene.office)
    return number


def _rejected(scene: Scene) -> str:
    number = offices.sent(_one("tolak"), name="Koperasi Jasa Edelweis")
    door.perform(
        number,
        offices.actor(offices.holder(number, scene.office)),
        Command("act", "reject"),
        said={"reason": "Bukan koperasi di kota ini."},
    )
    return number


def _withdrawn(_scene: Scene) -> str:
    account = _one("tarik")
    number = offices.sent(account, name="Koperasi Jasa Kamboja")
    door.perform(number, offices.actor(account), Command("act", "withdraw"))
    return number


def _published(scene: Scene) -> str:
    for name in NAMES[1:]:
        offices.published(scene.office, name=f"Koperasi Konsumen {name}", has_licence="no")
    for n in range(14):
        offices.published(
            scene.office, name=f"Koperasi Produsen Nomor {n}", last_report_year="2021", legal_date="01/02/2015"
        )
    whole = {"name": "Koperasi Jasa Maju Bersama", "legal_number": "AHU-0007286.AH.01.26.TAHUN 2020"}
    number, scene.record = offices.published(scene.office, **whole)
    return number


def _letter(scene: Scene) -> str:
    """One is signed and printed, another withdrawn, the rest waits; who signs holds a post."""
    with unit_of_work() as tx:
        head = people.actor_for(tx, scene.office.head)
        told = {"title": "Kepala Bidang", "rank": "Pembina (IV/a)", "nip": "19700101 199603 1 002", "acting": "plt"}
        posts.add(tx, scene.office.head, told, today(tx), None)
        (first, code), (second, other) = tx.execute(
            text("SELECT id, code FROM siskop.letter WHERE record_id = :record OR id = 1 ORDER BY record_id DESC"),
            {"record": scene.record},
        )
        signing.sign(tx, definitions.library(tx), [first, second], head)
        signing.withdraw(tx, second, head, "Salah alamat", any_letter=False)
    drain.drain("publishing")
    with unit_of_work() as tx:
        shelf.print_run(tx, head, [first])
        waits = tx.execute(text("SELECT min(id) FROM siskop.letter WHERE signed_at IS NULL")).scalar_one()
    scene.numbers |= {"code": code, "withdrawn_code": other, "withdrawn_letter": str(second), "unsigned": str(waits)}
    return str(first)


def _stuck(scene: Scene) -> str:
    """Whoever has the task has left."""
    number, left = offices.sent(_one("macet"), name="Koperasi Jasa Soka"), _one("pergi")
    door.perform(number, offices.actor(scene.office.administrator), Command("assign", "verification", {"person": left}))
    with unit_of_work() as tx:
        tx.execute(text("UPDATE siskop.account SET active = false WHERE id = :id"), {"id": left})
    return number


def _weighing(scene: Scene) -> str:
    """A workflow that is in no folder: one ballot is given."""
    scene.committee = committees.staff(scene.office)
    committees.vote(scene.committee.number, scene.committee.members[1], "against", "Terlalu mahal.")
    return scene.committee.number


def _weighed(scene: Scene) -> str:
    """Another request, of which all but the last word is said."""
    assert scene.committee is not None
    return committees.weighed(scene.committee, committees.request(_one("timbang")))


def _finished(scene: Scene) -> str:
    assert scene.committee is not None
    number = committees.weighed(scene.committee, committees.request(_one("tuntas")))
    file = offices.upload(scene.office.head, number, "surat.pdf")
    said, decline = {"reason": "Dana habis."}, Command("act", "decline", {"attachment": file["id"]})
    door.perform(number, offices.actor(scene.office.head), decline, said=said, form={"term": "Tahun depan"})
    return number


def _conflict(scene: Scene) -> str:
    """An update of what is published, of which another changed a field meanwhile."""
    secretary, record = scene.office.secretary, scene.record
    number = offices.sent(secretary, COOPERATIVE, record, licence_number="518/22/2025", phone="0813-1111-2222")
    scene.numbers["licence"] = offices.sent(secretary, "licence", record, licence_number="518/23/2025")
    offices.verify(scene.numbers["licence"], scene.office)
    offices.approve(scene.numbers["licence"], scene.office)
    return number


def _stock(_scene: Scene) -> str:
    """A form of every type of field: half of it wrong, a doubt, and a list of many rows."""
    account = _one("gudang")
    number = door.start("inventory", offices.actor(account))
    wrong = {"name": "Gudang", "weight": "2000", "place": "di sini", "tax": "12", "site": "bukan", "price": "2.000.000"}
    rows = [{"what": f"Meja {n}", "pieces": "banyak" if n in (3, 107) else str(n)} for n in range(120)]
    photo = offices.upload(account, number, "rak.png", inventory.picture())
    _keep(number, account, {**wrong, "trade": "47112", "items": rows, "photo": photo, "papers": [photo]})
    return number


def _house(scene: Scene) -> str:
    """A published record with its children; its people may object to a request."""
    account = _one("rumah")
    number = door.start("inventory", offices.actor(account))
    offices.fill(number, account, "inventory", {"name": "Gudang Melati", "story": "Satu"}, everything=False)
    _act(number, account, "send")
    door.perform(number, offices.actor(scene.office.verifier), Command("complete", "look"))
    record = offices.seen(number, account).record_id
    for period in ("2025", "2026"):
        report = door.start("stocktaking", offices.actor(account), record, period)
        offices.fill(report, account, "stocktaking", {"counted": "7"}, everything=False)
        if period == "2025":
            _act(report, account, "send")
    return number


def _request(scene: Scene) -> str:
    account, record = _one("tamu"), offices.seen(scene.numbers["house"], scene.office.administrator).record_id
    number = door.start("joining", offices.actor(account), record)
    offices.prove(number, account)
    offices.fill(number, account, "joining", {"story": "Sekretaris baru"}, everything=False)
    _act(number, account, "send")
    return number


def _closed(scene: Scene) -> str:
    """Withdrawn from the register."""
    account = _one("tutup")
    number = door.start("inventory", offices.actor(account))
    offices.fill(number, account, "inventory", {"name": "Gudang Lama"}, everything=False)
    _act(number, account, "send")
    door.perform(number, offices.actor(scene.office.verifier), Command("complete", "look"))
    record = offices.seen(number, account).record_id
    number = door.start("closing", offices.actor(scene.office.head), record)
    offices.fill(number, scene.office.head, "closing", {"pieces": "1"}, everything=False)
    _act(number, scene.office.head, "close")
    return number


def _act(number: str, account: int, name: str) -> None:
    door.perform(number, offices.actor(account), Command("act", name))


def _give_back(scene: Scene, number: str) -> None:
    offices.ask(number, scene.office, "address", "Tulis nomor rumahnya.")
    offices.ask(number, scene.office, "members_men", "Menurut buku daftar anggota 44.")
    offices.send_back(number, scene.office)


def _keep(number: str, account: int, values: Mapping[str, object]) -> None:
    with unit_of_work() as tx:
        drafts.save(tx, number, people.actor_for(tx, account), values)


FATES: Mapping[str, Callable[[Scene], str]] = {
    "published": _published,
    "letter": _letter,
    "conflict": _conflict,
    "draft": _draft,
    "ready": _ready,
    "waiting": _waiting,
    "asking": _asking,
    "returned": _returned,
    "again": _again,
    "verified": _verified,
    "rejected": _rejected,
    "withdrawn": _withdrawn,
    "stuck": _stuck,
    "stock": _stock,
    "house": _house,
    "request": _request,
    "closed": _closed,
    "committee": _weighing,
    "weighed": _weighed,
    "finished": _finished,
    "sent": _sent,
}
"""The last stays unlooked at: making any other runs what the worker would do."""

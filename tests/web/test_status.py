"""The status page tells the truth: whether checks run, what changed on both sides, what newer files ask."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from flask import Flask

from siskop.engine.case import Command
from siskop.jobs import queue
from siskop.submissions import definitions, door
from tests import inventory, offices
from tests.offices import actor
from tests.visitors import person, signed_in
from tests.worlds import World

LATE = "layanan yang menjalankannya sedang tidak berjalan"


def test_checks_that_nobody_makes_wait_and_do_not_run(world: World, app: Flask) -> None:
    account = person("sari@siskop.test", "Sari Wulandari")
    number = door.start("cooperative", actor(account))
    offices.fill(number, account, "cooperative", {"name": "Koperasi Melati"})
    offices.prove(number, account)
    door.perform(number, actor(account), Command("act", "submit"))
    sari = signed_in(app, "sari@siskop.test")
    page = sari.get(f"/pengajuan/{number}").text
    assert "Pemeriksaan dimulai dengan sendirinya" in page
    assert "sedang berjalan" not in page
    world.move_clock(timedelta(minutes=2))
    assert LATE in sari.get(f"/pengajuan/{number}").text
    assert queue.claim("checks", "somebody") is not None
    page = sari.get(f"/pengajuan/{number}").text
    assert LATE not in page
    assert "Pemeriksaan sedang berjalan." in page


def test_checks_that_ended_are_one_line_of_the_history(app: Flask) -> None:
    account = person("sari@siskop.test", "Sari Wulandari")
    person("tirta@siskop.test", "Tirta Anggara", ("verifier", ""))
    number = offices.sent(account, name="Koperasi Melati")
    page = signed_in(app, "sari@siskop.test").get(f"/pengajuan/{number}").text
    assert len(re.findall(r"\d pemeriksaan otomatis selesai", page)) == 1


def test_what_changed_on_both_sides_is_shown_to_the_cooperative(app: Flask) -> None:
    office = offices.staff()
    _number, record = offices.published(office, name="Koperasi Melati", licence_number="518/1")
    number = offices.sent(office.secretary, "cooperative", record, licence_number="518/2")
    licence = offices.sent(office.secretary, "licence", record, licence_number="518/3")
    offices.verify(licence, office)
    offices.approve(licence, office)
    page = signed_in(app, "sari@siskop.test").get(f"/pengajuan/{number}").text
    assert "Berubah di kedua pihak" in page
    assert page.index("518/3") < page.index("518/2")


def test_a_question_of_newer_files_is_marked_as_new(app: Flask, tmp_path: Path) -> None:
    account = person("sari@siskop.test", "Sari Wulandari")
    inventory.in_force(tmp_path / "files")
    number = door.start("inventory", actor(account))
    offices.fill(number, account, "inventory", {"name": "Gudang"}, everything=False)
    sari = signed_in(app, "sari@siskop.test")
    assert "Baru</span>" not in sari.get(f"/pengajuan/{number}/isi/money").text
    pieces = "  pieces: {type: integer, privacy: internal}\n"
    kind = inventory.KIND.replace(pieces, pieces + "  colour: {type: text, privacy: internal}\n", 1)
    flow = inventory.WORKFLOW.replace("pieces: optional, total", "pieces: optional, colour: optional, total")
    more = {"records/inventory.yaml": kind, "inventory.yaml": flow}
    inventory.in_force(tmp_path / "files", {**inventory.FILES, **more})
    with app.app_context():
        definitions.forget()
    page = sari.get(f"/pengajuan/{number}/isi/money").text
    assert page.count("Baru</span>") == 1
    assert page.index("Baru</span>") < page.index('name="colour"')


def test_what_the_office_asks_is_read_by_the_submitter_only_once_it_is_sent(app: Flask) -> None:
    office = offices.staff()
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    holder = offices.actor(offices.holder(number, office))
    for field in ("name", "address"):
        door.perform(number, holder, Command("ask", field), said={"correction": f"Rahasia {field}"})
    door.perform(number, holder, Command("correction", "2", {"status": "cancelled"}))
    sari = signed_in(app, "sari@siskop.test")
    assert "Rahasia" not in (page := sari.get(f"/pengajuan/{number}").text) and "Perbaikan" not in page
    door.perform(number, holder, Command("act", "return"))
    page = sari.get(f"/pengajuan/{number}").text
    assert "Rahasia name" in page and "Rahasia address" not in page

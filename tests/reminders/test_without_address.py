"""Letters and tasks of rungs, and what takes the place of a mail that reaches nobody who acts for the record."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.base.errors import Conflict, Invalid, NotFound
from siskop.reminders import tasks
from siskop.reminders.due import all_dues, names
from siskop.submissions import definitions
from tests.reminders.societies import WEDNESDAY, kind_with, published, run_day, settle
from tests.visitors import person
from tests.worlds import World

ANI = "ani@siskop.test"
FILES = {
    "letters/house.yaml": "{head: [Dinas], city: Kota, unit: D, notice: note}",
    "letters/note.yaml": """
series: note
subject: {id: Hal, en: Matter}
body: {id: Isi, en: Body}
to: {id: "{title}", en: "{title}"}
public: {id: Surat, en: Letter}
""",
    "letters/warning.yaml": """
series: warning
code: W
subject: {id: Hal, en: Matter}
body: {id: "Kepada {title}", en: "To {title}"}
to: {id: "{title}", en: "{title}"}
sign: {role: chair}
public: {id: Surat, en: Letter}
""",
    "tasks/visit.yaml": """
label: {id: "Kunjungi {title}", en: "Visit {title}"}
body: {id: "Karena {reason}.", en: "For {reason}."}
due: 5 working days
""",
}
RULE = """
when: not paid
cause: paid_until
send: {days: working, without_address: WAY, to: {role: chair}}
ladder:
  - {at: 0d, does: DOES}
"""
MAIL = "[{mail: pay-1, to: operators, copy: {role: chair}}]"


def ruled(world: World, folder: Path, way: str, does: str = MAIL) -> None:
    settle(world, folder / "workflows", {**FILES, **kind_with(RULE.replace("WAY", way).replace("DOES", does))})


def rows(query: str) -> list[Any]:
    with unit_of_work() as tx:
        return list(tx.execute(text(query)))


def unreachable(email: str = ANI) -> None:
    with unit_of_work() as tx:
        tx.execute(text("UPDATE siskop.account SET mail_bad_since = siskop.now() WHERE email = :a"), {"a": email})


def actor(email: str) -> Any:
    with unit_of_work() as tx:
        found = people.find(tx, email)
        assert found
        return people.actor_for(tx, found)


@pytest.mark.parametrize(
    ("way", "counts"),
    [("letter_and_task", (1, 1, 1)), ("letter", (1, 0, 1)), ("task", (0, 1, 1)), ("nothing", (0, 0, 0))],
)
def test_what_is_done_where_the_mail_reaches_nobody_who_acts_for_it(
    world: World, tmp_path: Path, way: str, counts: tuple[int, int, int]
) -> None:
    letters, opened, copies = counts
    ruled(world, tmp_path, way)
    published(ANI, "Maju", "2026-11-01")
    unreachable()
    run_day()
    run_day()
    assert len(rows("SELECT * FROM siskop.letter")) == letters
    assert len(rows("SELECT * FROM siskop.task")) == opened
    assert [m.address for m in rows("SELECT address FROM siskop.mail WHERE mail = 'pay-1'")] == (
        ["chair@siskop.test"] * copies
    )
    assert len(rows("SELECT * FROM siskop.reminder_rung")) == copies


def test_the_letter_has_the_words_of_the_mail_and_the_task_the_message(world: World, tmp_path: Path) -> None:
    ruled(world, tmp_path, "letter_and_task")
    published(ANI, "Maju", "2026-11-01")
    unreachable()
    run_day()
    (letter,) = rows("SELECT * FROM siskop.letter")
    assert letter.letter == "note"
    assert letter.words["body"]["id"] == "Halo Maju, iuran Maju belum lunas."
    (task,) = tasks_of("chair@siskop.test")
    assert task.label["en"] == "Maju: the fee is not paid"
    assert task.whatsapp
    assert task.whatsapp["id"].startswith("Halo Maju, iuran Maju belum lunas.\n\nhttp")


def tasks_of(email: str) -> list[tasks.Task]:
    with unit_of_work() as tx:
        return tasks.mine(tx, actor(email))


def test_a_rung_that_writes_a_letter_itself_writes_no_other(world: World, tmp_path: Path) -> None:
    ruled(world, tmp_path, "letter_and_task", "[{mail: pay-1, to: operators}, {letter: warning}]")
    published(ANI, "Maju", "2026-11-01")
    unreachable()
    run_day()
    assert [row.letter for row in rows("SELECT letter FROM siskop.letter")] == ["warning"]
    assert len(rows("SELECT * FROM siskop.task")) == 1


def test_a_rung_writes_its_letter_and_opens_its_task_with_the_mail_once(world: World, tmp_path: Path) -> None:
    ruled(
        world,
        tmp_path,
        "nothing",
        "[{mail: pay-1, to: operators}, {letter: warning}, {task: visit, to: {role: chair}}]",
    )
    published(ANI, "Maju", "2026-11-01")
    with unit_of_work() as tx:
        (due,) = all_dues(tx, definitions.library(tx), WEDNESDAY)
    assert (names(due.papers), names(due.tasks)) == (["warning"], ["visit"])
    run_day()
    run_day()
    (letter,) = rows("SELECT * FROM siskop.letter")
    assert letter.words["body"]["en"] == "To Maju"
    assert letter.reminder_id == rows("SELECT id FROM siskop.reminder")[0].id
    assert letter.signed_at is None
    (task,) = tasks_of("chair@siskop.test")
    assert (task.label["id"], task.body["en"], task.due_on) == ("Kunjungi Maju", "For Fee not paid.", date(2026, 12, 3))
    assert len(world.mails.to(ANI)) == 1


def test_a_rung_of_nothing_but_a_task_needs_nobody_to_be_reached(world: World, tmp_path: Path) -> None:
    ruled(world, tmp_path, "nothing", "[{task: visit, to: {role: chair}}]")
    published(ANI, "Maju", "2026-11-01")
    unreachable()
    run_day()
    assert len(rows("SELECT * FROM siskop.task")) == 1


def test_a_task_is_done_once_with_a_note_by_somebody_of_its_role(world: World, tmp_path: Path) -> None:
    ruled(world, tmp_path, "task")
    published(ANI, "Maju", "2026-11-01")
    unreachable()
    run_day()
    (task,) = tasks_of("chair@siskop.test")
    assert tasks_of(ANI) == []
    with pytest.raises(NotFound), unit_of_work() as tx:
        tasks.done(tx, actor(ANI), task.id, "Sudah")
    with pytest.raises(Invalid), unit_of_work() as tx:
        tasks.done(tx, actor("chair@siskop.test"), task.id, "  ")
    with unit_of_work() as tx:
        address = tasks.press(tx, actor("chair@siskop.test"), task.id)
    assert address.startswith("https://wa.me/?text=Halo%20Maju")
    with unit_of_work() as tx:
        tasks.done(tx, actor("chair@siskop.test"), task.id, " Dijawab ")
    with pytest.raises(Conflict), unit_of_work() as tx:
        tasks.done(tx, actor("chair@siskop.test"), task.id, "Lagi")
    with unit_of_work() as tx:
        assert tasks.mine(tx, actor("chair@siskop.test")) == []
        (over,) = tasks.mine(tx, actor("chair@siskop.test"), is_done=True)
    assert (over.note, over.done_by, over.presses, over.pressed_by) == ("Dijawab", "Citra", 1, "Citra")


def test_a_task_of_an_area_is_for_those_who_cover_it_and_of_an_unknown_one_for_those_who_cover_all(
    world: World, tmp_path: Path
) -> None:
    ruled(world, tmp_path, "nothing")
    record = published(ANI, "Maju", "2026-11-01")
    person("utara@siskop.test", "Udin", ("chair", "36.74.01"))
    for n, area in enumerate(("36.74.01.1001", "36.74.02", "", None)):
        with unit_of_work() as tx:
            said = {"id": str(n), "en": str(n)}
            tasks.open(tx, key=f"k{n}", label=said, body=said, record_id=record, role="chair", area=area)
            assert tasks.open(tx, key=f"k{n}", label=said, body=said, record_id=record, role="chair", area=area) is None
    assert [task.label["id"] for task in tasks_of("utara@siskop.test")] == ["0", "3"]
    assert [task.label["id"] for task in tasks_of("chair@siskop.test")] == ["0", "1", "2", "3"]

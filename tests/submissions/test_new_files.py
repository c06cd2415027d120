"""New definitions come into force while records stand in the register and submissions are under way."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest import MonkeyPatch
from sqlalchemy import text

from config import ROOT
from siskop.base import db
from siskop.base.db import Tx, unit_of_work
from siskop.base.i18n import JAKARTA
from siskop.engine.hashes import hashes
from siskop.register import publish
from siskop.submissions import definitions
from tests import offices
from tests.worlds import World

KIND = "records/cooperative.yaml"
Edit = Callable[..., None]


@pytest.fixture
def edit(world: World, tmp_path: Path) -> Edit:
    """Replace in files of the folder, each change (file, regular expression, new words), and put it in force."""
    folder = tmp_path / "files"
    shutil.copytree(ROOT / "workflows", folder)

    def put(*changes: tuple[str, str, str]) -> None:
        for name, old, new in changes:
            words, times = re.subn(old, new, (folder / name).read_text("utf-8"), count=1)
            assert times == 1
            (folder / name).write_text(words, "utf-8")
        assert world.settings.database_owner_url
        definitions.load(folder, world.settings.database_owner_url)
        definitions.forget()

    return put


def refresh(tx: Tx) -> None:
    while publish.due_refresh(tx, definitions.library(tx).kinds, db.today(tx)):
        pass


def test_a_field_that_is_no_longer_public_leaves_the_register_and_its_past(world: World, edit: Edit) -> None:
    office = offices.staff()
    offices.published(office)
    edit((KIND, r"( phone:\n    type: phone\n    privacy:) public", r"\1 internal"))
    edit((KIND, r"Awal tahun buku", "Mulai tahun buku"))  # a second time before anything was refreshed
    with unit_of_work() as tx:
        jobs = tx.execute(text("SELECT count(*) FROM siskop.job WHERE kind = 'refresh' AND due_at > siskop.now()"))
        assert jobs.scalar_one() == 2
        refresh(tx)
        for table in ("entry", "version"):
            found = tx.execute(text(f"SELECT data ? 'phone', data ? 'address' FROM register.{table}")).one()
            assert tuple(found) == (False, True)
        assert "phone" not in tx.execute(text("SELECT changed FROM register.version")).scalar_one()


def test_a_new_filter_finds_what_was_published_before(world: World, edit: Edit) -> None:
    offices.published(offices.staff())
    edit((KIND, r"(    list: levels\n    privacy: public\n)", r"\1    filter: true\n"))
    with unit_of_work() as tx:
        refresh(tx)
        assert tx.execute(text("SELECT facets ? 'level' FROM register.entry")).scalar_one()


def test_a_status_changes_at_midnight_of_its_deadline_and_when_the_table_is_changed(world: World, edit: Edit) -> None:
    midnight = datetime(2027, 5, 1, tzinfo=JAKARTA)
    world.move_clock(midnight - timedelta(minutes=30) - datetime.now(UTC))
    offices.published(offices.staff(), level="primer", last_report_year="2025", legal_date="01/02/2015")
    assert _missed() == []
    world.move_clock(timedelta(hours=1))
    assert _missed() == [2026]
    edit(("lists/report-deadlines.csv", "2027-04-30", "2027-05-31"))
    assert _missed() == []


def _missed() -> list[int]:
    with unit_of_work() as tx:
        refresh(tx)
        badges = tx.execute(text("SELECT badges FROM register.entry")).scalar_one()
    return list(badges["activity"]["values"].get("reports.missing", []))


def test_a_public_field_that_the_files_lost_stops_no_publication_under_way(world: World, edit: Edit) -> None:
    office = offices.staff()
    number = offices.sent(office.secretary)
    edit((KIND, r"  main_product:\n(    .*\n)+", ""), ("cooperative.yaml", r", main_product: optional", ""))
    offices.verify(number, office)
    offices.approve(number, office)
    assert offices.seen(number, office.head).case.state == "published"
    with unit_of_work() as tx:
        assert not tx.execute(text("SELECT data ? 'main_product' FROM register.entry")).scalar_one()


def test_a_draft_goes_by_the_newest_states(world: World, edit: Edit) -> None:
    secretary = offices.staff().secretary
    number = offices.door.start("cooperative", offices.actor(secretary))
    edit(
        ("cooperative.yaml", r"\n  withdrawn:\n", r"\n  taken_back:\n"),
        ("cooperative.yaml", r"to: withdrawn", r"to: taken_back"),
    )
    done = offices.door.perform(number, offices.actor(secretary), offices.Command("act", "withdraw"))
    assert done.state == offices.seen(number, secretary).state.name == "taken_back"


def test_why_a_check_was_overridden_stays_in_the_office(world: World, edit: Edit) -> None:
    office = offices.staff()
    edit(("cooperative.yaml", r"(members_women >= 9\n\s+otherwise:) warn", r"\1 fail"))
    number = offices.sent(office.secretary, members_men="1", members_women="1")
    override = offices.Command("override", "figures")
    offices.door.perform(number, offices.actor(office.administrator), override, said={"reason": "Akta dilihat."})
    assert "Akta dilihat." in [line.said for line in offices.seen(number, office.head).history]
    assert "Akta dilihat." not in [line.said for line in offices.seen(number, office.secretary).history]


def test_what_an_older_siskop_hashed_otherwise_goes_on(world: World, edit: Edit, monkeypatch: MonkeyPatch) -> None:
    office = offices.staff()
    with monkeypatch.context() as older:
        older.setattr("siskop.engine.load.hashes", lambda workflow: tuple(h[::-1] for h in hashes(workflow)))
        edit()
        number = offices.sent(office.secretary)
    monkeypatch.setattr("siskop.engine.load.hashes", lambda workflow: tuple(h[1:] + h[0] for h in hashes(workflow)))
    definitions.forget()
    assert world.settings.database_owner_url
    assert definitions.load(ROOT / "workflows", world.settings.database_owner_url)
    assert not definitions.load(ROOT / "workflows", world.settings.database_owner_url)
    definitions.forget()
    offices.verify(number, office)
    offices.approve(number, office)
    anew, _ = offices.published(office, name="Koperasi Kedua")
    assert {offices.seen(n, office.head).case.state for n in (number, anew)} == {"published"}

"""Two submissions on one record: what each of them would come to, shown and used before it is published."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.submissions import door
from siskop.web.review.sheet import sheet
from tests import offices
from tests.offices import Office
from tests.visitors import person, signed_in
from tests.worlds import World


@pytest.fixture
def office(world: World) -> Office:
    return offices.staff()


def test_what_somebody_else_published_meanwhile_is_no_change_of_this_one(office: Office, app: Flask) -> None:
    _first, record = offices.published(office, licence_number="LAMA-1", main_product="Beras")
    update = offices.sent(office.secretary, "cooperative", record, main_product="Kue")
    licence = offices.sent(office.secretary, "licence", record, licence_number="BARU-2")
    offices.verify(licence, office)
    offices.approve(licence, office)
    seen = offices.seen(update, offices.holder(update, office))
    with app.test_request_context():
        shown = sheet(seen, personal=True)
    assert [row.name for part in shown.parts for row in part.rows] == ["main_product"]
    unchanged = {row.name: row.now for part in shown.folded for row in part.rows}
    assert unchanged["licence_number"] is not None and unchanged["licence_number"].text == "BARU-2"
    page = signed_in(app, "sari@siskop.test").get(f"/pengajuan/{update}").text
    assert "Kue" in page


def test_a_record_is_known_by_its_published_name(office: Office) -> None:
    _first, record = offices.published(office, name="KSP Sekar Melati")
    update = offices.sent(office.secretary, "cooperative", record, name="KSP Sekar Mawar")
    with unit_of_work() as tx:
        asked = text("SELECT title, folded FROM siskop.record WHERE id = :id")
        assert tx.execute(asked, {"id": record}).one().title == "KSP Sekar Melati"
    offices.verify(update, office)
    offices.approve(update, office)
    with unit_of_work() as tx:
        assert tuple(tx.execute(asked, {"id": record}).one()) == ("KSP Sekar Mawar", "ksp sekar mawar")


def test_whoever_covers_the_place_may_be_given_a_task_of_a_form_that_does_not_ask_it(
    office: Office, app: Flask
) -> None:
    _first, record = offices.published(office, kelurahan="36.74.01.1001")
    local = person("wida@siskop.test", "Wida Lestari", ("verifier", "36.74.01"))
    licence = offices.sent(office.secretary, "licence", record, licence_number="BARU-2")
    page = signed_in(app, "adi@siskop.test").get(f"/kantor/pengajuan/{licence}/alasan?do=assign&name=verification").text
    assert "Wida Lestari" in page
    door.perform(licence, offices.actor(office.administrator), Command("assign", "verification", {"person": local}))


def test_what_does_not_apply_to_the_merged_record_is_not_published(office: Office) -> None:
    """One side says that there is no licence any more, the other gives it another number, and the number is picked."""
    _first, record = offices.published(office, licence_number="LAMA-1")
    update = offices.sent(office.secretary, "cooperative", record, licence_number="BARU-2")
    licence = offices.sent(office.secretary, "licence", record, has_licence="no")
    offices.verify(licence, office)
    offices.approve(licence, office)
    door.perform(
        update,
        offices.actor(offices.holder(update, office)),
        Command("resolve", "licence_number", {"side": "proposed"}),
    )
    offices.verify(update, office)
    offices.approve(update, office)
    with unit_of_work() as tx:
        newest = text("SELECT data FROM siskop.record_body WHERE record_id = :id ORDER BY number DESC LIMIT 1")
        values = tx.execute(newest, {"id": record}).scalar_one()
    assert (values["has_licence"], values.get("licence_number")) == (False, None)

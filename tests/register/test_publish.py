"""A publication merges, makes a version, and at once the public sees it, and nothing more than it may."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from siskop.base.db import Tx, db, public_reading, unit_of_work
from siskop.base.errors import Conflict, NotFound
from siskop.register import directory
from siskop.register.publish import due_refresh, publish, refresh
from tests.register.kinds import ANSWERS, KIND, open_to_all, published, record, revision
from tests.worlds import World


@pytest.fixture(autouse=True)
def kind_in_force(world: World) -> Iterator[None]:
    open_to_all(world)
    yield


def seqs(tx: Tx) -> list[int]:
    return list(tx.execute(text("SELECT seq FROM register.change ORDER BY seq")).scalars())


def test_the_first_publication_makes_version_entry_and_slug(world: World) -> None:
    with unit_of_work() as tx:
        record_id, done = published(tx)
    assert (done.number, done.slug) == (1, "melati-jaya")
    assert set(done.changed) == set(ANSWERS)
    with public_reading() as tx:
        line = directory.entry(tx, KIND, "melati-jaya")
        assert (line.record_id, line.title, line.area, line.version) == (record_id, "Melati Jaya", "1.1.1", 1)
        assert [version.number for version in directory.versions(tx, record_id)] == [1]


def test_only_public_fields_and_columns_come_into_the_register(world: World) -> None:
    with unit_of_work() as tx:
        record_id, _ = published(tx)
    with public_reading() as tx:
        line = directory.entry(tx, KIND, "melati-jaya")
        version = directory.versions(tx, record_id)[0]
        tables = "register.entry e, register.version v, register.change c"
        everything = str(tx.execute(text(f"SELECT e::text, v::text, c::text FROM {tables}")).all())
    assert "x7" not in line.data
    assert "x7" not in version.changed
    assert line.data["x8"] == [{"c1": "Wulan"}, {"c1": "Darma"}]
    assert "rahasia" not in everything
    assert "3674014107800001" not in everything


def test_two_submissions_from_the_same_version_are_both_kept(world: World) -> None:
    with unit_of_work() as tx:
        record_id, _ = published(tx)
        published(tx, {**ANSWERS, "x9": "+6281200009999"}, record_id, base=1)
        _, second = published(tx, {**ANSWERS, "x2": "Nomor 8"}, record_id, base=1)
    assert (second.number, second.changed) == (3, ("x2",))
    with public_reading() as tx:
        data = directory.entry(tx, KIND, "melati-jaya").data
    assert (data["x2"], data["x9"]) == ("Nomor 8", "+6281200009999")


def test_a_form_that_asks_less_leaves_the_rest_alone_and_none_empties(world: World) -> None:
    with unit_of_work() as tx:
        record_id, _ = published(tx)
        _, done = published(tx, {"x5": None}, record_id, base=1)
    assert done.changed == ("x5",)
    with public_reading() as tx:
        data = directory.entry(tx, KIND, "melati-jaya").data
    assert "x5" not in data
    assert data["x2"] == "Nomor 7"


def test_a_field_changed_on_both_sides_waits_for_a_person_who_picks(world: World) -> None:
    with unit_of_work() as tx:
        record_id, _ = published(tx)
        published(tx, {"x2": "Nomor 8"}, record_id, base=1)
    with pytest.raises(Conflict), unit_of_work() as tx:
        published(tx, {"x2": "Nomor 9", "x6": 2026}, record_id, base=1)
    with unit_of_work() as tx:
        _, kept = published(tx, {"x2": "Nomor 9", "x6": 2026}, record_id, base=1, x2="current")
        _, taken = published(tx, {"x2": "Nomor 9"}, record_id, base=1, x2="proposed")
    assert (kept.changed, taken.changed) == (("x6",), ("x2",))


def test_the_address_stays_when_the_title_changes_and_a_taken_one_gets_a_number(world: World) -> None:
    with unit_of_work() as tx:
        record_id, _ = published(tx)
        _, renamed = published(tx, {"x1": "Kenanga"}, record_id, base=1)
        _, namesake = published(tx)
        _, third = published(tx, {**ANSWERS, "x1": "MELATI, Jaya!"})
        _, nameless = published(tx, {**ANSWERS, "x1": "東京"})
    assert renamed.slug == "melati-jaya"
    assert (namesake.slug, third.slug, nameless.slug) == ("melati-jaya-2", "melati-jaya-3", "entri")


def test_a_revision_is_published_once(world: World) -> None:
    with unit_of_work() as tx:
        record_id = record(tx)
        of = revision(tx, record_id)
        at = tx.execute(text("SELECT siskop.now()")).scalar_one()
        given = {"answers": ANSWERS, "base": 0, "resolutions": {}, "published_at": at}
        publish(tx, KIND, record_id, revision_id=of, **given)
    with pytest.raises(IntegrityError), unit_of_work() as tx:
        publish(tx, KIND, record_id, revision_id=of, **given)


def test_a_record_of_another_kind_is_not_found(world: World) -> None:
    with pytest.raises(NotFound), unit_of_work() as tx:
        published(tx, record_id=record_of_another_kind(tx))


def record_of_another_kind(tx: Tx) -> int:
    return int(tx.execute(text("INSERT INTO siskop.record (kind) VALUES ('other') RETURNING id")).scalar_one())


def test_the_log_has_no_gap_after_a_publication_that_failed(world: World) -> None:
    with unit_of_work() as tx:
        published(tx)
    with pytest.raises(RuntimeError), unit_of_work() as tx:
        published(tx)
        raise RuntimeError
    with unit_of_work() as tx:
        published(tx)
        assert seqs(tx) == [1, 2]


def test_publications_at_once_get_their_own_numbers_and_addresses(world: World) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def one(_: int) -> str:
        with app.app_context(), unit_of_work() as tx:
            return published(tx)[1].slug

    with ThreadPoolExecutor(6) as threads:
        slugs = list(threads.map(one, range(12)))
    db.session.remove()
    assert len(set(slugs)) == 12
    with unit_of_work() as tx:
        assert seqs(tx) == list(range(1, 13))


def test_a_badge_turns_on_its_day_and_the_log_says_so(world: World) -> None:
    with unit_of_work() as tx:
        today = tx.execute(text("SELECT siskop.today()")).scalar_one()
        until = today + timedelta(days=10)
        record_id, _ = published(tx, {**ANSWERS, "x5": until.isoformat()})
        day = tx.execute(text("SELECT refresh_on FROM register.entry")).scalar_one()
        assert day == min(until + timedelta(days=1), date(today.year + 3, 1, 1))
        assert not refresh(tx, KIND, record_id)
        assert due_refresh(tx, {KIND.name: KIND}, day - timedelta(days=1)) == 0
        assert due_refresh(tx, {KIND.name: KIND}, day) == 1
        assert due_refresh(tx, {KIND.name: KIND}, day) == 0
    with public_reading() as tx:
        assert directory.entry(tx, KIND, "melati-jaya").badges["b1"]["case"] == 3
        assert directory.news(tx)[0].type == "published"
    with unit_of_work() as tx:
        assert tx.execute(text("SELECT type FROM register.change ORDER BY seq")).scalars().all() == [
            "published",
            "refreshed",
        ]


def test_a_kind_that_is_not_public_has_versions_but_no_entry(world: World) -> None:
    with unit_of_work() as tx:
        record_id = record(tx)
        at = tx.execute(text("SELECT siskop.now()")).scalar_one()
        hidden = replace(KIND, public=None)
        given = {"answers": ANSWERS, "base": 0, "resolutions": {}, "published_at": at}
        assert publish(tx, hidden, record_id, revision_id=revision(tx, record_id), **given).number == 1
        assert tx.execute(text("SELECT count(*) FROM register.entry")).scalar_one() == 0
        assert tx.execute(text("SELECT version FROM siskop.record WHERE id = :id"), {"id": record_id}).scalar_one() == 1

"""Content by digest, rows last; the sweep."""

from __future__ import annotations

import io
import os
import time

from siskop.base.db import unit_of_work
from siskop.files import intake, store
from tests.files.test_intake import PDF
from tests.visitors import person
from tests.worlds import World


def test_what_is_received_can_be_opened_and_lies_under_its_digest(world: World) -> None:
    holder = person()
    with unit_of_work() as tx:
        row = intake.receive(tx, io.BytesIO(PDF), "akta.pdf", holder=holder)
    with store.path(row.sha256).open("rb") as kept:
        assert kept.read() == PDF
    assert store.path(row.sha256).is_relative_to(world.settings.files)
    with unit_of_work() as tx:
        assert store.get(tx, row.id) == row


def test_the_sweep_removes_only_old_content_without_a_row(world: World) -> None:
    holder = person()
    with unit_of_work() as tx:
        row = intake.receive(tx, io.BytesIO(PDF), "akta.pdf", holder=holder)
    orphan, young = "aa" + "0" * 62, "bb" + "0" * 62
    store.keep(b"old", orphan)
    store.keep(b"new", young)
    two_days_ago = time.time() - 2 * store.DAY_SECONDS
    for digest in (row.sha256, orphan):
        os.utime(store.path(digest), (two_days_ago, two_days_ago))
    with unit_of_work() as tx:
        assert store.sweep(tx) == 1
    assert not store.path(orphan).exists()
    assert store.path(young).exists() and store.path(row.sha256).exists()

"""The models of every room are what the migrations made, no more and no less."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

import siskop
from siskop.base.db import db
from tests.worlds import World

OURS = ("siskop", "register")


@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables")  # a submission and its revision name each other
def test_the_metadata_of_every_room_equals_the_database(world: World) -> None:
    rooms = sorted(Path(siskop.__path__[0]).glob("*/tables.py"))
    assert len(rooms) > 5
    for path in rooms:
        importlib.import_module(f"siskop.{path.parent.name}.tables")
    with db.engine.connect() as connection:
        options = {"include_schemas": True, "include_name": _ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, every_table()) == []


def every_table() -> MetaData:
    whole = MetaData()
    for metadata in db.metadatas.values():
        for table in metadata.tables.values():
            table.to_metadata(whole)
    return whole


def _ours(name: str | None, kind: str, parents: Any) -> bool:
    """The clock is no room's: it is read through its function, and holds a row in tests and demo only."""
    if kind == "schema":
        return name in OURS
    return (kind, name) != ("table", "clock")

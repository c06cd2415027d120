"""A model says nothing that its table does not hold as the migrations made it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData

import siskop
from siskop.base.db import db
from tests.worlds import World


@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables")  # a submission and its revision name each other
def test_what_a_model_says_is_so_in_its_table(world: World) -> None:
    for path in Path(siskop.__path__[0]).glob("*/tables.py"):
        importlib.import_module(f"siskop.{path.parent.name}.tables")
    declared = {table.fullname for metadata in db.metadatas.values() for table in metadata.tables.values()}
    assert {"siskop.account", "siskop.submission"} <= declared

    def ours(item: Any, name: str | None, kind: str, reflected: bool, said: Any) -> bool:
        table = item if kind == "table" else item.table
        return table.fullname in declared and (said is not None or not reflected)

    with db.engine.connect() as connection:
        options = {"include_schemas": True, "include_object": ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, with_their_neighbours(connection)) == []


def with_their_neighbours(connection: Connection) -> MetaData:
    """Every model, and as they are in the database the tables without one that foreign keys lead to."""
    whole = MetaData()
    for metadata in db.metadatas.values():
        for table in metadata.tables.values():
            table.to_metadata(whole)
    whole.reflect(connection, schema="siskop", extend_existing=False)
    return whole

"""The models say what the database has."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, inspect

from siskop.accounts import tables
from siskop.base.db import db
from tests.worlds import World

MODELS = [
    tables.Account, tables.Session, tables.SignInAttempt, tables.RoleGrant, tables.Deputy, tables.Answered,
    tables.Membership,
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_columns_keys_and_indexes_are_those_of_the_migrations(world: World, model: type[db.Model]) -> None:  # type: ignore[name-defined]
    table: Table = model.__table__
    real = inspect(db.engine)
    columns = {
        column["name"]: (str(column["type"]), column["nullable"]) for column in real.get_columns(table.name, "siskop")
    }
    dialect = db.engine.dialect
    assert {c.name: (c.type.compile(dialect), bool(c.nullable)) for c in table.columns} == {
        name: (kind.replace("TIMESTAMP", "TIMESTAMP WITH TIME ZONE") if kind == "TIMESTAMP" else kind, nullable)
        for name, (kind, nullable) in columns.items()
    }
    assert [c.name for c in table.primary_key] == real.get_pk_constraint(table.name, "siskop")["constrained_columns"]
    foreign = {
        (tuple(k["constrained_columns"]), k["referred_table"]) for k in real.get_foreign_keys(table.name, "siskop")
    }
    assert {((k.parent.name,), k.target_fullname.split(".")[1]) for k in table.foreign_keys} == foreign
    named = {
        index["name"] for index in real.get_indexes(table.name, "siskop") if not index.get("duplicates_constraint")
    }
    assert {index.name for index in table.indexes} == named

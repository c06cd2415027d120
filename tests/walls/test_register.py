"""What is not public does not get into the register, and who reads as the public reads nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import psycopg
import pytest
from psycopg import errors

from siskop.engine.definition import RecordKind
from siskop.submissions import definitions
from tests import offices
from tests.walls.by_hand import ROLES, refused
from tests.worlds import World

COLUMNS = {
    "data": "UPDATE register.entry SET data = data || %(value)s::jsonb",
    "facets": "UPDATE register.entry SET facets = facets || %(value)s::jsonb",
    "badges": """UPDATE register.entry SET badges = badges ||
                   jsonb_build_object('any', jsonb_build_object('values', %(value)s::jsonb))""",
    "version": "UPDATE register.version SET data = data || %(value)s::jsonb",
}
HIDDEN = (
    '{"invented": 1}', '{"name": {"nik": 1}}', '{"name": [{"nik": 1}]}', '{"name": [[{"nik": 1}]]}',
    '{"officers": [{"full_name": {"nik": 1}}]}', '{"officers": [{"full_name": [{"nik": 1}]}]}',
)  # fmt: skip
CHANGED = "UPDATE register.version SET changed = changed || (SELECT max(k) FROM jsonb_object_keys(%(value)s::jsonb) k)"
RELATIONS = """
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'p', 'S') AND n.nspname NOT IN ('register', 'pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg_toast%'"""


@pytest.fixture
def kind(world: World) -> RecordKind:
    offices.published(offices.staff())
    return definitions.library().workflows["cooperative"].kind


def private_values(kind: RecordKind) -> Iterator[str]:
    """A value under every name that is not public, a column of a list's rows included."""
    for field in kind.fields.values():
        if field.privacy != "public":
            yield f'{{"{field.name}": "x"}}'
        for column in field.of.values():
            if field.privacy != "public" or column.privacy != "public":
                yield f'{{"{field.name}": [{{}}, {{"{column.name}": "x"}}]}}'


def test_no_private_name_gets_into_any_column_of_the_register(world: World, kind: RecordKind) -> None:
    values = list(private_values(kind))
    assert len(values) >= 4
    for role, statement, value in product(ROLES, COLUMNS.values(), values):
        refused_value(world, role, statement, value)
    for role in ROLES:
        refused_value(world, role, CHANGED, '{"licence_scan": 1}')


def test_no_name_that_nobody_declared_and_no_object_hidden_in_a_value(world: World, kind: RecordKind) -> None:
    for value in HIDDEN:
        for statement in COLUMNS.values():
            refused_value(world, "app", statement, value)
    badge = "UPDATE register.entry SET badges = jsonb_build_object('any', %(value)s::jsonb)"
    refused_value(world, "app", badge, '{"nik": 1}')


def refused_value(world: World, role: str, statement: str, value: str) -> None:
    refused(world, role, statement, errors.RaiseException, value=value)


def test_the_public_role_reads_no_relation_outside_the_register(world: World, kind: RecordKind) -> None:
    with world.connect("owner") as owner:
        relations = [row[0] for row in owner.execute(RELATIONS)]
    assert len(relations) > 30
    with world.connect("public") as public:
        for relation in relations:
            unreadable(public, f"SELECT * FROM {relation}")
        for function in ("siskop.now()", "siskop.today()"):
            unreadable(public, f"SELECT {function}")
        assert public.execute("SELECT count(*), register.now() FROM register.entry").fetchone()


def test_the_public_role_writes_nothing(world: World, kind: RecordKind) -> None:
    with world.connect("public") as public:
        for table in ("entry", "version", "change", "public_key", "counter"):
            unreadable(public, f"DELETE FROM register.{table}")
            unreadable(public, f"INSERT INTO register.{table} DEFAULT VALUES")
        unreadable(public, "UPDATE register.entry SET title = 'x'")
        unreadable(public, "CREATE TABLE register.mine (id int)")
        unreadable(public, "CREATE TABLE public.mine (id int)")


def test_the_app_does_not_say_what_is_public(world: World, kind: RecordKind) -> None:
    for column in ("kind", "path"):
        refused(world, "app", f"UPDATE register.public_key SET {column} = 'x'", errors.InsufficientPrivilege)
    refused(world, "app", "INSERT INTO register.public_key VALUES ('a', 'b')", errors.InsufficientPrivilege)
    refused(world, "app", "DELETE FROM register.public_key", errors.InsufficientPrivilege)


def unreadable(public: psycopg.Connection, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        public.execute(statement)
    public.rollback()

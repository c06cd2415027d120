"""The whole database as a value: two that are equal went the same way, however often somebody was killed on it."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import text

from siskop.base.db import Tx, unit_of_work
from tests.worlds import World

OF_JOBS = frozenset({"siskop.job", "siskop.mail"})
"""Tables in which a job says how far it has come."""
_LEFT_OUT = frozenset({"siskop.clock", "siskop.definition_set", "siskop.checkpoint", "siskop.worker"})
_CHANCE = ["salt", "digest", "message_id", "worker", "attempt", "attempts", "errors", "deaths", "error", "correlation",
           "uncertain_count", "code"]  # fmt: skip
"""Columns that tell of chance or of the way there."""
_TABLES = text("""
    SELECT table_schema || '.' || table_name AS name, array_agg(column_name::text) FILTER
      (WHERE data_type IN ('timestamp with time zone', 'bytea')) AS instants
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema IN ('siskop', 'register') AND table_type = 'BASE TABLE' GROUP BY 1 ORDER BY 1""")
_IDENTITIES = """
    SELECT format('%I.%I', table_schema, table_name), column_name FROM information_schema.columns
    WHERE table_schema = 'siskop' AND is_identity = 'YES'"""

Picture = Counter[tuple[str, str]]
_sequences: list[tuple[str, str]] = []
_queries: list[str] = []  # the schema is one in a whole run


def picture(tx: Tx) -> Picture:
    """Every row of every table as (table, JSON), without instants, salts and what counts tries."""
    if not _queries:
        _queries.append(" UNION ALL ".join(_part(row.name, row.instants or []) for row in tx.execute(_TABLES)))
    return Counter((row.name, row.row) for row in tx.execute(text(_queries[0])))


def _part(table: str, instants: list[str]) -> str:
    dropped = ", ".join(f"'{column}'" for column in (*_CHANCE, *instants))
    row = f"(to_jsonb(t) - ARRAY[{dropped}]) #- '{{body,digest}}'"
    nothing = " WHERE false" if table in _LEFT_OUT else ""
    return f"SELECT '{table}' AS name, ({row})::text AS row FROM {table} t{nothing}"


def taken() -> Picture:
    with unit_of_work() as tx:
        return picture(tx)


def without_jobs(whole: Picture) -> Picture:
    return Counter({line: n for line, n in whole.items() if line[0] not in OF_JOBS})


def differences(wanted: Picture, real: Picture) -> list[str]:
    """Rows that are missing and rows too much, in words."""
    missing = [f"missing in {table}: {row}" for table, row in (wanted - real).elements()]
    return missing + [f"too much in {table}: {row}" for table, row in (real - wanted).elements()]


def forget_gaps(world: World) -> None:
    """Who rolls back leaves a gap in the numbers. It is harmless, and closed here so that pictures can be compared."""
    with world.connect("owner") as owner:
        if not _sequences:
            _sequences.extend(owner.execute(_IDENTITIES).fetchall())
        columns = ", ".join(
            f"setval(pg_get_serial_sequence('{table}', '{column}'), GREATEST((SELECT max({column}) FROM {table}), 1),"
            f" EXISTS (SELECT FROM {table}))"
            for table, column in _sequences
        )
        numbers = "setval('siskop.submission_number', GREATEST(count(*), 1), count(*) > 0) FROM siskop.submission"
        owner.execute(f"SELECT {columns}, {numbers}")

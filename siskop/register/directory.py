"""Reads of what is open to all, on a connection of the public role, which sees the schema `register` only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text

from siskop.base.db import Tx
from siskop.base.errors import NotFound
from siskop.base.i18n import JAKARTA
from siskop.engine.definition import Field, RecordKind
from siskop.engine.fields.area import path
from siskop.register import query
from siskop.register.query import Where

PAGE = 20
AT_ONCE = 50  # choices of one filter that are counted and shown

_TOTAL = "SELECT count(*) FROM register.entry WHERE {where}"
_LINES = """
SELECT record_id, slug, title, sort_key, area, badges, data, version, seq, published_at, parent, period, withdrawn_at
FROM register.entry WHERE {where} ORDER BY sort_key, record_id LIMIT :limit"""
_CHILDREN = _LINES.replace("ORDER BY", "ORDER BY lpad(period, 40, '0') DESC NULLS LAST,")
_RECORD = "SELECT * FROM register.entry WHERE {where}"
_BY_AREA = "SELECT area, count(*) AS total FROM register.entry WHERE {where} AND area IS NOT NULL GROUP BY area"
_BY_CODE = """
SELECT code, count(*) AS total FROM (
  SELECT CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE jsonb_build_array(value) END AS codes
  FROM (SELECT facets -> CAST(:facet AS text) AS value FROM register.entry WHERE {where}) e WHERE value IS NOT NULL) v,
  LATERAL jsonb_array_elements_text(codes) AS code
GROUP BY code ORDER BY count(*) DESC, code LIMIT :limit"""


@dataclass(frozen=True, slots=True)
class Line:
    """What is shown of one entry. `badges`: {name: {"case": index, "values": {…}}}; `data`: public stored values."""

    record_id: int
    slug: str
    title: str
    area: str | None
    badges: Mapping[str, Any]
    data: Mapping[str, Any]
    version: int
    seq: int
    published_at: datetime
    parent: int | None = None
    period: str | None = None
    withdrawn_at: datetime | None = None  # since then no longer in force


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the directory: words, {filter: codes} of known filters only, and where to go on."""

    words: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    after: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """`total` of all pages; `counts`: {filter: {code: how many there would be}}; `after` leads to the next page."""

    lines: tuple[Line, ...]
    total: int
    counts: Mapping[str, Mapping[str, int]]
    after: str | None


@dataclass(frozen=True, slots=True)
class Version:
    """`changed` and `data` hold public fields only."""

    number: int
    at: datetime
    changed: tuple[str, ...]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class News:
    kind: str
    slug: str
    title: str
    number: int
    type: str  # published, changed, refreshed, withdrawn
    changed: tuple[str, ...]
    at: datetime


def filters_of(kind: RecordKind) -> list[str]:
    """Names that a directory can be filtered by: badges, then fields marked `filter`."""
    fields = [f.name for f in kind.fields.values() if f.filter and f.privacy == "public"]
    return [*(badge.name for badge in kind.badges), *fields]


def search(tx: Tx, kind: RecordKind, asked: Asked, abbreviations: Iterable[Mapping[str, str]] = ()) -> Found:
    """A page of the directory, ordered by title. Unknown filters are left out; a foreign cursor is the first page."""
    base = [_in_force(kind), *query.words_where(asked.words, abbreviations)]
    chosen = {name: codes for name, codes in asked.filters.items() if codes and name in filters_of(kind)}
    wheres = {name: _where(kind, n, name, codes) for n, (name, codes) in enumerate(chosen.items())}
    matching = [*base, *wheres.values()]
    total: int = _rows(tx, _TOTAL, matching)[0][0]
    after = query.after_where(asked.after) if asked.after else None
    rows = _rows(tx, _LINES, [*matching, after] if after else matching, limit=PAGE + 1)
    page = rows[:PAGE]
    more = query.cursor_of(page[-1].sort_key, page[-1].record_id) if len(rows) > PAGE else None
    counts = {
        name: _counts(tx, kind, name, [*base, *(where for other, where in wheres.items() if other != name)])
        for name in filters_of(kind)
    }
    return Found(tuple(map(_line, page)), total, counts, more)


def entry(tx: Tx, kind: RecordKind, slug: str) -> Line:
    """Also one that was withdrawn. Raises NotFound."""
    where = [Where("kind = :kind", {"kind": kind.name}), Where("slug = :slug", {"slug": slug})]
    rows = _rows(tx, _LINES, where, limit=1) if "\0" not in slug else []
    if not rows:
        raise NotFound
    return _line(rows[0])


def titles(tx: Tx, kind: RecordKind, limit: int = 500) -> list[str]:
    """In the order of the directory, for suggestions."""
    sql = text(
        "SELECT title FROM register.entry WHERE kind = :kind AND withdrawn_at IS NULL ORDER BY sort_key LIMIT :limit"
    )
    return list(tx.execute(sql, {"kind": kind.name, "limit": limit}).scalars())


def children(tx: Tx, kind: RecordKind, parent: int, limit: int = AT_ONCE) -> tuple[Line, ...]:
    """Entries of that kind which belong to the record `parent`, the newest period first."""
    where = [_in_force(kind), Where("parent = :parent", {"parent": parent})]
    return tuple(map(_line, _rows(tx, _CHILDREN, where, limit=limit)))


def parent_of(tx: Tx, line: Line) -> tuple[str, Line] | None:
    """(kind, entry) of the record to which it belongs, where that is public."""
    return of_record(tx, line.parent)


def of_record(tx: Tx, record_id: int | None) -> tuple[str, Line] | None:
    """(kind, entry) of a record by its number, where it is public; also of one that was withdrawn."""
    rows = _rows(tx, _RECORD, [Where("record_id = :id", {"id": record_id})])
    return (rows[0].kind, _line(rows[0])) if rows else None


def versions(tx: Tx, record_id: int) -> list[Version]:
    """Newest first."""
    sql = text("SELECT number, at, changed, data FROM register.version WHERE record_id = :id ORDER BY number DESC")
    return [Version(v.number, v.at, tuple(v.changed), v.data) for v in tx.execute(sql, {"id": record_id})]


def news(tx: Tx, limit: int = 5) -> list[News]:
    """What people changed last, newest first, each entry once; days that only turned a badge are not news."""
    sql = text("""
        SELECT kind, slug, title, number, type, changed, at FROM (
          SELECT DISTINCT ON (c.record_id) c.* FROM (
            SELECT * FROM register.change WHERE type IN ('published', 'changed') ORDER BY seq DESC LIMIT 200) c
          ORDER BY c.record_id, c.seq DESC) newest
        WHERE record_id IN (SELECT record_id FROM register.entry WHERE withdrawn_at IS NULL)
        ORDER BY seq DESC LIMIT :limit""")
    return [
        News(row.kind, row.slug, row.title, row.number, row.type, tuple(row.changed), row.at)
        for row in tx.execute(sql, {"limit": limit})
    ]


def last_change(tx: Tx) -> tuple[int, datetime | None]:
    """Number and instant of the newest line of the log; (0, None) when the register is empty."""
    row = tx.execute(text("SELECT seq, at FROM register.change ORDER BY seq DESC LIMIT 1")).one_or_none()
    return (row.seq, row.at) if row else (0, None)


def badge_counts(tx: Tx, kind: RecordKind) -> tuple[int, dict[str, dict[str, int]]]:
    """All entries of the kind, and {badge: {case: entries}}; cases of one label are counted at the first of them."""
    where = [_in_force(kind)]
    total: int = _rows(tx, _TOTAL, where)[0][0]
    return total, {badge.name: _codes(tx, badge.name, where) for badge in kind.badges}


def today(tx: Tx) -> date:
    """The day in Jakarta, as the public role may ask it."""
    at: datetime = tx.execute(text("SELECT register.now()")).scalar_one()
    return at.astimezone(JAKARTA).date()


def _where(kind: RecordKind, number: int, name: str, codes: Sequence[str]) -> Where:
    return query.area_where(number, codes) if name == kind.area else query.facet_where(number, name, codes)


def _counts(tx: Tx, kind: RecordKind, name: str, where: Sequence[Where]) -> dict[str, int]:
    if name == kind.area:
        return _districts(kind.fields[name], _rows(tx, _BY_AREA, where))
    return _codes(tx, name, where)


def _districts(area: Field, rows: Iterable[Row[Any]]) -> dict[str, int]:
    """Entries by the widest areas below the one that is common to all."""
    counts: dict[str, int] = {}
    for row in rows:
        way = path(area, row.area)
        outer = way[0].code if way else row.area
        counts[outer] = counts.get(outer, 0) + row.total
    return counts


def _codes(tx: Tx, name: str, where: Sequence[Where]) -> dict[str, int]:
    """Values of one facet with their numbers, each element of a list counted by itself."""
    return {row.code: row.total for row in _rows(tx, _BY_CODE, where, facet=name, limit=AT_ONCE)}


def _rows(tx: Tx, sql: str, where: Sequence[Where], **params: Any) -> Sequence[Row[Any]]:
    every = query.joined(where)
    return tx.execute(text(sql.format(where=every.sql)), {**every.params, **params}).all()


def _in_force(kind: RecordKind) -> Where:
    return Where("kind = :kind AND withdrawn_at IS NULL", {"kind": kind.name})


def _line(row: Row[Any]) -> Line:
    return Line(**{name: getattr(row, name) for name in Line.__slots__})

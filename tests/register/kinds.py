"""A kind of record that no file ships: the register must not care what its records are about."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from siskop.base import db
from siskop.base.db import Tx
from siskop.engine.conditions import BOOLEAN, DATE, NUMBER, TEXT, compile_condition
from siskop.engine.definition import Badge, BadgeCase, Choice, Condition, Field, Public, RecordKind
from siskop.engine.fields.registry import public_paths
from siskop.register.publish import Published, publish
from tests.worlds import World


def words(id_: str, en: str = "") -> dict[str, str]:
    return {"id": id_, "en": en or id_}


def _field(name: str, kind: str, **more: Any) -> Field:
    return Field(name, kind, words(f"{name} (id)", f"{name} (en)"), **{"privacy": "public", **more})


_PLACES = {"1": "Kota", "1.1": "Barat", "1.1.1": "Melur", "1.1.2": "Anggrek", "1.2": "Timur", "1.2.1": "Kenanga"}
PLACES = tuple(Choice(code, words(name)) for code, name in _PLACES.items())
SORTS = (Choice("a", words("Alfa", "Alpha")), Choice("b", words("Beta")))
_SCOPE = {"x2": TEXT, "x5": DATE, "x6": NUMBER, "today": DATE, "f1": BOOLEAN, "f2": BOOLEAN}


def _when(source: str) -> Condition:
    return compile_condition(source, _SCOPE)


KIND = RecordKind(
    name="k1",
    label=words("Hal", "Thing"),
    title="x1",
    area="x3",
    key="x2",
    fields={
        field.name: field
        for field in (
            _field("x1", "text", search=True),
            _field("x2", "text"),
            _field("x3", "area", filter=True, choices=PLACES),
            _field("x4", "choices", filter=True, choices=SORTS),
            _field("x5", "date"),
            _field("x6", "year"),
            _field("x7", "text", privacy="personal"),
            _field("x8", "list", of={"c1": _field("c1", "text"), "c2": _field("c2", "nik", privacy="personal")}),
            _field("x9", "phone"),
        )
    },
    facts={"f1": _when("x5 >= today"), "f2": _when("year(today) - x6 <= 2")},
    badges=(
        Badge(
            "b1",
            words("Cap", "Stamp"),
            (
                BadgeCase(words("Segera"), "warn", _when("f1 and x5 < today + days(30)"), words("Sampai {x5}, {x7}.")),
                BadgeCase(words("Berlaku"), "good", _when("f1"), words("Sampai {x5}.")),
                BadgeCase(words("Entah"), "none", None, words("Belum ada."), unknown=True),
                BadgeCase(words("Lewat"), "bad", None, words("Lewat {x5}.")),
            ),
        ),
        Badge("b2", words("Kabar"), (BadgeCase(words("Baru"), "good", _when("f2")), BadgeCase(words("Lama"), "bad"))),
    ),
    public=Public("hal", "things", words("Hal", "Things")),
)
ANSWERS: Mapping[str, Any] = {
    "x1": "Melati  Jaya",
    "x2": "Nomor 7",
    "x3": "1.1.1",
    "x4": ["a"],
    "x5": "2030-05-10",
    "x6": 2025,
    "x7": "rahasia",
    "x8": [{"c1": "Wulan", "c2": "3674014107800001"}, {"c1": "Darma", "c2": None}],
    "x9": "+6281200001482",
}


def open_to_all(world: World, kind: RecordKind = KIND) -> None:
    """What loading the kind from a file does as owner: its public keys, and a workflow for its submissions."""
    with world.connect("owner") as owner:
        for path in public_paths(kind.fields):
            owner.execute("INSERT INTO register.public_key VALUES (%s, %s)", (kind.name, path))
        if owner.execute("SELECT 1 FROM siskop.definition_set").fetchone() is None:
            owner.execute("INSERT INTO siskop.definition_set (digest, files) VALUES ('d', '{}')")
        owner.execute("INSERT INTO siskop.workflow_version SELECT 'w1', 'b1', max(id) FROM siskop.definition_set")
        owner.execute("INSERT INTO siskop.workflow_state VALUES ('w1', 'b1', 's1', true)")


def record(tx: Tx, kind: RecordKind = KIND) -> int:
    made = text("INSERT INTO siskop.record (kind) VALUES (:kind) RETURNING id")
    return int(tx.execute(made, {"kind": kind.name}).scalar_one())


def revision(tx: Tx, record_id: int) -> int:
    """Of a finished submission with the shortest history there can be."""
    about = {"record": record_id, "number": uuid.uuid4().hex}
    about["id"] = tx.execute(
        text("""INSERT INTO siskop.submission (number, workflow, behaviour, record_id, state, version, final,
        base_version, started_at, state_at)
        VALUES (:number, 'w1', 'b1', :record, 's1', 1, true, 0, siskop.now(), siskop.now())
        RETURNING id"""),
        about,
    ).scalar_one()
    tx.execute(
        text("""INSERT INTO siskop.event (submission_id, seq, at, type, to_state, body)
        VALUES (:id, 1, siskop.now(), 'started', 's1', '{}')"""),
        about,
    )
    return int(
        tx.execute(
            text("""INSERT INTO siskop.revision (submission_id, number, digest, authors, at)
            VALUES (:id, 1, 'd', '{}', siskop.now()) RETURNING id"""),
            about,
        ).scalar_one()
    )


def published(
    tx: Tx,
    answers: Mapping[str, Any] = ANSWERS,
    record_id: int | None = None,
    *,
    base: int = 0,
    kind: RecordKind = KIND,
    **picks: str,
) -> tuple[int, Published]:
    """The record's id, and what its publication said. `picks`: which side holds for a field in conflict."""
    of = record_id or record(tx, kind)
    by = revision(tx, of)
    at = db.now(tx)
    return of, publish(tx, kind, of, revision_id=by, answers=answers, base=base, resolutions=picks, published_at=at)

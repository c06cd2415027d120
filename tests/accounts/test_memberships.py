"""Who acts for which record: claimed, accepted, ended."""

from __future__ import annotations

from sqlalchemy import text

from siskop.accounts import memberships
from siskop.base.db import Tx, unit_of_work
from tests.visitors import person
from tests.worlds import World


def record(tx: Tx) -> int:
    return int(tx.execute(text("INSERT INTO siskop.record (kind) VALUES ('thing') RETURNING id")).scalar_one())


def published(tx: Tx, record_id: int) -> None:
    tx.execute(text("UPDATE siskop.record SET version = 1 WHERE id = :id"), {"id": record_id})


def test_a_claim_counts_until_the_record_is_published(world: World) -> None:
    ani, budi = person("ani@siskop.test"), person("budi@siskop.test")
    with unit_of_work() as tx:
        thing = record(tx)
        memberships.claim(tx, ani, thing)
        assert memberships.operators(tx, thing) == [ani]
        memberships.accept(tx, thing)
        memberships.claim(tx, budi, thing)
        published(tx, thing)
        assert memberships.operators(tx, thing) == [ani]
        assert memberships.is_operator(tx, ani, thing)
        assert not memberships.is_operator(tx, budi, thing)
        assert not memberships.is_operator(tx, None, thing)
        assert [(held.status, held.acts) for held in memberships.records_of(tx, budi)] == [("claimed", False)]


def test_a_refusal_ends_claims_and_leaves_who_was_accepted(world: World) -> None:
    ani, budi = person("ani@siskop.test"), person("budi@siskop.test")
    with unit_of_work() as tx:
        thing = record(tx)
        memberships.grant(tx, ani, thing)
        memberships.claim(tx, budi, thing)
        memberships.end_claims(tx, thing)
        assert memberships.operators(tx, thing) == [ani]
        assert memberships.records_of(tx, budi) == []
        memberships.claim(tx, budi, thing)
        assert memberships.operators(tx, thing) == [ani, budi]


def test_a_newer_proof_replaces_the_older_one(world: World) -> None:
    ani = person("ani@siskop.test")
    with unit_of_work() as tx:
        thing = record(tx)
        files = [file(tx, ani) for _one in range(2)]
        memberships.claim(tx, ani, thing)
        assert memberships.proof(tx, ani, thing) is None
        for proof in files:
            memberships.claim(tx, ani, thing, proof)
        memberships.claim(tx, ani, thing)
        assert memberships.proof(tx, ani, thing) == files[1]
        assert memberships.proofs(tx, thing) == [(ani, "claimed", files[1])]


def file(tx: Tx, holder: int) -> int:
    made = text(
        "INSERT INTO siskop.file (sha256, type, size, name, holder) VALUES ('0', 'a/b', 1, 'x', :by) RETURNING id"
    )
    return int(tx.execute(made, {"by": holder}).scalar_one())

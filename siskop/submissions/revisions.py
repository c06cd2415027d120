"""Revisions: the answers of a submission at one submit. A draft is read through the one validator and frozen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from siskop.accounts import memberships
from siskop.base import crypto, errors
from siskop.base.db import Tx
from siskop.base.i18n import N_, gettext, words
from siskop.engine import form
from siskop.engine.case import Actor, Command
from siskop.submissions import answers as typed
from siskop.submissions import sight
from siskop.submissions.checks import naming
from siskop.submissions.store import Loaded

_REVISION = text("""
INSERT INTO siskop.revision (submission_id, number, digest, authors, by, at)
VALUES (:id, :number, :digest, :authors, :by, :at) RETURNING id""")
_BODY = text("""
INSERT INTO siskop.revision_body (revision_id, answers, salt) VALUES (:revision, CAST(:answers AS jsonb), :salt)""")
_NAME_SUBMISSION = text("UPDATE siskop.submission SET title = :title, area = :area WHERE id = :id")
_NAME_RECORD = text("""
UPDATE siskop.record SET title = :title, folded = :folded, area = :area, key_value = :key WHERE id = :record
  AND (version = 0 OR :published)""")
_SENT_AS = text("""
SELECT DISTINCT r.kind, k.key FROM siskop.record r
JOIN siskop.submission s ON s.record_id = r.id JOIN siskop.revision v ON v.submission_id = s.id
JOIN siskop.revision_body b ON b.revision_id = v.id CROSS JOIN LATERAL jsonb_each(b.answers) k
WHERE r.id = :record
  AND jsonb_path_exists(k.value, '$.**.id ? (@ == $file)', jsonb_build_object('file', CAST(:file AS bigint)))""")
_ATTACHED = text("""
SELECT EXISTS (SELECT 1 FROM siskop.submission s JOIN siskop.event e ON e.submission_id = s.id
  LEFT JOIN siskop.form_answers f ON f.submission_id = e.submission_id AND f.seq = e.seq
  WHERE s.record_id = :record AND ((e.type = 'moved' AND e.body->>'attachment' = CAST(:file AS text))
    OR jsonb_path_exists(f.answers, '$.**.id ? (@ == $file)', jsonb_build_object('file', CAST(:file AS bigint)))))""")


@dataclass(frozen=True, slots=True)
class Sent:
    body: Mapping[str, Any]
    answers: Mapping[str, Any]


def is_asked(loaded: Loaded, command: Command) -> bool:
    """Whether this act freezes a revision: one that needs a valid form, taken from where it may be."""
    action = loaded.definition.actions.get(command.name) if command.do == "act" else None
    return action is not None and "valid_form" in action.needs and loaded.case.state in action.from_


def freeze(tx: Tx, loaded: Loaded, actor: Actor) -> Sent:
    """The draft as a revision. Raises Invalid with every problem of the form."""
    if needs_proof(tx, loaded, actor):
        raise errors.Invalid({"proof": [gettext(N_("Show first that you act for it: attach the letter."))]})
    kept = typed.read(tx, loaded.id, loaded.definition)
    around = typed.context(tx, sight.seen_by(tx, loaded, actor), lock=True)
    read = form.accept(loaded.definition.form, {f: d.raw for f, d in kept.items()}, around)
    if isinstance(read, form.Problems):
        raise errors.Invalid(by_field(read))
    answers = {name: read.values.get(name) for name in loaded.definition.form.names()}
    authors = sorted({d.by for d in kept.values() if d.by is not None} | set(loaded.case.authors))
    salt = crypto.salt()
    body = {"number": loaded.case.revisions + 1, "digest": crypto.salted(answers, salt), "authors": authors}
    revision = tx.execute(_REVISION, {"id": loaded.id, "by": actor.id, "at": loaded.now, **body}).scalar_one()
    tx.execute(_BODY, {"revision": revision, "answers": json.dumps(answers, ensure_ascii=False), "salt": salt})
    return Sent({"revision": revision, **body, "behaviour": loaded.definition.behaviour}, answers)


def needs_proof(tx: Tx, loaded: Loaded, actor: Actor) -> bool:
    """Whether the file asks to show that one acts for the record, and neither this actor nor who began it has."""
    if loaded.definition.proof is None:
        return False
    shown = {who for who, status, file in memberships.proofs(tx, loaded.record_id) if file or status == "accepted"}
    return not shown & {actor.id, loaded.case.starter}


def by_field(problems: form.Problems) -> dict[str, list[str]]:
    sentences: dict[str, list[str]] = {}
    for problem in problems.problems:
        sentences.setdefault(problem.field, []).append(words(problem.words) or gettext(problem.text, **problem.params))
    return sentences


def name_record(tx: Tx, loaded: Loaded, *, published: bool = False) -> None:
    """What lists show of it from now on: title and area; the record takes them over when it is published, and before
    it ever was."""
    named = naming.names_of(loaded.definition.kind, loaded.merged, loaded.title)
    named["area"] = named["area"] or loaded.relatives.parent_area
    tx.execute(_NAME_SUBMISSION, {"id": loaded.id, **named})
    tx.execute(_NAME_RECORD, {"record": loaded.record_id, "published": published, **named})


def sent_as(tx: Tx, record_id: int, file_id: int) -> list[tuple[str, str]]:
    """(kind, field) under which revisions of the record hold the file: only then has the office received it."""
    return [(kind, name) for kind, name in tx.execute(_SENT_AS, {"record": record_id, "file": file_id})]


def was_attached(tx: Tx, record_id: int, file_id: int) -> bool:
    """Whether somebody attached the file to an act, or gave it in a small form, in a submission of the record."""
    return bool(tx.execute(_ATTACHED, {"record": record_id, "file": file_id}).scalar())

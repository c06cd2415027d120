"""What was written to whom, when, why, and what came of it: for the office to read, and to send again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from siskop.base.db import Tx
from siskop.base.errors import NotFound, Refusal
from siskop.base.i18n import N_
from siskop.mail import compose, outbox

RESULTS = {
    "due": N_("Waits"),
    "claimed": N_("Being sent"),
    "handing_over": N_("Being sent"),
    "accepted": N_("Taken by the mail server"),
    "refused": N_("Refused"),
    "uncertain": N_("Uncertain"),
    "returned": N_("Came back"),
    "gathered": N_("In one mail with others"),
    "dropped": N_("Not sent"),
}
TONES = {"accepted": "good", "refused": "bad", "returned": "bad", "uncertain": "warn", "due": "info"}
PAGE = 50
RECENT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    mail: str
    address: str
    subject: str
    why: str
    at: datetime
    result: str
    number: str | None = None
    slug: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """`about`: a submission's number or a record's address; `person`: part of an address; `before`: the id after which
    the page begins."""

    about: str = ""
    person: str = ""
    result: str = ""
    before: int | None = None


_RESULT = "CASE WHEN m.bounced_at IS NULL THEN m.status ELSE 'returned' END"
_LINES = text(f"""
    SELECT m.id, m.mail, m.address, m.subject, COALESCE(m.parts->>'why', ''), m.created_at, {_RESULT}, s.number, r.slug
    FROM siskop.mail m LEFT JOIN siskop.submission s ON s.id = m.submission_id
      LEFT JOIN siskop.record r ON r.id = m.record_id
    WHERE (:before = 0 OR m.id < :before) AND (:result = '' OR {_RESULT} = :result)
      AND (:person = '' OR strpos(m.address, lower(:person)) > 0) AND (:about = '' OR :about IN (s.number, r.slug))
    ORDER BY m.id DESC LIMIT :most
""")  # noqa: S608  (the pieces are ours)


def lines(tx: Tx, asked: Asked) -> list[Line]:
    """The newest first, one more than a page where there are more."""
    told = {"about": asked.about, "person": asked.person, "result": asked.result, "before": asked.before or 0}
    return [Line(*row) for row in tx.execute(_LINES, {**told, "most": PAGE + 1})]


_COUNTS = text(f"""
    SELECT {_RESULT}, count(*), count(*) FILTER (WHERE m.obligatory) FROM siskop.mail m
    WHERE m.created_at > siskop.now() - make_interval(days => :days) GROUP BY 1
""")  # noqa: S608


def counts(tx: Tx) -> dict[str, tuple[int, int]]:
    """Of the last 30 days, by result: how many, and how many of these are obligatory."""
    return {row[0]: (row[1], row[2]) for row in tx.execute(_COUNTS, {"days": RECENT_DAYS})}


_ONE = text(f"""
    SELECT m.*, {_RESULT} AS result, s.number, r.slug,
      (SELECT id FROM siskop.mail a WHERE a.key = 'again:' || m.id) AS again
    FROM siskop.mail m LEFT JOIN siskop.submission s ON s.id = m.submission_id
      LEFT JOIN siskop.record r ON r.id = m.record_id WHERE m.id = :id
""")  # noqa: S608


def one(tx: Tx, mail_id: int) -> Row[Any]:
    """Raises NotFound."""
    found = tx.execute(_ONE, {"id": mail_id}).first()
    if found is None:
        raise NotFound()
    return found


def may_repeat(mail: Row[Any]) -> bool:
    return mail.result in ("refused", "returned", "uncertain") and mail.again is None and mail.account_id is not None


def again(tx: Tx, mail_id: int) -> int:
    """Sends the same words once more, to the address that its reader has now; the first one stays as it is."""
    mail = one(tx, mail_id)
    reader = outbox.reader_of(tx, mail.account_id or 0)
    if not may_repeat(mail) or reader is None:
        raise Refusal(N_("This mail cannot be sent again."))
    if reader.bad:
        raise Refusal(N_("Mail to this address comes back. Its owner must confirm or change it first."))
    words = compose.Rendered(mail.subject, mail.text, mail.html, mail.parts)
    about = {"mail": mail.mail, "why": mail.why, "obligatory": mail.obligatory, "priority": mail.priority}
    of = {"submission_id": mail.submission_id, "record_id": mail.record_id, "language": mail.language}
    made = outbox.keep(tx, {"key": f"again:{mail.id}", **about, **of}, reader, words)
    if made is None:
        raise Refusal(N_("This mail cannot be sent again."))
    return made

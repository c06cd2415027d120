"""Mails that come back: each goes out under a sender of its own, and what a server reports to that (RFC 3464) is read
from a mailbox. After two that can never arrive the address is marked: nothing is sent there until its owner acts."""

from __future__ import annotations

import hashlib
import hmac
import imaplib
import mailbox
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr
from functools import partial
from urllib.parse import unquote, urlsplit

from sqlalchemy import text

from siskop.base import crypto, db
from siskop.base.db import Tx, unit_of_work
from siskop.base.i18n import N_
from siskop.jobs import queue as jobs
from siskop.jobs.kinds import kind
from siskop.jobs.queue import Job

LONGEST = 512 * 1024  # bytes that are read of a message: what a server says stands before what it sends back
MOST_AT_ONCE = 500
EVERY = timedelta(minutes=10)
HARD_ONES = 2
TAG = re.compile(r"\+b(\d{1,18})-([0-9a-f]{16})@", re.I)
SENT_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


def sender(mail_id: int) -> str:
    """The sender on the envelope: with BOUNCE_ADDRESS, one that names the mail and cannot be guessed."""
    home = db.settings().bounce_address
    if home is None:
        return parseaddr(db.settings().mail_from)[1]
    local, _at, host = home.rpartition("@")
    return f"{local}+b{mail_id}-{_seal(mail_id)}@{host}"


def _seal(mail_id: int) -> str:
    return crypto.keyed(db.settings().secret_key, "bounce", str(mail_id))[:16]


@dataclass(frozen=True, slots=True)
class Report:
    """What a server says of one mail; `status` is RFC 3463's, such as 5.1.1."""

    mail_id: int
    hard: bool
    status: str
    said: str


def report(data: bytes) -> Report | None:
    """What comes back, if it is a report on a mail of ours; answers, advertisements and forgeries are None."""
    try:
        message = BytesParser(policy=policy.default).parsebytes(data[:LONGEST])
        found, told = _mail(message), _told(message)
    except (MessageError, ValueError, LookupError, AttributeError, TypeError):  # of what is no mail at all
        return None
    if found is None or told is None:
        return None
    action, status, said = told
    if action not in ("failed", "delayed") or not re.fullmatch(r"[45]\.\d{1,3}\.\d{1,3}", status):
        return None
    return Report(found, action == "failed" and status.startswith("5"), status, said[:500])


def _mail(message: Message) -> int | None:
    """By the tag of the address to which it came."""
    lines = [str(line) for name in SENT_TO for line in message.get_all(name, [])]
    for _name, address in getaddresses(lines):
        tag = TAG.search(address)
        if tag and hmac.compare_digest(tag[2].lower(), _seal(int(tag[1]))):
            return int(tag[1])
    return None


def _told(message: Message) -> tuple[str, str, str] | None:
    """(action, status, the server's words) of the first reader that a report speaks of."""
    if message.get_content_type() != "multipart/report":
        return None
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for group in part.get_payload():
                if isinstance(group, Message) and group["Action"]:
                    words = (str(group[name] or "").strip() for name in ("Action", "Status", "Diagnostic-Code"))
                    action, status, said = words
                    return action.lower(), status.split()[0] if status else "", " ".join(said.split())
    return None


_KEEP = text("""
    INSERT INTO siskop.mail_bounce (digest, mail_id, hard, status, said)
    SELECT :digest, id, :hard, :status, :said FROM siskop.mail WHERE id = :mail_id ON CONFLICT DO NOTHING RETURNING true
""")
_RETURNED = text("UPDATE siskop.mail SET bounced_at = siskop.now(), answer = :said WHERE id = :mail_id")
_MARK = text("""
    UPDATE siskop.account a SET mail_bad_since = siskop.now()
    WHERE mail_bad_since IS NULL AND a.id = (SELECT account_id FROM siskop.mail WHERE id = :mail_id)
      AND :most <= (
        SELECT count(DISTINCT m.id) FROM siskop.mail_bounce b JOIN siskop.mail m ON m.id = b.mail_id
        WHERE m.account_id = a.id AND m.address = a.email AND b.hard
          AND m.created_at > COALESCE(a.mail_good_at, a.created_at - interval '1 day'))
""")


def note(tx: Tx, data: bytes) -> bool:
    """Writes down what a message reports; False when it is none, or was read before."""
    found = report(data)
    if found is None:
        return False
    told = {"digest": hashlib.sha256(data).hexdigest(), "mail_id": found.mail_id, "hard": found.hard}
    said = f"{found.status} {found.said}".strip()
    if not tx.execute(_KEEP, {**told, "status": found.status, "said": said}).scalar():
        return False
    if found.hard:
        tx.execute(_RETURNED, {"mail_id": found.mail_id, "said": said})
        tx.execute(_MARK, {"mail_id": found.mail_id, "most": HARD_ONES})
    return True


_GOOD = text("UPDATE siskop.account SET mail_bad_since = NULL, mail_good_at = siskop.now() WHERE id = :id")


def is_good(tx: Tx, account_id: int) -> None:
    """Its owner says that the address is right: what came back before no longer counts."""
    tx.execute(_GOOD, {"id": account_id})


# -- the mailbox

Seen = Callable[[], object]


def read_all() -> int:
    """Reads what is new in the mailbox; each message in a transaction of its own. Answers how many were reports."""
    found = 0
    with _opened(db.settings().bounce_mailbox or "") as messages:
        for data, seen in messages:
            with unit_of_work() as tx:
                found += note(tx, data)
            seen()
    return found


@contextmanager
def _opened(url: str) -> Iterator[Iterator[tuple[bytes, Seen]]]:
    """The messages that were not seen yet, each with the way to say that it was."""
    parts = urlsplit(url)
    if parts.scheme in ("imaps", "imap"):
        port = parts.port or (993 if parts.scheme == "imaps" else 143)
        connect = imaplib.IMAP4_SSL if parts.scheme == "imaps" else imaplib.IMAP4
        with connect(parts.hostname or "", port, timeout=30) as server:
            server.login(unquote(parts.username or ""), unquote(parts.password or ""))
            server.select(unquote(parts.path.strip("/")) or "INBOX")
            yield _of_server(server)
    elif parts.scheme == "maildir":
        yield _of_maildir(mailbox.Maildir(unquote(parts.path), create=False))
    elif parts.scheme == "mbox":
        yield ((box.as_bytes(), lambda: None) for box in mailbox.mbox(unquote(parts.path), create=False))
    else:
        yield iter(())


def _of_server(server: imaplib.IMAP4) -> Iterator[tuple[bytes, Seen]]:
    _status, [numbers] = server.uid("SEARCH", "UNSEEN")
    for number in numbers.split()[:MOST_AT_ONCE]:
        _status, answer = server.uid("FETCH", number, f"(BODY.PEEK[]<0.{LONGEST}>)")
        data = next((part[1] for part in answer if isinstance(part, tuple)), b"")
        yield data, partial(server.uid, "STORE", number, "+FLAGS", r"(\Seen)")


def _of_maildir(box: mailbox.Maildir) -> Iterator[tuple[bytes, Seen]]:
    new = [key for key, message in box.iteritems() if "S" not in message.get_flags()]
    for key in new[:MOST_AT_ONCE]:
        yield box.get_bytes(key), partial(_seen, box, key)


def _seen(box: mailbox.Maildir, key: str) -> None:
    message = box[key]
    message.add_flag("S")
    message.set_subdir("cur")
    box[key] = message


def begin(tx: Tx) -> None:
    """Asks for the reading, which then asks for its next one itself."""
    if db.settings().bounce_mailbox:
        jobs.put(tx, "bounces", "bounces", {}, "batch")


@kind("bounces", N_("Read what mail servers report"))
def bounces(job: Job) -> None:
    read_all()
    with unit_of_work() as tx:
        if db.settings().bounce_mailbox:
            jobs.put(tx, job.kind, job.key, {}, job.queue, db.now(tx) + EVERY)
        jobs.finish(tx, job)

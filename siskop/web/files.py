"""Files, for those who may see them: whoever handed them in, whoever acts for the record, its reviewers."""

from __future__ import annotations

import logging
from urllib.parse import quote

from flask import Blueprint, Response, send_file

from siskop.accounts import memberships
from siskop.base.db import Tx, reading
from siskop.base.errors import NotFound
from siskop.engine.case import Actor
from siskop.files import store
from siskop.files.store import FileRow
from siskop.submissions import definitions, desk, revisions
from siskop.web import gate
from siskop.web.values import is_personal

log = logging.getLogger(__name__)
OURS = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
"""What the browser's own reader needs to show a PDF that we made ourselves."""
blueprint = Blueprint("files", __name__, url_prefix="/berkas")
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A document on its own origin with nothing allowed: the style is the browser's own, around a picture."""


@blueprint.get("/<int:file_id>")
def send(file_id: int) -> Response:
    """Pictures open in the browser; documents are saved, since no browser shows a PDF inside a sandbox."""
    here = gate.actor()
    row = store.get(reading(), file_id)
    if not may_see(here, row):
        raise NotFound()
    if row.holder != here.id:
        log.info("file looked at", extra={"account": here.id, "file": row.id, "record": row.record_id})
    path = store.path(row.sha256)
    if not path.exists():
        raise NotFound()
    response = send_file(path, mimetype=row.type, etag=False, conditional=False, max_age=0)
    response.headers["Content-Disposition"] = _disposition(row)
    response.headers["Content-Security-Policy"] = ALONE
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def may_see(here: Actor, row: FileRow) -> bool:
    tx = reading()
    if here.id is None:
        return False
    if row.holder == here.id:
        return True
    if row.record_id is None:
        return False
    return memberships.is_operator(tx, here.id, row.record_id) or _reviews(tx, here, row, row.record_id)


def _reviews(tx: Tx, here: Actor, row: FileRow, record_id: int) -> bool:
    """The office sees what was sent to it, and with a role that may see personal data also what is personal: such
    answers, and the proof of who acts for the record. What lies in a draft is not its business yet."""
    if not gate.may("desk") or not desk.newest_of(tx, here, [record_id]):
        return False
    kinds, personal = definitions.library(tx).kinds, gate.may("personal")
    proofs = {file for _account, _status, file in memberships.proofs(tx, record_id)}
    asked = (kinds[kind].fields.get(name) for kind, name in revisions.sent_as(tx, record_id, row.id) if kind in kinds)
    if any(personal or not is_personal(field) for field in asked if field) or (personal and row.id in proofs):
        return True
    return revisions.was_attached(tx, record_id, row.id)


def content(digest: str) -> bytes:
    """Raises NotFound when the folder of files has lost it."""
    path = store.path(digest)
    if not path.exists():
        raise NotFound()
    return path.read_bytes()


def document(pdf: bytes, name: str) -> Response:
    """A PDF of our own making, which may open in the browser."""
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Content-Security-Policy"] = OURS
    return response


def _disposition(row: FileRow) -> str:
    """The name in plain letters for old programs, and as it is for all others (RFC 6266, RFC 8187)."""
    how = "inline" if row.type.startswith("image/") else "attachment"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-") else "_" for c in row.name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(row.name, safe='')}"

"""A signed letter becomes a PDF once, by a job: made again after a crash, kept by its digest, never changed after."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import segno
from sqlalchemy import Row, text

from config import ROOT
from siskop.base import child, i18n
from siskop.base.db import Tx, settings, unit_of_work
from siskop.base.i18n import N_
from siskop.base.i18n import gettext as _
from siskop.files import store
from siskop.jobs import queue
from siskop.jobs.kinds import kind
from siskop.jobs.queue import Job

TEMPLATES = ROOT / "templates" / "letters"
SECONDS, MEGABYTES = 30, 2048
_LETTER = text("SELECT * FROM siskop.letter WHERE id = :id")
_BEFORE = text("""
    SELECT b.number, b.signed_at, b.words FROM siskop.letter b JOIN siskop.letter l ON l.reminder_id = b.reminder_id
    WHERE l.id = :id AND b.id < l.id AND b.signed_at IS NOT NULL AND b.withdrawn_at IS NULL ORDER BY b.id
""")
_KEEP = text("UPDATE siskop.letter SET file_id = :file, pages = :pages WHERE id = :id AND file_id IS NULL")
_PARAGRAPHS = re.compile(r"\n\s*\n")


@kind("typeset", N_("Make the PDF of a letter"))
def typeset(job: Job) -> None:
    """Payload {letter}."""
    letter_id = job.payload["letter"]
    with unit_of_work() as tx:
        made = tx.execute(_LETTER, {"id": letter_id}).one().file_id is not None
        pages, pdf = (0, b"") if made else drawn(tx, letter_id)
    with unit_of_work() as tx:
        if pdf:
            file = store.add(tx, pdf, media_type="application/pdf", name=f"surat-{letter_id}.pdf", holder=None)
            tx.execute(_KEEP, {"id": letter_id, "file": file.id, "pages": pages})
        queue.finish(tx, job)


def drawn(tx: Tx, letter_id: int) -> tuple[int, bytes]:
    """(pages, PDF) of the letter as it stands; one that is not signed says that it is a draft. Raises child.Failed."""
    row = tx.execute(_LETTER, {"id": letter_id}).one()
    return _compile(row.words["layout"], TEMPLATES, _data(row, tx.execute(_BEFORE, {"id": letter_id}).all()))


def bound(files: Sequence[tuple[str, int]]) -> bytes:
    """One PDF out of those kept under these (digest, pages), in their order: as they are, not made anew."""
    folder = settings().files
    parts = [{"path": f"/{store.path(digest).relative_to(folder)}", "pages": pages} for digest, pages in files]
    return _compile("bound", folder, parts)[1]


def _compile(layout: str, root: Path, data: Any) -> tuple[int, bytes]:
    source = (TEMPLATES / f"{layout}.typ").read_text("utf-8")
    asked = json.dumps({"source": source, "root": str(root), "data": data})
    program = [sys.executable, str(Path(__file__).with_name("typesetter.py"))]
    answer = child.run_limited(program, asked.encode(), seconds=SECONDS, megabytes=MEGABYTES)
    pages, _newline, pdf = answer.partition(b"\n")
    return int(pages), pdf


def _data(row: Row[Any], before: Sequence[Row[Any]]) -> dict[str, Any]:
    """What a template gets: texts as they are to be seen, never code."""
    with i18n.speaking("id"):
        said, check_at = row.words, f"{settings().base_url}/verifikasi/{row.code}"
        plain = ("subject", "enclosure", "sifat", "label", "answer", "closing", "genuine")
        told: dict[str, Any] = {part: i18n.words(said[part]) for part in plain}
        earlier = [
            _("Our letter number %(number)s of %(day)s", number=b.number, day=i18n.format_date(b.signed_at))
            for b in before
        ]
        return told | {
            **said["house"],
            "day": i18n.format_date(row.signed_at or row.written_at),
            "number": row.number,
            "code": row.code,
            "to": [line for line in i18n.words(said["to"]).split("\n") if line.strip()],
            "body": [" ".join(part.split("\n")) for part in _PARAGRAPHS.split(i18n.words(said["body"]))],
            "basis": [i18n.words(one) for one in said["basis"]] + earlier,
            "copies": [i18n.words(one) for one in said["copies"]],
            "signer": row.signer,
            "link": said["link"],
            "link_code": _square(said["link"]),
            "check_at": check_at,
            "check_code": _square(check_at),
        }


def _square(address: str) -> str:
    """A QR code as SVG; none for nothing."""
    if not address:
        return ""
    out = io.BytesIO()
    segno.make(address, micro=False, error="m").save(out, kind="svg", border=0, xmldecl=False)
    return out.getvalue().decode()

"""Content lies under the folder of files, named by its digest; the row that names it is written last.

So a crash leaves at most content without a row, which `sweep` removes a day later, and never a row without content.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from sqlalchemy import text

from siskop.base.db import Tx, settings
from siskop.base.errors import NotFound

ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
DAY_SECONDS = 24 * 60 * 60
_GATE = 7_311_001
"""Advisory lock: shared while a row is added, exclusive while the sweep looks, so neither sees half of the other."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """`type` is the media type of the content; `name` is shown only; `size` in bytes. Of the office's own
    there is no holder."""

    id: int
    sha256: str
    type: str
    size: int
    name: str
    holder: int | None
    record_id: int | None = None

    def value(self) -> dict[str, object]:
        """As answers and drafts keep it."""
        return {"id": self.id, "name": self.name, "type": self.type, "size": self.size}


def add(
    tx: Tx, content: bytes, *, media_type: str, name: str, holder: int | None, record_id: int | None = None
) -> FileRow:
    tx.execute(text("SELECT pg_advisory_xact_lock_shared(:gate)"), {"gate": _GATE})
    digest = hashlib.sha256(content).hexdigest()
    keep(content, digest)
    new = text(
        "INSERT INTO siskop.file (sha256, type, size, name, holder, record_id)"
        " VALUES (:sha256, :type, :size, :name, :holder, :record)"
        " RETURNING id, sha256, type, size, name, holder, record_id"
    )
    values = {"sha256": digest, "type": media_type, "size": len(content)}
    return FileRow(*tx.execute(new, {**values, "name": name, "holder": holder, "record": record_id}).one())


def get(tx: Tx, file_id: int) -> FileRow:
    """Whoever asks has yet to be asked whether they may see it; unknown is NotFound."""
    query = text("SELECT id, sha256, type, size, name, holder, record_id FROM siskop.file WHERE id = :id")
    found = tx.execute(query, {"id": file_id}).first()
    if found is None:
        raise NotFound()
    return FileRow(*found)


def path(digest: str) -> Path:
    return settings().files / digest[:2] / digest


def keep(content: bytes, digest: str) -> None:
    """Whole or not at all: written aside, forced to disk, renamed, and the folder forced to disk."""
    target = path(digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        os.utime(target)  # young again: the sweep leaves it for another day
        return
    aside = target.parent / f".{token_hex(8)}"
    with aside.open("xb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    aside.rename(target)
    for folder in (target.parent, target.parent.parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(tx: Tx) -> int:
    """Removes content that has had no row for a day, and what was left aside; says how many."""
    tx.execute(text("SELECT pg_advisory_xact_lock(:gate)"), {"gate": _GATE})
    old = list(_older_than(time.time() - DAY_SECONDS))
    query = text("SELECT sha256 FROM siskop.file WHERE sha256 = ANY(:names)")
    known = set(tx.execute(query, {"names": [p.name for p in old]}).scalars())
    orphans = [p for p in old if p.name not in known]
    for orphan in orphans:
        orphan.unlink(missing_ok=True)
    return len(orphans)


def _older_than(instant: float) -> Iterator[Path]:
    """The folder's own clock counts here: the times of files are those of the machine, not of the database."""
    for found in settings().files.glob("??/*"):
        if found.is_file() and found.stat().st_mtime < instant:
            yield found

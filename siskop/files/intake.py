"""Taking in a file from outside: bounded, known by its content and not by its name, cleaned, then kept.

Nothing is written before all of it has been judged. What is refused is refused with a sentence that says the limit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import BinaryIO

from siskop.base.db import Tx
from siskop.base.i18n import N_
from siskop.engine.fields.files import MAX_MB, MEGABYTE, SORTS
from siskop.files import NotAccepted, documents, pictures, store
from siskop.files.store import FileRow

NAME_LENGTH = 120


def receive(
    tx: Tx,
    stream: BinaryIO,
    filename: str,
    *,
    holder: int,
    accept: Iterable[str] = tuple(SORTS),
    max_bytes: int = MAX_MB * MEGABYTE,
    record_id: int | None = None,
) -> FileRow:
    """Judges, cleans and keeps what `stream` holds; raises NotAccepted. `holder` is the account that hands it in."""
    content, media_type = clean(read_bounded(stream, max_bytes), accept)
    name = safe_name(filename, media_type)
    return store.add(tx, content, media_type=media_type, name=name, holder=holder, record_id=record_id)


def read_bounded(stream: BinaryIO, max_bytes: int) -> bytes:
    content = stream.read(max_bytes + 1)
    if not content:
        raise NotAccepted(N_("The file is empty. Choose another one."))
    if len(content) > max_bytes:
        raise NotAccepted(
            N_("The file is too large: at most %(limit)s MB is allowed."), limit=f"{max_bytes / MEGABYTE:g}"
        )
    return content


def clean(content: bytes, accept: Iterable[str]) -> tuple[bytes, str]:
    """The content as it may be kept, and its media type: pictures are drawn anew, documents stay as they are."""
    accept = tuple(accept)
    allowed = [media for sort in accept for media in SORTS[sort]] + ["image/heic"] * ("image" in accept)
    found = type_of(content)
    if found not in allowed:
        raise NotAccepted(_wanted(accept))
    if found != "application/pdf":
        return pictures.redraw(content, found)
    documents.check(content)
    return content, found


def type_of(content: bytes) -> str | None:
    """The media type that the first bytes tell, for the few that are accepted at all."""
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"):
        return "image/heic"
    return None


def safe_name(filename: str, media_type: str) -> str:
    """A name to show, never a path: no folders or control characters, bounded, with the ending of what it really is."""
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rsplit("/", 1)[-1]
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name).strip(". ")[:NAME_LENGTH] or "berkas"
    return f"{stem}.{store.ENDINGS[media_type]}"


def _wanted(accept: tuple[str, ...]) -> str:
    if "pdf" not in accept:
        return N_("This is not a picture that we can read. Choose a JPEG, PNG, WebP or HEIC.")
    if "image" not in accept:
        return N_("This is not a PDF. Choose a PDF.")
    return N_("This is neither a PDF nor a picture that we can read. Choose a PDF, JPEG, PNG, WebP or HEIC.")

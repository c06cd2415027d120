"""PDF is kept as it came, so it is looked through for what a reader's program would run.

Source: ISO 32000-1, 7.5 (structure), 7.6 (encryption), 12.6.4 (actions).
"""

from __future__ import annotations

import re
import zlib

from siskop.base.i18n import N_
from siskop.files import NotAccepted

TAIL = 2048
INFLATED = 20 * 1024 * 1024
"""How many bytes of packed objects are looked at in one document; a document with more of them is refused."""

_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_PACKED = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
_ACTIONS = re.compile(rb"/(JavaScript|Launch)\b")
_LOCKED = re.compile(rb"/Encrypt\b")


def check(content: bytes) -> None:
    """Refuses what is cut off, locked, or carries a program; names may be escaped or lie in packed objects."""
    tail = content[-TAIL:]
    if b"startxref" not in tail or b"%%EOF" not in tail:
        raise NotAccepted(N_("The PDF is cut off or broken. Save it again and choose it once more."))
    seen = [content, *_unpacked(content)]
    plain = [_ESCAPED.sub(lambda m: bytes([int(m[1], 16)]), part) for part in seen]
    if any(_LOCKED.search(part) for part in plain):
        raise NotAccepted(N_("The PDF is locked with a password. Save it without one and choose it again."))
    if any(_ACTIONS.search(part) for part in plain):
        raise NotAccepted(N_("The PDF carries a program. Print it to a new PDF and choose that one."))


def _unpacked(content: bytes) -> list[bytes]:
    parts, left = [], INFLATED
    for found in _PACKED.finditer(content):
        inflater = zlib.decompressobj()
        try:
            part = inflater.decompress(content[found.end() :], left)
        except zlib.error:
            continue  # packed in another way, or not packed: the scan of the whole has seen it
        if inflater.unconsumed_tail and not inflater.eof:
            raise NotAccepted(N_("The PDF is too large inside. Print it to a new PDF and choose that one."))
        parts.append(part)
        left = max(left - len(part), 1)
    return parts

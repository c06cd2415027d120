"""What nobody types by accident: texts, bytes and files that try to be something else."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping

from PIL import Image

from tests.offices import PDF

NAMES = (
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\izin.pdf",
    "/etc/cron.d/izin.pdf",
    "izin\x00.pdf",
    'izin"; filename="jahat.html',
    "\u202efdp.exe",
    "<script>hit()</script>.pdf",
    "a" * 5_000 + ".pdf",
    "CON.pdf",
    ".htaccess",
)


def picture(kind: str, size: tuple[int, int] = (40, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A small PNG that says it is an enormous one."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = chunk(b"IHDR", side.to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


HTML = b"<!doctype html><script>hit()</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="hit()"><script>hit()</script></svg>'
DISGUISED: Mapping[str, tuple[str, bytes]] = {
    "a program as PDF": ("izin.pdf", b"MZ\x90\x00" + b"\0" * 200),
    "a page as picture": ("izin.png", HTML),
    "a drawing that runs": ("izin.svg", SVG),
    "a drawing as picture": ("izin.png", SVG),
    "an archive as PDF": ("izin.pdf", b"PK\x03\x04" + b"\0" * 60),
    "a bomb": ("izin.png", bomb()),
    "a picture without content": ("izin.png", picture("PNG")[:50]),
    "nothing": ("izin.pdf", b""),
    "a PDF that runs a script": (
        "izin.pdf",
        PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript /JS (hit) >>"),
    ),
    "GIF": ("izin.gif", b"GIF89a/*" + HTML),
}

"""What nobody types by accident: texts, bytes and files that try to be something else."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping

from PIL import Image

from tests.offices import PDF

MARK = "<script>window.hit=1</script><img src=x onerror=hit()>\"'><svg/onload=hit()>{{7*7}}${7*7}"
TEXTS: Mapping[str, str] = {
    "empty": "",
    "long": "A" * 100_000,
    "null": "a\x00b",
    "controls": "a\x01\x07\x1b[31m\x7f\x85b",
    "turned": "Koperasi \u202egnikab\u202c \u2066x\u2069",
    "invisible": "\u200b\u2060\ufeff\u00ad",
    "combining": "a" + "\u0301" * 5_000,
    "line breaks": "satu\r\ndua\n\n\ntiga\u2028empat",
    "header": "x\r\nBcc: korban@example.com\r\n\r\nisi",
    "script": MARK,
    "sql": "'; DROP TABLE siskop.account; -- \" OR 1=1 $$ \\",
    "format": "%s%n%(x)s%%{0}{x.__class__}{{config}}",
    "path": "../../../../etc/passwd",
    "negative": "-1",
    "huge number": "9" * 40,
    "just too large": "9223372036854775808",
    "exponent": "1e400",
    "nan": "NaN",
    "other digits": "٣٤٥²½",
    "deep": '{"a":' * 5_000 + "1" + "}" * 5_000,
    "json list": "[1, {}, null]",
    "true": "true",
    "colons": ":::act:verify:::",
}
HEADERS = (  # for every place whose text goes into a mail's subject or a name in front of an address
    "Koperasi\r\nBcc: korban@example.com",
    "Koperasi\nBcc: korban@example.com",
    "Koperasi\rBcc: korban@example.com",
    "Koperasi =?UTF-8?Q?=0A?=Bcc: korban@example.com",
    "Koperasi =?UTF-8?B?DQpCY2M6IGtvcmJhbkBleGFtcGxlLmNvbQ==?=",
    "Koperasi =?iso-8859-1?q?=0d=0aBcc:_korban=40example.com?=",
    "Koperasi\u2028Bcc: korban@example.com",
    "Koperasi\x0bBcc: korban@example.com\x0c",
    'Koperasi", korban@example.com, "x',
)
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

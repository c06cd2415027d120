"""What is taken in, and with what sentence the rest is refused."""

from __future__ import annotations

import io
import zlib

import pillow_heif
import pytest
from PIL import Image

from siskop.engine.fields.files import MEGABYTE
from siskop.files import NotAccepted, intake, pictures

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
BOTH = ("pdf", "image")


def picture(form: str, size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", size, "teal")
    if form == "HEIF":
        pillow_heif.from_pillow(image).save(out)
    else:
        image.save(out, form, **options)
    return out.getvalue()


def refused(content: bytes, accept: tuple[str, ...] = BOTH) -> NotAccepted:
    with pytest.raises(NotAccepted) as caught:
        intake.clean(content, accept)
    return caught.value


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("HEIF", "image/jpeg")],
)
def test_every_kind_of_picture_is_drawn_anew(form: str, media_type: str) -> None:
    content, found = intake.clean(picture(form), BOTH)
    assert found == media_type
    with Image.open(io.BytesIO(content)) as kept:
        assert kept.size == (40, 20)


def test_a_picture_stands_upright_and_tells_nothing_but_itself() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8825)[1] = "S"
    content, _found = intake.clean(picture("JPEG", exif=exif, comment=b"where I live") + b"<script>tail</script>", BOTH)
    with Image.open(io.BytesIO(content)) as kept:
        assert kept.size == (20, 40)
        assert not kept.getexif()
    assert b"Maker" not in content and b"where I live" not in content and b"script" not in content


def test_a_large_picture_is_made_smaller() -> None:
    content, _found = intake.clean(picture("PNG", (5000, 100)), BOTH)
    with Image.open(io.BytesIO(content)) as kept:
        assert kept.size == (pictures.LONG_SIDE, 72)


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    error = refused(bomb)
    assert error.params == {"got": 3600, "limit": 110}


def test_a_picture_that_is_cut_off_is_refused() -> None:
    assert "broken or cut off" in refused(picture("JPEG", (400, 400))[:600]).text


def test_a_good_document_is_kept_as_it_came() -> None:
    assert intake.clean(PDF, BOTH) == (PDF, "application/pdf")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (PDF[:-20], "cut off"),
        (PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 5 0 R"), "password"),
        (PDF.replace(b"/Type /Catalog", b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "program"),
        (PDF.replace(b"/Type /Catalog", b"/OpenAction << /S /J#61vaScript /JS (app.alert(1)) >>"), "program"),
        (PDF.replace(b"/Type /Catalog", b"/OpenAction << /S /Launch /F (cmd.exe) >>"), "program"),
    ],
)
def test_a_document_that_is_broken_locked_or_alive_is_refused(content: bytes, says: str) -> None:
    assert says in refused(content).text


def test_a_program_in_packed_objects_is_found() -> None:
    packed = zlib.compress(b"1 0 << /S /JavaScript /JS (app.alert(1)) >>")
    body = (
        b"2 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n" + packed + b"\nendstream\nendobj\n"
    )
    assert "program" in refused(PDF.replace(b"trailer", body + b"trailer")).text


@pytest.mark.parametrize(
    "content", [b"MZ\x90\x00 a program", b"<svg onload='x'/>", b"<html>", b"GIF89a....", b"PK\x03\x04"]
)
def test_what_only_claims_to_be_a_document_is_refused_whatever_its_name(content: bytes) -> None:
    assert "neither a PDF nor a picture" in refused(content).text


def test_the_sentence_names_what_this_field_takes() -> None:
    assert refused(PDF, ("image",)).text.startswith("This is not a picture")
    assert refused(picture("PNG"), ("pdf",)).text.startswith("This is not a PDF")


def test_size_has_a_limit_and_the_sentence_says_it() -> None:
    with pytest.raises(NotAccepted) as caught:
        intake.read_bounded(io.BytesIO(b"x" * (2 * MEGABYTE + 1)), 2 * MEGABYTE)
    assert caught.value.params == {"limit": "2"}
    with pytest.raises(NotAccepted):
        intake.read_bounded(io.BytesIO(b""), MEGABYTE)


@pytest.mark.parametrize(
    ("given", "media_type", "kept"),
    [
        ("..\\..\\etc/passwd.pdf", "application/pdf", "passwd.pdf"),
        ("foto izin\r\nX: y.HEIC", "image/jpeg", "foto izin X: y.jpg"),
        ("program.exe", "application/pdf", "program.pdf"),
        ("", "image/png", "berkas.png"),
        ("a" * 500 + ".png", "image/png", "a" * 120 + ".png"),
    ],
)
def test_a_name_is_only_a_name(given: str, media_type: str, kept: str) -> None:
    assert intake.safe_name(given, media_type) == kept

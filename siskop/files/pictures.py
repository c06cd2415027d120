"""Pictures are decoded and drawn anew, so that only the picture itself is kept: no place, no device, no stowaway."""

from __future__ import annotations

import io

import pillow_heif
from PIL import Image, ImageOps

from siskop.base.i18n import N_
from siskop.files import NotAccepted

MAX_PIXELS = 110_000_000
"""The largest phone cameras make 108 million; decoded at three bytes a pixel this stays below 350 MB."""
LONG_SIDE = 3600
"""Enough for a sheet of A4 at 300 dots an inch."""
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # our own bound is checked before anything is decoded, with a sentence


def redraw(content: bytes, media_type: str) -> tuple[bytes, str]:
    """The picture upright, bounded and without metadata, and its media type then (HEIC becomes JPEG)."""
    try:
        with Image.open(io.BytesIO(content), formats=(FORMATS[media_type],)) as picture:
            _bounded(picture)
            picture.draft("RGB", (LONG_SIDE, LONG_SIDE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONG_SIDE, LONG_SIDE))
            return _encoded(upright, media_type)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise NotAccepted(N_("The picture cannot be read: it is broken or cut off. Choose another one.")) from error


def _bounded(picture: Image.Image) -> None:
    pixels = picture.width * picture.height
    if pixels > MAX_PIXELS:
        raise NotAccepted(
            N_("The picture has %(got)s million dots; at most %(limit)s million are allowed."),
            got=round(pixels / 1_000_000),
            limit=MAX_PIXELS // 1_000_000,
        )


def _encoded(picture: Image.Image, media_type: str) -> tuple[bytes, str]:
    """Pixels copied into a fresh picture, so that no `info` of the old one (profile, text, Exif) goes along."""
    if media_type == "image/heic":
        media_type = "image/jpeg"
    see_through = media_type != "image/jpeg" and picture.has_transparency_data
    fresh = Image.new(mode := "RGBA" if see_through else "RGB", picture.size)
    fresh.paste(picture.convert(mode))
    out = io.BytesIO()
    if media_type == "image/png":
        fresh.save(out, "PNG", optimize=False)
    else:
        fresh.save(out, FORMATS[media_type], quality=85)
    return out.getvalue(), media_type

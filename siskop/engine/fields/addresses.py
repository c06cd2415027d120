"""Where somebody is reached: a mail address, a telephone number, a page on the web."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import phonenumbers

from siskop.engine.definition import Field
from siskop.engine.fields.field_type import Bad, Context, FieldType
from siskop.engine.fields.text import bounded, tidy

MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
)
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")
HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
PATH = "/%:@!$&'()*+,;=~-._"  # what RFC 3986, 3.3 lets stand in a path


class Email(FieldType):
    name = "email"

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        text = bounded(tidy(raw).replace(" ", ""), 254)
        if "@" not in text:
            raise Bad("“%(got)s” has no @; a mail address looks like name@example.id", got=text)
        if not MAIL.fullmatch(text) or ".." in text:
            raise Bad("“%(got)s” is not a mail address; it looks like name@example.id", got=text)
        local, _, domain = text.rpartition("@")
        return f"{local}@{domain.lower()}"


class Phone(FieldType):
    """Stored as E.164, shown the way people write it: 0812-3456-7890."""

    name = "phone"

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        text = bounded(tidy(raw), 40)
        digits = sum(c.isdigit() for c in text)
        if digits < 8:
            raise Bad("%(got)s digits, a telephone number has at least %(want)s", got=digits, want=8)
        number = _parsed("+" + text if re.match(r"\(?62", text) else text)
        if number is None or not phonenumbers.is_possible_number(number):
            raise Bad("“%(got)s” is not a telephone number; it looks like 0812-3456-7890", got=text)
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    def cell(self, field: Field, text: str) -> str:
        """A spreadsheet drops the 0 in front: 81234567890."""
        return f"0{text}" if re.fullmatch(r"8\d{8,11}", text) else text

    def raw(self, field: Field, value: Any) -> str:
        return self.plain(field, value, "id")

    def plain(self, field: Field, value: Any, language: str) -> str:
        number = _parsed(value) if value else None
        if number is None:
            return ""
        form = phonenumbers.PhoneNumberFormat
        home = number.country_code == 62
        return str(phonenumbers.format_number(number, form.NATIONAL if home else form.INTERNATIONAL))


def _parsed(text: str) -> Any:
    try:
        return phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException:
        return None


class Url(FieldType):
    """A page that a browser may be led to: http or https, a host with a dot, no password in it."""

    name = "url"

    def accept(self, field: Field, raw: Any, context: Context) -> str:
        text = bounded(tidy(raw).replace(" ", "%20"), 500)
        scheme = SCHEME.match(text)
        if scheme and scheme[1].lower() not in ("http", "https"):
            raise Bad("“%(got)s” can't be opened here; the address begins with https://", got=f"{scheme[1]}:"[:40])
        parts = _split(text if scheme else f"https://{text.lstrip('/')}")
        host = _host(parts)
        if parts is None or not host:
            raise Bad("“%(got)s” is not an address on the web; it looks like https://example.id", got=text[:60])
        path, query, fragment = (quote(part, safe=f"{PATH}?") for part in (parts.path, parts.query, parts.fragment))
        ends = f"{'?' if query else ''}{query}{'#' if fragment else ''}{fragment}"
        return bounded(f"{parts.scheme}://{host}{'' if path == '/' and not ends else path}{ends}", 2000)


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        return parts if parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


def _host(parts: SplitResult | None) -> str | None:
    """The host in its ASCII form, with a port that is not the usual one; None when it is no host of the web."""
    if parts is None or "@" in parts.netloc:
        return None
    try:
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except UnicodeError:
        return None
    usual = parts.port in (None, 80 if parts.scheme == "http" else 443)
    return (host if usual else f"{host}:{parts.port}") if HOST.fullmatch(host) else None

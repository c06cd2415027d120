"""From words with placeholders to a message that no value can break: one guard for all that goes into a header.

Python's email package (seen in 3.11.7 and 3.12.1) turns a subject `=?UTF-8?Q?=0A?=Bcc: x@example.com` into a real Bcc
line. So a header's text is cleaned first, and the finished bytes are read again: they must have the headers we wrote.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime as internet_date
from email.utils import formataddr, parseaddr
from typing import Any

from flask import current_app

from siskop.base import i18n
from siskop.engine.definition import PLACEHOLDER, MailText

LONGEST_HEADER = 300
MAILBOX = re.compile(r"""[^\s@<>()\[\],;:\\"]+@[^\s@<>()\[\],;:\\"]+""")


class Unsafe(ValueError):
    """This message must not be sent: its address is none, or it has headers that we did not write."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """`parts` are its words before they were laid out: body, button, link, why."""

    subject: str
    text: str
    html: str
    parts: Mapping[str, str] = field(default_factory=dict)


def render(mail: MailText, values: Mapping[str, Any], base_url: str, stop: str = "") -> Rendered:
    """The mail's words in the current language, filled. A `link` that begins with a slash is a path of this site.
    `stop` is the address at which one switches such mails off."""
    link = address(str(values.get("link") or ""), base_url)
    filled = {**values, "link": link}
    subject, body, button, why = (
        i18n.fill(i18n.words(part), filled) for part in (mail.subject, mail.body, mail.button, mail.why)
    )
    return lay_out(subject, {"body": body, "button": button, "link": link, "why": why}, base_url, stop)


def lay_out(
    subject: str, parts: Mapping[str, str], base_url: str, stop: str = "", among: Sequence[tuple[str, Any]] = ()
) -> Rendered:
    """Both parts of a mail from words that are ready; without a link there is no button. `among`: (subject, parts) of
    the notices that it carries."""
    said = {
        **_section(subject, parts),
        "sections": [_section(*one) for one in among],
        "why": one_line(parts["why"]),
        "stop": stop,
        "language": i18n.locale(),
        "base_url": base_url,
    }
    return Rendered(one_line(subject), page("mail.txt", said), page("mail.html", said), parts)


def _section(subject: str, parts: Mapping[str, str]) -> dict[str, Any]:
    said = {"subject": one_line(subject), "button": one_line(parts["button"]), "link": parts["link"]}
    return {**said, "paragraphs": paragraphs(parts["body"])}


def called(mail: MailText) -> str:
    """What this kind of mail is called: its title, else its subject without what differs."""
    return i18n.words(mail.title) or PLACEHOLDER.sub("…", i18n.words(mail.subject)).strip("… :")


def page(template: str, parts: Mapping[str, Any]) -> str:
    """A template of templates/mail, without the context of a request: the same words wherever it is rendered."""
    return current_app.jinja_env.get_template(f"mail/{template}").render(**parts)


def address(link: str, base_url: str) -> str:
    """An absolute address in the current language; anything but a path of ours or http(s) is no link at all."""
    if link.startswith("/") and not link.startswith("//"):
        return f"{base_url}{'/en' if i18n.locale() == 'en' else ''}{link}"
    return link if link.startswith(("https://", "http://")) else ""


def paragraphs(text: str) -> list[str]:
    """Cut at empty lines; control characters are dropped, so that nothing but our own template lays out the page."""
    clean = "".join(c for c in text.replace("\r\n", "\n") if c == "\n" or c.isprintable())
    return [part.strip() for part in re.split(r"\n\s*\n", clean) if part.strip()]


def one_line(text: str) -> str:
    """Text that may stand in a header: white space collapsed, unprintable characters gone, no encoded words."""
    flat = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return flat.replace("=?", "= ?")[:LONGEST_HEADER].strip()


def message_id(key: str, sender: str) -> str:
    """The same for the same key for ever, so that a mail sent twice can be known as one."""
    host = parseaddr(sender)[1].partition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"


def message(
    sender: str, to: str, words: Rendered, *, identity: str, at: datetime, language: str, stop: str = ""
) -> bytes:
    """The bytes to hand over, lines ended by CR LF; with `stop` one click switches such mails off (RFC 8058). Raises
    Unsafe."""
    name, mailbox = parseaddr(sender)
    if not MAILBOX.fullmatch(to) or not to.isascii() or not to.isprintable():
        raise Unsafe("this is not an address that mail can be sent to")
    built = EmailMessage(policy=policy.SMTP)
    built["From"] = formataddr((one_line(name), mailbox))
    built["To"] = to
    built["Subject"] = one_line(words.subject)
    built["Date"] = internet_date(at)
    built["Message-ID"] = identity
    built["Auto-Submitted"] = "auto-generated"
    if stop:
        built["List-Unsubscribe"] = f"<{stop}>"
        built["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    built.set_content(words.text, cte="quoted-printable")
    built.add_alternative(words.html, subtype="html", cte="quoted-printable")
    built["Content-Language"] = language  # last, since the content's own headers are moved into its parts
    data = built.as_bytes()
    if BytesParser(policy=policy.default).parsebytes(data, headersonly=True).keys() != built.keys():
        raise Unsafe("the message has headers that nobody wrote")
    return data

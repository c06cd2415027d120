"""What goes into a message: words with placeholders, and a guard that no value gets around."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from siskop.base import i18n
from siskop.engine.definition import MailText
from siskop.mail import compose
from siskop.mail.compose import Rendered, Unsafe

AT = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Language"
]  # fmt: skip
HOSTILE = [
    "Koperasi =?UTF-8?Q?=0A?=Bcc: x@example.com",
    "Koperasi =?UTF-8?Q?=0D=0A?=Bcc: x@example.com",
    "Koperasi =?UTF-8?B?Cg==?=Bcc: x@example.com",
    "Koperasi\r\nBcc: x@example.com",
    "Koperasi\nBcc: x@example.com\n\nA body",
    "Koperasi\x0bBcc: x@example.com\x85\u2028Cc: y@example.com",
    "Koperasi =\x00?UTF-8?Q?=0A?=Bcc: x@example.com",
    "Koperasi =\u200b?UTF-8?Q?=0ABcc:x@example.com?=",
    "Koperasi " + "=?utf-8?q?" * 40 + "=0ABcc: x@example.com?=",
    "\ud800 Koperasi =?=?UTF-8?Q?=0A?=Bcc: x@example.com",
]


@pytest.fixture
def templates() -> Flask:
    """Templates alone; these tests need no database."""
    from config import ROOT

    app = Flask("siskop", root_path=str(ROOT), template_folder="templates", static_folder=None)
    i18n.init_app(app)
    return app


def built(
    subject: str = "Halo", to: str = "ani@example.com", sender: str = "Siskop <kirim@example.com>", text: str = "Halo"
) -> EmailMessage:
    words = Rendered(subject, text, f"<p>{text}</p>")
    data = compose.message(sender, to, words, identity="<a@example.com>", at=AT, language="id")
    message = BytesParser(policy=policy.default).parsebytes(data)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_subject_or_name_makes_no_header(text: str) -> None:
    for message in (built(subject=text), built(sender=f'"{compose.one_line(text)}" <kirim@example.com>')):
        assert message.keys() == HEADERS
        assert message["To"] == "ani@example.com"
        assert "Bcc" not in message
    assert "\n" not in compose.one_line(text)
    assert "=?" not in compose.one_line(text)


@given(st.text(max_size=400))
def test_no_subject_whatever_makes_a_header(text: str) -> None:
    assert built(subject=text).keys() == HEADERS


@pytest.mark.parametrize(
    "to", ["", "ani", "a@b.c, d@e.f", "a@b.c\r\nBcc: d@e.f", "<a@b.c>", "a b@c.d", "äni@example.com"]
)
def test_what_is_no_plain_address_is_not_written_to(to: str) -> None:
    with pytest.raises(Unsafe):
        built(to=to)


def test_the_message_says_who_what_when_and_that_no_person_sent_it() -> None:
    message = built(subject="Koperasi Ümbul Jaya: izin berakhir", text="Halo\n.titik")
    assert message["Subject"] == "Koperasi Ümbul Jaya: izin berakhir"
    assert message["Date"].datetime == AT
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "id"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.get_body(("plain",)).get_content().splitlines() == ["Halo", ".titik"]  # type: ignore[union-attr]


def test_the_same_key_has_the_same_message_id_for_ever() -> None:
    one = compose.message_id("event:1:2", "Siskop <kirim@example.com>")
    assert one == compose.message_id("event:1:2", "Siskop <kirim@example.com>")
    assert one != compose.message_id("event:1:3", "Siskop <kirim@example.com>")
    assert one.endswith("@example.com>")


MAIL = MailText(
    name="any",
    subject={"id": "{title}: berakhir {due}", "en": "{title}: ends {due}"},
    body={"id": "Halo {name}.\n\nBerakhir {due}.", "en": "Hello {name}.\n\nEnds {due}. {unheard_of}"},
    button={"id": "Buka", "en": "Open"},
    why={"id": "Anda pengurus {title}.", "en": "You act for {title}."},
)


def test_a_mail_speaks_its_readers_language_with_one_button_and_says_why_it_came(templates: Flask) -> None:
    values = {"title": "Maju\nBersama", "name": {"id": "Ibu", "en": "Ms"}, "due": date(2026, 12, 1), "link": "/ruang"}
    with templates.app_context():
        with i18n.speaking("en"):
            english = compose.render(MAIL, values, "https://siskop.example")
        with i18n.speaking("id"):
            indonesian = compose.render(MAIL, values, "https://siskop.example")
    assert english.subject == "Maju Bersama: ends 1 December 2026"
    assert "Hello Ms." in english.text
    assert "https://siskop.example/en/ruang" in english.text
    assert "You act for Maju Bersama." in english.text
    assert indonesian.subject == "Maju Bersama: berakhir 1 Desember 2026"
    assert "https://siskop.example/ruang" in indonesian.html
    assert "balasan tidak dibaca" in indonesian.html
    assert indonesian.html.count('class="button"') == 1


def test_a_value_is_never_markup_nor_a_placeholder_nor_a_foreign_button(templates: Flask) -> None:
    values = {"title": "{link}", "name": "<b>Ani</b>\x07", "link": "javascript:alert(1)"}
    with templates.app_context():
        mail = compose.render(MAIL, values, "https://siskop.example")
    assert "&lt;b&gt;Ani&lt;/b&gt;." in mail.html
    assert "{link}: berakhir" in mail.text or mail.subject.startswith("{link}")
    assert "javascript" not in mail.text + mail.html
    assert 'class="button"' not in mail.html

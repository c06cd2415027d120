"""The outbox: once a key, in the reader's language, in the transaction of the cause."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from siskop.accounts import people
from siskop.base import i18n
from siskop.base.db import Tx, unit_of_work
from siskop.engine.definition import MailText
from siskop.jobs import drain
from siskop.mail import deliver, outbox
from tests.worlds import World

MAIL = MailText(
    name="greeting",
    subject={"id": "Halo {title}", "en": "Hello {title}"},
    body={"id": "Isi", "en": "Dear {name}"},
    button={"id": "Buka", "en": "Open"},
    obligatory=False,
)


def rows(tx: Tx) -> list:  # type: ignore[type-arg]
    return list(tx.execute(text("SELECT * FROM siskop.mail ORDER BY id")))


def test_a_mail_is_queued_once_for_its_key_in_the_readers_language(tx: Tx) -> None:
    ani = people.create(tx, "ani@example.com", "Ani", language="en")
    sent = [
        outbox.queue(
            tx,
            key="k",
            mail=MAIL,
            values={"title": "Maju", "name": "a field of that name"},
            to_account=ani,
            why="event:1",
        )
        for _ in range(2)
    ]
    assert sent == [True, False]
    (mail,) = rows(tx)
    assert (mail.subject, mail.address, mail.language) == ("Hello Maju", "ani@example.com", "en")
    assert "Dear Ani" in mail.text
    assert (mail.mail, mail.status, mail.obligatory, mail.why) == ("greeting", "due", False, "event:1")
    assert tx.execute(text("SELECT key FROM siskop.job")).scalars().all() == [f"deliver:{mail.id}"]


def test_a_mail_dies_with_the_transaction_of_its_cause(world: World) -> None:
    with unit_of_work() as tx:
        ani = people.create(tx, "ani@example.com", "Ani")
    with pytest.raises(RuntimeError), unit_of_work() as tx:
        assert outbox.queue(tx, key="k", mail=MAIL, values={}, to_account=ani)
        raise RuntimeError
    with unit_of_work() as tx:
        assert rows(tx) == []


def test_an_address_that_bounced_is_not_written_to_and_the_history_says_so(tx: Tx) -> None:
    ani = people.create(tx, "ani@example.com", "Ani")
    tx.execute(text("UPDATE siskop.account SET mail_bad_since = siskop.now()"))
    assert outbox.queue(tx, key="k", mail=MAIL, values={}, to_account=ani)
    (mail,) = rows(tx)
    assert (mail.status, mail.answer) == ("refused", "the address bounced before")
    assert tx.execute(text("SELECT count(*) FROM siskop.job")).scalar() == 0


def test_an_account_that_is_closed_gets_nothing(tx: Tx) -> None:
    ani = people.create(tx, "ani@example.com", "Ani")
    tx.execute(text("UPDATE siskop.account SET active = false"))
    assert not outbox.queue(tx, key="k", mail=MAIL, values={}, to_account=ani)
    assert rows(tx) == []


def test_ready_words_get_the_frame_of_every_mail_in_the_current_language(world: World) -> None:
    with unit_of_work() as tx, i18n.speaking("en"):
        link = ("Confirm", f"{world.settings.base_url}/en/konfirmasi/abc")
        assert outbox.queue_ready(
            tx,
            key="k",
            name="confirmation",
            subject="Confirm\nyour address",
            text="Hello.",
            button=link,
            why="You.",
            to_account=people.create(tx, "a@b.example", "Ani"),
        )
    assert deliver.deliver
    drain.drain("mail")
    (mail,) = world.mails.to("a@b.example")
    assert isinstance(mail.content, bytes)
    assert b"Subject: Confirm your address" in mail.content
    assert b"/en/konfirmasi/abc" in mail.content
    assert b"replies are not read" in mail.content

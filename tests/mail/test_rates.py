"""So many mails a minute to one provider: the rest waits for its turn, in order, and holds up nobody else."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.engine.definition import MailText
from siskop.jobs import drain
from siskop.mail import outbox, rates
from tests.worlds import World

MAIL = MailText(name="any", subject={"id": "Halo {title}"}, body={"id": "Isi"}, button={"id": "Buka"})


def write(n: int, domain: str, priority: int = outbox.NOTICE) -> None:
    with unit_of_work() as tx:
        who = people.find(tx, f"p{n}@{domain}") or people.create(tx, f"p{n}@{domain}", f"P{n}")
        key = f"{n}:{domain}"
        outbox.queue(tx, key=key, mail=MAIL, values={"title": str(n)}, to_account=who, priority=priority)


def sent(world: World) -> list[str]:
    return [envelope.rcpt_tos[0] for envelope in world.mails.mails]


def test_a_provider_gets_its_rate_in_order_and_others_are_not_held_up(world: World) -> None:
    with unit_of_work() as tx:
        rates.keep(tx, [{"domain": "slow.example", "per_minute": "2"}, {"domain": "x", "per_minute": "viele"}])
    for n in range(5):
        write(n, "slow.example")
    write(9, "quick.example")
    drain.drain("mail")
    assert sent(world) == ["p0@slow.example", "p9@quick.example"]
    for so_far in (1, 2, 3, 4):
        world.move_clock(timedelta(seconds=31))
        drain.drain("mail")
        assert sent(world)[-1] == f"p{so_far}@slow.example"
        assert len(sent(world)) == so_far + 2
    with unit_of_work() as tx:
        assert tx.execute(text("SELECT max(attempts), min(status) FROM siskop.mail")).one() == (1, "accepted")


def test_a_list_that_no_longer_names_a_provider_frees_it(world: World) -> None:
    with unit_of_work() as tx:
        rates.keep(tx, [{"domain": "slow.example", "per_minute": "1"}])
        rates.keep(tx, [])
    write(1, "slow.example")
    write(2, "slow.example")
    drain.drain("mail")
    assert len(sent(world)) == 2


def test_a_campaign_waits_for_what_happened_in_a_submission(world: World) -> None:
    for n in range(3):
        write(n, "a.example", outbox.CAMPAIGN)
    write(9, "a.example")
    drain.drain("mail", limit=2)
    assert sent(world) == ["p9@a.example", "p0@a.example"]

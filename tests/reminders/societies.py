"""A small world of its own, with other names than the shipped files: societies that pay their fee, and are reminded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from siskop.accounts import people
from siskop.base import db
from siskop.base.db import unit_of_work
from siskop.base.i18n import JAKARTA
from siskop.engine.case import Command
from siskop.jobs import drain
from siskop.pipeline.handlers import daily  # and with it every kind of job
from siskop.submissions import definitions, door, drafts
from tests.visitors import person
from tests.worlds import World

FILES = {
    "records/society.yaml": """
record: society
label: {id: Perkumpulan, en: Society}
display: {title: called}
fields:
  called: {type: text, privacy: public, label: {id: Nama, en: Name}}
  paid_until: {type: date, privacy: internal, label: {id: Lunas sampai, en: Paid until}}
facts:
  paid: paid_until >= today
public: {path: perkumpulan, api: societies, label: {id: Perkumpulan, en: Societies}}
reminders:
  unpaid:
    label: {id: Iuran belum lunas, en: Fee not paid}
    when: not paid
    cause: [paid_until]
    cured_by: {workflows: [renewal], in: [sent], at_most: 30d}
    send: {days: working, hours: "08:00-16:00"}
    ladder:
      - {at: 0d, does: [{mail: pay-1, to: operators}]}
      - {at: 14d, does: [{mail: pay-2, to: operators, copy: {role: chair}}]}
""",
    "renewal.yaml": """
workflow: renewal
label: {id: Pembaruan, en: Renewal}
record: society
start: {who: {relation: anyone}, prefill: record}
manage: {role: chair}
form:
  main:
    label: {id: Data, en: Data}
    fields: {called: required, paid_until: optional}
states:
  writing: {waits_for: submitter, edit: {relation: record_operator}, label: {id: Ditulis, en: Being written}}
  sent: {waits_for: office, label: {id: Dikirim, en: Sent}}
  over: {final: true, label: {id: Selesai, en: Over}}
actions:
  send: {from: writing, to: sent, who: {relation: record_operator}, needs: [valid_form], label: {id: Kirim, en: Send}}
  take: {from: sent, to: over, who: {role: chair}, does: [publish, accept_members], label: {id: Terima, en: Accept}}
""",
    "mails/pay-1.yaml": """
subject: {id: "{title}: iuran belum lunas", en: "{title}: the fee is not paid"}
body: {id: "Halo {name}, iuran {title} belum lunas.", en: "Hello {name}, {title} has not paid."}
button: {id: Bayar, en: Pay}
why: {id: "Anda bertindak untuk {title}.", en: "You act for {title}."}
""",
    "mails/pay-2.yaml": """
subject: {id: "{title}: peringatan", en: "{title}: a warning"}
body: {id: Bayarlah., en: Please pay.}
button: {id: Bayar, en: Pay}
why: {id: "Anda bertindak untuk {title}.", en: "You act for {title}."}
""",
    "lists/roles.csv": "name,label_id,label_en,may\nchair,Ketua,Chair,desk\n",
    "lists/holidays.csv": "date,name,kind\n2026-11-27,Libur,national\n",
}
WEDNESDAY = date(2026, 11, 25)


def settle(world: World, folder: Path, more: Mapping[str, str] = MappingProxyType({})) -> None:
    """The societies' definitions in force, and Wednesday, 25 November 2026, 09:00 in Jakarta."""
    in_force(world, folder, more)
    go_to(world, WEDNESDAY)
    person("chair@siskop.test", "Citra", ("chair", ""))


def in_force(world: World, folder: Path, more: Mapping[str, str] = MappingProxyType({})) -> None:
    """The files, with `more` or these instead."""
    for name, text in {**FILES, **more}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert world.settings.database_owner_url
    definitions.load(folder, world.settings.database_owner_url)
    definitions.forget()


def kind_with(rule: str) -> dict[str, str]:
    """The societies' kind with one rule of its own: what stands under its name."""
    kind = "records/society.yaml"
    body = "\n".join(f"    {line}" for line in rule.strip().splitlines())
    head = FILES[kind].partition("reminders:")[0]
    return {kind: f"{head}reminders:\n  unpaid:\n    label: {{id: Iuran belum lunas, en: Fee not paid}}\n{body}\n"}


def go_to(world: World, day: date, hour: int = 9) -> None:
    wanted = datetime(day.year, day.month, day.day, hour, tzinfo=JAKARTA).astimezone(UTC)
    with unit_of_work() as tx:
        now = db.now(tx)
    world.move_clock(wanted - now)


def published(operator: str, called: str, paid_until: str = "") -> int:
    """A record in the register, and who acts for it."""
    with unit_of_work() as tx:
        account = people.find(tx, operator)
    account = account or person(operator, called)
    number = sent(account, called=called, paid_until=paid_until)
    return take(number)


def sent(account: int, record: int | None = None, **values: Any) -> str:
    with unit_of_work() as tx:
        actor = people.actor_for(tx, account, record)
    number = door.start("renewal", actor, record)
    with unit_of_work() as tx:
        drafts.save(tx, number, people.actor_for(tx, account), values)
    door.perform(number, actor, Command("act", "send"))
    return number


def take(number: str) -> int:
    with unit_of_work() as tx:
        chair = people.find(tx, "chair@siskop.test")
        assert chair
        actor = people.actor_for(tx, chair)
    record = door.perform(number, actor, Command("act", "take"))
    drain.drain("publishing")
    return record_of(record.number)


def record_of(number: str) -> int:
    from sqlalchemy import text

    with unit_of_work() as tx:
        asked = text("SELECT record_id FROM siskop.submission WHERE number = :number")
        return int(tx.execute(asked, {"number": number}).scalar_one())


def run_day() -> None:
    """What beat and the worker do."""
    daily.open_day()
    for queue in ("batch", "publishing", "timers", "mail"):
        drain.drain(queue)


def days(start: date, count: int) -> list[date]:
    return [start + timedelta(days=n) for n in range(count)]

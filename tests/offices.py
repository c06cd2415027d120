"""An office at work: people with their roles, and submissions brought to where a test needs them, through the door."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from siskop.accounts import memberships, people
from siskop.base.db import unit_of_work
from siskop.engine.case import Actor, Command
from siskop.engine.definition import Definition, Field
from siskop.engine.fields import area
from siskop.engine.fields.registry import UNASKED
from siskop.files import intake
from siskop.jobs import drain
from siskop.submissions import definitions, door, drafts, handlers, view
from siskop.submissions.view import View
from tests.visitors import person

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
assert handlers  # the kinds of jobs that a submission puts
SAMPLES: Mapping[str, Any] = {
    "text": "Contoh",
    "legal_number": "AHU-0001.AH.01.26.TAHUN 2020",
    "email": "koperasi@contoh.test",
    "phone": "0812-3456-7890",
    "integer": "10",
    "money": "1.000.000",
    "boolean": "yes",
    "date": "2030-12-21",
    "year": "2025",
    "nik": "3674014107800001",
    "nik_koperasi": "3674010010001",
    "nib": "1234567890123",
    "npwp": "123456789012345",
    "kbli": "56210",
    "url": "https://koperasi.contoh.test",
    "point": "-6.3, 106.7",
    "long_text": "Contoh",
}


@dataclass(frozen=True, slots=True)
class Office:
    """Accounts by what they do; every address is `<name>@siskop.test`."""

    secretary: int
    verifier: int
    colleague: int
    head: int
    administrator: int


def staff() -> Office:
    return Office(
        secretary=person("sari@siskop.test", "Sari Wulandari"),
        verifier=person("tirta@siskop.test", "Tirta Anggara", ("verifier", "")),
        colleague=person("banyu@siskop.test", "Banyu Rahmat", ("verifier", "")),
        head=person("ratna@siskop.test", "Ratna Dewi", ("head", "")),
        administrator=person("adi@siskop.test", "Adi Putra", ("administrator", "")),
    )


def actor(account: int) -> Actor:
    with unit_of_work() as tx:
        return people.actor_for(tx, account)


def seen(number: str, account: int) -> View:
    with unit_of_work() as tx:
        return view.load(tx, number, people.actor_for(tx, account))


def sent(account: int, workflow: str = "cooperative", record_id: int | None = None, **given: Any) -> str:
    """A submission that was filled in, sent and checked: its number. With a record's id, only what is given changes."""
    number = door.start(workflow, actor(account), record_id)
    fill(number, account, workflow, given, everything=record_id is None)
    submit(number, account)
    return number


def fill(number: str, account: int, workflow: str, given: Mapping[str, Any], everything: bool = True) -> None:
    definition = definitions.library().workflows[workflow]
    values = {**(answers(definition, account, number) if everything else {}), **given}
    with unit_of_work() as tx:
        drafts.save(tx, number, people.actor_for(tx, account), values)
    if everything and seen(number, account).needs_proof:
        prove(number, account)


def submit(number: str, account: int) -> None:
    if seen(number, account).needs_proof:
        prove(number, account)
    door.perform(number, actor(account), Command("act", "submit"))
    check()


def check() -> None:
    """Whatever the worker would do by itself."""
    for queue in ("checks", "publishing"):
        drain.drain(queue)


def answers(definition: Definition, account: int, number: str) -> dict[str, Any]:
    """Something for every field of the form."""
    asked = {name: field for name, field in definition.form.fields.items() if field.type not in UNASKED}
    return {name: sample(field, account, number) for name, field in asked.items()}


def sample(field: Field, account: int, number: str) -> Any:
    if field.type in ("file", "files"):
        file = upload(account, number)
        return [file] if field.type == "files" else file
    if "pattern" in field.params:
        return field.example
    if field.type == "list":
        row = {column.name: sample(column, account, number) for column in field.of.values()}
        return [row] * int(field.params.get("min", 1))
    if field.type == "area":
        return sorted(area.leaves(field.choices))[0]
    if field.type == "choice":
        return field.choices[0].code
    return [field.choices[0].code] if field.type == "choices" else SAMPLES[field.type]


def upload(account: int, number: str, name: str = "izin usaha.pdf", content: bytes = PDF) -> dict[str, Any]:
    """As the form page takes it: held by the account, the record's from the start."""
    with unit_of_work() as tx:
        record = view.load(tx, number, people.actor_for(tx, account)).record_id
        return intake.receive(tx, io.BytesIO(content), name, holder=account, record_id=record).value()


def prove(number: str, account: int) -> int:
    """The appointment letter that shows that the account acts for the record: its file's id."""
    record = seen(number, account).record_id
    file = upload(account, number, "SK pengurus.pdf")
    with unit_of_work() as tx:
        memberships.claim(tx, account, record, file["id"])
    return int(file["id"])


def published(office: Office, **given: Any) -> tuple[str, int]:
    """A record that went all the way: (number of its first submission, record)."""
    number = sent(office.secretary, **given)
    record = seen(number, office.secretary).record_id
    verify(number, office)
    approve(number, office)
    return number, record


def verify(number: str, office: Office) -> None:
    door.perform(number, actor(holder(number, office)), Command("act", "verify"))


def approve(number: str, office: Office) -> None:
    door.perform(number, actor(office.head), Command("vote", "approval", {"ballot": "for"}))
    check()


def holder(number: str, office: Office) -> int:
    """Whoever of the verifiers got the task."""
    run = seen(number, office.administrator).case.runs["verification"]
    return next(seat.person for seat in run.seats.values() if seat.person) or office.verifier


def address(number: str, office: Office) -> str:
    return "tirta@siskop.test" if holder(number, office) == office.verifier else "banyu@siskop.test"


def ask(number: str, office: Office, field: str, words: str) -> None:
    command = Command("ask", field)
    door.perform(number, actor(holder(number, office)), command, said={"correction": words})


def send_back(number: str, office: Office) -> None:
    door.perform(number, actor(holder(number, office)), Command("act", "return"))

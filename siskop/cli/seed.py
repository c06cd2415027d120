"""`siskop seed`: 200 invented cooperatives in all states, through the door, with a past that ends today; some with
reports and businesses; a grant before its committee, and somebody who asks for access.

The one part of Siskop that knows the shipped workflows' names. The database's clock is moved to each day and
back at the end.
"""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import click
from PIL import Image, ImageDraw
from sqlalchemy import event, text

from siskop.accounts import memberships, people
from siskop.base.db import Tx, db, settings, unit_of_work
from siskop.base.errors import Refusal
from siskop.cli import invented
from siskop.cli.invented import APPLICANT, COMMITTEE, HEAD, PASSWORD, PEOPLE, SECRETARY, Cooperative
from siskop.cli.main import within_app
from siskop.engine.case import Actor, Command
from siskop.engine.fields import area
from siskop.engine.fields.registry import TYPES
from siskop.files import intake, store
from siskop.jobs import drain
from siskop.letters import posts, shelf, signing
from siskop.reminders import daily
from siskop.submissions import definitions, door, drafts, handlers

FATES = {
    "published": 150,
    "updating": 12,
    "submitted": 8,
    "verified": 7,
    "returned": 9,
    "draft": 6,
    "rejected": 4,
    "withdrawn": 4,
}
EARLY = ("published", "updating", "rejected", "withdrawn")
TWICE = "Koperasi ini sudah terdaftar dengan nama lain. Silakan ajukan perubahan pada data yang ada."
AT_THE_VERIFIER: Mapping[str, tuple[tuple[str, str, Mapping[str, str]], ...]] = {  # commands, and the words with each
    "published": (("act", "verify", {}),),
    "updating": (("act", "verify", {}),),
    "verified": (("act", "verify", {}),),
    "returned": (
        ("ask", "members_women", {"correction": "Jumlah pada laporan RAT berbeda dari isian. Mohon samakan."}),
        ("ask", "address", {"correction": "RT dan RW belum sesuai dengan surat keterangan. Mohon periksa."}),
        ("act", "return", {}),
    ),
    "rejected": (("act", "reject", {"reason": TWICE}),),
}
PAST_DAYS = 300
OWN = {"published": 2, "updating": 1, "returned": 1}
"""How many of each fate the demo's secretary acts for: of those never published one, for starting again leads to it."""
WITH_CHILDREN = 40
"""Of so many published cooperatives one has reports and a business, beside the secretary's own."""
SIGNED = 20
"""How many letters the head has signed; the rest waits."""
UPLOADS = {  # field: (name of its file, the answer without which it is not asked)
    "licence_scan": ("izin-usaha.png", "has_licence"),
    "minutes": ("berita-acara.png", ""),
    "balance_sheet": ("neraca.png", ""),
    "grant_proposal": ("proposal.png", ""),
}


@click.command()
@within_app
def seed() -> None:
    """Fill an empty database with demo data."""
    if not (settings().demo or settings().testing):
        raise Refusal("Demo data is only for the demo: set SISKOP_DEMO=1.")
    with unit_of_work() as tx:
        if tx.execute(text("SELECT EXISTS (SELECT FROM siskop.submission)")).scalar():
            raise Refusal("There are submissions already. Demo data goes only into an empty database.")
    plant()


def plant(n: int = sum(FATES.values())) -> None:
    """The demo's data: `n` cooperatives, the fates in their proportions."""
    assert None not in (handlers.run_check, daily.refresh)  # importing them made their kinds of job known
    _without_waiting_for_the_disk()
    planter = Planter.ready()
    for place, (fate, cooperative) in enumerate(_in_order(n, planter)):
        planter.tell(cooperative, fate, place / n)
        if place % 50 == 49:
            click.echo(f"  {place + 1} of {n}")
    planter.tell_what_is_open()
    planter.set_clock(None)
    drain.drain("timers", limit=10 * n)


def _without_waiting_for_the_disk() -> None:
    """A seed that is cut short is begun anew, so no commit of it must wait."""
    event.listen(db.engine, "connect", lambda raw, _: raw.execute("SET synchronous_commit = off") and raw.commit())
    db.engine.dispose()


def _in_order(n: int, planter: Planter) -> list[tuple[str, Cooperative]]:
    """Finished ones first, open ones in the last days; which cooperative has which fate is drawn once for all."""
    total = sum(FATES.values())
    others = ((fate, count) for fate, count in FATES.items() if fate != "published")
    fates = [fate for fate, count in others for _ in range(max(1, count * n // total))]
    fates += ["published"] * (n - len(fates))
    random.Random("siskop").shuffle(fates)  # noqa: S311
    drawn = list(zip(fates, invented.cooperatives(n, planter.areas, planter.today), strict=True))
    return sorted(drawn, key=lambda pair: pair[0] not in EARLY)


@dataclass(slots=True)
class Planter:
    """Who acts, and the picture that stands for every scan."""

    today: date
    areas: list[str]
    staff: dict[str, Actor]
    scan: bytes
    own: dict[str, int]
    registered: list[int]  # published in the past, with reports; the secretary's come first

    @classmethod
    def ready(cls) -> Planter:
        with unit_of_work() as tx:
            today = tx.execute(text("SELECT siskop.today()")).scalar_one()
            ids = {}
            for email, name, role, _ in PEOPLE:
                ids[email] = people.create(tx, email, name, password=PASSWORD, demo=True)
                if role:
                    people.grant(tx, ids[email], role, from_on=today - timedelta(days=2 * PAST_DAYS))
            kind = definitions.library(tx).kinds["cooperative"]
            areas = sorted(area.leaves(kind.fields["kelurahan"].choices))
            actors = {email: people.actor_for(tx, account) for email, account in ids.items()}
        return cls(today, areas, actors, intake.clean(_scan(), ("image",))[0], dict(OWN), [])

    def tell(self, cooperative: Cooperative, fate: str, place: float) -> None:
        """The whole story of one cooperative, on its day."""
        days_ago = round(PAST_DAYS * (1 - place / 0.86)) + 8 if fate in EARLY else 1 + cooperative.number % 6
        day = self.today - timedelta(days=max(days_ago, 1))
        self.set_clock(day, 9)
        operator = self._operator(cooperative, fate)
        number = self._begin("cooperative", operator, cooperative.answers)
        if fate == "draft":
            return
        self._send(number, operator)
        self.set_clock(day, 11)
        for kind, name, said in AT_THE_VERIFIER.get(fate, ()):
            door.perform(number, self._verifier(number), Command(kind, name), said=said)
        if fate == "withdrawn":
            door.perform(number, operator, Command("act", "withdraw"))
        if fate in ("published", "updating"):
            self.set_clock(day, 14)
            self._approve(number)
            self._go_on(self._record(number), operator, cooperative, day)
        if fate == "updating":
            self._update(self._record(number), operator, cooperative)

    def tell_what_is_open(self) -> None:
        """Three days ago: a grant that two of its committee want, and somebody who asks to act for a cooperative."""
        self.set_clock(self.today - timedelta(days=3), 10)
        secretary, applicant = self.staff[SECRETARY], self.staff[APPLICANT]
        grant = self._send(self._begin("assistance-grant", secretary, invented.GRANT, self.registered[0]), secretary)
        door.perform(grant, self._verifier(grant), Command("act", "pass_on"))
        for member in COMMITTEE:
            door.perform(grant, self.staff[member], Command("vote", "committee", {"ballot": "for"}))
        self._send(self._begin("access", applicant, invented.ACCESS, self.registered[-1]), applicant)
        self._sign_letters()

    def _sign_letters(self) -> None:
        """The first of what waits for the head; the worker makes their PDFs."""
        head = self.staff[HEAD]
        with unit_of_work() as tx:
            posts.add(tx, head.id or 0, invented.POST, self.today - timedelta(days=PAST_DAYS), None)
            waiting = [letter.id for letter in shelf.waiting(tx, head)][:SIGNED]
            signing.sign(tx, definitions.library(tx), waiting, head)

    def _go_on(self, record: int, operator: Actor, cooperative: Cooperative, day: date) -> None:
        """Of some: reports of the years whose meeting was before this day, and a business of a member."""
        if operator is not self.staff[SECRETARY] and cooperative.number % WITH_CHILDREN != 3:
            return
        self.registered.append(record)
        for answers in invented.reports(cooperative, day):
            number = self._begin("annual-report", operator, answers, record, str(answers["book_year"]))
            self._send(number, operator)
            door.perform(number, self._verifier(number), Command("act", "verify"))
            self._approve(number)
        number = self._send(self._begin("member-business", operator, invented.business(cooperative), record), operator)
        door.perform(number, self._verifier(number), Command("act", "publish"))

    def _update(self, record: int, operator: Actor, cooperative: Cooperative) -> None:
        self.set_clock(self.today - timedelta(days=1 + cooperative.number % 5), 9)
        answers = cooperative.answers
        grown = {"members_men": answers["members_men"] + 7, "members_women": answers["members_women"] + 11}
        self._send(self._begin("cooperative", operator, grown, record), operator)

    # ------------------------------------------------------------------ acts

    def _operator(self, cooperative: Cooperative, fate: str) -> Actor:
        if self.own.get(fate, 0) > 0:
            self.own[fate] -= 1
            return self.staff[SECRETARY]
        with unit_of_work() as tx:
            email = f"sekretaris{cooperative.number + 1}@koperasi.example"
            return people.actor_for(tx, people.create(tx, email, cooperative.secretary, demo=True))

    def _begin(
        self,
        workflow: str,
        operator: Actor,
        answers: Mapping[str, Any],
        record: int | None = None,
        period: str | None = None,
    ) -> str:
        """A draft with these answers and with whatever files it must have; its number."""
        number = door.start(workflow, operator, record, period)
        definition = definitions.library().workflows[workflow]
        fields, kept = definition.form.fields, {f: v for f, v in answers.items() if f in definition.form.fields}
        held = self._record(number)
        with unit_of_work() as tx:
            for name, (scan, needs) in UPLOADS.items():
                if name in fields and (not needs or answers.get(needs)):
                    file = self._upload(tx, operator, held, scan)
                    kept[name] = [file] if fields[name].type == "files" else file
            drafts.save(tx, number, operator, {f: TYPES[fields[f].type].raw(fields[f], v) for f, v in kept.items()})
            if definition.proof is not None and (record is None or operator.id == self.staff[APPLICANT].id):
                proof = self._upload(tx, operator, held, "sk-pengurus.png")
                memberships.claim(tx, operator.id or 0, held, proof["id"])
        return number

    def _upload(self, tx: Tx, operator: Actor, record: int, name: str) -> dict[str, Any]:
        holder = operator.id or 0
        return dict(
            store.add(tx, self.scan, media_type="image/png", name=name, holder=holder, record_id=record).value()
        )

    def _send(self, number: str, operator: Actor) -> str:
        door.perform(number, operator, Command("act", "submit"))
        drain.drain("checks")
        return number

    def _approve(self, number: str) -> None:
        door.perform(number, self.staff[HEAD], Command("vote", "approval", {"ballot": "for"}))
        drain.drain("publishing")

    def _verifier(self, number: str) -> Actor:
        seat = text(
            "SELECT w.person FROM siskop.work_item w JOIN siskop.submission s ON s.id = w.submission_id"
            " WHERE s.number = :number AND w.status = 'open'"
        )
        with unit_of_work() as tx:
            person = tx.execute(seat, {"number": number}).scalar_one()
        return next(actor for actor in self.staff.values() if actor.id == person)

    def _record(self, number: str) -> int:
        with unit_of_work() as tx:
            found = text("SELECT record_id FROM siskop.submission WHERE number = :number")
            return int(tx.execute(found, {"number": number}).scalar_one())

    def set_clock(self, day: date | None, hour: int = 9) -> None:
        """To that hour of the day in Jakarta; None: back to the present."""
        moved = text("""UPDATE siskop.clock SET shift = COALESCE(
            (CAST(:at AS timestamp) AT TIME ZONE 'Asia/Jakarta') - clock_timestamp(), '0'::interval)""")
        with unit_of_work() as tx:
            tx.execute(moved, {"at": f"{day} {hour:02}:00" if day else None})


def _scan() -> bytes:
    """A picture that looks like a letter from afar."""
    page = Image.new("RGB", (420, 594), "#fdfcf7")
    draw = ImageDraw.Draw(page)
    draw.rectangle((40, 36, 380, 44), fill="#0b6157")
    for n in range(18):
        draw.rectangle((40, 90 + 24 * n, 380 - (n * 53) % 120, 96 + 24 * n), fill="#b9b9b0")
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()

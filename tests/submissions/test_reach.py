"""The lists of the desk are what the engine offers: random people, deputies and acts over a workflow with every sort of
seat, and after each act every desk is compared with `available`."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from siskop.accounts import deputies, memberships, people
from siskop.base.db import Tx, today, unit_of_work
from siskop.engine.case import Actor, Command, Offer
from siskop.jobs import drain
from siskop.submissions import definitions, desk, door, sight, store
from tests import committees, inventory, offices
from tests.visitors import person
from tests.worlds import World

KIND = """
record: request
label: {id: Permintaan, en: Request}
display: {title: subject, area: place}
fields:
  subject: {type: text, privacy: public, label: {id: Perihal, en: Subject}, help: {id: Singkat, en: Short}}
  place: {type: area, list: wilayah-tangsel, privacy: public, label: {id: Tempat, en: Place}, help: {id: Di, en: At}}
"""
WORKFLOW = """
workflow: request
label: {id: Permintaan, en: Request}
record: request
start: {who: {relation: record_operator}}
manage: {role: administrator}
form:
  main: {label: {id: Isi, en: Content}, fields: {subject: required, place: required}}
states:
  draft: {label: {id: Draf, en: Draft}, waits_for: submitter, edit: {relation: record_operator}}
  weighing:
    label: {id: Ditimbang, en: Weighed}
    waits_for: office
    steps:
      local: {label: {id: Wilayah, en: Local}, who: {role: officer, area: place}, recuse: true}
      panel:
        label: {id: Komite, en: Committee}
        who: {role: juror}
        seats: {member: 2, finance: {count: 1, who: {role: treasurer, exclude: [did.local]}}}
        votes: {need: 2}
        recuse: true
      all: {label: {id: Semua, en: All}, who: {role: head}, seats: all, votes: {need: all}}
      once: {label: {id: Dulu, en: Once}, who: {role: juror, exclude: [did.onward, did.twin, did.late]}}
      twin: {label: {id: Kembar, en: Twin}, who: {role: juror, exclude: [did.once]}, recuse: true}
      opinion: {label: {id: Pendapat, en: Opinion}, who: {role: head}, on_demand: true, due: 5 days}
      late:
        label: {id: Lambat, en: Late}
        who: {role: treasurer}
        due: 2 days
        ladder: [{at: 0d, does: [{widen: {role: officer}}, {mail: work-due, to: {role: officer}}]}]
  settled:
    label: {id: Diputus, en: Settled}
    waits_for: office
    steps:
      again: {label: {id: Lagi, en: Again}, who: {relation: did.local}}
      other:
        label: {id: Lain, en: Other}
        who: {role: officer, exclude: [did.local, did.onward]}
        allocate: least_busy
      theirs: {label: {id: Sendiri, en: Theirs}, who: {relation: record_operator}, self_service: true}
  ended: {label: {id: Selesai, en: Ended}, final: true}
actions:
  send:
    label: {id: Kirim, en: Send}
    from: draft
    to: weighing
    who: {relation: record_operator}
    needs: [valid_form]
    does: [{mail: received, to: submitter}]
  onward: {label: {id: Lanjut, en: Onward}, step: once, to: settled}
  back: {label: {id: Kembali, en: Back}, from: settled, to: weighing, step: other}
  close: {label: {id: Tutup, en: Close}, from: settled, to: ended, who: {role: administrator}, needs: [reason]}
  halt:
    label: {id: Henti, en: Halt}
    from: [weighing, settled]
    to: ended
    who: {role: head, area: place, exclude: [did.local]}
  reopen: {label: {id: Buka, en: Reopen}, from: ended, to: settled, who: {role: treasurer}, needs: [reason]}
"""
TAKES_PART = frozenset({"act", "vote", "complete", "claim", "release", "recuse", "ask"})
LIKELY = {"act": 5, "vote": 3, "complete": 3, "claim": 2, "release": 1, "recuse": 1, "assign": 1, "consult": 1}
OF_THE_CASE = frozenset({"corrections", "conflicts", "when", "unknown", "needs"})
"""A task that waits for something else of the case stays on the desk; the page says for what."""
PLACES = ("36.74.01.1001", "36.74.02.1001")


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(n, marks=pytest.mark.proof) for n in range(3, 15))])
def test_every_line_of_a_desk_is_something_that_its_owner_may_do_and_nothing_is_missing(
    world: World, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    files = {**committees.FILES, "records/request.yaml": KIND, "request.yaml": WORKFLOW}
    inventory.in_force(tmp_path / "files", files)
    crowd = _crowd(dice)
    numbers = [_sent(dice, crowd, starter) for starter in dice.sample(crowd, 2)]
    seen: Counter[str] = Counter()
    for _turn in range(5):
        for number in numbers * 2:
            _something(dice, number, crowd)
        if dice.random() < 0.25:
            world.move_clock(timedelta(days=dice.choice((1, 3))))
            drain.drain("timers")
        for account in crowd:
            seen += _compare(account)
    assert seen["mine"] and seen["offered"] and seen["acts"] and seen["nothing"], seen


def _crowd(dice: random.Random) -> list[int]:
    """People with roles here and there, some of whom stand in for others or act for records."""
    roles = ("juror", "treasurer", "officer", "head")
    made = []
    for n in range(9):
        held = [(role, dice.choice(("", PLACES[0], "36.74.02"))) for role in roles if dice.random() < 0.5]
        made.append(person(f"orang{n}@siskop.test", f"Orang {n}", *held))
    made.append(person("adi@siskop.test", "Adi", ("administrator", "")))
    with unit_of_work() as tx:
        for principal in made:
            if dice.random() < 0.5:
                deputy = dice.choice([a for a in made if a != principal])
                deputies.name(tx, principal, deputy, (today(tx), today(tx) + timedelta(9)), {deputy})
    return made


def _sent(dice: random.Random, crowd: list[int], starter: int) -> str:
    number = door.start("request", offices.actor(starter))
    offices.fill(number, starter, "request", {"subject": "Mesin", "place": dice.choice(PLACES)}, everything=False)
    door.perform(number, offices.actor(starter), Command("act", "send"))
    with unit_of_work() as tx:
        memberships.claim(tx, dice.choice(crowd), offices.seen(number, starter).record_id)
    return number


def _something(dice: random.Random, number: str, crowd: list[int]) -> None:
    """One act of somebody, as it is offered; what lacks an input, or comes too late, is none."""
    choices = []
    with unit_of_work() as tx:
        for account in dice.sample(crowd, 4):
            found = _available(tx, number, people.actor_for(tx, account))
            choices += [(account, o) for o in found if o.refusal is None and o.do in LIKELY]
    if not choices:
        return
    account, offer = dice.choices(choices, [LIKELY[o.do] for _account, o in choices])[0]
    args = dict(offer.args) | ({"ballot": dice.choice(("for", "against", "abstain"))} if offer.do == "vote" else {})
    if offer.do in ("assign", "consult"):
        args |= {"person": dice.choice(crowd)}
    with suppress(door.Refused):
        door.perform(number, offices.actor(account), Command(offer.do, offer.name, args), said={"note": "Sebab."})


def _available(tx: Tx, number: str, actor: Actor) -> tuple[Offer, ...]:
    loaded = store.load(tx, number)
    actor = door.related(loaded, actor)
    return door.offers(loaded, actor, door.facts_for(tx, loaded, actor, Command("look")))


def _compare(account: int) -> Counter[str]:
    with unit_of_work() as tx:
        actor = people.actor_for(tx, account)
        listed = {tab: _lines(tx, actor, tab) for tab in ("mine", "offered")}
        numbers = list(tx.execute(text("SELECT number FROM siskop.submission")).scalars())
        offered = {
            (number, offer.step or "")
            for number in numbers
            for offer in _available(tx, number, actor)
            if offer.step and offer.do in TAKES_PART and (offer.refusal is None or offer.refusal.code in OF_THE_CASE)
        }
        assert listed["mine"] | listed["offered"] == offered, actor
        by_role = {number for number in numbers if _acts_by_role(_available(tx, number, actor))}
        listed["acts"] = _lines(tx, actor, "acts")
        assert {number for number, _step in listed["acts"]} == by_role, actor
        desks = people.may_words(actor.grants, definitions.library(tx).roles)
        assert all(desk.sees(tx, actor, n) and ("desk" not in desks or _opens(tx, n, actor)) for n in by_role)
    return Counter({tab: len(lines) for tab, lines in listed.items()} | {"nothing": not offered})


def _acts_by_role(offers: tuple[Offer, ...]) -> bool:
    found = (o for o in offers if o.do == "act" and o.step is None)
    return any(
        o.name in ("close", "halt", "reopen") and (o.refusal is None or o.refusal.code in OF_THE_CASE) for o in found
    )


def _opens(tx: Tx, number: str, actor: Actor) -> bool:
    loaded = store.load(tx, number)
    return sight.visible(tx, loaded, door.related(loaded, actor))


def _lines(tx: Tx, actor: Actor, tab: str) -> set[tuple[str, str]]:
    found = desk.inbox(tx, actor, tab)
    return {(line.number, line.step) for line in found.items} if found.tab == tab else set()

"""People who decide at the same moment: one decision, and the others are told who was faster and with what."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

from flask import Flask
from sqlalchemy import text

from siskop.accounts import memberships
from siskop.base.db import unit_of_work
from siskop.base.errors import Refusal
from siskop.engine.case import Command
from siskop.pipeline.handlers import daily  # and with it every kind of job
from siskop.submissions import chain, door
from tests import offices
from tests.faults.crowds import at_once, raised
from tests.faults.trial import whole
from tests.offices import Office
from tests.visitors import keys, person, signed_in
from tests.worlds import World

FOR = Command("vote", "approval", {"ballot": "for"})


def test_eight_heads_vote_at_once_and_one_vote_publishes(world: World) -> None:
    office, number = at_the_head()
    heads = [office.head, *(person(f"head{n}@siskop.test", f"Kepala {n}", ("head", "")) for n in range(7))]
    actors = [offices.actor(head) for head in heads]
    answers = at_once(lambda a=actor: door.perform(number, a, FOR) for actor in actors)
    refused = raised(answers)
    assert len(refused) == 7
    assert all(isinstance(error, Refusal) for error in refused), refused
    assert count("SELECT count(*) FROM siskop.vote") == 1
    assert count("SELECT count(*) FROM siskop.record_version") == 1
    assert whole() == []


def test_eight_windows_of_one_verifier_decide_differently_and_once(world: World) -> None:
    office = offices.staff()
    number = offices.sent(office.secretary)
    verifier = offices.actor(offices.holder(number, office))
    acts = [act(number, verifier, name) for name in ("verify", "reject") * 4]
    refused = raised(at_once(acts))
    assert len(refused) == 7
    assert all(isinstance(error, Refusal) for error in refused), refused
    assert decisions(number) == 1
    assert whole() == []


def test_eight_heads_press_the_button_and_seven_read_who_was_faster(world: World, app: Flask) -> None:
    office, number = at_the_head()
    names = [f"Kepala {n}" for n in range(8)]
    for n, name in enumerate(names):
        person(f"head{n}@siskop.test", name, ("head", ""))
    browsers = [signed_in(app, f"head{n}@siskop.test") for n in range(8)]
    path = f"/kantor/pengajuan/{number}"
    forms = [keys(browser.get(path).text) for browser in browsers]
    token = offices.seen(number, office.head).basis
    posts = [
        lambda b=browser, f=form: b.post(path, data={**f, "choice": "vote:approval:for", "basis": token})
        for browser, form in zip(browsers, forms, strict=True)
    ]
    answers = at_once(posts)
    assert raised(answers) == []
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 302
    assert set(statuses[1:]) <= {403, 409}, statuses
    with unit_of_work() as tx:
        (voter,) = tx.execute(
            text("SELECT a.name FROM siskop.vote v JOIN siskop.account a ON a.id = v.person")
        ).scalars()
    for late in (answer for answer in answers if answer.status_code != 302):
        assert voter in late.text
    assert whole() == []


def test_a_double_submit_sends_once(world: World) -> None:
    office = offices.staff()
    secretary = offices.actor(office.secretary)
    number = door.start("cooperative", secretary)
    offices.fill(number, office.secretary, "cooperative", {})
    answers = at_once([act(number, secretary, "submit")] * 4)
    assert len(raised(answers)) == 3
    assert count("SELECT count(*) FROM siskop.revision") == 1
    assert whole() == []


def test_two_starts_at_once_give_one_draft(world: World) -> None:
    office = offices.staff()
    secretary = offices.actor(office.secretary)
    new = at_once([lambda: door.start("cooperative", secretary)] * 4)
    assert len(set(new)) == 1, new
    assert count("SELECT count(*) FROM siskop.record") == 1
    assert whole() == []


def test_two_colleagues_begin_one_update_of_a_record(world: World) -> None:
    office = offices.staff()
    record = offices.published(office)[1]
    colleague = person("dewi@siskop.test", "Dewi")
    with unit_of_work() as tx:
        memberships.grant(tx, colleague, record)
    actors = [offices.actor(office.secretary), offices.actor(colleague)] * 2
    numbers = at_once(lambda a=actor: door.start("cooperative", a, record) for actor in actors)
    assert len(set(numbers)) == 1, numbers
    assert whole() == []


def test_four_beats_at_once_open_one_day(world: World) -> None:
    opened = at_once([daily.open_day] * 4)
    assert sorted(opened) == [False, False, False, True]
    assert whole() == []


def test_two_publications_of_one_record_follow_each_other(world: World) -> None:
    """Two workflows change different fields of one record; both are approved at the same moment."""
    office = offices.staff()
    record = offices.published(office)[1]
    update = offices.sent(office.secretary, "cooperative", record, main_product="Kopi")
    licence = offices.sent(office.secretary, "licence", record, licence_number="503/9/2026")
    for number in (update, licence):
        offices.verify(number, office)
    head = offices.actor(office.head)
    assert raised(at_once(lambda n=number: door.perform(n, head, FOR) for number in (update, licence))) == []
    with unit_of_work() as tx:
        data = tx.execute(text("SELECT data FROM register.entry")).scalar_one()
    assert (data["main_product"], data["licence_number"]) == ("Kopi", "503/9/2026")
    assert count("SELECT version FROM siskop.record") == 3
    assert whole() == []


def test_an_act_that_is_under_way_while_the_day_is_signed_is_no_forgery(world: World) -> None:
    """Its events are older than the signature, and come after it."""
    office, number = at_the_head()
    with unit_of_work() as slow:
        door.perform_in(slow, number, offices.actor(office.head), FOR)
        with unit_of_work() as tx:
            chain.checkpoint(tx)
    assert whole() == []


Step = Callable[["Desk"], Any]


class Desk:
    """A reviewer at one submission: what was seen last decides what an act is based on."""

    def __init__(self, number: str, account: int) -> None:
        self.number, self.account = number, account
        self.basis = ""

    def look(self) -> None:
        self.basis = offices.seen(self.number, self.account).basis

    def do(self, command: Command, **said: str) -> None:
        door.perform(self.number, offices.actor(self.account), command, basis=self.basis, said=said)


FIRST: tuple[Step, ...] = (
    Desk.look,
    lambda desk: desk.do(Command("ask", "licence_number"), correction="Mohon periksa."),
    lambda desk: desk.do(Command("act", "return")),
)
SECOND: tuple[Step, ...] = (
    Desk.look,
    lambda desk: desk.do(Command("claim", "verification")),
    lambda desk: desk.do(Command("act", "verify")),
)


def test_two_reviewers_steps_in_every_order_come_to_one_decision(world: World) -> None:
    """The holder asks and returns; a colleague, to whom the task was opened, claims it and verifies."""
    office = offices.staff()
    orders = list(combinations(range(6), 3))
    outcomes = set()
    for n, places in enumerate(orders):
        secretary = person(f"s{n}@siskop.test", f"Sekretaris {n}")
        number = offices.sent(secretary)
        holder = offices.holder(number, office)
        other = office.colleague if holder == office.verifier else office.verifier
        door.perform(number, offices.actor(holder), Command("release", "verification"))
        refused = play(places, Desk(number, holder), Desk(number, other))
        assert decisions(number) <= 1, places
        assert decisions(number) == 1 or refused, places
        outcomes.add(offices.seen(number, office.administrator).state.name)
    assert {"returned", "verified"} <= outcomes
    assert whole() == []


def play(places: tuple[int, ...], one: Desk, two: Desk) -> list[Refusal]:
    """The first one's steps at these places, the second one's at the others; who is refused goes on all the same."""
    mine, theirs = iter(FIRST), iter(SECOND)
    refused = []
    for place in range(6):
        try:
            next(mine)(one) if place in places else next(theirs)(two)
        except Refusal as error:
            refused.append(error)
    return refused


# ------------------------------------------------------------------ on the way


def at_the_head() -> tuple[Office, str]:
    office = offices.staff()
    number = offices.sent(office.secretary)
    offices.verify(number, office)
    return office, number


def act(number: str, actor: Any, name: str) -> Callable[[], Any]:
    said = {"reason": "Tidak lengkap."} if name == "reject" else {}
    return lambda: door.perform(number, actor, Command("act", name), said=said)


def decisions(number: str) -> int:
    """Moves out of the office's hands, by a person."""
    moves = """
        SELECT count(*) FROM siskop.event e JOIN siskop.submission s ON s.id = e.submission_id WHERE s.number = :number
          AND e.type = 'moved' AND e.body->>'action' IN ('verify', 'return', 'reject')"""
    with unit_of_work() as tx:
        return int(tx.execute(text(moves), {"number": number}).scalar_one())


def count(query: str) -> int:
    with unit_of_work() as tx:
        return int(tx.execute(text(query)).scalar_one())

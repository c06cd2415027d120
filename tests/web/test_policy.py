"""Every address as every kind of person, compared with the policy; nothing but the policy says who should get in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule as Address
from werkzeug.test import TestResponse

from config import ROOT
from siskop.accounts import deputies, memberships, people, policy
from siskop.base.db import today, unit_of_work
from siskop.cli.operate import permissions_page
from siskop.engine.case import Command
from siskop.jobs import drain
from siskop.letters import posts, shelf, signing
from siskop.pipeline import handlers
from siskop.submissions import definitions, door
from tests import offices
from tests.visitors import keys, person, signed_in
from tests.worlds import World

assert handlers  # registers the jobs that check
OWN = frozenset({policy.record_operator, policy.visible_submission})
PEOPLE = {
    "anonymous": (),
    "confirmed": (),
    "operator of another": (),
    "verifier here": (("verifier", "HERE"),),
    "verifier elsewhere": (("verifier", "99"),),
    "head": (("head", ""),),
    "administrator": (("administrator", ""),),
    "operator": (),
}
"""Who comes, with their grants; the operator last, whose posts may change the submission."""

ASKED = {"review.reason": "?do=vote&name=approval&ballot=against"}
"""What a page needs beside its address to be that page."""
ENDS = ("security.logout", "account.end_sessions")


@dataclass
class Scene:
    """One submission that waits for its verifier, one that was verified and waits for the head."""

    waiting: str
    verified: str
    record: int
    file: int
    deputyship: int = 0
    letter: int = 0
    run: int = 0
    post: int = 0
    accounts: dict[str, int] = field(default_factory=dict)

    def holds(self, rule: policy.Rule, who: str) -> bool:
        """Whether the relation that the rule names is between this person and what the address names."""
        own = {"operator"}
        office = {"verifier here", "head", "administrator"}
        if rule in OWN:
            return who in own
        return (
            who
            in {
                policy.reviewer: office,
                policy.principal: {"administrator"},
                policy.beginner: set(),
                policy.watcher: {"administrator"},
                policy.offered: {"head"},
                policy.record_beginner: own,
                policy.visible_file: own | office,
                policy.letter_reader: office,
                policy.printer: {"head"},
            }[rule]
        )


@pytest.fixture
def scene(world: World, app: Flask) -> Scene:
    here = str(offices.sample(definitions.library().kinds["cooperative"].fields["kelurahan"], 0, ""))[:8]
    accounts = {}
    for who, grants in PEOPLE.items():
        if who != "anonymous":
            held = [(role, here if area == "HERE" else area) for role, area in grants]
            accounts[who] = person(address_of(who), who.title(), *held)
    offices.sent(accounts["operator of another"], name="Koperasi Lain")
    registered = offices.sent(accounts["operator"], name="Koperasi Daftar")
    door.perform(registered, offices.actor(accounts["verifier here"]), Command("act", "verify"))
    door.perform(registered, offices.actor(accounts["head"]), Command("vote", "approval", {"ballot": "for"}))
    offices.check()
    verified = offices.sent(accounts["operator"], name="Koperasi Sini")
    door.perform(verified, offices.actor(accounts["verifier here"]), Command("act", "verify"))
    starter = person("starter@siskop.test")
    waiting = offices.sent(starter, name="Koperasi Situ")
    with unit_of_work() as tx:
        memberships.claim(tx, accounts["operator"], offices.seen(waiting, starter).record_id)
    record = offices.seen(verified, accounts["operator"]).record_id
    file = offices.prove(verified, accounts["operator"])
    with unit_of_work() as tx:
        tomorrow = today(tx) + timedelta(1)
        principal, deputy = accounts["administrator"], accounts["verifier elsewhere"]
        named = deputies.name(tx, principal, deputy, (tomorrow, tomorrow), {deputy})
    return replace(Scene(waiting, verified, record, file, named, accounts=accounts), **_letters(accounts["head"]))


def _letters(head: int) -> dict[str, int]:
    """What the registered one was given: signed, made and printed by the head, who holds a post."""
    with unit_of_work() as tx:
        letter = tx.execute(text("SELECT min(id) FROM siskop.letter")).scalar_one()
        signing.sign(tx, definitions.library(tx), [letter], people.actor_for(tx, head))
        posts.add(tx, head, {"title": "Kepala"}, today(tx), None)
        post = tx.execute(text("SELECT id FROM siskop.post")).scalar_one()
    drain.drain("publishing")
    with unit_of_work() as tx:
        run, _n = shelf.print_run(tx, people.actor_for(tx, head), None)
    return {"letter": letter, "run": run, "post": post}


def filled(address: Address, scene: Scene) -> str:
    """The address with something real in each place, relative to the host."""
    cooperative = definitions.library().workflows["cooperative"]
    office, form = address.endpoint.startswith("review."), address.endpoint in ("cooperative.page", "cooperative.save")
    places = {
        "number": scene.verified if office else scene.waiting,
        "name": cooperative.form.pages[0].name if form else "withdraw",
        "workflow": "cooperative",
        "file_id": str(scene.file),
        "deputyship": str(scene.deputyship),
        "path": "koperasi",
        "slug": "koperasi-daftar",
        "token": "x",
        "mail_id": "1",
        "account": "1",
        "kinds": "received",
        "seal": "x",
        "digest": "0",
        "code": "AAAA",
        "letter": str(scene.letter),
        "run": str(scene.run),
        "post": str(scene.post),
    }
    if address.endpoint == "review.sample":
        places["name"] = "received"
    path = address.rule + ASKED.get(address.endpoint, "")
    for name in address.arguments:
        place = next(part for part in (f"<{name}>", f"<int:{name}>") if part in path)
        path = path.replace(place, "style.css" if address.endpoint == "assets.send" and name == "name" else
                            "1" if place == "<int:number>" else places[name])  # fmt: skip
    return path


class Caller:
    """One person's browser, with the key of its forms; it signs in again after a page that ended the session."""

    def __init__(self, app: Flask, who: str) -> None:
        self.app = app
        self.who = who
        self.begin()

    def begin(self) -> None:
        anonymous = self.who == "anonymous"
        self.browser = self.app.test_client() if anonymous else signed_in(self.app, address_of(self.who))
        self.key = keys(self.browser.get("/masuk" if anonymous else "/akun").text)["csrf_token"]

    def ask(self, method: str, endpoint: str, path: str) -> TestResponse:
        if method == "GET":
            return self.browser.get(path)
        fields = {"csrf_token": self.key, "_once": secrets.token_urlsafe(16), "choice": "vote:approval:for"}
        answer = self.browser.post(path, data=fields)
        if endpoint in ENDS:
            self.begin()
        return answer


def address_of(who: str) -> str:
    return f"{who.replace(' ', '-')}@siskop.test"


def outcome(answer: TestResponse) -> str:
    """ "sign in", "refused" (by the gate), "hidden" (404), or "in": the page itself answered, whatever it said."""
    if answer.status_code == 401 or (answer.status_code == 302 and "/masuk?next=" in answer.location):
        return "sign in"
    if answer.status_code == 403 and "Halaman ini bukan untuk akun Anda" in answer.text:
        return "refused"
    return "hidden" if answer.status_code == 404 else "in"


def expected(rule: policy.Rule, who: str, scene: Scene) -> str:
    if not rule.account:
        return "in"
    if who == "anonymous":
        return "sign in"
    with unit_of_work() as tx:
        words = people.may_words(people.grants(tx, scene.accounts[who]), definitions.library().roles)
    if rule.word is not None and rule.word not in words:
        return "refused"
    return "in" if rule.relation is None or scene.holds(rule, who) else "hidden"


def test_every_address_answers_every_person_as_the_policy_says(app: Flask, scene: Scene) -> None:
    wrong = []
    for method in ("GET", "POST"):
        for who in PEOPLE:
            caller = Caller(app, who)
            for address in app.url_map.iter_rules():
                if method not in (address.methods or ()):
                    continue
                rule, path = policy.POLICY[address.endpoint], filled(address, scene)
                got, want = outcome(caller.ask(method, address.endpoint, path)), expected(rule, who, scene)
                if got != want and not (want == "in" and got == "hidden" and not rule.account):
                    wrong.append(f"{who}: {method} {path} is {got}, the policy says {want} ({rule.name})")
    assert not wrong, "\n".join(wrong)


def test_a_foreign_and_an_unknown_submission_look_the_same(app: Flask, scene: Scene) -> None:
    browser = signed_in(app, "operator-of-another@siskop.test")
    foreign, unknown = (browser.get(f"/pengajuan/{number}") for number in (scene.waiting, scene.waiting[:-4] + "9999"))
    assert foreign.status_code == unknown.status_code == 404
    strip = (scene.waiting, scene.waiting[:-4] + "9999")
    assert foreign.text.replace(strip[0], "") == unknown.text.replace(strip[1], "")


def test_every_rule_of_the_policy_has_its_address(app: Flask) -> None:
    assert set(policy.POLICY) == {rule.endpoint for rule in app.url_map.iter_rules()}


def test_the_page_of_permissions_is_up_to_date(app: Flask) -> None:
    assert (ROOT / "docs" / "permissions.md").read_text("utf-8") == permissions_page(app)

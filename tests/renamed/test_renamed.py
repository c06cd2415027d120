"""Python knows no name of the shipped definitions: with all made meaningless the main job runs the same."""

from __future__ import annotations

import html
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import ROOT
from siskop.base.db import bare_app, db
from siskop.base.embedded import Servers
from siskop.engine.load import load, read_folder
from siskop.jobs import queue
from siskop.pipeline.doorbell import Doorbell
from siskop.web.app import create_app
from tests.offices import PDF
from tests.renamed.renamer import Names, rename
from tests.visitors import keys, person, signed_in
from tests.web.browsing import form
from tests.worlds import Mailboxes, World, eventually, make_template, scratch

Answers = Mapping[str, Any]
SCAN = (io.BytesIO, PDF, "izin usaha.pdf")
PAGES: Mapping[str, Answers] = {  # in the shipped names, which the test renames
    "identity": {"name": "Koperasi Jasa Sekar Melati", "legal_number": ""},
    "contact": {"address": "Jl. Melati 1", "kelurahan": "36.74.01.1001", "phone": "0812 3456 7890", "email": ""},
    "business": {"kind": "jasa", "level": "primer", "activities": ["simpan_pinjam"]},
    "members": {"members_men": "2", "members_women": "3"},
    "licence": {
        "has_licence": "yes",
        "licence_kind": "perizinan_oss",
        "licence_number": "503/1",
        **{"licence_expires-d": "31", "licence_expires-m": "12", "licence_expires-y": "2024"},
        "licence_scan": SCAN,
    },
    "people": {
        f"officers-{n}-{column}": value
        for n, post in enumerate(("ketua", "sekretaris", "bendahara"))
        for column, value in (("full_name", f"Orang {n}"), ("post", post), ("nik", f"367401410780000{n}"))
    },
    "book_year": {"book_year_start": "01"},
    "last_report": {"last_report_year": "2020", "turnover": "1.250.000.000"},
}


@dataclass
class Renamed:
    """A world on the renamed definitions, and its people by what they do."""

    world: World
    app: Flask
    names: Names
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    def person(self, who: str, role: str | None = None) -> FlaskClient:
        person(f"{who}@siskop.test", who.title(), *([(self.names.role(role), "")] if role else []))
        self.browsers[who] = signed_in(self.app, f"{who}@siskop.test")
        return self.browsers[who]

    def controls(self, given: Answers) -> dict[str, Any]:
        """Names and codes of the shipped files as they are called here."""
        boxes = re.compile(r"-[dmy]$")  # of a date: no codes
        return {
            "-".join(map(self._name, key.split("-"))): value if boxes.search(key) else self._value(value)
            for key, value in given.items()
        }

    def _name(self, part: str) -> str:
        return self.names.known(part, "field")

    def _value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return (value[0](value[1]), value[2])
        return [self._value(one) for one in value] if isinstance(value, list) else self.names.known(value, "code")

    def mails(self, who: str) -> int:
        return len(self.world.mails.to(f"{who}@siskop.test"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Names]:
    target = tmp_path_factory.mktemp("renamed")
    return target, rename(ROOT / "workflows", target)


@pytest.fixture
def renamed(
    servers: Servers, mailboxes: Mailboxes, tmp_path: Path, folder: tuple[Path, Names], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Renamed]:
    workflows, names = folder
    make_template(servers, workflows, "template_renamed")
    with scratch(servers, mailboxes, tmp_path, template="template_renamed") as world:
        world.environ["SISKOP_WORKFLOWS"] = str(workflows)
        world.settings = replace(world.settings, workflows=workflows)
        monkeypatch.setattr(queue, "on_put", Doorbell(world.settings.redis_url).ring)
        app = create_app(world.settings)
        with bare_app(world.settings).app_context():
            yield Renamed(world, app, names)
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def test_every_name_of_the_shipped_files_is_another_one_and_nothing_else_is(folder: tuple[Path, Names]) -> None:
    shipped, other = load(read_folder(ROOT / "workflows")), load(read_folder(folder[0]))
    assert not shipped.kinds.keys() & other.kinds.keys()
    assert not shipped.workflows.keys() & other.workflows.keys()
    assert not shipped.mails.keys() & other.mails.keys()
    assert not shipped.roles.keys() & other.roles.keys()
    for before, after in zip(_parts(shipped), _parts(other), strict=True):
        assert len(before) == len(after)
        assert not set(before) & set(after), (before, after)


def _parts(library: Any) -> list[list[str]]:
    """Names by sort, in the order of the files."""
    kinds, workflows = list(library.kinds.values()), list(library.workflows.values())
    states = [state for workflow in workflows for state in workflow.states.values()]
    small = [field for workflow in workflows for asked in workflow.forms.values() for field in asked.fields.values()]
    fields = [field for kind in kinds for field in kind.fields.values()] + small
    return [
        [one.name for one in fields],
        [column for one in fields for column in one.of],
        [fact for kind in kinds for fact in kind.facts],
        [badge.name for kind in kinds for badge in kind.badges],
        [reminder for kind in kinds for reminder in kind.reminders],
        [rule.name for kind in kinds for rule in (*kind.rules, *kind.warnings)],
        [name for workflow in workflows for name in workflow.forms],
        [page.name for workflow in workflows for page in workflow.form.pages],
        [state.name for state in states],
        [step for state in states for step in state.steps],
        [action for workflow in workflows for action in workflow.actions],
        [choice.code for one in fields if one.type in ("choice", "choices") for choice in one.choices],
    ]


@pytest.mark.timeout(180)
def test_it_runs_from_draft_to_published_and_into_the_register(renamed: Renamed) -> None:
    secretary = renamed.person("sari")
    verifier, head = renamed.person("tirta", "verifier"), renamed.person("ratna", "head")
    with renamed.world.worker() as worker:
        number = begin(renamed, secretary)
        for page in PAGES:
            fill_in(renamed, secretary, number, page, PAGES[page])
        prove(secretary, number)
        send(secretary, number)
        eventually(lambda: number in verifier.get("/kantor").text, 20, worker.log)

        page = review(verifier, number)
        for words in ("Izin yang dilaporkan sudah tidak berlaku.", "Jumlah anggota kurang dari 9"):
            assert words in page, "the checks read the renamed fields"
        asked = renamed.names.field("members_men")
        decide(verifier, number, do="ask", name=asked, words="Mohon samakan dengan buku anggota.")
        decide(verifier, number, choice=f"act:{renamed.names.action('return')}:")
        eventually(lambda: renamed.mails("sari") >= 2, 20, worker.log)

        fill_in(renamed, secretary, number, "members", {"members_men": "41"})
        send(secretary, number)
        eventually(lambda: ready(renamed, verifier, number), 20, worker.log)
        decide(verifier, number, choice=f"act:{renamed.names.action('verify')}:")
        decide(head, number, choice=f"vote:{renamed.names.step('approval')}:for")
        eventually(lambda: _entry(renamed), 20, worker.log)
        eventually(lambda: renamed.mails("sari") >= 4, 20, worker.log)

    shown = html.unescape(renamed.app.test_client().get(_entry(renamed)).text)
    for words in ("Koperasi Jasa Sekar Melati", "Izin berakhir", "Tidak aktif", "Ciater", "Ketua", "41"):
        assert words in shown
    for secret in ("3674014107800001", "izin usaha.pdf"):
        assert secret not in shown
    assert _told(renamed) >= {"published", "received", "returned"}
    assert {line["rule"] for line in _reminders(renamed)} == {
        renamed.names.reminder("unlicensed"),
        renamed.names.reminder("inactive"),
    }


# ------------------------------------------------------------------ the pages


def begin(renamed: Renamed, browser: FlaskClient) -> str:
    address = f"/ruang/mulai/{renamed.names.workflow('cooperative')}"
    response = form(browser.get("/ruang").text, address).send(browser)
    assert response.status_code == 303
    return re.findall(r"/pengajuan/([^/]+)/isi", response.location)[0]


def fill_in(renamed: Renamed, browser: FlaskClient, number: str, page: str, given: Answers) -> None:
    """Until the page leads on: an answer may open further questions."""
    address = f"/pengajuan/{number}/isi/{renamed.names.page(page)}"
    for _attempt in range(3):
        response = form(browser.get(address).text).fill(**renamed.controls(given)).send(browser)
        assert response.status_code == 303, re.findall(r"href=.(#f-[^<]+)<", response.text)
        if address not in response.location:
            return
    raise AssertionError(f"{page} does not lead on")


def prove(browser: FlaskClient, number: str) -> None:
    found = form(browser.get(f"/pengajuan/{number}/bukti").text, "/bukti")
    found.values.add("bukti", (io.BytesIO(PDF), "SK pengurus.pdf"))
    assert found.send(browser).status_code == 303


def send(browser: FlaskClient, number: str) -> None:
    found = form(browser.get(f"/pengajuan/{number}/periksa").text, "/periksa")
    assert found.fill(benar="1").send(browser).status_code == 303


def review(browser: FlaskClient, number: str) -> str:
    response = browser.get(f"/kantor/pengajuan/{number}")
    assert response.status_code == 200
    return html.unescape(response.text)


def ready(renamed: Renamed, browser: FlaskClient, number: str) -> bool:
    page = browser.get(f"/kantor/pengajuan/{number}").text
    return f'value="act:{renamed.names.action("verify")}:"' in page


def decide(browser: FlaskClient, number: str, **posted: str) -> None:
    page = review(browser, number)
    hidden = dict(re.findall(r'name="(basis|seen)" value="([^"]+)"', page))
    response = browser.post(f"/kantor/pengajuan/{number}", data={**keys(page), **hidden, **posted})
    assert response.status_code == 302, re.findall(r"<main.*?</main>", response.text, re.DOTALL)


def _entry(renamed: Renamed) -> str:
    """Where the register shows it, once it does."""
    kind = load(read_folder(renamed.world.settings.workflows)).kinds[renamed.names.kind("cooperative")]
    assert kind.public is not None
    listed = renamed.app.test_client().get(f"/{kind.public.path}").text
    found = re.search(rf'href="(/{kind.public.path}/[^"?]+)"', listed)
    return found[1] if found else ""


def _told(renamed: Renamed) -> set[str]:
    """The mails that were queued for the secretary, by their shipped names."""
    with renamed.world.connect() as tx:
        queued = {row[0] for row in tx.execute("SELECT DISTINCT mail FROM siskop.mail").fetchall()}
    return {shipped for shipped, new in renamed.names.of["mail"].items() if new in queued}


def _reminders(renamed: Renamed) -> list[dict[str, Any]]:
    """Who would be reminded on a working day; the licence is over and the last report is old."""
    command = [sys.executable, "-c", "from siskop.cli.main import main; main()", "reminders", "due"]
    command += ["--on", "2027-01-12", "--dry-run", "--json"]
    done = subprocess.run(command, env=renamed.world.environ, cwd=ROOT, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found

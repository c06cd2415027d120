"""The whole house for a test: a world with its web server, a worker that can be switched off and on, and beat."""

from __future__ import annotations

import contextlib
import email
import email.policy
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from config import ROOT
from siskop.base.db import bare_app, db
from siskop.base.embedded import Servers
from tests.worlds import Mailboxes, Process, World, eventually, free_port, scratch

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
LINK = re.compile(r"https?://\S+")


class House:
    """Real processes on one world. `web` stands all the time; `worker_on` and `worker_off` as in a power cut."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = world.settings.base_url
        self.worker: Process | None = None
        self._running = contextlib.ExitStack()
        self._worker = contextlib.ExitStack()

    def open(self) -> None:
        self._running.enter_context(self.world.web())

    def worker_on(self) -> None:
        if self.worker is None:
            self.worker = self._worker.enter_context(self.world.worker())

    def worker_off(self) -> None:
        self._worker.close()
        self.worker = None

    def beat_on(self) -> None:
        self._running.enter_context(self.world.beat())

    def close(self) -> None:
        self.worker_off()
        self._running.close()

    def siskop(self, *arguments: str) -> str:
        """What the command prints; it must end well."""
        command = [sys.executable, "-c", "from siskop.cli.main import main; main()", *arguments]
        done = subprocess.run(command, env=self.world.environ, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr or done.stdout
        return done.stdout

    def mails(self, address: str) -> list[EmailMessage]:
        """In the order in which the mail server got them."""
        return [
            email.message_from_bytes(bytes(mail.content or b""), policy=email.policy.default)
            for mail in list(self.world.mails.to(address))
        ]

    def mail(self, address: str, subject: str, seconds: float = 20) -> EmailMessage:
        """The newest with these words in its subject; waits for it."""
        found: list[EmailMessage] = []

        def came() -> bool:
            found[:] = [mail for mail in self.mails(address) if subject in mail["Subject"]]
            return bool(found)

        eventually(came, seconds, self.world.settings.var / "worker.log")
        return found[-1]


def body(mail: EmailMessage) -> str:
    """Its plain part."""
    part = mail.get_body(("plain",))
    assert part is not None, "a mail has a plain part"
    return str(part.get_content())


def link(mail: EmailMessage) -> str:
    """Where its one button leads."""
    found = LINK.search(body(mail))
    assert found, body(mail)
    return found.group(0).rstrip(".>")


@contextlib.contextmanager
def house(servers: Servers, var: Path) -> Iterator[House]:
    """On a fresh world; an app context on it stands open, so that a test may also look behind the pages."""
    mailboxes = Mailboxes()
    try:
        with scratch(servers, mailboxes, var, free_port()) as world, bare_app(world.settings).app_context():
            world.environ["SISKOP_TESTING"] = "0"  # a fault shows its page
            house = House(world)
            try:
                house.open()
                yield house
            finally:
                house.close()
                db.session.remove()
                for engine in db.engines.values():
                    engine.dispose()
    finally:
        mailboxes.stop()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The one on PATH, else Playwright's own."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()

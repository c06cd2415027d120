"""A person at a browser: opens pages, fills forms as they stand, presses buttons, and notes what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.visitors import PASSWORD

Upload = tuple[str, str, bytes]
"""(file name, MIME type, content)"""


class Visitor:
    """`faults`: what the browser complained of, the content security policy included."""

    def __init__(
        self, browser: Browser, url: str, email: str = "", *, script: bool = True, width: int = 1280, **options: Any
    ) -> None:
        self.email = email
        self.context = browser.new_context(
            base_url=url,
            java_script_enabled=script,
            viewport={"width": width, "height": 900},
            locale="id-ID",
            reduced_motion="reduce",
            **options,
        )
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not re.search(r"status of (4\d\d|503|500)", message.text):
            self.faults.append(f"{message.text} ({self.page.url})")

    # ------------------------------------------------------------------ where one is

    def open(self, path: str) -> Page:
        """A path, or a link out of a mail."""
        response = self.page.goto(path)
        assert response is None or response.status < 400, f"{response.status if response else ''} at {path}"
        return self.page

    def says(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(re.compile(words))

    def silent(self, words: str) -> None:
        expect(self.page.locator("main")).not_to_contain_text(words)

    def heading(self, words: str) -> None:
        expect(self.page.locator("h1")).to_contain_text(words)

    # ------------------------------------------------------------------ what one does

    def press(self, name: str, within: Locator | None = None) -> None:
        """A button that people see, by its words or how they begin."""
        self._one("button", name, within).click()

    def follow(self, name: str, within: Locator | None = None) -> None:
        self._one("link", name, within).click()

    def _one(self, role: Any, name: str, within: Locator | None) -> Locator:
        place = within or self.page.locator("main, form.decision")
        return place.get_by_role(role, name=re.compile(rf"^\s*{re.escape(name)}")).first

    def fill(self, answers: Mapping[str, Any]) -> None:
        for name, value in answers.items():
            self._answer(name, value)

    def _answer(self, name: str, value: Any) -> None:
        """By the field's name in the form; a choice by its code, a date as "d/m/y", a file as an Upload."""
        page = self.page
        if isinstance(value, tuple):
            return page.set_input_files(f"#f-{name}", _payload(value))
        if isinstance(value, Sequence) and not isinstance(value, str) and value and isinstance(value[0], Mapping):
            return self._rows(name, value)
        if not isinstance(value, str):
            for code in value:
                page.check(f"#f-{name}-{code}")
            return None
        box = page.locator(f"#f-{name}")
        if box.evaluate("node => node.tagName") == "SELECT":
            box.select_option(value)
        elif box.evaluate("node => node.tagName") != "FIELDSET":
            box.fill(value)
        elif page.locator(f"#f-{name}-d").count():
            for part, text in zip("dmy", value.split("/"), strict=True):
                page.fill(f"#f-{name}-{part}", text)
        else:
            page.check(f"#f-{name}-{value}")
        return None

    def _rows(self, name: str, rows: Sequence[Mapping[str, str]]) -> None:
        for n, row in enumerate(rows):
            if not self.page.locator(f"#f-{name}-{n}").count():
                self.page.locator(f"button[name=_add][value={name}]").click()
                expect(self.page.locator(f"#f-{name}-{n}")).to_be_visible()
            for column, value in row.items():
                self._answer(f"{name}-{n}-{column}", value)

    # ------------------------------------------------------------------ who one is

    def sign_in(self, to: str = "/masuk", password: str = PASSWORD) -> None:
        self.open(to)
        self.page.fill("[name=email]", self.email)
        self.page.fill("[name=password]", password)
        self.press("Masuk")
        expect(self.page).not_to_have_url(re.compile("/masuk"))

    def sign_out(self) -> None:
        self.page.locator(".site-user form button").click()
        expect(self.page).to_have_url(re.compile("/akun/selesai"))

    def leave(self) -> None:
        self.context.close()


def _payload(upload: Upload) -> Any:
    name, mime, content = upload
    return {"name": name, "mimeType": mime, "buffer": content}

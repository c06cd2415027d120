"""Typing in a real browser: it saves itself, and nothing typed is lost on the way to the next page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from siskop.base.db import unit_of_work
from siskop.submissions import answers, door
from tests.offices import actor, seen
from tests.visitors import PASSWORD, person
from tests.worlds import World


@pytest.fixture
def account(world: World) -> int:
    return person("sari@siskop.test", "Sari Wulandari")


@pytest.fixture
def number(account: int) -> str:
    return door.start("cooperative", actor(account))


@pytest.fixture
def page(world: World, account: int) -> Iterator[Page]:
    """Signed in, on the real server."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with world.web(threads=4), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = chromium.new_page(base_url=world.settings.base_url)
        page.goto("/masuk")
        page.fill("[name=email]", "sari@siskop.test")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        yield page
        chromium.close()


def kept(number: str, account: int, field: str) -> object:
    with unit_of_work() as tx:
        return answers.raws(tx, seen(number, account).id).get(field)


def says(page: Page, words: str) -> None:
    page.locator("#tersimpan span", has_text=re.compile(words)).wait_for(timeout=30_000)


def test_what_is_typed_is_kept_by_itself_also_when_it_is_wrong(page: Page, number: str, account: int) -> None:
    page.goto(f"/pengajuan/{number}/isi/identity")
    page.fill("[name=nib]", "912")
    says(page, r"^Tersimpan \d\d\.\d\d")
    assert kept(number, account, "nib") == "912"
    with page.expect_response(lambda response: response.request.method == "POST" and response.ok):
        page.fill("[name=nib]", "9120")
    assert kept(number, account, "nib") == "9120", "a second save stands on the first"


def test_what_was_typed_before_the_script_came_is_kept_too(page: Page, number: str, account: int) -> None:
    page.route("**/autosave.js", lambda route: (route.request.frame.page.fill("[name=nib]", "913"), route.continue_()))
    page.goto(f"/pengajuan/{number}/isi/identity", wait_until="commit")
    says(page, r"^Tersimpan \d\d\.\d\d")
    assert kept(number, account, "nib") == "913"

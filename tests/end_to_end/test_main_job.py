"""The main job in a real browser, as five people: from a form to the register, updates that meet, and reminders."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.end_to_end import story as steps
from tests.end_to_end.house import House
from tests.end_to_end.story import Story

pytestmark = pytest.mark.timeout(180)
NAMES = {True: "Koperasi Jasa Maju Bersama", False: "Koperasi Konsumen Teratai"}


@pytest.fixture(scope="module")
def stories(house: House, chromium: Browser) -> dict[bool, Story]:
    steps.staff()
    return {
        script: steps.begin(house, chromium, script, f"sari{int(script)}@siskop.test", NAMES[script])
        for script in (True, False)
    }


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def story(request: pytest.FixtureRequest, stories: dict[bool, Story]) -> Iterator[Story]:
    return stories[request.param]


def test_a_new_cooperative_goes_from_a_form_to_the_register(house: House, story: Story) -> None:
    house.worker_on()
    steps.register(story, "Sari Wulandari")
    steps.start(story)
    steps.fill_in(story, steps.answers(story.name))
    steps.prove(story)

    house.worker_off()
    steps.send(story)
    steps.wait_for_checks(story)
    house.worker_on()
    officer = steps.checked(story)

    steps.ask_for(story, officer, {"address": "Tulis nomor rumahnya.", "members_men": "Menurut buku anggota 44."})
    steps.correct(story, {"contact": {"address": "Jl. Raya Puspiptek No. 12A"}, "members": {"members_men": "44"}})
    steps.send(story)
    again = steps.checked(story)
    steps.verify(story, again, asked=2)

    head = story.visitor("ratna@siskop.test")
    steps.approve(story, head, stale=True)
    path = steps.look_up(story)
    steps.told(story, path)
    story.end()

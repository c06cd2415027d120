"""The main job in a real browser, as five people: from a form to the register, updates that meet, and reminders."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from siskop.base import db
from siskop.base.i18n import JAKARTA
from siskop.submissions import definitions
from tests.end_to_end import story as steps
from tests.end_to_end.house import House, link
from tests.end_to_end.story import YEAR, Story
from tests.worlds import eventually

pytestmark = pytest.mark.timeout(180)
TODAY = datetime.now(JAKARTA).date()
NAMES = {True: "Koperasi Jasa Maju Bersama", False: "Koperasi Jasa Teratai"}
BADGES = {True: ("Berizin", "Aktif"), False: ("Izin akan berakhir", "Belum lapor RAT")}
CHANGES: dict[bool, Mapping[str, Any]] = {
    True: {},
    False: {  # neither licensed nor active in the next year
        "identity": {"legal_number": "518/15/BH/PERINDAGKOP"},
        "licence": {"licence_expires": f"{TODAY + timedelta(days=3):%d/%m/%Y}"},
        "last_report": {"last_report_year": str(YEAR - 2)},
    },
}


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
    steps.fill_in(story, steps.answers(story.name, **CHANGES[story.script]))
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
    steps.verify(story, again, asked=2, changed=3)  # the total of members too, which is worked out

    head = story.visitor("ratna@siskop.test")
    steps.approve(story, head, stale=True)
    path = steps.look_up(story, *BADGES[story.script])
    steps.told(story, path)
    story.end()


def test_an_update_and_a_licence_meet_and_nobodys_change_is_lost(house: House, stories: dict[bool, Story]) -> None:
    """Both are under way at once; where both changed the same field, the verifier sees three values and picks."""
    first = stories[True]
    story = steps.begin(house, first.browser, True, first.secretary.email, first.name)
    story.secretary.sign_in()
    ours, theirs = "518/22/IUSP/2025", "518/23/IUSP/2025"
    prefilled = {"phone": "0812-3456-7890"}
    update = steps.change(
        story, "Data koperasi", {"contact": {"phone": "0813-1111-2222"}, "licence": {"licence_number": ours}}, prefilled
    )
    licence = steps.change(
        story, "Izin usaha", {"licence": {"licence_number": theirs, "licence_expires": f"30/06/{YEAR + 3}"}}, {}
    )
    for one in (update, licence):
        one.officer = steps.checked(one)
    head = story.visitor("ratna@siskop.test")
    steps.verify(licence, licence.officer)
    steps.approve(licence, head)
    path = steps.look_up(story, theirs, f"30 Juni {YEAR + 3}", "0812-3456-7890")

    steps.pick(update, update.officer, "licence_number", ("518/21/IUSP/2024", theirs, ours))
    steps.verify(update, update.officer)
    steps.approve(update, head)
    anybody = story.visitor()
    anybody.open(path)
    for words in (ours, f"30 Juni {YEAR + 3}", "0813-1111-2222", "Versi 3"):
        anybody.says(words)
    anybody.open(f"{path}/versi/1")
    anybody.says("518/21/IUSP/2024")
    story.end()


def test_each_day_those_who_lack_something_are_reminded_once_until_it_is_there(
    house: House, stories: dict[bool, Story]
) -> None:
    """Beat opens the day; one cooperative is neither licensed nor active, the other is both."""
    lacking, fine = stories[False], stories[True]
    day = _working_day(date(YEAR + 1, 1, 4))
    _move_to(house, day)
    due = _due(house, day)
    assert [(line["rule"], line["rung"], line["to"]) for line in due] == [
        ("unlicensed", 0, [lacking.secretary.email]),
        ("inactive", 0, [lacking.secretary.email]),
    ]
    assert _due(house, _sunday(day)) == [], "nothing on a day on which nothing is sent"

    house.worker_on()
    house.beat_on()
    mail = house.mail(lacking.secretary.email, "izin usaha belum ada atau sudah berakhir")
    house.mail(lacking.secretary.email, "RAT")
    _day_is_over(house, day)
    before = len(house.mails(lacking.secretary.email))
    assert _due(house, day) == [], "sent today"
    assert [line["rung"] for line in _due(house, _working_day(day + timedelta(days=14)))] == [1, 1]

    story = steps.begin(house, fine.browser, True, lacking.secretary.email, lacking.name)
    story.secretary.sign_in()
    story.secretary.open(link(mail))
    renewed = {"licence": {"licence_expires": f"31/12/{YEAR + 4}"}, "last_report": {"last_report_year": str(YEAR)}}
    update = steps.change(story, "Data koperasi", renewed, {})
    assert _due(house, _working_day(day + timedelta(days=14))) == [], "the office has the cure before it"
    officer = steps.checked(update)
    steps.verify(update, officer)
    steps.approve(update, story.visitor("ratna@siskop.test"))

    later = _working_day(day + timedelta(days=15))
    _move_to(house, later)
    _day_is_over(house, later)
    assert _due(house, later) == []
    said = [mail["Subject"] for mail in house.mails(lacking.secretary.email)[before:]]
    assert not [words for words in said if "belum ada atau sudah berakhir" in words or "RAT" in words]
    assert [mail for mail in house.mails(fine.secretary.email) if "izin usaha belum" in mail["Subject"]] == []
    house.siskop("audit", "verify")
    story.end()


def _working_day(day: date) -> date:
    calendar = definitions.library().calendar
    while not calendar.is_working(day):
        day += timedelta(days=1)
    return day


def _sunday(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def _move_to(house: House, day: date) -> None:
    """Ten in the morning there, for everybody on this database."""
    with db.unit_of_work() as tx:
        now = db.now(tx)
    house.world.move_clock(datetime.combine(day, time(10), JAKARTA) - now)


def _due(house: House, day: date) -> list[dict[str, Any]]:
    """Without what is held."""
    lines = json.loads(house.siskop("reminders", "due", "--on", day.isoformat(), "--dry-run", "--json"))
    return [line for line in lines if line["held"] is None]


def _day_is_over(house: House, day: date) -> None:
    """Opened, and every reminder's job of it done."""

    def done() -> bool:
        with house.world.connect() as connection:
            counted = connection.execute(
                "SELECT count(*), count(*) FILTER (WHERE status = 'done') FROM siskop.job"
                " WHERE kind = 'remind' AND payload->>'day' = %s",
                (day.isoformat(),),
            ).fetchone()
        return bool(counted and counted[0] == counted[1] > 0)  # put with the day itself, all at once

    eventually(done, 40, house.world.settings.var / "worker.log")

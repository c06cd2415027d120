"""The shipped files: what they promise about fields, people, words, and renaming."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from siskop.engine import form
from siskop.engine.load import load, read_folder
from siskop.engine.people import who_of

FILES = read_folder(Path(__file__).parents[2] / "workflows")
LIBRARY = load(FILES)
KIND = LIBRARY.kinds["cooperative"]
TODAY = date(2026, 11, 25)


def truth(fact: str, **values: Any) -> bool | None:
    return KIND.facts[fact].test(form.environment(KIND.fields, values, today=TODAY))


def test_the_main_job_is_there() -> None:
    assert set(LIBRARY.workflows) == {"cooperative", "licence"}
    assert 24 <= len(KIND.fields) <= 28
    used = {f.type for top in KIND.fields.values() for f in (top, *top.of.values())}
    named = "text integer money boolean choice choices date year email phone area file list legal_number nik"
    assert used >= {*named.split(), "nik_koperasi", "nib"}
    assert 8 <= len(LIBRARY.workflows["cooperative"].form.pages) <= 10


def test_what_is_personal_or_internal_stays_out_of_the_register() -> None:
    keys = KIND.public_keys()
    assert {"name", "kelurahan", "officers", "officers.full_name", "has_licence"} <= keys
    assert not keys & {"officers.nik", "officers.mobile", "licence_scan", "book_year_start"}


@pytest.mark.parametrize("workflow", sorted(LIBRARY.workflows))
def test_whoever_sent_in_or_verified_decides_nothing_more(workflow: str) -> None:
    definition = LIBRARY.workflows[workflow]
    for state in definition.states.values():
        for step in state.steps.values():
            if step.who is not None:
                assert set(who_of(definition, state, step).exclude) >= {"submitter", "author", "record_operator"}
    approval = definition.states["verified"].steps["approval"]
    assert "did.verify" in who_of(definition, "verified", approval).exclude


def test_the_licence_asks_a_part_of_the_record_of_the_same_people() -> None:
    licence, whole = LIBRARY.workflows["licence"], LIBRARY.workflows["cooperative"]
    assert set(licence.form.names()) < set(whole.form.names())
    assert (licence.start_record, licence.prefill, whole.start_record) == ("existing", "record", "any")
    assert licence.manage == whole.manage
    assert [s.who for s in licence.states["submitted"].steps.values() if s.who] == [
        s.who for s in whole.states["submitted"].steps.values() if s.who
    ]


@pytest.mark.parametrize(
    ("values", "licensed", "expiring"),
    [
        ({}, None, False),
        ({"has_licence": False}, False, False),
        ({"has_licence": True}, True, False),
        ({"has_licence": True, "licence_expires": "2026-11-25"}, True, True),
        ({"has_licence": True, "licence_expires": "2026-11-24"}, False, False),
        ({"has_licence": True, "licence_expires": "2027-02-23"}, True, True),
        ({"has_licence": True, "licence_expires": "2027-02-24"}, True, False),
    ],
)
def test_licensed_and_expiring(values: dict[str, Any], licensed: bool | None, expiring: bool | None) -> None:
    assert (truth("licensed", **values), truth("expiring", **values)) == (licensed, expiring)


@pytest.mark.parametrize(("year", "active"), [(None, None), (2025, True), (2024, True), (2023, False)])
def test_active_is_unknown_without_a_report(year: int | None, active: bool | None) -> None:
    assert truth("active", last_report_year=year) is active


def test_reminders_stop_for_what_would_cure_them_and_write_in_office_hours() -> None:
    for reminder in KIND.reminders.values():
        assert [rung.at.days for rung in reminder.ladder] == [0, 14, 30]
        assert reminder.cured_by is not None
        assert reminder.cured_by.at_most.days == 30
        assert (reminder.send.working_days, reminder.send.from_hour, reminder.send.until_hour) == (True, 8, 16)


def test_the_calendar_knows_national_days_and_cuti_bersama() -> None:
    calendar = LIBRARY.calendar
    assert not any(calendar.is_working(date(2026, *day)) for day in ((8, 17), (12, 24), (12, 25), (3, 18)))
    assert calendar.is_working(TODAY)
    assert date(2027, 1, 1) in calendar.holidays


def test_every_kelurahan_is_there() -> None:
    codes = [choice.code for choice in KIND.fields["kelurahan"].choices]
    leaves = [c for c in codes if not any(other.startswith(f"{c}.") for other in codes)]
    assert len(leaves) == 54


def test_mails_say_who_in_their_subject_and_why_in_their_footer() -> None:
    for mail in LIBRARY.mails.values():
        for language in ("id", "en"):
            assert "{title}" in mail.subject[language], mail.name
            assert mail.button[language]
            assert mail.why[language]
            assert "!" not in mail.body[language]


def test_every_condition_of_the_files_is_quick_to_say_unknown() -> None:
    for definition in LIBRARY.workflows.values():
        for action in definition.actions.values():
            for condition in (action.auto, action.when):
                assert condition is None or condition.test({}) is None

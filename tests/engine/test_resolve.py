"""Words and behaviour are apart: new words change no behaviour, and an old behaviour shows the newest words."""

from __future__ import annotations

from pathlib import Path

import pytest

from siskop.engine.definition import Definition
from siskop.engine.load import load, read_folder
from siskop.engine.resolve import with_texts

FILES = read_folder(Path(__file__).parents[2] / "workflows")
KIND, WORKFLOW = "records/cooperative.yaml", "cooperative.yaml"


def made(*changes: tuple[str, str, str]) -> Definition:
    files = {**FILES}
    for file, old, new in changes:
        assert old in files[file]
        files[file] = files[file].replace(old, new)
    return load(files).workflows["cooperative"]


WORDS = [
    (KIND, "Nama koperasi", "Nama lengkap koperasi"),
    (KIND, "Koperasi Jasa Maju Bersama", "Koperasi Jasa Mundur Bersama"),
    (WORKFLOW, "Nama dan badan hukum", "Identitas"),
    (WORKFLOW, "Kirim untuk diverifikasi", "Kirim"),
    (WORKFLOW, "tone: plain", "tone: refuse"),
    (WORKFLOW, "Izin yang dilaporkan sudah tidak berlaku.", "Izin sudah berakhir."),
    ("lists/managements.csv", "Konvensional", "Biasa"),
    (KIND, "    list: managements\n    privacy: public", "    list: managements\n    privacy: internal"),
]
RULES = [
    (WORKFLOW, "due: 5 working days", "due: 6 working days"),
    (WORKFLOW, "short_name: optional", "short_name: required"),
    (WORKFLOW, "members_men + members_women >= 9", "members_men + members_women >= 20"),
    (WORKFLOW, "{mail: returned, to: submitter}", "{mail: returned, to: operators}"),
    (KIND, "    max: 60", "    max: 61"),
    ("lists/managements.csv", "konvensional,", "conventional,"),
    (WORKFLOW, "votes: {need: 1, reason: against}", "votes: {need: 1}"),
]


@pytest.mark.parametrize("change", WORDS, ids=lambda c: c[1][:30])
def test_new_words_are_no_new_behaviour(change: tuple[str, str, str]) -> None:
    old, new = made(), made(change)
    assert new.behaviour == old.behaviour
    assert (new.texts == old.texts) is (change[1] == change[2])


@pytest.mark.parametrize("change", RULES, ids=lambda c: c[1][:30])
def test_new_rules_are_a_new_behaviour(change: tuple[str, str, str]) -> None:
    assert made(change).behaviour != made().behaviour


def test_the_same_files_have_the_same_hashes() -> None:
    assert (made().behaviour, made().texts) == (made().behaviour, made().texts)


def test_facts_badges_and_reminders_are_no_behaviour_of_a_workflow() -> None:
    assert made((KIND, "reports.missed < 1", "reports.missed < 2")).behaviour == made().behaviour


def test_an_old_behaviour_shows_the_newest_words() -> None:
    new_question = (WORKFLOW, "short_name: optional", "short_name: required")
    old, newest = made(), made(*WORDS, *RULES[:1], new_question)
    shown = with_texts(old, newest)
    assert shown.behaviour == old.behaviour
    assert shown.states["submitted"].steps["verification"].due_days == 5
    assert shown.form.fields["name"].label["id"] == "Nama lengkap koperasi"
    assert shown.kind.fields["name"].label["id"] == "Nama lengkap koperasi"
    assert shown.form.pages[0].label["id"] == "Identitas"
    assert shown.actions["submit"].label["id"] == "Kirim"
    assert shown.states["submitted"].steps["licence_validity"].with_["words"]["id"] == "Izin sudah berakhir."
    assert shown.form.fields["management"].choices[0].label["id"] == "Biasa"
    assert shown.form.fields["management"].privacy == "internal"
    assert not next(f for p in shown.form.pages for f in p.fields if f.name == "short_name").required


def test_what_the_newest_files_no_longer_hold_keeps_its_words() -> None:
    old = made()
    lacking = made(
        (WORKFLOW, "main_product: optional", ""), (WORKFLOW, "activities: required, ", "activities: required")
    )
    shown = with_texts(old, lacking)
    assert shown.form.names() == old.form.names()
    assert shown.form.fields["main_product"].label == old.form.fields["main_product"].label

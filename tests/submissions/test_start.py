"""What a submission may begin from."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from siskop.base import errors
from siskop.submissions import door
from tests import inventory, offices
from tests.visitors import signed_in
from tests.worlds import World


def test_a_form_that_cannot_found_a_record_begins_from_a_registered_one_only(world: World) -> None:
    secretary = offices.staff().secretary
    draft = door.start("cooperative", offices.actor(secretary))
    record = offices.seen(draft, secretary).record_id
    with pytest.raises(errors.Refusal, match="registered already"):
        door.start("licence", offices.actor(secretary), record)
    assert door.start("cooperative", offices.actor(secretary), record) == draft


def test_a_founding_that_was_taken_back_may_begin_again_on_its_record(world: World) -> None:
    secretary = offices.staff().secretary
    first = door.start("cooperative", offices.actor(secretary))
    record = offices.seen(first, secretary).record_id
    door.perform(first, offices.actor(secretary), offices.Command("act", "withdraw"))
    second = door.start("cooperative", offices.actor(secretary), record)
    assert second != first
    assert offices.seen(second, secretary).record_id == record


REQUEST = """
record: wish
label: {id: Keinginan, en: Wish}
display: {title: subject}
fields:
  subject: {type: text, privacy: internal, label: {id: Perihal, en: Subject}}
---
workflow: wish
label: {id: Keinginan, en: Wish}
record: wish
start: {who: {relation: anyone}, record: new}
form:
  main: {label: {id: Isi, en: Content}, fields: {subject: required}}
states:
  draft: {label: {id: Draf, en: Draft}, waits_for: submitter, edit: {relation: submitter}}
  weighed:
    label: {id: Ditimbang, en: Weighed}
    waits_for: office
    steps: {look: {label: {id: Lihat, en: Look}, who: {role: verifier}}}
  granted: {label: {id: Disetujui, en: Granted}, final: true}
actions:
  send: {label: {id: Kirim, en: Send}, from: draft, to: weighed, who: {relation: submitter}, needs: [valid_form]}
  grant: {label: {id: Setujui, en: Grant}, step: look, to: granted}
"""


def test_a_request_may_be_begun_while_others_are_under_way_but_its_draft_is_gone_on_with(
    world: World, tmp_path: Path, app: Flask
) -> None:
    kind, flow = REQUEST.split("---")
    inventory.in_force(tmp_path / "files", {"records/wish.yaml": kind, "wish.yaml": flow})
    asker = offices.staff().secretary
    begun = []
    for subject in ("Cuti", "Cuti lagi"):
        begun.append(door.start("wish", offices.actor(asker)))
        assert door.start("wish", offices.actor(asker)) == begun[-1]
        offices.fill(begun[-1], asker, "wish", {"subject": subject}, everything=False)
        door.perform(begun[-1], offices.actor(asker), offices.Command("act", "send"))
    assert len(set(begun)) == 2
    assert "/ruang/mulai/wish" in signed_in(app, "sari@siskop.test").get("/ruang").text


def test_a_founding_that_asks_for_proof_leads_to_the_one_that_is_under_way(world: World) -> None:
    office = offices.staff()
    number = offices.sent(office.secretary, name="KSP Sekar Melati")
    assert door.start("cooperative", offices.actor(office.secretary)) == number

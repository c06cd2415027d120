"""Hostile input at every address that takes a POST: never a failure of ours, never half a change."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest
from flask import Flask
from sqlalchemy import text

from siskop.base.db import unit_of_work
from tests.faults.consistency import faults
from tests.hostile import openings
from tests.hostile.openings import Scene, hostile, picture

TYPED = {"draft_value", "event", "submission", "job", "words", "correction"}  # a form keeps also what is wrong


@pytest.mark.timeout(900)
@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.proof)])
def test_no_words_and_no_shape_break_a_form_or_change_half_of_something(scene: Scene, every: int) -> None:
    """`every` 4: another quarter of the words and shapes at each address."""
    wrong, before = [], picture()
    for n, opening in enumerate(openings.openings(scene)):
        for what, fields in islice(hostile(opening), n % every, None, every):
            answer = scene.post(opening, fields)
            told = f"{opening.path}: {what} is answered {answer.status_code}"
            now = picture()
            after, before = {table for table in now if now[table] != before[table]}, now
            allowed = TYPED if opening.endpoint == "cooperative.save" else set()
            if answer.status_code >= 500:
                wrong.append(told)
            if answer.status_code >= 400 and after - (allowed if answer.status_code == 422 else set()):
                wrong.append(f"{told} and yet changed {sorted(after)}")
    assert not wrong, "\n".join(wrong)
    with unit_of_work() as tx:
        assert faults(tx) == []


def test_every_address_that_takes_a_post_is_tried(scene: Scene, app: Flask) -> None:
    tried = {opening.endpoint for opening in openings.openings(scene)}
    assert tried == {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}


def test_without_the_key_of_a_form_nothing_is_done(scene: Scene) -> None:
    before, answers = picture(), Counter[int]()
    for opening in openings.openings(scene):
        if opening.endpoint == "mails.stop":
            continue  # a mail program has no form: the seal in the address is the key
        answers[scene.post(opening, {**opening.good, "csrf_token": ""}).status_code] += 1
    assert set(answers) == {400}
    assert picture() == before
    with unit_of_work() as tx:
        assert tx.execute(text("SELECT count(*) FROM siskop.answered")).scalar() == 0

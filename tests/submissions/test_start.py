"""What a submission may begin from."""

from __future__ import annotations

import pytest

from siskop.base import errors
from siskop.submissions import door
from tests import offices
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

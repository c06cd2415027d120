"""What stands beside the histories is held against them."""

from __future__ import annotations

from siskop.base.db import unit_of_work
from siskop.engine.case import Command
from siskop.submissions import chain, door
from tests import offices
from tests.walls.by_hand import forge
from tests.worlds import World


def faults() -> list[str]:
    with unit_of_work() as tx:
        return [fault.why for fault in chain.verify(tx)]


def test_changed_answers_and_words_are_found_and_erased_ones_are_no_fault(world: World) -> None:
    secretary = offices.staff().secretary
    number = offices.sent(secretary)
    said = {"comment": "Mohon segera."}
    door.perform(number, offices.actor(secretary), Command("comment", "comment"), said=said)
    assert faults() == []
    forge(world, "UPDATE siskop.words SET text = 'Tidak usah.'")
    assert faults() == ["the words are not those that were written"]
    forge(world, "DELETE FROM siskop.words")
    assert faults() == []
    forge(world, """UPDATE siskop.revision_body SET answers = answers || '{"name": "Lain"}'""")
    assert faults() == ["the answers are not those that were sent"]
    forge(world, "DELETE FROM siskop.revision_body")
    assert faults() == []

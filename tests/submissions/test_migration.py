"""Files change while submissions run: drafts follow them, what was sent stays until somebody moves it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from siskop.base import errors
from siskop.base.db import public_reading, unit_of_work
from siskop.cli.main import siskop
from siskop.engine.case import Command
from siskop.register import directory
from siskop.submissions import chain, definitions, door, migration, store
from tests.faults.crowds import at_once
from tests.submissions import guilds
from tests.worlds import World

Edit = Callable[..., None]


@pytest.fixture
def edit(world: World, tmp_path: Path) -> Edit:
    """Replace in files of the house of guilds, each change (file, regular expression, instead), and put it in force."""
    folder = tmp_path / "files"
    shutil.copytree(guilds.FOLDER, folder)

    def put(*changes: tuple[str, str, str]) -> None:
        for name, old, new in changes:
            words, times = re.subn(old, new, (folder / name).read_text("utf-8"))
            assert times, (name, old)
            (folder / name).write_text(words, "utf-8")
        guilds.load(world, folder)

    return put


RENAMED = (
    ("records/guild.yaml", r"  seal: \{type: text,", "  mark: {type: text, was: seal,"),
    ("records/guild.yaml", r"key: seal", "key: mark"),
    ("found.yaml", r"seal: optional", "mark: optional, standing: optional"),
)
LOOKING_IS_GONE = (
    (
        "found.yaml",
        r"  looking: \{(.*)look: \{who: \{role: warden, area: place\}",
        r"  judged: {\1judge: {who: {role: elder}",
    ),
    ("found.yaml", r"to: looking", "to: judged"),
    ("found.yaml", r"step: look,", "step: judge,"),
)


def events(number: str) -> list[str]:
    with unit_of_work() as tx:
        return [event.type for event in store.load(tx, number).events]


def test_a_draft_follows_the_newest_files_with_its_answers_and_knows_what_is_new(world: World, edit: Edit) -> None:
    house = guilds.settled(world)
    number = door.start("found", guilds.actor(house.ani))
    guilds.fill(number, house.ani, name="Serikat Tenun", place="1.1.1", seal="77")
    assert guilds.seen(number, house.ani).new_questions == frozenset()
    edit(*RENAMED)
    found = guilds.seen(number, house.ani)
    assert (found.draft["mark"], "seal" in found.draft) == ("77", False)
    assert found.new_questions == {"standing"}
    guilds.fill(number, house.ani, standing="baru", mark="78")
    assert guilds.seen(number, house.ani).new_questions == frozenset()
    guilds.act(number, house.ani, "send")
    guilds.act(number, house.warden, "raise")
    with public_reading() as tx:
        line = directory.entry(tx, definitions.library().kinds["guild"], "serikat-tenun")
        assert (line.data["mark"], line.data["standing"]) == ("78", "baru")


def test_what_was_sent_is_published_under_the_names_of_today(world: World, edit: Edit) -> None:
    house = guilds.settled(world)
    record = guilds.guild(house, seal="77")
    number = guilds.sent("found", house.ani, record, seal="78")
    edit(*RENAMED)
    found = guilds.seen(number, house.warden)
    assert (found.proposed["seal"], found.current["seal"], found.conflicts) == ("78", "77", ())
    guilds.act(number, house.warden, "raise")
    with unit_of_work() as tx:
        body = tx.execute(text("SELECT data FROM siskop.record_body WHERE number = 2")).scalar_one()
        assert (body["mark"], "seal" in body) == ("78", False)
    guilds.rest()
    with public_reading() as tx:
        new, _old = directory.versions(tx, record)
        assert (new.changed, new.data["mark"]) == (("mark",), "78")


def test_a_state_that_is_gone_needs_a_mapping_and_the_dry_run_says_what_breaks(world: World, edit: Edit) -> None:
    house = guilds.settled(world)
    people = (house.ani, house.budi)
    numbers = [guilds.sent("found", who, name=f"Serikat {who}", place="1.1.1", treasure="5") for who in people]
    edit(
        *LOOKING_IS_GONE,
        ("found.yaml", r", treasure: optional", ""),
        ("found.yaml", r"spot: optional", "spot: required"),
    )
    with unit_of_work() as tx:
        running = migration.running(tx, "found")
        assert [migration.look(tx, one, {}).to for one in running] == [None, None]
        move = migration.look(tx, running[0], {"looking": "judged"})
    assert (move.number, move.state, move.to, move.same) == (numbers[0], "looking", "judged", False)
    assert move.breaks == (
        "answers that the new form does not ask: treasure",
        "answers that the new form requires: spot",
    )
    assert migration.migrate(running[0], {}) is False
    assert guilds.seen(numbers[0], house.ani).state.name == "looking"


def test_each_is_moved_once_with_an_event_and_goes_on_by_the_new_rules(world: World, edit: Edit) -> None:
    house = guilds.settled(world)
    people = (house.ani, house.budi, house.scribe)
    numbers = [guilds.sent("found", who, name=f"Serikat {who}", place="1.1.1") for who in people]
    door.perform(numbers[2], guilds.actor(house.warden), Command("claim", "look"))
    edit(*LOOKING_IS_GONE)
    with unit_of_work() as tx:
        running = migration.running(tx, "found")
    mapping = {"looking": "judged"}
    assert migration.migrate(running[0], mapping)
    answers = at_once([lambda one=one: migration.migrate(one, mapping) for one in running[1:] * 2])
    assert sorted(answers) == [False, False, True, True]
    with unit_of_work() as tx:
        assert migration.running(tx, "found") == []
        assert list(chain.verify(tx)) == []
        items = tx.execute(text("SELECT status, step FROM siskop.work_item ORDER BY id")).all()
        assert [tuple(item) for item in items].count(("withdrawn", "look")) == 3
    for number in numbers:
        assert events(number)[-3:] == ["migrated", "moved", "opened"]
        with pytest.raises(errors.Refusal):
            guilds.act(number, house.warden, "raise")
        assert guilds.act(number, house.elder, "raise").state == "stands"


def test_where_nothing_changes_for_it_a_case_goes_on_in_its_seat(world: World, edit: Edit) -> None:
    house = guilds.settled(world)
    number = guilds.sent("found", house.ani, name="Serikat", place="1.1.1")
    door.perform(number, guilds.actor(house.warden), Command("claim", "look"))
    edit(
        ("found.yaml", r"falls: \{final: true\}", "falls: {final: true}\n  sleeps: {final: true}"),
        ("found.yaml", r"(  fell: .*)", r"\1\n  rest: {from: begun, to: sleeps, who: {relation: record_operator}}"),
    )
    with unit_of_work() as tx:
        (one,) = migration.running(tx, "found")
        assert migration.look(tx, one, {}).same
    assert migration.migrate(one, {})
    assert events(number)[-2:] == ["seated", "migrated"]
    assert guilds.act(number, house.warden, "raise").state == "stands"


@pytest.fixture
def command(world: World) -> Callable[..., tuple[int, str]]:
    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(siskop, ["workflow", "migrate", *words], env=world.environ)
        return result.exit_code, result.output

    return run


def test_the_command_lists_first_and_moves_nothing_while_a_state_leads_nowhere(
    world: World, edit: Edit, command: Callable[..., tuple[int, str]]
) -> None:
    house = guilds.settled(world)
    number = guilds.sent("found", house.ani, name="Serikat", place="1.1.1")
    edit(*LOOKING_IS_GONE)
    code, said = command("found", "--dry-run")
    assert code == 1 and "say --map looking=" in said
    assert command("found")[0] == 1
    code, said = command("found", "--map", "looking=judged", "--dry-run")
    assert (code, "looking → judged" in said, "1 would be moved" in said) == (0, True, True)
    code, said = command("found", "--map", "looking=stands", "--dry-run")
    assert code == 1 and "decided by nobody" in said and "add --final" in said
    code, said = command("found", "--map", "looking=stands", "--final", "--dry-run")
    assert (code, "1 would be moved" in said) == (0, True)
    assert guilds.seen(number, house.ani).state.name == "looking"
    code, said = command("found", "--map", "looking=judged")
    assert (code, "1 of 1 moved" in said) == (0, True)
    assert command("found", "--map", "looking=judged") == (0, "0 of 0 moved.\n")
    for wrong in (("lost",), ("found", "--map", "looking"), ("found", "--map", "looking=nowhere")):
        assert command(*wrong)[0] == 2

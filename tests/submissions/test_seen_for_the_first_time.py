"""A kind and a workflow that no running process has seen: a file is dropped, `siskop workflow load` is given, and a
worker that was there before carries a record from its draft to its publication."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner

from config import ROOT
from siskop.base.db import public_reading
from siskop.cli.main import siskop
from siskop.register import directory
from siskop.submissions import definitions, door
from tests import offices
from tests.worlds import World, eventually

KIND = """
record: bicycle
display: {title: frame}
public: {path: sepeda, api: bicycles, label: {id: Sepeda, en: Bicycles}}
fields:
  frame: {type: text, privacy: public}
  wheels: {type: integer, privacy: internal}
  owner: {type: text, privacy: personal}
  odd: {type: computed, value: wheels != 2, as: boolean, privacy: public}
"""
WORKFLOW = """
workflow: bell
record: bicycle
start: {who: {relation: record_operator}}
form: {one: {fields: {frame: required, wheels: required, owner: required}}}
states:
  loose: {waits_for: submitter, edit: {relation: record_operator}}
  held:
    waits_for: office
    steps:
      whole: {check: completeness}
      known: {check: duplicates, with: {by: [frame]}}
      wheels_on: {check: condition, with: {holds: wheels < 5, otherwise: warn, words: {id: Banyak, en: Many}}}
      nod: {who: {role: verifier}, after: [whole, known, wheels_on], votes: {need: 1}}
  rung: {final: true}
  still: {final: true}
actions:
  bring: {from: loose, to: held, who: {relation: record_operator}, needs: [valid_form]}
  ring: {from: held, to: rung, auto: nod.passed, does: [publish, accept_members, {mail: published, to: operators}]}
  leave: {from: held, to: still, auto: nod.failed, does: [end_members, {mail: rejected, to: submitter}]}
"""


def test_a_dropped_file_needs_no_restart(world: World, tmp_path: Path) -> None:
    office = offices.staff()
    folder = Path(shutil.copytree(ROOT / "workflows", tmp_path / "workflows"))
    before = definitions.library()
    with world.worker() as worker, world.beat():
        (folder / "records" / "bicycle.yaml").write_text(KIND, "utf-8")
        (folder / "bell.yaml").write_text(WORKFLOW, "utf-8")
        loaded = CliRunner().invoke(siskop, ["workflow", "load", str(folder)], env=world.environ)
        assert loaded.exit_code == 0, loaded.output
        eventually(lambda: "bell" in definitions.library().workflows, 30, worker.log)
        assert "bell" not in before.workflows
        number = door.start("bell", offices.actor(office.secretary))
        offices.fill(
            number, office.secretary, "bell", {"frame": "Biru", "wheels": "2", "owner": "Ani"}, everything=False
        )
        door.perform(number, offices.actor(office.secretary), offices.Command("act", "bring"))
        eventually(lambda: "nod" in offices.seen(number, office.verifier).case.runs, 60, worker.log)
        checks = {c.step.name: c.outcome for c in offices.seen(number, office.verifier).checks}
        assert checks == {"whole": "passed", "known": "passed", "wheels_on": "passed"}
        door.perform(number, offices.actor(office.verifier), offices.Command("vote", "nod", {"ballot": "for"}))
        with public_reading() as tx:
            line = directory.entry(tx, definitions.library().kinds["bicycle"], "biru")
            assert dict(line.data) == {"frame": "Biru", "odd": False}
        eventually(lambda: world.mails.to("sari@siskop.test"), 60, worker.log)

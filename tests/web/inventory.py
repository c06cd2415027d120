"""Files that Python has never seen, beside those that ship: a kind with every type of field, and its workflow."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from config import ROOT
from siskop.submissions import definitions
from tests.worlds import World

KIND = """
record: inventory
label: {id: Inventaris, en: Inventory}
display: {title: name}
public: {path: inventaris, api: inventories, label: {id: Inventaris, en: Inventories}}
fields:
  name: {type: text, max: 100, privacy: public, search: true}
  about: {type: explanation, help: {id: "Isi apa adanya.", en: "As it is."}}
  story: {type: long_text, privacy: public}
  weight: {type: decimal, min: 0, privacy: public}
  share: {type: percent, privacy: public}
  site: {type: url, privacy: public}
  place: {type: point, privacy: public, decimals: 3}
  keeper: {type: reference, to: cooperative, privacy: public}
  tax: {type: npwp, privacy: internal}
  trade: {type: kbli, privacy: public}
  photo: {type: image, privacy: internal}
  papers: {type: files, max: 3, privacy: internal}
  price: {type: money, privacy: internal}
  pieces: {type: integer, privacy: internal}
  total: {type: computed, value: price * pieces, as: money, privacy: internal}
  items:
    type: list
    max: 500
    privacy: public
    of:
      what: {type: text, max: 80, privacy: public}
      code: {type: nib, required: false, privacy: public}
      bought: {type: date, required: false, privacy: public}
      pieces: {type: integer, min: 0, privacy: public}
      price: {type: money, required: false, privacy: public}
      good: {type: boolean, required: false, privacy: public}
      share: {type: percent, required: false, privacy: public}
      note: {type: text, required: false, privacy: public}
rules:
  heavy: {holds: weight is None or weight < 1000, at: [weight, share], message: {id: Terlalu berat, en: Too heavy}}
warnings:
  dear:
    holds: price < 1000000
    at: price
    message: {id: "Harganya besar: benarkah?", en: "A high price: is it right?"}
"""

WORKFLOW = """
workflow: inventory
label: {id: Daftar inventaris, en: Inventory}
record: inventory
start: {who: {relation: record_operator}, record: any, prefill: record}
manage: {role: administrator}
form:
  first:
    fields:
      name: required
      about: optional
      story: optional
      weight: optional
      share: optional
      site: optional
      place: optional
      keeper: optional
      tax: optional
      trade: {copy: ask}
      photo: optional
      papers: optional
  money: {fields: {price: optional, pieces: optional, total: optional}}
  rows: {fields: {items: optional}}
states:
  draft: {waits_for: submitter, edit: {relation: record_operator}}
  look: {waits_for: office, steps: {look: {who: {role: verifier}}}}
  kept: {final: true}
actions:
  send: {who: {relation: record_operator}, from: [draft], to: look, needs: [valid_form]}
  keep: {auto: look.done, from: [look], to: kept, does: [publish, accept_members]}
"""

FILES = {"records/inventory.yaml": KIND, "inventory.yaml": WORKFLOW}


def in_force(world: World, folder: Path, files: Mapping[str, str] = FILES) -> None:
    """The files that ship with these beside them, as `siskop workflow load` does it."""
    shutil.copytree(ROOT / "workflows", folder, dirs_exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    assert world.settings.database_owner_url
    definitions.load(folder, world.settings.database_owner_url)
    definitions.forget()

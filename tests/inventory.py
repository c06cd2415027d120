"""Files that Python has never seen, beside those that ship: a kind with every type of field, and its workflow."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from config import ROOT
from siskop.base.db import settings
from siskop.submissions import definitions

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

CHILD = """
record: stocktaking
label: {id: Hitungan, en: Stocktaking}
child_of: {record: inventory, period: year}
display: {title: "Hitungan {year} {parent}"}
public: {path: hitungan, api: stocktakings, label: {id: Hitungan, en: Stocktakings}}
fields:
  year: {type: year, min: 2024, max: 2026, privacy: public}
  counted: {type: integer, min: 0, privacy: public}
"""

COUNTING = """
workflow: stocktaking
label: {id: Laporan hitungan, en: Stocktaking}
record: stocktaking
start: {who: {relation: record_operator}, prefill: last}
form: {all: {fields: {year: required, counted: required}}}
states:
  draft: {waits_for: submitter, edit: {relation: record_operator}}
  kept: {final: true}
actions:
  send: {who: {relation: record_operator}, from: [draft], to: kept, needs: [valid_form], does: [publish]}
"""

ASKING = """
workflow: joining
label: {id: Minta akses, en: Ask for access}
record: inventory
start:
  who: {relation: anyone}
  record: existing
  proof:
    label: {id: Surat kuasa, en: Mandate}
    help: {id: Surat yang menyebut nama Anda., en: A letter that names you.}
form: {all: {fields: {story: required}}}
states:
  draft: {waits_for: submitter, edit: {relation: submitter}}
  objection:
    waits_for: office
    steps: {objection: {who: {relation: record_operator}, self_service: true, votes: {need: 1, reason: against}}}
  joined: {final: true}
  refused: {final: true}
actions:
  send: {who: {relation: submitter}, from: [draft], to: objection, needs: [valid_form]}
  join: {auto: objection.passed, from: [objection], to: joined, does: [{accept_members: submitter}]}
  refuse: {auto: objection.failed, from: [objection], to: refused, does: [end_members]}
"""

CLOSING = """
workflow: closing
label: {id: Penutupan, en: Closing}
record: inventory
start: {who: {role: head}, record: existing}
form: {all: {fields: {pieces: required}}}
states:
  draft: {waits_for: submitter, edit: {relation: submitter}}
  closed: {final: true}
actions:
  close: {who: {relation: submitter}, from: [draft], to: closed, needs: [valid_form], does: [unpublish]}
"""

FILES = {
    "records/inventory.yaml": KIND,
    "inventory.yaml": WORKFLOW,
    "records/stocktaking.yaml": CHILD,
    "stocktaking.yaml": COUNTING,
    "joining.yaml": ASKING,
    "closing.yaml": CLOSING,
}


def picture(color: str = "teal") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(made, "PNG")
    return made.getvalue()


def in_force(folder: Path, files: Mapping[str, str] = FILES) -> None:
    """The files that ship with these beside them, as `siskop workflow load` does it."""
    shutil.copytree(ROOT / "workflows", folder, dirs_exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    owner = settings().database_owner_url
    assert owner
    definitions.load(folder, owner)
    definitions.forget()

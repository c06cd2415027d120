"""Each mistake in a file is said with file, line, place and the nearest right name; all of them at once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from siskop.engine.load import DefinitionErrors, load, read_folder
from siskop.engine.reading import DefinitionError

ROOT = Path(__file__).parents[2]
KIND, WORKFLOW = "records/cooperative.yaml", "cooperative.yaml"


@cache
def shipped() -> dict[str, str]:
    return read_folder(ROOT / "workflows")


def errors(files: dict[str, str]) -> tuple[DefinitionError, ...]:
    with pytest.raises(DefinitionErrors) as refused:
        load(files)
    return refused.value.errors


def changed(file: str, old: str, new: str) -> tuple[dict[str, str], int]:
    """The shipped files with one text replaced, and the line of the change's last line."""
    text = shipped()[file]
    assert old in text, old
    start = text.index(old)
    return {**shipped(), file: text.replace(old, new, 1)}, text.count("\n", 0, start) + 1 + new.count("\n")


BROKEN = [
    # (file, what stands there, what is put there instead, part of the message, nearest right name)
    (KIND, "    type: legal_number", "    type: legal_numbr", "no type of field", "legal_number"),
    (KIND, "max: 60", "maxx: 60", "not known here", "max"),
    (KIND, "max: 200", "max: many", "Here stands a whole number", None),
    (KIND, "list: cooperative-kinds", "list: cooperative-kind", "no list", "cooperative-kinds"),
    (KIND, "title: name", "title: nama", "no field", "name"),
    (KIND, "area: kelurahan", "area: name", "no field of type area", None),
    (KIND, "privacy: internal", "privacy: intern", "no privacy class", "internal"),
    (KIND, "{id: Nama singkat, en: Short name}", "{id: Nama singkat}", "“en” is missing", None),
    (KIND, "  legal_date:", "  last:", "already a reserved name", None),
    (KIND, "  legal_date:", "  class:", "has a meaning in conditions", None),
    (KIND, "  licensed: has_licence", "  licensed: has_license", "not known here", "has_licence"),
    (KIND, "  licensed: has_licence", "  name: has_licence", "already a field", None),
    (KIND, "when: expiring", "when: expires", "not known here", None),
    (KIND, "tone: warn", "tone: warm", "no tone", "warn"),
    (KIND, '"Berlaku sampai {licence_expires}"', '"Berlaku sampai {licence_scan}"', "may not stand here", None),
    (KIND, "cause: licence_expires", "cause: licence_expire", "no field", "licence_expires"),
    (KIND, "[licence, cooperative]", "[license, cooperative]", "no workflow", "licence"),
    (KIND, "in: [submitted, verified]", "in: [submited, verified]", "no state of these workflows", "submitted"),
    (KIND, "at_most: 30d", "at_most: soon", "no span of time", None),
    (KIND, "{at: 14d,", "{at: 14,", "no moment", None),
    (KIND, "{at: 14d,", "{at: 14d idle,", "“idle” counts from", None),
    (KIND, "mail: unlicensed-2", "mail: unlicenced-2", "no mail", "unlicensed-2"),
    (KIND, "copy: {role: head}", "copy: {role: haed}", "no role", "head"),
    (KIND, "to: operators}]", "to: operator}]", "no recipient", "operators"),
    (KIND, "record: cooperative", "# nothing", "“record: name”", None),
    (WORKFLOW, "name: required", "nama: required", "no field", "name"),
    (WORKFLOW, "name: required", "name: yes", "required, optional", None),
    (WORKFLOW, "short_name: optional", "short_name: optional\n      nib: optional", "twice", None),
    (WORKFLOW, "{show_if: legal_number is not None}", "{show_if: has_licence}", "not known here", None),
    (WORKFLOW, "kelurahan: required", "kelurahan: optional", "may be empty, then nobody is found", None),
    (WORKFLOW, "check: duplicates", "check: duplicate", "no check", "duplicates"),
    (WORKFLOW, "otherwise: warn", "otherwise: warned", "no outcome", "warn"),
    (WORKFLOW, "role: verifier", "role: verifyer", "no role", "verifier"),
    (WORKFLOW, "relation: record_operator", "relation: operator", "no relation", None),
    (WORKFLOW, "exclude: [did.verify]", "exclude: [did.verfy]", "relation or did", "did.verify"),
    (WORKFLOW, "allocate: least_busy", "allocate: least_bussy", "no way to choose", "least_busy"),
    (WORKFLOW, "after: [completeness", "after: [completness", "no other step", "completeness"),
    (WORKFLOW, "due: 5 working days", "due: 5 wrking days", "no span of time", None),
    (WORKFLOW, "      verification:\n", "      name:\n", "already a field", None),
    (WORKFLOW, "to: verified", "to: verifed", "no state", "verified"),
    (WORKFLOW, "step: verification", "step: verfication", "no step of people", "verification"),
    (WORKFLOW, "when: checks.passed", "when: checks.pased", "not known here", "passed"),
    (WORKFLOW, "auto: approval.passed", "auto: aproval.passed", "not known here", "approval"),
    (WORKFLOW, "needs: [valid_form]", "needs: [valid_from]", "no need", "valid_form"),
    (WORKFLOW, "does: [publish,", "does: [publsh,", "no effect", "publish"),
    (WORKFLOW, "{action: withdraw}", "{action: withdrawn}", "no action", "withdraw"),
    (WORKFLOW, "{action: withdraw}", "{action: verify}", "no action of this state", None),
    (WORKFLOW, "votes: {need: 1,", "votes: {need: 2,", "fewer seats", None),
    (WORKFLOW, "  published:\n    label", "  archive:\n    label", "no state", None),
    (WORKFLOW, "    final: true", "    final: false", "No action leads out of here", None),
    (WORKFLOW, "auto: approval.failed", "auto: approval.failed\n    needs: [reason]", "Nobody is there to give", None),
    (WORKFLOW, "    needs: [correction]", "    needs: [correction, reasons]", "no need", "reason"),
    (WORKFLOW, "auto: approval.failed", "auto: approval.failed or turnover > 5", "may be empty: require it", None),
    (WORKFLOW, "    step: verification\n    to: verified", "    to: verified", "“from” is missing", None),
    (WORKFLOW, "tone: refuse", "tone: refused", "no tone of a button", "refuse"),
    (WORKFLOW, "record: cooperative", "record: coperative", "no record kind", "cooperative"),
    ("lists/roles.csv", "Verification officer,desk", "Verification officer,desc", "not known here", "desk"),
    ("lists/holidays.csv", "2026-12-25", "25/12/2026", "no date", None),
    ("lists/levels.csv", "code,", "kode,", "“code” is missing", "kode"),
    ("lists/levels.csv", "sekunder,", "primer,", "twice", None),
    ("lists/levels.csv", ",Secondary (its members are cooperatives)", ",", "every language", None),
    ("mails/received.yaml", "{title}: pengajuan", "{titel}: pengajuan", "may not stand here", "title"),
    ("mails/inactive-1.yaml", "{reports.missing}", "{officers}", "may not stand here", None),
    ("mails/received.yaml", "button:", "buton:", "not known here", "button"),
    (WORKFLOW, "{letter: certificate}", "{letter: certificat}", "no letter", "certificate"),
    ("letters/certificate.yaml", "series:", "serie:", "not known here", "series"),
    ("letters/certificate.yaml", "Data {title} telah", "Data {titel} telah", "may not stand here", "title"),
    ("letters/certificate.yaml", "pendaftaran {title}", "pendaftaran {bank_account}", "may not stand here", None),
    ("letters/certificate.yaml", "{legal_number}.", "{officers}.", "may not stand here", None),
    ("letters/certificate.yaml", "role: head", "role: haed", "no role", "head"),
    ("letters/certificate.yaml", "sign: {role: head}", "sign: {role: head, area: kelurahn}", "no field", "kelurahan"),
    ("letters/certificate.yaml", "layout: certificate", "layout: ../x", "without .typ", None),
    ("letters/award.yaml", 'code: "518.4"', 'code: "518.5"', "another code", None),
    ("letters/award.yaml", "series:", 'number: "{seq}"\nseries:', "would come twice", None),
    ("letters/house.yaml", "{seq:03}", "{seq:03}{x}", "Known in a number", None),
    ("letters/house.yaml", "notice: pemberitahuan", "notice: pemberitahuann", "no letter", "pemberitahuan"),
    ("letters/house.yaml", "unit: DKUKM", "unti: DKUKM", "not known here", "unit"),
    ("letters/house.yaml", "melalui {link}", "melalui {lnk}", "may not stand here", "link"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "said", "near"), BROKEN, ids=lambda v: str(v)[:40])
def test_a_mistake_is_said_where_it_stands(file: str, old: str, new: str, said: str, near: str | None) -> None:
    files, line = changed(file, old, new)
    found = [e for e in errors(files) if said in e.message]
    assert found, [str(e) for e in errors(files)]
    if near is not None:
        assert (found[0].file, found[0].line, found[0].near) == (file, line, near)
        assert f"{file}:{line}: " in str(found[0])
        assert f"Did you mean “{near}”?" in str(found[0])


def test_corrections_lead_only_to_the_submitter() -> None:
    files, _ = changed(WORKFLOW, "    to: returned\n    needs", "    to: rejected\n    needs")
    assert any("asked of the submitter" in e.message for e in errors(files))


def test_steps_that_wait_for_each_other_are_found() -> None:
    files, _ = changed(WORKFLOW, "check: completeness\n", "check: completeness\n        after: verification\n")
    assert sum("waits for itself" in e.message for e in errors(files)) == 2


def test_all_errors_come_together_in_order() -> None:
    files = {**shipped()}
    files[KIND] = files[KIND].replace("type: legal_number", "type: legal_numbr").replace("max: 60", "max: none")
    files[WORKFLOW] = (
        files[WORKFLOW].replace("role: verifier", "role: verifyer").replace("name: required", "name: needed")
    )
    files["lists/holidays.csv"] = "date,name,sort\n2026-01-01,x,y\n"
    found = errors(files)
    assert len(found) >= 5
    assert list(found) == sorted(found, key=lambda e: (e.file, e.line, e.path, e.message))
    assert any(e.file == "lists/holidays.csv" and "missing" in e.message for e in found)


def test_yaml_that_breaks_off_does_not_hide_other_files() -> None:
    files = {
        **shipped(),
        "licence.yaml": "workflow: [",
        "mails/returned.yaml": shipped()["mails/returned.yaml"] + "x: 1\n",
    }
    found = errors(files)
    assert {"licence.yaml", "mails/returned.yaml"} <= {e.file for e in found}


@pytest.mark.parametrize(
    "value", ["", "a", "[]", "- 1", "1", "null", "record: 1", "workflow: x", "{}", "record: x\nfields: 1"]
)
def test_any_shape_of_a_document_is_answered_in_words(value: str) -> None:
    assert errors({**shipped(), "odd.yaml": value})


def test_any_shape_of_any_part_is_answered_in_words() -> None:
    lines = shipped()[WORKFLOW].split("\n")
    for n, line in enumerate(lines):
        key, colon, rest = line.partition(":")
        if colon and rest.strip() and "#" not in key and n % 11 == 0:
            for odd in ("", " 7", " []", " {x: 1}", " text"):
                text = "\n".join([*lines[:n], key + ":" + odd, *lines[n + 1 :]])
                try:
                    load({**shipped(), WORKFLOW: text})
                except DefinitionErrors as refused:
                    assert all(e.line for e in refused.errors)


def test_a_folder_that_is_none_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(DefinitionErrors, match="No definitions here"):
        read_folder(tmp_path)
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(DefinitionErrors, match="UTF-8"):
        read_folder(tmp_path)


COMMITTEE = """
workflow: committee
label: {id: Panitia, en: Committee}
record: cooperative
start: {who: {relation: record_operator}, record: existing}
manage: {role: administrator}
forms: {visit: {seen: {type: boolean, label: {id: Ada, en: Seen}}}}
form:
  main: {label: {id: Isi, en: Content}, fields: {turnover: required, name: required}}
states:
  draft: {label: {id: Draf, en: Draft}, waits_for: submitter, edit: {relation: record_operator}}
  review:
    label: {id: Tinjau, en: Review}
    waits_for: office
    steps:
      visit: {label: {id: Kunjungan, en: Visit}, who: {role: officer, area: kelurahan}, form: visit, due: 10wd}
      panel:
        label: {id: Panel, en: Panel}
        who: {role: verifier}
        seats: {member: 4, finance: {count: 1, who: {role: head}}}
        votes: {need: 3, veto: finance, reason: against}
        recuse: true
        due: 10 days
        ladder: [{at: 3d, does: [{end: lapsed}]}, {at: 0d, does: [{widen: {role: head}}]}]
      chief:
        label: {id: Kepala, en: Chief}
        who: {role: head, exclude: did.panel}
        when: turnover > 50000000
        after: [visit, panel]
        votes: {need: all}
  granted: {label: {id: Diberi, en: Granted}, final: true}
  refused: {label: {id: Ditolak, en: Refused}, final: true}
actions:
  send: {label: {id: Kirim, en: Send}, from: draft, to: review, who: {relation: record_operator}, needs: [valid_form]}
  grant:
    label: {id: Beri, en: Grant}
    from: review
    to: granted
    auto: panel.passed and visit.done and (chief.passed or chief.skipped)
    does: [publish]
  refuse:
    label: {id: Tolak, en: Refuse}
    from: review
    to: refused
    auto: panel.failed or chief.failed or panel.lapsed
"""  # fmt: skip


def test_a_committee_with_the_same_mechanisms_loads() -> None:
    found = load({**shipped(), "committee.yaml": COMMITTEE}).workflows["committee"]
    panel = found.states["review"].steps["panel"]
    assert [(s.name, s.count, s.who.role if s.who else None) for s in panel.seats] == [
        ("member", 4, None),
        ("finance", 1, "head"),
    ]
    assert panel.votes is not None
    assert (panel.votes.need, panel.votes.veto, panel.due_days, panel.due_working) == (3, "finance", 10, False)
    assert [(r.at.days, r.does[0].kind) for r in panel.ladder] == [(3, "end"), (0, "widen")]
    assert found.states["review"].steps["chief"].who.exclude == ("did.panel",)  # type: ignore[union-attr]
    assert found.forms["visit"].fields["seen"].privacy == "internal"


def test_several_documents_may_share_a_file() -> None:
    files = {k: v for k, v in shipped().items() if k not in (KIND, WORKFLOW, "licence.yaml")}
    files["all.yaml"] = "\n---\n".join(shipped()[k] for k in (KIND, WORKFLOW, "licence.yaml"))
    assert load(files).workflows.keys() == load(shipped()).workflows.keys()

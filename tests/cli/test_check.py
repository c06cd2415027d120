"""`siskop workflow check FILE…`: by the names that were given, with what stands around a file, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config import ROOT
from siskop.cli.main import siskop


def check(*words: str | Path) -> Result:
    result = CliRunner().invoke(siskop, ["workflow", "check", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own around the present one: records/thing.yaml and thing.yaml, with a role that only it has."""
    for name in ("records", "lists", "mails"):
        (tmp_path / "w" / name).mkdir(parents=True)
    (tmp_path / "w/lists/roles.csv").write_text("name,label_id,label_en,may\nclerk,Juru,Clerk,desk\n", "utf-8")
    (tmp_path / "w/lists/holidays.csv").write_text("date,name,kind\n2026-01-01,Baru,national\n", "utf-8")
    (tmp_path / "w/records/thing.yaml").write_text(KIND, "utf-8")
    (tmp_path / "w/thing.yaml").write_text(WORKFLOW, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "w"


KIND = """record: thing
label: {id: Benda, en: Thing}
display: {title: name}
fields: {name: {type: text, privacy: public, label: {id: Nama, en: Name}, example: A}}
"""
WORKFLOW = """workflow: thing
label: {id: Benda, en: Thing}
record: thing
start: {who: {relation: anyone}}
manage: {role: clerk}
form: {all: {label: {id: Isi, en: All}, fields: {name: required}}}
states:
  draft: {label: {id: Draf, en: Draft}, waits_for: submitter, edit: {relation: submitter}}
  sent: {label: {id: Dikirim, en: Sent}, waits_for: office}
  done: {label: {id: Selesai, en: Done}, final: true}
actions:
  send: {label: {id: Kirim, en: Send}, from: draft, to: sent, who: {relation: submitter}, needs: [valid_form]}
  close: {label: {id: Tutup, en: Close}, from: sent, to: done, who: {role: clerk}}
"""


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_the_roles_lists_and_kinds_are_those_beside_the_file(folder: Path) -> None:
    assert check(folder / "thing.yaml").exit_code == 0
    shutil.copy(ROOT / "workflows/licence.yaml", folder / "licence.yaml")
    assert "There is no record kind “cooperative”" in check(folder / "licence.yaml").output


@pytest.mark.parametrize("given", ["w/thing.yaml", "./w/thing.yaml", "w/../w/thing.yaml", "{abs}/w/thing.yaml"])
def test_the_file_is_told_as_it_was_given(folder: Path, given: str) -> None:
    spoil(folder / "thing.yaml", "role: clerk", "role: clerc")
    given = given.format(abs=folder.parent)
    result = check(given)
    assert result.exit_code == 1
    assert f"{given}:5: manage.role: There is no role “clerc”" in result.output
    assert "Did you mean “clerk”?" in result.output


def test_from_within_a_folder_too(folder: Path) -> None:
    spoil(folder / "records/thing.yaml", "title: name", "title: nama")
    os.chdir(folder / "records")
    assert "\nthing.yaml:3: display.title: " in "\n" + check("thing.yaml").output
    os.chdir(folder)
    assert "\nrecords/thing.yaml:3: display.title: " in "\n" + check("records/thing.yaml").output
    assert "\nrecords/thing.yaml:3: display.title: " in "\n" + check("thing.yaml").output  # which needs it
    assert "\nrecords/thing.yaml:3: display.title: " in "\n" + check(".").output


def test_what_does_not_concern_a_file_is_told_only_for_the_folder(folder: Path) -> None:
    (folder / "other.yaml").write_text("workflow: [", "utf-8")
    (folder / "mails/unused.yaml").write_text("x: 1", "utf-8")
    assert check("w/thing.yaml").output.startswith("0 errors")
    assert {line.partition(":")[0] for line in check("w").stdout.splitlines()} == {
        "w/other.yaml",
        "w/mails/unused.yaml",
    }


def test_json_is_a_list_of_what_was_found(folder: Path) -> None:
    spoil(folder / "thing.yaml", "role: clerk", "role: clerc")
    spoil(folder / "thing.yaml", "label: {id: Draf, en: Draft}, ", "")
    found = json.loads(check("--json", "w/thing.yaml").stdout)
    assert [set(one) for one in found] == [{"file", "line", "path", "message", "near", "severity"}] * 2
    assert [(one["line"], one["severity"], one["near"]) for one in found] == [
        (5, "error", "clerk"),
        (8, "warning", None),
    ]
    assert json.loads(check("--json", "w/records/thing.yaml").stdout) == []


def test_warnings_alone_are_no_failure(folder: Path) -> None:
    spoil(folder / "thing.yaml", "label: {id: Draf, en: Draft}, ", "")
    (folder / "lists/holidays.csv").unlink()
    result = check("w/thing.yaml")
    assert result.exit_code == 0
    assert "w/thing.yaml:8: warning: states.draft: “label” is missing" in result.output
    assert "w/lists/holidays.csv:1: warning: (file): The file is missing" in result.output


def test_a_file_without_roles_around_it_says_what_belongs_there(folder: Path) -> None:
    (folder / "lists/roles.csv").unlink()
    assert "w/thing.yaml:1: (file): Beside it stands no lists/roles.csv" in check("w/thing.yaml").output
    assert "w/lists/roles.csv:1: (file): The file is missing" in check("w").output


def test_what_cannot_be_read_is_a_sentence(folder: Path) -> None:
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    (folder / "gone.yaml").symlink_to(folder / "nowhere")
    (folder / "folder.yaml").mkdir()
    (folder / "binary.yaml").write_bytes(bytes(range(256)))
    (folder / "empty.yaml").write_text("", "utf-8")
    (folder / "notes.txt").write_text("x", "utf-8")
    os.mkfifo(folder / "pipe.yaml")
    said = {
        "loop": "Too many levels", "gone": "no such file", "binary": "not text in UTF-8", "empty": "The file is empty",
        "pipe": "no ordinary file", "no": "no such file",
    }  # fmt: skip
    for name, words in said.items():
        result = check(f"w/{name}.yaml")
        assert (result.exit_code, f"w/{name}.yaml:1: (file): " in result.output) == (1, True), result.output
        assert words in result.output
    assert "This is no definition" in check("w/notes.txt").output
    assert "no ordinary file" in check("/dev/zero").output
    assert check("w/folder.yaml").exit_code == check("w/lists").exit_code == check("x" * 5000).exit_code == 1
    assert all(f"w/{name}.yaml:1: " in check("w").output for name in said if name != "no")


def test_without_a_file_it_is_the_shipped_folder() -> None:
    assert "0 errors" in check().output

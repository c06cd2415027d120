"""`siskop workflow check` and `load`: a broken folder is said line by line; a whole one comes in force."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config import ROOT
from siskop.cli.main import siskop
from siskop.submissions import definitions
from tests.worlds import World


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(siskop, ["workflow", *map(str, words)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "workflows", tmp_path / "workflows"))


def broken(folder: Path) -> int:
    """Misspell a role; the line on which it stands."""
    file = folder / "licence.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("role: verifier", "role: verifyer"), "utf-8")
    return text.count("\n", 0, text.index("role: verifier")) + 1


def test_the_shipped_folder_is_whole() -> None:
    result = run("check")
    assert result.exit_code == 0, result.output


def test_each_error_is_a_line_with_file_and_nearest_name(folder: Path) -> None:
    line = broken(folder)
    result = run("check", folder / "licence.yaml", folder / "records" / "cooperative.yaml")
    assert result.exit_code == 1
    assert f"{folder}/licence.yaml:{line}: states.submitted.steps.verification.who.role: " in result.output
    assert "Did you mean “verifier”?" in result.output
    assert "1 error" in result.output


def test_loading_puts_a_folder_in_force_once(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in world.environ.items():
        monkeypatch.setenv(name, value)
    file = folder / "licence.yaml"
    file.write_text(file.read_text("utf-8").replace("due: 5 working days", "due: 7 working days"), "utf-8")
    before = definitions.library().workflows["licence"].behaviour
    first, second = run("load", folder), run("load", folder)
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert ("in force now" in first.output, "in force already" in second.output) == (True, True)
    definitions.forget()
    assert definitions.library().workflows["licence"].behaviour != before


def test_a_broken_folder_changes_nothing(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in world.environ.items():
        monkeypatch.setenv(name, value)
    broken(folder)
    before = definitions.library().set_id
    assert run("load", folder).exit_code == 1
    definitions.forget()
    assert definitions.library().set_id == before

"""A program on a leash: what it may take, and that it knows nothing of ours."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from siskop.base import child


def run(program: str, given: bytes = b"", seconds: int = 10) -> bytes:
    return child.run_limited([sys.executable, "-c", program], given, seconds=seconds, megabytes=300)


def test_it_answers_what_it_was_given() -> None:
    assert run("import sys; sys.stdout.write(sys.stdin.read() * 2)", b"ab") == b"abab"


def test_it_knows_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "rahasia")
    assert b"rahasia" not in run("import os; print(dict(os.environ))")


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise ValueError('the last word')", "the last word"),
        ("import time; time.sleep(60)", "more than 1 seconds"),
        ("while True: pass", "more than 1 seconds|ended with"),
        ("print(len('x' * (1 << 30)))", "MemoryError"),
    ],
)
def test_what_goes_wrong_is_said(program: str, said: str) -> None:
    with pytest.raises(child.Failed, match=said):
        run(program, seconds=1 if "while" in program or "sleep" in program else 10)


def test_it_writes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with pytest.raises(child.Failed):
        run(f"import pathlib; pathlib.Path({str(path)!r}).write_text('x' * 100)")
    assert not path.exists() or path.stat().st_size == 0

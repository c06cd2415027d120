"""Strict YAML: what plain scalars mean, and what is refused at which line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siskop.engine.source import read


def test_plain_scalars_follow_yaml_1_2() -> None:
    (source,), faults = read("f", "a: yes\nb: on\nc: 012\nd: true\ne: 2026-01-01\nf: ~\ng: '1'\nh: 1.5\ni: 10d\n")
    assert not faults
    assert source.value == {
        "a": "yes", "b": "on", "c": 12, "d": True, "e": "2026-01-01", "f": None, "g": "1", "h": 1.5, "i": "10d",
    }  # fmt: skip


def test_every_path_knows_its_line_and_documents_stand_apart() -> None:
    sources, _ = read("f", "a:\n  b: 1\n---\nc:\n  - x\n  - {d: 2}\n")
    assert sources[0].line(("a", "b")) == 2
    assert sources[1].line(("c", 1, "d")) == 6
    assert sources[1].line(("c", 1, "not there")) == 6


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "stands here twice"),
        ("a: 1\nb: !not x\n", 2, "Tags are not used here"),
        ("a: &x 1\n", 1, "Anchors"),
        ("a: 1\nb: *x\n", 2, "Anchors"),
        ("a: 1\nw: {when: kind in [x, y]}\n", 2, "needs quotes inside"),
        ("a: 1\nw: {when: max(a, b) > 1}\n", 2, "needs quotes inside"),
        ('a: 1\nw: {when: "x" == kind}\n', 2, "needs quotes inside"),
        ("a:\n  b: 1\n c: 2\n", 3, "Not readable as YAML"),
        ("? [a]\n: 1\n", 1, "A name must be text"),
        ("a: " + "[" * 40 + "]" * 40, 1, "Nested deeper"),
    ],
)
def test_what_is_refused_says_its_line(text: str, line: int, said: str) -> None:
    _, faults = read("f", text)
    assert [(fault.line, said in fault.message) for fault in faults][:1] == [(line, True)]


def test_a_colon_inside_braces_needs_no_quotes() -> None:
    (source,), faults = read("f", "send: {days: working, hours: 08:00-16:00}\n")
    assert (source.value["send"]["hours"], faults) == ("08:00-16:00", [])


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:{}[]&*!-,'\"\n #|>?%@~\t0", max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    sources, faults = read("f", text)
    assert all(fault.line >= 1 for fault in faults)
    assert all(source.file == "f" for source in sources)

"""Files of definitions that were written to do harm are refused, or read rightly, each in under a second."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from config import ROOT
from siskop.cli.main import siskop
from tests.engine.test_flaws import FILES, KIND, WORKFLOW

LICENCE = (ROOT / "workflows/licence.yaml").read_text("utf-8")
SECOND = LICENCE.replace("workflow: licence", "workflow: second", 1)
FIELDS = "record: x\ndisplay: {title: k0}\nfields:\n"
BOMB = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [{', '.join(['*a'] * 9)}]\n" for n in range(9))

FILES_OF_HARM: dict[str, tuple[str | bytes, str]] = {
    # name: (what stands in the file, what is said of it; "" for nothing)
    "a bomb of aliases": (BOMB, "Anchors (&) and aliases (*)"),
    "ten megabytes in a line": ("# " + "x" * 10_000_000, "too long"),
    "ten megabytes of keys": ("a: b\n" * 2_000_000, "too long"),
    "a megabyte of one key": ("a: 1\n" * 190_000, "stands here twice"),
    "deep brackets": ("a: " + "[" * 100_000, "Nested deeper"),
    "deep braces": ("a: " + "{a: " * 20_000, "Nested deeper"),
    "deep blocks": ("".join(" " * n + "a:\n" for n in range(1000)), "Nested deeper"),
    "100,000 keys": ("".join(f"k{n}: 1\n" for n in range(100_000)), "more than"),
    "100,000 fields": (FIELDS + "".join(f"  k{n}: 1\n" for n in range(80_000)), "more than"),
    "3,000 fields": (FIELDS + "".join(f"  k{n}: {{type: text, privacy: public}}\n" for n in range(3_000)), ""),
    "20,000 documents": ("a: 1\n---\n" * 20_000, "more than"),
    "late nonsense": ("".join(f"k{n}: 1\n" for n in range(9_000)) + "x: [\n", "Not readable as YAML"),
    "a long word": ("workflow: x\nlabel: {id: '" + "y" * 900_000 + "', en: z}\n", "is missing"),
    "a long name": ("y" * 900 + ": 1\n", "A document begins with"),
    "a very long name": ("y" * 900_000 + ": 1\n", "Not readable as YAML"),
    "a tab": ("workflow: x\n\tlabel: y\n", "Not readable as YAML"),
    "NUL": (LICENCE.replace("licence", "lic\0ence"), "Not readable as YAML"),
    "no UTF-8": (b"workflow: \xff\xfe", "not text in UTF-8"),
    "UTF-16": (LICENCE.encode("utf-16"), "not text in UTF-8"),
    "a tag": ('workflow: !!python/object/apply:os.system ["id"]', "Tags are not used"),
    "a merge": ("a: &x {b: 1}\nc: {<<: *x}\n", "Anchors"),
    "another YAML": ("%YAML 9.9\n---\na: 1\n", "Not readable as YAML"),
    "keys that are lists": ("? [a, b]\n: c\n", "A name must be text"),
    "a byte-order mark": (b"\xef\xbb\xbf" + SECOND.encode(), ""),
    "CRLF": (SECOND.replace("\n", "\r\n"), ""),
    "on for required": (SECOND.replace("has_licence: required", "has_licence: on", 1), "Here stands required"),
    "yes for true": (SECOND.replace("final: true", "final: yes", 1), "Here stands true or false, not “yes”"),
    "a time for a span": (SECOND.replace("due: 5 working days", "due: 12:30", 1), "“12:30” is no span of time"),
    "a million days": (SECOND.replace("due: 5 working days", "due: 1000000 days", 1), "no span of time"),
}

CONDITIONS = {
    "brackets": "(" * 400 + "has_licence" + ")" * 400,
    "many nots": "not " * 240 + "has_licence",
    "length": "has_licence and " * 5000 + "has_licence",
    "a power": "2**999999999 > 1",
    "repetition": '"a" * 999999999 == "a"',
    "a format": '"%999999999d" % 1 == "x"',
    "a way out": "().__class__.__bases__[0]",
    "a function": "(lambda: 1)() == 1",
    "an assignment": "(x := 1) == 1",
    "an import": "__import__('os').system('id')",
    "a pattern": "matches(licence_number, '(a+)+$')",
    "a chain": "1 < " * 150 + "2 < 3",
    "an f-string": "f'{has_licence}'",
    "a comprehension": "[x for x in [1] * 99999] == 1",
    "NUL": "has\x00licence",
    "two": "has_licence; 1",
    "a choice of choices": "True if has_licence else " * 400 + "True",
    "no day": 'date("9999-99-99") > today',
    "a huge number": "1" * 990 + " * " + "9" * 990 + " > 1",
}
HARMLESS = {
    "the first day": 'date("0001-01-01") < today',
    "the last day": 'today < date("9999-12-31")',
    "a large number": "1e999 > 1 and " + "9" * 400 + " > 1",
}


def check(tmp_path: Path, text: str | bytes) -> tuple[float, str]:
    """(seconds of the processor, what was said) of a file in a copy of the shipped folder."""
    folder = Path(shutil.copytree(ROOT / "workflows", tmp_path / "w"))
    (folder / "odd.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    begun = time.process_time()
    result = CliRunner().invoke(siskop, ["workflow", "check", str(folder / "odd.yaml")])
    seconds = time.process_time() - begun
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code != 0) == ("0 errors" not in result.output)
    return seconds, result.output


@pytest.mark.parametrize("name", FILES_OF_HARM)
def test_a_file_of_harm(tmp_path: Path, name: str) -> None:
    text, words = FILES_OF_HARM[name]
    seconds, output = check(tmp_path, text)
    assert words in output
    assert bool(words) == ("0 errors" not in output)
    assert seconds < 1


@pytest.mark.parametrize("source", [*CONDITIONS.values(), *HARMLESS.values()], ids=[*CONDITIONS, *HARMLESS])
def test_a_condition_of_harm(tmp_path: Path, source: str) -> None:
    text = SECOND.replace("when: not touched", f"when: {json.dumps(source)}", 1)
    seconds, output = check(tmp_path, text)
    assert ("actions.withdraw.when: " in output) == (source not in HARMLESS.values())
    assert seconds < 1


def _votes() -> str:
    one = "who: {role: member}, votes: {need: 1}, due: 5d, ladder: [{at: 0d, does: [{end: lapsed}]}]"
    steps = "".join(f"      p{n}: {{{one}}}\n" for n in range(10))
    return WORKFLOW.replace("      panel:", f"{steps}      panel:", 1)


def _states() -> str:
    states = "".join(f"  s{n}: {{waits_for: office, steps: {{v{n}: {{check: duplicates}}}}}}\n" for n in range(150))
    ways = "".join(f"  a{n}: {{from: s{n}, to: s{n + 1}, auto: v{n}.passed and amount > {n}}}\n" for n in range(149))
    return WORKFLOW.replace("  granted:", f"{states}  granted:", 1) + ways


def _actions() -> str:
    one = "from: [draft, open, big], to: refused, who: {role: boss}"
    return WORKFLOW + "".join(f"  x{n}: {{{one}, when: amount > {n * 1000} and urgent}}\n" for n in range(300))


@pytest.mark.parametrize("text", [_votes(), _states(), _actions()], ids=["votes", "states", "actions"])
def test_a_workflow_too_large_to_be_explored_whole_is_still_read_in_a_second(tmp_path: Path, text: str) -> None:
    for name, content in {**FILES, "records/grant.yaml": KIND, "grant.yaml": text}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    begun = time.process_time()
    CliRunner().invoke(siskop, ["workflow", "check", str(tmp_path / "grant.yaml")], catch_exceptions=False)
    assert time.process_time() - begun < 1

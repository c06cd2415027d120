"""Makes the mechanical part of the corpus from the shipped files: `python -m tests.engine.broken.make`.

What is expected comes from the edit alone: the line on which the wrong text stands (or the one around what is gone),
the wrong name, and the right one that was there. The program is never asked.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
WORKFLOWS = HERE.parents[2] / "workflows"
Case = dict[str, str]

KEYS = frozenset(
    re.findall(
        r"\w+",
        """label public_label waits_for steps check allocate after ladder votes seats when auto needs does tone from
        fields required show_if type privacy search filter help example holds otherwise shows words cause cured_by
        workflows at_most send record title display badges cases reminders facts public path exclude reason final form
        start manage deadline counts prefill subject body button relation role mail""",
    )
)
NAMES = "role|relation|mail|list|check|step|type|privacy|record|title|cause|allocate|waits_for|tone|counts|form"
CONDITION = re.compile(r"\b(?P<key>when|auto|holds|show_if): (?P<quote>\"?)(?P<text>[^\"{}\[\]#]+)")
WORDS_OF_CONDITIONS = {
    "and",
    "or",
    "not",
    "is",
    "in",
    "None",
    "today",
    "true",
    "false",
    "days",
    "year",
    "months",
    "date",
}
WRONG_TYPES = {
    "max": "many", "min": "few", "final": "maybe", "search": "perhaps", "filter": "perhaps", "due": "soon",
    "at_most": "soon", "max_mb": "large", "recuse": "maybe", "need": "several", "required": "perhaps",
}  # fmt: skip
NEEDED = {"type", "to", "who", "record", "workflow", "start", "states", "actions", "form", "display", "cause", "ladder"}


def misspelt(word: str, chance: Random) -> str:
    """One slip of the fingers, in the inner part."""
    n = chance.randrange(1, max(len(word) - 2, 2))
    slips = (word[:n] + word[n + 1 :], word[:n] + word[n] + word[n:], word[:n] + word[n + 1] + word[n] + word[n + 2 :])
    return next((slip for slip in chance.sample(slips, 3) if slip != word), word + word[-1])


def keys(line: str, chance: Random) -> Iterator[Case]:
    for match in re.finditer(r"(?<![\w.\"-])([a-z_]+):(?= |$)", line):
        if match[1] in KEYS and len(match[1]) > 3:
            wrong = misspelt(match[1], chance)
            if wrong not in KEYS:
                yield {"put": splice(line, match, 1, wrong), "name": wrong, "near": match[1]}


def names(line: str, chance: Random) -> Iterator[Case]:
    for match in () if line.startswith("record:") else re.finditer(rf"\b(?:{NAMES}): ([a-z][\w-]{{3,}})\b(?!:)", line):
        wrong = misspelt(match[1], chance)
        yield {"put": splice(line, match, 1, wrong), "name": wrong, "near": match[1]}
    for match in re.finditer(r"\bdid\.([a-z_]{4,})", line):
        wrong = misspelt(match[1], chance)
        yield {"put": splice(line, match, 1, wrong), "name": wrong, "near": f"did.{match[1]}"}
    for match in re.finditer(r"\b(?:needs|after|does|from): \[([a-z_]{5,})\b", line):
        wrong = misspelt(match[1], chance)
        yield {"put": splice(line, match, 1, wrong), "name": wrong, "near": match[1]}


def conditions(line: str, chance: Random) -> Iterator[Case]:
    for condition in CONDITION.finditer(line):
        for match in re.finditer(r"(?<![\w.\"])([a-z_]{4,})\b(?!\()", condition["text"]):
            if match[1] not in WORDS_OF_CONDITIONS:
                wrong = misspelt(match[1], chance)
                start = condition.start("text") + match.start(1)
                put = line[:start] + wrong + line[start + len(match[1]) :]
                yield {"put": put, "name": wrong, "near": match[1]}


def bad_conditions(line: str, chance: Random) -> Iterator[Case]:
    for condition in CONDITION.finditer(line):
        text = condition["text"].rstrip()
        if line[condition.end("text") :].startswith('"') and not condition["quote"]:
            continue  # a text stands in it
        worse = chance.choice(
            (f"{text} and", f"({text}", f"{text} = 1", f"{text} && true", f"!({text})", f"{text} > “5”")
        )
        start, end = condition.start("text"), condition.start("text") + len(text)
        if not condition["quote"]:
            worse = json.dumps(worse, ensure_ascii=False)
        yield {"put": line[:start] + worse + line[end:], "name": condition["key"]}


def types(line: str, chance: Random) -> Iterator[Case]:
    for key, wrong in WRONG_TYPES.items():
        for match in re.finditer(rf"\b{key}: (\d[\w ]*|true|false)(?=[,}}\s#]|$)", line):
            yield {"put": splice(line, match, 1, wrong), "name": key}
    for match in re.finditer(r"\bat: (-?\d+\w+)", line):
        yield {"put": splice(line, match, 1, "someday"), "name": "someday"}


def halves(line: str, chance: Random) -> Iterator[Case]:
    for match in re.finditer(r"\{id: [^{}]*?(, en: [^{}]*)\}", line):
        yield {"put": line[: match.start(1)] + line[match.end(1) :], "name": "en"}


def gone(line: str, chance: Random) -> Iterator[Case]:
    for match in re.finditer(r"[{ ](type|to|at): [^,{}\[\]]+, ", line):
        if "{" in line[: match.start() + 1]:
            yield {"put": line[: match.start() + 1] + line[match.end() :], "name": match[1]}
    match = re.fullmatch(r" {2,}(type|to|step|cause): \S+.*", line)
    if match:
        yield {"put": f"{' ' * (len(line) - len(line.lstrip()))}# gone", "name": match[1], "at": "around"}


def twice(line: str, chance: Random) -> Iterator[Case]:
    match = re.fullmatch(r" +([a-z_]+): [^{\[|]+", line)
    if match:
        yield {"put": f"{line}\n{line}", "name": match[1], "at": "second"}


def broken(line: str, chance: Random) -> Iterator[Case]:
    if line.rstrip().endswith("}") and line.count("{") == 1 and ": {" in line and ": " in line.partition("{")[2]:
        yield {"put": line.rstrip()[:-1], "name": "YAML", "at": "near"}
    if re.match(r" {4,}[a-z_]+: \S", line):
        yield {"put": "\t" + line.lstrip(), "name": "YAML", "at": "near"}
    for match in re.finditer(r": ([a-z]\w+)$", line):
        yield {"put": splice(line, match, 1, f"&a {match[1]}"), "name": "Anchors"}
        yield {"put": splice(line, match, 1, f"!x {match[1]}"), "name": "Tags"}


def places(line: str, chance: Random) -> Iterator[Case]:
    for match in re.finditer(r"\{([a-z_]{4,})\}", line):
        wrong = misspelt(match[1], chance)
        yield {"put": splice(line, match, 1, wrong), "name": wrong, "near": match[1]}


def splice(line: str, match: re.Match[str], group: int, new: str) -> str:
    return line[: match.start(group)] + new + line[match.end(group) :]


SORTS: dict[Callable[[str, Random], Iterator[Case]], int] = {
    keys: 90, names: 80, conditions: 50, bad_conditions: 30, types: 30, halves: 30, gone: 30, twice: 20, broken: 20,
    places: 20,
}  # fmt: skip


def make(chance: Random) -> Iterator[Case]:
    """So many of each sort, spread over files and over the words that are misspelt."""
    for sort, wanted in SORTS.items():
        found = [
            {"file": file, "find": line, "sort": sort.__name__, **case}
            for file, line in lines()
            for case in sort(line, chance)
        ]
        chance.shuffle(found)
        seen: Counter[tuple[str, str]] = Counter()
        ranks = []
        for case in found:
            kind = (case["file"], case.get("near", case["name"]))
            ranks.append(seen[kind])
            seen[kind] += 1
        order = sorted(range(len(found)), key=ranks.__getitem__)
        yield from (found[n] for n in order[:wanted])


def lines() -> Iterator[tuple[str, str]]:
    """Lines that stand only once in their file, so that they are found again."""
    for file in sorted(f for pattern in ("*.yaml", "records/*.yaml", "mails/*.yaml") for f in WORKFLOWS.glob(pattern)):
        text = file.read_text("utf-8").splitlines()
        counts = Counter(text)
        yield from (
            (file.relative_to(WORKFLOWS).as_posix(), line)
            for line in text
            if counts[line] == 1 and line.strip() and not line.lstrip().startswith("#")
        )


if __name__ == "__main__":
    cases = list(make(Random(4)))
    told = "".join(f"- {json.dumps(case, ensure_ascii=False)}\n" for case in cases)
    (HERE / "made.yaml").write_text(
        f"# Made by make.py: edits of one line each, with what must be said of them.\n{told}", "utf-8"
    )
    print(len(cases), Counter(case["sort"] for case in cases))

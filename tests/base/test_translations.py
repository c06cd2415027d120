"""No sentence of the code or the templates is without Indonesian; English is what they are written in."""

from __future__ import annotations

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from config import ROOT
from siskop.base.i18n import TRANSLATIONS

WORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "Bad": None}
CODE = [("siskop/**.py", "python")]
PAGES = [("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
ENGINE = [("siskop/engine/**.py", "python")]


def test_every_sentence_has_its_indonesian() -> None:
    known = set()
    for path in (TRANSLATIONS / "id").glob("*.po"):
        with path.open("rb") as stream:
            known |= {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(stream, locale="id") if m.string}
    used = [*found(CODE + PAGES, WORDS), *found(ENGINE, {"Refusal": (2,)})]
    assert len(used) > 500
    assert sorted({(where, text) for where, text in used if text not in known}) == []


def found(where: list[tuple[str, str]], keywords: dict[str, tuple[int, ...] | None]) -> list[tuple[str, str]]:
    texts = extract_from_dir(str(ROOT), method_map=where, keywords=keywords)
    return [(f"{path}:{line}", text if isinstance(text, str) else text[0]) for path, line, text, _, _ in texts]

"""No sentence of the code or the templates is without Indonesian; English is what they are written in."""

from __future__ import annotations

import re

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from config import ROOT
from siskop.base.i18n import TRANSLATIONS

WORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "Bad": None}
CODE = [("siskop/**.py", "python")]
PAGES = [("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
ENGINE = [("siskop/engine/**.py", "python")]
DOMAIN = re.compile(
    r"\b(koperasi|pengurus|dinas|rat|ukm|ksp|badan hukum|kelurahan|kecamatan|cooperative|small business|legal entity)",
    re.IGNORECASE,
)
JINJA = re.compile(r"\{[{%#].*?[%}#]\}", re.DOTALL)


def test_every_sentence_has_its_indonesian() -> None:
    known = set()
    for path in (TRANSLATIONS / "id").glob("*.po"):
        with path.open("rb") as stream:
            known |= {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(stream, locale="id") if m.string}
    used = [*found(CODE + PAGES, WORDS), *found(ENGINE, {"Refusal": (2,)})]
    assert len(used) > 500
    assert sorted({(where, text) for where, text in used if text not in known}) == []


def test_the_machinery_speaks_of_no_domain_for_its_words_stand_on_every_workflow() -> None:
    said = [text for _where, text in found(CODE + PAGES, WORDS)]
    for path in (TRANSLATIONS / "id").glob("*.po"):
        with path.open("rb") as stream:
            said += [text for m in read_po(stream, locale="id") if m.id for text in _texts(m)]
    said += [JINJA.sub(" ", path.read_text("utf-8")) for path in (ROOT / "templates").rglob("*.html")]
    assert [text for text in said if DOMAIN.search(text)] == []


def _texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def found(where: list[tuple[str, str]], keywords: dict[str, tuple[int, ...] | None]) -> list[tuple[str, str]]:
    texts = extract_from_dir(str(ROOT), method_map=where, keywords=keywords)
    return [(f"{path}:{line}", text if isinstance(text, str) else text[0]) for path, line, text, _, _ in texts]

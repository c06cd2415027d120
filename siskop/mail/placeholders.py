"""What a mail may say of a record: its answers as words, by the names of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siskop.base import i18n
from siskop.engine.definition import RecordKind
from siskop.engine.fields.registry import UPLOADED, plain

NO_SENTENCE = UPLOADED | {"list", "explanation"}
"""Types whose values no sentence holds."""


def of_record(kind: RecordKind, values: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """In every language, for the outbox knows the reader's; nothing personal."""
    return {
        f.name: {language: plain(f, values[f.name], language) for language in i18n.LOCALES}
        for f in kind.fields.values()
        if f.privacy != "personal" and values.get(f.name) is not None and f.type not in NO_SENTENCE
    }

"""Likely duplicates: equal names anywhere, or similar ones in the same area; a similar number raises the score.

A number alone says nothing (unrelated cooperatives share one), so it never flags by itself. The outcome is a
warning at most: a person decides.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import text

from siskop.base.i18n import N_
from siskop.submissions.checks import Found, Subject
from siskop.submissions.checks.naming import alike, fold_number, names_of

SIMILAR_NAME = 0.86
"""Names at least so alike are shown. Two real lists of cooperatives put same-but-misspelt names above it,
different ones below."""

MOST_SHOWN = 5
_OTHERS = text("""
SELECT id, title, folded, area, key_value, slug, version FROM siskop.record
WHERE kind = :kind AND id <> :record AND title <> '' AND (folded = :folded OR area = :area)
ORDER BY id LIMIT 2000""")


def run(subject: Subject) -> Found:
    own = names_of(subject.definition.kind, subject.answers, subject.title)
    parameters = {**own, "kind": subject.definition.record, "record": subject.record_id}
    others = subject.tx.execute(_OTHERS, parameters).all()
    common = _common_words([own["folded"], *(o.folded for o in others)])
    likely = sorted(filter(None, (_compare(own, other, common) for other in others)), key=lambda line: -line["score"])
    if likely:
        return Found("warned", likely[:MOST_SHOWN])
    return Found("passed", [{"text": N_("Nothing similar is known in this area, and the same name nowhere")}])


def _common_words(names: list[str]) -> frozenset[str]:
    """Words that a tenth of the names share ("koperasi", "simpan", "pinjam"): they tell nobody apart."""
    counts = Counter(word for name in names for word in set(name.split()))
    return frozenset(word for word, n in counts.items() if n > 2 and n * 10 >= len(names))


def _compare(own: dict[str, Any], other: Any, common: frozenset[str]) -> dict[str, Any] | None:
    same = bool(own["folded"]) and own["folded"] == other.folded
    score = 1.0 if same else alike(own["folded"], other.folded, common)
    if not same and (own["area"] is None or own["area"] != other.area or score < SIMILAR_NAME):
        return None
    number = (
        alike(fold_number(own["key"] or ""), fold_number(other.key_value or ""), frozenset())
        if own["key"] and other.key_value
        else 0.0
    )
    said = N_("Same name: %(title)s") if same else N_("Similar name in the same area: %(title)s")
    line: dict[str, Any] = {
        "text": said,
        "params": {"title": other.title},
        "score": round(score + 0.5 * number, 3),
        "record": other.id,
    }
    if number > 0.8:
        line["also"] = {"text": N_("Its number is similar too: %(number)s"), "params": {"number": other.key_value}}
    return line

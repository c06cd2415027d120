"""The directory as the public role asks it: words, abbreviations, filters with counts, pages."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from siskop.base.db import public_reading, unit_of_work
from siskop.base.errors import NotFound
from siskop.register import directory
from siskop.register.directory import Asked, Found
from tests.register.kinds import ANSWERS, KIND, open_to_all, published
from tests.worlds import World

SHORT = ({"short": "KSP", "long": "simpan pinjam"}, {"short": "BMT", "long": "baitul mal wat tamwil"})


@pytest.fixture(autouse=True)
def kind_in_force(world: World) -> Iterator[None]:
    open_to_all(world)
    yield


def put(*titles: str, **more: Any) -> None:
    with unit_of_work() as tx:
        for title in titles:
            published(tx, {**ANSWERS, "x1": title, **more})


def ask(words: str = "", after: str = "", **filters: list[str]) -> Found:
    with public_reading() as tx:
        return directory.search(tx, KIND, Asked(words, filters, after), SHORT)


def titles(found: Found) -> list[str]:
    return [line.title for line in found.lines]


def test_every_word_begins_a_word_of_title_or_place(world: World) -> None:
    put("Koperasi Mawar Biru", "Koperasi Mawar Merah", "Biru Laut")
    assert titles(ask("biru maw")) == ["Koperasi Mawar Biru"]
    assert titles(ask("MÀWAR, barat")) == ["Koperasi Mawar Biru", "Koperasi Mawar Merah"]
    assert titles(ask("war")) == []
    assert titles(ask("100% _")) == []


def test_an_abbreviation_finds_the_long_words_and_they_find_it(world: World) -> None:
    put("Koperasi Simpan Pinjam Mawar", "KSP Mawar", "BMT Mawar", "Simpan Baitul")
    assert titles(ask("ksp mawar")) == ["Koperasi Simpan Pinjam Mawar", "KSP Mawar"]
    assert titles(ask("simpan pinjam")) == ["Koperasi Simpan Pinjam Mawar", "KSP Mawar"]
    assert titles(ask("baitul mal wat tamwil mawar")) == ["BMT Mawar"]


def test_filters_join_with_and_their_choices_with_or_and_say_what_each_would_give(world: World) -> None:
    put("Satu", x3="1.1.1", x4=["a"])
    put("Dua", x3="1.1.2", x4=["a", "b"])
    put("Tiga", x3="1.2.1", x4=["b"], x5="2001-01-01")
    found = ask(x4=["a"])
    assert titles(found) == ["Dua", "Satu"]
    assert found.counts["x4"] == {"a": 2, "b": 2}, "what the filter itself would give is counted without it"
    assert found.counts["x3"] == {"1.1": 2}
    assert titles(ask(x3=["1.1"])) == ["Dua", "Satu"]
    assert titles(ask(x3=["1.1.2", "1.2"])) == ["Dua", "Tiga"]
    assert titles(ask(b1=["3"])) == ["Tiga"]
    assert ask().counts["b1"] == {"1": 2, "3": 1}
    assert titles(ask(x4=["a"], x3=["1.2"])) == []


def test_what_is_no_filter_is_passed_over(world: World) -> None:
    put("Satu")
    assert titles(ask(x7=["rahasia"], nonsense=["1"])) == ["Satu"]
    assert titles(ask(x3=["1.1%", "%", "'"])) == []


def test_pages_follow_each_other_without_gap_and_a_foreign_cursor_is_the_first_page(world: World) -> None:
    put(*(f"Mawar {n % 30:02}" for n in range(45)))
    first = ask()
    second = ask(after=first.after or "")
    third = ask(after=second.after or "")
    assert [len(page.lines) for page in (first, second, third)] == [20, 20, 5]
    assert third.after is None
    everything = [line for page in (first, second, third) for line in page.lines]
    assert len({line.record_id for line in everything}) == 45
    assert [line.title for line in everything] == sorted(line.title for line in everything)
    deep, broken = (base64.urlsafe_b64encode(text).decode() for text in (b"[" * 5000, b'["\\ud800", 1]'))
    for foreign in ("zzz", "💥", "W10", "WyJhIiwgInQiXQ", "bnVsbA", "A" * 5000, deep, broken):
        assert titles(ask(after=foreign)) == titles(first)
    assert first.total == second.total == 45
    farthest = base64.urlsafe_b64encode(f'["mawar 03", {2**62}]'.encode()).decode()
    assert titles(ask(after=farthest))[0] == "Mawar 04"


def test_an_unknown_slug_is_not_found(world: World) -> None:
    with public_reading() as tx:
        for slug in ("nothing", "\0", ""):
            with pytest.raises(NotFound):
                directory.entry(tx, KIND, slug)


def test_news_names_each_entry_once_newest_first(world: World) -> None:
    put("Satu", "Dua")
    with unit_of_work() as tx:
        record_id = tx.execute(text("SELECT record_id FROM register.entry WHERE title = 'Satu'")).scalar_one()
        published(tx, {"x6": 2026}, record_id, base=1)
    with public_reading() as tx:
        news = directory.news(tx)
    assert [(line.title, line.type, line.changed) for line in news] == [
        ("Satu", "changed", ("x6",)),
        ("Dua", "published", news[1].changed),
    ]


def test_the_public_role_reads_nothing_else(world: World) -> None:
    with public_reading() as tx, pytest.raises(ProgrammingError):
        tx.execute(text("SELECT * FROM siskop.record_body"))

"""From the act that causes a letter to its number, its PDF and its verification."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from siskop import letters
from siskop.base.db import Tx, db, unit_of_work
from siskop.base.errors import Conflict, NotFound, Refusal
from siskop.engine.case import Actor
from siskop.engine.definition import House, LetterText, Library, Who
from siskop.jobs import drain, queue
from siskop.letters import posts, shelf, signing, typeset
from siskop.submissions import definitions
from tests import offices
from tests.visitors import person
from tests.worlds import World

HOSTILE = (
    "#strong[$x$] @ref <a> `c` *b* _i_ = /* // ~ -- \\ \"q\" 'p' }{ {title}",
    "Maju 😀 Jaya",
    "مرحبا بالعالم שלום",
    "x" * 5000,
)
WORDS = {"id": "Kata {title}", "en": "Words {title}"}
PLAIN = LetterText(
    name="plain", label=WORDS, subject=WORDS, body=WORDS, series="a", to=WORDS, public=WORDS, code="1", sign=Who("head")
)


def a_library(**changes: Any) -> Library:
    """The files in force, and a letter `plain` of a house of its own."""
    house = House(head=("KOTA", "DINAS"), city="Kota", unit="U", phone="021", genuine={"id": "Asli: {link}"})
    return replace(definitions.library(), letters={"plain": replace(PLAIN, **changes)}, house=house)


def a_record(tx: Tx, title: str = "Maju", area: str | None = None) -> int:
    made = text("INSERT INTO siskop.record (kind, title, area) VALUES ('thing', :title, :area) RETURNING id")
    return int(tx.execute(made, {"title": title, "area": area}).scalar_one())


def write(library: Library, n: int = 1, title: str = "Maju", **more: Any) -> list[int]:
    with unit_of_work() as tx:
        record = a_record(tx, title, more.get("area"))
        about = {"letter": "plain", "record_id": record, "area": None, "values": {"title": title}}
        kept = [letters.write(tx, library, key=f"{record}:{i}", **(about | more)) for i in range(n)]
    return [one for one in kept if one is not None]


def sign(library: Library, ids: list[int], head: int) -> None:
    actor = offices.actor(head)
    with unit_of_work() as tx:
        signing.sign(tx, library, ids, actor)


def row(letter_id: int) -> Any:
    with unit_of_work() as tx:
        return tx.execute(text("SELECT * FROM siskop.letter WHERE id = :id"), {"id": letter_id}).one()


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as found:
        return "\n".join(page.get_textpage().get_text_range() for page in found)


def pdf_of(letter_id: int) -> bytes:
    with unit_of_work() as tx:
        return typeset.drawn(tx, letter_id)[1]


@pytest.fixture
def head(world: World) -> int:
    return person("ratna@siskop.test", "Ratna Dewi", ("head", ""))


def test_a_letter_is_written_once_for_its_key(world: World) -> None:
    library = a_library()
    with unit_of_work() as tx:
        about: Mapping[str, Any] = {"letter": "plain", "record_id": a_record(tx), "values": {}, "area": None}
        first, again = (letters.write(tx, library, key="k", **about) for _ in range(2))
    assert first and again is None


def test_what_a_record_gets_once_it_gets_once_whatever_causes_it(world: World) -> None:
    assert len(write(a_library(once=True), 3)) == 1


def test_a_number_is_given_at_signing_and_counts_by_series_and_year(world: World, head: int) -> None:
    first, second, third = write(a_library(), 3)
    assert row(first).number is None
    sign(a_library(), [third], head)
    sign(a_library(), [first, second], head)
    month = signing.ROMAN[row(first).signed_at.month - 1]
    year = row(first).year
    assert [row(one).number for one in (third, first, second)] == [f"1/00{n}-U/{month}/{year}" for n in (1, 2, 3)]
    (other,) = write(a_library(series="b", code="2", number="{seq}.{code}.{year}"))
    sign(a_library(), [other], head)
    assert row(other).number == f"1.2.{year}"


def test_a_letter_that_nobody_must_sign_is_numbered_at_once(world: World) -> None:
    (ready,) = write(a_library(sign=None))
    assert row(ready).number and row(ready).signed_by is None and row(ready).signer is None


def test_only_who_holds_the_role_for_the_area_signs(world: World, head: int) -> None:
    library = a_library(sign=Who("head", area="kelurahan"))
    (there,) = write(library, area="36.74.01")
    stranger = person("lain@siskop.test", "Lain", ("head", "36.74.02"))
    officer = person("petugas@siskop.test", "Petugas", ("verifier", ""))
    for nobody in (stranger, officer):
        assert there not in waiting(nobody)
        with pytest.raises(NotFound):
            sign(library, [there], nobody)
    assert waiting(person("dekat@siskop.test", "Dekat", ("head", "36.74"))) == [there]
    (unknown,) = write(library)
    assert waiting(head) == [there, unknown] and waiting(stranger) == []


def waiting(account: int) -> list[int]:
    with unit_of_work() as tx:
        return [one.id for one in shelf.waiting(tx, offices.actor(account))]


def test_one_that_was_signed_meanwhile_stops_the_whole_heap(world: World, head: int) -> None:
    first, second = write(a_library(), 2)
    sign(a_library(), [first], head)
    with pytest.raises(Conflict):
        sign(a_library(), [first, second], head)
    assert row(second).number is None


def test_two_heads_at_once_leave_no_gap_and_no_double(app: Flask, world: World, head: int) -> None:
    other = person("lain@siskop.test", "Lain", ("head", ""))
    ids = [*write(a_library(), 25), *write(a_library(series="b", code="2"), 25)]
    both = [(ids[::2], head), (ids[1::2], other)]
    library, errors = a_library(), []

    def run(share: list[int], who: int) -> None:
        with app.app_context():
            try:
                for at in range(0, len(share), 5):
                    sign(library, share[at : at + 5][::-1], who)
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=run, args=one) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    for half in (ids[:25], ids[25:]):
        assert sorted(row(one).seq for one in half) == list(range(1, 26))


def test_a_rolled_back_signature_takes_no_number(world: World, head: int) -> None:
    first, second = write(a_library(), 2)
    with pytest.raises(RuntimeError), unit_of_work() as tx:
        signing.sign(tx, a_library(), [first], offices.actor(head))
        raise RuntimeError
    sign(a_library(), [second], head)
    assert row(second).seq == 1 and row(first).number is None


def test_a_number_that_is_taken_is_refused_in_words(world: World, head: int) -> None:
    same = "{code}/{seq}/{year}"
    (first,) = write(a_library(number=same))
    (second,) = write(a_library(number=same, series="b"))
    sign(a_library(), [first], head)
    with pytest.raises(Refusal, match="taken"):
        sign(a_library(), [second], head)


def test_the_pdf_is_made_by_a_job_kept_and_not_changed_after(world: World, head: int) -> None:
    (one,) = write(a_library())
    sign(a_library(), [one], head)
    assert row(one).file_id is None
    assert drain.drain("publishing") == 1
    found = row(one)
    assert found.pages == 1
    with unit_of_work() as tx:
        content = tx.execute(text("SELECT sha256, holder FROM siskop.file WHERE id = :id"), {"id": found.file_id}).one()
        queue.put(tx, "typeset", "once more", {"letter": one}, "publishing")
    assert content.holder is None
    assert found.number in text_of((world.settings.files / content.sha256[:2] / content.sha256).read_bytes())
    assert drain.drain("publishing") == 1
    assert row(one).file_id == found.file_id
    for change in ("file_id = NULL, pages = NULL", "number = '9'", "signer = '{}'", "words = '{}'", "code = 'x'"):
        with pytest.raises(DBAPIError, match="refused"), unit_of_work() as tx:
            tx.execute(text(f"UPDATE siskop.letter SET {change} WHERE id = :id"), {"id": one})
    with pytest.raises(DBAPIError), unit_of_work() as tx:
        tx.execute(text("DELETE FROM siskop.letter"))


def test_killed_between_signing_and_typesetting_it_is_typeset_later(world: World, head: int) -> None:
    (one,) = write(a_library())
    sign(a_library(), [one], head)
    died = "status = 'running', attempt = 1, lease_until = siskop.now() - interval '1 s'"
    with unit_of_work() as tx:  # of a worker that took the job
        tx.execute(text(f"UPDATE siskop.job SET {died} WHERE kind = 'typeset'"))
    number = row(one).number
    drain.drain("publishing")
    assert row(one).file_id is not None and row(one).number == number


def test_a_letter_says_all_that_an_official_letter_says(world: World, head: int) -> None:
    with unit_of_work() as tx:
        told = {
            "title": "Kepala Bidang",
            "rank": "Pembina (IV/a)",
            "nip": "19700101 199603 1 002",
            "acting": "an",
            "behalf": "Kepala Dinas",
        }
        posts.add(tx, head, told, row_day(tx), None)
    library = a_library(
        basis=({"id": "Undang-Undang {title}"},),
        copies=({"id": "Arsip"},),
        enclosure={"id": "1 (satu) berkas"},
        body={"id": "Paragraf satu.\n\nParagraf dua {title}."},
        to={"id": "Pengurus {title}\n{tidak_ada}\nKota"},
    )
    library = replace(
        library, house=replace(library.house, answer={"id": "Jawab di {link}, {phone}"}, closing={"id": "Demikian."})
    )
    (one,) = write(library, values={"title": "Maju", "link": "/ruang"})
    assert "KONSEP" in text_of(pdf_of(one))
    sign(library, [one], head)
    said = text_of(pdf_of(one))
    site = world.settings.base_url
    for part in (
        "KOTA\r\nDINAS", row(one).number, "Sifat : Biasa", "1 (satu) berkas", "Hal : Kata Maju",
        "1. Undang-Undang Maju", "Yth. Pengurus Maju\r\nKota", "Paragraf satu.", "Paragraf dua Maju.",
        f"Jawab di {site}/ruang, 021",
        "Demikian.", "a.n. Kepala Dinas\r\nKepala Bidang,", "Ratna Dewi", "Pembina (IV/a)", "NIP 19700101 199603 1 002",
        "Tembusan:", "1. Arsip",
        f"Asli: {site}/verifikasi", row(one).code,
    ):  # fmt: skip
        assert part in said, (part, said)
    assert "KONSEP" not in said


def row_day(tx: Tx) -> Any:
    return tx.execute(text("SELECT siskop.today()")).scalar_one()


@pytest.mark.parametrize("acting", ["plt", "plh"])
def test_who_acts_for_a_post_is_named_so(world: World, head: int, acting: str) -> None:
    with unit_of_work() as tx:
        posts.add(tx, head, {"title": "Kepala Dinas", "acting": acting}, row_day(tx), None)
    (one,) = write(a_library())
    sign(a_library(), [one], head)
    assert f"{acting.capitalize()}. Kepala Dinas," in text_of(pdf_of(one))


def test_without_a_post_the_role_is_named(world: World, head: int) -> None:
    (one,) = write(a_library())
    sign(a_library(), [one], head)
    assert "Kepala bidang," in text_of(pdf_of(one))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stands_as_it_was_typed(world: World, head: int, name: str) -> None:
    library = a_library(basis=(WORDS,), copies=(WORDS,), enclosure=WORDS)
    with unit_of_work() as tx:
        posts.add(tx, head, {"title": name[:200], "acting": "an", "behalf": name[:200]}, row_day(tx), None)
    (one,) = write(library, title=name)
    sign(library, [one], head)
    said = "".join(text_of(pdf_of(one)).split())
    if len(set(name)) == 1:
        assert said.count(name[0]) >= 6 * len(name)  # the ends of pages lie between
        return
    # Of words from right to left each is found by itself.
    for word in [name] if "Maju" in name or name.isascii() else name.split():
        assert said.count("".join(word.split())) >= 6


def test_earlier_letters_of_a_ladder_are_named_in_the_next(world: World, head: int) -> None:
    with unit_of_work() as tx:
        record = a_record(tx)
        columns, told = "rule, record_id, cause, opened_on", "'r', :r, 'c', siskop.today()"
        made = f"INSERT INTO siskop.reminder ({columns}) VALUES ({told}) RETURNING id"
        ladder = tx.execute(text(made), {"r": record}).scalar_one()
    first, second = write(a_library(), 2, reminder_id=ladder)
    sign(a_library(), [first], head)
    sign(a_library(), [second], head)
    assert row(first).number in text_of(pdf_of(second)) and row(second).number not in text_of(pdf_of(first))


def test_verification_tells_valid_withdrawn_and_nothing_else_and_no_person(world: World, head: int) -> None:
    (one,) = write(a_library(public={"id": "Tentang {title}", "en": "About {title}"}))
    code = row(one).code
    assert public(code) is None  # nothing was signed yet
    sign(a_library(), [one], head)
    found = public(code)
    assert found and (found.number, found.about["id"], found.withdrawn_on) == (row(one).number, "Tentang Maju", None)
    assert "Ratna" not in repr(found)
    with unit_of_work() as tx:
        signing.withdraw(tx, one, offices.actor(head), "Salah alamat", any_letter=False)
    assert public(code).withdrawn_on is not None  # type: ignore[union-attr]
    with pytest.raises(Conflict), unit_of_work() as tx:
        signing.withdraw(tx, one, offices.actor(head), "Lagi", any_letter=True)


def public(code: str) -> shelf.Verified | None:
    with db.engines["public"].connect() as tx:
        return shelf.verified(tx, code)


def test_only_a_signer_withdraws_unless_any_letter_is_theirs(world: World, head: int) -> None:
    (one,) = write(a_library())
    other = offices.actor(person("adi@siskop.test", "Adi", ("administrator", "")))
    with pytest.raises(Conflict), unit_of_work() as tx:
        signing.withdraw(tx, one, other, "Sebab", any_letter=False)
    with unit_of_work() as tx:
        signing.withdraw(tx, one, other, "Sebab", any_letter=True)
    with pytest.raises(Conflict):
        sign(a_library(), [one], head)


def test_a_print_run_of_54_pages_goes_by_district_in_five_seconds(world: World, head: int) -> None:
    areas = ["36.74.02.1001", "36.74.01.1002", None, "36.74.01.1001"]
    ids = [write(a_library(), 1, title=f"K{n:02}", area=areas[n % 4])[0] for n in range(54)]
    sign(a_library(), ids, head)
    drain.drain("publishing")
    actor = offices.actor(head)
    before = monotonic()
    with unit_of_work() as tx:
        run, count = shelf.print_run(tx, actor, None)
        pdf = typeset.bound(shelf.run_files(tx, actor, run))
    assert monotonic() - before < 5
    assert count == 54
    with pypdfium2.PdfDocument(pdf) as found:
        pages = [page.get_textpage().get_text_range() for page in found]
    assert len(pages) == 54
    places = {f"K{n:02}": areas[n % 4] or "~" for n in range(54)}
    printed = [next(title for title in places if f"Kata {title}" in page) for page in pages]
    assert printed == sorted(places, key=lambda title: (places[title], title))
    with unit_of_work() as tx:
        assert shelf.print_run(tx, actor, None) == (0, 0)
        assert shelf.print_run(tx, actor, ids[:2])[1] == 2
        with pytest.raises(NotFound):
            shelf.run_files(tx, Actor(id=0), run)


def test_nothing_that_a_layout_lacks_is_fatal_for_the_letter(world: World, head: int) -> None:
    """A template that fails sets the job aside with the reason; the letter keeps its number."""
    (one,) = write(a_library(layout="tidak-ada"))
    sign(a_library(), [one], head)
    drain.drain("publishing")
    with unit_of_work() as tx:
        job = tx.execute(text("SELECT status, error FROM siskop.job WHERE kind = 'typeset'")).one()
    assert job.status == "waiting" and "tidak-ada" in job.error and row(one).number

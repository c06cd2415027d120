"""The review page over a workflow that it has never seen: a committee, steps side by side, small forms, opinions."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from siskop.accounts import deputies
from siskop.base.db import today, unit_of_work
from siskop.engine.case import Command
from siskop.submissions import door
from tests import committees, inventory, offices
from tests.committees import Committee
from tests.visitors import keys, person, signed_in
from tests.worlds import World


@pytest.fixture
def committee(world: World, app: Flask, tmp_path: Path) -> Committee:
    inventory.in_force(tmp_path / "files", committees.FILES)
    return committees.staff()


def show(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def page_of(app: Flask, committee: Committee, who: str) -> tuple[FlaskClient, str]:
    browser = signed_in(app, f"{who}@siskop.test")
    return browser, show(browser, f"/kantor/pengajuan/{committee.number}")


def hidden(page: str) -> dict[str, str]:
    return {**keys(page), **dict(re.findall(r'name="(basis|seen)" value="([^"]+)"', page))}


def test_who_sits_where_with_weights_and_veto_and_what_the_vote_needs(app: Flask, committee: Committee) -> None:
    committees.vote(committee.number, committee.members[0], "for")
    committees.vote(committee.number, committee.members[1], "against", "Terlalu mahal.")
    _browser, page = page_of(app, committee, "anggota3")
    assert "Perlu 3 dari 5 setuju · 1 setuju · 1 tidak setuju · 3 belum memilih" in page
    assert re.search(r"Anggota 1 <span class=\"soft\">\(member\)", page)
    assert "bobot 2, tanpa kursi ini tidak ada yang lolos" in page
    assert "Terlalu mahal." in page
    assert "menunggu: Kunjungan, Komite" in page
    assert "belum diambil, terbuka bagi: Petugas lapangan" in page


def test_a_deputys_ballot_names_both(app: Flask, committee: Committee) -> None:
    with unit_of_work() as tx:
        days = today(tx), today(tx) + timedelta(2)
        deputies.name(tx, committee.finance, committee.officer, days, {committee.officer})
    committees.vote(committee.number, committee.officer, "for")
    _browser, page = page_of(app, committee, "anggota1")
    assert "Laksmi Lapangan untuk Kirana Keuangan" in page


def ask(browser: FlaskClient, committee: Committee, query: str) -> str:
    return show(browser, f"/kantor/pengajuan/{committee.number}/alasan?{query}")


def post(browser: FlaskClient, committee: Committee, page: str, **fields: object) -> TestResponse:
    data = {**hidden(page), **fields}
    return browser.post(f"/kantor/pengajuan/{committee.number}", data=data, content_type="multipart/form-data")


def test_whoever_stands_down_says_why_and_may_not_come_back(app: Flask, committee: Committee) -> None:
    browser, page = page_of(app, committee, "anggota1")
    assert "do=recuse" in page
    page = ask(browser, committee, "do=recuse&name=panel")
    assert post(browser, committee, page, do="recuse", name="panel", words=" ").status_code == 422
    done = post(browser, committee, page, do="recuse", name="panel", words="Saudara pemohon.")
    assert done.status_code == 302
    page = show(browser, f"/kantor/pengajuan/{committee.number}")
    assert "Saudara pemohon." in page
    assert 'value="vote:panel:for"' not in page
    assert post(browser, committee, page, choice="vote:panel:for").status_code == 403


def test_a_small_form_keeps_what_was_typed_and_shows_what_is_wrong_beside_it(app: Flask, committee: Committee) -> None:
    browser, page = page_of(app, committee, "lapangan")
    assert "do=complete" in page
    page = ask(browser, committee, "do=complete&name=visit")
    asked = {"do": "complete", "name": "visit", "_asked": ["score", "remark"]}
    wrong = post(browser, committee, page, **asked, score="180", remark="Warung ramai")
    assert wrong.status_code == 422
    assert 'id="f-score-e"' in wrong.text and 'value="180"' in wrong.text and "Warung ramai" in wrong.text
    assert post(browser, committee, page, **asked, score="80", remark="Warung ramai").status_code == 302
    page = page_of(app, committee, "anggota1")[1]
    assert "Warung ramai" in page and "80" in page


def test_an_opinion_is_asked_of_a_named_person_and_answered_in_words(app: Flask, committee: Committee) -> None:
    manager, page = page_of(app, committee, "adi")
    assert "Minta pendapat…" in page and "Tugaskan: Komite…" in page
    page = ask(manager, committee, "do=consult&name=opinion")
    assert "Ratna Dewi" in page and "Anggota 1" not in page
    wrong = post(manager, committee, page, do="consult", name="opinion", due="seribu")
    assert wrong.status_code == 422 and 'id="hari-e"' in wrong.text and 'id="orang-e"' in wrong.text
    asked = post(manager, committee, page, do="consult", name="opinion", person=str(committee.head), due="4")
    assert asked.status_code == 302
    head, page = page_of(app, committee, "ratna")
    assert "Beri pendapat: Pendapat" in page
    page = ask(head, committee, "do=complete&name=opinion")
    assert post(head, committee, page, do="complete", name="opinion", words="Layak dibantu.").status_code == 302
    assert "Layak dibantu." in page_of(app, committee, "anggota1")[1]


def test_a_closed_action_says_why_in_the_words_of_its_file(app: Flask, committee: Committee) -> None:
    committees.weighed(committee)
    assert "Berikan: Komite belum setuju." in page_of(app, committee, "ratna")[1]
    assert "Hanya di atas lima juta." in page_of(app, committee, "adi")[1]


def test_an_action_asks_for_its_form_a_file_and_a_reason_and_loses_none_of_them(
    app: Flask, committee: Committee
) -> None:
    committees.weighed(committee)
    browser = signed_in(app, "ratna@siskop.test")
    page = ask(browser, committee, "do=act&name=decline")
    act = {"do": "act", "name": "decline", "_asked": "term"}
    lacking = post(
        browser, committee, page, **act, term="", words="", attachment=(io.BytesIO(offices.PDF), "surat.pdf")
    )
    assert lacking.status_code == 422
    assert "surat.pdf" in lacking.text and 'id="f-term-e"' in lacking.text and 'id="kata-e"' in lacking.text
    kept = re.search(r'name="_kept-attachment" value="(\d+)"', lacking.text)
    assert kept is not None
    foreign = offices.prove(committee.number, committee.secretary)
    stolen = post(browser, committee, page, **act, term="x", words="x", **{"_kept-attachment": str(foreign)})
    assert stolen.status_code == 422 and 'id="lampiran-e"' in stolen.text
    given = {"term": "Laporan tiap bulan", "words": "Dana habis.", "_kept-attachment": kept.group(1)}
    assert post(browser, committee, lacking.text, **act, **given).status_code == 302
    page = page_of(app, committee, "adi")[1]
    assert "Laporan tiap bulan" in page and "Dana habis." in page and f"/berkas/{kept.group(1)}" in page
    assert signed_in(app, "anggota1@siskop.test").get(f"/berkas/{kept.group(1)}").status_code == 200
    theirs = signed_in(app, "sari@siskop.test")
    assert f"/berkas/{kept.group(1)}" in show(theirs, f"/pengajuan/{committee.number}")
    assert theirs.get(f"/berkas/{kept.group(1)}").status_code == 200


def test_taking_a_file_away_from_a_small_form_does_not_do_its_act(app: Flask, committee: Committee) -> None:
    committees.weighed(committee)
    browser = signed_in(app, "ratna@siskop.test")
    page = ask(browser, committee, "do=act&name=decline")
    act = {"do": "act", "name": "decline", "_asked": ["term", "scan"], "term": "Laporan", "words": "Dana habis."}
    lacking = post(browser, committee, page, **act, scan=(io.BytesIO(offices.PDF), "pindai.pdf")).text
    kept = re.search(r'name="_kept-scan" value="(\d+)"', lacking)
    assert kept is not None and "pindai.pdf" in lacking
    given = {"attachment": (io.BytesIO(offices.PDF), "surat.pdf"), "_kept-scan": kept.group(1)}
    without = post(browser, committee, lacking, **act, **given, _remove="scan")
    assert without.status_code == 422 and "surat.pdf" in without.text and "pindai.pdf" not in without.text
    assert "do=act&name=decline" in page_of(app, committee, "ratna")[1].replace("&amp;", "&"), "it can still be done"


def test_what_is_finished_is_opened_again_with_a_reason(app: Flask, committee: Committee) -> None:
    committees.weighed(committee)
    said = {"reason": "Dana habis."}
    file = offices.upload(committee.head, committee.number, "surat.pdf")
    decline = Command("act", "decline", {"attachment": file["id"]})
    door.perform(committee.number, offices.actor(committee.head), decline, said=said, form={"term": "x"})
    browser, page = page_of(app, committee, "adi")
    assert "Sudah selesai." in page and "do=act&name=reopen" in page
    page = ask(browser, committee, "do=act&name=reopen")
    answer = post(browser, committee, page, do="act", name="reopen", words="Ada dana baru.")
    assert answer.status_code == 302
    assert offices.seen(committee.number, committee.administrator).case.state == "weighing"
    assert "Surel memberi tahu" in browser.get(answer.location).text


def test_a_step_that_was_skipped_has_no_count_of_votes(app: Flask, committee: Committee) -> None:
    _browser, page = page_of(app, committee, "adi")
    assert "Jumlah besar: tidak diperlukan" in page
    assert "dari 0 setuju" not in page


def test_nothing_is_promised_that_this_workflow_does_not_have(app: Flask, committee: Committee) -> None:
    """No deadline of the office, and no public page of the record."""
    _browser, page = page_of(app, committee, "adi")
    assert "Waktu berhenti" not in page and "publik" not in page
    assert "belum ada yang terdaftar" in page
    newcomer = person("baru@siskop.test", "Baru Datang")
    draft = door.start("request", offices.actor(newcomer))
    offices.fill(draft, newcomer, "request", {"subject": "Mesin", "amount": "1.000.000"}, everything=False)
    checked = show(signed_in(app, "baru@siskop.test"), f"/pengajuan/{draft}/periksa")
    assert "Selama di kantor, isian tidak dapat diubah." in checked
    assert (
        "tampil untuk publik" not in checked
        and "Saya bertindak untuk" not in checked
        and "Isian di atas benar" in checked
    )


def test_each_seat_offers_those_it_is_for_and_sets_others_apart(app: Flask, committee: Committee) -> None:
    browser, _page = page_of(app, committee, "adi")
    page = ask(browser, committee, "do=assign&name=panel&seat=finance")
    suited, others = page.split("<details", 1)
    money, member = (f'id="orang-{account}"' for account in (committee.finance, committee.members[0]))
    assert money in suited and member not in suited and member in others
    suited, others = ask(browser, committee, "do=assign&name=panel&seat=member-2").split("<details", 1)
    assert member in suited and money in others
    outsider = {"person": str(committee.head), "seat": "finance"}
    assert post(browser, committee, page, do="assign", name="panel", **outsider).status_code == 302
    told = show(browser, f"/kantor/pengajuan/{committee.number}")
    assert "dari luar peran" in told
    page = ask(browser, committee, "do=assign&name=panel&seat=member-2")
    assert f'id="orang-{committee.head}"' not in page  # nobody has two seats
    inside = {"person": str(committee.members[1]), "seat": "member-2"}
    assert post(browser, committee, page, do="assign", name="panel", **inside).status_code == 302
    assert show(browser, f"/kantor/pengajuan/{committee.number}").count("dari luar peran") == 1


def test_a_seat_of_a_panel_is_freed_and_given_by_name(app: Flask, committee: Committee) -> None:
    door.perform(committee.number, offices.actor(committee.members[0]), Command("claim", "panel"))
    browser, page = page_of(app, committee, "adi")
    assert re.search(r'value="vacate".*name="seat" value="member-1"', page)
    page = ask(browser, committee, "do=assign&name=panel")
    given = {"person": str(committee.members[1]), "seat": "member-2"}
    assert post(browser, committee, page, do="assign", name="panel", **given).status_code == 302
    seats = offices.seen(committee.number, committee.administrator).case.runs["panel"].seats
    assert (seats["member-1"].person, seats["member-2"].person) == committee.members[:2]
    page = show(browser, f"/kantor/pengajuan/{committee.number}")
    assert post(browser, committee, page, do="vacate", name="panel", seat="member-1").status_code == 302
    seats = offices.seen(committee.number, committee.administrator).case.runs["panel"].seats
    assert seats["member-1"].person is None

"""Real rows of a city's list of cooperatives, as they were typed there: line breaks, capitals, odd numbers."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from siskop.engine.fields import area
from siskop.submissions import definitions
from tests import offices
from tests.offices import Office
from tests.worlds import World

LIST = Path(__file__).parents[1] / "data" / "koperasi-kota-bogor-sample.csv"
with LIST.open(encoding="utf-8", newline="") as rows:
    ROWS = {int(row["No"]): row for row in csv.DictReader(rows)}
ONE_NUMBER = "77/BH/KWK.10/1998"


@pytest.fixture
def office(world: World) -> Office:
    return offices.staff()


def place(number: int) -> str:
    """The kelurahan that a row gets by its number: the list's own lie in another city."""
    kind = definitions.library().kinds["cooperative"]
    leaves = sorted(area.leaves(kind.fields["kelurahan"].choices))
    return leaves[number % len(leaves)]


def given(number: int) -> dict[str, Any]:
    row = ROWS[number]
    told = {"name": row["Nama Koperasi"], "legal_number": row["Nomor BH"], "address": row["Alamat"]}
    return {**told, "kelurahan": place(number)}


def checked(number: str, office: Office) -> Mapping[str, Any]:
    """Outcome and evidence of the check for duplicates."""
    found = next(c for c in offices.seen(number, office.administrator).checks if c.step.name == "duplicates")
    titles = [line["params"]["title"] for line in found.evidence if "record" in line]
    return {"outcome": found.outcome, "titles": titles}


def whole(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.timeout(240)
def test_every_row_of_a_real_list_goes_from_draft_to_published_and_the_pair_is_flagged(office: Office) -> None:
    assert len(ROWS) == 30
    flagged: dict[int, Mapping[str, Any]] = {}
    for no in ROWS:
        number, _record = offices.published(office, **given(no))
        seen = offices.seen(number, office.secretary)
        assert seen.case.state == "published", no
        assert seen.current["name"] == whole(ROWS[no]["Nama Koperasi"])
        assert whole(seen.current["legal_number"]) == whole(ROWS[no]["Nomor BH"])
        assert whole(seen.current["address"]) == whole(ROWS[no]["Alamat"])
        assert not any(check.outcome == "failed" for check in seen.checks), no
        if (found := checked(number, office))["outcome"] != "passed":
            flagged[no] = found
    assert flagged == {81: {"outcome": "warned", "titles": [ROWS[39]["Nama Koperasi"]]}}


def test_one_number_with_other_names_and_places_is_no_duplicate(office: Office) -> None:
    first = offices.sent(office.secretary, **{**given(1), "legal_number": ONE_NUMBER})
    offices.verify(first, office)
    offices.approve(first, office)
    second = offices.sent(office.secretary, **{**given(23), "legal_number": ONE_NUMBER})
    assert checked(second, office)["outcome"] == "passed"


@pytest.mark.parametrize(
    "other",
    ["KOPERASI PENSIUNAN BOGOR (K.P.B)", "Kopersi Pensiunan Bogor KPB", "Koperasi Pensiunan\nBogor KPB "],
)
def test_similar_names_in_one_place_are_flagged_and_never_failed(office: Office, other: str) -> None:
    offices.published(office, **given(18))
    same = offices.sent(office.secretary, **{**given(18), "name": other, "legal_number": "9/BH/2010"})
    assert checked(same, office) == {"outcome": "warned", "titles": [ROWS[18]["Nama Koperasi"]]}
    offices.verify(same, office)
    assert offices.seen(same, office.administrator).case.state == "verified", "a warning holds nobody up"


def test_a_similar_name_elsewhere_is_not_flagged(office: Office) -> None:
    offices.published(office, **given(18))
    elsewhere = {**given(18), "name": "Kopersi Pensiunan Bogor KPB", "kelurahan": place(19)}
    assert checked(offices.sent(office.secretary, **elsewhere), office)["outcome"] == "passed"

"""Invented people and cooperatives: names, addresses and figures that look like the city's and belong to nobody.

Everything of a cooperative follows from the number of the cooperative, so that two seedings on one day are alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

PASSWORD = "koperasi-maju-2026"  # noqa: S105  accepted only in demo mode, where it is shown
SECRETARY, APPLICANT = "sekretaris@demo.example", "pemohon@demo.example"
HEAD, COMMITTEE = "kepala@demo.example", ("panitia@demo.example", "panitia2@demo.example")
PEOPLE = (  # address, name, role, what they do
    (SECRETARY, "Wulan Kertarini", None, "operator koperasi"),
    ("petugas@demo.example", "Tirta Adiwangsa", "verifier", "petugas verifikasi"),
    ("petugas2@demo.example", "Banyu Prasojo", "verifier", "petugas verifikasi"),
    (HEAD, "Ratih Nugraheni", "head", "kepala dinas"),
    ("admin@demo.example", "Galih Wicaksana", "administrator", "administrator"),
    ("lapangan@demo.example", "Seno Wiryawan", "officer", "petugas lapangan"),
    ("keuangan@demo.example", "Laras Pramudita", "finance", "pejabat keuangan"),
    (COMMITTEE[0], "Bima Anggoro", "committee", "anggota panitia bantuan"),
    (COMMITTEE[1], "Gita Maheswari", "committee", "anggota panitia bantuan"),
    ("panitia3@demo.example", "Jaka Priambodo", "committee", "anggota panitia bantuan"),
    ("panitia4@demo.example", "Rani Kusumastuti", "committee", "anggota panitia bantuan"),
    (APPLICANT, "Dimas Harimurti", None, "meminta akses ke sebuah koperasi"),
)
POST = {"title": "Kepala Dinas", "rank": "Pembina Utama Muda (IV/c)", "nip": "19720412 199803 2 005"}
FLOWERS = [
    "Melati", "Kenanga", "Cempaka", "Anggrek", "Dahlia", "Flamboyan", "Kamboja", "Mawar", "Seruni", "Teratai",
    "Wijaya", "Bougenville", "Alamanda", "Tanjung",
]  # fmt: skip
VIRTUES = [
    "Mandiri Sejahtera", "Karya Bersama", "Rukun Makmur", "Sumber Rejeki", "Bina Usaha", "Maju Lestari",
    "Guyub Rukun", "Tunas Harapan", "Mitra Abadi", "Cahaya Usaha", "Berkah Jaya", "Sari Mulya", "Amanah Bersama",
    "Harapan Baru", "Dana Sejahtera", "Gotong Royong", "Citra Mandiri", "Usaha Mulia",
]  # fmt: skip
FORMS: Sequence[tuple[str, str, str]] = (  # name before, short form, kind
    ("Koperasi Simpan Pinjam", "KSP", "simpan_pinjam"),
    ("Koperasi Serba Usaha", "KSU", "konsumen"),
    ("Koperasi Konsumen", "Kopkon", "konsumen"),
    ("Koperasi Karyawan", "Kopkar", "konsumen"),
    ("Koperasi Wanita", "Kopwan", "simpan_pinjam"),
    ("Koperasi Pegawai Republik Indonesia", "KPRI", "konsumen"),
    ("Koperasi Produsen", "Kopprod", "produsen"),
    ("Koperasi Jasa", "Kopjas", "jasa"),
    ("Koperasi Pemasaran", "Kopmas", "pemasaran"),
    ("Koperasi Simpan Pinjam dan Pembiayaan Syariah", "KSPPS", "simpan_pinjam"),
)
STREETS = [
    "Anggrek Raya", "Cendana", "Puspa Indah", "Merpati", "Kemuning", "Salak", "Pajajaran", "Cempaka Putih",
    "Ceger Raya", "Kenari", "Flamboyan", "Manggis",
]  # fmt: skip
GIVEN = [
    "Wulan", "Darma", "Yusra", "Tirta", "Banyu", "Nara", "Kirana", "Larasati", "Bayu", "Mentari", "Satria", "Ratih",
    "Galih", "Intan", "Bagas", "Sekar", "Wira", "Ayu", "Damar", "Puspa",
]  # fmt: skip
FAMILY = [
    "Kertarini", "Sutaji", "Hanafi", "Wisanggeni", "Prasojo", "Larasmaya", "Adiwangsa", "Cakrabuana", "Sasmita",
    "Wicaksana", "Paramita", "Nugraheni",
]  # fmt: skip
POSTS = ("ketua", "sekretaris", "bendahara")
BUSINESSES: Sequence[tuple[str, str, str, int, str]] = (  # name, sector, product, price, unit
    ("Dapur", "kuliner", "Nastar keju", 65_000, "toples"),
    ("Anyaman", "kerajinan", "Tas pandan", 120_000, "buah"),
    ("Jahit", "jasa", "Jahit kebaya", 350_000, "potong"),
    ("Kopi", "kuliner", "Kopi bubuk", 45_000, "250 g"),
    ("Batik", "kerajinan", "Batik tulis", 480_000, "lembar"),
)
GRANT = {
    "purpose": "Mesin pengemas untuk usaha kue kering anggota",
    "amount": 35_000_000,
    "kelurahan": "36.74.01.1001",
    "bank_account": "Bank Contoh 123-456-7890 a.n. koperasi",
    "costs": [{"item": "Mesin pengemas vakum", "price": 35_000_000}],
    "benefit": "Dua belas anggota dapat mengemas produknya sendiri dan menjual ke luar kota.",
}
ACCESS = {
    "access_post": "sekretaris",
    "access_reason": "Sekretaris lama mengundurkan diri pada rapat anggota bulan lalu.",
    "access_phone": "+6281200999001",
}


@dataclass(frozen=True, slots=True)
class Cooperative:
    """`answers` by field name of the shipped record kind, clean; `number` counts from 0."""

    number: int
    answers: dict[str, Any]
    secretary: str


def cooperatives(n: int, areas: Sequence[str], today: date) -> Iterator[Cooperative]:
    taken: set[str] = set()
    for number in range(n):
        chance = random.Random(f"siskop-{number}")  # noqa: S311
        yield _cooperative(number, chance, areas[number % len(areas)], today, taken)


def _cooperative(number: int, chance: random.Random, area: str, today: date, taken: set[str]) -> Cooperative:
    form, short, kind = FORMS[number % len(FORMS)]
    own = _own_name(chance, taken)
    men, women = chance.randrange(20, 420), chance.randrange(20, 480)
    secretary = _person(chance)
    founded = date(chance.randrange(1995, 2021), chance.randrange(1, 13), chance.randrange(1, 28))
    answers: dict[str, Any] = {
        "name": f"{form} {own}",
        "short_name": f"{short} {own}",
        "legal_number": _legal_number(chance, founded),
        "legal_date": founded.isoformat(),
        "kind": kind,
        "level": "primer",
        "activities": ["simpan_pinjam"] if kind == "simpan_pinjam" else ["pengembangan_usaha"],
        "book_year_start": "01",
        "kelurahan": area,
        "address": f"Jl. {chance.choice(STREETS)} No. {chance.randrange(1, 140)},"
        f" RT {chance.randrange(1, 9):03}/RW {chance.randrange(1, 12):03}",
        "phone": f"+6281200{number:06}",
        "email": f"halo{number + 1}@koperasi.example",
        "members_men": men,
        "members_women": women,
        "turnover": (men + women) * chance.randrange(1_500_000, 9_000_000),
        "officers": [_officer(chance, post, secretary) for post in POSTS],
        **_licence(number, chance, today),
        **_report(number, today),
    }
    return Cooperative(number, answers, secretary)


def reports(cooperative: Cooperative, until: date) -> Iterator[dict[str, Any]]:
    """Answers of the yearly reports whose meeting was before that day, three at most, the oldest first; every year
    begins with the members with whom the one before ended."""
    known = cooperative.answers
    last = int(known.get("last_report_year", 0))
    for ago in (n for n in (2, 1, 0) if last and date(last - n + 1, 3, 14) <= until):
        members = int(known["members_men"]) + int(known["members_women"]) - 8 * ago
        turnover = int(known["turnover"]) * (10 - ago) // 10
        parts = {"principal_savings": members * 100_000, "mandatory_savings": members * 600_000, "donated_capital": 0}
        parts |= {"reserves": turnover // 50, "outside_capital": turnover // 10}
        yield {
            "book_year": last - ago,
            "meeting_date": f"{last - ago + 1}-03-14",
            "meeting_place": ("Aula kelurahan", "Balai warga")[ago % 2],
            "attendance": members * 2 // 3,
            "quorum_met": True,
            "members_start": members - 8,
            "members_joined": 12,
            "members_left": 4,
            "members_end": members,
            **parts,
            "total_assets": sum(parts.values()),
            "turnover": turnover,
            "income": turnover // 6,
            "costs": turnover // 8,
            "surplus": turnover // 6 - turnover // 8,
        }


def business(cooperative: Cooperative) -> dict[str, Any]:
    name, sector, product, price, unit = BUSINESSES[cooperative.number % len(BUSINESSES)]
    owner = cooperative.secretary
    return {
        "name": f"{name} {owner.split()[0]}",
        "sector": sector,
        "kelurahan": cooperative.answers["kelurahan"],
        "whatsapp": cooperative.answers["phone"],
        "products": [{"product": product, "price": price, "unit": unit}],
        "owner_name": owner,
        "owner_public": False,
    }


def _own_name(chance: random.Random, taken: set[str]) -> str:
    while True:
        pair = f"{chance.choice(FLOWERS)} {chance.choice(FLOWERS)}"
        virtue, mixed = chance.choice(VIRTUES), f"{chance.choice(FLOWERS)} {chance.choice(VIRTUES).split()[-1]}"
        name = chance.choice([pair, virtue, mixed])
        if len(set(name.split())) == len(name.split()) and name not in taken:
            taken.add(name)
            return name


def _person(chance: random.Random) -> str:
    return f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"


def _officer(chance: random.Random, post: str, secretary: str) -> dict[str, Any]:
    born = date(1960, 1, 1) + timedelta(days=chance.randrange(14_000))
    nik = f"3674{chance.randrange(1, 8):02}{born:%d%m%y}{chance.randrange(1, 9999):04}"
    return {"full_name": secretary if post == "sekretaris" else _person(chance), "post": post, "nik": nik}


def _legal_number(chance: random.Random, founded: date) -> str:
    n = chance.randrange(1, 990)
    if founded.year > 2017:
        return f"AHU-{chance.randrange(100, 99999):07}.AH.01.26.TAHUN {founded.year}"
    old = f"{chance.randrange(1000, 9999)}/BH/KWK.10/{founded.year % 100:02}"
    return chance.choice([f"518/{n:03}/BH/DINKOP-UKM", f"{n:03}/BH/KDK.10/{founded.year}", old])


def _licence(number: int, chance: random.Random, today: date) -> dict[str, Any]:
    """Of twenty: two have none, two an expired one, two one that ends soon, three one without an end."""
    turn = (number + 3 * (number // 10)) % 20
    if turn in (3, 11):
        return {"has_licence": False}
    ends = {5: -200, 14: -20, 7: 25, 16: 70}.get(turn, 365 + 37 * (number % 40))
    licence: dict[str, Any] = {
        "has_licence": True,
        "licence_kind": "usaha_simpan_pinjam" if number % 2 else "perizinan_oss",
        "licence_number": f"503/{chance.randrange(1, 999):04}-IUSP/{today.year - 3}",
    }
    return licence if turn in (1, 9, 18) else {**licence, "licence_expires": (today + timedelta(days=ends)).isoformat()}


def _report(number: int, today: date) -> dict[str, Any]:
    turn = (number + 7 * (number // 5)) % 25
    if turn == 24:
        return {}
    return {"last_report_year": today.year - {4: 3, 12: 4, 19: 5, 8: 2, 15: 2}.get(turn, 1)}

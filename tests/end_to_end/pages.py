"""The one table of every address and the states in which its page is looked at. `{fate}` in a path is a number of the
scene; an endpoint that is in neither table fails the test."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.end_to_end.visitor import Visitor


@dataclass(frozen=True, slots=True)
class State:
    """`who`: the name before the @, "" for anybody, "holder:<fate>" for whoever has that task. `then`: what is done on
    the page first; `status`: of the last answer."""

    path: str
    who: str = ""
    then: Callable[[Visitor], None] | None = None
    status: int = 200
    name: str = ""


def press(selector: str) -> Callable[[Visitor], None]:
    """Presses one button, sending the form as it stands."""
    return lambda visitor: visitor.page.locator(selector).first.click()


def typed(values: Mapping[str, str], button: str = "main form button.btn-primary") -> Callable[[Visitor], None]:
    def act(visitor: Visitor) -> None:
        for name, value in values.items():
            visitor.page.locator(f"main [name='{name}']").first.fill(value)
        visitor.page.locator(button).first.click()

    return act


def stale(visitor: Visitor) -> None:
    """Decides on what it was long ago."""
    visitor.page.locator("form.decision [name=basis]").evaluate("node => { node.value = 'lama' }")
    visitor.page.locator("form.decision button[name=choice]").first.click()


def forged(visitor: Visitor) -> None:
    visitor.page.fill("main [name=name]", "Sari Wulandari")
    forge(visitor, "main form")


def forge(visitor: Visitor, form: str) -> None:
    """Sends a form whose key has gone."""
    visitor.page.locator(f"{form} [name=csrf_token]").first.evaluate("node => { node.value = 'x' }")
    visitor.page.locator(f"{form} button").first.click()


def large(visitor: Visitor) -> None:
    with tempfile.NamedTemporaryFile(suffix=".pdf") as letter:
        letter.write(b"%PDF-1.7\n" + b"0" * 13_000_000)
        letter.flush()
        visitor.page.set_input_files("#bukti", letter.name)
        visitor.page.locator("main form button.btn-primary").click()


def disguised(visitor: Visitor) -> None:
    visitor.page.set_input_files("#bukti", {"name": "SK.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90"})
    visitor.page.locator("main form button.btn-primary").click()


PAGES: Mapping[str, tuple[State, ...]] = {
    "public.home": (State("/"),),
    "public.entries": (
        State("/koperasi"),
        State("/koperasi?q=konsumen&kind=konsumen", name="narrowed"),
        State("/koperasi?q=tidakadasamasekali", name="nothing found"),
        State("/koperasi", then=press("main a[rel=next]"), name="second page"),
        State("/tidak-ada", status=404, name="unknown"),
    ),
    "public.entry": (
        State("/koperasi/{slug}"),
        State("/koperasi/koperasi-produsen-nomor-3", name="inactive"),
        State("/inventaris/gudang-melati", name="with what belongs to it"),
        State("/hitungan/hitungan-2025-gudang-melati", name="what belongs to another"),
        State("/inventaris/gudang-lama", name="withdrawn"),
        State("/koperasi/tidak-ada", status=404, name="unknown"),
    ),
    "public.version": (
        State("/koperasi/{slug}/versi/1"),
        State("/koperasi/{slug}/versi/2", name="changed"),
        State("/inventaris/gudang-lama/versi/1", name="withdrawn"),
    ),
    "public.verification": (State("/verifikasi"),),
    "public.verified": (
        State("/verifikasi/{code}"),
        State("/verifikasi/{withdrawn_code}", name="withdrawn"),
        State("/verifikasi/AAAA-BBBB", status=404, name="unknown"),
    ),
    "security.login": (
        State("/masuk"),
        State("/masuk", then=typed({"email": "x@siskop.test", "password": "bukan ini"}), name="wrong"),
        State("/masuk", then=typed({"email": "", "password": ""}), name="empty"),
    ),
    "security.register": (
        State("/daftar"),
        State("/daftar", then=typed({"name": "", "email": "bukan", "password": "pendek"}), name="wrong"),
    ),
    "security.send_confirmation": (
        State("/konfirmasi"),
        State("/konfirmasi", then=typed({"email": "bukan ini"}), name="wrong"),
    ),
    "security.confirm_email": (State("/konfirmasi/x"),),
    "security.forgot_password": (
        State("/lupa-sandi"),
        State("/lupa-sandi", then=typed({"email": "juga bukan"}), name="wrong"),
        State("/lupa-sandi", then=typed({"email": "siapa@siskop.test"}), name="sent"),
    ),
    "security.reset_password": (
        State("/lupa-sandi/x", name="bad link"),
        State("{reset}"),
        State("{reset}", then=typed({"password": "pendek", "password_confirm": "lain"}), name="wrong"),
    ),
    "security.change_password": (
        State("/sandi", "sari"),
        State(
            "/sandi",
            "sari",
            typed({"password": "salah", "new_password": "pendek", "new_password_confirm": "lain"}),
            name="wrong",
        ),
        State("/sandi", "tirta", name="of the office"),
    ),
    "security.logout": (
        State("/keluar", "sari", status=404),
        State("/akun", "sari", lambda visitor: forge(visitor, ".site-user form"), 400, name="expired"),
    ),
    "account.left": (State("/akun/selesai"),),
    "account.show": (State("/akun", "sari"), State("/akun", "tirta", name="of the office")),
    "mails.stopping": (State("/surel/berhenti/1/x/y", status=404, name="forged"), State("{stop}")),
    "mails.stop": (State("{stop}", then=press("main form button"), name="stopped"),),
    "account.change": (
        State("/akun", "sari", typed({"name": ""}), 422),
        State("/akun", "sari", typed({"name": "Sari Wulandari"}), name="saved"),
        State("/akun", "sari", forged, 400, name="expired"),
    ),
    "cooperative.home": (
        State("/ruang", "baru", name="nothing yet"),
        State("/ruang", "sari"),
        State("/ruang", "draf", name="a draft"),
        State("/ruang", "balik", name="returned"),
        State("/ruang", "tunggu", name="not looked at"),
        State("/ruang", "tolak", name="rejected"),
        State("/ruang", "rumah", name="with reports and a request"),
    ),
    "cooperative.begin": (
        State("/mulai/stocktaking/gudang-melati", "rumah", name="periods"),
        State("/mulai/joining/gudang-melati", "baru", name="by anybody"),
        State("/mulai/stocktaking/gudang-melati", "baru", status=404, name="foreign"),
    ),
    "cooperative.start": (State("/ruang/mulai/cooperative", "baru", status=405),),
    "cooperative.status": (
        State("/pengajuan/{draft}", "draf"),
        State("/pengajuan/{sent}?terkirim=1", "tunggu", name="just sent"),
        State("/pengajuan/{waiting}", "periksa", name="with a verifier"),
        State("/pengajuan/{returned}", "balik", name="returned"),
        State("/pengajuan/{verified}", "setuju", name="verified"),
        State("/pengajuan/{published}", "sari", name="published"),
        State("/pengajuan/{rejected}", "tolak", name="rejected"),
        State("/pengajuan/{withdrawn}", "tarik", name="withdrawn"),
        State("/pengajuan/{published}", "baru", status=404, name="foreign"),
        State("/pengajuan/{conflict}", "sari", name="changed on both sides"),
        State("/pengajuan/{request}", "rumah", name="to object"),
    ),
    "cooperative.before_act": (
        State("/pengajuan/{draft}/tindakan/withdraw", "draf"),
        State("/pengajuan/{request}/tindakan/objection?do=vote&ballot=against", "rumah", name="objection"),
        State(
            "/pengajuan/{request}/tindakan/objection?do=vote&ballot=against",
            "rumah",
            press("main form button.btn-refuse"),
            422,
            name="objection without words",
        ),
    ),
    "cooperative.overview": (
        State("/pengajuan/{draft}/isi", "draf"),
        State("/pengajuan/{ready}/isi", "siap", name="ready"),
        State("/pengajuan/{returned}/isi", "balik", name="returned"),
    ),
    "cooperative.corrections": (State("/pengajuan/{returned}/perbaikan", "balik"),),
    "cooperative.page": (
        *(
            State(f"/pengajuan/{{ready}}/isi/{page}", "siap", name=page)
            for page in (
                *("identity", "contact", "business", "members", "licence", "people", "book_year", "last_report"),
                *("certificate", "profile", "places", "further_licences", "for_the_office"),
            )
        ),
        *(
            State(f"/pengajuan/{{draft}}/isi/{page}?periksa=1", "draf", name=f"{page} with mistakes")
            for page in ("identity", "contact", "business", "members", "licence", "people")
        ),
        State("/pengajuan/{returned}/isi/contact?semua=1", "balik", name="the whole page"),
        *(State(f"/pengajuan/{{stock}}/isi/{page}", "gudang", name=f"stock {page}") for page in ("first", "money")),
        State("/pengajuan/{stock}/isi/rows", "gudang", name="many rows"),
        State("/pengajuan/{stock}/isi/rows?baris=items-107", "gudang", name="another window of them"),
    ),
    "cooperative.save": (
        State("/pengajuan/{draft}/isi/members", "draf", typed({"members_men": "banyak"}), 422),
        State("/pengajuan/{draft}/isi/people", "draf", press("button[name=_add]"), name="a row more"),
        State("/pengajuan/{stock}/isi/money", "gudang", press("main form button.btn-primary"), 422, name="a doubt"),
    ),
    "cooperative.proof": (
        State("/pengajuan/{draft}/bukti", "draf"),
        State("/pengajuan/{ready}/bukti", "siap", name="handed in"),
    ),
    "cooperative.give_proof": (
        State("/pengajuan/{draft}/bukti", "draf", press("main form button.btn-primary"), 422),
        State("/pengajuan/{draft}/bukti", "draf", disguised, 422, name="disguised"),
        State("/pengajuan/{draft}/bukti", "draf", large, 413, name="too large"),
    ),
    "cooperative.check": (
        State("/pengajuan/{draft}/periksa", "draf", name="not ready"),
        State("/pengajuan/{ready}/periksa", "siap"),
        State("/pengajuan/{stock}/periksa", "gudang", name="of every type"),
    ),
    "cooperative.send": (State("/pengajuan/{ready}/periksa", "siap", press("main form button.btn-primary"), 422),),
    "review.inbox": (
        State("/kantor", "holder:waiting"),
        *(State(f"/kantor?lihat={tab}", "adi", name=tab) for tab in ("mine", "offered", "waiting", "done", "all")),
        State("/kantor?lihat=all&q=tidakada", "adi", name="nothing fits"),
        State("/kantor", "baru", status=403, name="refused"),
    ),
    "review.page": (
        State("/kantor/pengajuan/{waiting}", "holder:waiting"),
        State("/kantor/pengajuan/{asking}", "holder:asking", name="with a correction"),
        State("/kantor/pengajuan/{asking}?minta=phone", "holder:asking", name="asking"),
        State("/kantor/pengajuan/{returned}", "adi", name="returned"),
        State("/kantor/pengajuan/{again}", "holder:again", name="second round"),
        State("/kantor/pengajuan/{conflict}", "holder:conflict", name="conflict"),
        State("/kantor/pengajuan/{verified}", "ratna", name="to approve"),
        State("/kantor/pengajuan/{sent}", "adi", name="not looked at"),
        State("/kantor/pengajuan/{licence}", "adi", name="published"),
        State("/kantor/pengajuan/{rejected}", "adi", name="rejected"),
        State("/kantor/pengajuan/{committee}", "keuangan", name="a vote"),
        State("/kantor/pengajuan/{committee}", "adi", name="who sits where"),
        State("/kantor/pengajuan/{weighed}", "ratna", name="steps done"),
        State("/kantor/pengajuan/{finished}", "adi", name="to reopen"),
        State("/kantor/pengajuan/tidak-ada", "adi", status=404, name="unknown"),
    ),
    "review.reason": (
        State("/kantor/pengajuan/{waiting}/alasan?do=act&name=reject", "holder:waiting"),
        State("/kantor/pengajuan/{verified}/alasan?do=vote&name=approval&ballot=against", "ratna", name="vote"),
        State("/kantor/pengajuan/{waiting}/alasan?do=assign&name=verification", "adi", name="assign"),
        State("/kantor/pengajuan/{committee}/alasan?do=assign&name=panel", "adi", name="assign a seat"),
        State("/kantor/pengajuan/{committee}/alasan?do=consult&name=opinion", "adi", name="an opinion"),
        State("/kantor/pengajuan/{committee}/alasan?do=complete&name=visit", "lapangan", name="a small form"),
        State("/kantor/pengajuan/{committee}/alasan?do=recuse&name=panel", "anggota1", name="stand down"),
        State("/kantor/pengajuan/{weighed}/alasan?do=act&name=decline", "ratna", name="form, file and reason"),
    ),
    "review.decide": (
        State(
            "/kantor/pengajuan/{waiting}/alasan?do=act&name=reject",
            "holder:waiting",
            typed({"words": " "}, "main form button.btn-refuse"),
            422,
        ),
        State("/kantor/pengajuan/{verified}", "ratna", stale, 409, name="stale"),
        State(
            "/kantor/pengajuan/{waiting}/alasan?do=assign&name=verification",
            "adi",
            press("main form button.btn-primary"),
            422,
            name="nobody chosen",
        ),
        State(
            "/kantor/pengajuan/{committee}/alasan?do=complete&name=visit",
            "lapangan",
            typed({"score": "900"}),
            422,
            name="a small form with mistakes",
        ),
        State(
            "/kantor/pengajuan/{weighed}/alasan?do=act&name=decline",
            "ratna",
            press("main form button.btn-refuse"),
            422,
            name="nothing given",
        ),
    ),
    "review.beginnings": (State("/kantor/mulai", "lapangan"), State("/kantor/mulai", "adi", name="nothing")),
    "review.find": (
        State("/kantor/mulai/inspection?q=maju", "lapangan"),
        State("/kantor/mulai/inspection?q=tidakada", "lapangan", name="nothing found"),
        State("/kantor/mulai/cooperative", "adi", status=404, name="of another role"),
    ),
    "review.workflows": (State("/kantor/alur", "adi"), State("/kantor/alur?lihat=cooperative", "adi", name="drawn")),
    "review.deputies": (
        State("/kantor/wakil", "ratna", name="somebody stands in"),
        State("/kantor/wakil", "adi", name="with everybody's"),
        State("/kantor/wakil", "banyu", name="for somebody"),
    ),
    "review.name_deputy": (State("/kantor/wakil", "ratna", press("main form button.btn-primary"), 422),),
    "review.moving_page": (
        State("/kantor/pindahkan", "adi"),
        State("/kantor/pindahkan?orang={verifier}", "adi", name="what would move"),
        State("/kantor/pindahkan?orang={verifier}&ke={head}", "adi", name="what stays"),
    ),
    "review.moved": (State("/kantor/pindahkan/hasil?orang={verifier}&sejak=1767225600", "adi"),),
    "review.mails": (
        State("/kantor/surel", "adi"),
        State("/kantor/surel?hasil=accepted", "adi", name="narrowed"),
        State("/kantor/surel?orang=tidak-ada", "adi", name="nothing"),
    ),
    "review.mail": (State("/kantor/surel/1", "adi"),),
    "review.samples": (State("/kantor/surel/contoh", "tirta"),),
    "review.sample": (
        State("/kantor/surel/contoh/visit-needed", "tirta"),
        State("/kantor/surel/contoh/returned", "adi"),
    ),
    "review.vacancies": (State("/kantor/kosong", "adi"),),
    "admin.jobs": (
        *(State(f"/kantor/pekerjaan?lihat={view}", "adi", name=view) for view in ("dead", "failed", "buried")),
        State("/kantor/pekerjaan?lihat=running", "adi", name="nothing"),
        State("/kantor/pekerjaan", "tirta", status=403, name="refused"),
    ),
    "review.letters": (
        State("/kantor/surat", "ratna"),
        State("/kantor/surat?pilih=semua", "ratna", name="all ticked"),
        State("/kantor/surat?lihat=semua", "adi", name="all letters"),
        State("/kantor/surat?lihat=semua&q=tidakada", "adi", name="nothing fits"),
        State("/kantor/surat", "adi", name="nothing to sign"),
        State("/kantor/surat", "ratna", press("main form button.btn-primary"), name="nothing ticked"),
    ),
    "review.letter": (
        State("/kantor/surat/{letter}", "ratna"),
        State("/kantor/surat/{unsigned}", "ratna", name="to sign"),
        State("/kantor/surat/{withdrawn_letter}", "ratna", name="withdrawn"),
        State("/kantor/surat/99999999", "ratna", status=404, name="unknown"),
    ),
    "review.withdraw_letter": (
        State("/kantor/surat/{unsigned}", "ratna", typed({"alasan": " "}, "main form button.btn-refuse"), 422),
    ),
    "review.posts": (State("/kantor/jabatan", "adi"),),
    "review.add_post": (State("/kantor/jabatan", "adi", press("main section form button.btn-primary"), 422),),
    "admin.health": (State("/kantor/kesehatan", "adi"),),
}
NO_PAGE: Mapping[str, str] = {
    "assets.send": "stylesheets, scripts and icons; every page above loads them",
    "operations.healthz": "for machines",
    "operations.readyz": "for machines",
    "operations.show_metrics": "for machines",
    "files.send": "the file itself",
    "admin.settle": "leads back to admin.jobs",
    "review.begin": "leads on to the form",
    "review.end_deputy": "leads back to review.deputies",
    "review.move": "leads on to review.moved",
    "review.sign_letters": "leads back to review.letters",
    "review.print_letters": "leads back to review.letters",
    "review.print_run": "the PDF itself",
    "review.letter_pdf": "the PDF itself",
    "review.end_post": "leads back to review.posts",
    "cooperative.letter": "the PDF itself",
    "account.arrive": "leads on to one of the rooms",
    "account.end_sessions": "leads on to sign-in",
    "account.choose_mails": "leads back to account.show",
    "account.confirm_address": "leads back to account.show",
    "review.send_again": "leads back to review.mail",
    "cooperative.act": "leads on to the status; its question is cooperative.before_act",
}

"""`make screenshots`: the main pages of the demo, whole, on a phone and on a wide screen, into var/screenshots."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page

from config import ROOT
from siskop.base.embedded import Servers
from siskop.cli.seed import PASSWORD
from tests.end_to_end.house import House, chromium, house
from tests.end_to_end.visitor import Visitor
from tests.worlds import make_template

INTO = ROOT / "var" / "screenshots"
WIDTHS = (360, 1280)
INBOX = 'table.inbox tbody th[scope="row"] a[href]'
SHOTS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("home", "", "/", ()),
    ("directory", "", "/koperasi?q=koperasi", ()),
    ("entry", "", "/koperasi", (".result a",)),
    ("version", "", "/koperasi", (".result a", ".timeline a")),
    ("sign-in", "", "/masuk", ()),
    ("register", "", "/daftar", ()),
    ("not-found", "", "/tidak-ada", ()),
    ("cooperative", "sekretaris", "/ruang", ()),
    ("tasks", "sekretaris", "/ruang", ("a[href$='/isi']",)),
    ("form", "sekretaris", "/ruang", ("a[href$='/isi']", "a[href$='/isi/licence']")),
    ("officers", "sekretaris", "/ruang", ("a[href$='/isi']", "a[href$='/isi/people']")),
    ("correction", "sekretaris", "/ruang", ("a[href$='/perbaikan']",)),
    ("check", "sekretaris", "/ruang", ("a[href$='/isi']", "a[href$='/periksa']")),
    ("status", "sekretaris", "/ruang", (".panel h3 a",)),
    ("sent", "sekretaris", "/ruang", (".panel h3 a", "?terkirim=1")),
    ("inbox", "petugas", "/kantor", ()),
    ("review", "petugas", "/kantor", (INBOX,)),
    ("review-update", "petugas2", "/kantor", (INBOX,)),
    ("waiting", "admin", "/kantor?lihat=waiting", ()),
    ("approval", "kepala", "/kantor?lihat=offered", (INBOX,)),
    ("letters", "kepala", "/kantor/surat", ()),
    ("letter", "kepala", "/kantor/surat?lihat=semua", ("tbody a",)),
    ("posts", "admin", "/kantor/jabatan", ()),
    ("verification", "", "/verifikasi", ()),
    ("account", "admin", "/akun", ()),
)
"""(name of the picture, demo account, path, what is followed from there: links, or a query to add)"""


def main() -> None:
    INTO.mkdir(parents=True, exist_ok=True)
    with demo() as stands, chromium() as browser:
        _begin_something(stands, browser)
        for width in WIDTHS:
            _take(stands, browser, width)
    print(f"{len(SHOTS) * len(WIDTHS)} pictures in {INTO.relative_to(ROOT)}")


@contextlib.contextmanager
def demo() -> Iterator[House]:
    """The demo's data in a house of its own."""
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(Path(folder) / "var", lasting=False)
        servers.start()
        try:
            make_template(servers)
            with house(servers, Path(folder) / "house") as stands:
                stands.siskop("seed")
                yield stands
        finally:
            servers.stop()


def _begin_something(stands: House, browser: Browser) -> None:
    """The demo's secretary has a draft too: the yearly update of a cooperative."""
    secretary = Visitor(browser, stands.url, "sekretaris@demo.example")
    secretary.sign_in(password=PASSWORD)
    secretary.press("Data koperasi:")
    secretary.says("Bagus diketahui|halaman")
    secretary.leave()


def _take(stands: House, browser: Browser, width: int) -> None:
    visitors: dict[str, Visitor] = {}
    for name, who, path, follow in SHOTS:
        if who not in visitors:
            email = f"{who}@demo.example" if who else ""
            visitors[who] = Visitor(browser, stands.url, email, width=width, device_scale_factor=1)
            if who:
                visitors[who].sign_in(password=PASSWORD)
        page = visitors[who].page
        page.goto(path)
        for step in follow:
            target = f"{page.url.split('?')[0]}{step}" if step.startswith("?") else _address(page, step)
            page.goto(target)
        page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
        page.screenshot(path=INTO / f"{name}-{width}.png")
        page.set_viewport_size({"width": width, "height": 900})
    for visitor in visitors.values():
        visitor.leave()


def _address(page: Page, selector: str) -> str:
    return page.locator(f"main {selector}").first.evaluate("node => node.href")


if __name__ == "__main__":
    main()

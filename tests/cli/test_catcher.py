"""The mail catcher: every mail is kept and can be read in a browser."""

import smtplib
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from config import ROOT
from tests.worlds import eventually


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """SMTP and pages of a running catcher."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    smtp, pages = (opened.fileno() for opened in sockets)
    program = "from siskop.cli.main import main; main()"
    command = [sys.executable, "-c", program, "catcher", "--smtp", str(smtp), "--pages", str(pages)]
    catcher = subprocess.Popen(command, cwd=ROOT, pass_fds=(smtp, pages), env={"SISKOP_VAR": str(tmp_path)})
    yield sockets[0].getsockname()[1], sockets[1].getsockname()[1]
    catcher.kill()
    catcher.wait()


def page(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def test_a_mail_is_listed_shown_and_kept_as_a_file(ports: tuple[int, int], tmp_path: Path) -> None:
    smtp, pages = ports
    assert "Belum ada surat" in page(pages, "/")
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Koperasi <Maju>: diterima", "siskop@siskop.example", "ani@example.com"
    mail.set_content("Buka http://127.0.0.1:8000/ruang hari ini.\n<script>alert(1)</script>\n")
    with smtplib.SMTP("127.0.0.1", smtp) as server:
        server.send_message(mail)
    (kept,) = (tmp_path / "mail").glob("*.eml")
    listed = page(pages, "/")
    assert "Koperasi &lt;Maju&gt;: diterima" in listed
    assert "ani@example.com" in listed
    shown = page(pages, f"/{kept.stem}")
    assert '<a href="http://127.0.0.1:8000/ruang"' in shown
    assert "<script>" not in shown


@pytest.mark.parametrize("path", ["/../secrets/app", "/1", "/%2e%2e/x"])
def test_nothing_but_mails_can_be_read(ports: tuple[int, int], path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        page(ports[1], path)


def test_a_client_that_says_nothing_holds_nobody_up(ports: tuple[int, int]) -> None:
    with socket.create_connection(("127.0.0.1", ports[1])):
        eventually(lambda: "Surat tertangkap" in page(ports[1], "/"))

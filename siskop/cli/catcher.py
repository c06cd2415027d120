"""The mail catcher of `make run`: takes every mail by SMTP, keeps it as a file, and shows it in the browser.

For the demo only. It listens on sockets that the supervisor opened (their numbers are its arguments), on this machine
alone; a page shows text and addresses, never somebody else's markup.
"""

from __future__ import annotations

import asyncio
import socket
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread

import click
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask, abort, render_template_string
from werkzeug.serving import WSGIRequestHandler, make_server

from siskop.cli.main import var_folder

_PAGE = """<!doctype html><html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
li{margin:.5rem 0}pre{white-space:pre-wrap;background:#f4f4f2;padding:1rem}small{color:#555}</style>
<h1>{{ title }}</h1>
{% if mail %}<p><a href="/">Semua surat</a></p>
<p><small>{% for name, value in mail.items() %}{{ name }}: {{ value }}<br>{% endfor %}</small></p>
<pre>{{ words | urlize }}</pre>
{% elif mails %}<ol>{% for name, mail in mails.items() %}<li><a href="/{{ name }}">{{ mail.Subject or "-" }}</a><br>
<small>{{ mail["X-Envelope-To"] }} · {{ mail.Date or "" }}</small>{% endfor %}</ol>
{% else %}<p>Belum ada surat.</p>{% endif %}</html>"""


@click.command(hidden=True)
@click.option("--smtp", type=int, required=True, help="number of an open listening socket")
@click.option("--pages", type=int, required=True, help="number of another one")
def catcher(smtp: int, pages: int) -> None:
    """Catch mails and show them."""
    folder = var_folder() / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    site = make_server("127.0.0.1", 0, _site(folder), threaded=True, request_handler=_Patient, fd=pages)
    Thread(target=site.serve_forever, daemon=True).start()
    asyncio.run(_take_mails(folder, smtp))


class _Patient(WSGIRequestHandler):
    timeout = 5  # seconds for a browser to say what it wants


async def _take_mails(folder: Path, smtp: int) -> None:
    loop, opened = asyncio.get_running_loop(), socket.socket(fileno=smtp)
    await (await loop.create_server(lambda: SMTP(_Mailbox(folder), enable_SMTPUTF8=True), sock=opened)).serve_forever()


class _Mailbox:
    """Mails as files `<instant>.eml`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        content = envelope.original_content or b""
        path = self.folder / f"{time.time_ns()}.eml"
        fresh = path.with_suffix(".new")
        fresh.write_bytes(b"X-Envelope-To: " + ", ".join(envelope.rcpt_tos).encode() + b"\r\n" + content)
        fresh.rename(path)
        return "250 Message accepted for delivery"


def _site(folder: Path) -> Flask:
    """`/` lists, `/<instant>` shows."""
    site = Flask(__name__, static_folder=None)

    @site.get("/")
    def all_mails() -> str:
        newest = sorted(folder.glob("*.eml"), reverse=True)[:200]
        mails = {path.stem: _read(path) for path in newest}
        return render_template_string(_PAGE, title="Surat tertangkap", mails=mails)

    @site.get("/<int:instant>")
    def one_mail(instant: int) -> str:
        path = folder / f"{instant}.eml"
        if not path.exists():
            abort(404)
        mail = _read(path)
        part = mail.get_body(("plain", "html"))
        words = part.get_content() if part else ""
        return render_template_string(_PAGE, title=mail["Subject"] or "-", mail=mail, words=words)

    return site


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)

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
from html import escape
from pathlib import Path

import click
from aiosmtpd.smtp import SMTP, Envelope, Session

from siskop.cli.main import var_folder

_PAGE = """<!doctype html><html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}}
li{{margin:.5rem 0}}pre{{white-space:pre-wrap;background:#f4f4f2;padding:1rem}}small{{color:#555}}</style>
<h1>{title}</h1>{body}</html>"""


def register(main: click.Group) -> None:
    main.add_command(catcher)


@click.command(hidden=True)
@click.option("--smtp", type=int, required=True, help="number of an open listening socket")
@click.option("--pages", type=int, required=True, help="number of another one")
def catcher(smtp: int, pages: int) -> None:
    """Catch mails and show them."""
    asyncio.run(_serve(Mailbox(var_folder() / "mail"), smtp, pages))


class Mailbox:
    """Mails as files `<instant>.eml`, the newest first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        content = envelope.original_content or b""
        path = self.folder / f"{time.time_ns()}.eml"
        fresh = path.with_suffix(".new")
        fresh.write_bytes(b"X-Envelope-To: " + ", ".join(envelope.rcpt_tos).encode() + b"\r\n" + content)
        fresh.rename(path)
        return "250 Message accepted for delivery"

    def names(self) -> list[str]:
        return sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)

    def read(self, name: str) -> EmailMessage | None:
        path = self.folder / f"{name}.eml"
        if not name.isdecimal() or not path.exists():
            return None
        return message_from_bytes(path.read_bytes(), policy=policy.default)


async def _serve(mailbox: Mailbox, smtp: int, pages: int) -> None:
    loop = asyncio.get_running_loop()
    mails = await loop.create_server(lambda: SMTP(mailbox, enable_SMTPUTF8=True), sock=socket.socket(fileno=smtp))
    site = await asyncio.start_server(lambda r, w: _answer(mailbox, r, w), sock=socket.socket(fileno=pages))
    await asyncio.gather(mails.serve_forever(), site.serve_forever())


async def _answer(mailbox: Mailbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One GET a connection: `/` lists, `/<name>` shows."""
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        name = head.split(b" ")[1].decode("ascii").strip("/")
        status, page = _show(mailbox, name) if name else ("200 OK", _list(mailbox))
        body = page.encode()
        kind = "Content-Type: text/html; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n"
        writer.write(f"HTTP/1.1 {status}\r\n{kind}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
    except (OSError, ValueError, IndexError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
        pass
    finally:
        writer.close()


def _list(mailbox: Mailbox) -> str:
    rows = "".join(_row(name, mail) for name in mailbox.names()[:200] if (mail := mailbox.read(name)))
    return _PAGE.format(title="Surat tertangkap", body=f"<ol>{rows}</ol>" if rows else "<p>Belum ada surat.</p>")


def _row(name: str, mail: EmailMessage) -> str:
    about = f"{mail['X-Envelope-To']} · {mail['Date'] or ''}"
    return f'<li><a href="/{name}">{escape(str(mail["Subject"] or "-"))}</a><br><small>{escape(about)}</small></li>'


def _show(mailbox: Mailbox, name: str) -> tuple[str, str]:
    mail = mailbox.read(name)
    if mail is None:
        return "404 Not Found", _PAGE.format(title="Surat tidak ada", body='<p><a href="/">Semua surat</a></p>')
    heads = "".join(f"{escape(key)}: {escape(str(value))}<br>" for key, value in mail.items())
    part = mail.get_body(("plain", "html"))
    text = _with_links(part.get_content()) if part else ""
    body = f'<p><a href="/">Semua surat</a></p><p><small>{heads}</small></p><pre>{text}</pre>'
    return "200 OK", _PAGE.format(title=escape(str(mail["Subject"] or "-")), body=body)


def _with_links(text: str) -> str:
    words = []
    for word in escape(text).split(" "):
        lines = [
            f'<a href="{line}">{line}</a>' if line.startswith(("http://", "https://")) else line
            for line in word.split("\n")
        ]
        words.append("\n".join(lines))
    return " ".join(words)

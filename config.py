"""Siskop's settings, read once from the environment. Outside demo mode no secret and no address has a default."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class ConfigError(Exception):
    """The environment does not describe a Siskop; `problems` lists every fault, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Settings:
    demo: bool  # demo accounts may sign in, the clock may be moved
    testing: bool
    var: Path
    secret_key: str
    database_url: str  # libpq URI of the app's role
    database_public_url: str  # … of the role that reads nothing but the schema `register`
    database_owner_url: str | None  # … of the owner: only migrations need it
    redis_url: str  # redis://, rediss:// or unix:///path
    mail_url: str  # smtp:// or smtps://[user:password@]host:port
    mail_from: str
    bounce_address: str | None  # the sender on the envelope; a tag after “+” names the mail (name+b12-…@host)
    bounce_mailbox: str | None  # where those come back: imaps://user:password@host/INBOX, maildir:///…, mbox:///…
    files: Path
    workflows: Path
    trusted_hosts: tuple[str, ...]
    base_url: str  # without a slash at the end; for links in mails
    host: str
    port: int
    log_level: str
    proxies: int  # reverse proxies in front, whose X-Forwarded-* is believed
    metrics_token: str | None  # whoever shows it reads /metrics; without it there is none
    captured_mail_url: str | None  # page of the mail catcher

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Raises ConfigError with every problem at once."""
        read = _Reader(environ)
        demo, testing = read.switch("SISKOP_DEMO"), read.switch("SISKOP_TESTING")
        host, port = read.text("HOST", "127.0.0.1"), read.number("PORT", 8000)
        var = Path(read.text("SISKOP_VAR", str(ROOT / "var"))).absolute()
        local = near(host, port) if demo or testing else None
        base_url = read.address("BASE_URL", ("http", "https"), local).rstrip("/")
        settings = cls(
            demo=demo,
            testing=testing,
            var=var,
            secret_key=read.secret("SECRET_KEY"),
            database_url=read.address("DATABASE_URL", ("postgresql", "postgres")),
            database_public_url=read.address("DATABASE_PUBLIC_URL", ("postgresql", "postgres")),
            database_owner_url=read.address("DATABASE_OWNER_URL", ("postgresql", "postgres"), "") or None,
            redis_url=read.address("REDIS_URL", ("redis", "rediss", "unix")),
            mail_url=read.address("MAIL_URL", ("smtp", "smtps")),
            mail_from=read.text("MAIL_FROM", "siskop@siskop.example" if demo or testing else None),
            bounce_address=read.mailbox("BOUNCE_ADDRESS"),
            bounce_mailbox=read.address("BOUNCE_MAILBOX", ("imaps", "imap", "maildir", "mbox"), "") or None,
            files=Path(read.text("SISKOP_FILES", str(var / "files"))).absolute(),
            workflows=Path(read.text("SISKOP_WORKFLOWS", str(ROOT / "workflows"))).absolute(),
            trusted_hosts=read.hosts("TRUSTED_HOSTS", base_url, near=demo or testing),
            base_url=base_url,
            host=host,
            port=port,
            log_level=read.one_of("LOG_LEVEL", LEVELS, "INFO"),
            proxies=read.number("TRUSTED_PROXIES", 0, (0, 9)),
            metrics_token=read.secret("METRICS_TOKEN", "") or None,
            captured_mail_url=environ.get("SISKOP_CAPTURED_MAIL_URL") or None,
        )
        if read.problems:
            raise ConfigError(read.problems)
        return settings


def near(host: str, port: int) -> str:
    """Where this machine reaches a web server that listens on `host`."""
    own = "127.0.0.1" if host in ("0.0.0.0", "::") else bracketed(host)  # noqa: S104 - compared, not bound
    return f"http://{own}:{port}"


def bracketed(host: str) -> str:
    """An IPv6 address as it stands in a URL; everything else as it is."""
    return f"[{host}]" if ":" in host else host


class _Reader:
    """Reads single variables and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        value = self.environ.get(name, "").strip() or default
        if value is None:
            self.problems.append(f"{name} is not set.")
        return value or ""

    def switch(self, name: str) -> bool:
        return self.one_of(name, ("0", "1"), "0") == "1"

    def one_of(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value.upper() not in choices:
            self.problems.append(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
        return value.upper()

    def number(self, name: str, default: int, bounds: tuple[int, int] = (1, 65535)) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or not bounds[0] <= int(value) <= bounds[1]:
            self.problems.append(f"{name} is {value!r}; it must be a number from {bounds[0]} to {bounds[1]}.")
            return default
        return int(value)

    def secret(self, name: str, default: str | None = None) -> str:
        value = self.text(name, default)
        if value and len(value) < 32:
            self.problems.append(f"{name} has {len(value)} characters; it needs at least 32 random ones.")
        return value

    def address(self, name: str, schemes: tuple[str, ...], default: str | None = None) -> str:
        """The value is not repeated in the problem: it may hold a password."""
        value = self.text(name, default)
        if value and urlsplit(value).scheme not in schemes:
            self.problems.append(f"{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
        return value

    def mailbox(self, name: str) -> str | None:
        value = self.environ.get(name, "").strip()
        if value and not re.fullmatch(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+", value):
            self.problems.append(f"{name} is no plain mail address, such as bounces@example.com.")
        return value or None

    def hosts(self, name: str, base_url: str, near: bool) -> tuple[str, ...]:
        """`near` adds this machine's own names, for demo and tests."""
        named = tuple(host.strip() for host in self.environ.get(name, "").split(",") if host.strip())
        own = urlsplit(base_url).hostname or "127.0.0.1"
        own = "127.0.0.1" if ":" in own else own  # Werkzeug trusts no address of IPv6
        return named or ((own, "localhost", "127.0.0.1") if near else (own,))

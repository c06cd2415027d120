"""`siskop mail bounces`: reads now what mail servers report, as the worker does every ten minutes."""

from __future__ import annotations

import click

from siskop.base.db import settings
from siskop.base.errors import Refusal
from siskop.cli.main import within_app
from siskop.mail import bounces as returned


@click.group()
def mail() -> None:
    """Mail that was sent."""


@mail.command()
@within_app
def bounces() -> None:
    """Read the mailbox of BOUNCE_MAILBOX and write down which mails came back."""
    if not settings().bounce_mailbox:
        raise Refusal("BOUNCE_MAILBOX is not set: there is no mailbox to read.")
    click.echo(f"{returned.read_all()} reports on mails of ours")

"""`siskop account` and `siskop docs`: people and their roles by hand, and pages of the documentation made from code."""

from __future__ import annotations

import sys

import click
from flask import Flask

from config import ROOT
from siskop.accounts import people, policy
from siskop.base.db import reading, settings, unit_of_work
from siskop.base.errors import NotFound, Refusal
from siskop.base.i18n import words
from siskop.cli.main import within_app
from siskop.submissions.definitions import library


@click.group()
def account() -> None:
    """People: create, give a role, list."""


@account.command()
@click.argument("email")
@click.option("--name", required=True)
@click.option("--language", type=click.Choice(["id", "en"]), default="id", show_default=True, help="of mails")
@click.option("--password-from-stdin", is_flag=True, help="read the password from the first line of standard input")
@within_app
def create(email: str, name: str, language: str, password_from_stdin: bool) -> None:
    """Open a confirmed account. Without a password, its owner chooses one at /lupa-sandi."""
    password = sys.stdin.readline().rstrip("\n") if password_from_stdin else None
    with unit_of_work() as tx:
        made = people.create(tx, email, name, password=password, language=language)
    click.echo(f"account {made}: {email}")
    if not password:
        click.echo(f"A password is chosen at {settings().base_url}/lupa-sandi")


@account.command()
@click.argument("email")
@click.argument("role")
@click.option("--area", default="", help="code of an area; the role then covers every code that begins with it")
@within_app
def grant(email: str, role: str, area: str) -> None:
    """Give a role, from today on. Whoever is signed in to the account must sign in again."""
    declared = library().roles
    if role not in declared:
        raise Refusal("%(role)s is no role. There are: %(roles)s.", role=role, roles=", ".join(sorted(declared)))
    with unit_of_work() as tx:
        found = people.find(tx, email)
        if found is None:
            raise NotFound("There is no account %(email)s.", email=email)
        people.grant(tx, found, role, area)
    click.echo(f"{email}: {words(declared[role].label)}{f' ({area})' if area else ''}")


@account.command(name="list")
@within_app
def list_accounts() -> None:
    """Everybody, one a line: id, address, name, roles, and what is unusual."""
    for person in people.everybody(reading()):
        marks = [("demo", person.demo), ("closed", not person.active), ("not confirmed", not person.confirmed)]
        unusual = ", ".join(mark for mark, holds in marks if holds)
        click.echo("\t".join([str(person.id), person.email, person.name, ", ".join(person.grants), unusual]))


@click.group()
def docs() -> None:
    """Pages of the documentation that are made from the code."""


@docs.command()
@click.option("--check", is_flag=True, help="write nothing; exit 1 when the page is not what the code says")
@within_app
def permissions(check: bool) -> None:
    """Write docs/permissions.md: who may ask for which address."""
    from siskop.web.app import create_app  # the pages are heavy, and only this command needs them

    page = permissions_page(create_app(settings()))
    path = ROOT / "docs" / "permissions.md"
    if check:
        if not path.exists() or path.read_text("utf-8") != page:
            raise Refusal("docs/permissions.md is not what the policy says: run `siskop docs permissions`.")
        return
    path.parent.mkdir(exist_ok=True)
    path.write_text(page, "utf-8")
    click.echo(str(path.relative_to(ROOT)))


def permissions_page(app: Flask) -> str:
    """Every address of the app with its rule, in the order of the policy."""
    rows: dict[str, list[str]] = {}
    for rule in app.url_map.iter_rules():
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        who = policy.POLICY[rule.endpoint].name
        rows.setdefault(rule.endpoint, []).append(f"| {methods} | `{rule.rule}` | {who} |")
    lines = [line for endpoint in policy.POLICY for line in sorted(rows.get(endpoint, ()))]
    return HEAD + "\n".join(lines) + "\n"


HEAD = """# Who may ask for what

Made from `siskop/accounts/policy.py` by `siskop docs permissions`; a test compares it with every address and every kind
of person. An address without a line stops the start. Under `/en` every address is the same page in English.

*Who* is asked at the gate, before the page. Where it names a relation, the page looks for the thing among those that
the reader can see: a foreign id gets the same answer as an unknown one, 404. What may be done with a submission (who
sends, verifies, votes, assigns) is said by its workflow, in `workflows/`. The words that a role may carry (desk,
personal, people, definitions, jobs, audit) stand in `workflows/lists/roles.csv`.

| method | address | who |
| --- | --- | --- |
"""

"""People by hand, and the page of permissions."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from siskop.accounts import people
from siskop.base.db import unit_of_work
from siskop.base.errors import Refusal
from siskop.cli.main import siskop
from siskop.cli.operate import permissions_page
from siskop.submissions.definitions import library
from tests.visitors import sign_in
from tests.worlds import World


def run(world: World, *words: str, typed: str = "") -> Result:
    result = CliRunner().invoke(siskop, list(words), env=world.environ, input=typed)
    if isinstance(result.exception, Refusal):
        raise result.exception
    return result


def test_an_account_is_opened_given_a_role_and_listed(world: World, app: Flask) -> None:
    with app.app_context():
        role = next(iter(library().roles))
    made = run(
        world, "account", "create", "Ani@Dinas.test", "--name", "Ani", "--password-from-stdin", typed="kata sandi 1\n"
    )
    assert made.exit_code == 0, made.output
    assert run(world, "account", "grant", "ani@dinas.test", role, "--area", "36.74.01").exit_code == 0
    listed = run(world, "account", "list").output
    assert f"ani@dinas.test\tAni\t{role}:36.74.01" in listed
    assert sign_in(app.test_client(), "ani@dinas.test", "kata sandi 1").status_code == 302


def test_without_a_password_its_owner_chooses_one(world: World) -> None:
    assert "/lupa-sandi" in run(world, "account", "create", "ani@dinas.test", "--name", "Ani").output


def test_a_role_that_is_none_is_refused_with_those_there_are(world: World, app: Flask) -> None:
    with unit_of_work() as tx:
        people.create(tx, "ani@dinas.test", "Ani")
    with pytest.raises(Refusal, match=r"is no role\. There are: "):
        run(world, "account", "grant", "ani@dinas.test", "emperor")


def test_the_page_of_permissions_names_every_address(app: Flask) -> None:
    page = permissions_page(app)
    assert all(f"`{rule.rule}`" in page for rule in app.url_map.iter_rules())
    assert "| POST | `/keluar` | anyone, with a session for the form |" in page

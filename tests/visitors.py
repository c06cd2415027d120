"""People at the door: accounts made for a test, and browsers that sign in through the real pages."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from siskop.accounts import people
from siskop.base.db import unit_of_work

PASSWORD = "kata sandi panjang"


def person(email: str = "ani@siskop.test", name: str = "Ani Rahayu", *grants: tuple[str, str]) -> int:
    """A confirmed account with PASSWORD and these (role, area) from today on."""
    with unit_of_work() as tx:
        account = people.create(tx, email, name, password=PASSWORD)
        for role, area in grants:
            people.grant(tx, account, role, area)
    return account


def signed_in(app: Flask, email: str = "ani@siskop.test") -> FlaskClient:
    browser = app.test_client()
    response = sign_in(browser, email)
    assert response.status_code == 302, response.text
    return browser


def sign_in(browser: FlaskClient, email: str, password: str = PASSWORD, to: str = "/masuk") -> TestResponse:
    return post(browser, to, {"email": email, "password": password})


def post(browser: FlaskClient, path: str, fields: dict[str, str], page: str | None = None) -> TestResponse:
    """Open the page, then send its form with its hidden keys."""
    hidden = keys(browser.get(page or path).text)
    return browser.post(path, data=hidden | fields)


def keys(page: str) -> dict[str, str]:
    """`csrf_token` and `_once` as they stand in a page."""
    found = re.findall(r'name="(csrf_token|_once)" value="([^"]+)"', page)
    return dict(found)


def cookie(browser: FlaskClient) -> str | None:
    found = browser.get_cookie("siskop")
    return found.value if found else None

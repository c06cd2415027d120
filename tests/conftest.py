"""Fixtures: private servers for the run, a fresh world for each test. Nothing here stands in for a part of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from siskop.base.db import Tx, bare_app, db, unit_of_work
from siskop.base.embedded import Servers
from tests.worlds import Mailboxes, World, free_port, make_template, scratch


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """PostgreSQL and Valkey, not durable, with the template of all worlds."""
    servers = Servers(tmp_path_factory.mktemp("var"), lasting=False)
    servers.start()
    try:
        make_template(servers)
        yield servers
    finally:
        servers.stop()


@pytest.fixture
def mailboxes() -> Iterator[Mailboxes]:
    mailboxes = Mailboxes()
    yield mailboxes
    mailboxes.stop()


@pytest.fixture
def world(servers: Servers, mailboxes: Mailboxes, tmp_path: Path) -> Iterator[World]:
    """A database of its own, definitions in force; inside the test an app context on it stands open."""
    with scratch(servers, mailboxes, tmp_path, free_port()) as world:
        bare = bare_app(world.settings)
        with bare.app_context():
            yield world
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


@pytest.fixture
def settings(world: World) -> Settings:
    return world.settings


@pytest.fixture
def app(world: World) -> Iterator[Flask]:
    """The whole web application on the world."""
    from siskop.web.app import create_app

    app = create_app(world.settings)
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """Speaks to the app without a network; keeps cookies."""
    return app.test_client()


@pytest.fixture
def tx(world: World) -> Iterator[Tx]:
    """One transaction for the whole test, committed at its end."""
    with unit_of_work() as tx:
        yield tx

"""The scene of every hostile test, with failures as pages, as they are outside of tests."""

from __future__ import annotations

import pytest
from flask import Flask

from siskop.web import account
from tests.hostile import openings
from tests.hostile.openings import Scene
from tests.worlds import World


@pytest.fixture
def scene(world: World, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(account, "EVEN_SECONDS", 0)  # nobody measures here
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return openings.scene(app)

"""The web application: everything that answers, behind one gate."""

from __future__ import annotations

import importlib
import importlib.util

from flask import Flask

from config import Settings
from siskop.accounts import security
from siskop.base import logs
from siskop.base.db import bare_app
from siskop.web import account, assets, errors, frame, gate, repeat

ROOMS = ("public", "cooperative", "review", "files", "operations")


def create_app(settings: Settings) -> Flask:
    """Raises PolicyError when a page has no rule, and whatever the settings, the templates or the definitions lack."""
    app = bare_app(settings)
    logs.init_app(app)
    gate.init_app(app)
    security.init_app(app, account.Mails)
    for part in (errors, assets, frame, repeat):
        part.init_app(app)
    app.after_request(account.evened)
    app.register_blueprint(account.blueprint)
    for room in ROOMS:
        if importlib.util.find_spec(f"siskop.web.{room}"):
            module = importlib.import_module(f"siskop.web.{room}")
            if hasattr(module, "init_app"):
                module.init_app(app)
            else:
                app.register_blueprint(module.blueprint)
    gate.closed(app)
    return app

"""The web application: everything that answers, behind one gate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings
from siskop.accounts import policy, security
from siskop.base import logs
from siskop.base.db import bare_app
from siskop.web import (
    account,
    admin,
    assets,
    cooperative,
    errors,
    files,
    frame,
    gate,
    mails,
    operations,
    public,
    repeat,
    review,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def create_app(settings: Settings) -> Flask:
    """Raises PolicyError when a page has no rule, and whatever the settings, the templates or the definitions lack."""
    app = bare_app(settings)
    logs.init_app(app)
    gate.init_app(app)
    security.init_app(app, account.Mails)
    for part in (errors, assets, frame, repeat):
        part.init_app(app)
    app.after_request(account.evened)
    for room in (account, mails, public, cooperative, review, admin, files, operations):
        app.register_blueprint(room.blueprint)
    policy.complete(rule.endpoint for rule in app.url_map.iter_rules())
    app.wsgi_app = English(app.wsgi_app)  # type: ignore[method-assign]
    if n := settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


class English:
    """`/en` in front of an address is the same page in English: it becomes part of the application's root, so that
    every address made by `url_for` keeps it."""

    def __init__(self, inner: WSGIApplication) -> None:
        self.inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/en" or path.startswith("/en/"):
            environ = {**environ, "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + "/en", "PATH_INFO": path[3:] or "/"}
        return self.inner(environ, start_response)

"""What a web server loads, `gunicorn 'siskop.web.server:app()'`: the app with this process's logs and doorbell."""

from __future__ import annotations

from flask import Flask

from config import Settings
from siskop.base import logs
from siskop.pipeline import doorbell
from siskop.web.app import create_app


def app() -> Flask:
    settings = Settings.from_environment()
    logs.set_up(settings.log_level)
    doorbell.install(settings.redis_url)
    return create_app(settings)

"""Logs as JSON, one object a line, joined by a correlation id: a request, the jobs it put and their mails carry the
same one. No answers, addresses or words of people go into logs: ids and codes only."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, request

_correlation: ContextVar[str | None] = ContextVar("correlation", default=None)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
log = logging.getLogger(__name__)


class JsonLines(logging.Formatter):
    """time, level, logger, message, correlation, and whatever `extra` named."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "correlation": _correlation.get(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up(level: str) -> None:
    """Everything that logs in this process writes JSON lines to standard error, Celery and gunicorn included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.root.handlers = [handler]
    logging.root.setLevel(level)


def correlation() -> str | None:
    return _correlation.get()


@contextmanager
def correlated(identity: str | None) -> Iterator[str]:
    """Everything inside belongs to this id, a new one when there is none."""
    current = identity or uuid.uuid4().hex
    token = _correlation.set(current)
    try:
        yield current
    finally:
        _correlation.reset(token)


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.correlation = _correlation.set(given if re.fullmatch(r"[A-Za-z0-9._-]{8,64}", given) else uuid.uuid4().hex)
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = _correlation.get() or ""
    if request.endpoint not in ("operations.healthz", "operations.readyz"):
        took = round((time.perf_counter() - g.pop("began", time.perf_counter())) * 1000, 1)
        about = {"method": request.method, "path": _path(), "status": response.status_code, "ms": took}
        log.info("request", extra=about)
    return response


def _path() -> str:
    """Without the key of whoever confirms an address or chooses a new password: a log is no place to find one."""
    secret = request.url_rule is not None and "token" in (request.view_args or {})
    return request.url_rule.rule if request.url_rule and secret else request.path


def _forget(_error: BaseException | None) -> None:
    """The thread serves another request next."""
    if token := g.pop("correlation", None):
        _correlation.reset(token)

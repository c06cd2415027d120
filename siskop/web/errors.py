"""The one place where errors become pages, or problems (RFC 9457) for whoever asks for JSON.

A foreign and an unknown id look the same: one 404. What was typed is shown again where the act did not happen.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from siskop.base.errors import Invalid, Refusal
from siskop.base.i18n import N_, words
from siskop.base.i18n import gettext as _
from siskop.base.logs import correlation
from siskop.engine.definition import Field
from siskop.submissions.definitions import library
from siskop.web.frame import here, without_data

log = logging.getLogger(__name__)
TITLES = {
    "400": N_("The request could not be understood"),
    "403": N_("This page is not for your account"),
    "404": N_("This page does not exist"),
    "405": N_("This address cannot be opened like that"),
    "409": N_("This could not be done"),
    "413": N_("The file is too large"),
    "422": N_("Some answers need correcting"),
    "429": N_("Too many attempts"),
    "500": N_("Something went wrong on our side"),
    "503": N_("The site is not available at the moment"),
    "expired": N_("Your session has ended"),
}
"""A page each in templates/errors."""
WITHOUT_DATA = frozenset({500, 503})  # these pages ask nothing of the database
AWAY = (OperationalError, NoConnection)
SECRET = ("csrf", "pass", "code", "token")  # parts of names whose values are never shown again
MACHINE = frozenset(
    {"basis", "seen", "looked", "do", "ballot", "choice", "seat", "person", "side", "status"}
    | {"record", "slug", "period", "next"}
)
"""What a form says of itself, and what is chosen from a list by its number: nobody typed it."""


def init_app(app: Flask) -> None:
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(CSRFError, expired)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(DataError, unstorable)
    for away in AWAY:
        app.register_error_handler(away, unreachable)


def refused(error: Refusal) -> Response:
    """Refusal, Conflict, NotFound, Invalid of the rooms below."""
    if error.status == 404:
        return answer(404)
    if isinstance(error, Invalid):
        problems = [(None, text) for texts in error.problems.values() for text in texts]
        return answer(422, error.message, problems=problems, fields=error.problems)
    return answer(error.status, error.message, template="409", typed=list(typed()))


def expired(error: CSRFError) -> Response:
    """The form's token is too old or foreign: nothing was done, and what was typed is shown."""
    return answer(400, template="expired", typed=list(typed()))


def http(error: HTTPException) -> Response:
    """Whatever Flask or a view aborted with, 500 included (Flask has logged its cause by then)."""
    status = error.code or 500
    if status < 400 and error.response is None:
        return make_response(error.get_response())
    known = str(status) if str(status) in TITLES else "500" if status >= 500 else "400"
    limit = request.max_content_length if isinstance(error, RequestEntityTooLarge) else None
    seconds = getattr(error, "retry_after", None)
    minutes = -(-seconds // 60) if isinstance(seconds, int) else None
    response = answer(status, template=known, limit_mb=limit // 1_000_000 if limit else None, minutes=minutes)
    for name in ("Retry-After", "Allow"):
        value = error.get_response().headers.get(name)
        if value:
            response.headers[name] = value
    return response


def unstorable(error: DataError) -> Response:
    """A character that no text holds, a number that no column holds: no browser sends them by itself."""
    log.warning("not storable: %s", type(error.orig).__name__)
    return answer(400)


def unreachable(error: Exception) -> Response:
    """The database is away, busy or restarting."""
    log.error("database unreachable", exc_info=error)
    response = answer(503)
    response.headers["Retry-After"] = "30"
    return response


def answer(status: int, message: str = "", template: str = "", **context: Any) -> Response:
    """The page or the problem for `status`. Never cached, since it may be about the reader."""
    code, name = (correlation() or "") if status >= 500 else "", template or str(status)
    title = _(TITLES[name])
    if wants_json():
        problem = {"type": "about:blank", "title": title, "status": status, "detail": message}
        more = {"fields": context.get("fields"), "code": code}
        response = jsonify(problem | {key: value for key, value in more.items() if value})
        response.content_type = "application/problem+json"
    else:
        if status in WITHOUT_DATA:
            without_data()
        about = {"title": title, "message": message, "correlation": code, "back": _back(), **context}
        try:
            response = make_response(render_template(f"errors/{name}.html", **about))
        except AWAY as error:  # the frame asks for the definitions; a second failure has nobody to catch it
            return unreachable(error)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def wants_json() -> bool:
    accepts = request.accept_mimetypes
    html, json = accepts["text/html"], max(accepts["application/json"], accepts["application/problem+json"])
    return bool(json > html)


def typed() -> Iterator[tuple[str, str]]:
    """(label, text) of what was posted, without secrets, empty boxes and what only machines read."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return
    labels, machine = _labels(), {"name"} if "do" in request.form else set()
    for name, value in request.form.items(multi=True):
        last = name.replace(".", "-").split("-")[-1]
        hidden = name in machine or (name in MACHINE and name not in labels) or name.startswith("_")
        if value.strip() and not hidden and not any(part in name.lower() for part in SECRET):
            yield labels.get(last, _("Typed")), value


def _labels() -> dict[str, str]:
    fields: list[Field] = [field for kind in library().kinds.values() for field in kind.fields.values()]
    fields += [column for field in fields for column in field.of.values()]
    return {field.name: words(field.label) for field in fields}


def _back() -> str:
    referrer = request.referrer or ""
    with suppress(ValueError):  # no address at all
        if urlsplit(referrer).netloc == request.host:
            return referrer
    return request.full_path if request.method in ("GET", "HEAD") else here("/")

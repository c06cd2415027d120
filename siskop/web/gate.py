"""The gate before every page: known host, the policy, and the headers of every answer."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import SecurityError

from siskop.accounts import people, policy
from siskop.base.db import reading, settings
from siskop.engine.case import Actor
from siskop.submissions.definitions import library
from siskop.web import errors

MOST_BYTES = 12_000_000  # a scan of 10 MB and its form
MOST_PARTS = 8_000  # a list of 500 rows
MOST_FORM_BYTES = 4_000_000

CONTENT = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
A_YEAR = "max-age=31536000"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: the account, and the words that its roles carry today."""

    account: people.Own
    words: frozenset[str]

    def may(self, word: str) -> bool:
        return word in self.words


def init_app(app: Flask) -> None:
    """Comes before everything that may answer a request."""
    app.config.update(
        TRUSTED_HOSTS=list(app.extensions["siskop"].trusted_hosts),
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_PARTS=MOST_PARTS,
        MAX_FORM_MEMORY_SIZE=MOST_FORM_BYTES,
    )
    app.before_request(whole)
    app.before_request(admit)
    app.after_request(guarded)


def whole() -> None:
    """A foreign Host header never reaches a link or a redirect: it gets the 400 page. So does a part without a name,
    which is no answer to anything; libraries further on would fail on it."""
    if isinstance(request.routing_exception, SecurityError):
        request.trusted_hosts = None  # the page about it may look at the host
        abort(400)
    if request.method == "POST" and (None in request.form or None in request.files):
        abort(400)


def admit() -> ResponseReturnValue | None:
    """The policy's answer. Unknown addresses and wrong methods go on to their 404 and 405."""
    if request.endpoint is None or request.routing_exception is not None:
        return None
    rule = policy.POLICY[request.endpoint]
    if not rule.account:
        return None
    reader = reader_now()
    if reader is None:
        return sign_in_first()
    if not rule.admits(account=True, words=reader.words):
        abort(403)
    return None


def sign_in_first() -> ResponseReturnValue:
    """A page leads to sign-in and back. A form that comes too late shows what was typed: nothing of it was done."""
    if request.method in ("GET", "HEAD"):
        path = request.full_path.rstrip("?")
        return redirect(url_for("security.login", next=f"{request.script_root}{path}"))
    return errors.answer(401, template="expired", typed=list(errors.typed()))


def reader_now() -> Reader | None:
    """Who is signed in, with a confirmed address; None on pages that must not look at the session, and for nobody."""
    if "reader" not in g:
        g.reader = _reader()
    found: Reader | None = g.reader
    return found


def may(word: str) -> bool:
    """Whether a role of whoever is signed in carries the word."""
    reader = reader_now()
    return reader is not None and reader.may(word)


def _reader() -> Reader | None:
    rule = policy.POLICY.get(request.endpoint or "")
    if rule is None or not rule.session:
        return None
    if not current_user.is_authenticated or current_user.confirmed_at is None:
        return None
    held = people.grants(reading(), current_user.id)
    user, bad = current_user, current_user.mail_bad_since is not None
    own = people.Own(user.id, user.email, user.name, user.language, bad)
    return Reader(own, people.may_words(held, library().roles))


def reader() -> Reader:
    """Who is signed in; for pages behind the gate."""
    return reader_now() or abort(401)


def actor() -> Actor:
    """The signed-in person as the engine sees them; for pages behind the gate."""
    return people.actor_for(reading(), reader().account.id)


def guarded(response: Response) -> Response:
    """Headers of every answer; a view may have set a stricter one. Only public pages may be kept by anybody."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if settings().base_url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", A_YEAR)
    rule = policy.POLICY.get(request.endpoint or "")
    if rule is None or rule.session:
        response.headers["Cache-Control"] = "no-store"
    return response

"""The same form posted twice gets the first answer: a double click, a nervous reload, a network that repeats.

The key is rendered into the form (`{{ once() }}`) and belongs to the account; beside it stands a digest of what was
posted. The row, the act and the answer are one transaction: whoever is killed in between has neither acted nor
answered. Who comes second waits at the unique key, then reads the answer. When the view refuses, nothing is kept, and
the form may be sent again.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, Response, abort, make_response, redirect, request, session
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import text

from siskop.base.db import Tx, one_whole
from siskop.base.errors import Conflict
from siskop.base.i18n import N_
from siskop.web.gate import reader_now

FIELD = "_once"
NOT_CONTENT = frozenset({FIELD, "csrf_token"})
P = ParamSpec("P")

_FIRST = text(
    "INSERT INTO siskop.answered (account_id, key, payload, answer) VALUES (:account, :key, :payload, '{}')"
    " ON CONFLICT DO NOTHING RETURNING 1"
)
_KEEP = text("UPDATE siskop.answered SET answer = CAST(:answer AS jsonb) WHERE account_id = :account AND key = :key")
_READ = text("SELECT payload, answer FROM siskop.answered WHERE account_id = :account AND key = :key")


class _NotKept(Exception):
    """Rolls the key back; carries the answer."""

    def __init__(self, response: Response) -> None:
        self.response = response


def init_app(app: Flask) -> None:
    app.jinja_env.globals["once"] = hidden_key


def hidden_key() -> Markup:
    """The field that makes a form's post unique: 128 random bits, new each time a form is shown."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, secrets.token_urlsafe(16))


def once(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Decorates a POST view that acts for a signed-in person. 400 without a key, 409 for another payload."""

    @wraps(view)
    def answered_once(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        reader, key = reader_now(), request.form.get(FIELD, "")
        if reader is None or not 16 <= len(key) <= 64:
            abort(400)
        named = {"account": reader.account.id, "key": key}
        payload = digest()
        try:
            with one_whole() as tx:
                if tx.execute(_FIRST, {**named, "payload": payload}).scalar() is None:
                    return _again(tx, named, payload)
                response = make_response(view(*args, **kwargs))
                if not 300 <= response.status_code < 400:
                    raise _NotKept(response)
                tx.execute(_KEEP, {**named, "answer": json.dumps(_answer(response))})
                return response
        except _NotKept as refused:
            return refused.response

    return answered_once


def _answer(response: Response) -> dict[str, Any]:
    notice = json.loads(json.dumps(list(session.get("_flashes", [])), default=str))
    return {"status": response.status_code, "location": response.location, "notice": notice}


def _again(tx: Tx, named: dict[str, Any], payload: str) -> ResponseReturnValue:
    kept, answer = tx.execute(_READ, named).one()
    if kept != payload:
        raise Conflict(
            N_("This form was sent before, with other content. Open the page again and look at what stands there.")
        )
    if answer["notice"] and "_flashes" not in session:
        session["_flashes"] = answer["notice"]
    return redirect(answer["location"], answer["status"])


def digest() -> str:
    """sha256 over the address, every field and every file's content that was posted."""
    posted = sorted(item for item in request.form.items(multi=True) if item[0] not in NOT_CONTENT)
    total = hashlib.sha256(json.dumps([request.full_path, posted]).encode())
    for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        total.update(name.encode())
        for block in iter(lambda: file.stream.read(1 << 16), b""):  # noqa: B023 (used up before the next file)
            total.update(block)
        file.stream.seek(0)
    return total.hexdigest()

"""Sessions as rows: a cookie holds a random token, the database its digest, so that emptying Redis signs nobody out.

Every statement is a short transaction of its own, never the app's session. A row is read at the first question and
written when something changed, key by key, so that two tabs do not undo each other. Who signs in or out, or changes the
password, gets a new token; a row that was deleted (sign-out elsewhere) is never written again.
"""

from __future__ import annotations

import json
from collections import UserDict
from copy import deepcopy
from functools import cached_property
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Row, text

from siskop.base import crypto
from siskop.base.db import Tx, db, settings

IDLE = "12 hours"
ABSOLUTE = "30 days"
TOUCH_AFTER = "5 minutes"
USER = "_user_id"  # Flask-Login's key; holds the account's fs_uniquifier

_LIVING = f"expires_at > siskop.now() AND seen_at > siskop.now() - interval '{IDLE}'"
_LOAD = text(
    f"SELECT data, seen_at < siskop.now() - interval '{TOUCH_AFTER}' AS stale"  # noqa: S608
    f" FROM siskop.session WHERE digest = :digest AND {_LIVING}"
)
_ADD = text(
    "INSERT INTO siskop.session (digest, account_id, data, expires_at)"  # noqa: S608
    " VALUES (:digest, (SELECT id FROM siskop.account WHERE fs_uniquifier = :user), CAST(:data AS jsonb),"
    f" siskop.now() + interval '{ABSOLUTE}')"
)
_MERGE = text(
    "UPDATE siskop.session SET data = (data - CAST(:gone AS text[])) || CAST(:changed AS jsonb), seen_at = siskop.now()"
    " WHERE digest = :digest"
)
_DROP = text("DELETE FROM siskop.session WHERE digest = :digest")


class RowSession(UserDict[str, Any], SessionMixin):
    """One visitor's data, read when first asked for. `accessed` says that the answer depends on it."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self.accessed = False
        self.stale = False
        self.found = False  # its row was there
        self.was: dict[str, Any] = {}

    @cached_property
    def data(self) -> dict[str, Any]:  # type: ignore[override]  # what UserDict works on
        self.accessed = True
        row = _load(self.token) if self.token else None
        if row is not None:
            self.found, self.stale, self.was = True, row.stale, row.data
        return deepcopy(self.was)

    @property
    def changed(self) -> dict[str, Any]:
        """Keys with a new value. Values that are no JSON (lazy words) are kept as text."""
        now: dict[str, Any] = json.loads(json.dumps(self.data, default=str))
        return {key: value for key, value in now.items() if key not in self.was or self.was[key] != value}

    @property
    def gone(self) -> list[str]:
        return [key for key in self.was if key not in self.data]

    @property
    def handed_over(self) -> bool:
        """Somebody signed in or out, or got a new key: the old token must not be worth anything."""
        return self.data.get(USER) != self.was.get(USER)


class Sessions(SessionInterface):
    """`open_session` asks nothing; `save_session` does nothing for an answer that did not look at the session."""

    def get_cookie_name(self, app: Flask) -> str:
        """`__Host-` lets no neighbour under the same domain plant one; browsers accept it over https only."""
        return "__Host-siskop" if self.get_cookie_secure(app) else "siskop"

    def get_cookie_secure(self, app: Flask) -> bool:
        return settings().base_url.startswith("https://")

    def open_session(self, app: Flask, request: Request) -> RowSession:
        return RowSession(request.cookies.get(self.get_cookie_name(app)) or None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, RowSession)
        if not session.accessed:
            return
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
        if session.handed_over or (session.found and not session.data):
            _end(session)
        if session.found:
            _write(session)
        elif session.data:
            self._begin(app, session, response)
        elif session.token:
            response.delete_cookie(self.get_cookie_name(app), path="/", secure=self.get_cookie_secure(app))

    def _begin(self, app: Flask, session: RowSession, response: Response) -> None:
        token = crypto.token()
        with db.engine.begin() as tx:
            data = json.dumps(session.data, default=str)
            tx.execute(_ADD, {"digest": crypto.fingerprint(token), "user": session.data.get(USER), "data": data})
        name, secure = self.get_cookie_name(app), self.get_cookie_secure(app)
        response.set_cookie(name, token, path="/", secure=secure, httponly=True, samesite="Lax")


def _load(token: str) -> Row[Any] | None:
    with db.engine.connect() as tx:
        return tx.execute(_LOAD, {"digest": crypto.fingerprint(token)}).one_or_none()


def _end(session: RowSession) -> None:
    """The row goes; whatever is kept begins anew under another token, without the old form keys."""
    if session.token:
        with db.engine.begin() as tx:
            tx.execute(_DROP, {"digest": crypto.fingerprint(session.token)})
    session.found = False
    session.data.pop("csrf_token", None)


def _write(session: RowSession) -> None:
    changed, gone = session.changed, session.gone
    if changed or gone or session.stale:
        digest = crypto.fingerprint(session.token or "")
        with db.engine.begin() as tx:
            tx.execute(_MERGE, {"digest": digest, "gone": gone, "changed": json.dumps(changed)})


def end_all(tx: Tx, account_id: int) -> int:
    """Sign the account out everywhere; the number of sessions ended."""
    return tx.execute(text("DELETE FROM siskop.session WHERE account_id = :account"), {"account": account_id}).rowcount


def count(tx: Tx, account_id: int) -> int:
    """Living sessions of the account."""
    asked = text(f"SELECT count(*) FROM siskop.session WHERE account_id = :account AND {_LIVING}")  # noqa: S608
    return int(tx.execute(asked, {"account": account_id}).scalar_one())


def sweep(tx: Tx) -> int:
    """Remove rows that can no longer be used."""
    return tx.execute(text(f"DELETE FROM siskop.session WHERE NOT ({_LIVING})")).rowcount  # noqa: S608

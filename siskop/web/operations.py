"""Whether this process lives and whether it can serve: for the supervisor, load balancers and monitoring."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from siskop.base.db import db, reading, settings
from siskop.pipeline import broker, metrics

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    return jsonify(status="alive")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """503 without the database. Without Redis pages work and jobs wait for its return: "degraded"."""
    if not _database_answers():
        return jsonify(status="unready", database="down"), 503
    redis = broker.answers(settings().redis_url)
    return jsonify(status="ready" if redis else "degraded", database="up", redis="up" if redis else "down"), 200


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """For Prometheus, with METRICS_TOKEN as its bearer token; without that setting there is no such page."""
    token = settings().metrics_token
    if token is None:
        abort(404)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return Response("METRICS_TOKEN is asked for.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    return Response(metrics.exposition(reading()), headers={"Cache-Control": "no-store"}, content_type=metrics.TYPE)


def _database_answers() -> bool:
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT siskop.now()"))
    except SQLAlchemyError:
        return False
    return True

"""Whether this process lives and whether it can serve: for the supervisor, load balancers and monitoring."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from siskop.base.db import db, settings
from siskop.pipeline import broker

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


def _database_answers() -> bool:
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT siskop.now()"))
    except SQLAlchemyError:
        return False
    return True

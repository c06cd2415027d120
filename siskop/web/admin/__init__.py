"""What keeps the house running: jobs and health, for a role with `jobs`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("admin", __name__, url_prefix="/kantor")

from siskop.web.admin import health, jobs  # noqa: E402, F401 (their addresses)

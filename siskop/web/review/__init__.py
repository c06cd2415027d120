"""The office's room: the inbox, and one page on which a submission is looked at and decided."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("review", __name__, url_prefix="/kantor")

from siskop.web.review import decisions, deputies, heaps, inbox, letters, mails, page, posts, starting  # noqa: E402, F401 (their addresses)

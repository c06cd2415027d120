"""The room of the cooperatives: what is to do, forms as short pages, sending them, and what became of them."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cooperative", __name__)

from siskop.web.cooperative import form_pages, home, proof, sending, starting, status  # noqa: E402, F401 (they add their addresses)

"""Files that people hand in: taken in with suspicion, kept by the digest of their content."""

from __future__ import annotations

from siskop.base.errors import Refusal


class NotAccepted(Refusal):
    """A file that we do not take; `text` (English msgid) with `params` says why and what is allowed."""

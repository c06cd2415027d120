"""Digests and secrets. A digest of a value that a person gave is always salted: it must not be guessable once the
value has been erased."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Any


def salt() -> str:
    return secrets.token_hex(16)


def token() -> str:
    """For addresses and cookies: 256 bits, safe in a URL. Only its `fingerprint` is stored."""
    return secrets.token_urlsafe(32)


def fingerprint(text: str) -> str:
    """sha256 in hex, for what is random already (tokens) or public (files of definitions)."""
    return hashlib.sha256(text.encode()).hexdigest()


def salted(value: Any, salt: str) -> str:
    """Hex digest of any JSON value under its salt; the same value in another order of keys gives the same digest."""
    return hmac.new(salt.encode(), canonical(value).encode(), hashlib.sha256).hexdigest()


def keyed(secret_key: str, purpose: str, text: str) -> str:
    """Hex MAC of `text` under a key that serves this purpose only."""
    return hmac.new(derived(secret_key, purpose), text.encode(), hashlib.sha256).hexdigest()


def derived(secret_key: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, so that one secret in the settings is enough."""
    return hmac.new(secret_key.encode(), f"siskop:{purpose}".encode(), hashlib.sha256).digest()


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)

"""Digests that tell nothing once the value is erased, and keys with one purpose each."""

from siskop.base import crypto


def test_a_digest_depends_on_the_salt_and_not_on_the_order_of_keys() -> None:
    value = {"name": "Koperasi Maju", "members": 20}
    salt = crypto.salt()
    assert crypto.salted(value, salt) == crypto.salted(dict(reversed(value.items())), salt)
    assert crypto.salted(value, salt) != crypto.salted(value, crypto.salt())
    assert crypto.salted(value, salt) != crypto.salted(value | {"members": 21}, salt)


def test_one_secret_serves_several_purposes_that_do_not_meet() -> None:
    assert crypto.keyed("s" * 32, "limits", "x") != crypto.keyed("s" * 32, "checkpoints", "x")
    assert crypto.keyed("s" * 32, "limits", "x") == crypto.keyed("s" * 32, "limits", "x")


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {crypto.token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43

"""Attempts are counted in the database; each further one waits longer."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from siskop.accounts import limits
from siskop.accounts.limits import SIGN_IN, TooMany
from siskop.base.db import bare_app, unit_of_work
from tests.visitors import PASSWORD, person, sign_in
from tests.worlds import World


def tries(address: str, network: str, times: int) -> None:
    for _time in range(times):
        limits.take(SIGN_IN, address, network)


def waits(address: str, network: str) -> int:
    with pytest.raises(TooMany) as much:
        limits.take(SIGN_IN, address, network)
    return much.value.seconds


def test_each_further_attempt_waits_twice_as_long(world: World) -> None:
    tries("ani@siskop.test", "10.0.0.1", SIGN_IN.per_address)
    for expected in (30, 60, 120, 240, 480, 900, 900):
        assert waits("ani@siskop.test", "10.0.0.1") in (expected, expected - 1)
        world.move_clock(timedelta(seconds=expected))
        limits.take(SIGN_IN, "ani@siskop.test", "10.0.0.1")


def test_one_network_may_not_try_address_after_address(world: World) -> None:
    for number in range(SIGN_IN.per_network):
        limits.take(SIGN_IN, f"{number}@siskop.test", "2001:db8::1")
    assert waits("another@siskop.test", "2001:db8::ffff") > 0
    limits.take(SIGN_IN, "another@siskop.test", "2001:db8:0:1::1")


def test_success_gives_the_attempts_back(world: World) -> None:
    for _day in range(SIGN_IN.per_network + 1):
        limits.take(SIGN_IN, "ani@siskop.test", "10.0.0.1")
        limits.forget(SIGN_IN, "Ani@siskop.test", "10.0.0.1")
    with unit_of_work() as tx:
        assert tx.execute(text("SELECT count(*) FROM siskop.sign_in_attempt")).scalar_one() == 0


def test_many_at_once_are_not_one(world: World) -> None:
    refused: list[int] = []

    def guess() -> None:
        with bare.app_context():
            try:
                limits.take(SIGN_IN, "ani@siskop.test", "10.0.0.1")
            except TooMany as much:
                refused.append(much.seconds)

    bare = bare_app(world.settings)
    guesses = [threading.Thread(target=guess) for _one in range(12)]
    for one in guesses:
        one.start()
    for one in guesses:
        one.join()
    assert len(refused) == 12 - SIGN_IN.per_address


def test_no_address_and_no_network_is_kept(world: World) -> None:
    limits.take(SIGN_IN, "ani@siskop.test", "10.0.0.1")
    with unit_of_work() as tx:
        kept = tx.execute(text("SELECT key FROM siskop.sign_in_attempt")).scalars().all()
    assert all(len(key) == 64 and int(key, 16) for key in kept)


def test_old_attempts_are_swept(world: World) -> None:
    limits.take(SIGN_IN, "ani@siskop.test", "10.0.0.1")
    world.move_clock(timedelta(hours=limits.WINDOW_HOURS, minutes=1))
    with unit_of_work() as tx:
        assert limits.sweep(tx) == 2


@pytest.mark.parametrize("address", ["ani@siskop.test", "nobody@siskop.test"])
def test_known_and_unknown_addresses_are_limited_alike_and_told_when_to_try_again(
    app: Flask, world: World, address: str
) -> None:
    person()
    browser = app.test_client()
    texts = {sign_in(browser, address, "wrong password").text.count("tidak tepat") for _try in range(5)}
    assert len(texts) == 1 and 0 not in texts
    refused = sign_in(browser, address, PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 30
    assert "1 menit" in refused.text
    world.move_clock(timedelta(seconds=31))
    assert sign_in(browser, address, PASSWORD).status_code == (302 if address.startswith("ani") else 200)

"""`/metrics`: for who shows the token, numbers in the form that Prometheus reads."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siskop.base.db import unit_of_work
from siskop.jobs import queue
from siskop.pipeline import metrics
from siskop.reminders import daily
from siskop.web.app import create_app
from tests import offices
from tests.worlds import World

TOKEN = "t" * 32
SAMPLE = re.compile(
    r'^([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,|(?=\})))*)\} (NaN|-?[0-9.e+-]+)$'
)


@pytest.fixture
def monitored(world: World) -> FlaskClient:
    return create_app(replace(world.settings, metrics_token=TOKEN)).test_client()


def samples(told: str) -> dict[tuple[str, str], float]:
    """Each line by the grammar of the format: HELP and TYPE before the samples of a name, each sample once."""
    found: dict[tuple[str, str], float] = {}
    assert told.endswith("\n")
    for line in told.splitlines():
        if line.startswith("# TYPE "):
            current = line.split()[2]
            assert line.split()[3] == ("counter" if current.endswith("_total") else "gauge")
        elif not line.startswith("# HELP "):
            match = SAMPLE.match(line)
            assert match, line
            assert match[1] == current
            assert (match[1], match[2]) not in found
            found[match[1], match[2]] = float(match[3])
    return found


def read(browser: FlaskClient) -> dict[tuple[str, str], float]:
    answer = browser.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.content_type == metrics.TYPE
    return samples(answer.text)


def test_without_the_setting_there_is_no_such_page(app: Flask) -> None:
    browser = app.test_client()
    assert browser.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_nobody_reads_them_without_the_token(monitored: FlaskClient) -> None:
    for shown in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer é"}):
        answer = monitored.get("/metrics", headers=shown)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_queues_dead_letters_mails_workers_and_submissions_are_told(world: World, monitored: FlaskClient) -> None:
    offices.sent(offices.staff().secretary)
    queue.revive("timers", "host:7")
    daily.open_day()
    with unit_of_work() as tx:
        queue.put(tx, 'odd "kind"\\\n', "a", {}, "batch", priority=0)
        queue.put(tx, "refresh", "waits", {}, "publishing")
    job = queue.claim("batch", "host:7")
    assert job
    queue.fail(job, "no", most=0)
    world.move_clock(timedelta(minutes=5))
    told = read(monitored)
    assert told["siskop_jobs_dead", 'queue="batch"'] == 1
    assert told["siskop_dead_letters", 'kind="odd \\"kind\\"\\\\\\n"'] == 1
    assert told["siskop_jobs_due", 'queue="publishing"'] >= 1
    assert 300 <= told["siskop_jobs_oldest_due_seconds", 'queue="publishing"'] < 400
    assert told["siskop_jobs_running", 'queue="mail"'] == 0
    assert 300 <= told["siskop_worker_seen_seconds", 'worker="host:7"'] < 400
    assert 300 <= told["siskop_worker_claimed_seconds", 'worker="host:7"'] < 400
    assert 300 <= told["siskop_day_opened_seconds", ""] < 400
    assert told["siskop_mails", 'state="due"'] >= 1
    assert told["siskop_submissions_open", 'waits_for="office"'] == 1
    assert told["siskop_reminders_sent_total", ""] == 0

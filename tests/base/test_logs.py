"""Log lines that a machine can join, and a request's id in them."""

import json
import logging

import pytest
from flask import Flask

from siskop.base import logs


@pytest.fixture
def small() -> Flask:
    app = Flask(__name__)
    logs.init_app(app)
    app.add_url_rule("/who", view_func=lambda: logs.correlation() or "nobody")
    return app


def test_a_line_is_json_with_its_correlation_and_extras() -> None:
    record = logging.makeLogRecord(
        {"name": "siskop.x", "levelno": 20, "levelname": "INFO", "msg": "sent %s", "args": (3,)}
    )
    record.job = 7
    with logs.correlated("a-request"):
        line = json.loads(logs.JsonLines().format(record))
    assert (line["message"], line["level"], line["job"]) == ("sent 3", "info", 7)
    assert line["correlation"] == "a-request"
    assert line["time"].endswith("+00:00")


def test_a_request_keeps_the_id_it_came_with_or_gets_one(small: Flask) -> None:
    given = small.test_client().get("/who", headers={"X-Request-Id": "from-the-proxy-1"})
    assert given.text == given.headers["X-Request-Id"] == "from-the-proxy-1"
    own = small.test_client().get("/who")
    assert len(own.text) == 32


@pytest.mark.parametrize("forged", ["short", "a" * 65, "line\tbreak-here", '{"level": "error"}'])
def test_an_id_that_could_forge_a_line_is_replaced(small: Flask, forged: str) -> None:
    answer = small.test_client().get("/who", headers={"X-Request-Id": forged})
    assert answer.text != forged


def test_correlations_nest_and_end() -> None:
    assert logs.correlation() is None
    with logs.correlated("outer"), logs.correlated(None) as inner:
        assert logs.correlation() == inner != "outer"
    assert logs.correlation() is None


def test_a_key_in_an_address_is_not_logged(small: Flask, caplog: pytest.LogCaptureFixture) -> None:
    small.add_url_rule("/sandi/<token>", "sandi", lambda token: "")
    caplog.set_level("INFO")
    small.test_client().get("/sandi/a-very-secret-key")
    assert [record.path for record in caplog.records if record.message == "request"] == ["/sandi/<token>"]

"""Alive, ready, degraded, unready: what a load balancer is told."""

from dataclasses import replace

from flask import Flask

from siskop.web.app import create_app
from tests.worlds import World


def asked(app: Flask, path: str) -> tuple[int, str]:
    answer = app.test_client().get(path)
    assert "Set-Cookie" not in answer.headers
    return answer.status_code, answer.get_json()["status"]


def test_all_is_well(world: World, app: Flask) -> None:
    assert asked(app, "/healthz") == (200, "alive")
    assert asked(app, "/readyz") == (200, "ready")


def test_without_redis_the_site_is_degraded_not_unready(world: World) -> None:
    app = create_app(replace(world.settings, redis_url="redis://127.0.0.1:1/0"))
    assert asked(app, "/readyz") == (200, "degraded")


def test_without_its_database_it_is_unready_but_alive(world: World) -> None:
    gone = "postgresql://siskop_app:x@127.0.0.1:1/siskop"
    app = create_app(replace(world.settings, database_url=gone, database_public_url=gone))
    assert asked(app, "/readyz") == (503, "unready")
    assert asked(app, "/healthz") == (200, "alive")

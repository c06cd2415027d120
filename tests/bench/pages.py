"""Public pages against a Flask hello on the same server. Printed only."""

from __future__ import annotations

import contextlib
import http.client
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from tests import offices
from tests.bench.stage import ROUNDS, Stage, inside, ratios, told
from tests.worlds import eventually, free_port, listens, process

EACH_ROUND = 30
ENTRIES = 25


def main(stage: Stage) -> None:
    with stage.world() as world:
        with inside(world):
            office = offices.staff()
            for place in range(ENTRIES):
                offices.published(office, name=f"Koperasi Jasa Sekar {place}")
        with world.web(threads=4), hello(world.environ) as other, connected(world.settings.port) as ours:
            slug = re.findall(r'href="(/koperasi/[^"?]+)"', get(ours, "/koperasi")[1])[0]
            for path in ("/koperasi", slug):
                for _warm in range(10):
                    get(ours, path)
                    get(other, "/")
                pairs = [(get(ours, path)[0], get(other, "/")[0]) for _ in range(ROUNDS * EACH_ROUND)]
                found = ratios([a for a, _b in pairs], [b for _a, b in pairs])
                name = "/koperasi" if path == "/koperasi" else "/koperasi/<slug>"
                print(told(f"{name}: times a Flask hello on the same server", found), flush=True)


@contextlib.contextmanager
def hello(environ: dict[str, str]) -> Iterator[http.client.HTTPConnection]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "tests.bench.hello:application", "--worker-class", "gthread"]
    command += ["--bind", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket"]
    with process(command, environ, Path(environ["SISKOP_VAR"]) / "hello.log"):
        eventually(lambda: listens(port), 30)
        with connected(port) as connection:
            yield connection


@contextlib.contextmanager
def connected(port: int) -> Iterator[http.client.HTTPConnection]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        yield connection


def get(connection: http.client.HTTPConnection, path: str) -> tuple[float, str]:
    """(seconds until the whole answer is here, its text)"""
    begun = perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    text = response.read().decode()
    spent = perf_counter() - begun
    assert response.status == 200, (path, response.status)
    return spent, text

"""A Valkey of a test's own, and what may happen to it on the way from a click to the worker."""

from __future__ import annotations

import signal
import socket
import threading
from pathlib import Path

import redis

from siskop.base.embedded import Servers


class Broker:
    def __init__(self, var: Path) -> None:
        self.servers = Servers(var, postgres=False)
        self.servers.start()
        self.url = self.servers.environment()["REDIS_URL"]

    def empty(self) -> None:
        redis.Redis.from_url(self.url).flushall()

    def freeze(self) -> None:
        self.servers.children[0].process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.servers.children[0].process.send_signal(signal.SIGCONT)


class Hole:
    """An address that takes every call and never says a word."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.listener.getsockname()[1]}/0"
        self._calls: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                self._calls.append(self.listener.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self.listener.close()

"""Several people or workers at one moment: threads with connections of their own, let go together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, current_app

from siskop.base.db import db

Answer = Any | BaseException


def at_once(acts: Iterable[Callable[[], Any]]) -> list[Answer]:
    """What each came to, in the order of the acts: its value, or what it raised."""
    todo = list(acts)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    start = threading.Barrier(len(todo))
    answers: list[Answer] = [None] * len(todo)

    def run(n: int) -> None:
        with app.app_context():
            db.engine.connect().close()  # a connection lies ready
            start.wait(30)
            try:
                answers[n] = todo[n]()
            except Exception as error:
                answers[n] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(todo))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def raised(answers: Iterable[Answer]) -> list[BaseException]:
    return [answer for answer in answers if isinstance(answer, BaseException)]

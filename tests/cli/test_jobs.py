"""`siskop jobs`: what waits, runs and failed, and what may be done about it by hand."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from siskop.base.db import unit_of_work
from siskop.base.errors import NotFound
from siskop.cli.main import siskop
from siskop.jobs import queue
from tests.worlds import World


def run(world: World, *words: str) -> Result:
    result = CliRunner().invoke(siskop, list(words), env=world.environ)
    if isinstance(result.exception, NotFound):
        raise result.exception
    return result


def die(key: str) -> int:
    with unit_of_work() as tx:
        queue.put(tx, "deliver", key, {}, "mail", priority=0)
    job = queue.claim("mail", "w")
    assert job
    queue.fail(job, "OSError: away", most=0)
    return job.id


def test_each_queue_and_what_needs_a_look_are_told(world: World) -> None:
    job = die("a")
    said = run(world, "jobs").output
    assert [line.split()[0] for line in said.splitlines()[1:6]] == list(queue.QUEUES)
    assert f"dead     {job}  deliver  a  OSError: away" in said
    told = json.loads(run(world, "jobs", "--json").output)
    assert [one["dead"] for one in told["queues"]] == [0, 0, 1, 0, 0]
    assert [(one["id"], one["error"]) for one in told["dead"]] == [(job, "OSError: away")]
    assert (told["failed"], told["running"]) == ([], [])


def test_dead_ones_are_taken_up_again_or_put_aside(world: World) -> None:
    first, second, third = (die(key) for key in "abc")
    assert run(world, "jobs", "bury", str(third)).output == f"{third} is put aside\n"
    assert run(world, "jobs", "retry", str(first)).output == "1 taken up again\n"
    assert run(world, "jobs", "retry", "--kind", "deliver").output == "1 taken up again\n"
    with pytest.raises(NotFound, match=f"no dead job {second}"):
        run(world, "jobs", "retry", str(second))
    assert run(world, "jobs", "retry").exit_code == 2

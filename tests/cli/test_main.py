"""The command's manners: sentences instead of tracebacks, addresses for psql."""

import os
import subprocess
import sys
from pathlib import Path

from config import ROOT


def siskop(var: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from siskop.cli.main import main; main()", *arguments]
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    return subprocess.run(
        command, cwd=ROOT, env=kept | {"SISKOP_VAR": str(var)} | environ, capture_output=True, text=True, check=False
    )


def test_an_incomplete_environment_is_listed_not_traced(tmp_path: Path) -> None:
    done = siskop(tmp_path, "database", "url", DATABASE_URL="mysql://x", REDIS_URL="redis://r")
    assert done.returncode == 2
    assert "SECRET_KEY is not set" in done.stderr
    assert "DATABASE_URL must begin with postgresql://" in done.stderr
    assert "Traceback" not in done.stderr


def test_addresses_are_for_psql_and_each_role_has_its_own(tmp_path: Path) -> None:
    addresses = {
        role: siskop(tmp_path, "database", "url", "--role", role).stdout for role in ("owner", "app", "public")
    }
    assert all(address.startswith("postgresql://") for address in addresses.values())
    assert len(set(addresses.values())) == 3


def test_migrations_run_twice_without_harm_and_the_demo_may_move_its_clock(tmp_path: Path) -> None:
    import psycopg

    from siskop.base.embedded import lent

    for _ in range(2):
        assert siskop(tmp_path, "database", "migrate").returncode == 0
    with lent(tmp_path, {}) as environ, psycopg.connect(environ["DATABASE_URL"]) as app:
        assert app.execute("SELECT count(*) FROM siskop.clock").fetchone() == (1,)


def test_a_real_database_has_no_clock_to_move(tmp_path: Path) -> None:
    """The private server stands in for the real one here: what counts is that the environment names it."""
    import psycopg

    from siskop.base.embedded import lent

    real = {"BASE_URL": "https://siskop.example", "MAIL_URL": "smtp://mail", "MAIL_FROM": "a@siskop.example"}
    with lent(tmp_path, {}) as environ:
        named = {
            name: environ[name]
            for name in environ
            if name.startswith("DATABASE") or name in ("REDIS_URL", "SECRET_KEY")
        }
        assert siskop(tmp_path / "other", "database", "migrate", **named, **real).returncode == 0
        with psycopg.connect(environ["DATABASE_URL"]) as app:
            assert app.execute("SELECT count(*) FROM siskop.clock").fetchone() == (0,)

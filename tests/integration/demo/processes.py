"""``propfirm dev`` as a process of its own, in a folder of its own, as whoever the test says."""

from __future__ import annotations

import os
import pwd
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pytest

SOURCES: Final = Path(__file__).parents[3] / "src"
READY_S: Final = 300.0
"""For what is promised in 40 s on a machine that has nothing else to do."""
GONE_S: Final = 90.0
"""For a process that has been told to end."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Home:
    """A folder in which the firm lies. user: who starts it; None = whoever runs the tests."""

    folder: Path
    user: str | None = None
    port: int = field(default_factory=free_port)

    @property
    def state(self) -> Path:
        return self.folder / ".propfirm"

    def environment(self, **changes: str) -> dict[str, str]:
        """Nothing of the tests' own surroundings but where the interpreter finds its packages."""
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "PYTHONPATH": str(SOURCES),
            "PROPFIRM_SYSTEM_STATE": str(self.folder / "system"),
            **changes,
        }

    def start(self, *arguments: str, **changes: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*_as(self.user), sys.executable, "-m", "propfirm", "dev", "--port", str(self.port), *arguments],
            cwd=self.folder,
            env=self.environment(**changes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell may start background jobs, and so their children, with Ctrl-C ignored.
            preexec_fn=_hears_ctrl_c,  # noqa: PLW1509 - no threads here
        )

    def refused(self, *arguments: str, **changes: str) -> tuple[int, str, float]:
        """A start that is to fail: its exit code, all that it said, and how many seconds of a processor it took."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with self.start(*arguments, **changes) as process:
            try:
                said, _ = process.communicate(timeout=READY_S)
            finally:
                process.kill()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return process.returncode, said, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    @contextmanager
    def running(self, *arguments: str, **changes: str) -> Iterator[Running]:
        """Once it has said that it is ready. Killed at the end, unless it has ended."""
        with self.start(*arguments, **changes) as process:
            try:
                yield Running(self, process, _announced(process))
            finally:
                process.kill()
        wait_until(lambda: not self.processes())

    def processes(self) -> dict[int, str]:
        """Everything alive that has to do with this folder: the command and its database, and what they started."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and entry.name != str(os.getpid()):
                try:
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    cwd = (entry / "cwd").readlink()
                    state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                except OSError:
                    continue
                ours = str(self.folder) in command or cwd == self.folder or self.folder in cwd.parents
                if ours and state != "Z":
                    found[int(entry.name)] = command
        return found

    def clock(self) -> int:
        """The end of the lease: no time after it has been shown."""
        return int((self.state / "clock").read_text())


@dataclass
class Running:
    home: Home
    process: subprocess.Popen[str]
    said: str

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.home.port}"

    @property
    def seed(self) -> int:
        found = re.search(r"Seed (\d+)", self.said)
        assert found is not None, self.said
        return int(found[1])

    @property
    def password(self) -> str:
        found = re.search(r"password +(\S+)", self.said)
        assert found is not None, self.said
        return found[1]

    def end(self, how: signal.Signals) -> int:
        """Its exit code; and nothing is left of it."""
        self.process.send_signal(how)
        self.process.communicate(timeout=GONE_S)
        wait_until(lambda: not self.home.processes(), self.home.processes)
        return self.process.returncode

    def accounts(self) -> list[str]:
        """Of everybody, as the staff sees them."""
        with httpx.Client(base_url=self.site, timeout=READY_S) as client:
            body = {"email": "support@demo.example", "password": self.password}
            token = client.post("/v1/auth/login", json=body).json()["access_token"]
            found = client.get("/v1/admin/accounts?limit=200", headers={"Authorization": f"Bearer {token}"}).json()
        return sorted(one["account"]["id"] for one in found["items"])


def wait_until(holds: Callable[[], bool], told: Callable[[], object] = str) -> None:
    deadline = time.monotonic() + GONE_S
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(0.05)


@contextmanager
def home_of(user: str | None) -> Iterator[Home]:
    # Where root runs the tests, the server's user must get in: no folder of pytest's own lets it.
    folder = Path(tempfile.mkdtemp(prefix="propfirm-test-")).resolve()
    try:
        folder.chmod(0o755)
        if user is not None:
            shutil.chown(folder, user)
            _must_be_able_to_start(Home(folder, user))
        yield Home(folder, user)
    finally:
        shutil.rmtree(folder)


def _as(user: str | None) -> list[str]:
    """As an ordinary user in everything but one: root's interpreter and packages may lie where only root looks."""
    if user is None:
        return []
    one = pwd.getpwnam(user)
    who = [f"--reuid={one.pw_uid}", f"--regid={one.pw_gid}", "--clear-groups"]
    return ["/usr/bin/setpriv", *who, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]


def _must_be_able_to_start(home: Home) -> None:
    """Skips with the reason where this machine keeps even root from letting another user read the interpreter."""
    try:
        done = subprocess.run(
            [*_as(home.user), sys.executable, "-c", "import propfirm, msgspec, psycopg"],
            cwd=home.folder,
            env=home.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        pytest.skip(f"{home.user} cannot be made to start our interpreter: {error}")
    if done.returncode:
        pytest.skip(f"{home.user} cannot start our interpreter: {done.stderr.strip()}")


def _announced(process: subprocess.Popen[str]) -> str:
    """All that it said until it was ready."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("Ctrl-C stops."):
            return said
    raise AssertionError(said)


def _hears_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)

"""Starts Postgres over a folder and takes it down again, whatever happens to this process."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Protocol, Self
from urllib.parse import quote

import psycopg
import psycopg.sql

from propfirm.adapters.embedded_postgres.binaries import installed, readable_copy
from propfirm.adapters.embedded_postgres.errors import AlreadyRunning, PostgresUnavailable

PR_SET_PDEATHSIG: Final = 1
START_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 20.0
UNPRIVILEGED: Final = "nobody"
USER: Final = "propfirm"
SYSTEM_FOLDER: Final = Path("/var/lib/propfirm")

# A laptop's server: small memory, local only. Durability is not traded away: fsync stays on.
LAPTOP: Final[Mapping[str, str]] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "jit": "off",
}


class _Identity(NamedTuple):
    """Whom the server runs as, in the words of Popen; None: as ourselves."""

    user: int | None
    group: int | None
    extra_groups: Sequence[int] | None


class Owner(Protocol):
    """Who may start a server over the folder."""

    def take(self, patience_s: float = ...) -> bool: ...

    def give_up(self) -> None: ...

    def taken(self) -> bool: ...


@dataclass(slots=True)
class EmbeddedPostgres:
    """One server over ``folder``: made on the first start, kept between starts, gone with its owner.

    On Linux the kernel ends the server when the *thread* that started it ends, so ``start`` insists on the main one.
    Started by root, server and data belong to ``nobody`` and lie below ``system_folder``, since Postgres refuses root
    and ``nobody`` cannot enter root's home. owner: of ``folder``; one process has it at a time.
    """

    folder: Path
    owner: Owner
    settings: Mapping[str, str] = field(default_factory=dict)
    system_folder: Path = SYSTEM_FOLDER
    _process: subprocess.Popen[bytes] | None = None
    _port: int = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, patience_s: float = 0.0) -> None:
        """Raises AlreadyRunning if another process owns the folder for longer than that, PostgresUnavailable with the
        reason otherwise."""
        if threading.current_thread() is not threading.main_thread():
            raise PostgresUnavailable("the server must be started from the main thread: it dies with its thread")
        self._own(patience_s)
        try:
            self._initialise()
            self._await_predecessor()
            self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the server in order; nothing is left running. May be called twice."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)  # a fast shutdown: open transactions are rolled back
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)  # an immediate one: the next start recovers
                process.wait(STOP_TIMEOUT_S)
        self.owner.give_up()

    def start_or_join(self) -> None:
        """Raises PostgresUnavailable."""
        try:
            self.start()
        except AlreadyRunning:
            self.join()

    def join(self) -> None:
        """Instead of ``start``: the server that another process runs over the folder. ``stop`` leaves it alone.

        Raises PostgresUnavailable where there is none that answers.
        """
        status = self._data() / "postmaster.pid"
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            # Line by line: process, folder, start, port, sockets, address, memory, and the server's word on itself.
            with contextlib.suppress(OSError, IndexError, ValueError):
                lines = status.read_text().splitlines()
                if lines[7].strip() == "ready":
                    self._port = int(lines[3])
                    return
            if time.monotonic() > deadline or not self.owner.taken():
                raise PostgresUnavailable(f"no server runs on {self.folder}")
            time.sleep(0.05)

    def made(self) -> bool:
        """Whether there are data to go on with."""
        return (self._data() / "PG_VERSION").exists()

    def create(self, database: str) -> None:
        """The database, where it is not there yet. The server runs. Raises PostgresUnavailable."""
        try:
            connected = psycopg.connect(self.url(), autocommit=True)
        except psycopg.Error as error:
            if "password" not in str(error):
                raise
            raise PostgresUnavailable(self._not_the_password()) from error
        with connected as connection:
            there = connection.execute("select from pg_database where datname = %s", [database]).fetchone()
            if there is None:
                # Somebody else was as quick: which of the two it is depends on how far they were.
                with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(database)))

    def remove(self) -> None:
        """All its data, for good. Raises AlreadyRunning while a process has the folder."""
        self._own()
        try:
            data = self._data()
            # Under another name first: what is half removed is never started again.
            gone = data.with_name(data.name + ".gone")
            for path in (gone, data.with_name(data.name + ".new")):
                shutil.rmtree(path, ignore_errors=True)
            if data.exists():
                data.rename(gone)
                shutil.rmtree(gone)
            (self.folder / "password").unlink(missing_ok=True)
        finally:
            self.stop()

    def url(self, database: str = "postgres") -> str:
        """Where to connect, password included: treat it as a secret."""
        return f"postgresql://{USER}:{quote(self._password())}@127.0.0.1:{self._port}/{quote(database)}"

    # -- one step each --

    def _own(self, patience_s: float = 0.0) -> None:
        if not self.owner.take(patience_s):
            raise AlreadyRunning(f"another propfirm runs on {self.folder}: stop it, or choose another folder")

    def _initialise(self) -> None:
        data, password = self._data(), self.folder / "password"
        if self.made():
            if not password.exists():  # removed by hand; started by root, the data lie elsewhere
                raise PostgresUnavailable(f"the password of the data in {data} is gone; --reset begins anew")
            return
        if not password.exists():
            password.touch(mode=0o600, exist_ok=False)
            password.write_text(secrets.token_urlsafe(24))
        data.parent.mkdir(parents=True, exist_ok=True)
        draft = data.with_name(data.name + ".new")
        if draft.exists():  # an earlier first start was cut off
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        self._give(draft)
        secret = draft.with_name(draft.name + ".password")
        secret.write_text(self._password())
        secret.chmod(0o600)
        self._give(secret)
        who = self._identity()
        try:
            done = subprocess.run(  # noqa: S603 - the wheel's own program, with arguments of ours
                [
                    self._programs() / "initdb",
                    "--pgdata",
                    draft,
                    "--username",
                    USER,
                    "--pwfile",
                    secret,
                    "--auth",
                    "scram-sha-256",
                    "--encoding",
                    "UTF8",
                    "--locale",
                    "C",
                    "--no-sync",
                    "--no-instructions",
                ],
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                env=_environment(),
                user=who.user,
                group=who.group,
                extra_groups=who.extra_groups,
            )
        finally:
            secret.unlink()
        if done.returncode != 0:
            raise PostgresUnavailable(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")
        draft.rename(data)

    def _await_predecessor(self) -> None:
        """The server of an owner that was killed ends by itself, but may still be writing."""
        status, deadline = self._data() / "postmaster.pid", time.monotonic() + STOP_TIMEOUT_S
        with contextlib.suppress(OSError, IndexError):  # there is none, or it went while we looked
            while time.monotonic() < deadline:
                process = status.read_text().splitlines()[0]
                if str(self._data()).encode() not in Path(f"/proc/{process}/cmdline").read_bytes():
                    return  # the file is an old one, and its number another process's by now
                time.sleep(0.05)

    def _launch(self) -> None:
        self._port = _free_port()
        options = {**LAPTOP, **self.settings, "port": str(self._port)}
        log = (self.folder / "postgres.log").open("ab")
        command = [str(self._programs() / "postgres"), "-D", str(self._data())]
        command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        who = self._identity()
        with log:
            self._process = subprocess.Popen(  # noqa: S603 - as above
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                start_new_session=True,
                user=who.user,
                group=who.group,
                extra_groups=who.extra_groups,
                preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509 - it calls one C function that was loaded before
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        assert self._process is not None  # noqa: S101 - _launch has just set it; for the type checker
        deadline = time.monotonic() + START_TIMEOUT_S
        status = self._data() / "postmaster.pid"
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise PostgresUnavailable(f"the server ended at once: {self._last_words()}")
            with contextlib.suppress(OSError, IndexError):
                # The last line of this file is the server's own word on itself.
                lines = status.read_text().splitlines()
                if lines[0] == str(self._process.pid) and lines[7].strip() == "ready":
                    return
            time.sleep(0.01)
        raise PostgresUnavailable(f"the server was not ready after {START_TIMEOUT_S:.0f} s: {self._last_words()}")

    def _last_words(self) -> str:
        lines = (self.folder / "postgres.log").read_text(errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"

    def _password(self) -> str:
        """Raises PostgresUnavailable."""
        try:
            return (self.folder / "password").read_text("ascii")
        except UnicodeDecodeError as error:
            raise PostgresUnavailable(self._not_the_password()) from error

    def _not_the_password(self) -> str:
        return f"{self.folder / 'password'} is not the password of its data; restore it, or --reset begins anew"

    @property
    def data(self) -> Path:
        """Where it keeps them: elsewhere for root."""
        return self._data()

    # -- where root differs --

    def _programs(self) -> Path:
        return (readable_copy(self.system_folder) if _is_root() else installed()) / "bin"

    def _data(self) -> Path:
        if not _is_root():
            return self.folder.resolve() / "postgres"  # whole, since the server's programs run elsewhere
        # One data folder per state folder, named by it: nobody may not enter the state folder itself.
        return self.system_folder / "data" / sha256(str(self.folder.resolve()).encode()).hexdigest()[:16]

    def _identity(self) -> _Identity:
        if not _is_root():
            return _Identity(None, None, None)
        user = pwd.getpwnam(UNPRIVILEGED)
        return _Identity(user.pw_uid, user.pw_gid, ())

    def _give(self, path: Path) -> None:
        if _is_root():
            user = pwd.getpwnam(UNPRIVILEGED)
            os.chown(path, user.pw_uid, user.pw_gid)


def _is_root() -> bool:
    return os.geteuid() == 0


def _environment() -> dict[str, str]:
    """Nothing of ours: a PGDATA or a locale of the person's shell must not reach the server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    """Run in the child before the server: the kernel sends it SIGINT, a fast shutdown, when we are gone."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # loaded before the fork: loading after it is not safe

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
        if os.getppid() != parent:  # we died between fork and prctl
            os._exit(1)

    return arrange

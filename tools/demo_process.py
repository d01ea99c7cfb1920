"""``propfirm dev`` as a process of its own, in a folder of its own: for tools that torment it or take its time."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from propfirm.entrypoints.settings import Settings

SOURCES: Final = Path(__file__).parents[1] / "src"
READY: Final = "Ctrl-C stops."
READY_S: Final = 300.0
LOOK_S: Final = 0.02


class Demo:
    """folder: open to the user that a database of root's runs as; everything lies in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()
        self.site = f"http://127.0.0.1:{self.port}"
        self.settings = Settings(state=folder / ".propfirm", system_state=folder / "system", port=self.port)
        self._log = folder / "said.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def start(self, speed: int) -> None:
        self._started = time.monotonic()
        with self._log.open("wb") as said:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "propfirm", "dev", "--port", str(self.port), "--speed", str(speed)],
                cwd=self.folder,
                env={
                    "PATH": os.defpath,
                    "PYTHONPATH": str(SOURCES),
                    "PROPFIRM_STATE": str(self.settings.state),
                    "PROPFIRM_SYSTEM_STATE": str(self.settings.system_state),
                },
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    async def says(self, words: str, within_s: float = READY_S) -> float:
        """How many seconds after the start. Raises RuntimeError with all that it said, where it never does."""
        assert self._process is not None  # noqa: S101 - for the type checker
        while words not in self.said():
            if self._process.poll() is not None or time.monotonic() - self._started > within_s:
                msg = f"it never said {words!r}: {self.said()}"
                raise RuntimeError(msg)
            await asyncio.sleep(LOOK_S)
        return time.monotonic() - self._started

    async def end(self, how: signal.Signals) -> float:
        """Seconds until the last of its processes was gone."""
        assert self._process is not None  # noqa: S101 - as above
        began = time.monotonic()
        self._process.send_signal(how)
        while self._process.poll() is None or any(self._processes()):  # noqa: ASYNC110 - it cannot tell us any more
            await asyncio.sleep(LOOK_S)
        return time.monotonic() - began

    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def password(self) -> str:
        """Of everybody who is there from the start."""
        return (self.settings.state / "secrets" / "demo-password").read_text().strip()

    def _processes(self) -> Iterator[int]:
        """Those of the database: its data lie in our folder, and their command names them."""
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if str(self.folder).encode() in (entry / "cmdline").read_bytes() and entry.name != str(os.getpid()):
                    yield int(entry.name)


@contextmanager
def open_folder() -> Iterator[Path]:
    """Where root runs the tools, the database's user must get in."""
    with tempfile.TemporaryDirectory(prefix="propfirm-demo-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

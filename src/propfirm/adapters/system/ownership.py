"""One process at a time owns a folder; the kernel lets go of it when that process ends, however it ends."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO, Final

PAUSE_S: Final = 0.1
LOOK_S: Final = 0.5
"""Who only looks whether the folder is owned holds its file for an instant: that is nobody who owns it."""


class Ownership:
    """Of ``folder``, by a lock on a file in it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "owner"
        self._held: IO[str] | None = None

    def take(self, patience_s: float = 0.0) -> bool:
        """Makes the folder where it is not there. False: another process has it, for longer than a look takes and than
        our patience. Raises OSError."""
        if self._held is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            held = self._file.open("a")
            if not _locked(held, time.monotonic() + max(LOOK_S, patience_s)):
                held.close()
                return False
            self._held = held
        return True

    def give_up(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def taken(self) -> bool:
        """Whether some process has it at this moment."""
        if self._held is not None:
            return True
        try:
            with self._file.open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False


def _locked(file: IO[str], deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE_S)
        else:
            return True

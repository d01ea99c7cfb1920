"""One process at a time owns a folder; the kernel lets go of it when that process ends, however it ends."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO, Final

TRIES: Final = 6
PAUSE_S: Final = 0.1
"""Who only looks whether the folder is owned holds its file for an instant: that is nobody who owns it."""


class Ownership:
    """Of ``folder``, by a lock on a file in it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "owner"
        self._held: IO[str] | None = None

    def take(self) -> bool:
        """Makes the folder where it is not there. False: another process has it, for longer than a look takes. Raises
        OSError."""
        if self._held is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            held = self._file.open("a")
            if not _locked(held):
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


def _locked(file: IO[str]) -> bool:
    for again in range(TRIES):
        if again:
            time.sleep(PAUSE_S)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False

"""What the simulated platform remembers between two starts: acts that are never undone, and how far the feed has got.

Acts are lines of a file that only grows; a line that a crash cut short was never answered, and is dropped. Everything
else (positions, orders, executions) follows from the acts and the tape. The feed writes how far a batch goes *before*
it gives it out, so that after a crash the same batch comes again and no act is ever dated into it.

A killed process loses nothing of this. A power failure may lose the last moments: this is a demo's platform.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Struct

from propfirm.application.ports.state import StateDamaged
from propfirm.domain.money import Micros


class Began(Struct, frozen=True, tag="began"):
    """The first act. week: the Sunday on which the tape begins, in ISO form."""

    seed: int
    week: str


class Opened(Struct, frozen=True, tag="opened"):
    name: str
    account: UUID
    run: int
    balance: Micros
    at: int


class Engaged(Struct, frozen=True, tag="engaged"):
    """From the next morning on this trader trades the account, in every run. None: nobody does."""

    account: UUID
    trader: str | None
    at: int


class Withdrawn(Struct, frozen=True, tag="withdrawn"):
    name: str
    reference: str
    amount: Micros
    at: int


class PutBack(Struct, frozen=True, tag="put_back"):
    """Of ``Withdrawn`` by its reference, or in its place."""

    name: str
    reference: str
    at: int


class Stopped(Struct, frozen=True, tag="stopped"):
    name: str
    at: int


class Resumed(Struct, frozen=True, tag="resumed"):
    name: str
    at: int


Act: TypeAlias = Began | Opened | Engaged | Withdrawn | PutBack | Stopped | Resumed


class Progress(Struct, frozen=True):
    """acknowledged, given: how far (ns) the feed was committed by its reader, and how far it was given out."""

    acknowledged: int
    given: int


ACTS: Final = "platform.jsonl"
PROGRESS: Final = "feed.json"
NOT_OURS: Final = "is not what the simulated platform writes"


_FIRST: Final = b'{"type":"began"'
"""How the first line begins: where a crash cut it short, there is nothing else."""


class Book:
    """A folder of two files. One process at a time."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError, and StateDamaged for a file that is not ours."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / ACTS
        self._progress = folder / PROGRESS
        content = self._file.read_bytes() if self._file.exists() else b""
        self._whole = content.rfind(b"\n") + 1
        try:
            self.acts: list[Act] = [msgspec.json.decode(line, type=Act) for line in content[: self._whole].splitlines()]
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StateDamaged(str(self._file), NOT_OURS) from error
        cut_short = content[self._whole :]
        ours = all(isinstance(one, Began) == (not n) for n, one in enumerate(self.acts))
        if not ours or not (self.acts or cut_short[: len(_FIRST)] == _FIRST[: len(cut_short)]):
            raise StateDamaged(str(self._file), NOT_OURS)

    def write(self, act: Act) -> None:
        """In place of whatever a crash or a full disk left behind the last whole line. Raises OSError."""
        line = msgspec.json.encode(act) + b"\n"
        with self._file.open("ab") as file:
            file.truncate(self._whole)
            file.write(line)
        self._whole += len(line)
        self.acts.append(act)

    def progress(self) -> Progress | None:
        """None before the first batch. Raises OSError, StateDamaged."""
        if not self._progress.exists():
            return None
        try:
            return msgspec.json.decode(self._progress.read_bytes(), type=Progress)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StateDamaged(str(self._progress), NOT_OURS) from error

    def reach(self, progress: Progress) -> None:
        beside = self._progress.with_suffix(".new")
        beside.write_bytes(msgspec.json.encode(progress))
        beside.replace(self._progress)

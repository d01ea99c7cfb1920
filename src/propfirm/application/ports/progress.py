"""Signs of life on long work."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """One piece of work at a time: ``begin``, any number of ``advance``, ``end``. None of them ever fails or waits."""

    def begin(self, label: str, total: int | None) -> None:
        """label: what is being done, in a word or two. total: how many steps it has, None = not known."""
        ...

    def advance(self, n: int) -> None:
        """So many steps more are done. Cheap, but not free: tell of thousands at once."""
        ...

    def end(self) -> None:
        """The work is over, finished or not. Without a ``begin`` it does nothing."""
        ...

"""Long work that needs nothing but the processor: runs derived again, bundles made and checked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

T = TypeVar("T")


class CalculatorBusy(Exception):
    """More long work waits than can be done soon: whoever asks had better come back."""


class Calculator(Protocol):
    """Beside the event loop, never in it: who asks for little does not wait for who asks for much."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """For all of one piece of work, what it reads included: only so many are in memory at once.

        Raises CalculatorBusy rather than let a queue grow. Not to be asked for inside a transaction or another turn.
        """
        ...

    async def __call__(self, work: Callable[[], T]) -> T:
        """What the work returns or raises; after what was given before. It must touch nothing that others change."""
        ...

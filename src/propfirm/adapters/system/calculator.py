"""Long work on one thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from propfirm.application.ports.calculator import CalculatorBusy

AT_ONCE: Final = 2
"""One reads while another is worked out."""
WAITING_MAX: Final = 8
WAIT_S: Final = 5.0

T = TypeVar("T")


class OneThread:
    """A ``Calculator``. One thread: the interpreter runs one at a time anyway, and the more there are who want it, the
    longer the event loop waits for its own turn (docs/decisions/0021).

    at_once: turns. waiting_most: who come while so many wait for theirs are sent away at once, the others after
    ``wait_s``.
    """

    def __init__(self, at_once: int = AT_ONCE, waiting_most: int = WAITING_MAX, wait_s: float = WAIT_S) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="calculator")
        self._turns = asyncio.Semaphore(at_once)
        self._waiting, self._waiting_most, self._wait_s = 0, waiting_most, wait_s

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        await self._wait()
        try:
            yield
        finally:
            self._turns.release()

    async def __call__(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _wait(self) -> None:
        if self._turns.locked() and self._waiting >= self._waiting_most:
            raise CalculatorBusy
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turns.acquire()
        except TimeoutError:
            raise CalculatorBusy from None
        finally:
            self._waiting -= 1

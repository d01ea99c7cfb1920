"""Argon2id in threads of its own, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from propfirm.application.ports.identity import PasswordsBusy

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
"""OWASP's password storage cheat sheet, its first choice for Argon2id."""

THREADS: Final = 2
WAITING_MAX: Final = 32
"""Some two seconds of work: whoever comes later is sent away at once."""

T = TypeVar("T")


class Argon2Passwords:
    """A ``Passwords``. The hash carries its parameters, so that stronger ones can come later."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        # Nobody's hash, for people who do not exist: they must take as long as those who do.
        self._nobody = self._hasher.hash("nobody")

    async def hash(self, password: str) -> str:
        return await self._do(lambda: self._hasher.hash(password))

    async def fits(self, password: str, hashed: str | None) -> bool:
        known = await self._do(lambda: self._verify(hashed or self._nobody, password))
        return known and hashed is not None

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _do(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING_MAX:
            raise PasswordsBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

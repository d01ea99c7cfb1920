"""The end of things that run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any


async def ended(tasks: Sequence[asyncio.Task[Any]], again_s: float) -> None:
    """All of them are over, by a cancellation. again_s: longer than they may take to end.

    Whoever lives on is told again: before Python 3.12 ``wait_for`` loses a cancellation that comes in the moment in
    which what it waits for is there. So is everybody where the caller itself is cancelled meanwhile.
    """
    while living := [task for task in tasks if not task.done()]:
        for task in living:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait(living, timeout=again_s)

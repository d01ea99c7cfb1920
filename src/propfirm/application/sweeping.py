"""Many things looked after in one go: what fails for one of them stops none of the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def each(items: Iterable[T], act: Callable[[T], Awaitable[None]]) -> None:
    """Raises ExceptionGroup with every failure, after the last of them."""
    failed = list[Exception]()
    for item in items:
        try:
            await act(item)
        except Exception as error:  # noqa: BLE001 - told together below
            failed.append(error)
    if failed:
        msg = f"{len(failed)} could not be gone on with"
        raise ExceptionGroup(msg, failed)

"""Jobs as the worker does them. They are enqueued by ``work.Jobs``, in the transaction that makes them necessary."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from msgspec import Struct

Task: TypeAlias = Callable[[Mapping[str, str]], Awaitable[object]]
"""What a job of one name does with its arguments. It may be done twice: the second time it finds it done.

Tried again later where it raises Unavailable, or what is wrong with the database alone and passes; whatever else it
raises stays visible as a failed job.
"""


class Sweep(Struct, frozen=True):
    """What is looked after every so many seconds of real time, whether or not anybody was told of it."""

    name: str
    every_s: float
    run: Callable[[], Awaitable[object]]

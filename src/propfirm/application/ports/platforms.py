"""Trading platforms: where traders trade, and what reaches us from there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, TypeAlias

from msgspec import Struct

from propfirm.domain.ids import AccountId
from propfirm.domain.money import Micros
from propfirm.domain.rules.events import CashMoved, Fill, Metric, OrdersChanged, Reinstated, WindowsRestarted
from propfirm.domain.rules.journal import Quoted

Happened: TypeAlias = Fill | CashMoved | Metric | OrdersChanged | WindowsRestarted | Reinstated
"""What a platform or the firm tells of an account, not yet numbered (``seq`` 0)."""


class Told(Struct, frozen=True):
    """platform_account: the platform's own name of the account."""

    platform_account: str
    event: Happened


class Batch(Struct, frozen=True):
    """What reached us since the last one. Nothing at or before ``until`` (ns) is still to come.

    quotes: by (time, contract, number), those of one instant never in two batches. told: by time.
    """

    until: int
    quotes: tuple[Quoted, ...] = ()
    told: tuple[Told, ...] = ()


class Platform(Protocol):
    """A platform on which accounts are opened, stopped and resumed. Every call may be repeated: the same again changes
    nothing.

    All raise Unavailable where the answer is lost.
    """

    @property
    def name(self) -> str: ...

    async def open(self, account: AccountId, run: int, balance: Micros) -> str:
        """Makes the account of this run, flat, with this balance. Gives the platform's name of it."""
        ...

    async def withdraw(self, platform_account: str, reference: str, amount: Micros) -> None:
        """Takes an approved payout out of the balance. Nothing where ``put_back`` was said of the reference."""
        ...

    async def put_back(self, platform_account: str, reference: str) -> None:
        """Puts back what was withdrawn under this reference, if it was: told in the feed as an adjustment. From then on
        nothing is withdrawn under it."""
        ...

    async def stop(self, platform_account: str) -> None:
        """Closes what is open and takes no more orders."""
        ...

    async def resume(self, platform_account: str) -> None:
        """Takes orders again after a stop. What was closed stays closed."""
        ...


class Feed(Protocol):
    def batches(self) -> AsyncIterator[Batch]:
        """Every batch in order, from the first that was not acknowledged. Raises Unavailable."""
        ...

    async def acknowledge(self, batch: Batch) -> None:
        """It is committed: it need not come again."""
        ...

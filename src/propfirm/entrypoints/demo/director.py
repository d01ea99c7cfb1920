"""What the demo's people do besides trading: they buy, they ask for their profit, and the firm's staff answers.

They do it through the use cases that everybody's requests reach. Every step looks first whether it was taken before, so
a demo that was killed anywhere goes on from there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from propfirm.application.evaluation.queries import AccountQueries
from propfirm.application.payouts.decide_payout import ApprovePayout, RejectPayout, ShareHasFallen
from propfirm.application.payouts.request_payout import NotEligible, PayoutAsk, QuotePayout, RequestPayout
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.sandbox import CheckoutDesk
from propfirm.application.ports.work import UnitOfWork
from propfirm.application.purchases.buy_challenge import ChallengeWish, OpenCheckout, PlaceOrder
from propfirm.domain.errors import Refused
from propfirm.domain.identity.actors import Staff, Trader
from propfirm.domain.ids import AccountId, PurchaseId
from propfirm.domain.money import from_cents, show
from propfirm.domain.payouts.request import Payout, Rejected, Requested, Returned, Sent
from propfirm.domain.purchases.purchase import Ordered

log = logging.getLogger(__name__)

LOOK_S: Final = 0.25
PURCHASE_S: Final = 60.0
"""By then whoever has paid has an account, or something is wrong."""

RESPECT: Final = timedelta(days=1)
"""Of the firm's clock: for so long a payout that was refused is neither asked for again nor granted after all."""


@dataclass(eq=False)
class NothingDelivered(Refused):
    code = "demo.nothing-delivered"
    title = "A trader of the demo has paid and was given no account in time: propfirm.log, in the state, says more"
    trader: str
    waited_s: float


class Stage(Protocol):
    """The platform, as far as it is told who trades what."""

    def engage(self, account: AccountId, trader: str | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Part:
    """Who buys what, and trades it by which habit."""

    habit: str
    person: Trader
    program: str


@dataclass(frozen=True, slots=True)
class Doings:
    """The use cases that the demo's people need, and how they look around.

    accounts: as they are now, never of a reader that is behind: who seems to have no account buys one.
    """

    place_order: Callable[[], PlaceOrder]
    open_checkout: Callable[[], OpenCheckout]
    checkouts: CheckoutDesk
    accounts: AccountQueries
    quote: Callable[[], QuotePayout]
    ask: Callable[[], RequestPayout]
    approve: Callable[[], ApprovePayout]
    reject: Callable[[], RejectPayout]
    work: UnitOfWork
    clock: Clock


class Director:
    """tell: gets a line for what its people do with their money."""

    def __init__(
        self, doings: Doings, stage: Stage, parts: Sequence[Part], admin: Staff, tell: Callable[[str], None]
    ) -> None:
        self._do, self._stage, self._parts, self._admin, self._tell = doings, stage, parts, admin, tell
        self._accounts: dict[AccountId, Part] = {}
        self._seen: dict[str, str] = {}

    async def open(self) -> None:
        """Everybody has bought, and trades from the next morning on. The clock is held meanwhile. Raises
        NothingDelivered."""
        for part in self._parts:
            if await self._account(part) is None:
                await self._buy(part)
        until = asyncio.get_running_loop().time() + PURCHASE_S
        for part in self._parts:
            account = await self._awaited(part, until)
            self._accounts[account] = part
            self._stage.engage(account, part.habit)

    async def run(self) -> None:
        """Until it is cancelled: who may be paid asks for it."""
        while True:
            for account, part in self._accounts.items():
                try:
                    await self._look_after(account, part)
                except Exception:  # the next look finds it as it is then
                    log.exception("director_failed account=%s", account)
            await asyncio.sleep(LOOK_S)

    async def _account(self, part: Part) -> AccountId | None:
        found = await self._do.accounts.accounts(part.person.id, state=None, program=None, after=None, limit=100)
        return found.rows[-1].id if found.rows else None

    async def _awaited(self, part: Part, until: float) -> AccountId:
        """until: by the event loop's clock."""
        while asyncio.get_running_loop().time() < until:
            account = await self._account(part)
            if account is not None and (await self._do.accounts.account(None, account)).state != "pending":
                return account
            await asyncio.sleep(LOOK_S / 5)
        raise NothingDelivered(part.habit, PURCHASE_S)

    async def _buy(self, part: Part) -> None:
        order = await self._ordered(part)
        if order is None:
            placed = await self._do.place_order()(part.person, ChallengeWish(part.program))
            order = placed.order.id
        found = await self._do.open_checkout()(part.person, order)
        if isinstance(found, Ordered) and (await self._do.checkouts.show(order)).state == "open":
            await self._do.checkouts.press(order, "pay")

    async def _ordered(self, part: Part) -> PurchaseId | None:
        """An order that a demo placed before it was killed."""
        async with self._do.work.begin() as tx:
            for bought in await tx.purchases.unfinished():
                if bought.order.buyer == part.person.id:
                    return bought.order.id
        return None

    # -- money out --

    async def _look_after(self, account: AccountId, part: Part) -> None:
        async with self._do.work.begin() as tx:
            payouts = await tx.payouts.of_account(account)
        for payout in payouts:
            self._told(part, payout)
        since = self._do.clock.now() - RESPECT
        if any(isinstance(one, Rejected) and one.since > since for one in payouts):
            return  # perhaps by a person: what the trader asks for now is for people to decide
        for payout in payouts:
            if isinstance(payout, Requested):
                await self._decide(payout)
        if (await self._do.accounts.account(None, account)).state != "funded":
            return
        if any(not isinstance(one, Sent | Rejected | Returned) for one in payouts):
            return
        try:
            quote = await self._do.quote()(part.person.id, account)
            if quote.eligible and quote.available:
                await self._do.ask()(part.person, PayoutAsk(account, quote.available))
        except Refused as refusal:  # nothing traded yet; or the account has moved on since the quote
            log.debug("no_payout account=%s reason=%s", account, refusal.code)

    async def _decide(self, payout: Requested) -> None:
        try:
            await self._do.approve()(self._admin, payout.claim.id)
        except NotEligible as refusal:
            rule = refusal.unmet[0].code if refusal.unmet else "stage_over"
            await self._do.reject()(self._admin, payout.claim.id, rule, str(refusal))
        except ShareHasFallen as refusal:
            await self._do.reject()(self._admin, payout.claim.id, "asked_too_much", str(refusal))

    def _told(self, part: Part, payout: Payout) -> None:
        name, claim = type(payout).__name__.lower(), payout.claim
        if self._seen.get(str(claim.id)) == name:
            return
        self._seen[str(claim.id)] = name
        words: Mapping[str, str] = {
            "requested": f"asks for {show(from_cents(claim.gross))}",
            "approved": f"is granted {show(from_cents(claim.trader))} of {show(from_cents(claim.gross))}",
            "sent": f"was paid {show(from_cents(claim.trader))} by the bank",
            "rejected": "was refused the payout",
            "returned": "was not paid: the bank refused",
        }
        if name in words:
            self._tell(f"{part.habit}: {words[name]}")

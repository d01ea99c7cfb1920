"""A trader asks what may be taken out, asks for it, and may take the request back."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from propfirm.application.payouts.moves import act
from propfirm.application.payouts.survey import Survey
from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.work import UnitOfWork
from propfirm.domain.errors import Conflict, NotFound
from propfirm.domain.identity.actors import Trader
from propfirm.domain.ids import AccountId, PayoutId, PersonId
from propfirm.domain.money import Cents
from propfirm.domain.payouts.conditions import Condition
from propfirm.domain.payouts.quote import Quote
from propfirm.domain.payouts.request import Ask, Cancel, Claim, Payout


@dataclass(eq=False)
class NotEligible(Conflict):
    """unmet: every condition that is not met, in the order of ``conditions.ORDER``, each with what to do."""

    code = "payout.not-eligible"
    title = "The account does not meet every condition of this payout"
    unmet: tuple[Condition, ...]
    available: Cents

    def __str__(self) -> str:
        return f"{self.title}: {' '.join(one.advice for one in self.unmet)}"


@dataclass(eq=False)
class NothingForTheTrader(Conflict):
    """The amount is so small that the trader's share of it is less than a cent."""

    code = "payout.nothing-for-the-trader"
    title = "Nothing of this amount would reach the trader"
    gross: Cents


class PayoutAsk(Struct, frozen=True):
    """amount: gross, in cents."""

    account: AccountId
    amount: Cents


@dataclass(frozen=True, slots=True)
class QuotePayout:
    """owner: None where the staff asks. Raises NotFound, NothingTraded."""

    work: UnitOfWork
    survey: Survey

    async def __call__(self, owner: PersonId | None, account: AccountId, asked: Cents | None = None) -> Quote:
        async with self.work.begin() as tx:
            found = await tx.accounts.peek(account, owner=owner)
            return (await self.survey(tx, found)).quote(asked)


@dataclass(frozen=True, slots=True)
class SeePayout:
    """owner: None where the staff asks. Raises NotFound."""

    work: UnitOfWork

    async def __call__(self, owner: PersonId | None, id: PayoutId) -> Payout:  # noqa: A002 - the field's name
        async with self.work.begin() as tx:
            found = await tx.payouts.peek(id)
        if found is None or owner not in {None, found.claim.owner}:
            raise NotFound
        return found


@dataclass(frozen=True, slots=True)
class RequestPayout:
    """Reserves the amount. Raises NotFound, NothingTraded, NotEligible, NothingForTheTrader, in this order.

    One of two requests at once waits for the other and then finds it pending: locks on the person and the account.
    """

    work: UnitOfWork
    clock: Clock
    ids: Ids
    survey: Survey

    async def __call__(self, trader: Trader, ask: PayoutAsk) -> Payout:
        async with self.work.begin() as tx:
            await tx.people.get(trader.id)
            account = await tx.accounts.get(ask.account, owner=trader.id)
            surveyed = await self.survey(tx, account)
            quote = surveyed.quote(ask.amount)
            if not quote.eligible or quote.shares is None or surveyed.stage.payout is None:
                raise NotEligible(quote.failing, quote.available)
            if quote.shares.trader == 0:
                raise NothingForTheTrader(ask.amount)
            now = self.clock.now()
            closes = quote.after is not None and quote.after.follows == "closes"
            claim = Claim(
                PayoutId(self.ids.new()),
                ask.account,
                trader.id,
                surveyed.run,
                quote.shares.gross,
                quote.shares.trader,
                now,
                surveyed.stage.payout.deduct,
                quote.shares.inside_buffer,
                closes,
            )
            payout = await act(tx, self.ids, None, Ask(claim), now)
            details = {"account": str(ask.account), "gross_cents": str(claim.gross)}
            await tx.audit.record(trader, "payout_requested", f"payout:{claim.id}", details)
            return payout


@dataclass(frozen=True, slots=True)
class CancelPayout:
    """The trader takes the request back, before a decision. Raises NotFound, WrongState."""

    work: UnitOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, trader: Trader, id: PayoutId) -> Payout:  # noqa: A002 - the field's name
        async with self.work.begin() as tx:
            found = await tx.payouts.get(id, owner=trader.id)
            payout = await act(tx, self.ids, found, Cancel(), self.clock.now())
            if payout != found:
                await tx.audit.record(trader, "payout_cancelled", f"payout:{id}", {})
            return payout

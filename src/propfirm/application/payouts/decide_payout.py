"""People of the firm say yes or no to a payout, and send it again after the bank refused it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, get_args

from propfirm.application.payouts.held import MoneyHeld, of_person, stops
from propfirm.application.payouts.moves import PUT_BACK, act, send_later
from propfirm.application.payouts.request_payout import NotEligible
from propfirm.application.payouts.survey import Survey
from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.work import UnitOfWork
from propfirm.domain.calendar.instants import to_ns
from propfirm.domain.errors import Conflict, NotFound, Refused
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import PayoutId
from propfirm.domain.money import Cents, Micros, from_cents, show
from propfirm.domain.payouts.conditions import ORDER, Code
from propfirm.domain.payouts.request import Approve, Payout, Reject, Requested, Resend, Returned, next_attempt
from propfirm.domain.rules.events import CashMoved
from propfirm.domain.rules.findings import Gate, Rule

STILL: Final[frozenset[Code]] = frozenset(
    {"stage_over", "frozen", "kyc", "contract", "tax_form", "review", "room", "asked_too_much", "would_breach"}
)
"""Conditions that must hold at the decision as they held at the request. Days and schedules count when it was made, and
so does the age that a share goes by: a firm that takes its time promises neither less nor more."""

REASONS: Final[tuple[str, ...]] = tuple(dict.fromkeys((*ORDER, *get_args(Rule), *get_args(Gate))))
"""What a rejection may name: the conditions of a payout, and every rule and gate as progress names them."""


@dataclass(eq=False)
class UnknownRule(Refused):
    code = "payout.unknown-rule"
    title = "A rejection names a condition of payouts, or a rule as progress names it"
    rule: str
    known: tuple[str, ...] = REASONS


@dataclass(eq=False)
class ShareHasFallen(Conflict):
    """Of the amount asked for, the program gives the trader less by now: another payout of the same person was approved
    since, or profit was lost. promised, due: the trader's share at the request and now, in cents. The trader takes the
    request back, or the firm rejects it, and it is asked for again at the share of then."""

    code = "payout.share-has-fallen"
    title = "The trader's share of this amount is smaller than when it was asked for"
    promised: Cents
    due: Cents

    def __str__(self) -> str:
        return (
            f"{self.title}: {show(from_cents(self.due))} now, {show(from_cents(self.promised))} then. Ask for it again."
        )


@dataclass(frozen=True, slots=True)
class ApprovePayout:
    """From here on the firm owes it. Raises NotFound, WrongState, OwnPayout, MoneyHeld (the person may not be paid),
    NotEligible (the account's holds among it), then ShareHasFallen.

    What has changed since the request counts: who has lost the money meanwhile is not paid it, and a share that a
    person has once is not given twice. The lock on the person makes two approvals wait for one another.
    """

    work: UnitOfWork
    clock: Clock
    ids: Ids
    survey: Survey

    async def __call__(self, by: Staff, id: PayoutId) -> Payout:  # noqa: A002 - the field's name
        async with self.work.begin() as tx:
            seen = await tx.payouts.peek(id)
            if seen is None:
                raise NotFound
            owner = await tx.people.get(seen.claim.owner)
            account = await tx.accounts.get(seen.claim.account)
            found = await tx.payouts.get(id)
            now = self.clock.now()
            payout = await act(tx, self.ids, found, Approve(by.id), now)
            if not isinstance(found, Requested):
                return payout
            if held := of_person(owner):
                raise MoneyHeld(held)
            quote = (await self.survey(tx, account, deciding=found.claim)).quote(found.claim.gross)
            failing = tuple(one for one in quote.failing if one.code in STILL)
            if failing or account.enrolment.run != found.claim.run:
                raise NotEligible(failing, quote.available)
            due = Cents(0) if quote.shares is None else quote.shares.trader
            if due < found.claim.trader:
                raise ShareHasFallen(found.claim.trader, due)
            await send_later(tx, payout, 1)
            details = {"gross_cents": str(found.claim.gross), "trader_cents": str(found.claim.trader)}
            await tx.audit.record(by, "payout_approved", f"payout:{id}", details)
            return payout


@dataclass(frozen=True, slots=True)
class RejectPayout:
    """Also of what was approved, or returned by the bank: it is owed no more, and what it took out of the account is
    put back there. Not of what the bank may have.

    The run is told, since its counters may go by decisions. Raises UnknownRule, NotFound, WrongState, OwnPayout,
    ReasonMissing, in this order.
    """

    work: UnitOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, by: Staff, id: PayoutId, rule: str, reason: str) -> Payout:  # noqa: A002 - as above
        if rule not in REASONS:
            raise UnknownRule(rule)
        async with self.work.begin() as tx:
            seen = await tx.payouts.peek(id)
            if seen is None:
                raise NotFound
            await tx.accounts.get(seen.claim.account)  # the next request waits, and then sees what was announced
            found = await tx.payouts.get(id)
            now = self.clock.now()
            payout = await act(tx, self.ids, found, Reject(by.id, rule, reason), now)
            if payout != found:
                denied = CashMoved(0, to_ns(now), "payout_denied", Micros(0), reference=str(id))
                await tx.journal.announce(found.claim.account, found.claim.run, denied)
                if not isinstance(found, Requested):
                    await tx.jobs.enqueue(PUT_BACK, str(id), {"payout": str(id)})
                details = {"rule": rule, "reason": reason, "was": type(found).__name__.lower()}
                await tx.audit.record(by, "payout_rejected", f"payout:{id}", details)
            return payout


@dataclass(frozen=True, slots=True)
class ResendPayout:
    """After the bank refused an attempt and somebody has looked why. Said once more, it changes nothing.

    Raises NotFound, WrongState, OwnPayout, then MoneyHeld: who lifts the hold comes first.
    """

    work: UnitOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, by: Staff, id: PayoutId) -> Payout:  # noqa: A002 - as above
        async with self.work.begin() as tx:
            seen = await tx.payouts.peek(id)
            if seen is None:
                raise NotFound
            owner = await tx.people.get(seen.claim.owner)
            account = await tx.accounts.get(seen.claim.account)
            found = await tx.payouts.get(id)
            payout = await act(tx, self.ids, found, Resend(by.id), self.clock.now())
            if held := stops(account, owner):
                raise MoneyHeld(held)
            attempt = next_attempt(payout)
            if payout != found and attempt is not None:
                await send_later(tx, payout, attempt)
                details = {"attempt": str(attempt)}
                if isinstance(found, Returned):
                    details["refused"] = found.reason  # the bank's own word, which somebody has looked into
                await tx.audit.record(by, "payout_resent", f"payout:{id}", details)
            return payout

"""What is shown of payouts: the shapes of the answers, and how they are filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from msgspec import Struct

from propfirm.application.payouts.queries import PayoutState
from propfirm.application.simulation.json import decimal
from propfirm.domain.money import exact
from propfirm.domain.payouts.conditions import Condition, Measure
from propfirm.domain.payouts.quote import After, Quote
from propfirm.domain.payouts.request import (
    Payout,
    Rejected,
    Requested,
    Returned,
    Sending,
    Sent,
    Unknown,
)

Unit: TypeAlias = Literal["usd", "ratio", "days", "count", "date"]


class PayoutView(Struct, frozen=True, kw_only=True):
    """amount_minor leaves the account, trader_minor of it goes to the bank. since: of the state. rule, reason: of a
    rejection, or why the bank refused. disbursement: the bank's own name of the payment."""

    id: UUID
    account: UUID
    run: int
    owner: UUID
    state: PayoutState
    amount_minor: int
    trader_minor: int
    requested_at: datetime
    since: datetime
    attempt: int | None
    disbursement: str | None
    rule: str | None
    reason: str | None


class UnmetView(Struct, frozen=True):
    """A condition that is not met. way: the shortest way to meet it, in words. limit, actual are in ``unit``; null
    where the condition has no figure."""

    condition: str
    way: str
    unit: Unit
    limit: str | None
    actual: str | None


class AfterView(Struct, frozen=True):
    """The account once the payout is approved. room: above the floor. restarts: what is counted anew then."""

    balance: str
    floor: str
    room: str
    breached: bool
    restarts: Sequence[str]
    follows: str
    next_day: date | None
    next_target: str | None


class QuoteView(Struct, frozen=True, kw_only=True):
    """eligible: nothing is unmet for ``amount_minor``. available_minor: the most, whatever else is unmet; limited_by:
    what stops a cent more. counts_for: the day that a request made now counts for. opens: the first day that calendar
    and age admit; null where trading decides."""

    eligible: bool
    amount_minor: int
    available_minor: int
    least_minor: int
    limited_by: str | None
    trader_minor: int | None
    firm_minor: int | None
    counts_for: date
    opens: date | None
    unmet: Sequence[UnmetView]
    after: AfterView | None


def payout_view(payout: Payout) -> PayoutView:
    claim = payout.claim
    state: PayoutState = payout.__struct_config__.tag  # type: ignore[assignment]  # each state's tag is its name
    return PayoutView(
        id=claim.id,
        account=claim.account,
        run=claim.run,
        owner=claim.owner,
        state=state,
        amount_minor=claim.gross,
        trader_minor=claim.trader,
        requested_at=claim.requested_at,
        since=claim.requested_at if isinstance(payout, Requested) else payout.since,
        attempt=payout.attempt if isinstance(payout, Sending | Unknown | Sent | Returned) else None,
        disbursement=payout.disbursement if isinstance(payout, Sent) else None,
        rule=payout.rule if isinstance(payout, Rejected) else None,
        reason=payout.reason if isinstance(payout, Rejected | Returned) else None,
    )


def quote_view(quote: Quote) -> QuoteView:
    return QuoteView(
        eligible=quote.eligible,
        amount_minor=quote.amount,
        available_minor=quote.available,
        least_minor=quote.least,
        limited_by=quote.limited_by,
        trader_minor=None if quote.shares is None else quote.shares.trader,
        firm_minor=None if quote.shares is None else quote.shares.firm,
        counts_for=quote.counts_for,
        opens=quote.opens,
        unmet=[unmet_view(one) for one in quote.failing],
        after=None if quote.after is None else _after(quote.after),
    )


def unmet_view(one: Condition) -> UnmetView:
    unit, figure = FIGURES[one.measure]
    limit, actual = (None if told is None else figure(told) for told in (one.limit, one.actual))
    return UnmetView(one.code, one.advice, unit, limit, actual)


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


FIGURES: Final[Mapping[Measure, tuple[Unit, Callable[[Any], str]]]] = {
    "usd": ("usd", exact),
    "share": ("ratio", decimal),
    "days": ("days", str),
    "count": ("count", str),
    "date": ("date", _day),
}
"""How the figures of a condition are named and written: as those of rules are, and dates as dates."""


def _after(after: After) -> AfterView:
    return AfterView(
        exact(after.levels.balance),
        exact(after.levels.floor),
        exact(after.room),
        after.breached,
        after.restarts,
        after.follows,
        after.next_day,
        None if after.next_target is None else exact(after.next_target),
    )

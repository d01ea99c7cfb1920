"""What people look at: accounts and what happened on them. Whose account it is, is asked in the query.

owner: None where the staff asks. Of an account that is not the owner's, everything raises NotFound.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from propfirm.application.paging import Place, Slice
from propfirm.domain.evaluation import appeal, events
from propfirm.domain.evaluation.review import HitName, Opinion
from propfirm.domain.ids import AccountId, AppealId, PersonId
from propfirm.domain.money import Cents, Micros, Ppm
from propfirm.domain.payouts import request
from propfirm.domain.rules.findings import Finding, Hit, Rule

AccountState: TypeAlias = Literal["pending", "evaluating", "passed", "funded", "suspended", "failed", "closed"]


class AccountLine(Struct, frozen=True, kw_only=True):
    """balance, equity, floor: as last written, of a run that is over as of its end; None before its first event."""

    id: AccountId
    owner: PersonId
    email: str
    program: str
    program_version: int
    program_name: str
    stage: str
    run: int
    state: AccountState
    balance: Micros | None
    equity: Micros | None
    floor: Micros | None
    opened_at: datetime
    changed_at: datetime


class OfPayout(Struct, frozen=True):
    """gross: left the account, or would have; trader: of it for the trader."""

    event: request.Event
    gross: Cents
    trader: Cents


class Happening(Struct, frozen=True):
    """One thing that happened: to the account, on one of its runs, or to a payout. run: 0 for the account's own
    events."""

    at: int
    run: int
    what: events.Event | Finding | OfPayout


class Opined(Struct, frozen=True):
    decision: Opinion
    reason: str
    by: PersonId
    at: datetime


class Violation(Struct, frozen=True):
    """A hit with its evidence, and what was said about it. email: of the account's owner."""

    name: HitName
    email: str
    hit: Hit
    review: Opined | None


class TradeLine(Struct, frozen=True):
    """Times in ns. after_the_end: opened when the run was over, because the platform was told late."""

    run: int
    seq: int
    symbol: str
    side: Literal["long", "short"]
    opened: int
    closed: int
    contracts: int
    profit: Micros
    fees: Micros
    after_the_end: bool


class DayLine(Struct, frozen=True, kw_only=True):
    """A trading day that is over. snapshot_*: as the end-of-day snapshot took them."""

    run: int
    day: date
    start_balance: Micros
    end_balance: Micros
    profit: Micros
    floor: Micros
    day_floor: Micros | None
    traded: bool
    qualifying: bool
    snapshot_balance: Micros | None
    snapshot_equity: Micros | None

    @property
    def withdrawn(self) -> Micros:
        """What left the balance by payouts, less what came back."""
        return Micros(self.start_balance + self.profit - self.end_balance)


class Statistics(Struct, frozen=True, kw_only=True):
    """Of one run. Profits are less fees. win_rate and profit_factor in millionths; None where nothing divides.

    held_ns: the average time from a trade's first fill to its last. Trades that were opened after the run's end are in
    the last two figures and in no other.
    """

    run: int
    trades: int
    wins: int
    losses: int
    win_rate: Ppm | None
    profit: Micros
    fees: Micros
    gross_profit: Micros
    gross_loss: Micros
    profit_factor: Ppm | None
    average_win: Micros | None
    average_loss: Micros | None
    largest_win: Micros | None
    largest_loss: Micros | None
    held_ns: int | None
    days: int
    traded_days: int
    best_day: Micros | None
    worst_day: Micros | None
    trades_after_the_end: int
    profit_after_the_end: Micros


class AppealLine(Struct, frozen=True):
    id: AppealId
    account: AccountId
    state: str
    due_at: datetime | None
    filed_at: datetime
    appeal: appeal.Appeal


class AccountQueries(Protocol):
    async def account(self, owner: PersonId | None, account: AccountId) -> AccountLine: ...

    async def accounts(
        self,
        owner: PersonId | None,
        *,
        state: AccountState | None,
        program: str | None,
        after: Place | None,
        limit: int,
        to_close: bool = False,
    ) -> Slice[AccountLine]:
        """By the time of their opening. to_close: only those that are over by their last payout and not closed."""
        ...

    async def activities(
        self, owner: PersonId | None, account: AccountId, after: Place | None, limit: int
    ) -> Slice[Happening]: ...

    async def violations(
        self, owner: PersonId | None, account: AccountId, after: Place | None, limit: int
    ) -> Slice[Violation]: ...

    async def all_violations(
        self, *, rule: Rule | None, reviewed: bool | None, after: Place | None, limit: int
    ) -> Slice[Violation]: ...

    async def statistics(self, owner: PersonId | None, account: AccountId, run: int | None) -> Statistics:
        """run: None for the current one. Raises NotFound where there is no such run."""
        ...

    async def days(
        self, owner: PersonId | None, account: AccountId, after: Place | None, limit: int
    ) -> Slice[DayLine]: ...

    async def trades(
        self, owner: PersonId | None, account: AccountId, after: Place | None, limit: int
    ) -> Slice[TradeLine]: ...

    async def appeals(self, owner: PersonId | None, account: AccountId) -> Sequence[AppealLine]: ...

    async def appeals_open(self, after: Place | None, limit: int) -> Slice[AppealLine]:
        """Of all accounts, those that are due first."""
        ...

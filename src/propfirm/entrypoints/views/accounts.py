"""What the API shows of accounts: the shapes of its answers, and how they are filled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from propfirm.application.evaluation.activities import Activity
from propfirm.application.evaluation.progress import AfterTheEnd, Progress
from propfirm.application.evaluation.queries import (
    AccountLine,
    AccountState,
    AppealLine,
    DayLine,
    Statistics,
    TradeLine,
    Violation,
)
from propfirm.application.payouts.ask_what_if import Outlook
from propfirm.application.simulation.json import FIGURES, decimal
from propfirm.application.simulation.what_if import Distances, Missing
from propfirm.application.simulation.words import GATES, RULES
from propfirm.domain.calendar.instants import from_ns, to_ns
from propfirm.domain.evaluation import appeal
from propfirm.domain.evaluation.review import Opinion
from propfirm.domain.money import Ppm, exact
from propfirm.domain.payouts.quote import Quote
from propfirm.domain.rules.findings import Unit
from propfirm.domain.rules.in_force import RuleNow, Standing
from propfirm.entrypoints.views.parts import Amount, Ratio, amount, moment

NAMES: Final = {str(name): words for name, words in (*RULES.items(), *GATES.items())}


class AccountView(Struct, frozen=True, kw_only=True):
    """balance, equity, floor: as last written down, of a run that is over as of its end; null before trading begins.
    ``/progress`` has those of now."""

    id: UUID
    owner: UUID
    program: str
    program_version: int
    program_name: str
    stage: str
    run: int
    state: AccountState
    balance: Amount | None
    equity: Amount | None
    floor: Amount | None
    opened_at: datetime
    changed_at: datetime


class RuleView(Struct, frozen=True, kw_only=True):
    """limit, actual, left are in ``unit``; null where the rule has no figure. left: until it is hit, or until it is
    met; negative once past. resets_in_s: when its count or level begins anew; null where it never does."""

    rule: str
    name: str
    standing: Standing
    unit: Unit
    limit: str | None
    actual: str | None
    left: str | None
    resets_at: datetime | None
    resets_in_s: int | None
    symbol: str


class ConditionView(Struct, frozen=True):
    condition: str
    met: bool
    text: str


class AfterTheEndView(Struct, frozen=True):
    """What the money did after the verdict: the platform closed what was open, and was perhaps told late. moved: of the
    equity since. open_contracts: of now."""

    at: datetime | None
    balance: Amount
    equity: Amount
    moved: Amount
    open_contracts: int


class ProgressView(Struct, frozen=True, kw_only=True):
    """begun: false while nobody trades the run yet. locked: no new positions until the day rolls.

    Once the run is over, everything stands as it did when it ended, and ``after_the_end`` tells the rest."""

    account: UUID
    program: str
    program_version: int
    stage: str
    run: int
    state: AccountState
    zone: str
    begun: bool
    locked: bool
    at: datetime | None
    day_ends_at: datetime | None
    balance: Amount
    equity: Amount
    profit: Amount
    target: Amount | None
    to_target: Amount | None
    floor: Amount
    to_floor: Amount | None
    day_floor: Amount | None
    to_day_floor: Amount | None
    high_water_mark: Amount
    trading_days: int
    qualifying_days: int
    open_contracts: int
    conditions: Sequence[ConditionView]
    rules: Sequence[RuleView]
    after_the_end: AfterTheEndView | None


class ActivityView(Struct, frozen=True):
    """run: null for what happened to the account as a whole."""

    at: datetime
    run: int | None
    kind: str
    text: str


class ReviewView(Struct, frozen=True):
    """reason, by: for the staff alone."""

    decision: Opinion
    at: datetime
    reason: str | None
    by: UUID | None


class ViolationView(Struct, frozen=True, kw_only=True):
    """A rule that was hit, with its evidence. limit, actual, distance are in ``unit``. decided: it ended or locked the
    account. doubt: it rests on an assumed order of prices. set_at: when the limit was put where it is."""

    account: UUID
    run: int
    event: int
    place: int
    at: datetime
    rule: str
    name: str
    outcome: str
    decided: bool
    doubt: bool
    strike: int
    unit: Unit
    limit: str
    actual: str
    distance: str
    equity: Amount
    balance: Amount
    set_at: datetime | None
    symbol: str
    note: str
    review: ReviewView | None


class TradeView(Struct, frozen=True, kw_only=True):
    """From flat to flat. contracts: opened in all. profit: less fees. after_the_end: opened when the run was over."""

    run: int
    number: int
    symbol: str
    side: Literal["long", "short"]
    opened_at: datetime
    closed_at: datetime
    contracts: int
    profit: Amount
    fees: Amount
    after_the_end: bool


class DayView(Struct, frozen=True, kw_only=True):
    """A day that is over. Its start, and its profit, less what was withdrawn, are its end.

    withdrawn: by payouts, less what came back of those that were rejected after all: below zero where more came back.
    """

    run: int
    day: date
    start_balance: Amount
    end_balance: Amount
    profit: Amount
    withdrawn: Amount
    floor: Amount
    day_floor: Amount | None
    traded: bool
    qualifying: bool
    snapshot_balance: Amount | None
    snapshot_equity: Amount | None


class StatisticsView(Struct, frozen=True, kw_only=True):
    """Of one run. Profits are less fees; null where there is nothing to divide by. What was opened after the run's end
    is in the last two figures and in no other."""

    run: int
    trades: int
    wins: int
    losses: int
    win_rate: Ratio | None
    profit: Amount
    fees: Amount
    gross_profit: Amount
    gross_loss: Amount
    profit_factor: Ratio | None
    average_win: Amount | None
    average_loss: Amount | None
    largest_win: Amount | None
    largest_loss: Amount | None
    average_held_s: int | None
    days: int
    traded_days: int
    best_day: Amount | None
    worst_day: Amount | None
    trades_after_the_end: int
    profit_after_the_end: Amount


class AppealView(Struct, frozen=True, kw_only=True):
    """due_at: by when the firm answers; null once it is over. decision, reason: the one that stands."""

    id: UUID
    account: UUID
    state: Literal["filed", "underreview", "upheld", "overturned", "withdrawn", "lapsed"]
    statement: str
    filed_at: datetime
    due_at: datetime | None
    decision: Literal["uphold", "overturn"] | None
    reason: str | None


class TodayView(Struct, frozen=True):
    """What today must and may still earn within the consistency rule. possible: false where today alone cannot meet it.
    raises_target: a day above ``most`` raises the target instead of blocking."""

    possible: bool
    least: Amount | None
    most: Amount | None
    raises_target: bool


class PositionView(Struct, frozen=True):
    """ticks: against the position, the first number of them that hits a loss limit; price: then, as quoted."""

    symbol: str
    quantity: int
    ticks: int
    price: str


class DistancesView(Struct, frozen=True):
    to_floor: Amount
    to_day_floor: Amount | None
    to_target: Amount | None
    today: TodayView | None
    positions: Sequence[PositionView]


class MissingView(Struct, frozen=True):
    """A condition of the payout that is not met, with the shortest way to meet it."""

    condition: str
    way: str


class AfterView(Struct, frozen=True):
    """The account once this payout is approved. restarts: what is counted anew then. room: above the floor."""

    balance: Amount
    floor: Amount
    room: Amount
    breached: bool
    restarts: Sequence[str]
    follows: str
    next_day: date | None


class PayoutOutlook(Struct, frozen=True, kw_only=True):
    """eligible: nothing is missing for ``amount_minor``. available_minor: the most, whatever else is missing;
    limited_by: what stops a cent more. after: null where the amount is not positive."""

    eligible: bool
    amount_minor: int
    available_minor: int
    least_minor: int
    limited_by: str | None
    trader_minor: int | None
    firm_minor: int | None
    opens: date | None
    missing: Sequence[MissingView]
    after: AfterView | None


class WhatIfView(Struct, frozen=True):
    """distances: null once the run is over. payout: null where the stage pays nothing; ``note`` says why."""

    distances: DistancesView | None
    payout: PayoutOutlook | None
    note: str


def account_view(line: AccountLine) -> AccountView:
    return AccountView(
        id=line.id,
        owner=line.owner,
        program=line.program,
        program_version=line.program_version,
        program_name=line.program_name,
        stage=line.stage,
        run=line.run,
        state=line.state,
        balance=amount(line.balance),
        equity=amount(line.equity),
        floor=amount(line.floor),
        opened_at=line.opened_at,
        changed_at=line.changed_at,
    )


def progress_view(told: Progress) -> ProgressView:
    where = told.standing
    return ProgressView(
        account=told.account,
        program=told.program,
        program_version=told.program_version,
        stage=told.stage,
        run=told.run,
        state=told.state,
        zone=told.zone,
        begun=told.begun,
        locked=told.locked,
        at=moment(where.at),
        day_ends_at=moment(told.day_ends),
        balance=exact(where.balance),
        equity=exact(where.equity),
        profit=exact(where.profit),
        target=amount(where.target),
        to_target=amount(where.to_target),
        floor=exact(where.floor),
        to_floor=amount(where.to_floor),
        day_floor=amount(where.day_floor),
        to_day_floor=amount(where.to_day_floor),
        high_water_mark=exact(where.high_water_mark),
        trading_days=where.trading_days,
        qualifying_days=where.qualifying_days,
        open_contracts=where.open_contracts,
        conditions=[ConditionView(one.gate, one.met, one.text) for one in where.conditions],
        rules=[rule_view(one, told.now) for one in told.rules],
        after_the_end=None if told.after_the_end is None else _after_view(told.after_the_end),
    )


def _after_view(after: AfterTheEnd) -> AfterTheEndView:
    return AfterTheEndView(
        moment(after.at), exact(after.balance), exact(after.equity), exact(after.moved), after.open_contracts
    )


def rule_view(rule: RuleNow, now: datetime) -> RuleView:
    figure = FIGURES.get(rule.unit, str)
    resets_in = None if rule.resets_at is None else max(0, rule.resets_at - to_ns(now)) // 1_000_000_000
    return RuleView(
        rule=rule.rule,
        name=NAMES[rule.rule],
        standing=rule.standing,
        unit=rule.unit,
        limit=None if rule.limit is None else figure(rule.limit),
        actual=None if rule.actual is None else figure(rule.actual),
        left=None if rule.left is None else figure(rule.left),
        resets_at=moment(rule.resets_at),
        resets_in_s=resets_in,
        symbol=rule.symbol,
    )


def activity_view(one: Activity) -> ActivityView:
    return ActivityView(one.at, one.run or None, one.kind, one.text)


def violation_view(one: Violation, *, for_staff: bool) -> ViolationView:
    hit, evidence, said = one.hit, one.hit.evidence, one.review
    figure = FIGURES.get(evidence.unit, str)
    review = None
    if said is not None:
        inside = (said.reason, said.by) if for_staff else (None, None)
        review = ReviewView(said.decision, said.at, *inside)
    return ViolationView(
        account=one.name.account,
        run=one.name.run,
        event=one.name.seq,
        place=one.name.place,
        at=from_ns(hit.at),
        rule=hit.rule,
        name=RULES[hit.rule],
        outcome=hit.outcome,
        decided=hit.decided,
        doubt=hit.doubt,
        strike=hit.strike,
        unit=evidence.unit,
        limit=figure(evidence.limit),
        actual=figure(evidence.actual),
        distance=figure(evidence.distance),
        equity=exact(evidence.equity),
        balance=exact(evidence.balance),
        set_at=moment(evidence.set_at),
        symbol=evidence.symbol,
        note=evidence.note,
        review=review,
    )


def trade_view(one: TradeLine) -> TradeView:
    return TradeView(
        run=one.run,
        number=one.seq,
        symbol=one.symbol,
        side=one.side,
        opened_at=from_ns(one.opened),
        closed_at=from_ns(one.closed),
        contracts=one.contracts,
        profit=exact(one.profit),
        fees=exact(one.fees),
        after_the_end=one.after_the_end,
    )


def day_view(one: DayLine) -> DayView:
    return DayView(
        run=one.run,
        day=one.day,
        start_balance=exact(one.start_balance),
        end_balance=exact(one.end_balance),
        profit=exact(one.profit),
        withdrawn=exact(one.withdrawn),
        floor=exact(one.floor),
        day_floor=amount(one.day_floor),
        traded=one.traded,
        qualifying=one.qualifying,
        snapshot_balance=amount(one.snapshot_balance),
        snapshot_equity=amount(one.snapshot_equity),
    )


def statistics_view(one: Statistics) -> StatisticsView:
    return StatisticsView(
        run=one.run,
        trades=one.trades,
        wins=one.wins,
        losses=one.losses,
        win_rate=_ratio(one.win_rate),
        profit=exact(one.profit),
        fees=exact(one.fees),
        gross_profit=exact(one.gross_profit),
        gross_loss=exact(one.gross_loss),
        profit_factor=_ratio(one.profit_factor),
        average_win=amount(one.average_win),
        average_loss=amount(one.average_loss),
        largest_win=amount(one.largest_win),
        largest_loss=amount(one.largest_loss),
        average_held_s=None if one.held_ns is None else one.held_ns // 1_000_000_000,
        days=one.days,
        traded_days=one.traded_days,
        best_day=amount(one.best_day),
        worst_day=amount(one.worst_day),
        trades_after_the_end=one.trades_after_the_end,
        profit_after_the_end=exact(one.profit_after_the_end),
    )


def _ratio(value: Ppm | None) -> str | None:
    return None if value is None else decimal(value)


def appeal_view(found: appeal.Appeal) -> AppealView:
    filing = found.filing
    proposal = found.proposal if isinstance(found, appeal.Upheld | appeal.Overturned) else None
    return AppealView(
        id=filing.id,
        account=filing.account,
        state=type(found).__name__.lower(),  # type: ignore[arg-type]  # the states' own names
        statement=filing.statement,
        filed_at=filing.filed_at,
        due_at=found.due_at if isinstance(found, appeal.Filed | appeal.UnderReview) else None,
        decision=None if proposal is None else proposal.decision,
        reason=None if proposal is None else proposal.reason,
    )


def line_view(line: AppealLine) -> AppealView:
    return appeal_view(line.appeal)


def what_if_view(told: Outlook) -> WhatIfView:
    answer = told.quote
    return WhatIfView(
        None if told.distances is None else _distances_view(told.distances),
        None if answer is None else _payout_view(answer, told.missing),
        told.note,
    )


def _distances_view(apart: Distances) -> DistancesView:
    today = apart.today
    return DistancesView(
        exact(apart.to_floor),
        amount(apart.to_day_floor),
        amount(apart.to_target),
        None
        if today is None
        else TodayView(today.possible, amount(today.least), amount(today.most), today.raises_target),
        [PositionView(one.symbol, one.quantity, one.ticks, one.price) for one in apart.positions],
    )


def _payout_view(answer: Quote, missing: Sequence[Missing]) -> PayoutOutlook:
    shares, after = answer.shares, answer.after
    return PayoutOutlook(
        eligible=answer.eligible,
        amount_minor=answer.amount,
        available_minor=answer.available,
        least_minor=answer.least,
        limited_by=answer.limited_by,
        trader_minor=None if shares is None else shares.trader,
        firm_minor=None if shares is None else shares.firm,
        opens=answer.opens,
        missing=[MissingView(one.code, one.way) for one in missing],
        after=None
        if after is None
        else AfterView(
            exact(after.levels.balance),
            exact(after.levels.floor),
            exact(after.room),
            after.breached,
            after.restarts,
            after.follows,
            after.next_day,
        ),
    )

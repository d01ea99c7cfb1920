"""The grammar of worked examples (``golden-cases/1``): for each rule its parameters, inputs and expected figures.

Field names are the file's keys, annotations its kinds of values; a key or word that is not here is not known. Decimals
are texts: what they mean (money, rate) is for the judge of the rule to say. An expected key that is not given is not
compared; ``None`` is a value like others.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from propfirm.domain.catalogue.program import CapComparison

Count: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000)]
Held: TypeAlias = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
Number: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000_000)]
"""Of an input in its case, in rising order."""

Decimals: TypeAlias = tuple[str | None, ...]
BreachWhen: TypeAlias = Literal["at_or_below", "below", "unspecified"]
SizeClass: TypeAlias = Literal["micro", "small", "mini", "full"]


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """Of a case."""


class Input(Part, frozen=True, tag_field="type"):
    """One thing that happens."""

    seq: Number


# ------------------------------------------------------------ maximum loss


class MaxLossParameters(Part, frozen=True):
    """Exactly one of drawdown_amount and drawdown_pct. lock_level None: the floor never stops."""

    starting_balance: str
    trail_basis: Literal["none", "closed_balance", "eod_balance", "intraday_equity"] | UnsetType = UNSET
    drawdown_amount: str | None = None
    drawdown_pct: str | None = None
    pct_base: Literal["initial", "hwm"] = "initial"
    lock_level: str | None = None
    breach_when: BreachWhen = "unspecified"


class Closed(Input, frozen=True, tag="closed"):
    """A trade was closed; the account is flat."""

    balance: str
    day: Count | None = None


class DayEnd(Input, frozen=True, tag="day_end"):
    """The end-of-day balance; the account is flat."""

    balance: str
    day: Count | None = None


class Equity(Input, frozen=True, tag="equity"):
    """What the account is worth, open positions included."""

    equity: str
    day: Count | None = None


MaxLossInput: TypeAlias = Closed | DayEnd | Equity


class MaxLossExpected(Part, frozen=True):
    """floors, locked: after each input."""

    initial_floor: str | UnsetType = UNSET
    floors: Decimals | UnsetType = UNSET
    locked: tuple[bool, ...] | UnsetType = UNSET
    breached: bool | UnsetType = UNSET
    breach_seq: int | UnsetType | None = UNSET
    remaining_after_last: str | UnsetType = UNSET


# ------------------------------------------------------------ the day's limits


class DailyLossParameters(Part, frozen=True):
    """Exactly one of limit_amount and limit_pct. starting_balance is needed where the rate is of it."""

    starting_balance: str | None = None
    limit_amount: str | None = None
    limit_pct: str | None = None
    pct_base: Literal["initial", "reference"] = "initial"
    reference: Literal["balance", "equity", "max_balance_equity"] = "balance"
    on_breach: Literal["hard", "soft"] = "hard"
    breach_when: BreachWhen = "unspecified"
    reset: str = ""
    """When the day starts, in words: each ``day_start`` says it by itself."""


class DayStart(Input, frozen=True, tag="day_start"):
    """Balance and equity at the roll; one alone is both."""

    balance: str | None = None
    equity: str | None = None


class EquityInDay(Input, frozen=True, tag="equity"):
    """What the account is worth."""

    equity: str


DailyLossInput: TypeAlias = DayStart | EquityInDay


class DailyLossExpected(Part, frozen=True):
    """floors: one for each day_start."""

    floors: Decimals | UnsetType = UNSET
    breached: bool | UnsetType = UNSET
    breach_seq: int | UnsetType | None = UNSET
    remaining_after_last: str | UnsetType = UNSET


class SymmetricCapParameters(Part, frozen=True):
    """A daily loss limit and its mirror."""

    starting_balance: str
    pct: str
    pct_base: Literal["initial"] = "initial"
    reference: Literal["prior_day_equity"] = "prior_day_equity"
    on_breach: Literal["lock_day"] = "lock_day"


class PriorEquity(Input, frozen=True, tag="day_start"):
    """A day starts; the day before ended with this equity."""

    equity: str


class SymmetricCapExpected(Part, frozen=True):
    """Of the last day."""

    lower: str | UnsetType = UNSET
    upper: str | UnsetType = UNSET


# ------------------------------------------------------------ consistency


class DayClose(Input, frozen=True, tag="day_close"):
    """The profit of a day (made in one trade)."""

    profit: str


class BestDayParameters(Part, frozen=True):
    """unit: what may not be too large a part of the profit."""

    max_best_pct: str
    comparison: CapComparison = "lte"
    unit: Literal["day", "trade"] = "day"
    denominator: Literal["total_profit"] = "total_profit"


class ProfitSummary(Input, frozen=True, tag="summary"):
    """The window's best day (or trade) and its profit, if that is known."""

    best: str
    total_profit: str | None = None


BestDayInput: TypeAlias = DayClose | ProfitSummary


class BestDayExpected(Part, frozen=True):
    """Percents are numbers of two places: 40 % is ``40.00``. What is not a list is after the last input."""

    best_pct_after_each: Decimals | UnsetType = UNSET
    passes_after_each: tuple[bool | None, ...] | UnsetType = UNSET
    required_total_profit: str | UnsetType | None = UNSET
    shortfall: str | UnsetType | None = UNSET
    max_allowed_best: str | UnsetType | None = UNSET
    headroom_today: str | UnsetType | None = UNSET


class DayHeadroomParameters(Part, frozen=True):
    """The most that one day may bring."""

    max_best_pct: str


class DaySummary(Input, frozen=True, tag="summary"):
    """Profit of the days before, and today's so far."""

    prior_total_profit: str
    today_profit: str = "0.00"


class DayHeadroomExpected(Part, frozen=True):
    """None: no limit."""

    headroom_today: str | UnsetType | None = UNSET
    max_compliant_day_rounded_to_dollar: str | UnsetType | None = UNSET


class TargetInflationParameters(Part, frozen=True):
    """What a day above the cap does to the target."""

    profit_target: str
    max_day_pct_of_target: str
    on_excess: Literal["add_excess_to_target", "target_becomes_day_div_pct"]


class TargetInflationExpected(Part, frozen=True):
    """day_cap_before: the most a day may bring before the first one has raised the target."""

    target_after_each: Decimals | UnsetType = UNSET
    cumulative: Decimals | UnsetType = UNSET
    day_cap_before: str | UnsetType = UNSET
    passed_after_seq: int | UnsetType | None = UNSET


# ------------------------------------------------------------ size, time, behaviour


class PositionParameters(Part, frozen=True):
    """unit names what max_units counts; the weights say what each class is worth in it."""

    max_units: str
    weights: dict[SizeClass, str]
    unit: Literal["contract", "lot", "mini", "micro", "position"] = "contract"


class OpenPositions(Input, frozen=True, tag="open_positions"):
    """All that is held, in contracts, negative where sold."""

    holdings: dict[SizeClass, Held]


class PositionExpected(Part, frozen=True):
    """After the last input."""

    units_used: str | UnsetType = UNSET
    allowed: bool | UnsetType = UNSET


class Tier(Part, frozen=True):
    """From this profit on, so many contracts."""

    from_profit: str
    max: Count


class ScalingParameters(Part, frozen=True):
    """account: whose tiers they are, in words."""

    tiers: Annotated[tuple[Tier, ...], Meta(min_length=1)]
    evaluated: Literal["end_of_day"] = "end_of_day"
    account: str = ""


class EodProfit(Input, frozen=True, tag="eod_profit"):
    """Profit with which a day ended."""

    profit: str


class IntradayProfit(Input, frozen=True, tag="intraday_profit"):
    """Profit within a day."""

    profit: str


class OrderTotal(Input, frozen=True, tag="order_total"):
    """An order, with all that is held."""

    contracts: Count


ScalingInput: TypeAlias = EodProfit | IntradayProfit | OrderTotal


class ScalingExpected(Part, frozen=True):
    """max_contracts: in force at the end. allowed: every order."""

    max_contracts: int | UnsetType = UNSET
    allowed: bool | UnsetType = UNSET


class FlatByParameters(Part, frozen=True):
    """Wall times of a named zone."""

    timezone: str
    flat_by: str
    reopen: str
    boundary: Literal["must_be_flat_before"] = "must_be_flat_before"


class PositionOpenAt(Input, frozen=True, tag="position_open_at"):
    """A position is open at this wall time."""

    local_time: str


class FlatByExpected(Part, frozen=True):
    """Of any input."""

    violation: bool | UnsetType = UNSET


class NewsParameters(Part, frozen=True):
    """flat_required: positions may not be held through the window."""

    minutes_before: Annotated[int, Meta(ge=0, le=10_080)]
    minutes_after: Annotated[int, Meta(ge=0, le=10_080)]
    scope: Literal["high_impact"] = "high_impact"
    flat_required: bool = False


class NewsEvent(Input, frozen=True, tag="news_event"):
    """A release."""

    utc: str


class Execution(Input, frozen=True, tag="execution"):
    """A trade, with its profit."""

    utc: str
    profit: str = "0.00"


class PositionOpenDuring(Input, frozen=True, tag="position_open_during"):
    """A position was opened and closed at these instants."""

    from_utc: str
    to_utc: str


NewsInput: TypeAlias = NewsEvent | Execution | PositionOpenDuring


class NewsExpected(Part, frozen=True):
    """profit_deducted: of all trades."""

    violation: bool | UnsetType = UNSET
    profit_deducted: str | UnsetType = UNSET
    account_breached: bool | UnsetType = UNSET


class TradeRiskParameters(Part, frozen=True):
    """max_adverse_excursion needs pct, stop_to_target_ratio needs max_ratio."""

    kind: Literal["max_adverse_excursion", "stop_to_target_ratio"]
    pct: str | None = None
    base: Literal["start_of_day_profit"] = "start_of_day_profit"
    max_ratio: str | None = None


class Order(Input, frozen=True, tag="order"):
    """Money between entry and stop, and between entry and target."""

    stop: str
    target: str


class DayProfitState(Input, frozen=True, tag="state"):
    """Profit with which the day started."""

    start_of_day_profit: str


TradeRiskInput: TypeAlias = Order | DayProfitState


class TradeRiskExpected(Part, frozen=True):
    """limit: the largest open loss (of a ratio: the largest stop) in money. allowed: every order."""

    limit: str | UnsetType = UNSET
    allowed: bool | UnsetType = UNSET


class QualifyingParameters(Part, frozen=True):
    """So many days with such a profit."""

    min_day_profit: str
    required: Count
    comparison: Literal["gte"] = "gte"


class QualifyingExpected(Part, frozen=True):
    """After the last day."""

    qualifying: int | UnsetType = UNSET
    satisfied: bool | UnsetType = UNSET


class DayCountParameters(Part, frozen=True):
    """day_roll: a wall time of the named zone."""

    day_roll: str
    timezone: str


class FillAt(Input, frozen=True, tag="fill"):
    """An execution at this wall time."""

    local_time: str


class DayCountExpected(Part, frozen=True):
    """The labels of the trading days, in order."""

    trading_days: tuple[str, ...] | UnsetType = UNSET
    count: int | UnsetType = UNSET


# ------------------------------------------------------------ payouts, allocation, transfer, tax


class PayoutAmountParameters(Part, frozen=True):
    """buffer_profit stays in the account; floor: the equity that the account may not fall below; split: the
    trader's share, at most cap_trader_net."""

    starting_balance: str = "0.00"
    buffer_profit: str | None = None
    buffer_rule: Literal["keep"] = "keep"
    max_pct_of_profit: str | None = None
    split: str | None = None
    cap_trader_net: str | None = None
    floor: str | None = None


class ProfitState(Input, frozen=True, tag="state"):
    """Profit in the account."""

    profit: str


class PayoutAmountExpected(Part, frozen=True):
    """Of the largest payout. threshold_balance: what is above it may be withdrawn."""

    max_withdrawal: str | UnsetType = UNSET
    trader_net: str | UnsetType = UNSET
    threshold_balance: str | UnsetType = UNSET
    balance_after: str | UnsetType = UNSET
    room_after: str | UnsetType = UNSET


class FirstPayout(Part, frozen=True):
    """What the first payout does to the floor; empty: nothing."""

    set_floor_to: str | None = None


class EachPayout(Part, frozen=True):
    """What every payout does: the allowance below the start shrinks by the trader's share."""

    reduce_allowance_by: Literal["trader_share"]
    split: str


class FloorEffectParameters(Part, frozen=True):
    """floor_before: where the floor is when the case begins, else drawdown_amount below the start; with a lock_level
    it has followed the equity up to there."""

    starting_balance: str
    drawdown_amount: str | None = None
    floor_before: str | None = None
    lock_level: str | None = None
    on_first_payout: FirstPayout | None = None
    on_payout: EachPayout | None = None
    breach_when: BreachWhen = "unspecified"


class EquityState(Input, frozen=True, tag="state"):
    """The equity of a flat account."""

    equity: str


class Withdrawn(Input, frozen=True, tag="payout"):
    """An approved payout, gross."""

    amount: str


FloorEffectInput: TypeAlias = EquityState | Withdrawn


class FloorEffectExpected(Part, frozen=True):
    """After the last input. trader_share: of the last payout."""

    floor_initial: str | UnsetType = UNSET
    floor_after: str | UnsetType = UNSET
    equity_after: str | UnsetType = UNSET
    room_after: str | UnsetType = UNSET
    trader_share: str | UnsetType = UNSET
    breached: bool | UnsetType = UNSET


class DynamicTargetParameters(Part, frozen=True):
    """The n-th rate is of the balance that the payout before left."""

    starting_balance: str
    target_pct_by_payout: Annotated[tuple[str, ...], Meta(min_length=1)]
    base: Literal["balance_after_last_payout"] = "balance_after_last_payout"


class PayoutAt(Input, frozen=True, tag="payout"):
    """A payout from this balance."""

    amount: str
    at_balance: str


class DynamicTargetExpected(Part, frozen=True):
    """Balances that the first and each following payout ask for."""

    target_balances: Decimals | UnsetType = UNSET


class AgeStep(Part, frozen=True):
    """A split for an account's age in business days."""

    split: str
    business_days_gte: Count | None = None
    business_days_lt: Count | None = None


class SplitParameters(Part, frozen=True):
    """Exactly one of the two."""

    split: str | None = None
    split_by_age: Annotated[tuple[AgeStep, ...], Meta(min_length=1)] | None = None


class SplitState(Input, frozen=True, tag="state"):
    """What an account has made. age_business_days is needed where the split goes by age."""

    gross_profit: str
    commissions: str = "0.00"
    age_business_days: Count | None = None


class SplitExpected(Part, frozen=True):
    """trader and firm add up to what is paid."""

    net_profit: str | UnsetType = UNSET
    trader: str | UnsetType = UNSET
    firm: str | UnsetType = UNSET


class AllocationParameters(Part, frozen=True):
    """Most that all accounts together may have."""

    cap: str


class AllocatedAccount(Input, frozen=True, tag="account"):
    """One more account."""

    size: str


class AllocationExpected(Part, frozen=True):
    """allowed: every account. total: of all that were asked for."""

    total: str | UnsetType = UNSET
    allowed: bool | UnsetType = UNSET


class TransferParameters(Part, frozen=True):
    """The rule in words."""

    rule: str


class FundedAccount(Input, frozen=True, tag="account"):
    """A simulated funded account."""

    size: str
    balance: str


class TransferState(Input, frozen=True, tag="state"):
    """What the simulated funded stage brought."""

    gross_profit: str
    withdrawals: str = "0.00"


TransferInput: TypeAlias = FundedAccount | TransferState


class TransferExpected(Part, frozen=True):
    """None: no transfer yet."""

    live_starting_balance: str | UnsetType | None = UNSET


class TaxParameters(Part, frozen=True):
    """Who gets the form: above (``gt``), or also at (``gte``) the threshold."""

    threshold: str
    comparison: Literal["gt", "gte"]
    form: Literal["1099-NEC"] = "1099-NEC"
    basis: Literal["payouts_received"] = "payouts_received"


class TaxYear(Input, frozen=True, tag="year"):
    """Of one trader."""

    payouts: str
    account_profit: str | None = None


class TaxExpected(Part, frozen=True):
    """reportable: what the form would say."""

    reportable: str | UnsetType = UNSET
    form_issued: bool | UnsetType = UNSET


INPUTS_MAX: Final = 10_000
"""In one case: more than any hand-worked example, and every day of them has a date."""

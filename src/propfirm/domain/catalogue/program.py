"""A program: what a trader buys, as typed values. The whole vocabulary of rules that futures and CFD firms use.

Money is micro-dollars, rates are millionths, times of day are wall times in the program's named zone. Where firms
differ it is a parameter here; no rule ever asks which firm it serves. A published version never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Final, Literal, TypeAlias, assert_never

from msgspec import Struct

from propfirm.domain.money import ONE, Cents, Micros, Ppm, portion

Comparison: TypeAlias = Literal["touch", "below"]
"""When a loss floor is hit: ``touch`` = at or below it, ``below`` = strictly below it."""

CapComparison: TypeAlias = Literal["lte", "lt"]
Outcome: TypeAlias = Literal[
    "fail", "lock_day", "reject_order", "close_offending", "strip_profit", "block_payout", "strike", "warn"
]
"""What a hit does, prop-rules section 3. ``extend_target`` is the ``effect`` of consistency."""

Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


MICROS_PER_MINI: Final = 10

SIZE_CLASSES: Final[Mapping[str, Ppm]] = {"full": ONE, "mini": ONE, "micro": Ppm(ONE // MICROS_PER_MINI)}
"""The keys of weights and sub-caps beside contract symbols, and what a contract of the class weighs in minis, unless
the exchange's sizes say otherwise (SIL is a fifth of SI)."""


PositionUnit: TypeAlias = Literal["contract", "lot", "mini", "micro", "position"]


class Size(Struct, frozen=True):
    """An amount: money, or a rate of a base that the owning rule names. Exactly one of the two is given."""

    amount: Micros | None = None
    pct: Ppm | None = None

    def of(self, base: Micros) -> Micros:
        """As money. Nothing where neither is given, which linter and ``compile_terms`` refuse."""
        return self.amount if self.amount is not None else portion(base, self.pct or Ppm(0))


class Clock(Struct, frozen=True):
    """The three clock events of a trading day, as wall times in one named zone.

    calendar: ``cme`` = exchange sessions, holidays and early closes; ``civil`` = every calendar day of the zone.
    holiday_session: a holiday session with an early halt is ``merge``d into the next trade date (CME), or is its
    ``own_day``. halt_margin_s: on early-close days and for products that close earlier, flat this long before.
    """

    zone: str
    day_roll: time
    eod_snapshot: time
    flat_by: time | None = None
    flat_grace_s: int = 0
    calendar: Literal["cme", "civil"] = "cme"
    per_product_close: bool = True
    halt_margin_s: int = 300
    holiday_session: Literal["merge", "own_day"] = "merge"


class Reset(Struct, frozen=True):
    """A paid fresh start of a failed stage. max: None = any number."""

    fee: Cents = Cents(0)
    max: int | None = None
    version: Literal["bought", "current"] = "bought"


class OnPass(Struct, frozen=True):
    """When the target is judged: at each ``close`` of a trade, or at the ``eod`` snapshot."""

    at: Literal["close", "eod"] = "close"
    flat_required: bool = True


class MaxLoss(Struct, frozen=True):
    """Maximum loss (prop-rules 4.1). Judged whenever the measure may have moved: ``equity`` at every mark too,
    ``balance`` at fills, platform figures, cash, snapshots and rolls. The mode says when the floor moves.

    lock: a cap on the floor: none, the starting balance, that plus lock_value (``start_plus``), or the balance
    lock_value (``at``). lock_trigger ``first_payout``: the cap holds only from the first approved payout on.
    """

    mode: Literal["static", "trail_eod", "trail_closed", "trail_intraday", "trail_payout"]
    size: Size
    pct_base: Literal["initial", "hwm"] = "initial"
    lock: Literal["none", "start", "start_plus", "at"] = "none"
    lock_value: Micros = Micros(0)
    lock_trigger: Literal["reach", "first_payout"] = "reach"
    cmp: Comparison = "touch"
    measure: Literal["equity", "balance"] = "equity"
    outcome: Outcome = "fail"


class UpperCap(Struct, frozen=True):
    """The mirror of a daily loss limit: a gain of pct of the initial balance over the reference also ends the day."""

    pct: Ppm
    outcome: Outcome = "lock_day"


class DailyLoss(Struct, frozen=True):
    """Daily loss limit (prop-rules 4.2): day floor = reference at the day roll - limit.

    reference: ``max`` is the larger of balance and equity; ``prior_day_equity`` is the equity at the last end-of-day
    snapshot. trail ``day_equity_high``: the floor follows the day's highest equity. optional: bought or chosen by the
    trader; off unless the account says so. personal: the trader may set a stricter limit.
    """

    size: Size
    pct_base: Literal["initial", "reference"] = "initial"
    reference: Literal["balance", "equity", "max", "prior_day_equity"] = "balance"
    trail: Literal["none", "day_equity_high"] = "none"
    cmp: Comparison = "touch"
    outcome: Outcome = "lock_day"
    optional: bool = False
    upper_cap: UpperCap | None = None
    personal: bool = False


class Target(Struct, frozen=True):
    """Profit target on closed profit. sticky: reached once is enough."""

    size: Size
    sticky: bool = False
    measure: Literal["closed"] = "closed"


class Qualifying(Struct, frozen=True):
    """Days with a profit of at least min_profit (inclusive); a pct is of the initial balance."""

    min_profit: Size
    count: int
    measure: Literal["trade_pnl", "balance_delta"] = "trade_pnl"
    scope: Literal["stage", "cycle", "lifetime"] = "stage"


class Days(Struct, frozen=True):
    """min_trading: days with at least one execution, counted in the stage or since the last approved payout
    (``min_trading_scope``)."""

    min_trading: int = 0
    qualifying: Qualifying | None = None
    min_trading_scope: Literal["stage", "cycle"] = "stage"


class Consistency(Struct, frozen=True):
    """Best day (or trade) as a share of total profit, or of the target. Never a breach: it delays.

    caps_by_payout: the cap for the first, second, ... payout; the last one stays. effect: ``block`` the pass or
    payout; ``extend_excess`` adds what is over the cap to the target; ``extend_ratio`` makes the target best / cap.
    until_payout_no: the rule holds up to and including that payout; later ones are free of it.
    """

    cap: Ppm | None = None
    caps_by_payout: tuple[Ppm, ...] = ()
    cmp: CapComparison = "lte"
    unit: Literal["day", "trade"] = "day"
    denominator: Literal["total", "target"] = "total"
    window: Literal["stage", "cycle"] = "stage"
    effect: Literal["block", "extend_excess", "extend_ratio"] = "block"
    include_commissions: bool = True
    until_payout_no: int | None = None


class PositionLimit(Struct, frozen=True):
    """The sum of |quantity| x weight may not exceed max (equal is allowed).

    max: in units, as millionths of one (Ppm), so that a micro can be a tenth. weights: by contract symbol, else by
    class (``mini``, ``micro``, ``full``). What is not listed counts as the unit says: its own weight in minis (a mini
    1, a micro a tenth), ten times that in ``micro``, and 1 each in ``lot``. sub_caps: by the same keys, the most that
    class or symbol may use alone, in contracts.
    """

    max: Ppm
    unit: PositionUnit = "contract"
    weights: dict[str, Ppm] = {}
    sub_caps: dict[str, int] = {}
    include_working_orders: bool = True
    netting: Literal["gross", "net"] = "gross"
    outcome: Outcome = "reject_order"

    def weight(self, root: str, size_class: str, own: Ppm) -> Ppm:
        """The units that one contract counts as. own: its weight in minis."""
        for key in (root, size_class):
            if key in self.weights:
                return self.weights[key]
        match self.unit:
            case "lot":
                return ONE
            case "micro":
                return Ppm(own * MICROS_PER_MINI)
            case "contract" | "mini" | "position":
                return own
            case _:
                assert_never(self.unit)


class ScalingTier(Struct, frozen=True):
    start: Micros
    """Profit (or balance) from which this tier holds."""
    max: Ppm
    """Units, as in PositionLimit."""


class Scaling(Struct, frozen=True):
    """Contracts by end-of-day profit: changes for the next session only, up and down. Tiers in rising order."""

    tiers: tuple[ScalingTier, ...]
    metric: Literal["profit", "balance"] = "profit"
    at: Literal["eod"] = "eod"
    edge: Literal["gte", "gt"] = "gte"


class Blackout(Struct, frozen=True):
    """No executions from start (inclusive) to end (exclusive), wall time in the program's zone, on these weekdays."""

    start: time
    end: time
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


class Times(Struct, frozen=True):
    """May positions be held over these times? outcome: what holding after flat-by does."""

    overnight: bool = False
    weekend: bool = False
    holidays: bool = False
    blackout: tuple[Blackout, ...] = ()
    limit_up_down: Literal["allowed", "forfeit_profit"] = "allowed"
    outcome: Outcome = "close_offending"


class News(Struct, frozen=True):
    """A window around listed releases. events: event category to the product roots it touches (``*`` = all).

    The window is [release - before_s, release + after_s], both ends included. exempt_if_held_s: a position opened at
    least this long before the release is exempt. feed: the pinned event list.
    """

    before_s: int
    after_s: int
    mode: Literal["no_execution", "flat_required", "strip_profit"]
    events: dict[str, tuple[str, ...]] = {}
    exempt_if_held_s: int | None = None
    feed: str = "us-high-impact-2026"
    outcome: Outcome = "strip_profit"


class RiskCap(Struct, frozen=True):
    """Most a position may risk between entry and stop, as a rate of the base."""

    pct: Ppm
    base: Literal["initial", "balance", "equity"] = "initial"


class AdverseExcursion(Struct, frozen=True):
    """Open loss of one position at most pct of the base. pct_raised applies from end-of-day profit raised_from on.

    base ``start_of_day_profit``: while that profit is below low_profit_below, the drawdown amount is the base.
    """

    pct: Ppm
    base: Literal["start_of_day_profit", "initial", "drawdown"] = "start_of_day_profit"
    pct_raised: Ppm | None = None
    raised_from: Micros | None = None
    low_profit_below: Micros = Micros(0)
    outcome: Outcome = "warn"


class OrderRate(Struct, frozen=True):
    """More than this many executions in one second of event time counts as high-frequency trading."""

    max_trades_per_s: int
    outcome: Outcome = "warn"


class Behaviour(Struct, frozen=True):
    """Trade-behaviour rules (prop-rules 4.10). Normally a review or a payout gate, not an automatic failure.

    min_hold_s with the two shares: more than the share (``gt``; ``gte``: at least the share) of trades (of profit) must
    come from trades held longer. min_hold_ticks: a trade that made at least so many ticks a contract counts as held.
    hedging_scope, what hedging is: long and short at once in one ``product`` family; ``mixed_sizes``: also two size
    classes of one product at once, whatever their direction; ``group``: long and short within one product group.
    copy, cross_account_hedging, remote_execution (VPS, VPN): judged by people, recorded here.
    """

    stop_required: bool = False
    stop_required_within_s: int | None = None
    max_risk_per_position: RiskCap | None = None
    min_hold_s: int | None = None
    min_hold_share_trades: Ppm | None = None
    min_hold_share_profit: Ppm | None = None
    mae: AdverseExcursion | None = None
    stop_target_ratio: Ppm | None = None
    hedging: Literal["allowed", "forbidden"] = "allowed"
    copy: Literal["allowed", "own_accounts", "forbidden"] = "allowed"
    hft: OrderRate | None = None
    outcome: Outcome = "warn"
    min_hold_edge: Literal["gt", "gte"] = "gt"
    min_hold_ticks: int | None = None
    hedging_scope: Literal["product", "mixed_sizes", "group"] = "product"
    cross_account_hedging: Literal["allowed", "forbidden"] = "allowed"
    remote_execution: Literal["allowed", "forbidden"] = "allowed"


class Inactivity(Struct, frozen=True):
    """No execution for this many calendar days, or fewer than per_week executions in a trading week."""

    days: int | None = None
    per_week: int | None = None
    outcome: Outcome = "fail"


class Schedule(Struct, frozen=True):
    """When payouts may be asked for.

    kind: ``on_demand``; ``every_n_days`` since the last approval (or the first trade); on ``weekday``; ``n_per_month``;
    ``after_n_qualifying`` qualifying days since the last approval. n and weekday as the kind needs. cutoff: requests
    after this wall time of the program's zone count for the next day.
    """

    kind: Literal["on_demand", "every_n_days", "weekday", "n_per_month", "after_n_qualifying"] = "on_demand"
    n: int | None = None
    weekday: Weekday | None = None
    cutoff: time | None = None
    cutoff_zone: str | None = None


class PctCap(Struct, frozen=True):
    """At most this rate of the base per payout. until_qualifying_days: lifted once that many lifetime days are in."""

    value: Ppm
    base: Literal["profit", "balance"] = "profit"
    until_qualifying_days: int | None = None


class Buffer(Struct, frozen=True):
    """Profit that stays in the account. until_payout_no: up to and including that payout; keep_after: the profit that
    must remain after a later payout."""

    amount: Micros
    until_payout_no: int | None = None
    keep_after: Micros = Micros(0)


class InsideBuffer(Struct, frozen=True):
    """May profit inside the buffer be withdrawn? ``split``: yes, at this split; close: and the account is closed.

    split_later: the split once the account is split_later_after_days calendar days old. max_share: most of the whole
    profit that may be taken so. floor_to_start: such a payout also sets the floor to the starting balance.
    """

    mode: Literal["forbid", "split"] = "forbid"
    split: Ppm | None = None
    close: bool = False
    split_later: Ppm | None = None
    split_later_after_days: int | None = None
    max_share: Ppm | None = None
    floor_to_start: bool = False


class SplitStep(Struct, frozen=True):
    """One step of a split ladder. start: the payout number (by_payout, from 1), the lifetime amount in micro-dollars
    (by_lifetime_marginal) or the account's age in business days (by_age) from which rate holds."""

    start: int
    rate: Ppm


class Split(Struct, frozen=True):
    """The trader's share. ``flat`` has one step with start 0 (or 1). scope: whose lifetime amount counts."""

    kind: Literal["flat", "by_payout", "by_lifetime_marginal", "by_age"]
    steps: tuple[SplitStep, ...]
    scope: Literal["account", "person"] = "account"


class PayoutTerms(Struct, frozen=True):
    """Payout eligibility, amount and effect (prop-rules 4.12, 4.13)."""

    split: Split
    schedule: Schedule = Schedule()
    min_amount: Micros = Micros(0)
    amount_caps: tuple[Micros, ...] = ()
    """By payout number; the last one stays unless max_count ends the ladder."""
    caps_until_payout_no: int | None = None
    """From the payout after this one on, amount_caps no longer apply."""
    caps_until_qualifying_days: int | None = None
    trader_cap: Micros | None = None
    """Most the trader may receive per payout, after the split."""
    pct_cap: PctCap | None = None
    buffer: Buffer | None = None
    inside_buffer: InsideBuffer = InsideBuffer()
    min_cycle_profit: Micros = Micros(0)
    min_balance: Micros | None = None
    """Balance needed to ask at all."""
    keep: Micros = Micros(0)
    """Room above the floor that must remain after the payout."""
    floor_locked_required: bool = False
    """Withdrawals only once the floor has reached its lock."""
    min_account_age_days: int = 0
    dynamic_target: tuple[Ppm, ...] = ()
    """Target of the n-th payout as a rate of the balance after the last one."""
    max_count: int | None = None
    deduct: Literal["gross", "trader_share"] = "gross"
    floor_effect: Literal[
        "unchanged", "set_to_start", "set_to_start_plus", "set_to_zero", "raise_by_trader_share", "reset_cycle"
    ] = "unchanged"
    floor_effect_value: Micros = Micros(0)
    floor_effect_first_only: bool = False
    hwm_effect: Literal["unchanged", "reduce"] = "unchanged"
    counter_reset: Literal["on_approval", "on_decision"] = "on_approval"
    requires: tuple[Literal["kyc", "contract", "tax_form"], ...] = ("kyc", "contract", "tax_form")
    flat_required: bool = True
    after_max_count: Literal["close", "next_stage"] = "close"
    """What follows the last payout that max_count allows."""


class Transfer(Struct, frozen=True):
    """Balance with which the live stage starts; stands in that stage. ``discretion``: the firm decides it.

    min_sum_largest: the smaller of the sum of the sim-funded balances and the largest of their account sizes.
    net_profit: gross profit less withdrawals, once it is at least min. after_payouts: assessed from that payout on.
    """

    rule: Literal["min_sum_largest", "net_profit", "discretion"]
    min: Micros = Micros(0)
    assessed_at: Micros | None = None
    """Gross profit at which the transfer is assessed."""
    after_payouts: int | None = None


class Strikes(Struct, frozen=True):
    """A counted rule: each hit takes the action of its number, the last one stays. window_days None = for life.

    per: each finding, or one a day at most.
    """

    rule: str
    actions: tuple[Outcome, ...]
    window_days: int | None = None
    per: Literal["hit", "day"] = "hit"


class Growth(Struct, frozen=True):
    """Account growth: after this many payouts (and this much profit) the account moves up to ``to`` (a program id)."""

    after_payouts: int
    to: str
    min_profit: Micros = Micros(0)


class Stage(Struct, frozen=True):
    """One stage of a program with all its rules.

    zero_based: the balance starts at 0 and floors are below it. time_limit_days: calendar days to pass;
    activation_days: to activate after passing. next_stage: name of the stage that a pass leads to.
    """

    name: str
    kind: Literal["evaluation", "verification", "sim_funded", "live"]
    max_loss: MaxLoss
    starting_balance: Micros | None = None
    zero_based: bool = False
    price: Cents = Cents(0)
    billing: Literal["once", "monthly"] = "once"
    activation_fee: Cents = Cents(0)
    reset: Reset | None = None
    on_rebill: Literal["restart", "keep_balance_restart_windows"] | None = None
    time_limit_days: int | None = None
    activation_days: int | None = None
    max_accounts: int | None = None
    next_stage: str | None = None
    on_pass: OnPass = OnPass()
    daily_loss: DailyLoss | None = None
    target: Target | None = None
    days: Days = Days()
    consistency: Consistency | None = None
    position: PositionLimit | None = None
    scaling: Scaling | None = None
    times: Times = Times(overnight=True, weekend=True, holidays=True)
    news: News | None = None
    behaviour: Behaviour | None = None
    inactivity: Inactivity | None = None
    payout: PayoutTerms | None = None
    transfer: Transfer | None = None
    growth: Growth | None = None
    strikes: tuple[Strikes, ...] = ()
    warn_at: Ppm | None = Ppm(800_000)
    """Warn when this share of a loss limit is used up. None = never."""


class Limits(Struct, frozen=True):
    """Per person (household: per household): accounts at once, sum of account sizes by stage kind.

    queue_when_full: passes above these wait until there is room.
    """

    accounts: int | None = None
    allocation_evaluation: Micros | None = None
    allocation_funded: Micros | None = None
    household: bool = False
    queue_when_full: bool = False


class Source(Struct, frozen=True):
    """Where a preset's values come from. grade: F = firm's own page, T = third party, ? = unclear or split."""

    firm: str
    read_on: date
    grade: Literal["F", "T", "?"]
    note: str = ""
    values: dict[str, str] = {}
    """Document path to grade and source, where it differs from the whole: ``stages[0].target = "T"``."""
    unclear: tuple[str, ...] = ()
    """Document paths whose value the sources leave open, with what was chosen and why."""


class Program(Struct, frozen=True):
    """One immutable version of a program. starting_balance is the nominal size of the account."""

    id: str
    version: int
    name: str
    effective_from: date
    starting_balance: Micros
    clock: Clock
    stages: tuple[Stage, ...]
    currency: Literal["USD"] = "USD"
    limits: Limits = Limits()
    source: Source | None = None

    def stage(self, name: str) -> Stage:
        """Raises KeyError with the name."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

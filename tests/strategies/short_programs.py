"""Small programs for short histories: every rule of the vocabulary, with limits that a week of trading meets.

``programs()`` draws programs that a firm could sell; most of their limits lie weeks away, and drawing one takes longer
than judging a life under it. These are cheaper, tighter, and contradict themselves now and then: the engine must say
exactly what the rules say of those too.
"""

from __future__ import annotations

from datetime import date, time
from typing import Final, TypeVar, get_args

from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.domain.catalogue.program import (
    AdverseExcursion,
    Behaviour,
    Clock,
    Consistency,
    DailyLoss,
    Days,
    Inactivity,
    InsideBuffer,
    MaxLoss,
    News,
    OnPass,
    OrderRate,
    Outcome,
    PayoutTerms,
    PositionLimit,
    Program,
    Qualifying,
    RiskCap,
    Scaling,
    ScalingTier,
    Size,
    Split,
    SplitStep,
    Stage,
    Strikes,
    Target,
    Times,
    UpperCap,
)
from propfirm.domain.money import Micros, Ppm
from propfirm.domain.rules.findings import Rule

T = TypeVar("T")


def _one(*options: T) -> st.SearchStrategy[T]:
    return st.sampled_from(options)


def _ends(*outcomes: Outcome) -> st.SearchStrategy[Outcome]:
    return st.sampled_from(outcomes)


def _maybe(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.one_of(st.none(), strategy)


def _usd(dollars: float) -> Micros:
    return Micros(round(dollars * 1_000_000))


def _sizes(*dollars: float) -> st.SearchStrategy[Size]:
    """Amounts, and the rates of 50 000 that are worth about as much (some of them not a whole number of cents)."""
    rates = [Size(pct=Ppm(round(amount * 20) + odd)) for amount in dollars for odd in (0, 1)]
    return _one(*(Size(amount=_usd(amount)) for amount in dollars), *rates)


_loss_outcomes: Final = _ends("fail", "lock_day", "lock_day", "warn", "block_payout", "strip_profit")
_outcomes: Final = _ends(
    "warn",
    "warn",
    "block_payout",
    "reject_order",
    "close_offending",
    "strip_profit",
    "strip_profit",
    "lock_day",
    "fail",
)
_rates: Final = _one(*(Ppm(rate) for rate in (200_000, 400_000, 500_000, 333_333, 1_000_000)))


def _sensible(loss: MaxLoss) -> MaxLoss:
    """The high-water mark is a base for rates only, and what triggers a lock needs a lock."""
    if loss.size.pct is None:
        loss = replace(loss, pct_base="initial")
    return replace(loss, lock_trigger="reach") if loss.lock == "none" else loss


_max_losses: Final = st.builds(
    MaxLoss,
    mode=_one("static", "trail_eod", "trail_closed", "trail_intraday", "trail_intraday", "trail_payout"),
    size=_sizes(1000, 2000, 2500.123456),
    pct_base=_one("initial", "initial", "hwm"),
    lock=_one("none", "start", "start_plus", "at"),
    lock_value=_one(_usd(0), _usd(100), _usd(-300)),
    lock_trigger=_one("reach", "reach", "first_payout"),
    cmp=_one("touch", "below"),
    measure=_one("equity", "equity", "balance"),
    outcome=_ends("fail", "fail", "fail", "lock_day", "warn"),
).map(_sensible)

_daily_losses: Final = st.builds(
    DailyLoss,
    size=_sizes(400, 800),
    pct_base=_one("initial"),
    reference=_one("balance", "equity", "max", "prior_day_equity"),
    trail=_one("none", "day_equity_high"),
    cmp=_one("touch", "below"),
    outcome=_loss_outcomes,
    optional=_one(False, False, True),
    upper_cap=_maybe(st.builds(UpperCap, pct=_one(Ppm(10_000), Ppm(20_001)), outcome=_loss_outcomes)),
    personal=st.booleans(),
)

_days: Final = st.builds(
    Days,
    min_trading=_one(0, 0, 1, 2),
    qualifying=_maybe(
        st.builds(
            Qualifying,
            min_profit=_sizes(50, 150),
            count=_one(1, 2),
            measure=_one("trade_pnl", "balance_delta"),
            scope=_one("stage", "cycle", "lifetime"),
        )
    ),
    min_trading_scope=_one("stage", "cycle"),
)

_consistencies: Final = st.builds(
    Consistency,
    cap=_rates,
    caps_by_payout=_one((), (), (Ppm(200_000), Ppm(500_000)), (Ppm(900_000), Ppm(300_000), Ppm(400_000))),
    cmp=_one("lte", "lt"),
    unit=_one("day", "day", "trade"),
    denominator=_one("total", "total", "target"),
    window=_one("stage", "cycle"),
    effect=_one("block", "extend_ratio", "extend_excess", "block"),
    include_commissions=st.booleans(),
    until_payout_no=_one(None, None, 1, 2),
)

_positions: Final = st.builds(
    PositionLimit,
    max=_one(Ppm(2_000_000), Ppm(500_000), Ppm(5_000_000)),
    unit=_one("contract", "contract", "lot", "micro", "position"),
    weights=_one(
        {}, {}, {"mini": Ppm(1_000_000), "micro": Ppm(100_000), "ODD": Ppm(333_333)}, {"micro": Ppm(1_000_000)}
    ),
    sub_caps=_one({}, {"micro": 4}, {"ES": 1, "full": 2}),
    include_working_orders=st.booleans(),
    netting=_one("gross", "net"),
    outcome=_outcomes,
)

_tiers: Final = _one(
    (
        ScalingTier(_usd(0), Ppm(2_000_000)),
        ScalingTier(_usd(300), Ppm(3_000_000)),
        ScalingTier(_usd(900), Ppm(5_000_000)),
    ),
    (ScalingTier(_usd(50_000), Ppm(1_000_000)), ScalingTier(_usd(50_400), Ppm(4_000_000))),
)
_scalings: Final = st.builds(Scaling, tiers=_tiers, metric=_one("profit", "balance"), edge=_one("gte", "gt"))

_times: Final = st.builds(
    Times,
    overnight=_one(True, True, False),
    weekend=st.booleans(),
    holidays=st.booleans(),
    limit_up_down=_one("allowed", "forfeit_profit"),
    outcome=_outcomes,
)

_news: Final = st.builds(
    News,
    before_s=_one(60),
    after_s=_one(60),
    mode=_one("no_execution", "flat_required", "strip_profit"),
    exempt_if_held_s=_one(None, 60, 300),
    outcome=_outcomes,
)

_excursions: Final = st.builds(
    AdverseExcursion,
    pct=_rates,
    base=_one("start_of_day_profit", "start_of_day_profit", "initial", "drawdown"),
    pct_raised=_one(None, Ppm(700_000)),
    raised_from=_one(None, _usd(200)),
    low_profit_below=_one(_usd(0), _usd(300)),
    outcome=_outcomes,
)

_behaviours: Final = st.builds(
    Behaviour,
    stop_required=_one(False, True),
    stop_required_within_s=_one(None, 10, 300),
    max_risk_per_position=_maybe(
        st.builds(RiskCap, pct=_one(Ppm(1_000), Ppm(5_000)), base=_one("initial", "balance", "equity"))
    ),
    min_hold_s=_one(None, 10, 300),
    min_hold_share_trades=_one(None, Ppm(500_000), Ppm(333_333)),
    min_hold_share_profit=_one(None, Ppm(500_000)),
    min_hold_edge=_one("gt", "gte"),
    min_hold_ticks=_one(None, 5),
    mae=_maybe(_excursions),
    stop_target_ratio=_one(None, Ppm(1_000_000), Ppm(5_000_000)),
    hedging=_one("allowed", "forbidden", "forbidden"),
    hedging_scope=_one("product", "mixed_sizes", "group"),
    hft=_maybe(st.builds(OrderRate, max_trades_per_s=_one(1, 2), outcome=_outcomes)),
    outcome=_outcomes,
)

_inactivities: Final = st.builds(
    Inactivity,
    days=_one(None, 5, 7),
    per_week=_one(None, None, 1, 4),
    outcome=_ends("warn", "warn", "block_payout", "fail"),
)

_payouts: Final = st.builds(
    PayoutTerms,
    split=_one(Split("flat", (SplitStep(0, Ppm(800_000)),))),
    inside_buffer=_one(InsideBuffer(), InsideBuffer(mode="split", split=Ppm(500_000), floor_to_start=True)),
    floor_effect=_one(
        "unchanged", "set_to_start", "set_to_start_plus", "set_to_zero", "raise_by_trader_share", "reset_cycle"
    ),
    floor_effect_value=_one(_usd(0), _usd(100)),
    floor_effect_first_only=st.booleans(),
    hwm_effect=_one("unchanged", "reduce"),
    counter_reset=_one("on_approval", "on_decision"),
)

_ACTIONS: Final[tuple[tuple[Outcome, ...], ...]] = (
    ("warn", "fail"),
    ("warn", "warn", "lock_day"),
    ("strip_profit", "lock_day", "fail"),
    ("lock_day",),
)
_strikes: Final = st.builds(
    Strikes,
    rule=_one(*get_args(Rule)),
    actions=st.sampled_from(_ACTIONS),
    window_days=_one(None, 1, 2, 30),
    per=_one("hit", "day"),
)


def _coherent(stage: Stage) -> Stage:
    """Without a target nothing can be a share of it or extend it, shares of trades need the time they are held for,
    and the floors of a zero-based account lie near zero."""
    consistency, scaling, loss = stage.consistency, stage.scaling, stage.max_loss
    if consistency is not None and stage.target is None:
        consistency = replace(consistency, denominator="total", effect="block")
    if scaling is not None and (scaling.tiers[0].start > 0) != (scaling.metric == "balance"):
        scaling = replace(scaling, metric="balance" if scaling.tiers[0].start > 0 else "profit")
    if stage.zero_based:
        loss = replace(loss, pct_base="initial")
    elif loss.lock == "at":
        loss = replace(loss, lock_value=Micros(_usd(50_000) + loss.lock_value))
    behaviour = stage.behaviour
    if behaviour is not None and behaviour.min_hold_s is None:
        behaviour = replace(behaviour, min_hold_share_trades=None, min_hold_share_profit=None, min_hold_ticks=None)
    return replace(stage, consistency=consistency, scaling=scaling, max_loss=loss, behaviour=behaviour)


_stages: Final = st.builds(
    Stage,
    name=_one("evaluation"),
    kind=_one("evaluation"),
    max_loss=_max_losses,
    starting_balance=_one(None, None, _usd(50_000.01)),
    zero_based=_one(False, False, False, True),
    time_limit_days=_one(None, None, 6, 12),
    on_pass=st.builds(OnPass, at=_one("close", "close", "eod"), flat_required=st.booleans()),
    daily_loss=_maybe(_daily_losses),
    target=_one(None) | (targets := st.builds(Target, size=_sizes(300, 1000), sticky=st.booleans())) | targets,
    days=_days,
    consistency=_maybe(_consistencies),
    position=_maybe(_positions),
    scaling=_maybe(_scalings),
    times=_one(Times(overnight=True, weekend=True, holidays=True)) | _times,
    news=_maybe(_news),
    behaviour=_maybe(_behaviours),
    inactivity=_maybe(_inactivities),
    payout=_maybe(_payouts),
    strikes=st.lists(_strikes, max_size=2, unique_by=lambda strikes: strikes.rule).map(tuple),
    warn_at=_one(None, Ppm(800_000), Ppm(500_000)),
).map(_coherent)

_CLOCK: Final = Clock("UTC", time(22), time(21), time(20))


def _of_one_stage(stage: Stage) -> Program:
    return Program("short", 1, "Short", date(2025, 1, 1), _usd(50_000), _CLOCK, (stage,))


short_programs: Final = _stages.map(_of_one_stage)
"""One stage of a 50 000 account."""

"""Random programs over the whole vocabulary that make sense: the linter finds nothing in any of them.

``programs()`` is built, not filtered: each block is drawn inside the room that the blocks before it leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any, Final, Literal, TypeAlias, TypeVar

from hypothesis import strategies as st
from msgspec import structs

from propfirm.domain.catalogue.program import (
    AdverseExcursion,
    Behaviour,
    Blackout,
    Buffer,
    Clock,
    Consistency,
    DailyLoss,
    Days,
    Growth,
    Inactivity,
    InsideBuffer,
    Limits,
    MaxLoss,
    News,
    OnPass,
    OrderRate,
    Outcome,
    PayoutTerms,
    PctCap,
    PositionLimit,
    Program,
    Qualifying,
    Reset,
    RiskCap,
    Scaling,
    ScalingTier,
    Schedule,
    Size,
    Source,
    Split,
    SplitStep,
    Stage,
    Strikes,
    Target,
    Times,
    Transfer,
    UpperCap,
)
from propfirm.domain.money import MICROS_PER_CENT, MICROS_PER_DOLLAR, ONE, Cents, Micros, Ppm, portion

T = TypeVar("T")

Lock: TypeAlias = Literal["none", "start", "start_plus", "at"]
ExcursionBase: TypeAlias = Literal["start_of_day_profit", "initial", "drawdown"]
FloorEffect: TypeAlias = Literal[
    "unchanged", "set_to_start", "set_to_start_plus", "set_to_zero", "raise_by_trader_share", "reset_cycle"
]
SplitKind: TypeAlias = Literal["flat", "by_payout", "by_lifetime_marginal", "by_age"]

SIZES: Final = (5_000, 10_000, 25_000, 50_000, 100_000, 200_000)
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri")
PRODUCTS: Final = ("ES", "NQ", "CL", "GC", "ZN", "ZB", "6E")
EVENTS: Final = ("NFP", "CPI", "FOMC", "FOMC_PRESS", "CRUDE_INVENTORIES", "TREASURY_AUCTION")

MAX_ACCOUNTS: Final = 5
"""Most of a stage, at most the fewest that a person may have."""

LOSS_OUTCOMES: Final[tuple[Outcome, ...]] = ("fail", "lock_day", "block_payout", "warn")
TRADE_OUTCOMES: Final[tuple[Outcome, ...]] = (
    "fail",
    "lock_day",
    "reject_order",
    "close_offending",
    "strip_profit",
    "block_payout",
    "warn",
)

_CLOCKS: Final = (
    Clock("America/Chicago", time(17), time(16), time(15, 10)),
    Clock("America/Chicago", time(17), time(16, 10), time(15, 10), flat_grace_s=120, halt_margin_s=0),
    Clock("America/Chicago", time(17), time(16, 10), None, holiday_session="own_day"),
    Clock("America/New_York", time(18), time(17), time(16, 59)),
    Clock("America/New_York", time(18), time(17), time(17), per_product_close=False),
    Clock("America/New_York", time(18), time(17), time(16, 20)),
    Clock("Europe/Prague", time(0), time(0), None, calendar="civil", per_product_close=False),
    Clock("Europe/Prague", time(0), time(23, 59, 30), time(23, 50), calendar="civil"),
    Clock("UTC", time(0, 30), time(0, 30), None, calendar="civil"),
    Clock("Etc/GMT-3", time(0), time(0), None, calendar="civil"),
    Clock("America/New_York", time(17), time(16, 55), time(16, 45), calendar="civil"),
)


_COIN: Final = st.booleans()
_CHOICES: Final[dict[tuple[tuple[type, object], ...], st.SearchStrategy[Any]]] = {}


def _maybe(draw: st.DrawFn, strategy: st.SearchStrategy[T]) -> T | None:
    return draw(strategy) if draw(_COIN) else None


def _optional(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.one_of(st.none(), strategy)


def _one(options: Sequence[T]) -> st.SearchStrategy[T]:
    """One of these. Made once: to build a strategy costs far more than to draw from it."""
    key = tuple((type(option), option) for option in options)
    if key not in _CHOICES:
        _CHOICES[key] = st.sampled_from(options)
    return _CHOICES[key]


@st.composite
def money(draw: st.DrawFn, low: int, high: int) -> Micros:
    """Whole cents in [low, high], in micro-dollars; mostly whole dollars. Where there is none: the first above low."""
    unit = draw(_one((MICROS_PER_DOLLAR, MICROS_PER_DOLLAR, MICROS_PER_DOLLAR, MICROS_PER_CENT)))
    first, last = -(-low // unit), high // unit
    if first > last:
        return Micros(-(-low // MICROS_PER_CENT) * MICROS_PER_CENT)
    return Micros(draw(st.integers(first, last)) * unit)


def rates(low: int, high: int) -> st.SearchStrategy[Ppm]:
    """Millionths in [low, high], mostly whole per cents or tenths of one."""
    whole = range(-(-low // 10_000) * 10_000, high + 1, 10_000)
    exact = st.integers(low, high)
    return (st.one_of(st.sampled_from(whole), exact) if whole else exact).map(Ppm)


def cents(dollars_max: int) -> st.SearchStrategy[Cents]:
    return st.one_of(st.integers(0, dollars_max).map(lambda whole: Cents(whole * 100)), st.integers(0, 99).map(Cents))


@st.composite
def _sizes(draw: st.DrawFn, initial: Micros, low: int, high: int) -> Size:
    """An amount, or a rate of initial, worth between low and high."""
    least, most = -(-low * ONE // initial), high * ONE // initial
    if least <= most and draw(_COIN):
        return Size(pct=draw(rates(least, most)))
    return Size(amount=draw(money(low, high)))


@st.composite
def max_losses(draw: st.DrawFn, initial: Micros, start: Micros, *, pays: bool) -> MaxLoss:
    """A maximum loss between 2 % and 20 % of the nominal size. start: the stage's starting balance, 0 if zero-based."""
    moving = ("trail_eod", "trail_closed", "trail_intraday", *(("trail_payout",) if pays else ()))
    mode = draw(_one(("static", *moving)))
    size = draw(_sizes(initial, initial // 50, initial // 5))
    can_follow_high = mode not in ("static", "trail_payout") and start > 0 and size.pct is not None
    locks: tuple[Lock, ...] = ("none",) if mode == "static" else ("none", "start", "start_plus", "at")
    lock = draw(_one(locks))
    room = money(0, initial // 10)
    return MaxLoss(
        mode=mode,
        size=size,
        pct_base=draw(_one(("initial", "hwm"))) if can_follow_high else "initial",
        lock=lock,
        lock_value=Micros(draw(room) + (start if lock == "at" else 0)) if lock in ("start_plus", "at") else Micros(0),
        lock_trigger=draw(_one(("reach", "first_payout"))) if pays and lock != "none" else "reach",
        cmp=draw(_one(("touch", "below"))),
        measure=draw(_one(("equity", "equity", "balance"))),
        outcome=draw(_one(("fail", "fail", "fail", *LOSS_OUTCOMES))),
    )


def drawdown(initial: Micros, loss: MaxLoss) -> Micros:
    """The maximum loss at the start, as money."""
    return loss.size.amount if loss.size.amount is not None else portion(initial, loss.size.pct or Ppm(0))


@st.composite
def daily_losses(draw: st.DrawFn, initial: Micros, start: Micros, most: Micros) -> DailyLoss:
    size = draw(_sizes(initial, initial // 100, max(most, initial // 100)))
    of_reference = size.pct is not None and start > 0 and draw(_COIN)
    return DailyLoss(
        size=size,
        pct_base="reference" if of_reference else "initial",
        reference=draw(_one(("balance", "equity", "max", "prior_day_equity"))),
        trail=draw(_one(("none", "none", "day_equity_high"))),
        cmp=draw(_one(("touch", "below"))),
        outcome=draw(_one(LOSS_OUTCOMES)),
        optional=draw(_COIN),
        upper_cap=_maybe(draw, st.builds(UpperCap, rates(10_000, 50_000), _one(LOSS_OUTCOMES))),
        personal=draw(_COIN),
    )


@st.composite
def _days(draw: st.DrawFn, initial: Micros, *, pays: bool) -> Days:
    qualifying = st.builds(
        Qualifying,
        min_profit=_sizes(initial, initial // 1000, initial // 200),
        count=st.integers(1, 5),
        measure=_one(("trade_pnl", "balance_delta")),
        scope=_one(("stage", "cycle", "lifetime") if pays else ("stage", "lifetime")),
    )
    window: Literal["stage", "cycle"] = draw(_one(("stage", "cycle"))) if pays else "stage"
    return Days(draw(st.integers(0, 5)), _maybe(draw, qualifying), window)


@st.composite
def _consistency(draw: st.DrawFn, *, pays: bool, has_target: bool, count: int | None = None) -> Consistency:
    """count: the last payout of the stage."""
    cap = rates(200_000, 900_000)
    ladder = pays and draw(_COIN)
    return Consistency(
        cap=None if ladder else draw(cap),
        caps_by_payout=tuple(draw(st.lists(cap, min_size=1, max_size=min(3, count or 3)))) if ladder else (),
        cmp=draw(_one(("lte", "lt"))),
        unit=draw(_one(("day", "day", "trade"))),
        denominator=draw(_one(("total", "target"))) if has_target else "total",
        window=draw(_one(("stage", "cycle"))) if pays else "stage",
        effect=draw(_one(("block", "extend_excess", "extend_ratio"))) if has_target else "block",
        include_commissions=draw(_COIN),
        until_payout_no=_maybe(draw, st.integers(4, 8)) if pays and count is None else None,
    )


_TENTH: Final = Ppm(ONE // 10)
_POSITIONS: Final = (
    (PositionLimit(ONE), 1, 15),
    (PositionLimit(ONE, "micro"), 2, 150),
    (PositionLimit(ONE, "lot"), 2, 20),
    (PositionLimit(ONE, "mini", {"mini": ONE, "micro": _TENTH}), 1, 20),
    (PositionLimit(ONE, "lot", {"mini": ONE, "micro": ONE, "full": ONE}), 2, 20),
    (PositionLimit(ONE, "micro", {"micro": ONE, "mini": Ppm(10 * ONE), "full": Ppm(50 * ONE)}), 10, 150),
    (
        PositionLimit(ONE, "position", {"mini": ONE, "micro": _TENTH, "full": Ppm(5 * ONE), "SIL": Ppm(2 * _TENTH)}),
        2,
        10,
    ),
)
"""How positions are counted, with the least and the most units of a limit."""

_position: Final = st.sampled_from(_POSITIONS)


@st.composite
def _positions(draw: st.DrawFn) -> PositionLimit:
    shape, least, most = draw(_position)
    return structs.replace(
        shape,
        max=Ppm(draw(st.integers(least * 10, most * 10)) * ONE // 10),
        sub_caps=draw(st.dictionaries(_one(("micro", "mini", "ES", "MES")), st.integers(1, 50), max_size=2)),
        include_working_orders=draw(_COIN),
        netting=draw(_one(("gross", "net"))),
        outcome=draw(_one(TRADE_OUTCOMES)),
    )


@st.composite
def _scaling(draw: st.DrawFn, initial: Micros, start: Micros, position: PositionLimit | None) -> Scaling:
    of_balance = draw(_COIN)
    origin = start if of_balance else Micros(0)
    most = position.max if position is not None else Ppm(10 * ONE)
    steps = sorted(draw(st.sets(st.integers(1, 20), min_size=1, max_size=3)))
    limits = sorted(draw(st.lists(st.integers(most // 2, most), min_size=len(steps) + 1, max_size=len(steps) + 1)))
    starts = [origin, *(Micros(origin + initial * step // 100) for step in steps)]
    return Scaling(
        tiers=tuple(ScalingTier(begin, Ppm(limit)) for begin, limit in zip(starts, limits, strict=True)),
        metric="balance" if of_balance else "profit",
        edge=draw(_one(("gte", "gt"))),
    )


@st.composite
def _times(draw: st.DrawFn, clock: Clock) -> Times:
    hours = sorted(draw(st.sets(st.integers(0, 23), min_size=2, max_size=2)))
    blackout = Blackout(time(hours[0]), time(hours[1]), tuple(draw(st.lists(_one(WEEKDAYS), min_size=1, unique=True))))
    free = clock.flat_by is None
    overnight = free or draw(_COIN)
    return Times(
        overnight=overnight,
        weekend=free or (overnight and draw(_COIN)),
        holidays=free or (overnight and draw(_COIN)),
        blackout=draw(_one(((), (blackout,)))),
        limit_up_down=draw(_one(("allowed", "forfeit_profit"))),
        outcome=draw(_one(TRADE_OUTCOMES)),
    )


_any_news: Final = st.builds(
    News,
    before_s=st.integers(0, 600),
    after_s=st.integers(1, 600),
    mode=_one(("no_execution", "flat_required", "strip_profit")),
    events=st.dictionaries(
        _one(EVENTS),
        st.one_of(st.just(("*",)), st.lists(_one(PRODUCTS), min_size=1, max_size=3, unique=True).map(tuple)),
        min_size=1,
        max_size=3,
    ),
    exempt_if_held_s=_optional(st.integers(1, 20_000)),
    outcome=_one(TRADE_OUTCOMES),
)
_news: Final = _any_news.map(
    lambda rule: structs.replace(rule, outcome="strip_profit") if rule.mode == "strip_profit" else rule
)


@st.composite
def _adverse_excursions(draw: st.DrawFn, initial: Micros) -> AdverseExcursion:
    bases: tuple[ExcursionBase, ...] = ("start_of_day_profit", "initial", "drawdown")
    base = draw(_one(bases))
    pct = draw(rates(10_000, 500_000))
    raised = draw(_COIN)
    return AdverseExcursion(
        pct=pct,
        base=base,
        pct_raised=draw(rates(pct + 1, 900_000)) if raised else None,
        raised_from=draw(money(0, initial // 10)) if raised else None,
        low_profit_below=draw(money(0, initial // 20)) if base == "start_of_day_profit" else Micros(0),
        outcome=draw(_one(LOSS_OUTCOMES)),
    )


@st.composite
def _behaviours(draw: st.DrawFn, initial: Micros) -> Behaviour:
    stops, hold, forbidden = draw(_COIN), draw(_COIN), draw(_COIN)
    share = rates(10_000, 900_000)
    which = draw(_one(("trades", "profit", "both"))) if hold else ""
    risk = st.builds(RiskCap, rates(1_000, 50_000), _one(("initial", "balance", "equity")))
    rule = Behaviour(
        stop_required=stops,
        stop_required_within_s=_maybe(draw, st.integers(1, 120)) if stops else None,
        max_risk_per_position=_maybe(draw, risk),
        min_hold_s=draw(st.integers(1, 300)) if hold else None,
        min_hold_share_trades=draw(share) if which in ("trades", "both") else None,
        min_hold_share_profit=draw(share) if which in ("profit", "both") else None,
        mae=_maybe(draw, _adverse_excursions(initial)),
        stop_target_ratio=_maybe(draw, st.integers(1, 100).map(lambda tenths: Ppm(tenths * 100_000))),
        hedging="forbidden" if forbidden else "allowed",
        copy=draw(_one(("allowed", "own_accounts", "forbidden"))),
        hft=_maybe(draw, st.builds(OrderRate, st.integers(1, 10), _one(LOSS_OUTCOMES))),
        outcome=draw(_one(TRADE_OUTCOMES)),
        min_hold_edge=draw(_one(("gt", "gte"))),
        min_hold_ticks=_maybe(draw, st.integers(1, 20)) if hold else None,
        hedging_scope=draw(_one(("product", "mixed_sizes", "group"))) if forbidden else "product",
        cross_account_hedging=draw(_one(("allowed", "forbidden"))),
        remote_execution=draw(_one(("allowed", "forbidden"))),
    )
    forbids_nothing = rule == Behaviour(outcome=rule.outcome, min_hold_edge=rule.min_hold_edge)
    return structs.replace(rule, copy="forbidden") if forbids_nothing else rule


_inactivity: Final = st.one_of(
    st.builds(Inactivity, days=st.integers(5, 30), outcome=_one(LOSS_OUTCOMES)),
    st.builds(Inactivity, per_week=st.integers(1, 3), outcome=_one(LOSS_OUTCOMES)),
    st.builds(Inactivity, days=st.integers(5, 30), per_week=st.integers(1, 3), outcome=_one(LOSS_OUTCOMES)),
)


@st.composite
def _splits(draw: st.DrawFn, initial: Micros, count: int | None) -> Split:
    kinds: tuple[SplitKind, ...] = ("flat", "by_payout", "by_lifetime_marginal", "by_age")
    scopes: tuple[Literal["account", "person"], ...] = ("account", "person")
    kind = draw(_one(kinds))
    scope = draw(_one(scopes)) if kind == "by_lifetime_marginal" else "account"
    rate = rates(500_000, 1_000_000)
    if kind == "flat":
        return Split(kind, (SplitStep(draw(_one((0, 1))), draw(rate)),), scope)
    unit = {"by_payout": 1, "by_lifetime_marginal": initial // 10, "by_age": 30}[kind]
    first = 1 if kind == "by_payout" else 0
    starts = [first, *(first + unit * step for step in sorted(draw(st.sets(st.integers(1, 10), max_size=3))))]
    if kind == "by_payout" and count is not None:
        starts = [start for start in starts if start <= count]
    return Split(kind, tuple(SplitStep(start, draw(rate)) for start in starts), scope)


@st.composite
def _schedules(draw: st.DrawFn, clock: Clock, days: Days) -> Schedule:
    counted = ("after_n_qualifying",) if days.qualifying is not None else ()
    kind = draw(_one(("on_demand", "every_n_days", "weekday", "n_per_month", *counted)))
    cutoff = _maybe(draw, _one((time(15), time(17, 30))))
    return Schedule(
        kind=kind,
        n=draw(st.integers(1, 10)) if kind in ("every_n_days", "n_per_month", "after_n_qualifying") else None,
        weekday=draw(_one(WEEKDAYS)) if kind == "weekday" else None,
        cutoff=cutoff,
        cutoff_zone=draw(_one((None, clock.zone, "America/Chicago"))) if cutoff is not None else None,
    )


@st.composite
def _inside_buffers(draw: st.DrawFn) -> InsideBuffer:
    if draw(_COIN):
        return InsideBuffer()
    later = draw(_COIN)
    return InsideBuffer(
        mode="split",
        split=draw(rates(300_000, 900_000)),
        close=draw(_COIN),
        split_later=draw(rates(300_000, 900_000)) if later else None,
        split_later_after_days=draw(st.integers(1, 90)) if later else None,
        max_share=_maybe(draw, rates(300_000, 900_000)),
        floor_to_start=draw(_COIN),
    )


@st.composite
def payout_terms(
    draw: st.DrawFn, initial: Micros, start: Micros, clock: Clock, loss: MaxLoss, days: Days, *, has_next: bool
) -> PayoutTerms:
    """Payout terms under which some payout is always possible: it asks at most half of the maximum loss and leaves at
    least a quarter of it."""
    allowance = drawdown(initial, loss)
    min_amount = draw(money(0, allowance // 2))
    count = _maybe(draw, st.integers(1, 6))
    ladder = draw(st.integers(0, 3))
    if count is not None and ladder > 1:
        ladder = count
    amount = money(min_amount + MICROS_PER_DOLLAR, initial)
    counted = days.qualifying is not None
    locks = loss.mode in ("trail_eod", "trail_closed", "trail_intraday") and loss.lock != "none"
    has_high = loss.mode not in ("static", "trail_payout")
    effects: list[FloorEffect] = ["unchanged", "set_to_start", "set_to_start_plus", "raise_by_trader_share"]
    effects += ["reset_cycle"] if loss.lock_trigger == "reach" else []
    effects += ["set_to_zero"] if start == 0 else []
    effect = draw(_one(effects))
    buffer = _maybe(draw, money(1, initial // 10))
    until = _maybe(draw, st.integers(1, 3)) if buffer is not None and (count is None or count > 3) else None
    keep_after = draw(money(0, initial // 20)) if until is not None else Micros(0)
    return PayoutTerms(
        split=draw(_splits(initial, count)),
        schedule=draw(_schedules(clock, days)),
        min_amount=min_amount,
        amount_caps=tuple(draw(st.lists(amount, min_size=ladder, max_size=ladder))),
        caps_until_payout_no=_maybe(draw, st.integers(ladder, 8)) if ladder and count is None else None,
        caps_until_qualifying_days=_maybe(draw, st.integers(5, 30)) if ladder and counted else None,
        trader_cap=_maybe(draw, money(min_amount + MICROS_PER_DOLLAR, initial)),
        pct_cap=draw(
            _optional(
                st.builds(
                    PctCap,
                    rates(100_000, 1_000_000),
                    _one(("profit", "balance")),
                    _optional(st.integers(5, 30)) if counted else st.none(),
                )
            )
        ),
        buffer=Buffer(buffer, until, keep_after) if buffer is not None else None,
        inside_buffer=draw(_inside_buffers()) if buffer is not None else InsideBuffer(),
        min_cycle_profit=draw(money(0, initial // 50)),
        min_balance=_maybe(draw, money(start, start + initial // 10)),
        keep=draw(money(0, allowance // 4)),
        floor_locked_required=locks and loss.lock_trigger == "reach" and draw(_COIN),
        min_account_age_days=draw(st.integers(0, 30)),
        dynamic_target=tuple(draw(st.lists(rates(10_000, 80_000), max_size=count or 3))) if start > 0 else (),
        max_count=count,
        deduct=draw(_one(("gross", "trader_share"))),
        floor_effect=effect,
        floor_effect_value=draw(money(0, initial // 100)) if effect == "set_to_start_plus" else Micros(0),
        floor_effect_first_only=effect != "unchanged" and draw(_COIN),
        hwm_effect=draw(_one(("unchanged", "reduce"))) if has_high and effect != "reset_cycle" else "unchanged",
        counter_reset=draw(_one(("on_approval", "on_decision"))),
        requires=tuple(draw(st.lists(_one(("kyc", "contract", "tax_form")), unique=True))),
        flat_required=draw(_COIN),
        after_max_count=draw(_one(("close", "next_stage"))) if count is not None and has_next else "close",
    )


def _rules_of(stage: Stage) -> list[str]:
    """Rules of the stage that strikes may count."""
    present = {
        "daily_loss": stage.daily_loss is not None,
        "position": stage.position is not None,
        "scaling": stage.scaling is not None,
        "news": stage.news is not None,
        "hft": stage.behaviour is not None and stage.behaviour.hft is not None,
        "mae": stage.behaviour is not None and stage.behaviour.mae is not None,
        "blackout": bool(stage.times.blackout),
    }
    return ["max_loss", *(rule for rule, there in present.items() if there)]


@st.composite
def _strikes(draw: st.DrawFn, stage: Stage) -> Stage:
    """The stage with some of its rules counted; some of these say so in their own outcome too."""
    rules = draw(st.lists(_one(_rules_of(stage)), max_size=2, unique=True))
    words: tuple[Outcome, ...] = ("warn", "lock_day", "fail")
    actions = st.lists(_one(words), min_size=1, max_size=3)
    counted = tuple(
        Strikes(rule, tuple(draw(actions)), _maybe(draw, st.integers(1, 60)), draw(_one(("hit", "day"))))
        for rule in rules
    )
    stage = structs.replace(stage, strikes=counted)
    if "position" in rules and stage.position is not None:
        stage = structs.replace(stage, position=structs.replace(stage.position, outcome="strike"))
    if "news" in rules and stage.news is not None:
        counted_news = structs.replace(stage.news, mode="no_execution", outcome="strike")
        stage = structs.replace(stage, news=counted_news)
    return stage


@st.composite
def _challenges(draw: st.DrawFn, name: str, initial: Micros, clock: Clock, next_stage: str) -> Stage:
    """An evaluation or verification: it has a target and pays nothing."""
    zero_based = draw(st.sampled_from((False, False, False, True)))
    loss = draw(max_losses(initial, Micros(0) if zero_based else initial, pays=False))
    start = Micros(0) if zero_based else initial
    position = _maybe(draw, _positions())
    billings: tuple[Literal["once", "monthly"], ...] = ("once", "monthly")
    billing = draw(_one(billings))
    stage = Stage(
        name=name,
        kind="evaluation" if name == "evaluation" else "verification",
        max_loss=loss,
        starting_balance=None if zero_based else draw(_one((None, initial))),
        zero_based=zero_based,
        price=draw(cents(500)),
        billing=billing,
        activation_fee=draw(cents(150)),
        reset=_maybe(draw, st.builds(Reset, cents(100), _optional(st.integers(1, 5)), _one(("bought", "current")))),
        on_rebill=draw(_one((None, "restart", "keep_balance_restart_windows"))) if billing == "monthly" else None,
        time_limit_days=_maybe(draw, st.integers(30, 90)),
        activation_days=_maybe(draw, st.integers(1, 14)),
        max_accounts=_maybe(draw, st.integers(1, MAX_ACCOUNTS)),
        next_stage=next_stage,
        on_pass=draw(st.builds(OnPass, _one(("close", "eod")), st.booleans())),
        daily_loss=_maybe(draw, daily_losses(initial, start, drawdown(initial, loss))),
        target=Target(draw(_sizes(initial, initial // 50, initial // 5)), draw(_COIN)),
        days=draw(_days(initial, pays=False)),
        consistency=_maybe(draw, _consistency(pays=False, has_target=True)),
        position=position,
        scaling=_maybe(draw, _scaling(initial, start, position)),
        times=draw(_times(clock)),
        news=_maybe(draw, _news),
        behaviour=_maybe(draw, _behaviours(initial)),
        inactivity=_maybe(draw, _inactivity),
        warn_at=_maybe(draw, rates(500_000, 950_000)),
    )
    return draw(_strikes(stage))


@st.composite
def _paying(draw: st.DrawFn, name: str, initial: Micros, clock: Clock, next_stage: str | None) -> Stage:
    """A sim-funded or live stage: it pays and has no target."""
    zero_based = draw(_COIN)
    start = Micros(0) if zero_based else initial
    loss = draw(max_losses(initial, start, pays=True))
    days = draw(_days(initial, pays=True))
    position = _maybe(draw, _positions())
    growth = st.builds(Growth, st.integers(1, 3), st.just("the-next-size-up"), money(0, initial // 10))
    payout = draw(payout_terms(initial, start, clock, loss, days, has_next=next_stage is not None))
    grows = payout.max_count is None or payout.max_count >= 3
    transfer = st.builds(
        Transfer,
        _one(("min_sum_largest", "net_profit", "discretion")),
        money(0, initial // 50),
        _optional(money(1, initial // 10)),
        _optional(st.just(1)),
    )
    stage = Stage(
        name=name,
        kind="live" if name == "live" else "sim_funded",
        max_loss=loss,
        zero_based=zero_based,
        max_accounts=_maybe(draw, st.integers(1, MAX_ACCOUNTS)),
        next_stage=next_stage,
        daily_loss=_maybe(draw, daily_losses(initial, start, drawdown(initial, loss))),
        days=days,
        consistency=_maybe(draw, _consistency(pays=True, has_target=False, count=payout.max_count)),
        position=position,
        scaling=_maybe(draw, _scaling(initial, start, position)),
        times=draw(_times(clock)),
        news=_maybe(draw, _news),
        behaviour=_maybe(draw, _behaviours(initial)),
        inactivity=_maybe(draw, _inactivity),
        payout=payout,
        transfer=_maybe(draw, transfer) if name == "live" else None,
        growth=_maybe(draw, growth) if grows else None,
        warn_at=_maybe(draw, rates(500_000, 950_000)),
    )
    return draw(_strikes(stage))


@st.composite
def _limits(draw: st.DrawFn, initial: Micros) -> Limits:
    accounts = _maybe(draw, st.integers(MAX_ACCOUNTS, 20))
    allocation = _optional(money(initial, initial * 10))
    evaluation, funded = draw(allocation), draw(allocation)
    return Limits(
        accounts=accounts,
        allocation_evaluation=evaluation,
        allocation_funded=funded,
        household=accounts is not None and draw(_COIN),
        queue_when_full=(accounts, evaluation, funded) != (None, None, None) and draw(_COIN),
    )


_source: Final = st.builds(
    Source,
    firm=_one(("Example Futures", "Société d’essai")),
    read_on=st.dates(date(2024, 1, 1), date(2026, 11, 21)),
    grade=_one(("F", "T", "?")),
    note=_one(("", "A dated example.", 'With "quotes" and a back\\slash.')),
    values=st.dictionaries(_one(("stages[0].target", "stages[0].max_loss.amount")), _one(("F", "T", "?")), max_size=2),
    unclear=st.lists(_one(("clock.eod_snapshot: silent; the close of the session",)), max_size=1).map(tuple),
)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A program with none to two challenges, a funded stage and perhaps a live one."""
    initial = Micros(draw(_one(SIZES)) * MICROS_PER_DOLLAR)
    clock = draw(_one(_CLOCKS))
    challenges = ("evaluation", "verification")[: draw(st.integers(0, 2))]
    paying = ("funded", "live")[: draw(st.integers(1, 2))]
    names = [*challenges, *paying]
    after = dict(zip(names, [*names[1:], None], strict=True))
    stages = [
        *(draw(_challenges(name, initial, clock, after[name] or "")) for name in challenges),
        *(draw(_paying(name, initial, clock, after[name])) for name in paying),
    ]
    return Program(
        id=draw(_one(("example-50k", "starter", "a-1"))),
        version=draw(st.integers(1, 20)),
        name=draw(_one(("Example 50K", "Départ", "Plan [A] #1"))),
        effective_from=draw(st.dates(date(2020, 1, 1), date(2030, 12, 31))),
        starting_balance=initial,
        clock=clock,
        stages=tuple(stages),
        limits=draw(_limits(initial)),
        source=_maybe(draw, _source),
    )

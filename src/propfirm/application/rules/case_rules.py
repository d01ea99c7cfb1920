"""Worked examples of the rules that the engine judges: losses, consistency, size, times, behaviour, days.

Each function plays an example as real events on a real account and reads the engine's state and findings.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import date, time
from functools import partial
from operator import itemgetter
from typing import Final, Literal, TypeAlias, assert_never

from msgspec import UNSET

from propfirm.application.rules.case_account import (
    ENTRY_PRICE,
    NO_MAX_LOSS,
    PLAIN,
    STAGE,
    CaseAccount,
)
from propfirm.application.rules.case_figures import (
    Amount,
    CannotJudge,
    Figures,
    Readings,
    amounts,
    comparisons,
    last,
    money,
    needed,
    one_of,
    rate,
    share_of_profit,
    time_of_day,
    utc,
    wall,
    whole,
)
from propfirm.application.rules.case_grammar import (
    BestDayInput,
    BestDayParameters,
    Closed,
    DailyLossInput,
    DailyLossParameters,
    DayClose,
    DayCountParameters,
    DayEnd,
    DayHeadroomParameters,
    DayProfitState,
    DayStart,
    DaySummary,
    EodProfit,
    Equity,
    EquityInDay,
    Execution,
    FillAt,
    FlatByParameters,
    IntradayProfit,
    MaxLossInput,
    MaxLossParameters,
    NewsEvent,
    NewsInput,
    NewsParameters,
    OpenPositions,
    Order,
    OrderTotal,
    PositionOpenAt,
    PositionOpenDuring,
    PositionParameters,
    PriorEquity,
    ProfitSummary,
    QualifyingParameters,
    ScalingInput,
    ScalingParameters,
    SymmetricCapParameters,
    TargetInflationParameters,
    TradeRiskInput,
    TradeRiskParameters,
)
from propfirm.domain.calendar.clock_events import news_windows
from propfirm.domain.calendar.news import NewsCalendar, Release
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.calendar.table import SessionTable
from propfirm.domain.catalogue.program import (
    AdverseExcursion,
    Behaviour,
    Clock,
    Comparison,
    Consistency,
    DailyLoss,
    Days,
    MaxLoss,
    News,
    Outcome,
    PositionLimit,
    Qualifying,
    Scaling,
    ScalingTier,
    Size,
    Stage,
    Target,
    Times,
    UpperCap,
)
from propfirm.domain.market.contracts import Contract, SizeClass
from propfirm.domain.money import MICROS_PER_DOLLAR, ONE, Micros, Ppm, from_cents, half_up, portion
from propfirm.domain.rules.consistency import (
    headroom_today,
    max_best,
    max_compliant_day,
    met,
    required_total,
    share,
    shortfall,
)
from propfirm.domain.rules.findings import DayCounted, Gate, Passed, ProfitStripped, Rule, TargetExtended
from propfirm.domain.rules.floors import Levels, locked
from propfirm.domain.rules.state import best_day, qualifying_days

Basis: TypeAlias = Literal["none", "closed_balance", "eod_balance", "intraday_equity"]

_MODES: Final[dict[Basis, Literal["static", "trail_closed", "trail_eod", "trail_intraday"]]] = {
    "none": "static",
    "closed_balance": "trail_closed",
    "eod_balance": "trail_eod",
    "intraday_equity": "trail_intraday",
}
_GOES_ON: Final[tuple[Outcome, ...]] = ("lock_day",)
_ENDS_OR_GOES_ON: Final[tuple[Outcome, ...]] = ("fail", *_GOES_ON)
PPM_PER_HUNDREDTH_OF_A_PERCENT: Final = 10_000
"""Percent numbers are told in millionths of a percent."""


# ------------------------------------------------------------ maximum loss


def max_loss(
    basis: Basis, parameters: MaxLossParameters, inputs: Sequence[MaxLossInput], _table: SessionTable
) -> Readings:
    """basis: what the floor of this rule follows.

    A floor stays where it is when the account has failed; of one after the breach a source may also tell where the
    formula would bring it, as if the breach had only locked the day.
    """
    if parameters.trail_basis not in (basis, UNSET):
        raise CannotJudge(f"trail_basis {parameters.trail_basis} contradicts the rule, which follows {basis}")
    rules = (
        _max_loss_rule(basis, parameters, cmp, outcome)
        for cmp in comparisons(parameters.breach_when)
        for outcome in _ENDS_OR_GOES_ON
    )
    return tuple(_max_loss(rule, parameters, inputs) for rule in rules)


def _max_loss_rule(basis: Basis, parameters: MaxLossParameters, cmp: Comparison, outcome: Outcome) -> MaxLoss:
    amount, pct = one_of(parameters.drawdown_amount, parameters.drawdown_pct, "drawdown_amount and drawdown_pct")
    return MaxLoss(
        mode=_MODES[basis],
        size=Size(amount, pct),
        pct_base=parameters.pct_base,
        lock="none" if parameters.lock_level is None else "at",
        lock_value=Micros(0) if parameters.lock_level is None else money(parameters.lock_level),
        cmp=cmp,
        outcome=outcome,
    )


def _max_loss(rule: MaxLoss, parameters: MaxLossParameters, inputs: Sequence[MaxLossInput]) -> Figures:
    account = CaseAccount(Stage(STAGE, "evaluation", rule), money(parameters.starting_balance))
    initial = account.state.floor
    breach_seq: int | None = None
    floors: list[Micros] = []
    locks: list[bool] = []
    for told in inputs:
        if not account.started or (told.day is not None and told.day > account.day):
            account.roll(told.day)
        if told.day is not None and told.day < account.day:
            raise CannotJudge(f"input {told.seq} is of day {told.day}, which is over")
        match told:
            case Equity():
                account.metric(account.state.balance, money(told.equity))
            case Closed() | DayEnd():
                account.metric(money(told.balance), money(told.balance))
            case _:
                assert_never(told)
        if isinstance(told, DayEnd):
            account.close_day()
            account.roll()
        floors.append(account.state.floor)
        locks.append(locked(rule, _levels(account)))
        if breach_seq is None and account.hits("max_loss"):
            breach_seq = told.seq
    return {
        "initial_floor": Amount(initial),
        "floors": amounts(floors),
        "locked": tuple(locks),
        "breached": breach_seq is not None,
        "breach_seq": breach_seq,
        "remaining_after_last": Amount(account.state.equity - account.state.floor),
    }


def _levels(account: CaseAccount) -> Levels:
    terms, state = account.terms, account.state
    return Levels(terms.initial, terms.start, state.balance, state.floor, state.hwm, state.payouts)


# ------------------------------------------------------------ the day's limits

_REFERENCES: Final[dict[str, Literal["balance", "equity", "max"]]] = {
    "balance": "balance",
    "equity": "equity",
    "max_balance_equity": "max",
}


def daily_loss(parameters: DailyLossParameters, inputs: Sequence[DailyLossInput], _table: SessionTable) -> Readings:
    """One floor for each day that starts; a locked day counts as breached, as a failed account does. Days that are told
    after a failure are as in ``max_loss``."""
    outcomes = _ENDS_OR_GOES_ON if parameters.on_breach == "hard" else _GOES_ON
    return tuple(
        _daily_loss(parameters, inputs, cmp, outcome)
        for cmp in comparisons(parameters.breach_when)
        for outcome in outcomes
    )


def _daily_loss(
    parameters: DailyLossParameters, inputs: Sequence[DailyLossInput], cmp: Comparison, outcome: Outcome
) -> Figures:
    amount, pct = one_of(parameters.limit_amount, parameters.limit_pct, "limit_amount and limit_pct")
    start = None if parameters.starting_balance is None else money(parameters.starting_balance)
    if pct is not None and parameters.pct_base == "initial":
        needed(start, "starting_balance")
    rule = DailyLoss(
        Size(amount, pct),
        pct_base=parameters.pct_base,
        reference=_REFERENCES[parameters.reference],
        cmp=cmp,
        outcome=outcome,
    )
    account = CaseAccount(Stage(STAGE, "evaluation", NO_MAX_LOSS, daily_loss=rule), start or Micros(0))
    breach_seq: int | None = None
    floors: list[Micros] = []
    for told in inputs:
        match told:
            case DayStart():
                account.roll(None, *_at_the_roll(told))
                floors.append(_day_floor(account))
            case EquityInDay():
                if not account.started:
                    needed(start, "a day_start or a starting_balance")
                    account.roll()
                account.metric(account.state.balance, money(told.equity))
            case _:
                assert_never(told)
        if breach_seq is None and account.hits("daily_loss"):
            breach_seq = told.seq
    figures: dict[str, Amount | bool | int | tuple[Amount, ...] | None] = {
        "floors": amounts(floors),
        "breached": breach_seq is not None,
        "breach_seq": breach_seq,
    }
    if inputs:
        figures["remaining_after_last"] = Amount(account.state.equity - _day_floor(account))
    return figures


def _at_the_roll(told: DayStart) -> tuple[Micros, Micros]:
    """Balance and equity; an account of which one alone is told holds nothing."""
    balance = needed(told.balance if told.balance is not None else told.equity, "balance or equity of a day_start")
    return money(balance), money(told.equity if told.equity is not None else balance)


def _day_floor(account: CaseAccount) -> Micros:
    return needed(account.state.day_floor, "a day")


def symmetric_cap(parameters: SymmetricCapParameters, inputs: Sequence[PriorEquity], _table: SessionTable) -> Readings:
    """Each day_start is the end of a day with that equity, and the roll into the next."""
    pct = rate(parameters.pct)
    rule = DailyLoss(
        Size(pct=pct),
        reference=parameters.reference,
        outcome=parameters.on_breach,
        upper_cap=UpperCap(pct, parameters.on_breach),
    )
    stage = Stage(STAGE, "evaluation", NO_MAX_LOSS, daily_loss=rule)
    account = CaseAccount(stage, money(parameters.starting_balance))
    account.roll()
    for told in inputs:
        account.metric(money(told.equity), money(told.equity))
        account.close_day()
        account.roll()
    last(inputs, "day_start")
    limits = account.state.core.limits
    upper = None if limits is None else limits.cap
    return ({"lower": Amount(_day_floor(account)), "upper": Amount(needed(upper, "a day"))},)


# ------------------------------------------------------------ consistency


def consistency_best_day(
    parameters: BestDayParameters, inputs: Sequence[BestDayInput], _table: SessionTable
) -> Readings:
    """Days are played; of a summary only the rule's own functions can be asked."""
    cap = share_of_profit(parameters.max_best_pct)
    days = [told for told in inputs if isinstance(told, DayClose)]
    summaries = [told for told in inputs if isinstance(told, ProfitSummary)]
    if days and summaries:
        raise CannotJudge("days and summaries cannot be told together")
    last(inputs, "day_close or summary")
    if days:
        return (_best_of_days(parameters, cap, days),)
    return (_best_of_summaries(parameters, cap, summaries),)


def _best_of_days(parameters: BestDayParameters, cap: Ppm, days: Sequence[DayClose]) -> Figures:
    rule = Consistency(cap, cmp=parameters.comparison, unit=parameters.unit)
    account = CaseAccount(Stage(STAGE, "evaluation", NO_MAX_LOSS, consistency=rule), Micros(0))
    account.roll()
    shares: list[Amount | None] = []
    passes: list[bool] = []
    for told in days:
        _play_day(account, money(told.profit))
        shares.append(_percent(best_day(account.terms, account.state), account.profit))
        passes.append(_gate_open(account, "consistency"))
    best, total, today = best_day(account.terms, account.state), account.profit, money(days[-1].profit)
    return {
        "best_pct_after_each": tuple(shares),
        "passes_after_each": tuple(passes),
        **_wanted(cap, best, total),
        "headroom_today": _or_none(headroom_today(Micros(total - today), today, cap, parameters.comparison)),
    }


def _best_of_summaries(parameters: BestDayParameters, cap: Ppm, summaries: Sequence[ProfitSummary]) -> Figures:
    shares: list[Amount | None] = []
    passes: list[bool | None] = []
    for told in summaries:
        best, total = money(told.best), None if told.total_profit is None else money(told.total_profit)
        shares.append(None if total is None else _percent(best, total))
        passes.append(None if total is None else met(best, total, cap, parameters.comparison))
    told = summaries[-1]
    best, total = money(told.best), None if told.total_profit is None else money(told.total_profit)
    headroom = None if total is None else headroom_today(Micros(total - best), best, cap, parameters.comparison)
    return {
        "best_pct_after_each": tuple(shares),
        "passes_after_each": tuple(passes),
        **_wanted(cap, best, total),
        "headroom_today": _or_none(headroom),
    }


def _wanted(cap: Ppm, best: Micros, total: Micros | None) -> Figures:
    """max_allowed_best: the published limit, cap x total; the comparison says whether it may be reached."""
    return {
        "required_total_profit": Amount(from_cents(required_total(best, cap))),
        "shortfall": None if total is None else Amount(from_cents(shortfall(best, total, cap))),
        "max_allowed_best": None if total is None else Amount(max_best(total, cap)),
    }


def _percent(best: Micros, total: Micros) -> Amount | None:
    hundredths = share(best, total)
    return None if hundredths is None else Amount(hundredths * PPM_PER_HUNDREDTH_OF_A_PERCENT)


def _or_none(amount: Micros | None) -> Amount | None:
    return None if amount is None else Amount(amount)


def _play_day(account: CaseAccount, profit: Micros) -> None:
    """The running day makes this profit in one trade, and the next begins."""
    account.trade(profit)
    account.close_day()
    account.roll()


def _gate_open(account: CaseAccount, gate: Gate) -> bool:
    """As the engine told it at the last roll."""
    return gate in account.state.core.progress.open_gates


def consistency_day_headroom(
    parameters: DayHeadroomParameters, inputs: Sequence[DaySummary], _table: SessionTable
) -> Readings:
    """What today may still bring, and what it may bring in all."""
    cap, told = share_of_profit(parameters.max_best_pct), last(inputs, "summary")
    prior = money(told.prior_total_profit)
    most = max_compliant_day(prior, cap)
    dollars = None if most is None else Micros(half_up(most, MICROS_PER_DOLLAR) * MICROS_PER_DOLLAR)
    return (
        {
            "headroom_today": _or_none(headroom_today(prior, money(told.today_profit), cap)),
            "max_compliant_day_rounded_to_dollar": _or_none(dollars),
        },
    )


_EFFECTS: Final[dict[str, Literal["extend_excess", "extend_ratio"]]] = {
    "add_excess_to_target": "extend_excess",
    "target_becomes_day_div_pct": "extend_ratio",
}


def target_inflation(
    parameters: TargetInflationParameters, inputs: Sequence[DayClose], _table: SessionTable
) -> Readings:
    """Days toward a target that a day above the cap moves away."""
    cap, goal = share_of_profit(parameters.max_day_pct_of_target), money(parameters.profit_target)
    rule = Consistency(cap, denominator="target", effect=_EFFECTS[parameters.on_excess])
    stage = Stage(STAGE, "evaluation", NO_MAX_LOSS, target=Target(Size(amount=goal)), consistency=rule)
    account = CaseAccount(stage, Micros(0))
    account.roll()
    targets: list[Micros] = []
    cumulative: list[Micros] = []
    passed_after: int | None = None
    for told in inputs:
        _play_day(account, money(told.profit))
        targets.append(_target_told(account, goal))
        cumulative.append(account.profit)
        if passed_after is None and account.state.verdict == "passed":
            passed_after = told.seq
    return (
        {
            "target_after_each": amounts(targets),
            "cumulative": amounts(cumulative),
            "day_cap_before": Amount(max_best(goal, cap)),
            "passed_after_seq": passed_after,
        },
    )


def _target_told(account: CaseAccount, goal: Micros) -> Micros:
    """The target as the engine last told it."""
    for finding in reversed(account.findings):
        match finding:
            case Passed():
                return finding.target
            case TargetExtended():
                return finding.after
            case _:
                pass
    return goal


# ------------------------------------------------------------ size


_CLASSES: Final[dict[str, SizeClass]] = {"micro": "micro", "small": "mini", "mini": "mini", "full": "full"}
"""The class of a contract of that name; ``small`` is no class of ours, so a plan weighs it by its symbol."""


def _contract(name: str) -> Contract:
    return Contract(
        root=name.upper(),
        name=name,
        exchange="example",
        group="equity_index",
        tick_size="0.000001",
        tick_value=Micros(1),
        size_class=_CLASSES[name],
        weight=ONE,
        product=name.upper(),
        months="",
    )


def position_limit(parameters: PositionParameters, inputs: Sequence[OpenPositions], _table: SessionTable) -> Readings:
    """What the last input holds is opened one class after the other, on two accounts: with the limit, and to count."""
    weights = {
        name.upper() if name not in ("micro", "mini", "full") else name: rate(weight)
        for name, weight in parameters.weights.items()
    }
    holdings = last(inputs, "open_positions").holdings
    for name in holdings:
        if name not in parameters.weights:
            raise CannotJudge(f"{name} has no weight")
    limit = PositionLimit(rate(parameters.max_units), parameters.unit, weights, include_working_orders=False)
    # What the engine counts shows in a hit only: against a limit of nothing, every position is one.
    nothing = PositionLimit(Ppm(0), parameters.unit, weights, include_working_orders=False)
    allowed = not _opened(limit, holdings).hits("position")
    counted = _opened(nothing, holdings).hits("position")
    return ({"units_used": Amount(counted[-1].evidence.actual if counted else 0), "allowed": allowed},)


def _opened(rule: PositionLimit, holdings: dict[Literal["micro", "small", "mini", "full"], int]) -> CaseAccount:
    contracts = [_contract(name) for name in holdings]
    account = CaseAccount(Stage(STAGE, "evaluation", NO_MAX_LOSS, position=rule), Micros(0), contracts)
    account.roll()
    for name, quantity in holdings.items():
        if quantity:
            account.fill(name.upper(), quantity)
    return account


def scaling_plan(parameters: ScalingParameters, inputs: Sequence[ScalingInput], _table: SessionTable) -> Readings:
    """Each order is opened and closed again on the account; ``from`` includes the figure itself."""
    tiers = tuple(ScalingTier(money(tier.from_profit), whole(tier.max)) for tier in parameters.tiers)
    if any(after.start <= before.start for before, after in itertools.pairwise(tiers)):
        raise CannotJudge("the tiers do not rise")
    stage = Stage(STAGE, "sim_funded", NO_MAX_LOSS, scaling=Scaling(tiers))
    account = CaseAccount(stage, Micros(0))
    account.roll()
    for told in inputs:
        match told:
            case EodProfit():
                account.metric(money(told.profit), money(told.profit))
                account.close_day()
                account.roll()
            case IntradayProfit():
                account.metric(money(told.profit), money(told.profit))
            case OrderTotal():
                if told.contracts:
                    account.fill(PLAIN.root, told.contracts)
                    account.fill(PLAIN.root, -told.contracts)
            case _:
                assert_never(told)
    tier = needed(account.state.core.tier, "a tier")
    return ({"max_contracts": tier // ONE, "allowed": not account.hits("scaling")},)


# ------------------------------------------------------------ times

_MUST_BE_FLAT: Final = Times(overnight=False, weekend=False, holidays=False)
_UTC_DAYS: Final = Clock("UTC", time(0), time(0), calendar="civil")
_NOT_FLAT: Final[tuple[Rule, ...]] = ("overnight", "weekend", "holidays", "closed_time")


def flat_by_cutoff(parameters: FlatByParameters, inputs: Sequence[PositionOpenAt], table: SessionTable) -> Readings:
    """The day rolls when trading reopens. Each position is opened at its instant, whatever came before it."""
    reopen = time_of_day(parameters.reopen)
    sessions = Sessions(Clock(parameters.timezone, reopen, reopen, time_of_day(parameters.flat_by)), table)
    last(inputs, "position_open_at")
    instants = [wall(told.local_time, parameters.timezone) for told in inputs]
    return ({"violation": any(_must_be_flat(sessions, at) for at in instants)},)


def _must_be_flat(sessions: Sessions, at: int) -> bool:
    """Of a position that is open at this instant. Where nothing has traded since the roll (a weekend, a closed
    holiday), it was opened before that."""
    began = sessions.day_at(at).opens
    traded = sessions.is_open(PLAIN.group, at) or sessions.next_open(PLAIN.group, began - 1) <= at
    opened = at if traded else began - 1
    day = sessions.day_at(opened)
    account = CaseAccount(Stage(STAGE, "evaluation", NO_MAX_LOSS, times=_MUST_BE_FLAT), Micros(0))
    account.enter(day)
    for event in sessions.clock_events(day):
        if event.at <= opened:
            account.feed(event)
    account.fill(PLAIN.root, 1, at=opened)
    return bool(account.hits(*_NOT_FLAT))


def trading_day_count(parameters: DayCountParameters, inputs: Sequence[FillAt], table: SessionTable) -> Readings:
    """The days that the engine counted, on the exchange's calendar."""
    roll = time_of_day(parameters.day_roll)
    sessions = Sessions(Clock(parameters.timezone, roll, roll), table)
    account = CaseAccount(Stage(STAGE, "evaluation", NO_MAX_LOSS), Micros(0))
    for told in inputs:
        at = wall(told.local_time, parameters.timezone)
        account.enter(sessions.day_at(at))
        account.fill(PLAIN.root, 1, at=at)
    days: list[date] = [finding.day for finding in account.findings if isinstance(finding, DayCounted)]
    return ({"trading_days": tuple(days), "count": account.state.trading_days},)


def news_window(parameters: NewsParameters, inputs: Sequence[NewsInput], table: SessionTable) -> Readings:
    """Releases, executions and positions in order of time, whatever their order in the file."""
    sessions = Sessions(_UTC_DAYS, table)
    releases = _releases([told for told in inputs if isinstance(told, NewsEvent)], sessions)
    rule = News(
        before_s=parameters.minutes_before * 60,
        after_s=parameters.minutes_after * 60,
        mode="flat_required" if parameters.flat_required else "strip_profit",
        events={release.category: ("*",) for release in releases.rows},
        feed=releases.feed,
    )
    account = CaseAccount(Stage(STAGE, "sim_funded", NO_MAX_LOSS, news=rule), Micros(0))
    plan: list[tuple[int, int, Callable[[], None]]] = []
    for window in news_windows(rule, releases):
        plan.append((window.closes, 0, partial(account.feed, window.closed())))
        plan.append((window.opens, 1, partial(account.feed, window.opened(window.opens))))
    for told in inputs:
        if isinstance(told, NewsEvent):
            continue
        symbol, (bought, sold, profit) = f"{PLAIN.root}{told.seq}", _trade(told)
        plan.append((bought, 2, partial(account.fill, PLAIN.root, 1, symbol=symbol, at=bought)))
        plan.append((sold, 2, partial(account.fill, PLAIN.root, -1, ENTRY_PRICE + profit, symbol=symbol, at=sold)))
    for at, _, act in sorted(plan, key=itemgetter(0, 1)):
        account.enter(sessions.day_at(at))
        act()
    stripped = sum(found.amount for found in account.findings if isinstance(found, ProfitStripped))
    return (
        {
            "violation": bool(account.hits("news")),
            "profit_deducted": Amount(stripped),
            "account_breached": account.state.verdict == "breached",
        },
    )


def _trade(told: Execution | PositionOpenDuring) -> tuple[int, int, Micros]:
    """When it was opened, when it was closed, and its profit. An execution is a whole trade at its instant."""
    match told:
        case Execution():
            return utc(told.utc), utc(told.utc), money(told.profit)
        case PositionOpenDuring():
            bought, sold = utc(told.from_utc), utc(told.to_utc)
            if sold < bought:
                raise CannotJudge(f"input {told.seq} closes before it opens")
            return bought, sold, Micros(0)
        case _:
            assert_never(told)


def _releases(told: Sequence[NewsEvent], sessions: Sessions) -> NewsCalendar:
    """Each of its own category: releases of one category and day would be one."""
    rows = []
    for event in told:
        at = utc(event.utc)
        rows.append(Release(f"release {event.seq}", at, sessions.day_at(at).label, "high impact", ""))
    return NewsCalendar("example", "example", tuple(rows))


# ------------------------------------------------------------ behaviour


def per_trade_risk(parameters: TradeRiskParameters, inputs: Sequence[TradeRiskInput], _table: SessionTable) -> Readings:
    """One position with the example's orders."""
    match parameters.kind:
        case "max_adverse_excursion":
            return (_adverse_excursion(rate(needed(parameters.pct, "pct")), inputs),)
        case "stop_to_target_ratio":
            return (_stop_to_target(rate(needed(parameters.max_ratio, "max_ratio")), inputs),)
        case _:
            assert_never(parameters.kind)


def _adverse_excursion(pct: Ppm, inputs: Sequence[TradeRiskInput]) -> Figures:
    """A day with that profit, then a position that falls to its stop, and then far below it."""
    state = last([told for told in inputs if isinstance(told, DayProfitState)], "state")
    orders = [told for told in inputs if isinstance(told, Order)]
    profit = money(state.start_of_day_profit)
    if profit <= 0:
        raise CannotJudge("without a profit at the start of the day the drawdown is the base, which is not told")
    rule = Behaviour(mae=AdverseExcursion(pct))
    account = CaseAccount(Stage(STAGE, "sim_funded", NO_MAX_LOSS, behaviour=rule), Micros(0))
    account.roll()
    _play_day(account, profit)
    account.fill(PLAIN.root, 1)
    for order in orders:
        account.mark(ENTRY_PRICE - money(order.stop))
    allowed = not account.hits("mae")
    account.mark(ENTRY_PRICE - portion(profit, pct) - MICROS_PER_DOLLAR)
    return {"allowed": allowed, "limit": Amount(last(account.hits("mae"), "limit").evidence.limit)}


def _stop_to_target(ratio: Ppm, inputs: Sequence[TradeRiskInput]) -> Figures:
    orders = [told for told in inputs if isinstance(told, Order)]
    rule = Behaviour(stop_target_ratio=ratio)
    hits = 0
    for order in orders:
        account = CaseAccount(Stage(STAGE, "sim_funded", NO_MAX_LOSS, behaviour=rule), Micros(0))
        account.roll()
        account.fill(PLAIN.root, 1)
        account.protect(stop=ENTRY_PRICE - money(order.stop), limit=ENTRY_PRICE + money(order.target))
        hits += len(account.hits("stop_target_ratio"))
    return {"allowed": not hits, "limit": Amount(portion(money(last(orders, "order").target), ratio))}


# ------------------------------------------------------------ days


def qualifying_day_count(
    parameters: QualifyingParameters, inputs: Sequence[DayClose], _table: SessionTable
) -> Readings:
    """Each day_close is a day with one trade."""
    rule = Qualifying(Size(amount=money(parameters.min_day_profit)), parameters.required)
    account = CaseAccount(Stage(STAGE, "evaluation", NO_MAX_LOSS, days=Days(qualifying=rule)), Micros(0))
    account.roll()
    for told in inputs:
        _play_day(account, money(told.profit))
    return (
        {
            "qualifying": qualifying_days(account.terms, account.state),
            "satisfied": _gate_open(account, "qualifying_days"),
        },
    )

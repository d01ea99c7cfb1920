"""The oracle against published figures: worked examples of real firms, so that the judge is judged too.

Each case is told to the oracle as a history, and its figures are compared with the published ones (to the cent, as
they are printed). A case may publish more than the oracle answers: what belongs to other parts of the house is named
here, and a key that nobody knows fails its case.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from propfirm.domain.catalogue.program import (
    AdverseExcursion,
    Behaviour,
    Clock,
    Consistency,
    DailyLoss,
    Days,
    MaxLoss,
    News,
    PayoutTerms,
    PositionLimit,
    Program,
    Qualifying,
    Scaling,
    ScalingTier,
    Size,
    Split,
    SplitStep,
    Stage,
    Target,
    Times,
    UpperCap,
)
from propfirm.domain.market.contracts import Contract
from propfirm.domain.money import Micros, Ppm, half_up, ratio, usd
from propfirm.domain.rules.events import (
    CashMoved,
    DayRolled,
    EodSnapshot,
    Event,
    Fill,
    FlatBy,
    Mark,
    Metric,
    OrdersChanged,
    WindowClosed,
    WindowOpened,
    WorkingOrder,
)
from propfirm.domain.rules.findings import Finding, Hit, ProfitStripped, Rule
from tests.oracle.oracle import SECOND, Oracle
from tests.strategies.histories import CONTRACTS, HOUR, Options, Platform

Case: TypeAlias = dict[str, Any]
Figures: TypeAlias = dict[str, Any]

CASES: Final[list[Case]] = json.loads((Path(__file__).parents[1] / "data" / "golden-cases.json").read_text())["cases"]
MONDAY: Final = date(2025, 3, 3)
NO_LIMIT: Final = MaxLoss(mode="static", size=Size(amount=usd("10000000")))
FREE: Final = Times(overnight=True, weekend=True, holidays=True)
CENT: Final = replace(CONTRACTS["ES"], root="CENT", product="CENT", tick_value=Micros(10_000))
"""A contract whose tick is a cent, so that any published amount is a whole number of ticks."""

ELSEWHERE: Final = {
    "allocation_cap",
    "consistency_day_headroom",
    "dynamic_payout_target",
    "payout_amount",
    "profit_split",
    "stage_transfer_balance",
    "tax_reporting",
}
"""Rules about persons, payouts and taxes: no event of an account is judged by them."""
DISPLAY: Final = {"required_total_profit", "headroom_today", "shortfall", "max_allowed_best", "day_cap_before"}
"""Figures worked out for a trader's screen from what the oracle answers."""


class Story:
    """Tells the oracle one case, a day after another."""

    def __init__(self, stage: Stage, initial: Micros, contracts: dict[str, Contract] | None = None) -> None:
        clock = Clock("UTC", time(22), time(21))
        program = Program("golden", 1, "Golden", date(2025, 1, 1), initial, clock, (stage,))
        self.oracle = Oracle(program, stage.name, contracts or {"CENT": CENT}, Platform(), Options())
        self.day = MONDAY
        self.seq = 0
        self.at = 0
        self.said: list[Finding] = []

    def tell(self, make: Callable[[int, int], Event], *, at: int | None = None) -> None:
        self.seq += 1
        self.at = self.at + SECOND if at is None else at
        self.said += self.oracle.hear(make(self.seq, self.at))

    def roll(self, balance: Micros | None = None, equity: Micros | None = None, *, at: int | None = None) -> None:
        """The next day begins."""
        self.day += timedelta(days=1)
        begins = self.day.toordinal() * 24 * HOUR if at is None else at
        until = begins + 24 * HOUR
        self.tell(lambda seq, at: DayRolled(seq, at, self.day, until, balance=balance, equity=equity), at=begins)

    def report(self, balance: Micros, equity: Micros | None = None) -> None:
        self.tell(lambda seq, at: Metric(seq, at, balance, balance if equity is None else equity))

    def snapshot(self) -> None:
        self.tell(lambda seq, at: EodSnapshot(seq, at, self.day))

    def pay(self, gross: Micros, share: Micros) -> None:
        self.tell(lambda seq, at: CashMoved(seq, at, "payout", Micros(-gross), gross, share))

    def fill(self, quantity: int, price: int, root: str = "CENT", *, at: int | None = None) -> None:
        self.tell(lambda seq, at: Fill(seq, at, f"x{seq}", root, root, quantity, price, Micros(0)), at=at)

    @property
    def now(self) -> int:
        return len(self.oracle.events)

    def hits(self, *rules: Rule) -> list[Hit]:
        return [finding for finding in self.said if isinstance(finding, Hit) and finding.rule in rules]


def stage_of(loss: MaxLoss = NO_LIMIT, *, start: str = "50000.00", **rules: Any) -> Stage:
    zero_based = usd(start) == 0
    return Stage("golden", "evaluation", loss, zero_based=zero_based, times=rules.pop("times", FREE), **rules)


def initial_of(start: str) -> Micros:
    """The nominal size; a zero-based account has one too."""
    return usd(start) or usd("50000.00")


def money(amount: int) -> str:
    cents = half_up(amount, 10_000)
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def size_of(parameters: Case, name: str) -> Size:
    if f"{name}_amount" in parameters:
        return Size(amount=usd(parameters[f"{name}_amount"]))
    return Size(pct=ratio(parameters[f"{name}_pct"]))


def comparison(parameters: Case) -> Literal["touch", "below"]:
    return "below" if parameters["breach_when"] == "below" else "touch"


def first(numbers: list[int]) -> int | None:
    return numbers[0] if numbers else None


# ---------------------------------------------------------------------- losses

MODES: Final[dict[str, Literal["static", "trail_eod", "trail_closed", "trail_intraday"]]] = {
    "none": "static",
    "eod_balance": "trail_eod",
    "closed_balance": "trail_closed",
    "intraday_equity": "trail_intraday",
}


def max_loss(case: Case) -> Figures:
    parameters = case["parameters"]
    start, lock = parameters["starting_balance"], parameters["lock_level"]
    loss = MaxLoss(
        mode=MODES[parameters["trail_basis"]],
        size=size_of(parameters, "drawdown"),
        pct_base=parameters.get("pct_base", "initial"),
        lock="none" if lock is None else "at",
        lock_value=usd(lock or "0"),
        cmp=comparison(parameters),
    )
    story = Story(stage_of(loss, start=start), initial_of(start))
    initial_floor = story.oracle.standing().floor
    story.roll()
    floors, locked, broken, balance, equity = [], [], [], usd(start), usd(start)
    for told in case["inputs"]:
        balance = usd(told.get("balance", money(balance)))
        equity = usd(told["equity"]) if told["type"] == "equity" else balance
        story.report(balance, equity)
        if told["type"] == "day_end":
            story.snapshot()
            story.roll()
        floors.append(money(story.oracle.standing().floor))
        locked.append(story.oracle.capped(story.now))
        broken += [told["seq"]] * bool(story.hits("max_loss"))
    return {
        "initial_floor": money(initial_floor),
        "floors": floors,
        "locked": locked,
        "breached": story.oracle.standing().verdict == "breached",
        "breach_seq": first(broken),
        "remaining_after_last": money(equity - story.oracle.standing().floor),
    }


REFERENCES: Final[dict[str, Literal["balance", "equity", "max"]]] = {
    "balance": "balance",
    "equity": "equity",
    "max_balance_equity": "max",
}


def daily_loss_limit(case: Case) -> Figures:
    parameters, inputs = case["parameters"], case["inputs"]
    start = parameters.get("starting_balance", inputs[0]["balance"])
    daily = DailyLoss(
        size=size_of(parameters, "limit"),
        pct_base=parameters.get("pct_base", "initial"),
        reference=REFERENCES[parameters["reference"]],
        cmp=comparison(parameters),
        outcome="fail" if parameters["on_breach"] == "hard" else "lock_day",
    )
    story = Story(stage_of(start=start, daily_loss=daily), initial_of(start))
    floors, broken, balance, equity = [], [], usd("0"), usd("0")
    for told in inputs:
        equity = usd(told["equity"])
        if told["type"] == "day_start":
            balance = usd(told["balance"])
            story.roll(balance, equity)
            floors.append(money(story.oracle.day_floor(story.now)))
        else:
            story.report(balance, equity)
        broken += [told["seq"]] * bool(story.hits("daily_loss"))
    return {
        "floors": floors,
        "breached": bool(broken),
        "breach_seq": first(broken),
        "remaining_after_last": money(equity - story.oracle.day_floor(story.now)),
    }


def daily_symmetric_cap(case: Case) -> Figures:
    parameters = case["parameters"]
    cap = ratio(parameters["pct"])
    daily = DailyLoss(size=Size(pct=cap), reference=parameters["reference"], upper_cap=UpperCap(cap))
    story = Story(stage_of(daily_loss=daily), usd(parameters["starting_balance"]))
    equity = usd(case["inputs"][0]["equity"])
    story.roll(equity, equity)
    story.report(equity, usd("10000000"))
    (hit,) = story.hits("daily_cap")
    return {"lower": money(story.oracle.day_floor_in_force(story.now)), "upper": money(hit.evidence.limit)}


def payout_floor_effect(case: Case) -> Figures:
    parameters = case["parameters"]
    start = parameters["starting_balance"]
    split = parameters.get("on_payout", {}).get("split", "1")
    fixed = parameters.get("on_first_payout", {}).get("set_floor_to")
    loss = MaxLoss(
        mode="trail_payout" if "on_payout" in parameters else "trail_closed" if fixed is None else "static",
        size=Size(amount=usd(parameters.get("drawdown_amount", "5000.00"))),
        lock="at" if "lock_level" in parameters else "none",
        lock_value=usd(parameters.get("lock_level", "0")),
        cmp=comparison(parameters),
    )
    terms = PayoutTerms(
        split=Split("flat", (SplitStep(0, ratio(split)),)),
        floor_effect="unchanged" if fixed is None else "set_to_zero" if usd(start) == 0 else "set_to_start_plus",
        floor_effect_value=Micros(usd(fixed or "0") - usd(start)),
        floor_effect_first_only=True,
    )
    story = Story(stage_of(loss, start=start, payout=terms), initial_of(start))
    initial_floor = story.oracle.standing().floor
    share = Micros(0)
    story.roll()
    for told in case["inputs"]:
        if told["type"] == "state":
            story.report(usd(told["equity"]))
            continue
        gross = usd(told["amount"])
        share = Micros(gross * ratio(split) // 1_000_000)
        story.pay(gross, share)
    standing = story.oracle.standing()
    return {
        "trader_share": money(share),
        "floor_initial": money(initial_floor),
        "floor_after": money(standing.floor),
        "equity_after": money(standing.equity),
        "room_after": money(standing.equity - standing.floor),
        "breached": standing.verdict == "breached",
    }


# ---------------------------------------------------------------------- days, consistency, target


def consistency_best_day(case: Case) -> Figures:
    parameters = case["parameters"]
    rule = Consistency(cap=ratio(parameters["max_best_pct"]), cmp=parameters["comparison"], unit=parameters["unit"])
    story = Story(stage_of(consistency=rule), usd("50000.00"))
    percentages, passes = [], []
    for profits in days_of(case["inputs"]):
        for profit in profits:
            balance = Micros(story.oracle.standing().balance + profit)
            story.roll()
            story.report(balance)
        best, total = story.oracle.best(story.now), story.oracle.profit(story.now)
        percentages.append(money(half_up(best * 100 * 1_000_000, total)))
        passes.append(story.oracle.consistent(story.now))
    return {"best_pct_after_each": percentages, "passes_after_each": passes}


def days_of(inputs: list[Case]) -> list[list[Micros]]:
    """One entry per input: the days that it stands for. A summary is its best day and whatever fills up the total."""
    days = []
    for told in inputs:
        if told["type"] == "day_close":
            days.append([usd(told["profit"])])
            continue
        best, total = usd(told["best"]), usd(told["total_profit"])
        whole, rest = divmod(total - best, best)
        days.append([best, *[best] * whole, *[Micros(rest)] * (rest > 0)])
    return days


def consistency_target_inflation(case: Case) -> Figures:
    parameters = case["parameters"]
    effect: Literal["extend_excess", "extend_ratio"] = (
        "extend_excess" if parameters["on_excess"] == "add_excess_to_target" else "extend_ratio"
    )
    rule = Consistency(cap=ratio(parameters["max_day_pct_of_target"]), denominator="target", effect=effect)
    target = Target(Size(amount=usd(parameters["profit_target"])))
    story = Story(stage_of(target=target, consistency=rule), usd("50000.00"))
    targets, cumulative, passed = [], [], []
    for told in case["inputs"]:
        story.roll()
        story.report(Micros(story.oracle.standing().balance + usd(told["profit"])))
        targets.append(money(story.oracle.target_now(story.now)))
        cumulative.append(money(story.oracle.profit(story.now)))
        passed += [told["seq"]] * (story.oracle.standing().verdict == "passed")
    return {"target_after_each": targets, "cumulative": cumulative, "passed_after_seq": first(passed)}


def qualifying_days(case: Case) -> Figures:
    parameters = case["parameters"]
    assert parameters["comparison"] == "gte"
    rule = Qualifying(Size(amount=usd(parameters["min_day_profit"])), parameters["required"])
    story = Story(stage_of(days=Days(qualifying=rule)), usd("50000.00"))
    story.roll()
    for told in case["inputs"]:
        story.report(Micros(story.oracle.standing().balance + usd(told["profit"])))
        story.roll()
    counted = story.oracle.standing().qualifying_days
    return {"qualifying": counted, "satisfied": story.oracle.conditions(story.now)["qualifying_days"]}


def trading_day_count(case: Case) -> Figures:
    zone = ZoneInfo(case["parameters"]["timezone"])
    turn = time.fromisoformat(case["parameters"]["day_roll"])
    moments = [datetime.fromisoformat(told["local_time"]) for told in case["inputs"]]
    story = Story(stage_of(), usd("50000.00"))
    story.day = min(moments).date() - timedelta(days=1)
    for moment in moments:
        instant = int(moment.replace(tzinfo=zone).timestamp()) * SECOND
        while not story.now or instant >= story.oracle.roll_event(story.oracle.roll(story.now)).until:
            evening = datetime.combine(story.day, turn, zone)
            story.roll(at=int(evening.timestamp()) * SECOND)
        story.fill(1, 100, at=instant)
    days = [story.oracle.day(n) for n in range(1, story.now + 1) if story.oracle.counts_day(n)]
    return {"count": story.oracle.standing().trading_days, "trading_days": [str(day) for day in days]}


# ---------------------------------------------------------------------- size, time, news, behaviour


def position_limit(case: Case) -> Figures:
    parameters = case["parameters"]
    weights = {name: ratio(weight) for name, weight in parameters["weights"].items()}
    position = PositionLimit(max=ratio(parameters["max_units"]), weights=weights)
    contracts = {name: replace(CENT, root=name, product=name) for name in weights}
    story = Story(stage_of(position=position), usd("100000.00"), contracts)
    story.roll()
    for name, held in case["inputs"][0]["holdings"].items():
        story.fill(held, 100, name)
    used = Fraction(story.oracle.units(position, story.now), 1_000_000)
    return {"units_used": str(used), "allowed": not story.hits("position")}


def scaling_plan(case: Case) -> Figures:
    tiers = tuple(
        ScalingTier(usd(tier["from_profit"]), ratio(str(tier["max"]))) for tier in case["parameters"]["tiers"]
    )
    story = Story(stage_of(scaling=Scaling(tiers)), usd("50000.00"))
    story.roll()
    for told in case["inputs"]:
        story.report(Micros(usd("50000.00") + usd(told["profit"])))
        if told["type"] == "eod_profit":
            story.snapshot()
            story.roll()
    return {"max_contracts": story.oracle.tier(story.now) // 1_000_000}


def flat_by_cutoff(case: Case) -> Figures:
    parameters = case["parameters"]
    zone = ZoneInfo(parameters["timezone"])
    opened = datetime.fromisoformat(case["inputs"][0]["local_time"]).replace(tzinfo=zone)

    def instant(wall: str, days: int = 0) -> int:
        day = opened.date() + timedelta(days=days)
        return int(datetime.combine(day, time.fromisoformat(wall), zone).timestamp()) * SECOND

    story = Story(stage_of(times=Times()), usd("50000.00"))
    story.roll(at=instant(parameters["reopen"], days=-1))
    story.tell(lambda seq, at: FlatBy(seq, at, (CENT.group,), "night"), at=instant(parameters["flat_by"]))
    if opened.timestamp() * SECOND >= instant(parameters["reopen"]):
        story.roll(at=instant(parameters["reopen"]))
    story.fill(1, 100, at=int(opened.timestamp()) * SECOND)
    return {"violation": bool(story.hits("overnight", "closed_time"))}


def news_window(case: Case) -> Figures:
    parameters, inputs = case["parameters"], case["inputs"]
    (release,) = (instant_of(told["utc"]) for told in inputs if told["type"] == "news_event")
    strips = "profit_deducted" in case["expected"]
    news = News(
        before_s=60 * parameters["minutes_before"],
        after_s=60 * parameters["minutes_after"],
        mode="strip_profit" if strips else "no_execution",
        outcome="strip_profit" if strips else "warn",
    )
    begins, ends = release - news.before_s * SECOND, release + news.after_s * SECOND + 1
    steps: list[tuple[int, Callable[[], None]]] = [
        (begins, lambda: story.tell(lambda seq, at: WindowOpened(seq, at, "w", "news", ("*",), release), at=begins)),
        (ends, lambda: story.tell(lambda seq, at: WindowClosed(seq, at, "w"), at=ends)),
    ]
    story = Story(stage_of(news=news), usd("50000.00"))
    story.roll(at=release - 12 * HOUR)
    story.fill(1, 100_000)
    for told in inputs:
        if told["type"] == "execution":
            at, gain = instant_of(told["utc"]), usd(told.get("profit", "0")) // 10_000
            # A published profit is that of the trade which the execution closes; others only open.
            quantity = -1 if "profit" in told else 1
            steps.append((at, lambda at=at, q=quantity, p=100_000 + gain: story.fill(q, p, at=at)))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
    for _, step in sorted(steps, key=lambda step: step[0]):
        step()
    stripped = [finding.amount for finding in story.said if isinstance(finding, ProfitStripped)]
    return {
        "violation": bool(story.hits("news")),
        "profit_deducted": money(sum(stripped)),
        "account_breached": story.oracle.standing().verdict == "breached",
    }


def instant_of(utc: str) -> int:
    return int(datetime.fromisoformat(utc).astimezone(UTC).timestamp()) * SECOND


def per_trade_risk(case: Case) -> Figures:
    parameters, told = case["parameters"], case["inputs"][0]
    if parameters["kind"] == "max_adverse_excursion":
        mae = AdverseExcursion(pct=ratio(parameters["pct"]), base=parameters["base"])
        story = Story(stage_of(behaviour=Behaviour(mae=mae)), usd("50000.00"))
        balance = Micros(usd("50000.00") + usd(told["start_of_day_profit"]))
        story.roll(balance, balance)
        story.fill(1, 1_000_000)
        story.tell(lambda seq, at: Mark(seq, at, "CENT", 1, 1))
        (hit,) = story.hits("mae")
        return {"limit": money(hit.evidence.limit)}
    behaviour = Behaviour(stop_target_ratio=Ppm(ratio(parameters["max_ratio"])))
    story = Story(stage_of(behaviour=behaviour), usd("50000.00"))
    story.roll()
    story.fill(1, 100_000)
    stop, target = (usd(told[name]) // 10_000 for name in ("stop", "target"))
    working = (
        WorkingOrder("stop", "CENT", "CENT", -1, stop=100_000 - stop),
        WorkingOrder("target", "CENT", "CENT", -1, limit=100_000 + target),
    )
    story.tell(lambda seq, at: OrdersChanged(seq, at, working))
    return {"allowed": not story.hits("stop_target_ratio")}


ANSWERED: Final[dict[str, Callable[[Case], Figures]]] = {
    "consistency_best_day": consistency_best_day,
    "consistency_target_inflation": consistency_target_inflation,
    "daily_loss_limit": daily_loss_limit,
    "daily_symmetric_cap": daily_symmetric_cap,
    "flat_by_cutoff": flat_by_cutoff,
    "max_loss_closed_balance_trailing": max_loss,
    "max_loss_eod_trailing": max_loss,
    "max_loss_intraday_trailing": max_loss,
    "max_loss_static": max_loss,
    "news_window": news_window,
    "payout_floor_effect": payout_floor_effect,
    "per_trade_risk": per_trade_risk,
    "position_limit": position_limit,
    "qualifying_days": qualifying_days,
    "scaling_plan": scaling_plan,
    "trading_day_count": trading_day_count,
}


def published(case: Case) -> Figures:
    return {key: figure for key, figure in case["expected"].items() if key not in DISPLAY}


ASKED: Final = [case for case in CASES if case["rule"] not in ELSEWHERE and published(case)]


@pytest.mark.parametrize("case", ASKED, ids=[case["id"] for case in ASKED])
def test_the_oracle_finds_the_published_figures(case: Case) -> None:
    expected, found = published(case), ANSWERED[case["rule"]](case)
    assert {key: found[key] for key in expected} == expected


def test_every_published_rule_is_answered_here_or_elsewhere() -> None:
    assert {case["rule"] for case in CASES} == ANSWERED.keys() | ELSEWHERE

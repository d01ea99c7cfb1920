"""The risk state of one account: what ``step`` must remember, split by how often it changes.

A quiet mark (no limit reached, no high, no deadline) makes a new ``State`` around the same ``Core``; everything else
makes a new core. Groups inside the core are frozen too and change through their own typed methods. No value here can
be part of a cycle (gc=False), so the collector need not follow the states that a long simulation keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from propfirm.domain.catalogue.program import Outcome
from propfirm.domain.market.positions import Position
from propfirm.domain.money import Micros, Ppm
from propfirm.domain.rules.events import WorkingOrder
from propfirm.domain.rules.findings import Gate, Rule, Verdict
from propfirm.domain.rules.terms import ContractTerms, Terms

FAR: Final = 1 << 62
"""Beyond every amount and every instant: an absent bound."""

UNQUOTED: Final = -FAR
"""In place of a price: the screened symbol has had no mark yet."""


class Trade(Struct, frozen=True, gc=False):
    """A symbol's way from flat to flat, so far. profit: realised minus fees. contracts: opened so far.

    seen: once-a-trade rules already hit. stop_due: when a protective stop must be there, if one is waited for.
    """

    opened: int
    profit: Micros = Micros(0)
    fees: Micros = Micros(0)
    contracts: int = 0
    tainted: bool = False
    taint: Rule = "news"
    seen: tuple[Rule, ...] = ()
    stop_due: int = FAR

    def booked(self, realised: int, fee: int, opened: int = 0) -> Trade:
        return Trade(
            self.opened,
            self.profit + realised - fee,  # type: ignore[arg-type]  # an int is a Micros, see step
            self.fees + fee,  # type: ignore[arg-type]  # as above
            self.contracts + opened,
            self.tainted,
            self.taint,
            self.seen,
            self.stop_due,
        )

    def taint_by(self, rule: Rule) -> Trade:
        return self if self.tainted else replace(self, tainted=True, taint=rule)

    def saw(self, rule: Rule) -> Trade:
        return replace(self, seen=(*self.seen, rule))

    def stop_wanted(self, due: int) -> Trade:
        return replace(self, stop_due=due)


class Held(Struct, frozen=True, gc=False):
    """An open position with its contract and the trade that it belongs to. filled: price of its last fill, in ticks."""

    symbol: str
    contract: ContractTerms
    position: Position
    trade: Trade
    filled: int

    def with_trade(self, trade: Trade) -> Held:
        return Held(self.symbol, self.contract, self.position, trade, self.filled)


class Floor(Struct, frozen=True, gc=False):
    """The maximum-loss floor in force: what moved it last, and the high-water mark. reported: last level told."""

    level: Micros
    high: Micros
    locked: bool
    set_seq: int
    set_at: int
    reported: Micros

    def with_high(self, high: Micros) -> Floor:
        return Floor(self.level, high, self.locked, self.set_seq, self.set_at, self.reported)

    def held(self, *, locked: bool) -> Floor:
        """Locked or not where it is: that moves nothing."""
        return self if locked == self.locked else replace(self, locked=locked)

    def moved(self, level: Micros, *, locked: bool, seq: int, at: int) -> Floor:
        return Floor(level, self.high, locked, seq, at, self.reported)

    def told(self) -> Floor:
        return replace(self, reported=self.level)


class DayLimits(Struct, frozen=True, gc=False):
    """The day's own floors and cap. None: not in force.

    since_seq, since_at: the roll (or cash move) that set them; set_seq, set_at: the event that put the floor there.
    """

    reference: Micros
    limit: Micros | None
    floor: Micros | None
    personal: Micros | None
    cap: Micros | None
    high: Micros
    since_seq: int
    since_at: int
    set_seq: int
    set_at: int

    @property
    def nearest(self) -> Micros | None:
        """The day's floor as people ask for it: the program's or the account's own, whichever is higher."""
        if self.floor is None or self.personal is None:
            return self.personal if self.floor is None else self.floor
        return max(self.floor, self.personal)

    def raised(self, floor: Micros, high: Micros, seq: int, at: int) -> DayLimits:
        return replace(self, floor=floor, high=high, set_seq=seq, set_at=at)

    def with_high(self, high: Micros) -> DayLimits:
        return replace(self, high=high)

    def shifted(self, amount: int, seq: int, at: int) -> DayLimits:
        """After a cash move: everything that the day is measured from moves along."""

        def by(level: Micros | None) -> Micros | None:
            return None if level is None else Micros(level + amount)

        return DayLimits(
            Micros(self.reference + amount),
            self.limit,
            by(self.floor),
            by(self.personal),
            by(self.cap),
            Micros(self.high + amount),
            seq,
            at,
            seq,
            at,
        )


class Day(Struct, frozen=True, gc=False):
    """The trading day that runs. seen / warned: rules already hit / warned of today.

    closed: product groups shut since flat-by, and until when. delta: the end-of-day balance difference, once the
    snapshot was taken.
    """

    label: date
    until: int
    start_balance: Micros
    cash: Micros = Micros(0)
    traded: bool = False
    locked: bool = False
    delta: Micros | None = None
    seen: tuple[Rule, ...] = ()
    warned: tuple[Rule, ...] = ()
    closed: tuple[tuple[str, int], ...] = ()

    def saw(self, rule: Rule) -> Day:
        return self if rule in self.seen else replace(self, seen=(*self.seen, rule))

    def warned_of(self, rule: Rule) -> Day:
        return replace(self, warned=(*self.warned, rule))

    def lock(self) -> Day:
        return replace(self, locked=True)

    def trading(self) -> Day:
        return replace(self, traded=True)

    def paid(self, amount: int) -> Day:
        return replace(self, cash=Micros(self.cash + amount))

    def close_groups(self, groups: tuple[str, ...], until: int) -> Day:
        others = tuple(one for one in self.closed if one[0] not in groups)
        return replace(self, closed=(*others, *((group, until) for group in groups)))

    def is_closed(self, group: str, at: int) -> bool:
        return any(name == group and at < until for name, until in self.closed)

    def snapped(self, delta: Micros) -> Day:
        return replace(self, delta=delta)


class Window(Struct, frozen=True, gc=False):
    """What consistency looks at since the window began. ``counted`` profit is net, or gross of fees by the rule.

    start: counted profit when the window began; day_base: counted profit when its current day began (the day's roll, or
    the window's begin if later). best_day: of the days that are over; best_trade: of the trades that are over.
    """

    start: Micros
    day_base: Micros
    best_day: Micros | None = None
    best_trade: Micros | None = None

    def first_day(self, counted: Micros) -> Window:
        """The window's first day begins; what was there before it is no day's profit."""
        return Window(self.start, counted)

    def day_over(self, counted: Micros) -> Window:
        profit = Micros(counted - self.day_base)
        best = profit if self.best_day is None else max(self.best_day, profit)
        return Window(self.start, counted, best, self.best_trade)

    def trade_over(self, profit: Micros) -> Window:
        best = profit if self.best_trade is None else max(self.best_trade, profit)
        return Window(self.start, self.day_base, self.best_day, best)

    def best(self, unit: Literal["day", "trade"], counted: Micros) -> Micros:
        """The best day (today included) or trade so far; 0 where nothing won yet."""
        if unit == "trade":
            return self.best_trade if self.best_trade is not None and self.best_trade > 0 else Micros(0)
        today = Micros(counted - self.day_base)
        return max(Micros(0), today, self.best_day if self.best_day is not None else today)


class Counters(Struct, frozen=True, gc=False):
    """Days and payouts, since the stage's windows began; cycle_*: since the last payout, if that is later.

    cycle_profit_start: stage profit when the cycle began; stage_day_base, cycle_day_base: stage profit when the current
    day of the window began. first_day: the day on which the stage's windows began.
    """

    trading_days: int = 0
    cycle_trading_days: int = 0
    qualifying_stage: int = 0
    qualifying_cycle: int = 0
    qualifying_lifetime: int = 0
    payouts: int = 0
    paid_to_trader: Micros = Micros(0)
    cycle_profit_start: Micros = Micros(0)
    cycle_day_base: Micros = Micros(0)
    stage_day_base: Micros = Micros(0)
    first_day: date | None = None
    stripped: Micros = Micros(0)

    def began(self, day: date, profit: Micros) -> Counters:
        return replace(self, first_day=day, cycle_day_base=profit, stage_day_base=profit)

    def restarted(self, day: date, profit: Micros) -> Counters:
        """Days anew, from this one; payouts, the lifetime count and what was stripped stay."""
        return replace(self.new_cycle(profit).began(day, profit), trading_days=0, qualifying_stage=0)

    def trading_day(self) -> Counters:
        return replace(self, trading_days=self.trading_days + 1, cycle_trading_days=self.cycle_trading_days + 1)

    def qualified(self, *, stage: bool, cycle: bool, lifetime: bool) -> Counters:
        return replace(
            self,
            qualifying_stage=self.qualifying_stage + stage,
            qualifying_cycle=self.qualifying_cycle + cycle,
            qualifying_lifetime=self.qualifying_lifetime + lifetime,
        )

    def day_over(self, profit: Micros) -> Counters:
        return replace(self, cycle_day_base=profit, stage_day_base=profit)

    def new_cycle(self, profit: Micros) -> Counters:
        return replace(self, cycle_profit_start=profit, cycle_day_base=profit, qualifying_cycle=0, cycle_trading_days=0)

    def paid(self, share: Micros) -> Counters:
        return replace(self, payouts=self.payouts + 1, paid_to_trader=Micros(self.paid_to_trader + share))

    def strip(self, profit: Micros) -> Counters:
        return replace(self, stripped=Micros(self.stripped + profit))


class Activity(Struct, frozen=True, gc=False):
    """What executions and finished trades add up to: the counters that every fill moves, apart from the others so that
    it need not copy them. recent: instants of the executions within the last second, where a program counts them."""

    last_fill_day: date | None = None
    fills_this_week: int = 0
    trades: int = 0
    trades_held: int = 0
    trades_profit: Micros = Micros(0)
    trades_held_profit: Micros = Micros(0)
    recent: tuple[int, ...] = ()

    def filled(self, day: date) -> Activity:
        return Activity(
            day,
            self.fills_this_week + 1,
            self.trades,
            self.trades_held,
            self.trades_profit,
            self.trades_held_profit,
            self.recent,
        )

    def trade_over(self, profit: Micros, *, held: bool) -> Activity:
        return Activity(
            self.last_fill_day,
            self.fills_this_week,
            self.trades + 1,
            self.trades_held + held,
            self.trades_profit + profit,  # type: ignore[arg-type]  # an int is a Micros, see step
            self.trades_held_profit + (profit if held else 0),  # type: ignore[arg-type]  # as above
            self.recent,
        )

    def at_pace(self, recent: tuple[int, ...]) -> Activity:
        return replace(self, recent=recent)

    def restarted(self) -> Activity:
        """Finished trades anew; when the last executions were stays as it is."""
        return Activity(self.last_fill_day, self.fills_this_week, recent=self.recent)

    def new_week(self) -> Activity:
        return replace(self, fills_this_week=0)


class Snapshot(Struct, frozen=True, gc=False):
    """The last end-of-day snapshot: balance, equity, and all cash moved by then."""

    balance: Micros
    equity: Micros
    cash: Micros


class Progress(Struct, frozen=True, gc=False):
    """Where the stage stands toward its target. extension: what consistency has added to it.

    reached: met once (sticky); met: at the last judging. open_gates: at the last roll.
    """

    extension: Micros = Micros(0)
    reached: bool = False
    met: bool = False
    open_gates: tuple[Gate, ...] = ()

    def extended(self, by: int) -> Progress:
        return replace(self, extension=Micros(self.extension + by))

    def judged(self, *, met: bool) -> Progress:
        return replace(self, met=met, reached=self.reached or met)

    def gates_seen(self, gates: tuple[Gate, ...]) -> Progress:
        return replace(self, open_gates=gates)


class OpenWindow(Struct, frozen=True, gc=False):
    """A news window or blackout that is open now."""

    name: str
    kind: Literal["news", "blackout"]
    products: tuple[str, ...]
    release: int


class StrikeCount(Struct, frozen=True, gc=False):
    """Days on which hits of a counted rule fell, one entry a counted hit."""

    rule: str
    days: tuple[date, ...]


class Tally(Struct, frozen=True, gc=False):
    """What days, payouts and hits have added up to: no ordinary fill or mark changes any of it.

    cash: all that was ever moved. tier: contracts that scaling allows today; next_tier: from the next day on.
    review: rules whose hits people must look at before a payout.
    """

    counters: Counters
    stage_window: Window
    cycle_window: Window
    cash: Micros = Micros(0)
    progress: Progress = Progress()
    snapshot: Snapshot | None = None
    tier: Ppm | None = None
    next_tier: Ppm | None = None
    strikes: tuple[StrikeCount, ...] = ()
    review: tuple[Rule, ...] = ()

    def with_counters(self, counters: Counters) -> Tally:
        return replace(self, counters=counters)

    def with_windows(self, stage: Window, cycle: Window) -> Tally:
        return replace(self, stage_window=stage, cycle_window=cycle)

    def with_progress(self, progress: Progress) -> Tally:
        return replace(self, progress=progress)

    def cash_moved(self, amount: int) -> Tally:
        return replace(self, cash=Micros(self.cash + amount))

    def snapped(self, snapshot: Snapshot, next_tier: Ppm | None) -> Tally:
        return replace(self, snapshot=snapshot, next_tier=next_tier)

    def with_tier(self, tier: Ppm | None) -> Tally:
        return replace(self, tier=tier)

    def struck(self, count: StrikeCount) -> Tally:
        others = (one for one in self.strikes if one.rule != count.rule)
        return replace(self, strikes=(*others, count))

    def to_review(self, rule: Rule) -> Tally:
        return self if rule in self.review else replace(self, review=(*self.review, rule))


class Surroundings(Struct, frozen=True, gc=False):
    """What else is so at the moment: open windows, resting orders, and contracts locked at their price limit."""

    windows: tuple[OpenWindow, ...] = ()
    working: tuple[WorkingOrder, ...] = ()
    limit_moves: tuple[str, ...] = ()

    def opened(self, window: OpenWindow) -> Surroundings:
        return replace(self, windows=(*(one for one in self.windows if one.name != window.name), window))

    def closed(self, name: str) -> Surroundings:
        return replace(self, windows=tuple(one for one in self.windows if one.name != name))

    def with_orders(self, working: tuple[WorkingOrder, ...]) -> Surroundings:
        return replace(self, working=working)

    def limit_moved(self, symbol: str, *, on: bool) -> Surroundings:
        others = tuple(one for one in self.limit_moves if one != symbol)
        return replace(self, limit_moves=(*others, symbol) if on else others)


class Thresholds(Struct, frozen=True, gc=False):
    """The equities at which the account's rules speak next, whatever it holds: they follow from floor, day and limits.

    Strictly between lo and hi no loss limit, floor, high, cap or warning is reached. max_warning, daily_warning: at or
    below these equities maximum loss and daily loss warn. excursion: the open loss above which a position breaks the
    adverse-excursion rule. None: it cannot (any more today).
    """

    lo: int
    hi: int
    max_warning: Micros | None
    daily_warning: Micros | None
    excursion: Micros | None


class Core(Struct, frozen=True, gc=False):
    """All that changes less often than the price. The first six fields are the screen: while equity stays strictly
    between lo and hi and the time below until, a mark of ``symbol`` changes nothing but equity.

    equity of a screened mark = base + mult x (bid if mult > 0 else ask).

    quotes: last marks, in ticks; that of ``symbol`` is in the state.
    """

    symbol: str
    mult: int
    base: int
    lo: int
    hi: int
    until: int
    balance: Micros
    fees: Micros
    metered: bool
    positions: tuple[Held, ...]
    quotes: dict[str, tuple[int, int]]
    floor: Floor
    day: Day | None
    limits: DayLimits | None
    activity: Activity
    tally: Tally
    around: Surroundings
    thresholds: Thresholds
    verdict: Verdict

    @property
    def cash(self) -> Micros:
        return self.tally.cash

    @property
    def counters(self) -> Counters:
        return self.tally.counters

    @property
    def stage_window(self) -> Window:
        return self.tally.stage_window

    @property
    def cycle_window(self) -> Window:
        return self.tally.cycle_window

    @property
    def progress(self) -> Progress:
        return self.tally.progress

    @property
    def tier(self) -> Ppm | None:
        return self.tally.tier

    @property
    def strikes(self) -> tuple[StrikeCount, ...]:
        return self.tally.strikes

    @property
    def review(self) -> tuple[Rule, ...]:
        return self.tally.review

    def renumbered(self, numbers: Sequence[int]) -> Core:
        """After a re-run: numbers[n - 1] is the account's own number of the re-run's n-th event."""

        def own(seq: int) -> int:
            return numbers[seq - 1] if seq else 0

        limits = self.limits
        if limits is not None:
            limits = replace(limits, since_seq=own(limits.since_seq), set_seq=own(limits.set_seq))
        return replace(self, floor=replace(self.floor, set_seq=own(self.floor.set_seq)), limits=limits)

    def ended(self, verdict: Verdict) -> Core:
        """With this verdict; once a stage is over its screen has no bounds but the day's end."""
        if verdict == "open" or not self.symbol:
            return replace(self, verdict=verdict)
        return replace(self, verdict=verdict, lo=-FAR, hi=FAR)


class State(Struct, frozen=True, array_like=True, gc=False):
    """The state after event ``seq``. bid, ask: last quote of the core's screened symbol, in ticks, or UNQUOTED."""

    seq: int
    at: int
    equity: Micros
    bid: int
    ask: int
    core: Core

    @property
    def quotes(self) -> dict[str, tuple[int, int]]:
        """The last mark of every contract."""
        core = self.core
        quoted = core.symbol and self.bid != UNQUOTED
        return {**core.quotes, core.symbol: (self.bid, self.ask)} if quoted else core.quotes

    @property
    def balance(self) -> Micros:
        return self.core.balance

    @property
    def floor(self) -> Micros:
        return self.core.floor.level

    @property
    def hwm(self) -> Micros:
        return self.core.floor.high

    @property
    def day(self) -> date | None:
        return self.core.day.label if self.core.day else None

    @property
    def day_floor(self) -> Micros | None:
        return self.core.limits.nearest if self.core.limits else None

    @property
    def locked(self) -> bool:
        return self.core.day is not None and self.core.day.locked

    @property
    def verdict(self) -> Verdict:
        return self.core.verdict

    @property
    def trading_days(self) -> int:
        return self.core.counters.trading_days

    @property
    def payouts(self) -> int:
        return self.core.counters.payouts


SEVERITY: Final[dict[Outcome, int]] = {
    "fail": 7,
    "lock_day": 6,
    "strike": 5,
    "close_offending": 4,
    "strip_profit": 3,
    "block_payout": 2,
    "reject_order": 1,
    "warn": 0,
}


def qualifying_days(terms: Terms, state: State) -> int:
    """Qualifying days in the scope that the program names; the stage's where it names none."""
    counters = state.core.counters
    rule = terms.stage.days.qualifying
    match rule.scope if rule else "stage":
        case "cycle":
            return counters.qualifying_cycle
        case "lifetime":
            return counters.qualifying_lifetime
        case _:
            return counters.qualifying_stage


def best_day(terms: Terms, state: State) -> Micros:
    """The best day (or trade) as the consistency rule sees it, today included, never below 0; by stage and net where
    there is no such rule."""
    rule, core = terms.stage.consistency, state.core
    net = profit_of(terms, state)
    if rule is None:
        return core.stage_window.best("day", net)
    counted = net if rule.include_commissions else Micros(net + core.fees)
    window = core.cycle_window if rule.window == "cycle" else core.stage_window
    return window.best(rule.unit, counted)


def profit_of(terms: Terms, state: State) -> Micros:
    """Trading profit of the stage so far: balance - start - all cash moved."""
    return Micros(state.core.balance - terms.start - state.core.cash)

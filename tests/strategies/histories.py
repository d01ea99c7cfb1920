"""Random lives of one account: days with their clock events, and what a trader and a platform do in between.

A history that ignored the account's limits would hardly ever meet one. So each step may *aim*: it looks at where the
account stands (as the oracle sees it) and chooses the price, the size or the amount that lands on a floor, a target, a
day's minimum or a position limit, or one tick to either side of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from propfirm.domain.catalogue.program import Inactivity, Program, Stage
from propfirm.domain.market.contracts import Contract
from propfirm.domain.money import Micros, Ppm
from propfirm.domain.rules.events import (
    CashMoved,
    Correction,
    DayRolled,
    EodSnapshot,
    Event,
    Fill,
    FlatBy,
    LimitMove,
    Mark,
    Metric,
    OrdersChanged,
    Reinstated,
    WindowClosed,
    WindowOpened,
    WindowsRestarted,
    WorkingOrder,
)
from tests.oracle.oracle import SECOND, NotHeard, Oracle, portion, sized
from tests.strategies.programs import programs
from tests.strategies.short_programs import short_programs

MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DOLLAR: Final = 1_000_000


def _contract(root: str, product: str, group: str, tick_value: int, size_class: str, weight: int) -> Contract:
    return Contract(
        root=root,
        name=root,
        exchange="CME",
        group=group,  # type: ignore[arg-type]  # a literal of the table below
        tick_size="1",
        tick_value=Micros(tick_value),
        size_class=size_class,  # type: ignore[arg-type]  # as above
        weight=Ppm(weight),
        product=product,
        months="HMUZ",
    )


CONTRACTS: Final = {
    contract.root: contract
    for contract in (
        _contract("ES", "ES", "equity_index", 12_500_000, "mini", 1_000_000),
        _contract("MES", "ES", "equity_index", 1_250_000, "micro", 100_000),
        _contract("MYM", "YM", "equity_index", 500_000, "micro", 100_000),
        _contract("CL", "CL", "energy", 10_000_000, "full", 1_000_000),
        _contract("ZN", "ZN", "rates", 15_625_000, "full", 1_000_000),
        _contract("ODD", "ODD", "metals", 333_333, "micro", 200_000),
    )
}
"""Tick values that divide round sums (MYM), that leave half cents (ZN), and one that divides nothing (ODD)."""

SYMBOLS: Final = {
    "ESH5": "ES",
    "ESM5": "ES",
    "MESH5": "MES",
    "MYMH5": "MYM",
    "CLJ5": "CL",
    "ZNM5": "ZN",
    "ODDZ5": "ODD",
}
MONDAYS: Final = (date(2025, 3, 3), date(2024, 12, 23), date(2025, 3, 28))
"""An ordinary week, one before a turn of the ISO year, and a Friday, so that a week ends at once."""
FEES: Final = (0, 0, 0, 1_240_000, 333_333)
NEAR: Final = (0, 0, 0, 1, -1, 2, -3)
SHARES: Final = (-40, -20, -10, -5, 5, 10, 20, 40, 80)
"""Hundredths of the maximum loss that a move of the market may be worth to the account."""
YOUTH: Final = 12
"""So many events long nothing aims at the floor: an account that dies at once meets no other rule."""


class Platform(Struct, frozen=True):
    method: Literal["fifo", "average"] = "average"
    settle: Literal["exact", "per_fill"] = "exact"
    mark: Literal["exit_side", "mid"] = "exit_side"


class Options(Struct, frozen=True):
    daily_loss: bool = False
    personal_daily_loss: Micros | None = None
    lifetime_qualifying: int = 0


_TRADED: Final = st.lists(st.sampled_from(tuple(SYMBOLS)), min_size=1, max_size=3, unique=True) | st.sampled_from(
    [["ESH5", "ESM5"], ["ESH5", "MESH5"], ["ESM5", "MESH5", "MYMH5"]]
)
"""What an account trades: a third of them within one product or group, where hedges are."""

_PLATFORMS: Final = st.builds(
    Platform,
    st.sampled_from(("average", "fifo")),
    st.sampled_from(("exact", "per_fill")),
    st.sampled_from(("exit_side", "mid")),
)
_OPTIONS: Final = st.builds(
    Options,
    st.booleans(),
    st.sampled_from((None, None, Micros(125 * DOLLAR), Micros(600 * DOLLAR))),
    st.sampled_from((0, 0, 3)),
)


class Account(Struct, frozen=True):
    """One account's terms and everything that happened to it."""

    program: Program
    stage: str
    platform: Platform
    options: Options
    events: tuple[Event, ...]

    def oracle(self) -> Oracle:
        return Oracle(self.program, self.stage, CONTRACTS, self.platform, self.options)


def hurried(stage: Stage, days: int) -> Stage:
    """The same rules on a scale of days instead of months, so that a short history can meet them."""
    counted, qualifying, consistency = stage.days, stage.days.qualifying, stage.consistency
    if qualifying is not None:
        qualifying = replace(qualifying, count=min(qualifying.count, 1 + days % 2))
    if consistency is not None and consistency.until_payout_no is not None:
        consistency = replace(consistency, until_payout_no=1 + days % 3)
    return replace(
        stage,
        days=replace(counted, min_trading=min(counted.min_trading, days % 3), qualifying=qualifying),
        consistency=consistency,
        inactivity=stage.inactivity
        and Inactivity(
            days=stage.inactivity.days and days + 2,
            per_week=stage.inactivity.per_week,
            outcome=stage.inactivity.outcome,
        ),
        time_limit_days=stage.time_limit_days and days + 3,
    )


@st.composite
def accounts(
    draw: st.DrawFn,
    *,
    days_max: int = 6,
    steps_max: int = 7,
    corrections: bool = False,
    refusals: bool = True,
) -> Account:
    """An account of any program, from its first roll on. refusals: some events cannot come and must be refused."""
    if draw(st.integers(0, 9)):
        program = draw(short_programs)
    else:
        program = draw(programs())
        stage = hurried(draw(st.sampled_from(program.stages)), draw(st.integers(2, 7)))
        program = replace(program, stages=(stage,))
    stage = program.stages[0]
    platform, options = draw(_PLATFORMS), draw(_OPTIONS)
    life = Life(draw, Account(program, stage.name, platform, options, ()), refusals=refusals, corrections=corrections)
    life.live(days_max, steps_max)
    return Account(program, stage.name, platform, options, tuple(life.events))


class Life:
    """Draws a history step by step; the oracle listens, so that the next step may know where the account stands."""

    def __init__(self, draw: st.DrawFn, account: Account, *, refusals: bool, corrections: bool) -> None:
        self.draw = draw
        self.oracle = account.oracle()
        self.stage = self.oracle.stage
        self.options = account.options
        self.events: list[Event] = []
        self.refusals = refusals
        self.corrections = corrections
        self.metered = draw(st.integers(0, 4)) == 0
        self.forgiving = draw(st.integers(0, 2)) == 0
        """A firm that overturns breaches, some at once."""
        self.seq = 0
        self.at = 0
        self.until = 0
        self.limit = 0
        """No step of the trader comes at or after this instant."""
        self.prices = dict.fromkeys(SYMBOLS, 100_000)
        self.symbols = draw(_TRADED)
        self.windows: list[str] = []
        self.executions = 0
        self.steps: tuple[Callable[[], None], ...] = self.choices()

    def one(self, *options: int) -> int:
        return self.draw(st.sampled_from(options))

    def choices(self) -> tuple[Callable[[], None], ...]:
        """What may happen, as often as it stands here: what the stage has rules for happens more often."""
        behaviour = self.stage.behaviour
        looks_at_orders = behaviour is not None or self.stage.position is not None
        return (
            *(self.trade,) * 5,
            *(self.close,) * (5 if self.stage.target else 3),
            *(self.quote,) * (2 if self.metered else 6),
            *(self.report,) * (6 if self.metered else 0),
            *(self.move_cash,) * (3 if self.stage.payout else 1),
            *(self.window,) * (4 if self.stage.news or self.stage.times.blackout else 1),
            *(self.change_orders,) * (3 if looks_at_orders else 1),
            self.rebill,
            *(self.reinstate,) * (1 if self.forgiving else 0),
            *(self.limit_move,) * (1 if self.stage.times.limit_up_down == "forfeit_profit" else 0),
            *(self.refused,) * (1 if self.refusals else 0),
            *(self.correct,) * (2 if self.corrections else 0),
        )

    # ------------------------------------------------------------------ days

    def live(self, days_max: int, steps_max: int) -> None:
        day = self.draw(st.sampled_from(MONDAYS))
        for _ in range(self.draw(st.integers(2, days_max))):
            self.a_day(day, steps_max)
            day += timedelta(days=self.one(1, 1, 1, 1, 2, 5, 8))
            while day.weekday() > 4:
                day += timedelta(days=1)

    def a_day(self, day: date, steps_max: int) -> None:
        """The day begins at 22:00 UTC of the evening before and ends a day later; figures come with some rolls."""
        begins = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND - 2 * HOUR
        self.at, self.until = begins, begins + 24 * HOUR
        flat_by, snapshot = begins + 22 * HOUR, self.one(begins + 23 * HOUR, self.until)
        self.limit = flat_by
        self.tell(self.roll(day))
        if self.one(0, 1, 1):  # a feed that opens with a price of everything
            for symbol in self.symbols:
                price = self.prices[symbol]
                self.tell(Mark(self.seq + 1, self.at, symbol, price, price + self.one(0, 1, 3)))
        for _ in range(self.draw(st.integers(1, steps_max))):
            self.step()
        at_flat_by = max(flat_by, self.at)
        self.at, self.limit = at_flat_by, snapshot
        groups = tuple(sorted({contract.group for contract in CONTRACTS.values()}))
        over: Literal["night", "weekend", "holiday"] = "weekend" if day.weekday() == 4 else "night"
        if self.one(0, 0, 0, 1):
            groups, over = groups[:2], "holiday"
        if self.one(1, 1, 0):
            reopens = self.one(0, 0, self.at + 5 * MINUTE)
            self.tell(FlatBy(self.seq + 1, self.at, groups, over, reopens))
        for _ in range(self.one(0, 0, 1, 2)):
            self.step()
        self.at, self.limit = snapshot, self.until
        if self.one(1, 1, 1, 1, 0):
            self.tell(EodSnapshot(self.seq + 1, self.at, day))
        if self.at < self.until and self.one(0, 0, 1):
            self.step()

    def roll(self, day: date) -> DayRolled:
        rolled = DayRolled(self.seq + 1, self.at, day, self.until)
        if not self.metered or self.one(0, 0, 1):
            return rolled
        balance, equity = self.figures()
        return replace(rolled, balance=balance, equity=equity)

    def step(self) -> None:
        """Something happens, a little later or at the same instant."""
        seconds = [
            s
            for s in (
                self.stage.behaviour and self.stage.behaviour.stop_required_within_s,
                self.stage.behaviour and self.stage.behaviour.min_hold_s,
                self.stage.news and self.stage.news.exempt_if_held_s,
            )
            if s
        ]
        pauses = (
            0,
            0,
            SECOND // 3,
            SECOND - 1,
            SECOND,
            10 * SECOND,
            5 * MINUTE,
            40 * MINUTE,
            *(s * SECOND for s in seconds),
        )
        at = self.at + self.one(*pauses)
        if at < self.limit:
            self.at = at
        if self.forgiving and self.oracle.verdict(self.now) == "breached" and self.one(0, 0, 1):
            self.reinstate()
        else:
            self.draw(st.sampled_from(self.steps))()

    def tell(self, event: Event) -> None:
        """The oracle hears it too: the next step may aim."""
        before = self.oracle.verdict(self.now)
        self.events.append(event)
        try:
            self.oracle.hear(event)
        except NotHeard:
            return
        self.seq = event.seq
        breached = before == "open" and self.oracle.verdict(self.now) == "breached"
        if self.forgiving and breached and event.at < self.until and self.one(0, 0, 1):
            self.reinstate()

    # ------------------------------------------------------------------ where the account stands

    @property
    def now(self) -> int:
        return len(self.oracle.events)

    def held(self) -> dict[str, int]:
        return self.oracle.held(self.now)

    def room(self) -> int:
        return max(self.oracle.allowance(self.oracle.high(self.now)), DOLLAR)

    def levels(self) -> list[int]:
        """Equities at which something happens."""
        oracle, n, stage = self.oracle, self.now, self.stage
        floor = oracle.floor(n)
        levels = [floor + self.room(), oracle.high(n), oracle.high(n) + self.room() // 10]
        if n > YOUTH:
            levels += [floor] * 2
        if stage.warn_at is not None:
            levels.append(floor + self.room() - portion(self.room(), stage.warn_at))
        if stage.daily_loss is not None and n:
            reference = oracle.reference(n)
            levels += [oracle.day_floor(n)] * 2
            levels.append(reference - (self.options.personal_daily_loss or 0))
            if stage.daily_loss.upper_cap is not None:
                levels.append(reference + portion(oracle.initial, stage.daily_loss.upper_cap.pct))
        if stage.behaviour is not None and stage.behaviour.mae is not None and n:
            levels.append(oracle.balance(n) - portion(oracle.mae_base(n), oracle.mae_rate(n)))
        return levels

    def profits(self) -> list[int]:
        """Balances at which something happens."""
        oracle, n, stage = self.oracle, self.now, self.stage
        before = oracle.balance(n) - oracle.profit(n)
        balances = [before + self.room() // 4, oracle.high(n) + self.room() // 5, oracle.balance(n) - self.room() // 9]
        if n > YOUTH:
            balances.append(oracle.floor(n))
        if stage.target is not None:
            balances += [before + oracle.target_now(n)] * 5
        if (rule := stage.days.qualifying) is not None:
            today = oracle.made(oracle.roll(n), n)
            balances.append(oracle.balance(n) - today + sized(rule.min_profit, oracle.initial))
        if stage.scaling is not None:
            origin = oracle.start if stage.scaling.metric == "profit" else 0
            balances += [origin + tier.start for tier in stage.scaling.tiers]
        if stage.consistency is not None and stage.consistency.cap and stage.target is not None:
            today = oracle.made(oracle.roll(n), n)
            balances.append(oracle.balance(n) - today + portion(oracle.target(n), stage.consistency.cap))
        return balances

    # ------------------------------------------------------------------ trader and market

    def trade(self) -> None:
        symbol = self.draw(st.sampled_from(self.symbols))
        held = self.oracle.quantity(symbol, self.now)
        turn = (-held or 1, -2 * held or -1, held or 2)
        quantity = self.one(1, -1, 1, -1, 2, -2, 3, -3, *turn, self.up_to_limit(symbol))
        price = self.prices[symbol] + self.one(0, 0, 0, 1, -1, 7)
        self.fill(symbol, quantity, price)

    def up_to_limit(self, symbol: str) -> int:
        """As many contracts as the position limit allows, or one more."""
        position = self.stage.position
        if position is None:
            return 10
        most = position.max // max(self.oracle.weight(position, SYMBOLS[symbol]), 1)
        held = self.oracle.quantity(symbol, self.now)
        return max(most - abs(held), 0) + 1 if self.now % 2 else max(most - abs(held), 1)

    def fill(self, symbol: str, quantity: int, price: int) -> None:
        self.executions += 1
        fee = self.one(*FEES)
        doubt = self.executions % 17 == 0
        event = Fill(
            self.seq + 1,
            self.at,
            f"x{self.executions}",
            symbol,
            SYMBOLS[symbol],
            quantity,
            max(price, 1),
            Micros(fee * abs(quantity)),
            doubt,
        )
        self.tell(event)

    def close(self) -> None:
        """Close a position (or a part of it) at a price that brings the balance somewhere."""
        held = self.held()
        if not held:
            self.trade()
            return
        symbol, quantity = self.draw(st.sampled_from(sorted(held.items())))
        wanted = self.draw(st.sampled_from(self.profits())) - self.oracle.balance(self.now)
        book = self.oracle.book(symbol, self.now)
        part = self.one(abs(quantity), abs(quantity), max(abs(quantity) // 2, 1))
        closing = -part if quantity > 0 else part
        tick = self.oracle.tick(book.root)
        # realised = -closing x price x tick - released, so this price makes it what is wanted
        price = round((wanted + self.oracle.released(book, part)) / (-closing * tick)) + self.one(*NEAR)
        self.prices[symbol] = max(price, 1)
        self.fill(symbol, closing, price)

    def quote(self) -> None:
        held = self.held()
        symbol = self.draw(st.sampled_from(sorted(held) * 3 + self.symbols))
        quantity, tick = held.get(symbol, 0), self.oracle.tick(SYMBOLS[symbol])
        if quantity:
            aims = self.one(1, 1, 0)
            wanted = self.draw(st.sampled_from(self.levels())) if aims else 0
            wanted = wanted - self.oracle.equity(self.now) if aims else self.room() * self.one(*SHARES) // 100
            ticks = round(wanted / (quantity * tick)) + self.one(*NEAR)
            price = self.oracle.mark_of(symbol, self.now) + ticks
        else:
            price = self.prices[symbol] + self.one(*SHARES) * 10
        spread = self.one(0, 0, 1, 3)
        bid = max(price if quantity >= 0 else price - spread, 1)
        self.prices[symbol] = bid
        self.tell(Mark(self.seq + 1, self.at, symbol, bid, bid + spread, doubt=self.seq % 13 == 0))

    def figures(self) -> tuple[Micros, Micros]:
        """Balance and equity as a platform may report them next."""
        balance = self.oracle.balance(self.now)
        if self.one(0, 1):
            balance = self.draw(st.sampled_from(self.profits()))
        open_profit = self.one(0, 0, *SHARES) * self.room() // 100
        equity = self.draw(st.sampled_from((*self.levels(), balance, balance + open_profit, balance + open_profit)))
        return Micros(balance + self.one(*NEAR)), Micros(equity + self.one(*NEAR))

    def report(self) -> None:
        balance, equity = self.figures()
        self.tell(Metric(self.seq + 1, self.at, balance, equity, doubt=self.seq % 13 == 0))

    # ------------------------------------------------------------------ firm and platform

    def move_cash(self) -> None:
        oracle, n = self.oracle, self.now
        kind = self.draw(st.sampled_from(("payout", "payout", "payout_denied", "adjustment")))
        if kind == "payout_denied" or (kind == "payout" and self.stage.payout is None):
            self.tell(CashMoved(self.seq + 1, self.at, "payout_denied", Micros(0)))
            return
        spare = oracle.equity(n) - oracle.floor(n)
        some = [oracle.profit(n) // 2, spare // 5, self.room() // 4, 1_234_567]
        if n > YOUTH:
            some += [spare, spare // 3, oracle.balance(n) - oracle.start]
        amount = self.draw(st.sampled_from(some)) + self.one(*NEAR)
        if kind == "adjustment":
            amount = amount if self.one(0, 1) else -amount
            self.tell(CashMoved(self.seq + 1, self.at, "adjustment", Micros(amount or 1)))
            return
        gross = max(amount, 2)
        share = gross * self.one(5, 8, 10) // 10
        taken = self.one(gross, share)
        inside = self.one(0, 0, 1) == 1
        paid = CashMoved(self.seq + 1, self.at, "payout", Micros(-taken), Micros(gross), Micros(share))
        self.tell(replace(paid, inside_buffer=inside))

    def rebill(self) -> None:
        if self.now > YOUTH or self.one(0, 0, 1):
            self.tell(WindowsRestarted(self.seq + 1, self.at))

    def reinstate(self) -> None:
        """An appeal is told what the account was worth before it ended, or (now and then) something else."""
        before = max(self.oracle.judged_upto(self.now) - 1, 0)
        worth = self.oracle.equity(before) - self.oracle.cash(0, before)
        worth += self.one(0, 0, 0, 1, -1) * self.one(1, self.room() // 3)
        self.tell(Reinstated(self.seq + 1, self.at, Micros(worth)))

    def window(self) -> None:
        if self.windows and self.one(0, 1):
            name = self.windows.pop()
            self.tell(WindowClosed(self.seq + 1, self.at, name))
            return
        kinds: tuple[Literal["news", "blackout"], ...] = ("news", "news", "blackout")
        kind = self.draw(st.sampled_from(kinds))
        products = self.draw(st.sampled_from((("*",), ("*",), ("ES",), ("MES", "CL"), ("ZN",))))
        name = f"w{self.seq}"
        self.windows.append(name)
        release = self.at + self.one(0, MINUTE, 5 * MINUTE) if kind == "news" else 0
        self.tell(WindowOpened(self.seq + 1, self.at, name, kind, products, release))

    def change_orders(self) -> None:
        held = self.held()
        working = self.bracket() if held and self.one(0, 1) else []
        for number in range(self.one(0, 1, 2, 3)):
            symbol = self.draw(st.sampled_from(sorted(held) * 2 + self.symbols))
            quantity, way = abs(held.get(symbol, 0)) or 1, 1 if held.get(symbol, 0) > 0 else -1
            size = self.one(quantity, quantity, max(quantity - 1, 1), quantity + 1, 2 * quantity)
            away = self.one(1, 4, 20, 150)
            entry = self.prices[symbol]
            shape = self.one(0, 0, 1, 1, 2, 3)
            limit = entry + way * away if shape in (1, 3) else None
            stop = entry - way * away if shape in (0, 3) else None
            if shape == 2:  # an entry order, on the position's own side
                limit, way = entry - way * away, -way
            working.append(WorkingOrder(f"o{number}", symbol, SYMBOLS[symbol], -way * size, limit, stop))
        self.tell(OrdersChanged(self.seq + 1, self.at, tuple(working)))

    def bracket(self) -> list[WorkingOrder]:
        """A stop and a target for a whole position."""
        symbol, quantity = self.draw(st.sampled_from(sorted(self.held().items())))
        entry, way = self.prices[symbol], 1 if quantity > 0 else -1
        risk, reward = self.one(1, 10, 50, 400), self.one(1, 2, 10, 50)
        return [
            WorkingOrder("stop", symbol, SYMBOLS[symbol], -quantity, stop=entry - way * risk),
            WorkingOrder("target", symbol, SYMBOLS[symbol], -quantity, limit=entry + way * reward),
        ]

    def limit_move(self) -> None:
        on = self.one(1, 1, 0) == 1
        self.tell(LimitMove(self.seq + 1, self.at, self.draw(st.sampled_from(self.symbols)), on))

    def refused(self) -> None:
        """An event that cannot come now: repeated, skipped ahead, from the past, or after the day's end."""
        symbol = self.symbols[0]
        seq, at = self.draw(
            st.sampled_from(
                (
                    (self.seq, self.at),
                    (self.seq + 2, self.at),
                    (self.seq + 1, self.at - 1),
                    (self.seq + 1, self.until),
                    (self.seq + 1, self.until + 1),
                    (0, 0),
                )
            )
        )
        if seq:
            self.tell(Mark(seq, at, symbol, 1, 2))
            return
        today = self.oracle.day(self.now)
        assert today is not None
        early, other_day = today + timedelta(days=1), today - timedelta(days=1)
        wrong: tuple[Event, ...] = (
            DayRolled(self.seq + 1, self.at, early, self.until + 24 * HOUR),
            DayRolled(self.seq + 1, self.until, today, self.until + 24 * HOUR),
            EodSnapshot(self.seq + 1, self.at, other_day),
            EodSnapshot(self.seq + 1, self.until + 1, today),
        )
        self.tell(self.draw(st.sampled_from(wrong)))

    def correct(self) -> None:
        """An execution turns out to be busted, different, at another time, or missing (perhaps where none can be)."""
        fills = [event for event in self.oracle.events if isinstance(event, Fill)]
        if not fills:
            return
        wrong = self.draw(st.sampled_from(fills))
        shape = self.one(0, 1, 1, 2, 3)
        if shape == 0:
            self.tell(Correction(self.seq + 1, self.at, wrong.execution, None, "bust"))
            return
        right = replace(wrong, price=max(wrong.price + self.one(-40, -1, 3, 25), 1))
        if shape > 1 and self.one(0, 1):
            right = replace(right, at=self.instant())
        if shape == 2:
            self.executions += 1
            quantity = self.one(wrong.quantity, -wrong.quantity, -2 * wrong.quantity)
            right = replace(right, execution=f"x{self.executions}", quantity=quantity)
        self.tell(Correction(self.seq + 1, self.at, right.execution, right, "late" if shape == 2 else "price"))

    def instant(self) -> int:
        """Of the account's past, or just beside one; some are no day's."""
        some = self.draw(st.sampled_from(self.oracle.events))
        if isinstance(some, DayRolled):
            return self.one(some.at, some.at, some.at - 1, some.until)
        return some.at + self.one(0, 0, 1, -1)

"""The rules once more, written from docs/semantics.md alone, for whoever wants to check the engine.

Nothing is kept up to date here: every figure is a question about the first ``n`` events, answered from those events
when it is asked (and remembered, because it cannot change). One method per sentence of the page, in its order; the
section is named above each group. Readings of doubtful sentences are in README.md of this folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any, Concatenate, Final, Literal, ParamSpec, Protocol, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from propfirm.domain.catalogue.program import DailyLoss, Outcome, PositionLimit, Program, Size, Stage, Target
from propfirm.domain.market.contracts import Contract
from propfirm.domain.money import Micros
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
from propfirm.domain.rules.findings import (
    Corrected,
    DayClosed,
    DayCounted,
    Evidence,
    Finding,
    FloorMoved,
    Gate,
    GateMoved,
    Hit,
    Passed,
    ProfitStripped,
    Rule,
    TargetExtended,
    TargetMet,
    Unit,
    Unlocked,
    Warned,
)

MILLION: Final = 1_000_000
CENT: Final = 10_000
SECOND: Final = 1_000_000_000
SEVERITY: Final[tuple[Outcome, ...]] = (
    "fail",
    "lock_day",
    "strike",
    "close_offending",
    "strip_profit",
    "block_payout",
    "reject_order",
    "warn",
)

Verdict: TypeAlias = Literal["open", "breached", "passed"]


class PlatformLike(Protocol):
    @property
    def method(self) -> Literal["fifo", "average"]: ...
    @property
    def settle(self) -> Literal["exact", "per_fill"]: ...
    @property
    def mark(self) -> Literal["exit_side", "mid"]: ...


class OptionsLike(Protocol):
    @property
    def daily_loss(self) -> bool: ...
    @property
    def personal_daily_loss(self) -> Micros | None: ...
    @property
    def lifetime_qualifying(self) -> int: ...


class NotHeard(Exception):
    """The event cannot come now (section 3); the history is as it was."""


class Standing(Struct, frozen=True):
    """The account's figures after an event, named as the engine's state names them."""

    balance: int
    equity: int
    floor: int
    day_floor: int | None
    hwm: int
    day: date | None
    locked: bool
    verdict: Verdict
    trading_days: int
    qualifying_days: int
    profit: int
    best_day: int | None
    """None after the end of the stage: nobody asks for it any more."""
    payouts: int


class Trade(Struct):
    """A symbol's way from flat to flat. Places are numbers of events; ``ended`` is None while it runs."""

    began: int
    began_at: int
    root: str
    contracts: int = 0
    """Opened, all in all."""
    openings: list[int] = []
    realised: int = 0
    fees: int = 0
    ended: int | None = None
    ended_at: int = 0

    @property
    def profit(self) -> int:
        return self.realised - self.fees

    @property
    def held(self) -> int:
        return self.ended_at - self.began_at


class Book(Struct):
    """One symbol, told from its first fill to its last."""

    root: str = ""
    quantity: int = 0
    lots: list[tuple[int, int]] = []
    """fifo: (contracts, price in ticks), oldest first; all on the position's side."""
    cost: int = 0
    """average: the basis, cost C over ``of`` contracts, of which ``closed`` are closed; signed as the quantity."""
    of: int = 0
    closed: int = 0
    last_price: int = 0
    realised: int = 0
    """As it entered the balance."""
    trades: list[Trade] = []

    @property
    def trade(self) -> Trade | None:
        return self.trades[-1] if self.quantity else None


class Raw(Struct, frozen=True):
    """A broken rule, before strikes. taints: symbols whose trade loses its profit if that becomes the outcome."""

    rule: Rule
    outcome: Outcome
    evidence: Evidence
    taints: tuple[str, ...] = ()


O = TypeVar("O", bound="Oracle")  # noqa: E741  # one letter for the one class that asks
P = ParamSpec("P")
T = TypeVar("T")


def remembered(question: Callable[Concatenate[O, P], T]) -> Callable[Concatenate[O, P], T]:
    """Asked twice, answered once. Arguments by position."""

    def ask(self: O, /, *about: P.args, **named: P.kwargs) -> T:
        key = (question.__name__, *about)
        if key not in self.answers:
            self.answers[key] = question(self, *about, **named)
        answer: T = self.answers[key]
        return answer

    return ask


def portion(amount: int, rate: int) -> int:
    return floor(Fraction(amount * rate, MILLION))


def nearest(amount: int, unit: int) -> int:
    """To a multiple of ``unit``, half away from zero."""
    whole = floor(Fraction(abs(amount), unit) + Fraction(1, 2)) * unit
    return whole if amount >= 0 else -whole


def sized(size: Size, base: int) -> int:
    return size.amount if size.amount is not None else portion(base, size.pct or 0)


def side(quantity: int) -> int:
    return 1 if quantity > 0 else -1


def iso_week(day: date) -> tuple[int, int]:
    label = day.isocalendar()
    return label.year, label.week


class Oracle:
    """Hears the events of one account. Every question takes ``n``: "after the first n events"; 0 is the beginning."""

    def __init__(
        self,
        program: Program,
        stage: str,
        contracts: Mapping[str, Contract],
        platform: PlatformLike,
        options: OptionsLike,
    ) -> None:
        self.program = program
        self.stage: Stage = program.stage(stage)
        self.contracts = contracts
        self.platform = platform
        self.options = options
        self.events: list[Event] = []
        self.answers: dict[tuple[Any, ...], Any] = {}
        self.last_seq = 0
        self.last_at = 0
        self.found: dict[int, Verdict] = {}
        """By seq of a Correction: the verdict that stood when it was made."""
        self.overturned: set[int] = set()
        """The seq of every Reinstated that opened the stage when it was told."""

    # ------------------------------------------------------------------ hearing, section 3.1 and 14

    def hear(self, event: Event) -> list[Finding]:
        """What is to be said about the next event. Raises NotHeard."""
        if not self.may_come(event):
            raise NotHeard
        if isinstance(event, Correction):
            said = self.corrected(event)
        else:
            if isinstance(event, Reinstated) and self.verdict(len(self.events)) == "breached":
                self.overturned.add(event.seq)
            self.events.append(event)
            said = self.findings(len(self.events))
        self.last_seq, self.last_at = event.seq, event.at
        return said

    def may_come(self, event: Event) -> bool:
        if event.seq != self.last_seq + 1 or event.at < self.last_at:
            return False
        begun = self.roll(len(self.events))
        if not begun:
            return isinstance(event, DayRolled)
        today = self.roll_event(begun)
        match event:
            case DayRolled():
                return event.at >= today.until and event.day > today.day
            case FlatBy() | WindowOpened() | WindowClosed():
                return event.at <= today.until
            case EodSnapshot():
                return event.at <= today.until and event.day == today.day
            case Correction(replacement=Fill(at=belongs)) if belongs > event.at:
                return False
            case _:
                return event.at < today.until

    def event(self, n: int) -> Event:
        return self.events[n - 1]

    def places(self, after: int, upto: int) -> Iterator[tuple[int, Event]]:
        """The events numbered (after, upto]."""
        for n in range(after + 1, upto + 1):
            yield n, self.events[n - 1]

    # ------------------------------------------------------------------ 1 amounts

    @property
    def initial(self) -> int:
        return self.program.starting_balance

    @property
    def start(self) -> int:
        if self.stage.zero_based:
            return 0
        return self.program.starting_balance if self.stage.starting_balance is None else self.stage.starting_balance

    # ------------------------------------------------------------------ 2 balance, positions, equity

    def tick(self, root: str) -> int:
        return self.contracts[root].tick_value

    @remembered
    def symbols(self, n: int) -> tuple[str, ...]:
        return tuple(sorted({e.symbol for _, e in self.places(0, n) if isinstance(e, Fill)}))

    def book(self, symbol: str, n: int) -> Book:
        fills = [i for i, e in self.places(0, n) if isinstance(e, Fill) and e.symbol == symbol]
        return self.book_of(symbol, tuple(fills))

    @remembered
    def book_of(self, symbol: str, fills: tuple[int, ...]) -> Book:
        book = Book()
        for n in fills:
            fill = self.event(n)
            assert isinstance(fill, Fill)
            book.root, book.last_price = fill.root, fill.price
            self.tell(book, n, fill)
        return book

    def tell(self, book: Book, n: int, fill: Fill) -> None:
        closing = self.closing_part(book.quantity, fill.quantity)
        opening = abs(fill.quantity) - closing
        closing_fee = floor(Fraction(fill.fee * closing, abs(fill.quantity)))
        way = side(fill.quantity)
        if closing:
            trade = book.trades[-1]
            realised = -way * fill.price * self.tick(fill.root) * closing - self.released(book, closing)
            if self.platform.settle == "per_fill":
                realised = nearest(realised, CENT)
            self.close(book, closing)
            book.realised += realised
            trade.realised += realised
            trade.fees += closing_fee
            if not book.quantity:
                trade.ended, trade.ended_at = n, fill.at
        if opening:
            if not book.quantity:
                book.trades.append(Trade(began=n, began_at=fill.at, root=fill.root))
            book.trades[-1].contracts += opening
            book.trades[-1].openings.append(n)
            book.trades[-1].fees += fill.fee - closing_fee
            book.lots.append((opening, fill.price))
            # A new basis: what is left of the old cost and the cost of this fill, none of it closed yet.
            book.cost = self.still_open(book) + way * fill.price * self.tick(fill.root) * opening
            book.of, book.closed = book.of - book.closed + opening, 0
            book.quantity += way * opening

    @staticmethod
    def closing_part(held: int, quantity: int) -> int:
        return min(abs(held), abs(quantity)) if held * quantity < 0 else 0

    def gone(self, book: Book, closed: int) -> int:
        """average: the cost that has left when ``closed`` of the basis' contracts are closed."""
        return floor(Fraction(book.cost * closed, book.of)) if book.of else 0

    def still_open(self, book: Book) -> int:
        return book.cost - self.gone(book, book.closed)

    def released(self, book: Book, contracts: int) -> int:
        """The cost that leaves with the next ``contracts`` of the position, signed as the position."""
        if self.platform.method == "average":
            return self.gone(book, book.closed + contracts) - self.gone(book, book.closed)
        prices = [price for size, price in book.lots for _ in range(size)]
        return side(book.quantity) * sum(prices[:contracts]) * self.tick(book.root)

    def close(self, book: Book, contracts: int) -> None:
        book.quantity -= side(book.quantity) * contracts
        book.closed += contracts
        if book.closed == book.of:
            book.cost = book.of = book.closed = 0
        prices = [price for size, price in book.lots for _ in range(size)]
        book.lots = [(1, price) for price in prices[contracts:]]

    def open_cost(self, book: Book) -> int:
        return self.released(book, abs(book.quantity)) if book.quantity else 0

    def quantity(self, symbol: str, n: int) -> int:
        return self.book(symbol, n).quantity

    @remembered
    def held(self, n: int) -> dict[str, int]:
        """Open positions by symbol, in the order of their names."""
        return {s: self.quantity(s, n) for s in self.symbols(n) if self.quantity(s, n)}

    @remembered
    def root_of(self, symbol: str, n: int) -> str:
        return self.book(symbol, n).root

    def mark_of(self, symbol: str, n: int) -> int:
        """In ticks: the side on which the position would be closed, from the last mark ever seen."""
        book = self.book(symbol, n)
        for _, e in reversed(list(self.places(0, n))):
            if isinstance(e, Mark) and e.symbol == symbol:
                if self.platform.mark == "exit_side":
                    return e.bid if book.quantity > 0 else e.ask
                middle = Fraction(e.bid + e.ask, 2)
                return floor(middle) if book.quantity > 0 else ceil(middle)
        return book.last_price

    @remembered
    def open_profit(self, symbol: str, n: int) -> int:
        book = self.book(symbol, n)
        if not book.quantity:
            return 0
        return self.mark_of(symbol, n) * self.tick(book.root) * book.quantity - self.open_cost(book)

    @remembered
    def metered(self, n: int) -> int:
        """The last event that brought the platform's figures; 0 while the account counts for itself."""
        return max((i for i, e in self.places(0, n) if isinstance(e, Metric) or self.has_figures(e)), default=0)

    @staticmethod
    def has_figures(event: Event) -> bool:
        return isinstance(event, DayRolled) and event.balance is not None and event.equity is not None

    def cash(self, after: int, upto: int) -> int:
        return sum(self.cash_of(e) for _, e in self.places(after, upto))

    @staticmethod
    def cash_of(event: Event) -> int:
        return event.amount if isinstance(event, CashMoved) and event.kind != "payout_denied" else 0

    def given_back(self, after: int, upto: int) -> int:
        """16: what the events (after, upto] gave back of what was lost: no cash."""
        return sum(self.lost(i) for i in range(after + 1, upto + 1) if self.reopens(i))

    @remembered
    def lost(self, n: int) -> int:
        event = self.event(n)
        assert isinstance(event, Reinstated)
        return max(0, event.worth + self.cash(0, n) - self.equity(n - 1))

    def fees(self, after: int, upto: int) -> int:
        return sum(e.fee for _, e in self.places(after, upto) if isinstance(e, Fill))

    @remembered
    def balance(self, n: int) -> int:
        told = self.metered(n)
        if told:
            figures = self.event(told)
            assert isinstance(figures, Metric | DayRolled)
            assert figures.balance is not None
            return figures.balance + self.cash(told, n) + self.given_back(told, n)
        realised = sum(self.book(s, n).realised for s in self.symbols(n))
        return self.start + realised - self.fees(0, n) + self.cash(0, n) + self.given_back(0, n)

    @remembered
    def equity(self, n: int) -> int:
        told = self.metered(n)
        if told:
            figures = self.event(told)
            assert isinstance(figures, Metric | DayRolled)
            assert figures.equity is not None
            return figures.equity + self.cash(told, n) + self.given_back(told, n)
        return self.balance(n) + sum(self.open_profit(s, n) for s in self.symbols(n))

    def made(self, after: int, upto: int, *, gross: bool = False) -> int:
        """Profit between two events: the change of the balance that is not cash; gross adds the fees back."""
        profit = self.balance(upto) - self.balance(after) - self.cash(after, upto)
        return profit + self.fees(after, upto) if gross else profit

    def profit(self, n: int) -> int:
        return self.made(0, n)

    # ------------------------------------------------------------------ days

    @remembered
    def roll(self, n: int) -> int:
        """The roll that began the day of the n-th event; 0 before the first."""
        return max((i for i, e in self.places(0, n) if isinstance(e, DayRolled)), default=0)

    def roll_event(self, n: int) -> DayRolled:
        event = self.event(n)
        assert isinstance(event, DayRolled)
        return event

    def day(self, n: int) -> date | None:
        begun = self.roll(n)
        return self.roll_event(begun).day if begun else None

    @remembered
    def days_begun(self, n: int) -> tuple[int, ...]:
        """The events with which days began: rolls, and overturned breaches (16); nothing while the stage was over."""
        return tuple(i for i, e in self.places(0, n) if self.reopens(i) or (isinstance(e, DayRolled) and self.live(i)))

    @remembered
    def day_began(self, n: int) -> int:
        """The last of them; 0 before the first."""
        return max(self.days_begun(n), default=0)

    def snapshots(self, after: int, upto: int) -> list[int]:
        """Those that were judged."""
        return [i for i, e in self.places(after, upto) if isinstance(e, EodSnapshot) and self.live(i)]

    # ------------------------------------------------------------------ 3 the end of the stage

    @remembered
    def verdict(self, n: int) -> Verdict:
        if not n:
            return "open"
        event, before = self.event(n), self.verdict(n - 1)
        if isinstance(event, Correction) and self.found[event.seq] != "open":
            return self.found[event.seq]
        if self.reopens(n):
            return "open"
        if before != "open":
            return before
        if self.breaches(n):
            return "breached"
        return "passed" if self.passes(n) else "open"

    def breaches(self, n: int) -> bool:
        return any(hit.outcome == "fail" for hit in self.hits(n))

    def live(self, n: int) -> bool:
        """Whether the n-th event is judged: the stage was not over before it."""
        return self.verdict(n - 1) == "open" and not self.reopens(n)

    def reopens(self, n: int) -> bool:
        """Whether a breach was overturned at the n-th event (16)."""
        event = self.event(n)
        return isinstance(event, Reinstated) and event.seq in self.overturned

    @remembered
    def reopened(self, n: int) -> int:
        """The last event at which a breach was overturned; 0 if none was."""
        return max((i for i in range(1, n + 1) if self.reopens(i)), default=0)

    def moves_first(self, n: int) -> bool:
        """Step 2: at these the maximum-loss floor moves before the account is compared; else after, in step 7."""
        return isinstance(self.event(n), EodSnapshot | CashMoved)

    def moves_floors(self, n: int) -> bool:
        return self.live(n) and (self.moves_first(n) or not self.breaches(n))

    @remembered
    def judged_upto(self, n: int) -> int:
        """The last event that was judged: after the end, floors and counters stay as they were then. Or that opened."""
        return n if not n or self.live(n) or self.reopens(n) else self.judged_upto(n - 1)

    # ------------------------------------------------------------------ 4 maximum loss

    def allowance(self, high: int) -> int:
        """A(h)."""
        loss = self.stage.max_loss
        return sized(loss.size, high if loss.pct_base == "hwm" else self.initial)

    @property
    def lock_level(self) -> int | None:
        loss = self.stage.max_loss
        match loss.lock:
            case "none":
                return self.start if loss.mode == "trail_payout" else None
            case "start":
                return self.start
            case "start_plus":
                return self.start + loss.lock_value
            case "at":
                return loss.lock_value

    def cap(self, n: int) -> int | None:
        waits = self.locks_at_payout and not self.payouts(n)
        return None if waits else self.lock_level

    @property
    def locks_at_payout(self) -> bool:
        return self.stage.max_loss.lock != "none" and self.stage.max_loss.lock_trigger == "first_payout"

    def frozen(self, n: int) -> bool:
        return self.locks_at_payout and self.payouts(n) > 0

    @remembered
    def high(self, n: int) -> int:
        """The high-water mark h."""
        if not n:
            return self.start
        high = self.high(n - 1)
        if not self.moves_floors(n):
            return high
        if self.rises(n) and not self.capped(n - 1):
            eod_or_closed = self.stage.max_loss.mode in ("trail_eod", "trail_closed")
            high = max(high, self.balance(n) if eod_or_closed else self.equity(n))
        if self.floor_effect(n) == "reset_cycle":
            high = high if self.frozen(n - 1) else self.balance(n)
        elif self.payout(n) and self.stage.payout is not None and self.stage.payout.hwm_effect == "reduce":
            high -= self.payout_event(n).gross
        return high

    def rises(self, n: int) -> bool:
        """Whether h follows the account at the n-th event."""
        event = self.event(n)
        match self.stage.max_loss.mode:
            case "trail_eod":
                return isinstance(event, EodSnapshot)
            case "trail_closed":
                return isinstance(event, Metric) or self.closes(n)
            case "trail_intraday":
                metered_roll = isinstance(event, DayRolled) and self.metered(n) > 0
                return isinstance(event, Mark | Metric | Fill) or metered_roll
            case "static" | "trail_payout":
                return False

    def closes(self, n: int) -> bool:
        event = self.event(n)
        return isinstance(event, Fill) and self.closing_part(self.quantity(event.symbol, n - 1), event.quantity) > 0

    @remembered
    def floor(self, n: int) -> int:
        if not n:
            return self.start - self.allowance(self.start)
        floor = self.floor(n - 1)
        if not self.moves_floors(n) or self.frozen(n - 1):
            return floor
        floor = max(floor, self.below_cap(self.high(n) - self.allowance(self.high(n)), n))
        return self.after_payout(floor, n) if self.payout(n) else floor

    def below_cap(self, level: int, n: int) -> int:
        cap = self.cap(n)
        return level if cap is None else min(level, cap)

    @remembered
    def floor_set(self, n: int) -> tuple[int, int, int]:
        """seq and time of the event that put the floor where it is, and the high-water mark."""
        for i in range(n, 0, -1):
            if self.floor(i) != self.floor(i - 1):
                return self.event(i).seq, self.event(i).at, self.high(n)
        return 0, 0, self.high(n)

    def capped(self, n: int) -> bool:
        cap = self.cap(n)
        return cap is not None and self.floor(n) >= cap

    @staticmethod
    def compared(event: Event) -> bool:
        return isinstance(event, Mark | Metric | Fill | CashMoved | EodSnapshot | DayRolled)

    @staticmethod
    def under(value: int, floor: int, cmp: str) -> bool:
        return value <= floor if cmp == "touch" else value < floor

    def in_force(self, n: int) -> int:
        """After which event the floors stood with which the n-th is compared."""
        return n if self.moves_first(n) else n - 1

    def max_loss(self, n: int) -> list[Raw]:
        if not self.compared(self.event(n)):
            return []
        loss, stood = self.stage.max_loss, self.in_force(n)
        if loss.measure == "balance" and isinstance(self.event(n), Mark):
            return []
        limit = self.floor(stood)
        actual = self.equity(n) if loss.measure == "equity" else self.balance(n)
        if not self.under(actual, limit, loss.cmp):
            return []
        return [Raw("max_loss", loss.outcome, self.on_floor(n, limit, actual, self.floor_set(stood)))]

    def on_floor(self, n: int, limit: int, actual: int, was_set: tuple[int, int, int]) -> Evidence:
        seq, at, basis = was_set
        return replace(self.evidence(n, limit, actual, "usd"), set_seq=seq, set_at=at, basis=Micros(basis))

    def evidence(self, n: int, limit: int, actual: int, unit: Unit, *, symbol: str = "", note: str = "") -> Evidence:
        equity, balance = Micros(self.equity(n)), Micros(self.balance(n))
        return Evidence(limit, actual, unit, equity, balance, symbol=symbol, note=note)

    # ------------------------------------------------------------------ 5 daily loss

    @property
    def daily(self) -> DailyLoss | None:
        """The program's daily rule, whether or not its loss limit is on."""
        return self.stage.daily_loss

    @property
    def daily_on(self) -> bool:
        return self.daily is not None and (not self.daily.optional or self.options.daily_loss)

    def day_reference(self, begun: int) -> int:
        """As it was taken when the day began, at ``begun``."""
        match self.daily.reference if self.daily is not None else "balance":
            case "balance":
                return self.balance(begun)
            case "equity":
                return self.equity(begun)
            case "max":
                return max(self.balance(begun), self.equity(begun))
            case "prior_day_equity":
                taken = max(self.snapshots(0, begun), default=0)
                return self.equity(taken) + self.cash(taken, begun)

    def day_limit(self, begun: int) -> int:
        assert self.daily is not None
        return sized(self.daily.size, self.initial if self.daily.pct_base == "initial" else self.day_reference(begun))

    def reference(self, n: int) -> int:
        """Cash moves shift it."""
        return self.day_reference(self.day_began(n)) + self.cash(self.day_began(n), n)

    def day_floor_in_force(self, n: int) -> int:
        """As the n-th event finds it: shifted by its cash, not yet moved by its equity."""
        return self.day_floor_from(n, range(self.day_began(n), n))

    def day_floor(self, n: int) -> int:
        return self.day_floor_from(n, range(self.day_began(n), n + (self.moves_floors(n) or self.reopens(n))))

    def nearest_day_floor(self, n: int) -> Micros | None:
        """The program's floor or the account's own, whichever is higher."""
        own = self.personal_limit(n) if self.day_began(n) else None
        floors = [self.day_floor(n)] if self.daily_on and self.day_began(n) else []
        floors += [] if own is None else [self.reference(n) - own]
        return Micros(max(floors)) if floors else None

    def day_floor_from(self, n: int, seen: Iterable[int]) -> int:
        assert self.daily is not None
        best = self.reference(n)
        if self.daily.trail == "day_equity_high":
            best = max([best, *(self.equity(i) + self.cash(i, n) for i in seen)])
        return best - self.day_limit(self.day_began(n))

    def day_floor_set(self, n: int, *, in_force: bool) -> tuple[int, int, int]:
        begun = self.day_began(n)
        if in_force:
            moved = n if n == begun or self.cash_of(self.event(n)) else None
            last = n - 1
        else:
            moved, last = None, n
        i = moved if moved is not None else last
        while i > begun and moved is None and self.day_floor(i) == self.day_floor(i - 1):
            i -= 1
        return self.event(i).seq, self.event(i).at, self.reference(n)

    def reference_set(self, n: int) -> tuple[int, int, int]:
        begun = self.day_began(n)
        moved = max((i for i, e in self.places(begun, n) if self.cash_of(e)), default=begun)
        return self.event(moved).seq, self.event(moved).at, self.reference(n)

    def personal_limit(self, n: int) -> int | None:
        own = self.options.personal_daily_loss
        if own is None:
            return None
        return own if not self.daily_on or own < self.day_limit(self.day_began(n)) else None

    def daily_losses(self, n: int) -> list[Raw]:
        if not self.compared(self.event(n)):
            return []
        return [*self.daily_loss(n), *self.personal_loss(n), *self.daily_cap(n)]

    def daily_loss(self, n: int) -> list[Raw]:
        if self.daily is None or not self.daily_on:
            return []
        limit = self.day_floor_in_force(n)
        if not self.under(self.equity(n), limit, self.daily.cmp):
            return []
        evidence = self.on_floor(n, limit, self.equity(n), self.day_floor_set(n, in_force=True))
        return [Raw("daily_loss", self.daily.outcome, evidence)]

    def personal_loss(self, n: int) -> list[Raw]:
        own = self.personal_limit(n)
        if own is None or self.equity(n) > self.reference(n) - own:
            return []
        evidence = self.on_floor(n, self.reference(n) - own, self.equity(n), self.reference_set(n))
        return [Raw("personal_loss", "lock_day", evidence)]

    def daily_cap(self, n: int) -> list[Raw]:
        if self.daily is None or self.daily.upper_cap is None or not self.daily_on:
            return []
        level = self.reference(n) + portion(self.initial, self.daily.upper_cap.pct)
        if self.equity(n) < level:
            return []
        evidence = self.on_floor(n, level, self.equity(n), self.reference_set(n))
        return [Raw("daily_cap", self.daily.upper_cap.outcome, evidence)]

    def silent(self, n: int, limit: Raw, same_event: list[Hit]) -> bool:
        """A limit that does not fail the account speaks once a day, and does not lock what is locked (section 3)."""
        if limit.rule not in ("max_loss", "daily_loss", "personal_loss", "daily_cap") or limit.outcome == "fail":
            return False
        locked = self.locked_before(n) or any(hit.outcome == "lock_day" for hit in same_event)
        return self.hit_today(n, limit.rule) or (limit.outcome == "lock_day" and locked)

    def hit_today(self, n: int, rule: Rule) -> bool:
        return any(hit.rule == rule for i in range(max(self.day_began(n), 1), n) for hit in self.hits(i))

    def locked_before(self, n: int) -> bool:
        return not isinstance(self.event(n), DayRolled) and self.locked(n - 1)

    @remembered
    def locked(self, n: int) -> bool:
        """A lock holds from the hit that brought it to the end of the day."""
        begun = max(self.roll(n), self.day_began(n), 1)
        return any(hit.outcome == "lock_day" for i in range(begun, n + 1) for hit in self.hits(i))

    def locked_day(self, n: int) -> list[Raw]:
        return [self.opened(n, "locked_day", "warn")] if self.locked_before(n) and self.opens(n) else []

    def opens(self, n: int) -> int:
        """Contracts that the n-th event opens."""
        event = self.event(n)
        if not isinstance(event, Fill):
            return 0
        return abs(event.quantity) - self.closing_part(self.quantity(event.symbol, n - 1), event.quantity)

    def opened(self, n: int, rule: Rule, outcome: Outcome) -> Raw:
        symbol = self.fill(n).symbol
        return Raw(rule, outcome, self.evidence(n, 0, self.opens(n), "contracts", symbol=symbol), (symbol,))

    def fill(self, n: int) -> Fill:
        event = self.event(n)
        assert isinstance(event, Fill)
        return event

    # ------------------------------------------------------------------ 6 position, scaling

    def working(self, n: int) -> tuple[WorkingOrder, ...]:
        for _, e in reversed(list(self.places(self.reopened(n), n))):
            if isinstance(e, OrdersChanged):
                return e.working
        return ()

    def exposures(self, n: int, *, orders: bool) -> dict[str, tuple[str, int, int, int]]:
        """By symbol: root, contracts held, contracts that working orders would buy, and sell."""
        held = {s: (self.root_of(s, n), q, 0, 0) for s, q in self.held(n).items()}
        for order in self.working(n) if orders else ():
            root, q, buys, sells = held.get(order.symbol, (order.root, 0, 0, 0))
            held[order.symbol] = (root, q, buys + max(order.quantity, 0), sells + max(-order.quantity, 0))
        return held

    def weight(self, position: PositionLimit, root: str) -> int:
        contract = self.contracts[root]
        unlisted = {"lot": 1_000_000, "micro": contract.weight * 10}.get(position.unit, contract.weight)
        return position.weights.get(root, position.weights.get(contract.size_class, unlisted))

    def units(self, position: PositionLimit, n: int) -> int:
        exposures = self.exposures(n, orders=position.include_working_orders)
        if position.netting == "gross":
            return sum(
                self.weight(position, root) * max(abs(q + buys), abs(q - sells), abs(q))
                for root, q, buys, sells in exposures.values()
            )
        total = 0
        for product in {self.contracts[root].product for root, *_ in exposures.values()}:
            own = [
                (self.weight(position, root), q, buys, sells)
                for root, q, buys, sells in exposures.values()
                if self.contracts[root].product == product
            ]
            net, bought, sold = (sum(w * x[i] for w, *x in own) for i in range(3))
            total += max(abs(net + bought), abs(net - sold), abs(net))
        return total

    def contracts_of(self, position: PositionLimit, key: str, n: int) -> int:
        return sum(
            max(abs(q + buys), abs(q - sells), abs(q))
            for root, q, buys, sells in self.exposures(n, orders=position.include_working_orders).values()
            if key in (root, self.contracts[root].size_class)
        )

    def sized_now(self, n: int, position: PositionLimit) -> bool:
        """Whether position sizes are judged at the n-th event."""
        event = self.event(n)
        return isinstance(event, Fill) or (isinstance(event, OrdersChanged) and position.include_working_orders)

    def position(self, n: int) -> list[Raw]:
        position, event = self.stage.position, self.event(n)
        if position is None or not self.sized_now(n, position):
            return []
        symbol = event.symbol if isinstance(event, Fill) else ""
        taints = (symbol,) if symbol else ()
        broken = []
        before, after = self.units(position, n - 1), self.units(position, n)
        if after > position.max and after > before:
            evidence = self.evidence(n, position.max, after, "units", symbol=symbol)
            broken.append(Raw("position", position.outcome, evidence, taints))
        for key, cap in position.sub_caps.items():
            before, after = self.contracts_of(position, key, n - 1), self.contracts_of(position, key, n)
            if after > cap and after > before:
                evidence = self.evidence(n, cap, after, "contracts", symbol=symbol, note=key)
                broken.append(Raw("sub_cap", position.outcome, evidence, taints))
        return broken

    def tier(self, n: int) -> int:
        """The most units of the tier in force: chosen at the last snapshot before the day began."""
        scaling = self.stage.scaling
        assert scaling is not None
        taken = max(self.snapshots(0, self.day_began(n)), default=0)
        figure = self.balance(taken) - (self.start if scaling.metric == "profit" else 0)
        reached = [
            tier.max
            for tier in scaling.tiers
            if (figure >= tier.start if scaling.edge == "gte" else figure > tier.start)
        ]
        return reached[-1] if reached else scaling.tiers[0].max

    def scaling(self, n: int) -> list[Raw]:
        event = self.event(n)
        if self.stage.scaling is None:
            return []
        position = self.stage.position or PositionLimit(
            max=self.stage.scaling.tiers[0].max, include_working_orders=False
        )
        if not self.sized_now(n, position):
            return []
        before, after, limit = self.units(position, n - 1), self.units(position, n), self.tier(n)
        if after <= limit or after <= before:
            return []
        symbol = event.symbol if isinstance(event, Fill) else ""
        evidence = self.evidence(n, limit, after, "units", symbol=symbol)
        return [Raw("scaling", position.outcome, evidence, (symbol,) if symbol else ())]

    # ------------------------------------------------------------------ 7 time

    def forbidden(self, event: FlatBy) -> Rule | None:
        times = self.stage.times
        if not times.overnight:
            return "overnight"
        if event.over == "weekend" and not times.weekend:
            return "weekend"
        if event.over == "holiday" and not times.holidays:
            return "holidays"
        return None

    def flat_by(self, n: int) -> list[Raw]:
        event = self.event(n)
        rule = self.forbidden(event) if isinstance(event, FlatBy) else None
        if rule is None or not isinstance(event, FlatBy):
            return []
        open_there = {s: abs(q) for s, q in self.held(n).items() if self.group(s, n) in event.groups}
        if not open_there:
            return []
        evidence = self.evidence(n, 0, sum(open_there.values()), "contracts")
        return [Raw(rule, self.stage.times.outcome, evidence, tuple(open_there))]

    def group(self, symbol: str, n: int) -> str:
        return self.contracts[self.root_of(symbol, n)].group

    def closed_time(self, n: int) -> list[Raw]:
        if not self.opens(n):
            return []
        fill = self.fill(n)
        group = self.contracts[fill.root].group
        shut = any(
            isinstance(e, FlatBy)
            and group in e.groups
            and self.forbidden(e) is not None
            and not 0 < e.reopens <= fill.at
            for _, e in self.places(self.day_began(n), n)
        )
        return [self.opened(n, "closed_time", self.stage.times.outcome)] if shut else []

    def windows(self, n: int, kind: str, root: str) -> list[WindowOpened]:
        """Those open when the n-th event comes that touch the product, first opened first."""
        there: dict[str, WindowOpened] = {}
        for _, e in self.places(self.reopened(n), n):
            if isinstance(e, WindowOpened | WindowClosed):
                there.pop(e.name, None)
            if isinstance(e, WindowOpened):
                there[e.name] = e
        product = self.contracts[root].product
        return [w for w in there.values() if w.kind == kind and {"*", root, product} & set(w.products)]

    def blackout(self, n: int) -> list[Raw]:
        event = self.event(n)
        if not isinstance(event, Fill):
            return []
        inside = self.windows(n, "blackout", event.root)
        return [self.fill_in_window(n, "blackout", self.stage.times.outcome, inside[0])] if inside else []

    def fill_in_window(self, n: int, rule: Rule, outcome: Outcome, window: WindowOpened) -> Raw:
        fill = self.fill(n)
        evidence = self.evidence(n, 0, abs(fill.quantity), "contracts", symbol=fill.symbol, note=window.name)
        return Raw(rule, outcome, replace(evidence, set_at=window.release), (fill.symbol,))

    def limit_up_down(self, n: int) -> list[Raw]:
        event = self.event(n)
        if not isinstance(event, Fill) or self.stage.times.limit_up_down == "allowed":
            return []
        moved = (e for _, e in self.places(self.reopened(n), n) if isinstance(e, LimitMove))
        moves = [e.on for e in moved if e.symbol == event.symbol]
        if not moves or not moves[-1]:
            return []
        evidence = self.evidence(n, 0, abs(event.quantity), "contracts", symbol=event.symbol)
        return [Raw("limit_up_down", "strip_profit", evidence, (event.symbol,))]

    # ------------------------------------------------------------------ 8 news

    def news(self, n: int) -> list[Raw]:
        news, event = self.stage.news, self.event(n)
        if news is None:
            return []
        if isinstance(event, Fill):
            broken = [w for w in self.windows(n, "news", event.root) if self.news_fill(n, w)]
            return [self.fill_in_window(n, "news", news.outcome, w) for w in broken[:1]]
        if not isinstance(event, WindowOpened) or event.kind != "news" or news.mode != "flat_required":
            return []
        caught = {
            symbol: abs(quantity)
            for symbol, quantity in self.held(n).items()
            if event in self.windows(n, "news", self.root_of(symbol, n))
            and not self.held_long(symbol, n, event.release)
        }
        if not caught:
            return []
        evidence = self.evidence(n, 0, sum(caught.values()), "contracts", note=event.name)
        return [Raw("news", news.outcome, replace(evidence, set_at=event.release), tuple(caught))]

    def news_fill(self, n: int, window: WindowOpened) -> bool:
        assert self.stage.news is not None
        fill = self.fill(n)
        if self.stage.news.mode == "flat_required":
            return self.opens(n) > 0
        only_closes = self.closing_part(self.quantity(fill.symbol, n - 1), fill.quantity) == abs(fill.quantity)
        return not (only_closes and self.held_long(fill.symbol, n - 1, window.release))

    def held_long(self, symbol: str, n: int, release: int) -> bool:
        assert self.stage.news is not None
        needed, trade = self.stage.news.exempt_if_held_s, self.book(symbol, n).trade
        return needed is not None and trade is not None and release - trade.began_at >= needed * SECOND

    # ------------------------------------------------------------------ 9 trades, taint, behaviour

    def trades(self, n: int) -> list[Trade]:
        """Those that ended while the stage lived, in the order of their ends."""
        over = [t for s in self.symbols(n) for t in self.book(s, n).trades if t.ended is not None]
        ended = [t for t in over if t.ended is not None and self.live(t.ended)]
        return sorted(ended, key=lambda t: t.ended or 0)

    def tainted_by(self, symbol: str, trade: Trade) -> Rule | None:
        assert trade.ended is not None
        for i in range(trade.began, trade.ended + 1):
            for raw, hit in self.judged(i):
                if symbol in raw.taints and hit.outcome == "strip_profit":
                    return hit.rule
        return None

    def stripped(self, n: int) -> list[Finding]:
        event = self.event(n)
        if not isinstance(event, Fill):
            return []
        ended = [t for t in self.book(event.symbol, n).trades if t.ended == n and t.profit > 0]
        return [
            ProfitStripped(event.seq, event.at, rule, Micros(trade.profit))
            for trade in ended
            if (rule := self.tainted_by(event.symbol, trade))
        ]

    def once_a_trade(self, n: int, rule: Rule, symbol: str) -> bool:
        trade = self.book(symbol, n).trade
        assert trade is not None
        return not any(
            hit.rule == rule and hit.evidence.symbol == symbol for i in range(trade.began, n) for hit in self.hits(i)
        )

    def mae(self, n: int) -> list[Raw]:
        behaviour, event = self.stage.behaviour, self.event(n)
        if behaviour is None or behaviour.mae is None or not isinstance(event, Mark | Fill):
            return []
        loss = -self.open_profit(event.symbol, n)
        limit = portion(self.mae_base(n), self.mae_rate(n))
        if not self.quantity(event.symbol, n) or loss <= limit or not self.once_a_trade(n, "mae", event.symbol):
            return []
        evidence = self.evidence(n, limit, loss, "usd", symbol=event.symbol)
        return [Raw("mae", behaviour.mae.outcome, evidence, (event.symbol,))]

    def mae_base(self, n: int) -> int:
        assert self.stage.behaviour is not None
        assert self.stage.behaviour.mae is not None
        drawdown = self.allowance(self.high(n - 1))
        match self.stage.behaviour.mae.base:
            case "initial":
                return self.initial
            case "drawdown":
                return drawdown
            case "start_of_day_profit":
                profit = self.balance(self.day_began(n)) - self.start
                return drawdown if profit <= self.stage.behaviour.mae.low_profit_below else profit

    def mae_rate(self, n: int) -> int:
        assert self.stage.behaviour is not None
        mae = self.stage.behaviour.mae
        assert mae is not None
        taken = max(self.snapshots(0, n), default=0)
        if mae.pct_raised is None or mae.raised_from is None:
            return mae.pct
        return mae.pct_raised if self.balance(taken) - self.start > mae.raised_from else mae.pct

    def hedging(self, n: int) -> list[Raw]:
        """Only what this fill brought about."""
        behaviour, event = self.stage.behaviour, self.event(n)
        if behaviour is None or behaviour.hedging == "allowed" or not isinstance(event, Fill):
            return []
        contract = self.contracts[event.root]
        after = self.hedged(contract, n)
        if not after or self.hedged(contract, n - 1):
            return []
        evidence = self.evidence(n, 0, after, "contracts", symbol=event.symbol)
        return [Raw("hedging", behaviour.outcome, evidence, (event.symbol,))]

    def hedged(self, contract: Contract, n: int) -> int:
        """Contracts that hedge others within the contract's product or group."""
        assert self.stage.behaviour is not None
        scope = self.stage.behaviour.hedging_scope
        reach = [
            (own.size_class, quantity)
            for symbol, quantity in self.held(n).items()
            for own in [self.contracts[self.root_of(symbol, n)]]
            if (own.group == contract.group if scope == "group" else own.product == contract.product)
        ]
        both_ways = min(sum(q for _, q in reach if q > 0), -sum(q for _, q in reach if q < 0))
        if scope != "mixed_sizes" or not reach:
            return both_ways
        classes = Counter[str]()
        for size_class, quantity in reach:
            classes[size_class] += abs(quantity)
        return max(both_ways, sum(classes.values()) - max(classes.values()))

    def hft(self, n: int) -> list[Raw]:
        behaviour, event = self.stage.behaviour, self.event(n)
        if behaviour is None or behaviour.hft is None or not isinstance(event, Fill):
            return []
        recent = [i for i, e in self.places(0, n) if isinstance(e, Fill) and event.at - SECOND < e.at]
        count = sum(self.live(i) for i in recent)
        if count <= behaviour.hft.max_trades_per_s:
            return []
        evidence = self.evidence(n, behaviour.hft.max_trades_per_s, count, "per_second", symbol=event.symbol)
        return [Raw("hft", behaviour.hft.outcome, evidence, (event.symbol,))]

    def exits(self, symbol: str, n: int) -> list[WorkingOrder]:
        """Working orders on the closing side of the position."""
        return [o for o in self.working(n) if o.symbol == symbol and o.quantity * self.quantity(symbol, n) < 0]

    def covered(self, symbol: str, n: int) -> int:
        return sum(abs(o.quantity) for o in self.exits(symbol, n) if o.stop is not None)

    def unprotected(self, symbol: str, n: int) -> bool:
        return self.covered(symbol, n) < abs(self.quantity(symbol, n))

    def stop_required(self, n: int) -> list[Raw]:
        behaviour = self.stage.behaviour
        if behaviour is None or not behaviour.stop_required:
            return []
        broken = []
        for symbol in self.by_opening(n):
            due = self.stop_due(symbol, n) and self.once_a_trade(n, "stop_required", symbol)
            if due and self.unprotected(symbol, n):
                limit, actual = abs(self.quantity(symbol, n)), self.covered(symbol, n)
                evidence = self.evidence(n, limit, actual, "contracts", symbol=symbol)
                broken.append(Raw("stop_required", behaviour.outcome, evidence, (symbol,)))
        return broken

    def stop_due(self, symbol: str, n: int) -> bool:
        """Whether the position must be protected at the n-th event."""
        assert self.stage.behaviour is not None
        grace, trade = self.stage.behaviour.stop_required_within_s, self.book(symbol, n).trade
        assert trade is not None
        if grace is None:
            return n in trade.openings
        deadline: int | None = None
        for i, event in self.places(trade.began - 1, n):
            at = event.at
            if isinstance(event, Correction):
                continue  # it says nothing of its own
            if not self.live(i):
                deadline = None
                continue
            if deadline is None and i in trade.openings and self.unprotected(symbol, i):
                deadline = at + grace * SECOND
            if deadline is not None and at >= deadline:
                if i == n:
                    return True
                deadline = None
        return False

    def by_opening(self, n: int) -> list[str]:
        """Open positions, the one opened first first."""
        began = {symbol: trade.began for symbol in self.held(n) if (trade := self.book(symbol, n).trade)}
        return sorted(began, key=lambda symbol: began[symbol])

    def orders_judged(self, n: int) -> list[str]:
        """The positions whose orders are looked at now: the fill's, or all when the orders changed."""
        event, held = self.event(n), self.held(n)
        if isinstance(event, OrdersChanged):
            return self.by_opening(n)
        return [event.symbol] if isinstance(event, Fill) and event.symbol in held else []

    def risk_per_position(self, n: int) -> list[Raw]:
        behaviour = self.stage.behaviour
        if behaviour is None or behaviour.max_risk_per_position is None:
            return []
        rule = behaviour.max_risk_per_position
        base = {"initial": self.initial, "balance": self.balance(n), "equity": self.equity(n)}[rule.base]
        limit, broken = portion(base, rule.pct), []
        for symbol in self.orders_judged(n):
            loss = self.loss_at_stops(symbol, n)
            if loss is not None and loss > limit and self.once_a_trade(n, "risk_per_position", symbol):
                evidence = self.evidence(n, limit, loss, "usd", symbol=symbol)
                broken.append(Raw("risk_per_position", behaviour.outcome, evidence, (symbol,)))
        return broken

    def loss_at_stops(self, symbol: str, n: int) -> int | None:
        """None where there is no stop: nothing says what the position risks."""
        book = self.book(symbol, n)
        way = side(book.quantity)
        prices = [o.stop for o in self.exits(symbol, n) if o.stop is not None for _ in range(abs(o.quantity))]
        reached = sorted(prices, reverse=way > 0)[: abs(book.quantity)]
        proceeds = way * sum(reached) * self.tick(book.root)
        return self.released(book, len(reached)) - proceeds if reached else None

    def stop_target_ratio(self, n: int) -> list[Raw]:
        behaviour = self.stage.behaviour
        if behaviour is None or behaviour.stop_target_ratio is None:
            return []
        broken = []
        for symbol in self.orders_judged(n):
            book = self.book(symbol, n)
            way = side(book.quantity)
            stops = [o.stop for o in self.exits(symbol, n) if o.stop is not None]
            limits = [o.limit for o in self.exits(symbol, n) if o.stop is None and o.limit is not None]
            if not stops or not limits or not self.once_a_trade(n, "stop_target_ratio", symbol):
                continue
            entry = Fraction(self.open_cost(book), self.tick(book.root))
            to_stop = entry - book.quantity * (min(stops) if way > 0 else max(stops))
            to_target = book.quantity * (min(limits) if way > 0 else max(limits)) - entry
            if to_stop * MILLION > behaviour.stop_target_ratio * to_target:
                actual = floor(to_stop * MILLION / to_target) if to_target > 0 else 0
                evidence = self.evidence(n, behaviour.stop_target_ratio, actual, "ratio", symbol=symbol)
                broken.append(Raw("stop_target_ratio", behaviour.outcome, evidence, (symbol,)))
        return broken

    # ------------------------------------------------------------------ 3 and 9 the hits of an event, strikes

    @remembered
    def raw_hits(self, n: int) -> list[Raw]:
        """In the order of work."""
        return [
            *self.max_loss(n),
            *self.daily_losses(n),
            *self.locked_day(n),
            *self.position(n),
            *self.scaling(n),
            *self.flat_by(n),
            *self.closed_time(n),
            *self.blackout(n),
            *self.news(n),
            *self.limit_up_down(n),
            *self.hedging(n),
            *self.stop_required(n),
            *self.risk_per_position(n),
            *self.stop_target_ratio(n),
            *self.hft(n),
            *self.mae(n),
            *self.inactivity(n),
            *self.time_limit(n),
        ]

    @remembered
    def judged(self, n: int) -> list[tuple[Raw, Hit]]:
        event, raws = self.event(n), list[Raw]()
        if not self.live(n) or isinstance(event, Correction):
            return []
        doubt = isinstance(event, Mark | Metric | Fill) and event.doubt
        hits: list[Hit] = []
        for raw in self.raw_hits(n):
            if self.silent(n, raw, hits):
                continue
            raws.append(raw)
            hit = Hit(event.seq, event.at, raw.rule, raw.outcome, raw.evidence, doubt=doubt)
            hits.append(self.struck(n, hit, hits))
        if hits:
            worst = min(range(len(hits)), key=lambda i: SEVERITY.index(hits[i].outcome))
            hits[worst] = replace(hits[worst], decided=hits[worst].outcome in ("fail", "lock_day"))
        return list(zip(raws, hits, strict=True))

    def hits(self, n: int) -> list[Hit]:
        return [hit for _, hit in self.judged(n)]

    def struck(self, n: int, hit: Hit, same_event: list[Hit]) -> Hit:
        """The hit with its number and the action of that number, if its rule is counted."""
        counted = next((s for s in self.stage.strikes if s.rule == hit.rule), None)
        if counted is None:
            return hit
        today = self.day(n)
        days = [self.day(i) for i in range(1, n) for h in self.hits(i) if h.rule == hit.rule]
        days += [today for h in same_event if h.rule == hit.rule]
        if counted.window_days is not None and today is not None:
            days = [d for d in days if d is None or (today - d).days < counted.window_days]
        number = len({*days, today}) if counted.per == "day" else len(days) + 1
        return replace(hit, strike=number, outcome=counted.actions[min(number, len(counted.actions)) - 1])

    # ------------------------------------------------------------------ 10 days and counters

    def day_before(self, n: int) -> int:
        """The event that began the day which the n-th ends; 0 if there was none."""
        return self.day_began(n - 1)

    def activity(self, n: int) -> bool:
        """A fill; metered: a figure of the platform that differs from the balance so far."""
        event = self.event(n)
        told = isinstance(event, Metric) or self.has_figures(event)
        return isinstance(event, Fill) or (told and self.balance(n) != self.balance(n - 1))

    def day_of_activity(self, n: int) -> int:
        """The roll of the day to which what happened at ``n`` belongs: figures at a roll are the old day's."""
        return self.roll(n - 1) if isinstance(self.event(n), DayRolled) else self.roll(n)

    @remembered
    def counts_day(self, n: int) -> bool:
        """Whether the n-th event is the first of its day that makes it a trading day."""
        begun = self.day_of_activity(n)
        return begun > 0 and self.active(n, n) and not self.active(begun + 1, n - 1)

    def active(self, first: int, last: int) -> bool:
        """Whether any of these events, of those that were judged, shows the account trading."""
        return any(self.activity(i) and self.live(i) for i in range(first, last + 1))

    def trading_days(self, n: int, window: str = "stage") -> int:
        upto = self.judged_upto(n)
        return sum(self.counts_day(i) for i in range(self.window_start(window, upto) + 1, upto + 1))

    def payout(self, n: int) -> bool:
        event = self.event(n)
        return isinstance(event, CashMoved) and event.kind == "payout"

    def payout_event(self, n: int) -> CashMoved:
        event = self.event(n)
        assert isinstance(event, CashMoved)
        return event

    def payouts(self, n: int) -> int:
        return sum(self.payout(i) and self.live(i) for i in range(1, self.judged_upto(n) + 1))

    def window_start(self, window: str, n: int) -> int:
        """The event with which the window began; the lifetime has no other beginning than 0."""
        if window == "lifetime":
            return 0
        return max((i for i, e in self.places(0, n) if self.begins(window, e) and self.live(i)), default=0)

    def begins(self, window: str, event: Event) -> bool:
        terms = self.stage.payout
        match event:
            case WindowsRestarted():
                return True
            case CashMoved(kind="payout"):
                return window == "cycle"
            case CashMoved(kind="payout_denied"):
                return window == "cycle" and terms is not None and terms.counter_reset == "on_decision"
            case _:
                return False

    def first_day(self, n: int) -> date:
        """The day on which the stage's windows began, or it was opened again."""
        begun = max(self.window_start("stage", n), self.reopened(n)) or self.days_begun(n)[0]
        return self.roll_event(self.roll(begun)).day

    def qualifies(self, begun: int, n: int) -> bool:
        """Whether the day that began at ``begun`` qualifies, from what it has shown up to ``n``."""
        rule = self.stage.days.qualifying
        if rule is None:
            return False
        if rule.measure == "trade_pnl":
            made = self.made(max(begun, self.window_start(rule.scope, n)), n)
        else:
            taken = max(self.snapshots(begun, n), default=0)
            if not taken:
                return False
            made = self.made(max(self.snapshots(0, begun), default=0), taken)
        return made >= sized(rule.min_profit, self.initial)

    @remembered
    def ends_qualifying(self, n: int) -> bool:
        """Whether the n-th event is a roll that ends a qualifying day."""
        rolled = isinstance(self.event(n), DayRolled) and self.live(n)
        return rolled and self.day_before(n) > 0 and self.qualifies(self.day_before(n), n)

    def qualifying_days(self, n: int) -> int:
        rule, upto = self.stage.days.qualifying, self.judged_upto(n)
        if rule is None:
            return 0
        since = self.window_start(rule.scope, upto)
        before = self.options.lifetime_qualifying if rule.scope == "lifetime" else 0
        return before + sum(self.ends_qualifying(i) for i in range(since + 1, upto + 1))

    def inactivity(self, n: int) -> list[Raw]:
        rule, event = self.stage.inactivity, self.event(n)
        if rule is None or not isinstance(event, DayRolled):
            return []
        broken, first = [], self.first_day(n)
        fills = [day for i, e in self.places(0, n) if isinstance(e, Fill) and (day := self.day(i))]
        idle = (event.day - max([first, *fills])).days
        if rule.days is not None and idle >= rule.days:
            broken.append(Raw("inactivity", rule.outcome, self.evidence(n, rule.days, idle, "days")))
        before = self.day(n - 1)
        if rule.per_week is not None and before is not None and iso_week(before) != iso_week(event.day):
            last = iso_week(date.fromordinal(event.day.toordinal() - 7))
            done = sum(iso_week(day) == last for day in fills)
            if not broken and last != iso_week(first) and done < rule.per_week:
                evidence = self.evidence(n, rule.per_week, done, "fills", note="per_week")
                broken.append(Raw("inactivity", rule.outcome, evidence))
        return broken

    def time_limit(self, n: int) -> list[Raw]:
        limit, event = self.stage.time_limit_days, self.event(n)
        if limit is None or not isinstance(event, DayRolled):
            return []
        passed = (event.day - self.first_day(n)).days
        return [Raw("time_limit", "fail", self.evidence(n, limit, passed, "days"))] if passed >= limit else []

    # ------------------------------------------------------------------ 11 consistency, target, pass

    @property
    def gross(self) -> bool:
        rule = self.stage.consistency
        return rule is not None and not rule.include_commissions

    def window(self, n: int) -> int:
        rule = self.stage.consistency
        return self.window_start(rule.window if rule is not None else "stage", n)

    @remembered
    def best(self, n: int) -> int:
        """The highest profit of a day (or trade) of the window, today included; never below 0."""
        rule, since = self.stage.consistency, self.window(n)
        if rule is not None and rule.unit == "trade":
            ended = [t for t in self.trades(n) if (t.ended or 0) > since]
            return max([0, *(t.realised if self.gross else t.profit for t in ended)])
        begins = self.days_begun(n)
        ends = [*begins[1:], n] if begins else []
        days = [(max(begun, since), end) for begun, end in zip(begins, ends, strict=True) if end >= max(begun, since)]
        return max([0, *(self.made(begun, end, gross=self.gross) for begun, end in days)])

    def consistency_cap(self, n: int) -> int | None:
        """That of the next payout."""
        rule = self.stage.consistency
        if rule is None:
            return None
        if rule.caps_by_payout:
            return rule.caps_by_payout[min(self.payouts(n), len(rule.caps_by_payout) - 1)]
        return rule.cap

    def past_consistency(self, n: int) -> bool:
        rule = self.stage.consistency
        return rule is not None and rule.until_payout_no is not None and self.payouts(n) >= rule.until_payout_no

    def consistent(self, n: int) -> bool:
        rule, cap = self.stage.consistency, self.consistency_cap(n)
        assert rule is not None
        assert cap is not None
        if self.past_consistency(n):
            return True
        total = self.made(self.window(n), n, gross=self.gross)
        whole = self.target(n) if rule.denominator == "target" else total
        best = self.best(n)
        within = best * MILLION <= cap * whole if rule.cmp == "lte" else best * MILLION < cap * whole
        return total > 0 and (best <= 0 or within)

    @property
    def goal(self) -> Target | None:
        return self.stage.target

    @remembered
    def target(self, n: int) -> int:
        """As the days that ended have left it."""
        assert self.goal is not None
        if not n:
            return sized(self.goal.size, self.initial)
        target = self.target(n - 1)
        rolled = isinstance(self.event(n), DayRolled) and self.live(n)
        if (rolled or self.reopens(n)) and self.day_before(n):
            return self.extended(target, self.day_before(n), n)
        return target

    def extended(self, target: int, begun: int, n: int) -> int:
        """With what the day that began at ``begun`` has shown up to ``n``."""
        rule, cap = self.stage.consistency, self.consistency_cap(n)
        if rule is None or cap is None or rule.effect == "block" or self.past_consistency(n):
            return target
        if rule.effect == "extend_ratio":
            return max(target, ceil(Fraction(self.best(n) * MILLION, cap)))
        excess = self.made(max(begun, self.window(n)), n, gross=self.gross) - portion(target, cap)
        return target + max(excess, 0)

    @remembered
    def target_now(self, n: int) -> int:
        """Today's part applied provisionally."""
        begun = self.day_began(n)
        return self.extended(self.target(n), begun, n) if begun else self.target(n)

    def target_judged(self, n: int) -> bool:
        if self.goal is None or not n or not self.live(n) or self.breaches(n):
            return False
        if self.stage.on_pass.at == "eod":
            return isinstance(self.event(n), EodSnapshot)
        return isinstance(self.event(n), Fill | Metric | CashMoved | EodSnapshot | DayRolled)

    @remembered
    def target_met(self, n: int) -> bool:
        assert self.goal is not None
        if self.profit(n) >= self.target_now(n):
            return True
        return self.goal.sticky and any(self.target_judged(i) and self.target_met(i) for i in range(1, n))

    @remembered
    def conditions(self, n: int) -> dict[Gate, bool]:
        """Those that the stage has beside its target, and whether they are met, in the order of section 10."""
        stage, conditions = self.stage, dict[Gate, bool]()
        if stage.days.min_trading > 0:
            days = self.trading_days(n, stage.days.min_trading_scope)
            conditions["min_trading_days"] = days >= stage.days.min_trading
        if stage.days.qualifying is not None:
            today = isinstance(self.event(n), EodSnapshot) and self.qualifies(self.day_began(n), n)
            conditions["qualifying_days"] = self.qualifying_days(n) + today >= stage.days.qualifying.count
        rule = stage.consistency
        if rule is not None and rule.effect == "block" and self.consistency_cap(n) is not None:
            conditions["consistency"] = self.consistent(n)
        return conditions | self.hold_gates(n)

    def waiting(self, n: int) -> tuple[Gate, ...]:
        """What a met target still waits for."""
        flat = self.stage.on_pass.flat_required and bool(self.held(n))
        missing = [condition for condition, met in self.conditions(n).items() if not met]
        return ("flat", *missing) if flat else tuple(missing)

    def hold_gates(self, n: int) -> dict[Gate, bool]:
        behaviour, gates = self.stage.behaviour, dict[Gate, bool]()
        if behaviour is None or behaviour.min_hold_s is None:
            return gates
        trades = [t for t in self.trades(n) if (t.ended or 0) > self.window_start("stage", n)]
        longer = [t for t in trades if t.held > behaviour.min_hold_s * SECOND or self.made_enough(t)]
        if (share := behaviour.min_hold_share_trades) is not None:
            gates["min_hold_trades"] = bool(trades) and self.over(len(longer), share, len(trades))
        if (share := behaviour.min_hold_share_profit) is not None:
            total, kept = sum(t.profit for t in trades), sum(t.profit for t in longer)
            gates["min_hold_profit"] = total > 0 and self.over(kept, share, total)
        return gates

    def over(self, part: int, share: int, whole: int) -> bool:
        assert self.stage.behaviour is not None
        edge = self.stage.behaviour.min_hold_edge
        return part * MILLION >= share * whole if edge == "gte" else part * MILLION > share * whole

    def made_enough(self, trade: Trade) -> bool:
        assert self.stage.behaviour is not None
        ticks = self.stage.behaviour.min_hold_ticks
        return ticks is not None and trade.realised >= ticks * trade.contracts * self.tick(trade.root)

    def passes(self, n: int) -> bool:
        return self.target_judged(n) and self.target_met(n) and not self.waiting(n)

    # ------------------------------------------------------------------ 12 cash

    def floor_effect(self, n: int) -> str | None:
        """What the payout at ``n`` does to the floor; None if there is none."""
        terms = self.stage.payout
        if not self.payout(n) or terms is None or (terms.floor_effect_first_only and self.payouts(n) > 1):
            return None
        return terms.floor_effect

    def after_payout(self, floor: int, n: int) -> int:
        terms, paid, effect = self.stage.payout, self.payout_event(n), self.floor_effect(n)
        top = self.start if self.lock_level is None else self.lock_level
        if self.stage.max_loss.mode == "trail_payout" or effect == "raise_by_trader_share":
            floor = max(floor, min(floor + paid.trader_share, top))
        match effect:
            case "set_to_start":
                floor = max(floor, self.start)
            case "set_to_start_plus" if terms is not None:
                floor = max(floor, self.start + terms.floor_effect_value)
            case "set_to_zero":
                floor = max(floor, 0)
            case "reset_cycle":
                floor = self.balance(n) - self.allowance(self.balance(n))
            case _:
                pass
        if terms is not None and terms.inside_buffer.floor_to_start and paid.inside_buffer:
            floor = max(floor, self.start)
        if self.locks_at_payout:
            floor = max(floor, top)
        return floor

    # ------------------------------------------------------------------ 13 warnings

    def warnings(self, n: int) -> list[Warned]:
        rate, event = self.stage.warn_at, self.event(n)
        if rate is None or not self.compared(event):
            return []
        close: list[tuple[Rule, Evidence]] = []
        room = self.allowance(self.high(n))
        if self.equity(n) <= self.floor(n) + room - portion(room, rate):
            close.append(("max_loss", self.on_floor(n, self.floor(n), self.equity(n), self.floor_set(n))))
        if self.daily_on and not self.locked(n):
            room, limit = self.day_limit(self.day_began(n)), self.day_floor(n)
            if self.equity(n) <= limit + room - portion(room, rate):
                was_set = self.day_floor_set(n, in_force=False)
                close.append(("daily_loss", self.on_floor(n, limit, self.equity(n), was_set)))
        return [
            Warned(event.seq, event.at, rule, evidence) for rule, evidence in close if not self.spoken_today(n, rule)
        ]

    def spoken_today(self, n: int, rule: Rule) -> bool:
        """Hit (this event included) or warned about since the day began."""
        begun = max(self.day_began(n), 1)
        if any(hit.rule == rule for i in range(begun, n + 1) for hit in self.hits(i)):
            return True
        return any(warned.rule == rule for i in range(begun, n) for warned in self.warned(i))

    @remembered
    def warned(self, n: int) -> list[Warned]:
        return self.warnings(n) if self.live(n) and not self.breaches(n) else []

    # ------------------------------------------------------------------ all findings of an event

    def findings(self, n: int) -> list[Finding]:
        """Hits first, in the order of work; the order of the rest means nothing."""
        if self.reopens(n):
            return self.target_extended(n)
        if not self.live(n) or isinstance(self.event(n), Correction):
            self.verdict(n)
            return []
        return [
            *self.hits(n),
            *self.day_closed(n),
            *self.floors_moved(n),
            *self.day_counted(n),
            *self.stripped(n),
            *self.target_said(n),
            *self.gates_moved(n),
            *self.warned(n),
        ]

    def day_closed(self, n: int) -> list[Finding]:
        event, begun = self.event(n), self.day_before(n)
        if not isinstance(event, DayRolled) or not begun:
            return []
        closed: list[Finding] = [
            DayClosed(
                event.seq,
                event.at,
                day=self.ended_day(n),
                start_balance=Micros(self.balance(begun)),
                end_balance=Micros(self.balance(n)),
                end_equity=Micros(self.equity(n)),
                pnl=Micros(self.made(begun, n)),
                floor=Micros(self.floor(n - 1)),
                day_floor=self.nearest_day_floor(n - 1),
                traded=self.active(self.roll(n - 1) + 1, n),
                qualifying=self.ends_qualifying(n),
            )
        ]
        if self.ends_qualifying(n):
            number = self.qualifying_days(n)
            closed.append(DayCounted(event.seq, event.at, self.ended_day(n), "qualifying", number))
        if self.locked(n - 1):
            closed.append(Unlocked(event.seq, event.at))
        return [*closed, *self.target_extended(n)]

    def ended_day(self, n: int) -> date:
        """The label of the day that the roll ``n`` ends."""
        label = self.day(n - 1)
        assert label is not None
        return label

    def target_extended(self, n: int) -> list[Finding]:
        if self.goal is None or self.target(n) == self.target(n - 1):
            return []
        before, after = Micros(self.target(n - 1)), Micros(self.target(n))
        return [TargetExtended(self.event(n).seq, self.event(n).at, before, after)]

    def floors_moved(self, n: int) -> list[Finding]:
        event, moved = self.event(n), list[Finding]()
        intraday = self.stage.max_loss.mode == "trail_intraday"
        before, after = self.floor(n - 1), self.floor(n)
        steps = [(before, after, n)]
        if intraday:
            told = self.floor(self.last_reported(n))
            steps = [(told, after, n)] if isinstance(event, DayRolled) else []
            if before != after and self.payout(n):
                steps = [(told, before, n - 1), (before, after, n)]
        for old, new, i in steps:
            if old != new:
                high, locked = Micros(self.high(i)), self.capped(i)
                moved.append(FloorMoved(event.seq, event.at, "max_loss", Micros(old), Micros(new), high, locked))
        return moved

    def last_reported(self, n: int) -> int:
        """The event before ``n`` after which an intraday floor was last told."""
        return max(
            (
                i
                for i, e in self.places(0, n - 1)
                if self.live(i)
                and (isinstance(e, DayRolled) or (self.payout(i) and self.floor(i) != self.floor(i - 1)))
            ),
            default=0,
        )

    def day_counted(self, n: int) -> list[Finding]:
        if not self.counts_day(n):
            return []
        event, begun = self.event(n), self.day_of_activity(n)
        return [DayCounted(event.seq, event.at, self.roll_event(begun).day, "trading", self.trading_days(n))]

    def target_said(self, n: int) -> list[Finding]:
        event, said = self.event(n), list[Finding]()
        if self.breaches(n) or not self.target_judged(n) or not self.target_met(n):
            return []
        target, profit = Micros(self.target_now(n)), Micros(self.profit(n))
        before = max((i for i in range(1, n) if self.target_judged(i)), default=0)
        if not before or not self.target_met(before):
            said.append(TargetMet(event.seq, event.at, target, profit, self.waiting(n)))
        if self.verdict(n) == "passed":
            said.append(Passed(event.seq, event.at, target, profit, Micros(self.balance(n))))
        return said

    def gates_moved(self, n: int) -> list[Finding]:
        event = self.event(n)
        if not isinstance(event, DayRolled) or self.breaches(n):
            return []
        told = (i for i, e in self.places(0, n - 1) if isinstance(e, DayRolled) and self.live(i))
        last = max((i for i in told if not self.breaches(i)), default=0)
        before = self.conditions(last) if last else {}
        return [
            GateMoved(event.seq, event.at, gate, met)
            for gate, met in self.conditions(n).items()
            if before.get(gate, False) != met
        ]

    # ------------------------------------------------------------------ the figures

    def standing(self) -> Standing:
        n = len(self.events)
        upto = self.judged_upto(n)
        return Standing(
            balance=self.balance(n),
            equity=self.equity(n),
            floor=self.floor(n),
            day_floor=self.nearest_day_floor(upto),
            hwm=self.high(n),
            day=self.day(n),
            locked=self.locked(n),
            verdict=self.verdict(n),
            trading_days=self.trading_days(n),
            qualifying_days=self.qualifying_days(n),
            profit=self.profit(n),
            best_day=self.best(n) if self.verdict(n) == "open" else None,
            payouts=self.payouts(n),
        )

    # ------------------------------------------------------------------ 14 corrections

    def corrected(self, correction: Correction) -> list[Finding]:
        """Raises NotHeard where the amended past could not have been."""
        amended = self.amended(correction)
        if not self.possible(amended):
            raise NotHeard
        count = len(self.events)
        told, balance_before, verdict_before = self.judgements(count), self.balance(count), self.verdict(count)

        self.events, self.answers = amended, {}
        count = len(self.events)
        restated, verdict_restated = self.judgements(count), self.verdict(count)
        self.found[correction.seq] = verdict_before if verdict_before != "open" else verdict_restated
        self.events.append(correction)
        return [
            Corrected(
                correction.seq,
                correction.at,
                correction.execution,
                balance_before=Micros(balance_before),
                balance_after=Micros(self.balance(count)),
                withdrawn=without(told, restated),
                added=without(restated, told),
                verdict_before=verdict_before,
                verdict_restated=verdict_restated,
            )
        ]

    def judgements(self, count: int) -> list[Hit | Passed]:
        """What a correction compares."""
        return [
            finding for n in range(1, count + 1) for finding in self.findings(n) if isinstance(finding, Hit | Passed)
        ]

    def possible(self, past: list[Event]) -> bool:
        """Whether section 3 would have heard these events, one after another."""
        other = Oracle(self.program, self.stage.name, self.contracts, self.platform, self.options)
        for number, event in enumerate(past, 1):
            if not other.may_come(replace(event, seq=number)):
                return False
            other.events.append(event)
            other.last_seq, other.last_at = number, event.at
        return True

    def amended(self, correction: Correction) -> list[Event]:
        """The past with the execution removed, replaced in its place, or inserted after all that is not later."""
        fill, past = correction.replacement, list[Event]()
        placed = fill is None
        for event in self.events:
            wrong = isinstance(event, Fill) and event.execution == correction.execution
            if wrong and fill is not None and fill.at == event.at:
                past.append(replace(fill, seq=event.seq))
                placed = True
            elif not wrong and not isinstance(event, Correction):
                past.append(event)
        if not placed and fill is not None:
            place = sum(event.at <= fill.at for event in past)
            past.insert(place, replace(fill, seq=correction.seq))
        return past


def without(judged: list[Hit | Passed], others: list[Hit | Passed]) -> tuple[Hit | Passed, ...]:
    """Those that have no counterpart among the others."""
    spare = Counter(map(sameness, others))
    left = []
    for one in judged:
        if spare[sameness(one)]:
            spare[sameness(one)] -= 1
        else:
            left.append(one)
    return tuple(left)


def sameness(one: Hit | Passed) -> tuple[object, ...]:
    match one:
        case Hit(at=at, rule=rule, outcome=outcome, evidence=Evidence(symbol=symbol, note=note)):
            return at, rule, outcome, symbol, note
        case Passed(at=at):
            return at, "passed"

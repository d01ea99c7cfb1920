"""The life of one account as a story: what happened, and what the engine said about it.

    life = Life(stage(loss("2000")))
    life.day("2026-01-05")
    life.buy(1, "5000")
    assert life.mark("3000").rules == ("max_loss",)

Every day lasts from midnight to midnight UTC. Dollars and prices are decimal strings. Unless a symbol is named, trades
are in DOL, a contract of one dollar a point that is quoted to the micro-dollar: what its price moves, equity moves.

Each event is told twice, once as it is and once with the screen of the state taken away, and must lead to the same; and
the state that it was told to must be untouched afterwards.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Final, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from propfirm.domain.catalogue.program import (
    Clock,
    DailyLoss,
    MaxLoss,
    PayoutTerms,
    Program,
    Size,
    Split,
    SplitStep,
    Stage,
    Target,
)
from propfirm.domain.market.contracts import Contract
from propfirm.domain.market.ticks import TickParser
from propfirm.domain.money import MICROS_PER_DOLLAR, ONE, Micros, Ppm, parse_scaled, ratio, usd
from propfirm.domain.rules.engine import begin, step
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
from propfirm.domain.rules.findings import Evidence, Finding, Hit, Rule
from propfirm.domain.rules.replay import fold
from propfirm.domain.rules.state import FAR, State
from propfirm.domain.rules.terms import Options, Platform, Terms, compile_terms

F = TypeVar("F", bound=Finding)

SECOND: Final = 1_000_000_000
DAY: Final = 86_400 * SECOND
MONDAY: Final = "2026-01-05"
TUESDAY: Final = "2026-01-06"
WEDNESDAY: Final = "2026-01-07"
THURSDAY: Final = "2026-01-08"
FRIDAY: Final = "2026-01-09"
NEXT_MONDAY: Final = "2026-01-12"
FIFTY: Final = usd("50000")


def _contract(root: str, product: str, group: str, tick: str, value: str, size_class: str, weight: str) -> Contract:
    return Contract(
        root,
        root,
        "CME",
        group,  # type: ignore[arg-type]  # a literal of the table below
        tick,
        usd(value),
        size_class,  # type: ignore[arg-type]  # as above
        ratio(weight),
        product,
        "HMUZ",
    )


CONTRACTS: Final = {
    contract.root: contract
    for contract in (
        _contract("DOL", "DOL", "fx", "0.000001", "0.000001", "mini", "1"),
        _contract("ES", "ES", "equity_index", "0.25", "12.5", "mini", "1"),
        _contract("MES", "ES", "equity_index", "0.25", "1.25", "micro", "0.1"),
        _contract("NQ", "NQ", "equity_index", "0.25", "5", "mini", "1"),
        _contract("CL", "CL", "energy", "0.01", "10", "full", "1"),
        _contract("ZN", "ZN", "rates", "0.015625", "15.625", "full", "1"),
        _contract("ODD", "ODD", "metals", "1", "0.333333", "micro", "0.2"),
    )
}


def root_of(symbol: str) -> str:
    """``ESH6`` is ES; the other way of writing, ``ES``, is ES too."""
    return symbol if symbol in CONTRACTS else symbol[:-2]


def ticks(symbol: str, price: str) -> int:
    return TickParser(CONTRACTS[root_of(symbol)])[price]


# ---------------------------------------------------------------- the rules of the stories


def size(text: str) -> Size:
    """``2000`` dollars, or ``4%``."""
    return Size(pct=Ppm(parse_scaled(text[:-1], 4))) if text.endswith("%") else Size(amount=usd(text))


def loss(most: str = "2000", **rule: Any) -> MaxLoss:
    """A maximum loss of this size; static and touched unless the rule says otherwise."""
    return MaxLoss(**{"mode": "static", "size": size(most), **rule})


def daily(most: str = "1000", **rule: Any) -> DailyLoss:
    return DailyLoss(size(most), **rule)


def target(least: str, **rule: Any) -> Target:
    return Target(size(least), **rule)


def payouts(**terms: Any) -> PayoutTerms:
    return PayoutTerms(**{"split": Split("flat", (SplitStep(0, ratio("0.9")),)), **terms})


def stage(max_loss: MaxLoss | None = None, **rules: Any) -> Stage:
    """A stage with only these rules. Nothing warns unless ``warn_at`` is given."""
    return Stage(
        **{"name": "only", "kind": "evaluation", "max_loss": max_loss or loss(), "warn_at": None, **rules},
    )


def program(one: Stage) -> Program:
    clock = Clock(zone="UTC", day_roll=time(0), eod_snapshot=time(23, 50), calendar="civil")
    return Program("example-50k", 1, "Example 50K", date(2026, 1, 1), FIFTY, clock, (one,))


def terms_of(one: Stage, *, platform: Platform | None = None, options: Options | None = None) -> Terms:
    return compile_terms(program(one), one.name, CONTRACTS, platform=platform, options=options)


# ---------------------------------------------------------------- orders


def stop(quantity: int, price: str, symbol: str = "DOL") -> WorkingOrder:
    return WorkingOrder("stop", symbol, root_of(symbol), quantity, stop=ticks(symbol, price))


def limit(quantity: int, price: str, symbol: str = "DOL") -> WorkingOrder:
    return WorkingOrder("limit", symbol, root_of(symbol), quantity, limit=ticks(symbol, price))


def stop_limit(quantity: int, stop_price: str, limit_price: str, symbol: str = "DOL") -> WorkingOrder:
    prices = ticks(symbol, limit_price), ticks(symbol, stop_price)
    return WorkingOrder("stop-limit", symbol, root_of(symbol), quantity, *prices)


# ---------------------------------------------------------------- what is said


class Said(tuple[Finding, ...]):
    """The findings of one event."""

    __slots__ = ()

    @property
    def hits(self) -> tuple[Hit, ...]:
        return tuple(finding for finding in self if isinstance(finding, Hit))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that were hit, in the order in which they were."""
        return tuple(hit.rule for hit in self.hits)

    @property
    def hit(self) -> Hit:
        """The only one."""
        (hit,) = self.hits
        return hit

    @property
    def evidence(self) -> Evidence:
        """Of the only hit."""
        return self.hit.evidence

    @property
    def figures(self) -> tuple[int, int]:
        """Limit and actual of the only hit."""
        return self.evidence.limit, self.evidence.actual

    def all(self, kind: type[F]) -> tuple[F, ...]:
        return tuple(finding for finding in self if isinstance(finding, kind))

    def only(self, kind: type[F]) -> F:
        (one,) = self.all(kind)
        return one


# ---------------------------------------------------------------- the story


class Life:
    def __init__(self, one: Stage, *, platform: Platform | None = None, options: Options | None = None) -> None:
        self.terms = terms_of(one, platform=platform, options=options)
        self.state = begin(self.terms)
        self.events: list[Event] = []
        self.findings: list[Finding] = []
        self.now = 0
        self._midnight = 0
        self._executions = 0
        self._unscreened = self.state

    # -- time

    def at(self, clock: str) -> Life:
        """The next event comes at this wall time: ``14:30``, ``14:30:05`` or ``14:30:05.000000001``."""
        hours, minutes, seconds = [*clock.split(":"), "0"][:3]
        self.now = self._midnight + (int(hours) * 60 + int(minutes)) * 60 * SECOND + parse_scaled(seconds, 9)
        return self

    def wait(self, *, seconds: int = 0, ns: int = 0) -> Life:
        self.now += seconds * SECOND + ns
        return self

    def day(self, label: str, *, balance: str | None = None, equity: str | None = None) -> Said:
        """The trading day rolls at its midnight, perhaps with figures that the platform reported for that instant."""
        day = date.fromisoformat(label)
        self._midnight = self.now = midnight(label)
        figures = (None if balance is None else usd(balance), None if equity is None else usd(equity))
        return self.tell(DayRolled(self.seq, self.now, day, self.now + DAY, True, *figures))

    def rolls(self, label: str) -> Said:
        """The end-of-day snapshot, then the next day."""
        self.snapshot()
        return self.day(label)

    # -- where it stands

    @property
    def seq(self) -> int:
        """The number of the next event."""
        return self.state.seq + 1

    @property
    def verdict(self) -> str:
        return self.state.verdict

    # -- what happens

    def buy(self, quantity: int, price: str, symbol: str = "DOL", fee: str = "0", **more: Any) -> Said:
        return self.fill(quantity, price, symbol, fee, **more)

    def sell(self, quantity: int, price: str, symbol: str = "DOL", fee: str = "0", **more: Any) -> Said:
        return self.fill(-quantity, price, symbol, fee, **more)

    def fill(
        self, quantity: int, price: str, symbol: str = "DOL", fee: str = "0", name: str = "", *, doubt: bool = False
    ) -> Said:
        """name: of the execution; ``x1``, ``x2``, ... where none is given."""
        self._executions += 1
        name = name or f"x{self._executions}"
        root = root_of(symbol)
        return self.tell(Fill(self.seq, self.now, name, symbol, root, quantity, ticks(symbol, price), usd(fee), doubt))

    def earn(self, amount: str, symbol: str = "DOL") -> Said:
        """A round trip that realises this many dollars (a loss where negative): what is said about its last fill."""
        self.buy(1, "100000", symbol)
        return self.sell(1, dollars(usd("100000") + usd(amount)), symbol)

    def mark(self, bid: str, ask: str = "", symbol: str = "DOL", *, doubt: bool = False) -> Said:
        return self.tell(Mark(self.seq, self.now, symbol, ticks(symbol, bid), ticks(symbol, ask or bid), doubt))

    def metric(self, balance: str, equity: str = "", *, doubt: bool = False) -> Said:
        return self.tell(Metric(self.seq, self.now, usd(balance), usd(equity or balance), doubt))

    def pays(self, gross: str, share: str = "", *, inside_buffer: bool = False) -> Said:
        """A payout is approved and its gross leaves the balance."""
        amount = Micros(-usd(gross))
        return self.tell(
            CashMoved(
                self.seq, self.now, "payout", amount, usd(gross), usd(share or gross), inside_buffer=inside_buffer
            )
        )

    def denies(self) -> Said:
        return self.tell(CashMoved(self.seq, self.now, "payout_denied", Micros(0)))

    def adjusts(self, amount: str) -> Said:
        return self.tell(CashMoved(self.seq, self.now, "adjustment", usd(amount)))

    def rebills(self) -> Said:
        """A payment under ``keep_balance_restart_windows``."""
        return self.tell(WindowsRestarted(self.seq, self.now))

    def reinstates(self, worth: str = "0") -> Said:
        """An appeal overturned the breach; the account was worth so much before it."""
        return self.tell(Reinstated(self.seq, self.now, usd(worth), "appeal 1"))

    def flat_by(self, *groups: str, over: Literal["night", "weekend", "holiday"] = "night", reopens: str = "") -> Said:
        """reopens: wall time of the same day."""
        now = self.now
        opens = self.at(reopens).now if reopens else 0
        self.now = now
        return self.tell(FlatBy(self.seq, now, groups or ("fx",), over, opens))

    def snapshot(self) -> Said:
        label = self.state.day
        assert label is not None
        return self.tell(EodSnapshot(self.seq, self.now, label))

    def news(self, *products: str, release: int = 0, name: str = "NFP") -> Said:
        """A news window opens. release: seconds from now."""
        at = self.now + release * SECOND
        return self.tell(WindowOpened(self.seq, self.now, name, "news", products or ("*",), at))

    def blackout(self, *products: str, name: str = "lunch") -> Said:
        return self.tell(WindowOpened(self.seq, self.now, name, "blackout", products or ("*",)))

    def closes(self, name: str) -> Said:
        return self.tell(WindowClosed(self.seq, self.now, name))

    def orders(self, *working: WorkingOrder) -> Said:
        return self.tell(OrdersChanged(self.seq, self.now, working))

    def limit_move(self, symbol: str, *, on: bool = True) -> Said:
        return self.tell(LimitMove(self.seq, self.now, symbol, on))

    def busts(self, execution: str) -> Said:
        return self.tell(Correction(self.seq, self.now, execution, None, "bust"))

    def corrects(self, execution: str, quantity: int, price: str, *, at: int, symbol: str = "DOL") -> Said:
        """The execution should have been this one, at that instant (ns); an unknown one is a late fill."""
        right = Fill(0, at, execution, symbol, root_of(symbol), quantity, ticks(symbol, price), Micros(0))
        return self.tell(Correction(self.seq, self.now, execution, right, "price"))

    # -- how it is told

    def tell(self, event: Event) -> Said:
        """Raises what the engine raises; then nothing has happened."""
        if any(isinstance(one, Correction) for one in (*self.events, event)):
            state, whole = fold(self.terms, [*self.events, event])
            said = whole[len(self.findings) :]
        else:
            state, said = self._step(event)
        self.state = state
        self.events.append(event)
        self.findings.extend(said)
        return Said(said)

    def _step(self, event: Event) -> tuple[State, tuple[Finding, ...]]:
        before = msgspec.json.encode(self.state)
        state, said = step(self.terms, self.state, event)
        assert msgspec.json.encode(self.state) == before
        unscreened, said_too = step(self.terms, without_screen(self._unscreened), event)
        assert said_too == said
        assert essence(unscreened) == essence(state)
        self._unscreened = unscreened
        return state, said


def midnight(label: str) -> int:
    day = date.fromisoformat(label)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND


def dollars(amount: int) -> str:
    """Micro-dollars >= 0 as a decimal."""
    whole, rest = divmod(amount, MICROS_PER_DOLLAR)
    return f"{whole}.{rest:06d}"


def units(number: str) -> Ppm:
    """So many contracts of weight one."""
    return Ppm(int(usd(number)) * ONE // MICROS_PER_DOLLAR)


def without_screen(state: State) -> State:
    """The state, unable to take any event for quiet: it must judge it."""
    core = state.core
    loose = replace(core.thresholds, lo=FAR, hi=-FAR)
    return replace(state, core=replace(core, symbol="", quotes=state.quotes, thresholds=loose))


def essence(state: State) -> State:
    """The state without what only tells that nothing is to be done. The last quote of the screened symbol is kept."""
    core = state.core
    same = replace(core.thresholds, lo=0, hi=0)
    core = replace(core, symbol="", mult=0, base=0, lo=0, hi=0, until=0, quotes=state.quotes, thresholds=same)
    return replace(state, bid=0, ask=0, core=core)

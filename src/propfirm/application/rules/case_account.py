"""An account that a worked example plays: a real stage, its terms, and real events fed to ``begin`` and ``step``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Final

from msgspec.structs import replace

from propfirm.domain.calendar.instants import NS_PER_S
from propfirm.domain.calendar.sessions import TradingDay
from propfirm.domain.catalogue.program import Clock, MaxLoss, Program, Size, Stage
from propfirm.domain.market.contracts import Contract
from propfirm.domain.money import ONE, Micros
from propfirm.domain.payouts.standing import Standing
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import (
    CashMoved,
    DayRolled,
    EodSnapshot,
    Event,
    Fill,
    Mark,
    Metric,
    OrdersChanged,
    WorkingOrder,
)
from propfirm.domain.rules.findings import Finding, Hit, Rule
from propfirm.domain.rules.floors import Levels
from propfirm.domain.rules.state import profit_of
from propfirm.domain.rules.terms import compile_terms

STAGE: Final = "example"
DAY_NS: Final = 86_400 * NS_PER_S
FIRST_DAY: Final = date(2024, 12, 31)
"""Day 0 of examples that number their days; day 1 is the first of January 2025."""

OUT_OF_REACH: Final = Micros(10**25)
"""A drawdown below every loss that a file can name (eighteen digits of dollars)."""

NO_MAX_LOSS: Final = MaxLoss("static", Size(amount=OUT_OF_REACH))
"""Every stage has a maximum loss; this one never matters."""

NO_FEE: Final = Micros(0)
ENTRY_PRICE: Final = 10**26
"""In ticks of a micro-dollar: high enough that no loss brings a price to zero."""

PLAIN: Final = Contract(
    root="PLAIN",
    name="A contract whose tick is a micro-dollar, so that a trade can bring any profit",
    exchange="example",
    group="equity_index",
    tick_size="0.000001",
    tick_value=Micros(1),
    size_class="mini",
    weight=ONE,
    product="PLAIN",
    months="",
)


class CaseAccount:
    """Numbered events on one account. Days are made up (each a civil day in UTC) unless ``enter`` gives real ones."""

    def __init__(self, stage: Stage, starting_balance: Micros, contracts: Iterable[Contract] = (PLAIN,)) -> None:
        program = Program(
            id="worked-example",
            version=1,
            name="Worked example",
            effective_from=FIRST_DAY,
            starting_balance=starting_balance,
            clock=Clock("UTC", time(0), time(0)),
            stages=(stage,),
        )
        self.terms = compile_terms(program, stage.name, {contract.root: contract for contract in contracts})
        self.state = begin(self.terms)
        self.findings: list[Finding] = []

    def feed(self, event: Event) -> None:
        """``seq`` of the event does not matter. Raises what ``step`` raises."""
        self.state, found = step(self.terms, self.state, replace(event, seq=self.state.seq + 1))
        self.findings.extend(found)

    def hits(self, *rules: Rule) -> list[Hit]:
        return [finding for finding in self.findings if isinstance(finding, Hit) and finding.rule in rules]

    @property
    def profit(self) -> Micros:
        return profit_of(self.terms, self.state)

    # -- made-up days --

    @property
    def started(self) -> bool:
        """Its first day has begun."""
        return self.state.day is not None

    @property
    def day(self) -> int:
        """The number of the running day; 0 before the first."""
        return (self.state.day - FIRST_DAY).days if self.state.day is not None else 0

    def roll(self, day: int | None = None, balance: Micros | None = None, equity: Micros | None = None) -> None:
        """Into the next day, or into ``day``, which must be a later one."""
        number = self.day + 1 if day is None else day
        label = FIRST_DAY + timedelta(days=number)
        opens = to_ns_of(label)
        self.feed(DayRolled(0, opens, label, opens + DAY_NS, balance=balance, equity=equity))

    def close_day(self) -> None:
        """The end-of-day snapshot."""
        if self.state.day is not None:
            self.feed(EodSnapshot(0, self._soon(), self.state.day))

    def metric(self, balance: Micros, equity: Micros) -> None:
        self.feed(Metric(0, self._soon(), balance, equity))

    def trade(self, profit: Micros, fee: Micros = NO_FEE) -> None:
        """Bought and sold again, with this profit before the fee."""
        self.fill(PLAIN.root, 1)
        self.fill(PLAIN.root, -1, ENTRY_PRICE + profit, fee=fee)

    def fill(
        self,
        root: str,
        quantity: int,
        price: int = ENTRY_PRICE,
        *,
        fee: Micros = NO_FEE,
        symbol: str = "",
        at: int | None = None,
    ) -> None:
        instant = self._soon() if at is None else at
        name = f"execution {self.state.seq + 1}"
        self.feed(Fill(0, instant, name, symbol or root, root, quantity, price, fee))

    def mark(self, price: int) -> None:
        """Of the plain contract."""
        self.feed(Mark(0, self._soon(), PLAIN.root, price, price))

    def protect(self, stop: int, limit: int) -> None:
        """Working orders that close one plain contract, at these prices."""
        orders = (
            WorkingOrder("stop", PLAIN.root, PLAIN.root, -1, stop=stop),
            WorkingOrder("target", PLAIN.root, PLAIN.root, -1, limit=limit),
        )
        self.feed(OrdersChanged(0, self._soon(), orders))

    def pay_out(self, gross: Micros, trader_share: Micros) -> None:
        amount = Micros(-gross)
        self.feed(CashMoved(0, self._soon(), "payout", amount, gross=gross, trader_share=trader_share))

    def _soon(self) -> int:
        return self.state.at + 1

    # -- real days --

    def enter(self, day: TradingDay) -> None:
        """Rolls into this trading day, unless it runs already."""
        if self.state.day != day.label:
            self.feed(DayRolled(0, day.opens, day.label, day.until, day.calendar_known))


def to_ns_of(label: date) -> int:
    return (label - date(1970, 1, 1)).days * DAY_NS


def standing(levels: Levels, *, profit: Micros, business_days_old: int = 0) -> Standing:
    """A flat account for the payout policy, with every counter at its beginning."""
    return Standing(
        levels=levels,
        equity=levels.balance,
        today=FIRST_DAY,
        opened_on=FIRST_DAY,
        profit=profit,
        cycle_profit=profit,
        window_profit=profit,
        business_days_old=business_days_old,
    )

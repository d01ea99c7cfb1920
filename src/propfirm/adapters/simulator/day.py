"""One trader's day on one account: from the quotes of a session to executions and working orders.

A trader begins every day anew and goes home flat, so that a day depends on nothing but the trader, the account's run
and opening balance, and the quotes of its session up to now. What the seed gives them is their mood: how long they wait
in the morning and how wide they set their distances. It is drawn by seed, trader, run and weekday; the same trader on
two accounts is the same trader.

A wish is filled at the first quote *after* the one that led to it, a purchase at its ask, a sale at its bid. A stop is
filled at the quote that reaches it, however far beyond; a target exactly at its price.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, time
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from propfirm.adapters.simulator.habits import FLAT, Breakout, Conviction, Habit, Reversion, Trend, View, Wish, wish
from propfirm.adapters.simulator.tape import Recorded, Session
from propfirm.application.ports.platforms import Happened
from propfirm.domain.calendar.hours import EXCHANGE_ZONE
from propfirm.domain.calendar.instants import NS_PER_S, wall_ns
from propfirm.domain.money import MICROS_PER_DOLLAR, Micros
from propfirm.domain.rules.events import Fill, OrdersChanged, WorkingOrder
from propfirm.domain.rules.journal import Quoted

MINUTE: Final = 60 * NS_PER_S
MORNING: Final = time(8, 30)
AFTERNOON: Final = time(15)
MARGIN: Final = 15 * MINUTE
"""So long before an early close everybody goes home."""
WAIT_MAX: Final = 30
STRETCH: Final = (80, 120)


class Trader(Struct, frozen=True):
    """root: what they trade. dollars: of the opening balance for each contract of their size.

    enough, too_much: ticks won or lost, times the size, after which they stop for the day. None: they do not.
    """

    name: str
    habit: Habit
    root: str
    dollars: int
    enough: int | None = None
    too_much: int | None = None


class Assignment(Struct, frozen=True):
    """Who trades which account on a day, in which mood. size: contracts. wait: minutes from the morning on."""

    account: str
    trader: Trader
    habit: Habit
    size: int
    wait: int


def morning_of(day: date) -> int:
    """Nobody trades before it, nor an account that was opened after it."""
    return wall_ns(day, MORNING, EXCHANGE_ZONE)


def assigned(seed: int, trader: Trader, account: str, run: int, balance: Micros, day: date) -> Assignment:
    """Who trades how on this date. An account that opens at zero, because it counts profit, gets one contract."""
    words = (seed, trader.name, run, day.weekday())
    stretch = STRETCH[0] + _drawn(STRETCH[1] - STRETCH[0] + 1, *words, "stretch")
    size = balance // (trader.dollars * MICROS_PER_DOLLAR) if balance else 1
    return Assignment(account, trader, stretched(trader.habit, stretch), size, _drawn(WAIT_MAX + 1, *words, "wait"))


def stretched(habit: Habit, percent: int) -> Habit:
    """The same habit with other distances."""

    def to(ticks: int) -> int:
        return max(1, ticks * percent // 100)

    match habit:
        case Breakout():
            return replace(habit, stop=to(habit.stop), target=to(habit.target))
        case Reversion():
            return replace(habit, away=to(habit.away))
        case Trend():
            return replace(habit, step=to(habit.step) if habit.step else 0, slow=to(habit.slow))
        case Conviction():
            return replace(habit, minutes=to(habit.minutes))


def _drawn(sides: int, *words: object) -> int:
    """From 0 to sides - 1; the same words give the same number on every machine."""
    digest = hashlib.sha256("/".join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:8]) % sides


class Day:
    """Fed with every quote of its symbol from the session's opening on, in order."""

    def __init__(self, assignment: Assignment, recorded: Recorded, session: Session) -> None:
        self.session = session
        self.held = 0
        self._assignment = assignment
        self.symbol = recorded.symbol
        self._contract = recorded.contract
        self._begins = morning_of(session.day) + assignment.wait * MINUTE
        self._ends = min(wall_ns(session.day, AFTERNOON, EXCHANGE_ZONE), session.closes - MARGIN)
        self._prices: list[int] = []
        self._opened = 0
        self._minute = 0
        self._last: Quoted | None = None
        self._wish = FLAT
        self._working: tuple[WorkingOrder, ...] = ()
        self._paid = 0
        """Ticks times contracts: what the position cost, less what it brought."""
        self._entry = 0
        self._entries = 0
        self._number = 0
        self._left = 0
        """When a stop or a target last closed the position: what the minute before it showed is no longer news."""
        self._over = False

    def see(self, quoted: Quoted, *, stopped: bool) -> Iterator[Happened]:
        """What happens to the account at this quote. stopped: the platform closes what is open, and no more."""
        if stopped or quoted.at >= self._ends:
            self._wish, self._over = FLAT, True
        yield from self._fills(quoted)
        minute = quoted.at // MINUTE
        if self._last is not None and minute != self._minute:
            self._prices.append(self._last.bid)
            if minute * MINUTE <= self._begins:
                self._opened = len(self._prices)
            elif not self._over and self._left != quoted.at:
                self._wish = self._wanted(self._last)
        self._minute, self._last = minute, quoted
        working = self._orders(quoted.symbol)
        if working != self._working:
            self._working = working
            yield OrdersChanged(0, quoted.at, working)

    def _wanted(self, last: Quoted) -> Wish:
        trader, size = self._assignment.trader, self._assignment.size
        if not size:
            return FLAT  # the account is too small for a single contract
        result = self._paid + self.held * (last.bid if self.held > 0 else last.ask)
        if (trader.enough is not None and result >= trader.enough * size) or (
            trader.too_much is not None and result <= -trader.too_much * size
        ):
            self._over = True
            return FLAT
        view = View(self._prices, self._opened, self.held, self._entry, self._entries)
        return wish(self._assignment.habit, view, size)

    def _fills(self, quoted: Quoted) -> Iterator[Happened]:
        exit_price = self._reached(quoted)
        if exit_price is not None:
            self._wish, self._left = FLAT, quoted.at
            yield self._filled(quoted, -self.held, exit_price)
        elif (missing := self._wish.position - self.held) != 0:
            yield self._filled(quoted, missing, quoted.ask if missing > 0 else quoted.bid)

    def _reached(self, quoted: Quoted) -> int | None:
        """At what price the stop or the target closes the position now."""
        if not self.held or not self._working:
            return None
        side, price = (1, quoted.bid) if self.held > 0 else (-1, quoted.ask)
        stop, limit = self._wish.stop, self._wish.limit
        if stop is not None and (price - stop) * side <= 0:
            return price
        return limit if limit is not None and (price - limit) * side >= 0 else None

    def _filled(self, quoted: Quoted, quantity: int, price: int) -> Fill:
        before = self.held
        self.held += quantity
        self._paid -= quantity * price
        if before * self.held <= 0:
            self._entry, self._entries = price, self._entries + (self.held != 0)
        elif abs(self.held) > abs(before):
            self._entry = (self._entry * abs(before) + price * abs(quantity)) // abs(self.held)
        self._number += 1
        contract, name = self._contract, self._assignment.account
        fee = Micros(abs(quantity) * (contract.fee_per_side or 0))
        execution = f"{name}/{self.session.day}/{self._number}"
        return Fill(0, quoted.at, execution, quoted.symbol, contract.root, quantity, price, fee)

    def _orders(self, symbol: str) -> tuple[WorkingOrder, ...]:
        """The stop and the target that rest at the platform; one cancels the other."""
        if not self.held or self._wish.position != self.held:
            return ()
        root, name, close = self._contract.root, self._assignment.account, -self.held
        stop, limit = self._wish.stop, self._wish.limit
        stops = () if stop is None else (WorkingOrder(f"{name}/stop", symbol, root, close, stop=stop),)
        limits = () if limit is None else (WorkingOrder(f"{name}/target", symbol, root, close, limit=limit),)
        return stops + limits

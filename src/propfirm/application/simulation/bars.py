"""Bars: what is certain in them, what is not, and how the doubt is read (semantics page, section 15).

A bar tells its extremes but not their order, and not on which side of a fill they lie. Both readings are tried on the
frozen state, which costs nothing; where they lead to different things, the marks of the reading taken carry ``doubt``.
"""

from __future__ import annotations

from typing import TypeAlias

from propfirm.application.ports.prices import Bar, Quote
from propfirm.application.simulation.report import Reading
from propfirm.domain.rules.engine import step
from propfirm.domain.rules.events import Mark
from propfirm.domain.rules.findings import Hit
from propfirm.domain.rules.inquiry import room
from propfirm.domain.rules.state import SEVERITY, State
from propfirm.domain.rules.terms import Terms

Move: TypeAlias = tuple[str, Quote]
"""A symbol and the quote that it moves to."""


def best_first(state: State, bars: list[Bar]) -> list[Move]:
    """The held symbols' extremes: those that favour the account, then those that hurt it."""
    held = {one.symbol: one.position.quantity for one in state.core.positions}
    long = [(bar.symbol, bar.high if held[bar.symbol] > 0 else bar.low) for bar in bars if bar.symbol in held]
    short = [(bar.symbol, bar.low if held[bar.symbol] > 0 else bar.high) for bar in bars if bar.symbol in held]
    return [*long, *short]


def worst_first(state: State, bars: list[Bar]) -> list[Move]:
    moves = best_first(state, bars)
    half = len(moves) // 2
    return [*moves[half:], *moves[:half]]


def played(terms: Terms, state: State, at: int, moves: list[Move]) -> State:
    """The state after these marks, for comparison only: none of them is recorded."""
    for symbol, (bid, ask) in moves:
        state, _ = step(terms, state, Mark(state.seq + 1, at, symbol, bid, ask))
    return state


def worst_hit(terms: Terms, state: State, at: int, moves: list[Move]) -> int:
    """Severity of the most severe hit on the way, -1 for none."""
    worst = -1
    for symbol, (bid, ask) in moves:
        state, findings = step(terms, state, Mark(state.seq + 1, at, symbol, bid, ask))
        for finding in findings:
            if isinstance(finding, Hit):
                worst = max(worst, SEVERITY[finding.outcome])
    return worst


def same_end(one: State, other: State) -> bool:
    """Did two orders of the same marks lead to the same thing? Where a floor came from may differ, not where it is."""
    a, b = one.core, other.core
    floors = (a.floor.level, a.floor.high, a.floor.locked) == (b.floor.level, b.floor.high, b.floor.locked)
    days = (a.day and (a.day.seen, a.day.warned, a.day.locked)) == (b.day and (b.day.seen, b.day.warned, b.day.locked))
    limits = (a.limits and (a.limits.floor, a.limits.high)) == (b.limits and (b.limits.floor, b.limits.high))
    trades = [held.trade for held in a.positions] == [held.trade for held in b.positions]
    return a.verdict == b.verdict and floors and days and limits and trades and a.strikes == b.strikes


def is_quiet(state: State, bars: list[Bar]) -> bool:
    """Nothing in these bars reaches any threshold of the one open position: their order cannot matter."""
    core = state.core
    for bar in bars:
        if bar.symbol == core.symbol:
            ends = (bar.high[0], bar.low[0]) if core.mult > 0 else (bar.high[1], bar.low[1])
            return all(core.lo < core.base + core.mult * price < core.hi for price in ends)
    return False


def order_of(terms: Terms, state: State, at: int, bars: list[Bar], reading: Reading) -> tuple[list[Move], bool]:
    """The extremes in the order in which they are to be played, and whether that order is an assumption.

    Adverse: the order with the more severe hit; among equals the one that leaves less room above the floors.
    """
    up, down = best_first(state, bars), worst_first(state, bars)
    if not up or is_quiet(state, bars):
        return up, False
    after_up, after_down = played(terms, state, at, up), played(terms, state, at, down)
    if same_end(after_up, after_down):
        return up, False
    rank_up = (worst_hit(terms, state, at, up), -room(after_up))
    rank_down = (worst_hit(terms, state, at, down), -room(after_down))
    adverse, kind = (up, down) if rank_up >= rank_down else (down, up)
    return (adverse if reading == "adverse" else kind), True

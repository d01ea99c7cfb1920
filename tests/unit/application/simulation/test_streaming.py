"""The weave takes short cuts: repeated prices are not judged again, a flat account's clock waits, and contracts that
are not held are not marked. A loop without them must come to the same end, whatever the history."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from propfirm.adapters.resources.calendar import load_session_table
from propfirm.application.ports.histories import ImportedFill
from propfirm.application.ports.prices import Tick
from propfirm.domain.calendar.clock_events import clock_events
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.catalogue.program import Program
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import DayRolled, Event, Fill, Mark
from propfirm.domain.rules.findings import Finding, Hit, Warned
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Platform, compile_terms
from tests.strategies.short_programs import short_programs
from tests.unit.application.simulation import desk
from tests.unit.application.simulation.desk import MINUTE, PRICE, REGISTRY, SECOND, Sheet, chicago

SYMBOLS: Final = ("ESH6", "MESH6", "GCJ6")
MONDAY: Final = chicago("2026-03-02 15:00:00")
"""An hour before the snapshot, two before the roll: a short tape meets all three clocks."""


class Tape(Struct, frozen=True):
    ticks: tuple[Tick, ...]
    fills: tuple[ImportedFill, ...]

    def sheet(self) -> Sheet:
        sheet = Sheet()
        sheet.fills = list(self.fills)
        return sheet


_ROWS: Final = st.lists(
    st.tuples(
        st.sampled_from((0, 0, SECOND, MINUTE, 20 * MINUTE, 50 * MINUTE)),
        st.sampled_from(SYMBOLS),
        st.sampled_from((0, 0, 0, 1, -1, 3, -3, 20, -20, 40, -40)),
        st.sampled_from((0, 1, 1)),
        st.sampled_from((0, 0, 0, 1, -1, 2, -2, 4, -5)),
    ),
    min_size=3,
    max_size=40,
)
"""Pause, contract, move of the price, spread, and what is traded there and then: a nanosecond later, so that it is
certain which prices came before."""


@st.composite
def tapes(draw: st.DrawFn) -> Tape:
    at, bids, sheet = MONDAY, dict.fromkeys(SYMBOLS, PRICE), Sheet()
    ticks = [desk.tick(MONDAY, PRICE, PRICE + 1, symbol) for symbol in SYMBOLS]
    for pause, symbol, move, spread, quantity in [*draw(_ROWS), (SECOND, SYMBOLS[0], 1, 1, 1)]:
        at, bids[symbol] = at + pause, bids[symbol] + move
        bid, ask = bids[symbol], bids[symbol] + spread
        ticks.append(desk.tick(at, bid, ask, symbol))
        if quantity:
            sheet.fill(at + 1, quantity, ask if quantity > 0 else bid, symbol, fee="1.24")
    return Tape(tuple(ticks), sheet.history().fills)


def plain_life(program: Program, tape: Tape, *, all_contracts: bool) -> tuple[State, list[Finding]]:
    """Every tick to the engine, repeated or not, of the contracts held or of all; the clock event by event.

    Before each fill its contract is marked: that is the quote that it meets.
    """
    terms = compile_terms(program, program.stages[0].name, REGISTRY.contracts, platform=Platform(shows_orders=False))
    state, findings = begin(terms), list[Finding]()
    last: dict[str, Mark] = {}
    for event in _woven(program, tape):
        due: list[Event] = [event]
        if isinstance(event, Mark):
            last[event.symbol] = event
            held = {one.symbol for one in state.core.positions}
            due = due if all_contracts or event.symbol in held else []
        if isinstance(event, Fill) and event.symbol not in {one.symbol for one in state.core.positions}:
            due = [replace(last[event.symbol], at=event.at), event]
        for one in due:
            state, found = step(terms, state, replace(one, seq=state.seq + 1))
            findings.extend(found)
    return state, findings


def _woven(program: Program, tape: Tape) -> Iterator[Event]:
    """Clock, ticks, fills, in this order at one instant. After the last fill on only an open account goes on."""
    sessions = Sessions(program.clock, load_session_table())
    first = sessions.day_at(tape.fills[0].at)
    held = dict.fromkeys(SYMBOLS, 0)
    for fill in tape.fills:
        held[fill.symbol] += fill.quantity
    is_open = any(held.values())
    end = max(tape.fills[-1].at, tape.ticks[-1][0]) if is_open else tape.fills[-1].at
    last = end if is_open else sessions.day_at(end).until
    stage = program.stages[0]
    clock = clock_events(sessions, first.opens, last, blackouts=stage.times.blackout)
    rows: list[tuple[int, int, Event]] = [(event.at, 0, event) for event in clock]
    rows += [
        (at, 1, Mark(0, at, symbol, bid, ask)) for at, symbol, _, bid, ask in tape.ticks if first.opens <= at <= end
    ]
    rows += [
        (one.at, 2, Fill(0, one.at, one.execution, one.symbol, one.root, one.quantity, one.price, one.fee))
        for one in tape.fills
    ]
    yield DayRolled(0, first.opens, first.label, first.until, first.calendar_known)
    yield from (event for _, _, event in sorted(rows, key=lambda row: row[:2]))


def unnumbered(finding: Finding) -> Finding:
    """The number of an event counts the marks before it; everything else must agree."""
    if isinstance(finding, Hit | Warned):
        return replace(finding, seq=0, evidence=replace(finding.evidence, set_seq=0))
    return replace(finding, seq=0)


def substance(state: State) -> Any:
    core = state.core
    limits = core.limits and replace(core.limits, set_seq=0, since_seq=0)
    held = {one.symbol for one in core.positions}
    quotes = {symbol: quote for symbol, quote in core.quotes.items() if symbol in held and symbol != core.symbol}
    return state.equity, replace(core, quotes=quotes, floor=replace(core.floor, set_seq=0), limits=limits)


def same_end(program: Program, tape: Tape, *, all_contracts: bool) -> None:
    run = desk.run(tape.sheet(), list(tape.ticks), of=program)
    state, findings = plain_life(program, tape, all_contracts=all_contracts)
    assert [unnumbered(one) for one in run.account.findings] == [unnumbered(one) for one in findings]
    assert substance(run.account.state) == substance(state)


@pytest.mark.thorough
@settings(max_examples=200, deadline=None)
@given(short_programs, tapes())
def test_prices_that_the_weave_passes_over_would_have_changed_nothing(program: Program, tape: Tape) -> None:
    same_end(program, tape, all_contracts=False)


@pytest.mark.thorough
@settings(max_examples=200, deadline=None)
@given(short_programs, tapes())
def test_marks_of_contracts_that_are_not_held_would_have_changed_nothing(program: Program, tape: Tape) -> None:
    """But for programs that count strikes or raise a floor at a fill: there any next event is one more judging, and
    marks of contracts that an account does not hold are no events of it, live or here."""
    stage = program.stages[0]
    if stage.max_loss.mode == "trail_closed":
        stage = replace(stage, max_loss=replace(stage.max_loss, mode="trail_intraday"))
    same_end(replace(program, stages=(replace(stage, strikes=()),)), tape, all_contracts=True)

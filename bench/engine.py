"""The engine's own speed: a quiet mark and a fill on the richest preset, beside a bare loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from statistics import median
from time import process_time

from msgspec import Struct
from msgspec.structs import fields

from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.domain.calendar.instants import NS_PER_S
from propfirm.domain.catalogue.program import Program, Stage
from propfirm.domain.money import Micros
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import DayRolled, Event, Fill, Mark
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms, compile_terms

ROUNDS, BATCH = 200, 1_000
PRICE = 20_000
DAY_NS = 86_400 * NS_PER_S


def richness(stage: Stage) -> int:
    """How many parameters of the stage differ from their defaults, at any depth."""

    def count(value: object) -> int:
        if isinstance(value, Struct):
            return sum(
                1 + count(getattr(value, one.name))
                for one in fields(value)
                if one.default is not getattr(value, one.name) and getattr(value, one.name) != one.default
            )
        if isinstance(value, tuple):
            return sum(count(one) for one in value)
        return 0

    return count(stage)


def richest() -> tuple[Program, Stage]:
    """The shipped stage with most rules."""
    stages = [(program, stage) for program in ShippedPrograms().all() for stage in program.stages]
    return max(stages, key=lambda pair: richness(pair[1]))


def account(terms: Terms) -> State:
    """One open contract of ES in the middle of a trading day."""
    opening = PRICE
    events: Sequence[Event] = (
        DayRolled(1, 0, date(2026, 3, 2), DAY_NS),
        Mark(2, 1, "ESH26", opening, opening + 1),
        Fill(3, 2, "opening", "ESH26", "ES", 1, opening + 1, Micros(1_400_000)),
        Mark(4, 3, "ESH26", opening + 4, opening + 5),
    )
    state = begin(terms)
    for event in events:
        state, _ = step(terms, state, event)
    return state


def median_us(run: Callable[[], None], calls: int) -> float:
    """Median over rounds of the processor time of one call, in microseconds: the machine may be shared."""
    times = []
    for _ in range(ROUNDS):
        began = process_time()
        run()
        times.append((process_time() - began) / calls * 1e6)
    return median(times)


def rows() -> Iterator[str]:
    program, stage = richest()
    terms = compile_terms(program, stage.name, load_contracts().contracts)
    state = account(terms)
    marks = [
        Mark(state.seq + 1 + n, state.at + 1 + n, "ESH26", PRICE + 3 - n % 3, PRICE + 4 - n % 3) for n in range(BATCH)
    ]
    fills = [
        Fill(
            state.seq + 1 + n,
            state.at + (1 + n) * 2 * NS_PER_S,
            f"x{n}",
            "ESH26",
            "ES",
            -1 if n % 2 == 0 else 1,
            PRICE + 4,
            Micros(0),
        )
        for n in range(BATCH)
    ]

    def feed(events: Sequence[Event]) -> None:
        now = state
        for event in events:
            now, _ = step(terms, now, event)

    low, high, equity = 0, 10**18, 5

    def bare() -> None:
        for mark in marks:
            if low < equity < high and mark.seq:
                pass

    loop = median_us(bare, BATCH)
    mark = median_us(lambda: feed(marks), BATCH)
    fill = median_us(lambda: feed(fills), BATCH)
    name = f"{program.id}, {stage.name}"
    yield f"| bare loop of three comparisons | {loop:.3f} us | |"
    yield f"| quiet mark ({name}) | {mark:.2f} us, {mark / loop:.0f} times the bare loop | at most 1.0 us |"
    yield f"| fill ({name}) | {fill:.2f} us, {fill / loop:.0f} times the bare loop | at most 5 us |"

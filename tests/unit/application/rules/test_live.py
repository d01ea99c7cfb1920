"""A run as it happens and the same run from the journal are one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.adapters.resources.calendar import load_session_table
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.application.ports.platforms import Happened
from propfirm.application.rules.live import Gain, LiveRun
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.money import Micros
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import Fill, Reinstated
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.journal import Checkpoint, Entry, Gap, Quoted, woven
from propfirm.domain.rules.records import DayTaken, TradeEnded
from propfirm.domain.rules.terms import Terms, compile_terms

PROGRAMS = {one.id: one for one in ShippedPrograms().all()}
CONTRACTS = load_contracts().contracts
TABLE = load_session_table()
START = int(datetime(2026, 3, 2, 15, tzinfo=UTC).timestamp()) * 10**9
MINUTE = 60 * 10**9
ROOTS = {"ESH26": "ES", "GCJ26": "GC"}
PRICE = {"ESH26": 24_000, "GCJ26": 21_000}

Item = Quoted | Happened


def terms_of(program: str) -> Terms:
    found = PROGRAMS[program]
    return compile_terms(found, found.stages[0].name, CONTRACTS)


def live(program: str, checkpoint: Checkpoint | None = None) -> LiveRun:
    return LiveRun(terms_of(program), Sessions(PROGRAMS[program].clock, TABLE), (), START, checkpoint)


@st.composite
def streams(draw: st.DrawFn, *, appeals: bool = False) -> list[Item]:
    """Quotes of two contracts and fills among them, in order of time; quotes of one instant by contract.

    appeals: prices that end accounts, and breaches that are overturned.
    """
    at, items = START, list[Item]()
    numbers, prices, held = dict.fromkeys(ROOTS, 0), dict(PRICE), dict.fromkeys(ROOTS, 0)
    for n in range(draw(st.integers(1, 40))):
        at += draw(st.sampled_from([0, 1, MINUTE, 97 * MINUTE, 700 * MINUTE]))
        symbol = draw(st.sampled_from(sorted(ROOTS)))
        if appeals and draw(st.integers(0, 4)) == 0:
            items.append(Reinstated(0, at, Micros(draw(st.integers(48_000, 101_000)) * 1_000_000)))
        elif draw(st.integers(0, 1 if appeals else 3)):
            if items and isinstance(items[-1], Quoted) and items[-1].at == at and items[-1].symbol > symbol:
                at += 1
            if items and isinstance(items[-1], Fill | Reinstated) and items[-1].at == at:
                at += 1
            numbers[symbol] += 1
            prices[symbol] += draw(st.integers(-60, 60)) * (9 if appeals else 1)
            items.append(Quoted(symbol, numbers[symbol], at, prices[symbol], prices[symbol] + 1))
        else:
            flattens = appeals and held[symbol] and draw(st.booleans())
            quantity = -held[symbol] if flattens else draw(st.sampled_from([-2, -1, 1, 2]))
            held[symbol] += quantity
            items.append(Fill(0, at, f"x{n}", symbol, ROOTS[symbol], quantity, prices[symbol], Micros(2_000_000)))
    return items


def drive(run: LiveRun, items: Iterable[Item], latest: dict[str, Quoted]) -> None:
    for item in items:
        if isinstance(item, Quoted):
            latest[item.symbol] = item
            if item.symbol in run.held:
                run.quote(item)
        elif not (isinstance(item, Reinstated) and run.held):  # as the desk does: a run is opened again flat
            run.happen(item, latest.get(item.symbol) if isinstance(item, Fill) else None)


def told(gains: Iterable[Gain]) -> tuple[list[Entry], list[Finding]]:
    gains = list(gains)
    return [e for g in gains for e in g.entries], [f for g in gains for f in g.findings]


@pytest.mark.thorough
@pytest.mark.parametrize("program", ["topstep-50k", "apex-intraday-50k", "ftmo-2step-100k"])
@given(items=streams() | streams(appeals=True))
def test_the_journal_gives_back_exactly_what_the_live_run_fed(program: str, items: list[Item]) -> None:
    assert_replayed(live(program), items)


def assert_replayed(run: LiveRun, items: list[Item]) -> None:
    """Its journal and the quotes alone bring about the same findings and the same state."""
    drive(run, items, {})
    gain = run.gain()
    quotes = {(one.symbol, one.number): one for one in items if isinstance(one, Quoted)}
    state, findings = begin(run.terms), list[Finding]()

    def between(symbol: str, after: int, upto: int) -> list[Quoted]:
        return [quotes[symbol, n] for n in range(after + 1, upto + 1)]

    for event in woven(gain.entries, between, gain.checkpoint.seen):
        state, new = step(run.terms, state, event)
        findings.extend(new)
    assert findings == list(gain.findings)
    assert state == gain.checkpoint.state


@pytest.mark.thorough
@given(items=streams() | streams(appeals=True), cuts=st.sets(st.integers(0, 40)))
def test_a_run_that_is_stopped_and_started_again_anywhere_goes_on_the_same(items: list[Item], cuts: set[int]) -> None:
    whole = live("apex-intraday-50k")
    drive(whole, items, {})
    expected = whole.gain()
    latest: dict[str, Quoted] = {}
    run, gains = live("apex-intraday-50k"), list[Gain]()
    for n, item in enumerate(items):
        drive(run, [item], latest)
        if n in cuts:
            gains.append(run.gain())
            run = live("apex-intraday-50k", gains[-1].checkpoint)
    gains.append(run.gain())
    entries, findings = told(gains)
    assert findings == list(expected.findings)
    assert [one.event for one in entries] == [one.event for one in expected.entries]
    assert gains[-1].checkpoint.state == expected.checkpoint.state


@pytest.mark.thorough
@pytest.mark.parametrize("program", ["topstep-50k", "apex-intraday-50k", "ftmo-2step-100k"])
@given(items=streams())
def test_what_trades_made_is_what_the_account_made_also_after_its_end(program: str, items: list[Item]) -> None:
    run = live(program)
    drive(run, items, {})
    gain = run.gain()
    core = gain.checkpoint.state.core
    trades = [one for one in gain.records if isinstance(one, TradeEnded)]
    still_open = [one.trade for one in core.positions]
    profit = sum(one.profit for one in trades) + sum(one.profit for one in still_open)
    assert profit == core.balance - run.terms.start
    assert sum(one.fees for one in trades) + sum(one.fees for one in still_open) == core.fees
    if core.verdict == "open":
        assert len(trades) == core.activity.trades


def test_every_trading_day_leaves_one_snapshot() -> None:
    run = live("topstep-50k")
    run.clock_until(START + 7 * 24 * 60 * MINUTE)
    taken = [one for one in run.gain().records if isinstance(one, DayTaken)]
    assert [f"{one.day:%a}" for one in taken] == ["Mon", "Tue", "Wed", "Thu", "Fri"]


def test_a_position_opened_again_at_an_unchanged_price_is_replayed_from_the_quote_that_it_met() -> None:
    run, latest = live("topstep-50k"), dict[str, Quoted]()
    items: list[Item] = []
    for n, quantity in enumerate((1, -1, 1, -1)):
        items.append(Quoted("ESH26", n + 1, START + 2 * n + 1, 24_000, 24_001))
        items.append(Fill(0, START + 2 * n + 2, f"x{n}", "ESH26", "ES", quantity, 24_001, Micros(0)))
    drive(run, items, latest)
    gain, quotes = run.gain(), {one.number: one for one in items if isinstance(one, Quoted)}
    told = list(
        woven(
            gain.entries, lambda _, after, upto: [quotes[n] for n in range(after + 1, upto + 1)], gain.checkpoint.seen
        )
    )
    assert [one.seq for one in told] == list(range(1, gain.checkpoint.state.seq + 1))


def test_a_run_that_an_appeal_opened_again_is_replayed_from_its_journal() -> None:
    prices = [24_000, 23_900, 23_600, 23_500, 23_500, 23_400, 23_450, 23_500]
    quotes = [Quoted("ESH26", n, START + 10 * n, price, price + 1) for n, price in enumerate(prices, 1)]

    def filled(at: int, quantity: int) -> Fill:
        return Fill(0, START + at, f"x{at}", "ESH26", "ES", quantity, prices[at // 10 - 1], Micros(2_000_000))

    appeal = Reinstated(0, START + 55, Micros(49_000_000_000))
    items: list[Item] = [*quotes, filled(11, 1), filled(45, -1), appeal, filled(65, 1), filled(75, -1)]
    in_order = sorted(items, key=lambda item: item.at)
    run = live("topstep-50k")
    drive(run, in_order[: in_order.index(appeal)], {})
    assert run.state.verdict == "breached"
    run = live("topstep-50k")
    assert_replayed(run, in_order)
    assert (run.state.verdict, run.state.balance) == ("open", 49_000_000_000 + 50 * 12_500_000 - 4_000_000)


def test_a_missing_quote_is_told_as_a_gap() -> None:
    run = live("topstep-50k")
    items: list[Item] = [
        Quoted("ESH26", 1, START + 1, 24_000, 24_001),
        Fill(0, START + 2, "in", "ESH26", "ES", 1, 24_001, Micros(0)),
        Quoted("ESH26", 2, START + 3, 24_002, 24_003),
        Quoted("ESH26", 3, START + 4, 24_004, 24_005),
        Fill(0, START + 5, "out", "ESH26", "ES", -1, 24_004, Micros(0)),
    ]
    drive(run, items, {})
    kept = {1: items[0], 3: items[3]}
    with pytest.raises(Gap):
        list(
            woven(
                run.gain().entries,
                lambda _, after, upto: [kept[n] for n in range(after + 1, upto + 1) if n in kept],  # type: ignore[misc]  # only quotes are kept
                {},
            )
        )


def test_a_restart_after_the_clock_alone_moved_does_not_roll_the_day_twice() -> None:
    run = live("topstep-50k")
    run.clock_until(START + 3 * 24 * 60 * MINUTE)
    first = run.gain()
    again = live("topstep-50k", first.checkpoint)
    again.clock_until(START + 3 * 24 * 60 * MINUTE)
    assert again.gain().entries == ()
    assert replace(first.checkpoint, clock=0) == replace(again.gain().checkpoint, clock=0)

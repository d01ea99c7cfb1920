"""The platform does what the firm asks once, tells everything once, and is the same after every restart."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from propfirm.adapters.resources.calendar import load_session_table
from propfirm.adapters.simulator.platform import (
    NoSuchPlatformAccount,
    NoSuchTrader,
    OtherSeed,
    SimulatedPlatform,
)
from propfirm.adapters.simulator.tape import eve_of
from propfirm.application.ports.platforms import Batch, Happened
from propfirm.domain.calendar.instants import from_ns, to_ns
from propfirm.domain.ids import AccountId
from propfirm.domain.money import usd
from propfirm.domain.rules.events import CashMoved, Fill
from tools.find_demo_seed import CONTRACTS, Hand, recorded

EVE: Final = eve_of(datetime(2026, 1, 28, tzinfo=UTC))
"""Of an ordinary week."""
ANN, BOB = AccountId(UUID(int=1)), AccountId(UUID(int=2))
HOUR: Final = 3_600 * 10**9
T = TypeVar("T")


def platform(folder: Path, clock: Hand | None = None, seed: int = 15) -> SimulatedPlatform:
    clock = clock or Hand(EVE)
    return SimulatedPlatform(folder, recorded(), CONTRACTS.contracts, load_session_table(), clock, seed)


def do(act: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(act)


def opened(on: SimulatedPlatform, *traders: tuple[AccountId, str | None]) -> list[str]:
    names = [do(on.open(account, 1, usd("50000"))) for account, _ in traders]
    for account, trader in traders:
        on.engage(account, trader)
    return names


def at(hours: float) -> int:
    """So long after the eve."""
    return to_ns(EVE) + int(hours * HOUR)


def told(batches: Sequence[Batch], name: str) -> list[Happened]:
    return [one.event for batch in batches for one in batch.told if one.platform_account == name]


def net(events: Sequence[Happened]) -> int:
    return sum(one.quantity for one in events if isinstance(one, Fill))


async def read(on: SimulatedPlatform, batches: int, *, acknowledged: int | None = None) -> list[Batch]:
    """So many batches, the first of them acknowledged; all, if not said otherwise."""
    found = list[Batch]()
    async for batch in on.batches():
        found.append(batch)
        if acknowledged is None or len(found) <= acknowledged:
            await on.acknowledge(batch)
        if len(found) == batches:
            break
    return found


# -- the same whatever happens --


@pytest.mark.thorough
@settings(max_examples=5)
@given(st.lists(st.floats(0, 60), max_size=12))
def test_however_the_time_is_cut_the_same_is_told(cuts: list[float]) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        whole, pieces = platform(Path(one)), platform(Path(other))
        names = opened(whole, (ANN, "grace"), (BOB, "mina"))
        assert opened(pieces, (ANN, "grace"), (BOB, "mina")) == names
        ends = sorted({at(0), at(60), *map(at, cuts)})
        expected = whole.between(at(0), at(60))
        found = [pieces.between(after, until) for after, until in pairwise(ends)]
        assert [quoted for batch in found for quoted in batch.quotes] == list(expected.quotes)
        for name in names:
            assert told(found, name) == told([expected], name) != []


@pytest.mark.thorough
@settings(max_examples=5)
@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=6))
def test_a_restart_at_any_batch_changes_nothing(stays: list[tuple[int, bool]]) -> None:
    """Each stay reads some batches; the last of them may be given out and never acknowledged."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        clock = Hand(EVE + timedelta(hours=80))
        undisturbed = platform(Path(other))
        (name,) = opened(undisturbed, (ANN, "victor"))
        opened(platform(Path(one)), (ANN, "victor"))
        committed = list[Batch]()
        lost: Batch | None = None
        for batches, crash in stays:
            found = do(read(platform(Path(one), clock), batches, acknowledged=batches - crash))
            if lost is not None:
                assert found[0] == lost, "what was given out and not acknowledged comes again as it was"
            lost = found.pop() if crash else None
            committed.extend(found)
        until = committed[-1].until if committed else undisturbed.tape.begins - 1
        expected = undisturbed.between(undisturbed.tape.begins - 1, until)
        assert [quoted for batch in committed for quoted in batch.quotes] == list(expected.quotes)
        assert told(committed, name) == told([expected], name)


def test_the_feed_that_is_read_again_begins_at_the_first_batch_not_acknowledged(tmp_path: Path) -> None:
    on = platform(tmp_path, Hand(EVE + timedelta(hours=60)))
    (name,) = opened(on, (ANN, "grace"))
    first = do(read(on, 6, acknowledged=2))
    again = do(read(on, 1, acknowledged=0))
    assert again[0].until == first[-1].until
    assert again[0].quotes == tuple(quoted for batch in first[2:] for quoted in batch.quotes)
    assert told(again, name) == told(first[2:], name)


def test_batches_follow_the_clock_and_one_another(tmp_path: Path) -> None:
    clock = Hand(EVE + timedelta(hours=20))
    found = do(read(platform(tmp_path, clock), 4))
    assert found[-1].until == to_ns(clock.moment)
    for batch, after in pairwise(found):
        assert all(batch.until < one.at <= after.until for one in after.quotes)
    numbers = [one.number for batch in found for one in batch.quotes if one.symbol == "ESZ13"]
    assert numbers == list(range(1, len(numbers) + 1)) != []


def test_what_a_crash_cut_short_was_never_answered(tmp_path: Path) -> None:
    names = opened(platform(tmp_path), (ANN, "grace"))
    with (tmp_path / "platform.jsonl").open("ab") as file:
        file.write(b'{"type":"stopped","name":"')
    again = platform(tmp_path)
    assert net(told([again.between(at(0), at(18))], names[0])) != 0
    do(again.open(BOB, 1, usd("50000")))
    assert do(platform(tmp_path).open(BOB, 1, usd("50000"))) == f"SIM-{BOB}-1"


def test_the_seed_is_chosen_once(tmp_path: Path) -> None:
    platform(tmp_path, seed=4)
    with pytest.raises(OtherSeed) as refusal:
        platform(tmp_path, seed=5)
    assert (refusal.value.begun, refusal.value.asked) == (4, 5)


def test_the_tape_stays_in_the_week_in_which_it_began(tmp_path: Path) -> None:
    first = platform(tmp_path).tape.first
    assert platform(tmp_path, Hand(EVE + timedelta(weeks=30))).tape.first == first == date(2026, 1, 25)


# -- what the firm asks --


def test_an_account_is_opened_once_and_a_run_of_its_own_each_time(tmp_path: Path) -> None:
    on = platform(tmp_path)
    first = do(on.open(ANN, 1, usd("50000")))
    assert do(on.open(ANN, 1, usd("50000"))) == first != do(on.open(ANN, 2, usd("50000")))
    assert len((tmp_path / "platform.jsonl").read_bytes().splitlines()) == 3  # with the seed


def test_a_stopped_account_is_flat_at_the_next_quote_and_silent_from_then_on(tmp_path: Path) -> None:
    clock = Hand(EVE)
    on = platform(tmp_path, clock)
    (name,) = opened(on, (ANN, "nadia"))
    trading = on.between(at(0), at(18.5))
    held = net(told([trading], name))
    clock.moment = from_ns(at(18.5))
    assert held
    do(on.stop(name))
    do(on.stop(name))
    closing = on.between(at(18.5), at(90))
    (fill,) = told([closing], name)
    assert isinstance(fill, Fill)
    assert fill.quantity == -held
    after = [one for one in closing.quotes if one.symbol == fill.symbol and one.at > to_ns(clock.moment)]
    assert fill.at == after[0].at
    again = platform(tmp_path, clock)
    assert told([again.between(at(18.5), at(90))], name) == [fill]


def test_a_resumed_account_is_traded_again_from_the_next_morning_on(tmp_path: Path) -> None:
    clock = Hand(from_ns(at(18.5)))
    on = platform(tmp_path, clock)
    (name,) = opened(on, (ANN, "nadia"))
    clock.moment = from_ns(at(42))
    do(on.resume(name))  # of one that was never stopped: nothing
    traded = told([on.between(at(18.5), at(42))], name)
    do(on.stop(name))
    clock.moment = from_ns(at(43))
    do(on.resume(name))
    do(on.resume(name))
    again = platform(tmp_path, clock)
    for one in (on, again):
        (closing,) = told([one.between(at(42), at(60))], name)
        assert isinstance(closing, Fill)
        assert closing.quantity == -net(traded) != 0
        assert net(told([one.between(at(60), at(66.5))], name)) != 0
    assert len((tmp_path / "platform.jsonl").read_bytes().splitlines()) == 5  # seed, opened, engaged, stopped, resumed


def test_a_withdrawal_is_money_moved_once_and_never_in_the_past(tmp_path: Path) -> None:
    clock = Hand(EVE + timedelta(hours=10))
    on = platform(tmp_path, clock)
    (name,) = opened(on, (ANN, None))
    given = do(read(on, 2))[-1].until
    clock.moment = EVE
    for _ in range(2):
        do(on.withdraw(name, "payout:1", usd("800")))
    do(on.withdraw(name, "payout:2", usd("50")))
    moved = told([platform(tmp_path, clock).between(given, given + HOUR)], name)
    amounts = [(one.amount, one.gross, one.reference) for one in moved if isinstance(one, CashMoved)]
    assert amounts == [(-usd("800"), usd("800"), "payout:1"), (-usd("50"), usd("50"), "payout:2")]
    assert all(one.at > given for one in moved)


def test_what_was_withdrawn_is_put_back_once_and_nothing_is_withdrawn_after_that(tmp_path: Path) -> None:
    clock = Hand(EVE + timedelta(hours=10))
    on = platform(tmp_path, clock)
    (name,) = opened(on, (ANN, None))
    given = do(read(on, 2))[-1].until
    do(on.withdraw(name, "payout:1", usd("800")))
    for reference in ("payout:1", "payout:1", "payout:2"):
        do(on.put_back(name, reference))
    for reference in ("payout:1", "payout:2"):
        do(on.withdraw(name, reference, usd("800")))
    moved = told([platform(tmp_path, clock).between(given, given + HOUR)], name)
    assert [(one.kind, one.amount, one.reference) for one in moved if isinstance(one, CashMoved)] == [
        ("payout", -usd("800"), "payout:1"),
        ("adjustment", usd("800"), "payout:1"),
    ]
    with pytest.raises(NoSuchPlatformAccount):
        do(on.put_back("SIM-nobody", "payout:1"))


def test_nothing_can_be_asked_of_an_account_that_is_not_there(tmp_path: Path) -> None:
    on = platform(tmp_path)
    with pytest.raises(NoSuchPlatformAccount):
        do(on.stop("SIM-nobody"))
    with pytest.raises(NoSuchPlatformAccount):
        do(on.withdraw("SIM-nobody", "payout:1", usd("1")))


# -- who trades --


def test_who_is_engaged_before_the_morning_trades_from_that_morning_on(tmp_path: Path) -> None:
    clock = Hand(EVE)
    on = platform(tmp_path, clock)
    name = do(on.open(ANN, 1, usd("50000")))
    on.engage(ANN, None)
    read = [on.between(at(0), at(15))]
    clock.moment = EVE + timedelta(hours=15)
    on.engage(ANN, "nadia")
    read.append(on.between(at(15), at(17)))
    clock.moment = EVE + timedelta(hours=17)  # an hour after Monday's morning
    on.engage(ANN, "mina")
    read += [on.between(at(17), at(24)), on.between(at(24), at(48))]
    monday, tuesday = read[:3], read[3:]
    assert [{one.root for one in told(day, name) if isinstance(one, Fill)} for day in (monday, tuesday)] == [
        {"ES"},
        {"GC"},
    ]
    again = platform(tmp_path, clock)
    assert told([again.between(at(0), at(48))], name) == told(read, name)


def test_acts_in_the_night_before_are_the_same_after_a_restart(tmp_path: Path) -> None:
    clock = Hand(EVE)
    on = platform(tmp_path, clock)
    name = do(on.open(ANN, 1, usd("50000")))
    read = [on.between(at(0), at(12))]
    clock.moment = EVE + timedelta(hours=12)
    on.engage(ANN, "victor")
    read.append(on.between(at(12), at(24)))
    assert told(read, name) == told([platform(tmp_path, clock).between(at(0), at(24))], name) != []


def test_an_account_opened_after_the_morning_waits_for_the_next(tmp_path: Path) -> None:
    clock = Hand(EVE + timedelta(hours=17))
    on = platform(tmp_path, clock)
    (name,) = opened(on, (ANN, "nadia"))
    assert told([on.between(at(0), at(24))], name) == []
    assert told([on.between(at(24), at(48))], name) != []


def test_an_account_left_alone_is_traded_by_the_house_and_one_that_is_nobodys_by_nobody(tmp_path: Path) -> None:
    on = platform(tmp_path)
    left_alone = do(on.open(ANN, 1, usd("50000")))
    (nobodys,) = opened(on, (BOB, None))
    batch = on.between(at(0), at(48))
    assert told([batch], left_alone) != [] == told([batch], nobodys)


def test_only_the_cast_can_be_engaged(tmp_path: Path) -> None:
    with pytest.raises(NoSuchTrader) as refusal:
        platform(tmp_path).engage(ANN, "nobody")
    assert "grace" in refusal.value.known


def test_prices_are_told_whoever_trades(tmp_path: Path) -> None:
    batch = platform(tmp_path).between(at(0), at(24))
    assert batch.told == ()
    assert {one.symbol for one in batch.quotes} == {"ESZ13", "GCZ13"}

"""Semantics page, section 3: which event may follow which; a wrong one is refused and nothing happens."""

from collections.abc import Callable
from datetime import date

import pytest

from propfirm.domain.errors import Conflict, Refused
from propfirm.domain.money import Micros, usd
from propfirm.domain.rules.engine import NeedsHistory, OutOfSequence, begin, step
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
)
from propfirm.domain.rules.state import Window
from tests.unit.domain.rules.life import DAY, FIFTY, FRIDAY, MONDAY, TUESDAY, Life, loss, midnight, stage, terms_of

MON = date.fromisoformat(MONDAY)
BEGINS, ENDS = midnight(MONDAY), midnight(TUESDAY)

Made = Callable[[int, int], Event]
ORDINARY: dict[str, Made] = {
    "mark": lambda seq, at: Mark(seq, at, "DOL", 100, 100),
    "metric": lambda seq, at: Metric(seq, at, usd("50000"), usd("50000")),
    "fill": lambda seq, at: Fill(seq, at, "x", "DOL", "DOL", 1, 100, Micros(0)),
    "cash": lambda seq, at: CashMoved(seq, at, "adjustment", usd("1")),
    "orders": lambda seq, at: OrdersChanged(seq, at, ()),
    "limit move": lambda seq, at: LimitMove(seq, at, "DOL", True),
    "rebill": WindowsRestarted,
    "overturned": lambda seq, at: Reinstated(seq, at, Micros(0)),
}
CLOCKWORK: dict[str, Made] = {
    "flat-by": lambda seq, at: FlatBy(seq, at, ("fx",), "night"),
    "snapshot": lambda seq, at: EodSnapshot(seq, at, MON),
    "window opens": lambda seq, at: WindowOpened(seq, at, "NFP", "news", ("*",)),
    "window closes": lambda seq, at: WindowClosed(seq, at, "NFP"),
}
EVERY = {**ORDINARY, **CLOCKWORK}


def life() -> Life:
    """Monday has rolled, and there is a position that a mark may be screened for."""
    account = Life(stage(loss("2000")))
    account.day(MONDAY)
    account.buy(1, "5000")
    account.mark("5000")
    account.wait(seconds=60)
    return account


def refused(account: Life, event: Event, reason: str) -> None:
    before = account.state
    with pytest.raises(OutOfSequence) as refusal:
        account.tell(event)
    assert (refusal.value.seq, refusal.value.at, refusal.value.reason) == (event.seq, event.at, reason)
    assert account.state == before


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("number", [2, 3, 5])
def test_numbers_follow_one_another_without_gap_or_repetition(kind: str, number: int) -> None:
    account = life()
    refused(account, EVERY[kind](number, account.now), "number 4 is next")
    account.tell(EVERY[kind](4, account.now))


@pytest.mark.parametrize("kind", EVERY)
def test_time_may_stand_still_but_never_go_back(kind: str) -> None:
    account = life()
    account.tell(Mark(4, account.now, "NQH6", 1, 1))
    refused(account, EVERY[kind](5, account.now - 1), f"the last event was later, at {account.now}")
    account.tell(EVERY[kind](5, account.now))


@pytest.mark.parametrize("kind", EVERY)
def test_the_first_event_rolls_the_first_day(kind: str) -> None:
    refused(Life(stage(loss("2000"))), EVERY[kind](1, BEGINS), "the first event of an account rolls its first day")


def test_the_first_roll_may_come_at_any_time() -> None:
    account = Life(stage(loss("2000")))
    account.tell(DayRolled(1, 0, MON, DAY))
    assert (account.state.day, account.state.at) == (MON, 0)


@pytest.mark.parametrize("kind", ORDINARY)
def test_nothing_but_the_clock_comes_when_the_day_is_over(kind: str) -> None:
    for at in (ENDS, ENDS + 1):
        account = life()
        refused(account, ORDINARY[kind](4, at), f"the day {MONDAY} ended at {ENDS}: it must roll first")
        account.tell(ORDINARY[kind](4, ENDS - 1))


@pytest.mark.parametrize("kind", CLOCKWORK)
def test_a_clock_event_may_come_at_the_very_end_of_the_day_and_not_later(kind: str) -> None:
    account = life()
    account.tell(CLOCKWORK[kind](4, ENDS))
    refused(life(), CLOCKWORK[kind](4, ENDS + 1), f"the day {MONDAY} ended at {ENDS}: it must roll first")


def test_a_day_rolls_when_it_is_over_and_not_before() -> None:
    tuesday = date.fromisoformat(TUESDAY)
    refused(life(), DayRolled(4, ENDS - 1, tuesday, ENDS + DAY), f"the day {MONDAY} runs until {ENDS}")
    for at in (ENDS, ENDS + 1):
        account = life()
        account.tell(DayRolled(4, at, tuesday, ENDS + DAY))
        assert account.state.day == tuesday


def test_a_day_is_followed_by_a_later_one() -> None:
    for label in (MONDAY, "2026-01-04"):
        wrong = DayRolled(4, ENDS, date.fromisoformat(label), ENDS + DAY)
        refused(life(), wrong, f"the day {MONDAY} has been")
    life().day(FRIDAY)


@pytest.mark.parametrize("label", [TUESDAY, "2026-01-04"])
def test_a_snapshot_names_the_running_day(label: str) -> None:
    account = life()
    refused(account, EodSnapshot(4, account.now, date.fromisoformat(label)), f"it is the day {MONDAY}")


def test_the_number_is_looked_at_before_the_time_and_the_time_before_the_rest() -> None:
    account = life()
    refused(account, EodSnapshot(9, account.now - 100 * DAY, date.fromisoformat(TUESDAY)), "number 4 is next")
    early = EodSnapshot(4, account.now - 100 * DAY, date.fromisoformat(TUESDAY))
    refused(account, early, f"the last event was later, at {account.state.at}")


def test_a_wrong_event_is_refused_before_a_wrong_contract() -> None:
    account = life()
    refused(account, Fill(9, account.now, "x", "PLF6", "PL", 1, 1, Micros(0)), "number 4 is next")


def test_a_correction_is_not_for_step() -> None:
    account = life()
    with pytest.raises(NeedsHistory) as refusal:
        step(account.terms, account.state, Correction(4, account.now, "x1", None))
    assert (refusal.value.seq, refusal.value.code) == (4, "events.needs-history")
    assert isinstance(refusal.value, Refused)
    with pytest.raises(OutOfSequence):
        step(account.terms, account.state, Correction(5, account.now, "x1", None))
    with pytest.raises(OutOfSequence):
        step(account.terms, account.state, Correction(4, account.now - DAY, "x1", None))


def test_the_refusal_says_which_event_and_why() -> None:
    account = life()
    with pytest.raises(OutOfSequence) as refusal:
        account.tell(Mark(9, account.now, "DOL", 1, 1))
    assert isinstance(refusal.value, Conflict)
    assert refusal.value.code == "events.out-of-sequence"
    assert str(refusal.value) == (
        f"The event does not follow the last one (seq=9, at={account.now}, reason=number 4 is next)"
    )


@pytest.mark.parametrize("kind", ORDINARY)
def test_the_clock_holds_for_an_account_that_is_over_too(kind: str) -> None:
    account = life()
    account.mark("1000")
    assert account.verdict == "breached"
    refused(account, ORDINARY[kind](5, ENDS), f"the day {MONDAY} ended at {ENDS}: it must roll first")
    refused(account, ORDINARY[kind](6, account.now), "number 5 is next")
    account.tell(ORDINARY[kind](5, ENDS - 1))


def test_an_account_begins_with_its_balance_and_nothing_else() -> None:
    state = begin(terms_of(stage(loss("2000"))))
    assert (state.seq, state.at, state.equity, state.bid, state.ask) == (0, 0, FIFTY, 0, 0)
    assert (state.core.metered, state.core.positions, state.core.day) == (False, (), None)
    assert state.core.stage_window == state.core.cycle_window == Window(Micros(0), Micros(0))


def test_an_account_that_holds_nothing_screens_no_price() -> None:
    account = Life(stage(loss("2000")))
    account.day(MONDAY)
    account.buy(1, "5000")
    account.mark("5000")
    assert account.state.core.symbol == "DOL"
    account.sell(1, "5000")
    assert (account.state.core.symbol, account.state.bid, account.state.ask) == ("", 0, 0)

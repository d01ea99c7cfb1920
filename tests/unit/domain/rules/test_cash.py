"""Semantics page, section 12: what payouts and adjustments do to an account."""

from typing import Any

import pytest

from propfirm.domain.catalogue.program import InsideBuffer
from propfirm.domain.money import usd
from propfirm.domain.rules.events import CashMoved
from propfirm.domain.rules.findings import FloorMoved
from propfirm.domain.rules.state import Floor, profit_of
from tests.unit.domain.rules.life import FIFTY, MONDAY, TUESDAY, Life, loss, payouts, stage


def life(max_loss: Any = None, **terms: Any) -> Life:
    """Two thousand were made, the end-of-day floor stands at 50,000 where it trails."""
    one = Life(stage(max_loss or loss("2000", mode="trail_eod"), payout=payouts(**terms)))
    one.day(MONDAY)
    one.earn("2000")
    one.snapshot()
    one.day(TUESDAY)
    return one


def test_a_payout_leaves_the_balance_and_is_counted() -> None:
    account = life()
    said = account.pays("500", share="450")
    assert said == ()
    assert (account.state.balance, account.state.equity) == (usd("51500"), usd("51500"))
    assert (account.state.payouts, account.state.core.counters.paid_to_trader) == (1, usd("450"))
    assert account.state.core.counters.cycle_profit_start == usd("2000")
    account.earn("30")
    account.pays("100", share="90")
    assert account.state.core.counters.cycle_profit_start == usd("2030")
    assert (account.state.payouts, account.state.core.counters.paid_to_trader) == (2, usd("540"))
    assert profit_of(account.terms, account.state) == usd("2030")


def test_what_leaves_the_balance_is_the_amount_not_the_gross() -> None:
    account = life()
    account.tell(CashMoved(account.seq, account.now, "payout", usd("-450"), usd("500"), usd("450")))
    assert account.state.balance == usd("51550")


def test_a_payout_moves_equity_of_open_positions_along() -> None:
    account = life()
    account.buy(1, "5000")
    account.mark("5200")
    account.pays("500")
    assert (account.state.balance, account.state.equity) == (usd("51500"), usd("51700"))
    account.mark("5100")
    assert account.state.equity == usd("51600")


def test_a_payout_that_leaves_the_floor_alone_may_bring_the_account_down_to_it() -> None:
    account = life()
    assert account.pays("1999.999999").rules == ()
    assert account.pays("0.000001").rules == ("max_loss",)
    assert account.state.payouts == 2


@pytest.mark.parametrize(
    ("terms", "floor"),
    [
        ({}, "50000"),
        ({"floor_effect": "set_to_start"}, "50000"),
        ({"floor_effect": "set_to_start_plus", "floor_effect_value": usd("300")}, "50300"),
        ({"floor_effect": "set_to_zero"}, "50000"),
        ({"floor_effect": "raise_by_trader_share"}, "50000"),
        ({"floor_effect": "reset_cycle"}, "49500"),
    ],
)
def test_the_floor_effects_on_a_floor_at_the_start(terms: dict[str, Any], floor: str) -> None:
    account = life(**terms)
    said = account.pays("500", share="450")
    assert account.state.floor == usd(floor)
    moved = said.all(FloorMoved)
    assert [(one.before, one.after) for one in moved] == ([(FIFTY, usd(floor))] if floor != "50000" else [])


@pytest.mark.parametrize(
    ("terms", "floor"),
    [
        ({}, "48000"),
        ({"floor_effect": "set_to_start"}, "50000"),
        ({"floor_effect": "set_to_start_plus", "floor_effect_value": usd("300")}, "50300"),
        ({"floor_effect": "raise_by_trader_share"}, "48450"),
        ({"floor_effect": "reset_cycle"}, "49500"),
    ],
)
def test_the_floor_effects_on_a_static_floor(terms: dict[str, Any], floor: str) -> None:
    account = life(loss("2000"), **terms)
    said = account.pays("500", share="450")
    assert account.state.floor == usd(floor)
    assert [one.after for one in said.all(FloorMoved)] == ([usd(floor)] if floor != "48000" else [])


def test_the_traders_share_raises_a_floor_at_most_to_its_cap() -> None:
    account = life(loss("2000"), floor_effect="raise_by_trader_share")
    account.earn("9000")
    account.pays("3000")
    assert account.state.floor == FIFTY
    locking = life(loss("2000", lock="start_plus", lock_value=usd("100")), floor_effect="raise_by_trader_share")
    locking.earn("9000")
    moved = locking.pays("3000").only(FloorMoved)
    assert (moved.after, moved.locked) == (usd("50100"), True)


def test_a_zero_based_floor_goes_to_zero() -> None:
    account = Life(stage(loss("2000"), zero_based=True, payout=payouts(floor_effect="set_to_zero")))
    account.day(MONDAY)
    account.earn("5000")
    moved = account.pays("1000").only(FloorMoved)
    assert (moved.before, moved.after) == (usd("-2000"), 0)


def test_the_floor_effect_comes_before_the_comparison() -> None:
    account = life(loss("2000"), floor_effect="set_to_start_plus", floor_effect_value=usd("100"))
    said = account.pays("1900")
    assert said.figures == (usd("50100"), usd("50100"))
    assert (said.evidence.set_seq, said.evidence.set_at) == (said.hit.seq, account.now)
    assert said.all(FloorMoved) != ()


def test_an_effect_of_the_first_payout_only_acts_once() -> None:
    account = life(loss("2000"), floor_effect="raise_by_trader_share", floor_effect_first_only=True)
    account.pays("100")
    account.pays("100")
    assert account.state.floor == usd("48100")


def test_a_reset_begins_a_fresh_drawdown_under_what_is_left() -> None:
    account = life(floor_effect="reset_cycle")
    account.earn("1000")
    moved = account.pays("1500").only(FloorMoved)
    assert (moved.before, moved.after, moved.basis) == (FIFTY, usd("49500"), usd("51500"))
    account.earn("100")
    assert account.snapshot().only(FloorMoved).after == usd("49600")


@pytest.mark.parametrize(("base", "floor"), [("initial", "49500"), ("hwm", "49440")])
def test_a_reset_takes_the_drawdown_of_the_nominal_size_or_of_what_is_left(base: str, floor: str) -> None:
    account = life(loss("4%", mode="trail_eod", pct_base=base), floor_effect="reset_cycle")
    account.pays("500")
    assert account.state.floor == usd(floor)


def test_a_reset_unlocks_a_floor_that_its_cap_had_locked() -> None:
    account = life(loss("2000", mode="trail_eod", lock="start"), floor_effect="reset_cycle")
    assert account.state.core.floor.locked
    moved = account.pays("500").only(FloorMoved)
    assert (moved.after, moved.locked) == (usd("49500"), False)
    account.earn("9000")
    moved = account.snapshot().only(FloorMoved)
    assert (moved.after, moved.locked) == (FIFTY, True)


def test_a_reset_leaves_a_floor_alone_that_the_first_payout_froze() -> None:
    frozen = loss("2000", mode="trail_eod", lock="start", lock_trigger="first_payout")
    account = life(frozen, floor_effect="reset_cycle", hwm_effect="reduce")
    assert account.pays("500").all(FloorMoved) == ()
    assert (account.state.floor, account.state.hwm) == (FIFTY, usd("51500"))
    account.earn("5000")
    account.pays("500")
    assert (account.state.floor, account.state.hwm) == (FIFTY, usd("51500"))


def test_a_payout_that_locks_the_floor_where_it_is_has_not_set_it() -> None:
    account = life(loss("2000", mode="trail_eod", lock="start", lock_trigger="first_payout"))
    evening = account.state.core.floor.set_seq
    assert account.pays("500").all(FloorMoved) == ()
    assert account.state.core.floor.locked
    assert account.earn("-1500").evidence.set_seq == evening > 0


def test_the_high_may_be_reduced_by_the_gross() -> None:
    account = life(hwm_effect="reduce")
    said = account.pays("500", share="450")
    assert said.all(FloorMoved) == ()
    assert (account.state.floor, account.state.hwm) == (FIFTY, usd("51500"))
    account.earn("700")
    assert account.snapshot().only(FloorMoved).basis == usd("52200")


def test_a_payout_from_inside_the_buffer_may_raise_the_floor_to_the_start() -> None:
    inside = InsideBuffer("split", floor_to_start=True)
    account = life(loss("2000"), inside_buffer=inside)
    assert account.pays("100").all(FloorMoved) == ()
    assert account.pays("100", inside_buffer=True).only(FloorMoved).after == FIFTY
    without = life(loss("2000"), inside_buffer=InsideBuffer("split"))
    assert without.pays("100", inside_buffer=True).all(FloorMoved) == ()


def test_a_high_under_a_floor_that_a_payout_set_leaves_it_as_the_payout_set_it() -> None:
    account = Life(stage(loss("2000", mode="trail_closed"), payout=payouts(floor_effect="set_to_start")))
    account.day(MONDAY)
    account.at("08:00").earn("1000")
    account.pays("500")
    seq, at = account.state.seq, account.now
    account.wait(seconds=1).earn("1000")
    assert account.state.core.floor == Floor(FIFTY, usd("51500"), locked=False, set_seq=seq, set_at=at, reported=FIFTY)


def test_an_intraday_rise_is_told_just_before_the_payouts_own_move() -> None:
    account = life(loss("2000", mode="trail_intraday"), floor_effect="set_to_start_plus", floor_effect_value=usd("900"))
    account.earn("500")
    said = account.pays("500")
    assert [(one.before, one.after, one.basis) for one in said.all(FloorMoved)] == [
        (FIFTY, usd("50500"), usd("52500")),
        (usd("50500"), usd("50900"), usd("52500")),
    ]
    assert account.day("2026-01-07").all(FloorMoved) == ()


def test_a_payout_that_moves_no_floor_leaves_the_telling_to_the_roll() -> None:
    account = life(loss("2000", mode="trail_intraday"))
    account.earn("500")
    assert account.pays("500").all(FloorMoved) == ()
    assert account.day("2026-01-07").only(FloorMoved).after == usd("50500")


def test_a_denied_payout_moves_no_money_and_no_floor() -> None:
    account = life(floor_effect="reset_cycle")
    before = account.state
    assert account.denies() == ()
    assert (account.state.balance, account.state.equity, account.state.floor) == (
        before.balance,
        before.equity,
        before.floor,
    )
    assert (account.state.payouts, account.state.core.cash) == (0, 0)


def test_an_adjustment_changes_the_balance_and_nothing_else() -> None:
    account = life(floor_effect="set_to_start_plus", floor_effect_value=usd("900"))
    assert account.adjusts("700") == ()
    assert (account.state.balance, account.state.equity, account.state.floor) == (usd("52700"), usd("52700"), FIFTY)
    assert (account.state.payouts, profit_of(account.terms, account.state)) == (0, usd("2000"))
    account.adjusts("-50")
    assert account.state.core.cash == usd("650")


def test_an_adjusted_balance_raises_an_end_of_day_floor_in_the_evening() -> None:
    account = life()
    account.adjusts("700")
    assert account.snapshot().only(FloorMoved).after == usd("50700")

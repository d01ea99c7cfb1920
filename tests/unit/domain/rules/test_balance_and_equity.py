"""Semantics page, sections 1 and 2: amounts, balance, positions, equity."""

import pytest

from propfirm.domain.errors import Refused
from propfirm.domain.money import Micros, usd
from propfirm.domain.rules.engine import UnknownContract, begin
from propfirm.domain.rules.events import Fill
from propfirm.domain.rules.findings import DayClosed, DayCounted
from propfirm.domain.rules.state import profit_of
from propfirm.domain.rules.terms import Platform
from tests.unit.domain.rules.life import FIFTY, MONDAY, TUESDAY, Life, daily, loss, payouts, stage, terms_of


def life(**platform: str) -> Life:
    one = Life(stage(loss("20000"), payout=payouts()), platform=Platform(**platform))  # type: ignore[arg-type]  # words of the tests
    one.day(MONDAY)
    return one


def test_an_account_begins_with_its_starting_balance_and_nothing_else() -> None:
    state = begin(terms_of(stage(loss("2000"))))
    assert (state.balance, state.equity, state.floor, state.hwm) == (FIFTY, FIFTY, usd("48000"), FIFTY)
    assert (state.seq, state.at, state.day, state.day_floor) == (0, 0, None, None)
    assert (state.verdict, state.locked, state.trading_days, state.payouts) == ("open", False, 0, 0)
    assert (state.core.positions, state.core.quotes, state.core.cash, state.core.fees) == ((), {}, 0, 0)


def test_an_open_position_moves_equity_and_not_the_balance() -> None:
    account = life()
    account.buy(2, "5000", "ESH6")
    account.mark("5000.25", "5000.50", "ESH6")
    assert account.state.balance == FIFTY
    assert account.state.equity == FIFTY + 2 * usd("12.5")


def test_a_long_position_is_worth_its_bid_and_a_short_one_its_ask() -> None:
    account = life()
    account.buy(1, "5000", "ESH6")
    account.mark("5000", "5001", "ESH6")
    assert account.state.equity == FIFTY
    account.sell(2, "5000", "ESH6")
    assert account.state.equity == FIFTY - usd("50")
    account.mark("4990", "4999", "ESH6")
    assert account.state.equity == FIFTY + usd("50")


@pytest.mark.parametrize(("quantity", "bid", "ask", "worth"), [(1, "5", "8", "1"), (-1, "5", "8", "-2")])
def test_the_mid_is_rounded_against_the_position(quantity: int, bid: str, ask: str, worth: str) -> None:
    account = life(mark="mid")
    account.fill(quantity, "5", "ODDH6")
    account.mark(bid, ask, "ODDH6")
    assert account.state.equity == FIFTY + usd("0.333333") * int(worth)


def test_an_exact_mid_needs_no_rounding() -> None:
    account = life(mark="mid")
    account.sell(1, "5", "ODDH6")
    account.mark("4", "8", "ODDH6")
    assert account.state.equity == FIFTY - usd("0.333333")


def test_before_any_mark_a_position_is_worth_its_last_fill() -> None:
    account = life()
    account.buy(2, "5000", "ESH6")
    assert account.state.equity == FIFTY
    account.sell(1, "5002", "ESH6")
    assert account.state.equity == FIFTY + usd("200")
    account.buy(1, "5004", "ESH6")
    assert account.state.equity == FIFTY + usd("300")
    account.sell(1, "5000", "NQH6")
    assert account.state.equity == FIFTY + usd("300")
    account.mark("5001", symbol="ESH6")
    account.sell(1, "5010", "ESH6")
    assert account.state.equity == account.state.balance + usd("5001") * 50 - usd("5002") * 50


def test_the_side_left_by_a_fill_through_zero_is_worth_that_fill() -> None:
    account = life()
    account.buy(1, "5000", "ESH6")
    account.sell(2, "5003", "ESH6")
    assert account.state.equity == account.state.balance == FIFTY + usd("150")


def test_a_mark_of_a_symbol_that_is_not_held_is_remembered_for_when_it_is() -> None:
    account = life()
    account.mark("4998", "4999", "ESH6")
    account.buy(1, "5000", "NQH6")
    account.buy(1, "5000", "ESH6")
    assert account.state.equity == FIFTY - usd("100")


def test_the_last_mark_values_a_later_position_however_old_it_is() -> None:
    account = life()
    account.buy(1, "5000", "ESH6")
    account.mark("5010", "5011", "ESH6")
    account.mark("5020", "5021", "ESH6")
    account.sell(1, "5000", "ESH6")
    account.buy(1, "5000", "ESH6")
    assert account.state.equity == FIFTY + usd("1000")


def test_two_months_of_one_product_are_two_positions() -> None:
    account = life()
    account.buy(1, "5000", "ESH6")
    account.sell(1, "5000", "ESM6")
    account.mark("5010", symbol="ESH6")
    account.mark("5004", symbol="ESM6")
    assert account.state.equity == FIFTY + usd("500") - usd("200")
    assert [held.position.quantity for held in account.state.core.positions] == [1, -1]


def test_a_closed_part_is_realised_less_its_fee() -> None:
    account = life()
    account.buy(2, "5000", "ESH6", fee="4.20")
    account.sell(1, "5002", "ESH6", fee="2.10")
    assert account.state.balance == FIFTY + usd("100") - usd("6.30")
    assert account.state.core.fees == usd("6.30")


def test_a_short_position_earns_when_it_is_bought_back_lower() -> None:
    account = life()
    account.sell(2, "5000", "ESH6")
    account.buy(2, "4999", "ESH6")
    assert account.state.balance == FIFTY + usd("100")
    assert account.state.core.positions == ()


def test_a_fill_through_zero_closes_and_opens_the_rest() -> None:
    account = life()
    account.buy(1, "5000", "ESH6")
    account.sell(3, "5001", "ESH6")
    assert account.state.balance == FIFTY + usd("50")
    account.mark("5000", "5000", "ESH6")
    assert account.state.equity == FIFTY + usd("50") + usd("100")


@pytest.mark.parametrize(("method", "first", "then"), [("fifo", "100", "-50"), ("average", "25", "25")])
def test_the_platform_says_whether_the_oldest_lot_or_the_average_is_closed(method: str, first: str, then: str) -> None:
    account = life(method=method)
    account.buy(1, "5000", "ESH6")
    account.buy(1, "5003", "ESH6")
    account.sell(1, "5002", "ESH6")
    assert account.state.balance == FIFTY + usd(first)
    account.sell(1, "5002", "ESH6")
    assert account.state.balance == FIFTY + usd(first) + usd(then)


@pytest.mark.parametrize(
    ("quantity", "exit_price", "exact", "rounded"),
    [
        (1, "7", "0.666666", "0.67"),
        (1, "3", "-0.666666", "-0.67"),
        (1, "8", "0.999999", "1.00"),
        (-1, "4", "0.333333", "0.33"),
        (-1, "6", "-0.333333", "-0.33"),
    ],
)
def test_a_platform_that_settles_each_fill_rounds_it_to_the_cent(
    quantity: int, exit_price: str, exact: str, rounded: str
) -> None:
    for settle, realised in (("exact", exact), ("per_fill", rounded)):
        account = life(settle=settle)
        account.fill(quantity, "5", "ODDH6")
        account.fill(-quantity, exit_price, "ODDH6")
        assert account.state.balance == FIFTY + usd(realised)


@pytest.mark.parametrize(("exit_price", "rounded"), [("0.015", "0.02"), ("0.025", "0.03"), ("0.014999", "0.01")])
def test_half_a_cent_of_a_fill_is_rounded_away_from_zero(exit_price: str, rounded: str) -> None:
    for side in (1, -1):
        account = life(settle="per_fill")
        account.fill(side, "100")
        account.fill(-side, f"100.{exit_price[2:]}")
        assert account.state.balance == FIFTY + side * usd(rounded)


def test_fees_are_not_rounded_with_the_fill() -> None:
    account = life(settle="per_fill")
    account.buy(1, "5", "ODDH6", fee="0.001")
    account.sell(1, "6", "ODDH6", fee="0.001")
    assert account.state.balance == FIFTY + usd("0.33") - usd("0.002")


def test_a_fill_in_a_contract_that_the_terms_do_not_know_is_refused() -> None:
    account = life()
    stranger = Fill(account.seq, account.now, "x", "PLF6", "PL", 1, 1, Micros(0))
    with pytest.raises(UnknownContract) as refusal:
        account.tell(stranger)
    assert refusal.value.root == "PL"
    assert (refusal.value.code, isinstance(refusal.value, Refused)) == ("events.unknown-contract", True)
    assert str(refusal.value) == "The terms know no such contract (root=PL)"
    assert account.state.seq == 1


def test_profit_is_the_balance_less_the_start_and_all_cash() -> None:
    account = life()
    account.earn("700")
    account.pays("500")
    account.adjusts("25")
    assert account.state.balance == usd("50225")
    assert profit_of(account.terms, account.state) == usd("700")


def test_the_days_profit_leaves_cash_out_and_takes_fees_in() -> None:
    account = life()
    account.earn("700")
    account.pays("500")
    account.buy(1, "100", fee="3")
    account.sell(1, "100", fee="4")
    closed = account.rolls(TUESDAY).only(DayClosed)
    assert (closed.start_balance, closed.end_balance, closed.pnl) == (FIFTY, usd("50193"), usd("693"))


# ---------------------------------------------------------------- accounts that a platform reports


def test_from_the_first_metric_on_the_platforms_figures_are_the_account() -> None:
    account = life()
    account.buy(1, "5000", "ESH6")
    account.metric("50100", "50200")
    assert (account.state.balance, account.state.equity) == (usd("50100"), usd("50200"))
    account.mark("4000", symbol="ESH6")
    account.sell(1, "4000", "ESH6", fee="2")
    assert (account.state.balance, account.state.equity) == (usd("50100"), usd("50200"))
    assert account.state.core.positions == ()


def test_cash_shifts_both_figures_of_a_metered_account_until_the_next_metric() -> None:
    account = life()
    account.metric("51000", "51200")
    account.pays("500")
    assert (account.state.balance, account.state.equity) == (usd("50500"), usd("50700"))
    account.metric("50400", "50300")
    assert (account.state.balance, account.state.equity) == (usd("50400"), usd("50300"))


def test_figures_with_the_roll_make_an_account_metered_and_belong_to_the_day_that_ends() -> None:
    account = Life(stage(loss("20000"), daily_loss=daily("1000", reference="max")))
    account.day(MONDAY)
    account.buy(1, "100")
    said = account.day(TUESDAY, balance="50300", equity="50450")
    closed = said.only(DayClosed)
    assert (closed.end_balance, closed.end_equity, closed.pnl) == (usd("50300"), usd("50450"), usd("300"))
    assert account.state.day_floor == usd("49450")
    account.mark("500")
    assert account.state.equity == usd("50450")


def test_figures_of_the_very_first_roll_are_taken_too() -> None:
    account = Life(stage(loss("20000")))
    said = account.day(MONDAY, balance="50010", equity="50020")
    assert (account.state.balance, account.state.equity, account.state.core.metered) == (
        usd("50010"),
        usd("50020"),
        True,
    )
    assert said.all(DayCounted) == ()


def test_a_roll_may_bring_only_one_of_the_two_figures() -> None:
    account = life()
    account.day(TUESDAY, balance="50300")
    assert (account.state.balance, account.state.equity, account.state.core.metered) == (usd("50300"), FIFTY, True)
    account = life()
    account.day(TUESDAY, equity="50300")
    assert (account.state.balance, account.state.equity, account.state.core.metered) == (FIFTY, usd("50300"), True)

"""Semantics page, section 7: flat-by, closed hours, blackouts, limit moves."""

from typing import Any, Literal, get_args

import pytest

from propfirm.domain.catalogue.program import Outcome, Times
from propfirm.domain.money import usd
from propfirm.domain.rules.findings import Evidence, ProfitStripped
from tests.unit.domain.rules.life import MONDAY, TUESDAY, Life, loss, stage

Over = Literal["night", "weekend", "holiday"]


def life(times: Times, **rules: Any) -> Life:
    one = Life(stage(loss("40000"), times=times, **rules))
    one.day(MONDAY)
    return one


NOTHING_HELD = Times()
ALL_HELD = Times(overnight=True, weekend=True, holidays=True)


# ---------------------------------------------------------------- flat-by


@pytest.mark.parametrize(
    ("overnight", "weekend", "holidays", "over", "rules"),
    [
        (False, False, False, "night", ("overnight",)),
        (False, True, True, "weekend", ("overnight",)),
        (False, True, True, "holiday", ("overnight",)),
        (True, False, False, "night", ()),
        (True, False, True, "weekend", ("weekend",)),
        (True, True, False, "weekend", ()),
        (True, True, False, "holiday", ("holidays",)),
        (True, False, True, "holiday", ()),
        (True, True, True, "night", ()),
        (True, True, True, "weekend", ()),
        (True, True, True, "holiday", ()),
    ],
)
def test_what_may_be_held_over_which_break(
    overnight: bool, weekend: bool, holidays: bool, over: Over, rules: tuple[str, ...]
) -> None:
    account = life(Times(overnight=overnight, weekend=weekend, holidays=holidays))
    account.buy(1, "5000", "ESH6")
    assert account.flat_by("equity_index", over=over).rules == rules
    closed = ("closed_time",) if rules else ()
    assert account.buy(1, "5000", "ESH6").rules == closed


def test_all_positions_of_the_groups_are_one_hit_together() -> None:
    account = life(NOTHING_HELD)
    account.buy(2, "5000", "ESH6")
    account.sell(3, "5000", "NQH6")
    account.buy(4, "60", "CLH6")
    said = account.flat_by("equity_index", "rates")
    assert (said.hit.rule, said.hit.outcome, said.hit.decided) == ("overnight", "close_offending", False)
    assert said.evidence == Evidence(0, 5, "contracts", account.state.equity, usd("50000"))


def test_other_groups_may_stay_open() -> None:
    account = life(NOTHING_HELD)
    account.buy(4, "60", "CLH6")
    assert account.flat_by("equity_index").rules == ()
    assert account.buy(1, "60", "CLH6").rules == ()
    assert account.buy(1, "5000", "ESH6").figures == (0, 1)
    assert account.flat_by("energy").figures == (0, 5)


def test_who_is_flat_before_flat_by_has_kept_the_rule() -> None:
    account = life(NOTHING_HELD)
    account.at("15:10").buy(1, "5000", "ESH6")
    account.sell(1, "5000", "ESH6")
    assert account.flat_by("equity_index") == ()


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_the_times_name_the_outcome(outcome: Outcome) -> None:
    account = life(Times(outcome=outcome))
    account.buy(1, "5000", "ESH6")
    assert account.flat_by("equity_index").hit.outcome == outcome
    assert account.verdict == ("breached" if outcome == "fail" else "open")


# ---------------------------------------------------------------- closed hours


def test_after_flat_by_nothing_opens_until_the_day_rolls() -> None:
    account = life(NOTHING_HELD)
    account.buy(2, "5000", "ESH6")
    account.at("15:10").flat_by("equity_index")
    assert account.sell(1, "5000", "ESH6").rules == ()
    said = account.at("23:59:59").sell(3, "5000", "ESH6")
    assert (said.hit.rule, said.hit.outcome) == ("closed_time", "close_offending")
    assert said.evidence == Evidence(0, 2, "contracts", account.state.equity, account.state.balance, symbol="ESH6")
    account.day(TUESDAY)
    assert account.buy(5, "5000", "ESH6").rules == ()


@pytest.mark.parametrize(("clock", "rules"), [("16:59:59.999999999", ("closed_time",)), ("17:00", ())])
def test_a_group_that_reopens_trades_again_from_that_instant_on(clock: str, rules: tuple[str, ...]) -> None:
    account = life(NOTHING_HELD)
    account.at("15:10").flat_by("equity_index", reopens="17:00")
    assert account.at(clock).buy(1, "5000", "ESH6").rules == rules


def test_the_roll_reopens_what_would_reopen_later() -> None:
    account = life(NOTHING_HELD)
    account.at("15:10").flat_by("equity_index", reopens="47:00")
    account.day(TUESDAY)
    assert account.buy(1, "5000", "ESH6").rules == ()


def test_a_later_flat_by_replaces_the_earlier_one_of_its_groups_only() -> None:
    account = life(NOTHING_HELD)
    account.at("10:00").flat_by("equity_index", "energy", reopens="12:00")
    account.at("11:00").flat_by("equity_index", reopens="13:00")
    assert account.at("12:00").buy(1, "60", "CLH6").rules == ()
    assert account.buy(1, "5000", "ESH6").rules == ("closed_time",)
    account.at("12:30").flat_by("equity_index", reopens="12:40")
    assert account.at("12:40").buy(1, "5000", "ESH6").rules == ()


def test_a_group_is_closed_even_where_nobody_held_it() -> None:
    account = life(NOTHING_HELD)
    account.flat_by("energy")
    assert account.buy(1, "60", "CLH6").rules == ("closed_time",)


def test_holding_a_position_that_strips_its_profit_concerns_every_trade_held() -> None:
    account = life(Times(outcome="strip_profit"))
    account.buy(1, "5000", "ESH6")
    account.buy(1, "5000", "NQH6")
    account.buy(1, "60", "CLH6")
    account.flat_by("equity_index")
    assert account.sell(1, "5001", "ESH6").only(ProfitStripped).amount == usd("50")
    assert account.sell(1, "5001", "NQH6").only(ProfitStripped).rule == "overnight"
    assert account.sell(1, "61", "CLH6").all(ProfitStripped) == ()


# ---------------------------------------------------------------- blackouts


def test_a_fill_inside_a_blackout_is_a_hit_whether_it_opens_or_closes() -> None:
    account = life(ALL_HELD)
    account.buy(3, "5000", "ESH6")
    assert account.at("12:00").blackout("ES").rules == ()
    said = account.sell(2, "5000", "ESH6")
    assert (said.hit.rule, said.hit.outcome) == ("blackout", "close_offending")
    assert said.evidence == Evidence(
        0, 2, "contracts", account.state.equity, account.state.balance, set_at=0, symbol="ESH6", note="lunch"
    )
    account.at("13:00").closes("lunch")
    assert account.sell(1, "5000", "ESH6").rules == ()


@pytest.mark.parametrize(
    ("products", "symbol", "touched"),
    [
        (("*",), "CLH6", True),
        (("ES",), "ESH6", True),
        (("ES",), "MESH6", True),
        (("MES",), "MESH6", True),
        (("MES",), "ESH6", False),
        (("NQ", "CL"), "CLH6", True),
        (("NQ", "CL"), "ESH6", False),
    ],
)
def test_a_window_touches_its_roots_and_products_or_all(products: tuple[str, ...], symbol: str, touched: bool) -> None:
    account = life(ALL_HELD)
    account.blackout(*products)
    assert account.buy(1, "100", symbol).rules == (("blackout",) if touched else ())


def test_two_blackouts_at_once_are_one_hit_of_the_first_opened_that_touches() -> None:
    account = life(ALL_HELD)
    account.blackout("CL", name="oil")
    account.blackout("ES", name="first")
    account.blackout("*", name="second")
    assert account.buy(1, "5000", "ESH6").evidence.note == "first"
    account.closes("first")
    assert account.buy(1, "5000", "ESH6").evidence.note == "second"
    account.closes("unheard of")
    assert account.buy(1, "5000", "ESH6").evidence.note == "second"


def test_a_window_that_opens_again_under_its_name_is_still_one() -> None:
    account = life(ALL_HELD)
    account.blackout("ES")
    account.blackout("CL")
    assert account.buy(1, "5000", "ESH6").rules == ()
    account.closes("lunch")
    assert account.buy(1, "60", "CLH6").rules == ()


def test_a_window_stays_open_over_the_roll() -> None:
    account = life(ALL_HELD)
    account.blackout("ES")
    account.day(TUESDAY)
    assert account.buy(1, "5000", "ESH6").rules == ("blackout",)


# ---------------------------------------------------------------- limit moves


def test_profit_made_under_a_limit_move_is_forfeit_where_the_program_says_so() -> None:
    account = life(Times(overnight=True, limit_up_down="forfeit_profit", outcome="fail"))
    account.buy(2, "5000", "ESH6")
    assert account.limit_move("ESH6").rules == ()
    said = account.sell(2, "5002", "ESH6")
    assert (said.hit.rule, said.hit.outcome) == ("limit_up_down", "strip_profit")
    assert said.evidence == Evidence(0, 2, "contracts", usd("50200"), usd("50200"), symbol="ESH6")
    assert said.only(ProfitStripped).amount == usd("200")
    assert account.buy(1, "5000", "NQH6").rules == ()


def test_a_limit_move_that_is_over_or_elsewhere_or_allowed_concerns_nobody() -> None:
    account = life(Times(overnight=True, limit_up_down="forfeit_profit"))
    account.limit_move("ESH6")
    account.limit_move("NQH6")
    assert account.buy(1, "5000", "ESM6").rules == ()
    account.limit_move("ESH6", on=False)
    assert account.buy(1, "5000", "ESH6").rules == ()
    assert account.buy(1, "5000", "NQH6").rules == ("limit_up_down",)
    account.limit_move("NQH6")
    account.limit_move("NQH6", on=False)
    assert account.buy(1, "5000", "NQH6").rules == ()
    allowed = life(ALL_HELD)
    allowed.limit_move("ESH6")
    assert allowed.buy(1, "5000", "ESH6").rules == ()

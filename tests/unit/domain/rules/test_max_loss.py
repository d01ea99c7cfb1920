"""Semantics page, section 4: the maximum loss, its floor, and what moves it."""

from typing import Any, get_args

import pytest

from propfirm.domain.catalogue.program import Outcome, Strikes
from propfirm.domain.money import usd
from propfirm.domain.rules.findings import Evidence, FloorMoved, Hit
from propfirm.domain.rules.terms import Options
from tests.unit.domain.rules.life import FIFTY, MONDAY, TUESDAY, WEDNESDAY, Life, loss, payouts, stage


def life(options: Options | None = None, **rules: Any) -> Life:
    """Monday has rolled; the first 5,000 dollars of a contract are an even trade."""
    one = Life(stage(rules.pop("max_loss", None), **rules), options=options)
    one.day(MONDAY)
    return one


def trailing(mode: str, **rule: Any) -> Life:
    return life(max_loss=loss("2000", mode=mode, **rule), payout=payouts())


# ---------------------------------------------------------------- the comparison


@pytest.mark.parametrize(
    ("cmp", "price", "breached"),
    [
        ("touch", "3000.000001", False),
        ("touch", "3000", True),
        ("touch", "2999.999999", True),
        ("below", "3000", False),
        ("below", "2999.999999", True),
    ],
)
def test_equity_at_the_floor_is_a_breach_where_touch_counts_and_only_below_it_otherwise(
    cmp: str, price: str, breached: bool
) -> None:
    account = life(max_loss=loss("2000", cmp=cmp))
    account.buy(1, "5000")
    assert account.mark(price).rules == (("max_loss",) if breached else ())
    assert account.verdict == ("breached" if breached else "open")


def test_the_hit_says_floor_equity_high_and_what_set_the_floor() -> None:
    account = life()
    account.buy(1, "5000", fee="3")
    said = account.mark("2990")
    evidence = Evidence(usd("48000"), usd("47987"), "usd", usd("47987"), usd("49997"), 0, 0, FIFTY)
    assert said == (Hit(3, account.now, "max_loss", "fail", evidence, decided=True),)
    assert evidence.distance == usd("-13")


def test_a_static_floor_stays_whatever_the_account_makes() -> None:
    account = life()
    account.earn("5000")
    account.snapshot()
    account.mark("9000")
    assert (account.state.floor, account.state.hwm) == (usd("48000"), FIFTY)


def test_a_percentage_is_of_the_nominal_size_even_where_the_stage_starts_elsewhere() -> None:
    percent = loss("4%")
    assert life(max_loss=percent).state.floor == usd("48000")
    assert life(max_loss=percent, starting_balance=usd("20000")).state.floor == usd("18000")
    zero = life(max_loss=percent, zero_based=True)
    assert (zero.state.balance, zero.state.floor, zero.state.hwm) == (0, usd("-2000"), 0)
    zero = life(max_loss=percent, zero_based=True, starting_balance=usd("20000"))
    assert (zero.state.balance, zero.state.floor) == (0, usd("-2000"))


def test_a_zero_based_account_breaches_below_zero() -> None:
    account = life(zero_based=True)
    account.buy(1, "5000")
    assert account.mark("3000.000001").rules == ()
    assert account.mark("3000").figures == (usd("-2000"), usd("-2000"))


@pytest.mark.parametrize(("measure", "rules"), [("equity", ("max_loss",)), ("balance", ())])
def test_a_loss_on_paper_counts_where_equity_is_measured(measure: str, rules: tuple[str, ...]) -> None:
    account = life(max_loss=loss("2000", measure=measure))
    account.buy(1, "5000")
    assert account.mark("2500").rules == rules


def test_a_loss_taken_counts_where_the_balance_is_measured_whatever_equity_says() -> None:
    account = life(max_loss=loss("2000", measure="balance"))
    account.buy(1, "5000", "ESH6")
    account.mark("5100", symbol="ESH6")
    account.buy(1, "5000")
    said = account.sell(1, "3000")
    assert said.figures == (usd("48000"), usd("48000"))
    assert said.evidence.equity == usd("53000")


def test_a_mark_does_not_move_the_balance_and_does_not_judge_it() -> None:
    counted = (Strikes("max_loss", ("warn", "warn", "fail")),)
    account = life(max_loss=loss("2000", measure="balance"), strikes=counted)
    account.buy(2, "5000")
    assert account.sell(1, "3000").hit.strike == 1
    assert account.mark("3000").rules == ()
    assert account.mark("1", symbol="ESH6").rules == ()
    assert account.snapshot().hit.strike == 2
    assert account.day(TUESDAY).hit.strike == 3
    assert account.verdict == "breached"


def test_a_mark_a_fill_a_metric_or_a_cash_move_can_breach() -> None:
    account = life()
    account.buy(1, "5000")
    assert account.mark("3000").rules == ("max_loss",)
    account = life()
    account.buy(1, "5000")
    assert account.sell(1, "3000").rules == ("max_loss",)
    assert life().metric("49000", "48000").rules == ("max_loss",)
    assert life().adjusts("-2000").rules == ("max_loss",)
    assert life(payout=payouts()).pays("2000").rules == ("max_loss",)


def test_a_mark_of_any_symbol_judges_the_account() -> None:
    account = life()
    account.buy(1, "5000", "ESH6")
    account.mark("4960.25", symbol="ESH6")
    account.buy(1, "5000")
    assert account.mark("4987.5").rules == ("max_loss",)


def test_a_position_carried_over_a_raised_floor_breaches_at_the_snapshot_that_raised_it() -> None:
    account = trailing("trail_eod")
    account.earn("3000")
    account.buy(1, "5000")
    account.mark("3000.000001")
    assert account.snapshot().rules == ()
    account = trailing("trail_eod")
    account.earn("3000")
    account.buy(1, "5000")
    account.mark("3000")
    said = account.snapshot()
    assert said.figures == (usd("51000"), usd("51000"))
    assert (said.evidence.basis, said.evidence.set_seq, said.evidence.set_at) == (
        usd("53000"),
        said.hit.seq,
        said.hit.at,
    )
    assert account.state.floor == usd("51000")


def test_figures_that_come_with_the_roll_are_judged_at_the_roll() -> None:
    account = life()
    assert account.day(TUESDAY, balance="49000", equity="48000").rules == ("max_loss",)


def test_what_moves_no_money_and_no_floor_judges_no_loss() -> None:
    account = life(max_loss=loss("2000", outcome="warn", measure="balance"), payout=payouts())
    account.buy(1, "5000")
    account.sell(1, "3000")
    account.day(TUESDAY)
    account.adjusts("1")
    account.day(WEDNESDAY)
    quiet = [
        account.flat_by(),
        account.news(),
        account.closes("NFP"),
        account.orders(),
        account.limit_move("DOL"),
    ]
    assert [said.rules for said in quiet] == [()] * 5


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_a_loss_limit_that_does_not_fail_is_hit_once_a_day(outcome: Outcome) -> None:
    account = life(max_loss=loss("2000", outcome=outcome))
    account.buy(1, "5000")
    said = account.mark("3000")
    assert (said.hit.outcome, said.hit.decided) == (outcome, outcome in ("fail", "lock_day"))
    assert account.state.locked == (outcome == "lock_day")
    assert account.mark("2999").rules == ()
    again = ("max_loss",) if outcome != "fail" else ()
    assert account.day(TUESDAY).rules == again
    assert account.mark("2998").rules == ()
    account.mark("5000")
    assert account.mark("2997").rules == ()


def test_an_account_may_recover_from_a_limit_that_warns() -> None:
    account = life(max_loss=loss("2000", outcome="warn"))
    account.buy(1, "5000")
    account.mark("2000")
    account.mark("6000")
    assert account.day(TUESDAY).rules == ()
    assert account.mark("3000.000001").rules == ()
    assert account.mark("3000").rules == ("max_loss",)


# ---------------------------------------------------------------- what moves the floor


def test_an_end_of_day_floor_moves_at_the_snapshot_with_the_balance_alone() -> None:
    account = trailing("trail_eod")
    account.earn("500")
    account.buy(1, "5000")
    account.mark("5900")
    assert (account.state.floor, account.state.hwm) == (usd("48000"), FIFTY)
    said = account.snapshot()
    moved = FloorMoved(said[0].seq, account.now, "max_loss", usd("48000"), usd("48500"), usd("50500"), locked=False)
    assert said == (moved,)
    assert account.day(TUESDAY).all(FloorMoved) == ()
    assert (account.state.floor, account.state.hwm) == (usd("48500"), usd("50500"))


def test_an_end_of_day_floor_stays_when_the_balance_has_fallen() -> None:
    account = trailing("trail_eod")
    account.earn("500")
    account.snapshot()
    account.day(TUESDAY)
    account.earn("-300")
    assert account.snapshot() == ()
    assert (account.state.floor, account.state.hwm) == (usd("48500"), usd("50500"))
    account.day(WEDNESDAY)
    account.earn("300")
    assert account.snapshot() == ()
    assert account.state.core.floor.set_at < account.now


def test_the_evidence_names_the_snapshot_that_set_the_floor() -> None:
    account = trailing("trail_eod")
    account.earn("500")
    account.at("23:50").snapshot()
    seq, at = account.state.seq, account.now
    account.day(TUESDAY)
    account.buy(1, "5000")
    evidence = account.mark("3000").evidence
    assert (evidence.limit, evidence.basis) == (usd("48500"), usd("50500"))
    assert (evidence.set_seq, evidence.set_at) == (seq, at)


def test_a_closing_floor_moves_with_each_fill_that_closes_and_not_with_one_that_opens() -> None:
    account = trailing("trail_closed")
    account.buy(2, "5000")
    account.mark("5600")
    assert account.state.floor == usd("48000")
    moved = account.sell(1, "5500").only(FloorMoved)
    assert (moved.before, moved.after, moved.basis) == (usd("48000"), usd("48500"), usd("50500"))
    assert account.snapshot() == ()
    assert account.buy(1, "100", "ESH6").all(FloorMoved) == ()
    assert account.sell(1, "5200").only(FloorMoved).after == usd("48700")
    assert account.metric("51000", "50000").only(FloorMoved).after == usd("49000")
    assert account.metric("50900").all(FloorMoved) == ()


def test_a_fill_that_opens_raises_no_closing_floor_even_above_the_old_high() -> None:
    account = trailing("trail_closed")
    account.adjusts("300")
    account.buy(1, "5000")
    assert account.state.floor == usd("48000")
    account.sell(1, "5000")
    assert account.state.floor == usd("48300")


def test_what_a_closing_fill_raises_is_compared_from_the_next_event_on() -> None:
    account = trailing("trail_closed")
    account.adjusts("1000")
    account.buy(1, "5000", "ESH6")
    account.buy(1, "5000")
    account.mark("4950", symbol="ESH6")
    said = account.sell(1, "5100")
    assert (said.rules, account.state.equity, account.state.floor) == ((), usd("48600"), usd("49100"))
    assert account.mark("4950", symbol="ESH6").figures == (usd("49100"), usd("48600"))


def test_an_intraday_floor_follows_every_new_high_of_equity() -> None:
    account = trailing("trail_intraday")
    account.buy(1, "5000")
    assert account.mark("5300") == ()
    assert (account.state.floor, account.state.hwm) == (usd("48300"), usd("50300"))
    account.mark("5299")
    assert account.state.hwm == usd("50300")
    account.mark("5300.000001")
    assert account.state.hwm == usd("50300.000001")
    account.sell(1, "5400")
    assert account.state.floor == usd("48400")
    account.metric("50400", "50900")
    assert account.state.floor == usd("48900")
    account.snapshot()
    account.adjusts("5000")
    assert (account.state.floor, account.state.hwm) == (usd("48900"), usd("50900"))
    account.day(TUESDAY)
    assert account.state.hwm == usd("55900")


def test_an_intraday_rise_is_told_at_the_next_roll_with_the_high_as_basis() -> None:
    account = trailing("trail_intraday")
    account.buy(1, "5000")
    account.mark("5300")
    account.mark("5500")
    account.mark("5200")
    said = account.day(TUESDAY)
    moved = FloorMoved(6, account.now, "max_loss", usd("48000"), usd("48500"), usd("50500"), locked=False)
    assert said.all(FloorMoved) == (moved,)
    assert account.day(WEDNESDAY).all(FloorMoved) == ()


def test_an_intraday_rise_of_a_figure_with_the_roll_is_told_there_and_then() -> None:
    account = trailing("trail_intraday")
    moved = account.day(TUESDAY, balance="50000", equity="50800").only(FloorMoved)
    assert (moved.after, moved.basis) == (usd("48800"), usd("50800"))
    assert account.day(WEDNESDAY).all(FloorMoved) == ()


def test_the_intraday_floor_does_not_rise_at_the_roll_of_an_account_that_counts_for_itself() -> None:
    account = trailing("trail_intraday")
    account.adjusts("700")
    account.day(TUESDAY)
    assert account.state.hwm == FIFTY


def test_a_rise_is_compared_from_the_next_event_on() -> None:
    account = trailing("trail_intraday")
    account.buy(1, "5000")
    assert account.mark("9000").rules == ()
    assert account.mark("7000.000001").rules == ()
    hit = account.mark("7000")
    assert hit.figures == (usd("52000"), usd("52000"))
    assert (hit.evidence.set_seq, hit.evidence.basis) == (3, usd("54000"))


@pytest.mark.parametrize("mode", ["static", "trail_payout"])
def test_some_floors_do_not_follow_profit_at_all(mode: str) -> None:
    account = trailing(mode)
    account.earn("800")
    account.metric("51000", "52000")
    account.snapshot()
    account.day(TUESDAY, balance="52000", equity="53000")
    assert (account.state.floor, account.state.hwm) == (usd("48000"), FIFTY)


@pytest.mark.parametrize("mode", ["trail_eod", "trail_closed", "trail_intraday"])
def test_each_floor_follows_its_own_figure(mode: str) -> None:
    account = trailing(mode)
    account.metric("50400", "50700")
    want = {"trail_eod": "48000", "trail_closed": "48400", "trail_intraday": "48700"}[mode]
    assert account.state.floor == usd(want)
    account.snapshot()
    assert account.state.floor == usd("48400" if mode == "trail_eod" else want)


def test_the_event_that_breaches_moves_no_floor() -> None:
    account = trailing("trail_closed")
    account.buy(1, "5000", "ESH6")
    account.buy(1, "5000")
    account.mark("4970", symbol="ESH6")
    account.mark("6000")
    account.mark("4955", symbol="ESH6")
    said = account.sell(1, "5100")
    assert said.rules == ("max_loss",)
    assert said.all(FloorMoved) == ()
    assert (account.state.balance, account.state.floor, account.state.hwm) == (usd("50100"), usd("48000"), FIFTY)


# ---------------------------------------------------------------- A(h) that grows with the high


def test_a_drawdown_in_percent_of_the_high_grows_with_it() -> None:
    account = life(max_loss=loss("4%", mode="trail_eod", pct_base="hwm"))
    account.earn("10000")
    assert account.snapshot().only(FloorMoved).after == usd("57600")
    odd = life(max_loss=loss("3.0001%", mode="trail_eod", pct_base="hwm"))
    odd.earn("0.000033")
    odd.snapshot()
    assert odd.state.floor == usd("50000.000033") - usd("1500.05")  # portion rounds down, so the floor is higher


def test_a_high_that_leaves_the_floor_where_it_is_did_not_set_it() -> None:
    account = life(max_loss=loss("4%", mode="trail_closed", pct_base="hwm"))
    account.earn("0.000024")
    set_by, floor = account.state.seq, account.state.floor
    assert account.earn("0.000001").all(FloorMoved) == ()
    assert (account.state.floor, account.state.hwm) == (floor, usd("50000.000025"))
    account.buy(1, "5000")
    evidence = account.mark("2999").evidence
    assert (evidence.limit, evidence.set_seq, evidence.basis) == (floor, set_by, usd("50000.000025"))


def test_a_drawdown_in_percent_of_the_start_where_the_stage_starts_elsewhere() -> None:
    account = life(max_loss=loss("4%", pct_base="hwm"), starting_balance=usd("20000"))
    assert account.state.floor == usd("19200")


def test_an_amount_stays_an_amount_whatever_base_is_named() -> None:
    account = life(max_loss=loss("2000", mode="trail_eod", pct_base="hwm"))
    account.earn("10000")
    account.snapshot()
    assert account.state.floor == usd("58000")


# ---------------------------------------------------------------- the lock


@pytest.mark.parametrize(
    ("lock", "value", "cap"),
    [("start", "0", "50000"), ("start_plus", "100", "50100"), ("at", "50250.50", "50250.50")],
)
@pytest.mark.parametrize("mode", ["trail_eod", "trail_closed", "trail_intraday"])
def test_a_lock_caps_the_floor_and_freezes_the_high(mode: str, lock: str, value: str, cap: str) -> None:
    account = trailing(mode, lock=lock, lock_value=usd(value))
    account.earn("1999.999999")
    account.snapshot()
    assert (account.state.floor, account.state.core.floor.locked) == (usd("49999.999999"), False)
    account.earn("5000")
    account.snapshot()
    assert (account.state.floor, account.state.core.floor.locked) == (usd(cap), True)
    high = account.state.hwm
    account.earn("5000")
    account.snapshot()
    account.metric("90000")
    assert (account.state.floor, account.state.hwm) == (usd(cap), high)
    told = [finding for finding in account.findings if isinstance(finding, FloorMoved)]
    if mode != "trail_intraday":
        assert [one.locked for one in told] == [False, True]
    else:
        assert account.day(TUESDAY).only(FloorMoved).locked


def test_a_floor_that_arrives_exactly_at_its_cap_is_locked() -> None:
    account = trailing("trail_eod", lock="start")
    account.earn("2000")
    assert account.snapshot().only(FloorMoved).locked
    account.earn("1")
    assert account.snapshot() == ()
    assert account.state.hwm == usd("52000")


def test_without_a_lock_the_floor_follows_without_end() -> None:
    account = trailing("trail_eod")
    account.earn("9000")
    moved = account.snapshot().only(FloorMoved)
    assert (moved.after, moved.locked) == (usd("57000"), False)


def test_a_zero_based_floor_locks_at_zero() -> None:
    account = life(max_loss=loss("2000", mode="trail_eod", lock="start"), zero_based=True)
    account.earn("2500")
    account.snapshot()
    assert (account.state.floor, account.state.hwm) == (0, usd("2500"))


def test_a_lock_that_waits_for_a_payout_caps_nothing_before_it() -> None:
    account = trailing("trail_eod", lock="start_plus", lock_value=usd("100"), lock_trigger="first_payout")
    account.earn("9000")
    moved = account.snapshot().only(FloorMoved)
    assert (moved.after, moved.locked) == (usd("57000"), False)


def test_the_first_payout_raises_a_waiting_floor_to_its_cap_and_nothing_moves_it_again() -> None:
    account = trailing("trail_eod", lock="start_plus", lock_value=usd("100"), lock_trigger="first_payout")
    account.earn("1500")
    account.snapshot()
    moved = account.pays("500").only(FloorMoved)
    assert (moved.before, moved.after, moved.basis, moved.locked) == (usd("49500"), usd("50100"), usd("51500"), True)
    account.earn("3000")
    assert account.snapshot() == ()
    assert account.pays("500").all(FloorMoved) == ()
    assert (account.state.floor, account.state.hwm) == (usd("50100"), usd("51500"))


def test_a_floor_above_a_waiting_cap_freezes_where_it_is() -> None:
    account = trailing("trail_eod", lock="start", lock_trigger="first_payout")
    account.earn("4000")
    account.snapshot()
    assert account.pays("500").all(FloorMoved) == ()
    assert (account.state.floor, account.state.core.floor.locked) == (usd("52000"), True)
    account.earn("3000")
    account.snapshot()
    assert (account.state.floor, account.state.hwm) == (usd("52000"), usd("54000"))


def test_a_floor_that_goes_up_with_payouts_stops_at_the_start() -> None:
    account = trailing("trail_payout")
    account.earn("4000")
    assert account.pays("1000", share="900").only(FloorMoved).after == usd("48900")
    account.earn("4000")
    assert account.pays("2000", share="1800").only(FloorMoved).after == FIFTY
    assert account.pays("1000", share="900").all(FloorMoved) == ()


def test_a_floor_that_goes_up_with_payouts_stops_at_its_lock() -> None:
    account = trailing("trail_payout", lock="at", lock_value=usd("48500"))
    account.earn("4000")
    moved = account.pays("1000", share="900").only(FloorMoved)
    assert (moved.after, moved.locked) == (usd("48500"), True)


def test_an_account_that_a_transfer_opens_above_the_lock_is_locked_from_the_beginning() -> None:
    """It starts with 60,000 and a floor of 58,000; the lock is at 50,000."""
    rule = loss("2000", mode="trail_eod", lock="at", lock_value=FIFTY)
    account = life(Options(starting_balance=usd("60000")), max_loss=rule)
    account.earn("5000")
    account.snapshot()
    floor = account.state.core.floor
    assert (floor.level, floor.high, floor.locked) == (usd("58000"), usd("60000"), True)

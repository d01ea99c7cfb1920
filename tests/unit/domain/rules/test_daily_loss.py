"""Semantics page, section 5: the daily loss limit, the trader's own limit, the daily cap and the locked day."""

from typing import Any, get_args

import pytest

from propfirm.domain.catalogue.program import DailyLoss, Outcome, Strikes, UpperCap
from propfirm.domain.money import Ppm, usd
from propfirm.domain.rules.findings import DayClosed, Evidence, Hit, Unlocked
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Options
from tests.unit.domain.rules.life import (
    FIFTY,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Life,
    daily,
    loss,
    midnight,
    payouts,
    stage,
)


def life(rule: DailyLoss | None, options: Options | None = None, **rules: Any) -> Life:
    one = Life(stage(loss("20000"), daily_loss=rule, payout=payouts(), **rules), options=options)
    one.day(MONDAY)
    return one


def long(rule: DailyLoss | None, options: Options | None = None, **rules: Any) -> Life:
    """One contract of a dollar a point, bought at 5,000."""
    one = life(rule, options, **rules)
    one.buy(1, "5000")
    return one


def cap_of(state: State) -> int | None:
    return state.core.limits.cap if state.core.limits else None


@pytest.mark.parametrize(
    ("cmp", "price", "hit"),
    [
        ("touch", "4000.000001", False),
        ("touch", "4000", True),
        ("below", "4000", False),
        ("below", "3999.999999", True),
    ],
)
def test_the_day_floor_is_hit_by_touch_or_only_below(cmp: str, price: str, hit: bool) -> None:
    account = long(daily("1000", cmp=cmp))
    assert account.mark(price).rules == (("daily_loss",) if hit else ())
    assert account.state.locked is hit


def test_the_hit_says_day_floor_equity_reference_and_the_roll_that_set_it() -> None:
    account = long(daily("1000"))
    said = account.at("15:00").mark("3990")
    evidence = Evidence(usd("49000"), usd("48990"), "usd", usd("48990"), FIFTY, 1, midnight(MONDAY), FIFTY)
    assert said == (Hit(3, account.now, "daily_loss", "lock_day", evidence, decided=True),)


@pytest.mark.parametrize(
    ("reference", "tuesday_floor"),
    [("balance", "49500"), ("equity", "48700"), ("max", "49500"), ("prior_day_equity", "48900")],
)
def test_the_reference_is_what_the_program_names(reference: str, tuesday_floor: str) -> None:
    account = life(daily("1000", reference=reference))
    account.earn("500")
    account.buy(1, "5000")
    account.mark("4400")
    account.snapshot()
    account.mark("4200")
    account.day(TUESDAY)
    assert account.state.day_floor == usd(tuesday_floor)
    assert account.state.core.limits is not None
    assert account.state.core.limits.reference == usd(tuesday_floor) + usd("1000")


def test_the_larger_of_balance_and_equity_is_the_reference_on_both_sides() -> None:
    account = long(daily("1000", reference="max"))
    account.mark("5300")
    account.day(TUESDAY)
    assert account.state.day_floor == usd("49300")


def test_the_equity_of_the_evening_counts_with_the_cash_moved_since() -> None:
    account = long(daily("1000", reference="prior_day_equity"))
    account.mark("5300")
    account.snapshot()
    account.pays("100")
    account.adjusts("7")
    account.mark("6000")
    account.day(TUESDAY)
    assert account.state.day_floor == usd("50300") - usd("93") - usd("1000")


def test_cash_moved_before_the_evening_is_in_its_equity_already() -> None:
    account = life(daily("1000", reference="prior_day_equity"))
    account.adjusts("40")
    account.snapshot()
    account.adjusts("7")
    account.day(TUESDAY)
    assert account.state.day_floor == usd("49047")


def test_before_any_evening_the_start_and_the_cash_moved_are_the_reference() -> None:
    account = long(daily("1000", reference="prior_day_equity"))
    assert account.state.day_floor == usd("49000")
    account.mark("5300")
    account.adjusts("40")
    account.day(TUESDAY)
    assert account.state.day_floor == usd("49040")


@pytest.mark.parametrize(
    ("limit", "base", "floor"),
    [
        ("2%", "initial", "19000"),
        ("2%", "reference", "19600"),
        ("700", "reference", "19300"),
        ("700", "initial", "19300"),
    ],
)
def test_a_percentage_is_of_the_nominal_size_or_of_the_days_reference(limit: str, base: str, floor: str) -> None:
    account = life(daily(limit, pct_base=base), starting_balance=usd("20000"))
    assert account.state.day_floor == usd(floor)


def test_a_percentage_of_the_reference_is_taken_anew_each_day_and_rounded_down() -> None:
    account = life(daily("2%", pct_base="reference"))
    account.earn("1000.000049")
    account.day(TUESDAY)
    assert account.state.day_floor == usd("51000.000049") - usd("1020")


def test_the_day_floor_is_judged_at_the_roll_itself() -> None:
    account = long(daily("1000", reference="balance"))
    account.mark("4000.000001")
    assert account.day(TUESDAY).rules == ()
    account.mark("4000")
    said = account.day(WEDNESDAY)
    assert said.rules == ("daily_loss",)
    assert (said.evidence.set_seq, said.evidence.set_at) == (said.hit.seq, midnight(WEDNESDAY))
    assert account.state.locked


def test_a_new_day_ends_the_lock_and_says_so() -> None:
    account = long(daily("1000"))
    account.mark("3000")
    account.sell(1, "3000")
    said = account.day(TUESDAY)
    assert said.only(Unlocked) == Unlocked(account.state.seq, account.now)
    assert not account.state.locked
    assert account.day(WEDNESDAY).all(Unlocked) == ()


def test_the_day_that_ended_is_told_with_its_own_floor() -> None:
    account = life(daily("1000"))
    account.earn("300")
    closed = account.day(TUESDAY).only(DayClosed)
    assert (closed.floor, closed.day_floor) == (usd("30000"), usd("49000"))
    assert account.state.day_floor == usd("49300")
    assert life(None).day(TUESDAY).only(DayClosed).day_floor is None


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_a_daily_limit_is_hit_once_a_day_unless_it_fails(outcome: Outcome) -> None:
    account = long(daily("1000", outcome=outcome))
    assert account.mark("3999").hit.outcome == outcome
    assert account.verdict == ("breached" if outcome == "fail" else "open")
    account.mark("5000")
    assert account.mark("3999").rules == ()
    account.day(TUESDAY)
    assert account.state.locked == (outcome == "lock_day")


def test_a_limit_that_locks_is_not_judged_while_the_day_is_locked() -> None:
    """The trader's own limit locked the day; the program's, further down, has nothing left to lock."""
    account = long(daily("1000"), Options(personal_daily_loss=usd("400")))
    assert account.mark("4600").rules == ("personal_loss",)
    assert account.mark("3000").rules == ()
    account.mark("5000")
    account.day(TUESDAY)
    account.mark("4600.000001")
    assert account.mark("4000").rules == ("daily_loss",)


def test_a_limit_that_fails_is_judged_on_a_locked_day_too() -> None:
    account = long(daily("1000", outcome="fail"), Options(personal_daily_loss=usd("400")))
    assert account.mark("4600").rules == ("personal_loss",)
    assert account.mark("4000").rules == ("daily_loss",)
    assert account.verdict == "breached"


def test_a_limit_that_warns_is_told_on_a_locked_day_too() -> None:
    account = long(daily("1000", outcome="warn"), Options(personal_daily_loss=usd("400")))
    assert account.mark("4600").rules == ("personal_loss",)
    assert account.mark("4000").rules == ("daily_loss",)


# ---------------------------------------------------------------- the trailing day floor


def test_a_trailing_day_floor_follows_the_days_highest_equity() -> None:
    account = long(daily("1000", trail="day_equity_high"))
    assert account.at("09:00").mark("5200") == ()
    assert account.state.day_floor == usd("49200")
    account.at("10:00").mark("4900")
    assert account.state.day_floor == usd("49200")
    evidence = account.at("11:00").mark("4200").evidence
    assert (evidence.limit, evidence.basis) == (usd("49200"), FIFTY)
    assert (evidence.set_seq, evidence.set_at) == (3, account.at("09:00").now)


def test_the_equity_at_the_roll_is_the_first_high_of_a_trailing_day_floor() -> None:
    account = long(daily("1000", trail="day_equity_high"))
    account.mark("5200")
    account.day(TUESDAY)
    assert account.state.day_floor == usd("49200")
    account.mark("5200.000001")
    assert account.state.day_floor == usd("49200.000001")


def test_the_rise_at_the_roll_is_compared_from_the_next_event_on() -> None:
    account = life(daily("100", trail="day_equity_high", reference="balance"))
    account.buy(1, "5000")
    account.mark("5050")
    account.mark("9000")
    assert account.day(TUESDAY).rules == ()
    said = account.mark("8900")
    assert said.rules == ("daily_loss",)
    assert (said.evidence.limit, said.evidence.basis, said.evidence.set_at) == (
        usd("53900"),
        FIFTY,
        midnight(TUESDAY),
    )


def test_a_reference_above_equity_keeps_the_floor_until_the_high_has_passed_it() -> None:
    account = long(daily("1000", trail="day_equity_high", reference="max"))
    account.mark("4800")
    account.day(TUESDAY)
    assert account.state.day_floor == usd("49000")
    account.mark("5000")
    assert account.state.day_floor == usd("49000")
    account.mark("5000.000001")
    assert account.state.day_floor == usd("49000.000001")


def test_a_roll_that_ends_the_account_raises_no_day_floor() -> None:
    account = life(daily("100", trail="day_equity_high"), time_limit_days=1)
    account.buy(1, "5000")
    account.mark("5050")
    assert account.day(TUESDAY).rules == ("time_limit",)
    assert account.state.day_floor == usd("49900")


def test_a_rise_of_the_day_floor_is_compared_from_the_next_event_on() -> None:
    account = life(daily("100", trail="day_equity_high"))
    account.buy(1, "5000")
    assert account.mark("9000").rules == ()
    assert account.mark("8900.000001").rules == ()
    assert account.mark("8900").rules == ("daily_loss",)


def test_fills_and_metrics_raise_a_trailing_day_floor_too() -> None:
    account = life(daily("1000", trail="day_equity_high"))
    account.earn("300")
    assert account.state.day_floor == usd("49300")
    account.metric("50000", "50900")
    assert account.state.day_floor == usd("49900")


def test_the_day_floor_stays_put_where_nothing_trails() -> None:
    account = long(daily("1000"))
    account.mark("9000")
    assert account.state.day_floor == usd("49000")


# ---------------------------------------------------------------- cash


def test_money_withdrawn_is_not_a_loss_of_the_day() -> None:
    account = long(daily("1000", trail="day_equity_high", upper_cap=UpperCap(Ppm(20_000))))
    account.mark("5200")
    account.pays("800")
    limits = account.state.core.limits
    assert limits is not None
    assert (limits.reference, limits.floor, limits.high, limits.cap) == (
        usd("49200"),
        usd("48400"),
        usd("49400"),
        usd("50200"),
    )
    assert account.mark("4200.000001").rules == ()
    evidence = account.mark("4200").evidence
    assert (evidence.limit, evidence.basis, evidence.set_seq) == (usd("48400"), usd("49200"), 4)


def test_an_adjustment_moves_the_day_along_and_a_denied_payout_does_not() -> None:
    account = life(daily("1000"), Options(personal_daily_loss=usd("400")))
    account.adjusts("250")
    limits = account.state.core.limits
    assert limits is not None
    assert (limits.floor, limits.personal, limits.set_seq) == (usd("49250"), usd("49850"), 2)
    account.denies()
    assert account.state.core.limits == limits


def test_after_a_cash_move_every_limit_of_the_day_names_it_and_a_trail_names_the_program_floor_only() -> None:
    rule = daily("1000", trail="day_equity_high", upper_cap=UpperCap(Ppm(40_000), "warn"))
    account = life(rule, Options(personal_daily_loss=usd("400")))
    account.buy(1, "5000")
    account.at("09:00").adjusts("100")
    cash = account.state.seq
    account.at("10:00").mark("5500")
    capped = account.mark("7000").evidence
    assert (capped.set_seq, capped.set_at) == (cash, account.at("09:00").now)
    failing = life(daily("1000", trail="day_equity_high", outcome="fail"), Options(personal_daily_loss=usd("400")))
    failing.buy(1, "5000")
    failing.adjusts("100")
    failing.mark("5500")
    trail = failing.state.seq
    assert [hit.evidence.set_seq for hit in failing.mark("4500").hits] == [trail, cash]
    still = long(daily("1000"))
    still.at("09:00").adjusts("100")
    evidence = still.at("10:00").mark("4000").evidence
    assert (evidence.set_seq, evidence.set_at) == (cash, still.at("09:00").now)


# ---------------------------------------------------------------- optional limits


def test_an_optional_limit_is_off_with_its_cap_unless_the_account_has_it() -> None:
    rule = daily("1000", optional=True, upper_cap=UpperCap(Ppm(20_000)))
    without = long(rule)
    assert (without.state.day_floor, cap_of(without.state)) == (None, None)
    assert without.mark("1").rules == ()
    assert without.mark("9000").rules == ()
    having = long(rule, Options(daily_loss=True))
    assert having.state.day_floor == usd("49000")
    assert having.mark("4000").rules == ("daily_loss",)
    assert long(rule, Options(daily_loss=True)).mark("6000").rules == ("daily_cap",)


def test_an_optional_rate_of_the_reference_is_off_too() -> None:
    rule = daily("2%", optional=True, pct_base="reference")
    assert life(rule).state.day_floor is None
    assert life(rule, Options(daily_loss=True)).state.day_floor == usd("49000")


def test_a_limit_that_is_not_optional_needs_no_option() -> None:
    assert life(daily("1000"), Options(daily_loss=False)).state.day_floor == usd("49000")
    assert life(None, Options(daily_loss=True)).state.day_floor is None


# ---------------------------------------------------------------- the trader's own limit


@pytest.mark.parametrize(("own", "in_force"), [("999.999999", True), ("1000", False), ("1500", False)])
def test_the_traders_own_limit_counts_where_it_is_the_smaller(own: str, in_force: bool) -> None:
    account = life(daily("1000"), Options(personal_daily_loss=usd(own)))
    limits = account.state.core.limits
    assert limits is not None
    assert limits.personal == (FIFTY - usd(own) if in_force else None)


def test_the_traders_own_limit_is_touched_and_locks_the_day() -> None:
    account = long(daily("1000", cmp="below", outcome="fail"), Options(personal_daily_loss=usd("400")))
    assert account.at("09:00").mark("4600.000001").rules == ()
    said = account.mark("4600")
    assert (said.hit.rule, said.hit.outcome, said.hit.decided) == ("personal_loss", "lock_day", True)
    assert said.figures == (usd("49600"), usd("49600"))
    assert (said.evidence.basis, said.evidence.set_seq, said.evidence.set_at) == (FIFTY, 1, midnight(MONDAY))


def test_the_traders_own_limit_stands_alone_where_the_programs_is_off() -> None:
    optional = long(daily("100", optional=True, reference="equity"), Options(personal_daily_loss=usd("400")))
    optional.mark("4700")
    optional.day(TUESDAY)
    assert optional.state.core.limits is not None
    assert optional.state.core.limits.reference == usd("49700")
    assert optional.mark("4300").rules == ("personal_loss",)
    none = long(None, Options(personal_daily_loss=usd("400")))
    none.mark("4700")
    none.day(TUESDAY)
    assert none.mark("4600.000001").rules == ()
    assert none.mark("4600").rules == ("personal_loss",)


def test_the_traders_own_limit_does_not_trail() -> None:
    account = long(daily("1000", trail="day_equity_high"), Options(personal_daily_loss=usd("400")))
    account.mark("5500")
    assert account.mark("4600.000001").rules == ()


# ---------------------------------------------------------------- the daily cap


def test_the_daily_cap_is_a_gain_of_the_nominal_size_over_the_reference_touched() -> None:
    account = long(daily("1000", reference="equity", upper_cap=UpperCap(Ppm(20_000))))
    assert account.mark("5999.999999").rules == ()
    said = account.mark("6000")
    assert (said.hit.rule, said.hit.outcome) == ("daily_cap", "lock_day")
    assert said.figures == (usd("51000"), usd("51000"))
    assert (said.evidence.basis, said.evidence.set_seq) == (FIFTY, 1)
    account.day(TUESDAY)
    assert cap_of(account.state) == usd("52000")


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_the_daily_cap_has_its_own_outcome(outcome: Outcome) -> None:
    account = long(daily("1000", outcome="warn", upper_cap=UpperCap(Ppm(20_000), outcome)))
    assert account.mark("6000").hit.outcome == outcome
    assert account.mark("6001").rules == ()
    assert account.state.locked == (outcome == "lock_day")


def test_a_cap_that_locks_is_not_judged_on_a_locked_day() -> None:
    account = long(daily("1000", upper_cap=UpperCap(Ppm(20_000))))
    account.mark("4000")
    assert account.mark("6000").rules == ()
    failing = long(daily("1000", upper_cap=UpperCap(Ppm(20_000), "fail")))
    failing.mark("4000")
    assert failing.mark("6000").rules == ("daily_cap",)


def test_the_limits_are_judged_in_their_order() -> None:
    both = Life(
        stage(loss("1000"), daily_loss=daily("1000", outcome="warn")), options=Options(personal_daily_loss=usd("900"))
    )
    both.day(MONDAY)
    both.buy(1, "5000")
    said = both.mark("4000")
    assert said.rules == ("max_loss", "daily_loss", "personal_loss")
    assert [hit.decided for hit in said.hits] == [True, False, False]


def test_a_limit_that_locked_just_now_silences_the_next_lock_of_the_same_event() -> None:
    account = long(daily("1000"), Options(personal_daily_loss=usd("900")))
    assert account.mark("4000").rules == ("daily_loss",)


def test_a_trailing_limit_that_the_account_did_not_buy_follows_nothing() -> None:
    account = long(daily("1000", optional=True, trail="day_equity_high"))
    assert account.mark("5500") == ()
    limits = account.state.core.limits
    assert limits is not None
    assert (limits.high, limits.floor, account.state.day_floor) == (usd("50500"), None, None)


def test_the_traders_own_limit_is_hit_once_a_day_though_its_strikes_only_warn() -> None:
    own = Options(personal_daily_loss=usd("500"))
    account = long(None, own, strikes=(Strikes("personal_loss", ("warn",)),))
    hit = account.mark("4500").hit
    assert (hit.rule, hit.outcome, account.state.locked) == ("personal_loss", "warn", False)
    assert account.mark("4400").rules == ()


# ---------------------------------------------------------------- the locked day


def test_an_opening_fill_on_a_locked_day_is_told() -> None:
    account = long(daily("1000"))
    account.mark("4000")
    assert account.sell(1, "4000").rules == ()
    said = account.buy(3, "4000")
    assert (said.hit.rule, said.hit.outcome, said.hit.decided) == ("locked_day", "warn", False)
    assert said.evidence == Evidence(0, 3, "contracts", usd("49000"), usd("49000"), symbol="DOL")
    assert account.sell(5, "4000").figures == (0, 2)
    account.day(TUESDAY)
    assert account.buy(1, "4000").rules == ()


def test_the_opening_fill_that_locks_the_day_was_still_free() -> None:
    account = long(daily("1000"))
    assert account.buy(1, "4000").rules == ("daily_loss",)
    assert account.buy(1, "4000").rules == ("locked_day",)


def test_a_fill_whose_own_loss_locks_the_day_is_not_told_as_locked() -> None:
    account = long(daily("1000"))
    said = account.sell(3, "4000")
    assert said.rules == ("daily_loss",)
    assert account.sell(1, "4000").rules == ("locked_day",)

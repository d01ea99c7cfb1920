from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.catalogue.program import Buffer, InsideBuffer, PctCap, Size, Split, SplitStep
from propfirm.domain.money import ONE, Cents, Micros, Ppm, from_cents, ratio, usd
from propfirm.domain.payouts.amount import (
    Part,
    available,
    booking,
    first,
    missing_profit,
    obstacle,
    outcome,
    outside_buffer,
    reserve,
    share,
    shares,
    within_reach,
)
from propfirm.domain.payouts.standing import Standing, earned
from propfirm.domain.rules.floors import Levels
from propfirm.domain.rules.payout_effect import Withdrawal
from tests.unit.domain.payouts.accounts import account, flat_split, funded, steps, terms_of


def most(stage: Any, standing: Standing) -> int:
    return available(stage, terms_of(stage), standing)


def divided(stage: Any, standing: Standing, gross: int) -> tuple[int, int]:
    found = shares(terms_of(stage), standing, Cents(gross))
    assert found.gross == gross
    return found.trader, found.firm


# ------------------------------------------------------------------ profit that counts


def test_profit_that_counts_leaves_out_what_was_paid_stripped_or_put_in() -> None:
    assert account("3000").counted == usd("3000")
    assert account("3000", withdrawn="1000").counted == usd("2000")
    assert account("3000", stripped="250").counted == usd("2750")
    gift = Levels(usd("50000"), usd("50000"), usd("53500"), usd("48000"), usd("53500"))
    assert account("3000", levels=gift).counted == usd("3000")
    fined = Levels(usd("50000"), usd("50000"), usd("52600"), usd("48000"), usd("53000"))
    assert account("3000", levels=fined, stripped="100").counted == usd("2500")


def test_the_number_of_the_payout_is_one_more_than_those_approved() -> None:
    assert account().number == 1
    assert account(payouts=4).number == 5


# ------------------------------------------------------------------ limits of the amount


def test_the_whole_profit_is_available_where_nothing_is_held_back() -> None:
    assert most(funded(), account("3000")) == 3_000_00
    assert most(funded(), account("3000.019999")) == 3_000_01
    assert most(funded(), account("0")) == 0
    assert most(funded(), account("-500")) == 0


def test_apex_legacy_keeps_its_safety_net_as_published() -> None:
    stage = funded(buffer=Buffer(usd("2600"), until_payout_no=3))
    assert most(stage, account("3300")) == 700_00


def test_take_profit_trader_pays_nothing_at_the_threshold_of_its_buffer_as_published() -> None:
    stage = funded(buffer=Buffer(usd("2000")))
    at_threshold = account("2000")
    assert at_threshold.levels.balance == usd("52000")
    assert most(stage, at_threshold) == 0
    assert most(stage, account("2000.01")) == 1


def test_fundednext_pays_half_of_the_profit_until_thirty_benchmark_days_as_published() -> None:
    stage = funded(pct_cap=PctCap(ratio("0.5"), "profit", until_qualifying_days=30))
    assert most(stage, account("5000")) == 2_500_00
    assert most(stage, account("5000", qualifying_lifetime=29)) == 2_500_00
    assert most(stage, account("6000", qualifying_lifetime=30)) == 6_000_00
    assert most(funded(pct_cap=PctCap(ONE)), account("6000")) == 6_000_00


def test_fundead_pays_the_trader_at_most_a_tenth_of_the_size_as_published() -> None:
    stage = funded(split=flat_split("0.8"), trader_cap=usd("10000"))
    rich = account("15000")
    assert most(stage, rich) == 12_500_00
    assert divided(stage, rich, 12_500_00) == (10_000_00, 2_500_00)
    terms = terms_of(stage)
    assert obstacle(stage, terms, rich, Cents(12_500_01)) == "trader_cap"
    assert obstacle(stage, terms, rich, Cents(12_500_00)) is None


def test_a_capped_part_is_paid_to_the_last_cent_and_not_a_cent_more_is_taken_for_it() -> None:
    stage = funded(split=flat_split("0.9"), trader_cap=usd("10000"))
    rich = account("15000")
    assert most(stage, rich) == 11_111_12
    assert divided(stage, rich, 11_111_12) == (10_000_00, 1_111_12)
    terms = terms_of(stage)
    assert obstacle(stage, terms, rich, Cents(11_111_13)) == "trader_cap"


def test_a_cap_of_nothing_lets_the_firm_take_nothing_for_itself_either() -> None:
    stage = funded(split=flat_split("0.9"), trader_cap=usd("0"))
    assert obstacle(stage, terms_of(stage), account("3000"), Cents(1)) == "trader_cap"
    assert most(stage, account("3000")) == 0


def test_a_share_of_the_balance_can_cap_the_payout() -> None:
    stage = funded(pct_cap=PctCap(ratio("0.5"), "balance"), loss=None)
    zero_based = account("10000", start="0", floor="-2000")
    assert most(stage, zero_based) == 5_000_00
    assert obstacle(stage, terms_of(stage), zero_based, Cents(5_000_01)) == "pct_cap"


def test_a_share_of_the_balance_is_of_all_of_it_and_not_of_the_profit() -> None:
    assert most(funded(pct_cap=PctCap(ratio("0.04"), "balance")), account("3000")) == 2_120_00
    assert most(funded(pct_cap=PctCap(ratio("0.04"), "profit")), account("3000")) == 120_00


def test_the_cap_of_profit_is_taken_before_the_buffer_is_kept() -> None:
    stage = funded(pct_cap=PctCap(ratio("0.5")), buffer=Buffer(usd("1000")))
    assert most(stage, account("3000")) == 1_500_00
    assert most(stage, account("1800")) == 800_00
    assert most(stage, account("3000", stripped="500")) == 1_250_00


def test_the_cap_ladder_follows_the_payout_number_and_its_last_step_stays() -> None:
    stage = funded(amount_caps=(usd("800"), usd("1500"), usd("2500")))
    caps = [most(stage, account("9000", payouts=n)) for n in range(5)]
    assert caps == [800_00, 1_500_00, 2_500_00, 2_500_00, 2_500_00]
    assert obstacle(stage, terms_of(stage), account("9000"), Cents(800_01)) == "amount_cap"


def test_the_cap_ladder_ends_with_a_payout_number_or_with_qualifying_days() -> None:
    stage = funded(amount_caps=(usd("1000"),), caps_until_payout_no=5, caps_until_qualifying_days=30)
    assert most(stage, account("9000", payouts=4)) == 1_000_00
    assert most(stage, account("9000", payouts=5)) == 9_000_00
    assert most(stage, account("9000", qualifying_lifetime=29)) == 1_000_00
    assert most(stage, account("9000", qualifying_lifetime=30)) == 9_000_00


def test_the_buffer_ends_with_its_payout_number_and_leaves_what_must_remain_after() -> None:
    terms = terms_of(funded(buffer=Buffer(usd("2600"), until_payout_no=3, keep_after=usd("100"))))
    assert [reserve(terms, number) for number in (1, 3, 4)] == [usd("2600"), usd("2600"), usd("100")]
    assert reserve(terms_of(funded(buffer=Buffer(usd("2600")))), 99) == usd("2600")
    assert reserve(terms_of(funded()), 1) == 0
    assert outside_buffer(terms, account("3000")) == usd("400")
    assert outside_buffer(terms, account("2000")) == 0


# ------------------------------------------------------------------ room above the floor


def test_taking_everything_stops_a_cent_above_a_floor_that_the_payout_sets_to_the_start() -> None:
    touch = funded(floor_effect="set_to_start")
    assert most(touch, account("6000")) == 5_999_99
    assert obstacle(touch, terms_of(touch), account("6000"), Cents(6_000_00)) == "room"
    below = funded({"cmp": "below"}, floor_effect="set_to_start")
    assert most(below, account("6000")) == 6_000_00


def test_the_terms_may_want_room_kept_above_the_floor() -> None:
    stage = funded(floor_effect="set_to_start", keep=usd("250"))
    assert most(stage, account("6000")) == 5_750_00
    assert most(funded({"cmp": "below"}, floor_effect="set_to_start", keep=usd("250")), account("6000")) == 5_750_00


def test_tx3_starter_offers_only_what_stays_above_its_new_floor() -> None:
    stage = funded(floor_effect="set_to_start_plus", floor_effect_value=usd("100"))
    assert most(stage, account("500")) == 399_99


def test_a_floor_that_rises_with_the_traders_share_leaves_less() -> None:
    # 3,000 above the start, floor 500 below it: 90 % of the payout narrows the room until the floor is at the start.
    stage = funded(floor_effect="raise_by_trader_share")
    assert most(stage, account("3000", floor="49500")) == 2_999_99
    assert most(stage, account("100", floor="49999", hwm="51999")) == 99_99


def test_a_fresh_drawdown_under_what_is_left_lets_everything_go() -> None:
    assert most(funded({"mode": "trail_eod"}, floor_effect="reset_cycle"), account("3000", floor="51000")) == 3_000_00
    kept = funded({"mode": "trail_eod"}, floor_effect="reset_cycle", keep=usd("2000.01"))
    assert most(kept, account("3000", floor="51000")) == 0


def test_open_losses_count_where_the_maximum_loss_looks_at_equity() -> None:
    standing = account("3000", floor="51000", equity="52500")
    assert most(funded(), standing) == 1_499_99
    assert most(funded({"measure": "balance"}), standing) == 1_999_99


def test_with_the_firm_share_left_in_the_account_the_room_shrinks_by_the_traders_part_only() -> None:
    stage = funded(deduct="trader_share", floor_effect="set_to_start")
    assert most(stage, account("3000")) == 3_000_00
    booked = booking(terms_of(stage), shares(terms_of(stage), account("3000"), Cents(3_000_00)))
    assert booked == Withdrawal(usd("3000"), usd("2700"), usd("2700"))


def test_the_outcome_tells_floor_room_and_whether_the_account_lives() -> None:
    stage = funded(floor_effect="set_to_start")
    terms, standing = terms_of(stage), account("6000")
    left = outcome(stage, terms, standing, shares(terms, standing, Cents(6_000_00)))
    assert (left.value, left.levels.floor, left.room) == (usd("50000"), usd("50000"), 0)
    assert left.breached
    assert not left.safe
    left = outcome(stage, terms, standing, shares(terms, standing, Cents(2_500_00)))
    assert (left.value, left.room, left.breached, left.safe) == (usd("53500"), usd("3500"), False, True)


def test_room_wanted_beyond_the_floor_makes_a_payout_unsafe_without_breaching() -> None:
    stage = funded(floor_effect="set_to_start", keep=usd("1000"))
    terms, standing = terms_of(stage), account("3000")
    exactly = outcome(stage, terms, standing, shares(terms, standing, Cents(2_000_00)))
    assert (exactly.room, exactly.safe) == (usd("1000"), True)
    more = outcome(stage, terms, standing, shares(terms, standing, Cents(2_000_01)))
    assert (more.breached, more.safe) == (False, False)


# ------------------------------------------------------------------ inside the buffer


def test_profit_inside_the_buffer_can_be_taken_at_its_own_split() -> None:
    stage = funded(
        split=flat_split("0.8"), buffer=Buffer(usd("2000")), inside_buffer=InsideBuffer("split", ratio("0.5"))
    )
    standing = account("3000")
    assert most(stage, standing) == 3_000_00
    outside = shares(terms_of(stage), standing, Cents(1_000_00))
    assert (outside.trader, outside.inside_buffer, outside.parts) == (800_00, False, (Part(usd("1000"), ratio("0.8")),))
    inside = shares(terms_of(stage), standing, Cents(1_000_01))
    assert inside.inside_buffer
    across = shares(terms_of(stage), standing, Cents(3_000_00))
    assert (across.trader, across.firm) == (1_800_00, 1_200_00)
    assert across.parts == (Part(usd("1000"), ratio("0.8")), Part(usd("2000"), ratio("0.5")))


def test_without_a_split_of_its_own_the_buffer_is_shared_like_the_rest() -> None:
    stage = funded(buffer=Buffer(usd("2000")), inside_buffer=InsideBuffer("split"))
    across = shares(terms_of(stage), account("3000"), Cents(3_000_00))
    assert (across.trader, across.inside_buffer, across.parts) == (2_700_00, True, (Part(usd("3000"), ratio("0.9")),))


def test_where_the_buffer_is_forbidden_nothing_is_ever_inside_it() -> None:
    stage = funded(buffer=Buffer(usd("2000")), inside_buffer=InsideBuffer("forbid", ratio("0.1")))
    across = shares(terms_of(stage), account("3000"), Cents(3_000_00))
    assert (across.trader, across.inside_buffer) == (2_700_00, False)
    assert most(stage, account("3000")) == 1_000_00


@pytest.mark.parametrize(("age_days", "trader"), [(59, 500_00), (60, 800_00), (61, 800_00)])
def test_an_older_account_takes_its_buffer_at_a_better_split(age_days: int, trader: int) -> None:
    inside = InsideBuffer("split", ratio("0.5"), close=True, split_later=ratio("0.8"), split_later_after_days=60)
    stage = funded(buffer=Buffer(usd("2000")), inside_buffer=inside)
    standing = account("1000")
    aged = account("1000", opened_on=standing.today.fromordinal(standing.today.toordinal() - age_days))
    assert divided(stage, aged, 1_000_00) == (trader, 1_000_00 - trader)


def test_a_later_split_without_its_day_or_a_day_without_its_split_changes_nothing() -> None:
    for half in ({"split_later": ratio("0.8")}, {"split_later_after_days": 0}):
        inside = InsideBuffer("split", ratio("0.5"), **half)
        assert divided(funded(buffer=Buffer(usd("2000")), inside_buffer=inside), account("1000"), 1_000_00) == (
            500_00,
            500_00,
        )


def test_a_payout_that_goes_inside_takes_at_most_its_share_of_the_whole_profit() -> None:
    inside = InsideBuffer("split", ratio("0.5"), max_share=ratio("0.6"))
    stage = funded(buffer=Buffer(usd("2000")), inside_buffer=inside)
    assert within_reach(terms_of(stage), account("1000")) == usd("600")
    assert within_reach(terms_of(stage), account("2000")) == usd("1200")
    assert within_reach(terms_of(stage), account("9000")) == usd("7000")
    assert within_reach(terms_of(stage), account("-9000")) == 0
    assert within_reach(terms_of(funded(inside_buffer=InsideBuffer("split"))), account("900")) == usd("900")


def test_a_micro_dollar_inside_the_buffer_is_inside() -> None:
    stage = funded(buffer=Buffer(usd("2000")), inside_buffer=InsideBuffer("split", ratio("0.5")))
    found = shares(terms_of(stage), account("2000.999999"), Cents(1_00))
    assert (found.parts, found.inside_buffer) == (
        (Part(usd("0.999999"), ratio("0.9")), Part(Micros(1), ratio("0.5"))),
        True,
    )
    assert within_reach(terms_of(stage), account("-9000")) == 0


def test_going_inside_the_buffer_can_set_the_floor_to_the_start() -> None:
    inside = InsideBuffer("split", ratio("0.6"), floor_to_start=True)
    stage = funded(buffer=Buffer(usd("2000")), inside_buffer=inside)
    assert most(stage, account("1500")) == 1_499_99
    assert most(stage, account("1500", floor="49000", hwm="51500")) == 1_499_99


# ------------------------------------------------------------------ splits


def cut(split: Split, gross: str, *, number: int = 1, lifetime: str = "0", age: int = 0) -> list[tuple[Micros, Ppm]]:
    parts = share(split, usd(gross), number=number, lifetime=usd(lifetime), business_days_old=age)
    return [(part.gross, part.rate) for part in parts]


def test_published_flat_splits_come_out() -> None:
    # Take Profit Trader 80/20 of 1,000; FundedNext goodwill 50/50 of 7,000.
    assert divided(funded(split=flat_split("0.80")), account("1000"), 1_000_00) == (800_00, 200_00)
    assert divided(funded(split=flat_split("0.50")), account("7000"), 7_000_00) == (3_500_00, 3_500_00)


def test_the_odd_cent_stays_with_the_firm() -> None:
    assert divided(funded(split=flat_split("0.9")), account("1"), 1) == (0, 1)
    assert divided(funded(split=flat_split("0.333333")), account("1"), 1_00) == (33, 67)
    assert divided(funded(split=flat_split("1")), account("1"), 99) == (99, 0)


@pytest.mark.parametrize(
    ("age", "rate"), [(0, "0.5"), (44, "0.5"), (45, "0.8"), (89, "0.8"), (90, "0.9"), (999, "0.9")]
)
def test_the_winbance_split_grows_with_the_age_in_business_days_as_published(age: int, rate: str) -> None:
    split = Split("by_age", steps((0, "0.5"), (45, "0.8"), (90, "0.9")))
    assert cut(split, "1000", age=age) == [(usd("1000"), ratio(rate))]
    assert divided(funded(split=split), account("1000", business_days_old=44), 1_000_00) == (500_00, 500_00)


@pytest.mark.parametrize(("number", "rate"), [(1, "0.7"), (5, "0.7"), (6, "0.9"), (7, "0.9")])
def test_a_split_by_payout_number_rises_from_its_step_on(number: int, rate: str) -> None:
    split = Split("by_payout", steps((1, "0.7"), (6, "0.9")))
    assert cut(split, "1000", number=number) == [(usd("1000"), ratio(rate))]
    assert divided(funded(split=split), account("1000", payouts=number - 1), 1_00)[0] == ratio(rate) // 10_000


def test_a_ladder_that_begins_late_uses_its_first_step_before() -> None:
    assert cut(Split("by_payout", steps((3, "0.7"), (6, "0.9"))), "10", number=1) == [(usd("10"), ratio("0.7"))]


def test_a_payout_across_lifetime_tiers_is_split_at_each_border() -> None:
    split = Split("by_lifetime_marginal", steps((0, "0.8"), (usd("50000"), "0.9"), (usd("100000"), "0.95")))
    assert cut(split, "1000", lifetime="10000") == [(usd("1000"), ratio("0.8"))]
    assert cut(split, "1000", lifetime="50000") == [(usd("1000"), ratio("0.9"))]
    assert cut(split, "1000", lifetime="49000") == [(usd("1000"), ratio("0.8"))]
    assert cut(split, "1000", lifetime="100000") == [(usd("1000"), ratio("0.95"))]
    assert cut(split, "60000", lifetime="45000") == [
        (usd("5000"), ratio("0.8")),
        (usd("50000"), ratio("0.9")),
        (usd("5000"), ratio("0.95")),
    ]
    assert cut(split, "0") == []


def test_the_first_ten_thousand_whole_and_nine_tenths_of_the_rest() -> None:
    split = Split("by_lifetime_marginal", steps((0, "1"), (usd("10000"), "0.9")))
    stage = funded(split=split)
    assert divided(stage, account("4000", lifetime="8000"), 4_000_00) == (3_800_00, 200_00)
    assert divided(stage, account("4000", lifetime="8000"), 2_000_01) == (2_000_00, 1)


def test_trader_and_firm_are_rounded_once_over_all_parts() -> None:
    split = Split("by_lifetime_marginal", steps((0, "0.5"), (usd("0.01"), "0.5")))
    assert divided(funded(split=split), account("1"), 2) == (1, 1)


# ------------------------------------------------------------------ searches


def test_the_first_number_that_holds_is_found() -> None:
    for wanted in range(10):
        assert first(0, 9, lambda n, wanted=wanted: n >= wanted) == wanted  # type: ignore[misc]  # mypy cannot infer a lambda with a default
    assert first(4, 4, lambda _: True) == 4


def test_missing_profit_is_exact_or_absent() -> None:
    stage, standing = funded(), account("0")
    assert missing_profit(stage, standing, lambda later: later.profit >= 7) == 7
    assert missing_profit(stage, standing, lambda later: later.profit >= 0) == 0
    assert missing_profit(stage, standing, lambda later: later.profit < 0) is None


def test_earning_moves_the_money_and_the_floors_that_follow_profit() -> None:
    standing = account("1000", floor="49000", cycle_profit="400", window_profit="300", equity="50900")
    later = earned(funded({"mode": "trail_eod"}), standing, usd("500"))
    assert later.levels == Levels(usd("50000"), usd("50000"), usd("51500"), usd("49500"), usd("51500"))
    assert (later.equity, later.profit, later.cycle_profit, later.window_profit) == (
        usd("51400"),
        usd("1500"),
        usd("900"),
        usd("800"),
    )
    for mode in ("trail_closed", "trail_intraday"):
        assert earned(funded({"mode": mode}), standing, usd("500")).levels.floor == usd("49500")
    for mode in ("static", "trail_payout"):
        still = earned(funded({"mode": mode}), standing, usd("500")).levels
        assert (still.floor, still.hwm, still.balance) == (usd("49000"), usd("51000"), usd("51500"))


def test_earning_raises_a_floor_to_its_lock_and_no_further() -> None:
    locking: dict[str, Any] = {"mode": "trail_eod", "lock": "start"}
    assert earned(funded(locking), account("1000", floor="49000"), usd("5000")).levels.floor == usd("50000")
    locked = earned(funded(locking), account("3000", floor="50000", hwm="52000"), usd("500")).levels
    assert (locked.floor, locked.hwm) == (usd("50000"), usd("52000"))
    waiting = {**locking, "lock_trigger": "first_payout"}
    assert earned(funded(waiting), account("1000", floor="49000"), usd("5000")).levels.floor == usd("54000")
    paid = earned(funded(waiting), account("1000", floor="49000", payouts=1), usd("5000")).levels
    assert (paid.floor, paid.payouts) == (usd("50000"), 1)


def test_earning_back_a_loss_moves_no_floor() -> None:
    later = earned(funded({"mode": "trail_eod"}), account("1000", floor="50000", hwm="52000"), usd("500")).levels
    assert (later.floor, later.hwm) == (usd("50000"), usd("52000"))
    by_high = funded({"mode": "trail_eod", "size": Size(pct=ratio("0.1")), "pct_base": "hwm"})
    assert earned(by_high, account("0", floor="45000"), usd("10000")).levels.floor == usd("54000")


@given(
    gross=st.integers(0, 10**8),
    lifetime=st.integers(0, 10**12),
    borders=st.lists(st.integers(1, 10**12), max_size=4, unique=True).map(sorted),
    rates=st.lists(st.integers(0, ONE), min_size=5, max_size=5),
)
def test_trader_and_firm_always_add_up_to_the_amount(
    gross: int, lifetime: int, borders: list[int], rates: list[int]
) -> None:
    pairs = tuple((start, rate) for start, rate in zip((0, *borders), rates, strict=False))
    split = Split("by_lifetime_marginal", tuple(SplitStep(start, Ppm(rate)) for start, rate in pairs))
    stage = funded(split=split)
    found = shares(terms_of(stage), account("0", lifetime=Micros(lifetime)), Cents(gross))
    assert found.trader + found.firm == gross
    assert 0 <= found.trader <= gross
    assert sum(part.gross for part in found.parts) == from_cents(Cents(gross))
    assert all(part.gross > 0 for part in found.parts)

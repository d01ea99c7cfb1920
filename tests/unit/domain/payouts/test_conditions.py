from datetime import date, time
from typing import Any

import pytest

from propfirm.domain.catalogue.program import (
    Behaviour,
    Buffer,
    Consistency,
    Days,
    InsideBuffer,
    PctCap,
    Qualifying,
    Schedule,
    Size,
    Stage,
)
from propfirm.domain.money import Cents, Micros, ratio, usd
from propfirm.domain.payouts.conditions import ORDER, Condition, minimum, missing
from propfirm.domain.payouts.standing import Papers, Standing, Trades
from propfirm.domain.payouts.ways import (
    AskFor,
    Await,
    Earn,
    EarnHolding,
    GoFlat,
    HandIn,
    HoldTrades,
    NoWay,
    QualifyDays,
    TradeDays,
    TradeThenWait,
    WaitUntil,
)
from propfirm.domain.rules.floors import Levels
from tests.unit.domain.payouts.accounts import FILED, MONDAY, account, funded, terms_of


def failing(
    stage: Stage, standing: Standing | None = None, papers: Papers = FILED, asked: int | None = None
) -> list[Condition]:
    return list(missing(stage, standing or account(), papers, None if asked is None else Cents(asked)))


def test_an_account_with_profit_and_papers_misses_nothing() -> None:
    assert failing(funded()) == []
    assert failing(funded(), asked=3_000_00) == []


# ------------------------------------------------------------------ account, papers, people


def test_a_stage_without_payouts_says_so_first_and_alone_of_the_terms() -> None:
    stage = Stage("evaluation", "evaluation", funded().max_loss)
    assert failing(stage, papers=Papers(stage_open=False, frozen=True, kyc=False)) == [
        Condition("no_payouts", NoWay("this stage has no payouts")),
        Condition("stage_over", NoWay("the stage is over")),
        Condition("frozen", Await("release")),
    ]


def test_an_account_that_is_over_or_frozen_pays_nothing() -> None:
    assert failing(funded(), papers=Papers(stage_open=False)) == [Condition("stage_over", NoWay("the stage is over"))]
    assert failing(funded(), papers=Papers(frozen=True)) == [Condition("frozen", Await("release"))]


def test_every_missing_paper_is_asked_for_and_only_what_the_terms_require() -> None:
    nothing = Papers(kyc=False, contract=False, tax_form=False)
    assert failing(funded(), papers=nothing) == [
        Condition("kyc", HandIn("kyc")),
        Condition("contract", HandIn("contract")),
        Condition("tax_form", HandIn("tax_form")),
    ]
    assert failing(funded(requires=()), papers=nothing) == []
    assert failing(funded(requires=("tax_form",)), papers=nothing) == [Condition("tax_form", HandIn("tax_form"))]


def test_one_request_at_a_time() -> None:
    assert failing(funded(), papers=Papers(pending_request=True)) == [Condition("pending_request", Await("request"))]


def test_open_positions_block_where_the_account_must_be_flat() -> None:
    assert failing(funded(), account(flat=False)) == [Condition("open_position", GoFlat())]
    assert failing(funded(flat_required=False), account(flat=False)) == []


def test_rules_under_review_block_until_people_have_looked() -> None:
    assert failing(funded(), account(review=("news", "mae"))) == [Condition("review", Await("review"), 0, 2)]
    looked = account(review=("news",)).reviewed(())
    assert looked == account()
    assert failing(funded(), looked.reviewed(("news", "hft"))) == [Condition("review", Await("review"), 0, 2)]


def test_the_last_payout_of_an_account_is_the_last() -> None:
    stage = funded(max_count=6)
    assert failing(stage, account(payouts=5)) == []
    way = NoWay("all its payouts have been made")
    assert failing(stage, account(payouts=6)) == [Condition("payout_count", way, 6, 6)]
    assert failing(stage, account(payouts=6, put_back=1)) == [], "one of them came back"
    assert failing(stage, account(payouts=7, put_back=1)) == [Condition("payout_count", way, 6, 6)]


# ------------------------------------------------------------------ time


def test_a_young_account_waits_for_its_age() -> None:
    stage = funded(min_account_age_days=30)
    young = account(opened_on=date(2026, 2, 1))
    assert failing(stage, young) == [Condition("account_age", WaitUntil(date(2026, 3, 3)), 30, 29, "days")]
    assert failing(stage, account(opened_on=date(2026, 1, 31))) == []


def test_a_request_after_the_cut_off_counts_for_the_day_on_which_the_account_is_old_enough() -> None:
    stage = funded(min_account_age_days=30, schedule=Schedule(cutoff=time(15)))
    assert failing(stage, account(opened_on=date(2026, 2, 1), local_time=time(15, 1))) == []


def test_a_schedule_tells_its_next_day() -> None:
    stage = funded(schedule=Schedule("weekday", weekday="wed"))
    wednesday = date(2026, 3, 4)
    assert failing(stage) == [
        Condition("schedule", WaitUntil(wednesday), wednesday.toordinal(), MONDAY.toordinal(), "date")
    ]
    assert failing(stage, account(today=wednesday)) == []
    late = funded(schedule=Schedule("weekday", weekday="wed", cutoff=time(17, 30)))
    missed = failing(late, account(today=wednesday, local_time=time(17, 31)))
    assert [condition.way for condition in missed] == [WaitUntil(date(2026, 3, 11))]


def test_days_that_count_from_the_first_trade_ask_for_it() -> None:
    stage = funded(schedule=Schedule("every_n_days", 14))
    assert failing(stage, account(first_trade_day=None)) == [Condition("schedule", TradeThenWait(14))]
    assert failing(stage, account(first_trade_day=date(2026, 2, 16))) == []
    assert failing(funded(schedule=Schedule("every_n_days")), account(first_trade_day=None)) == [
        Condition("schedule", TradeThenWait(0))
    ]


# ------------------------------------------------------------------ trading


def test_trading_days_still_to_come_are_counted() -> None:
    stage = funded(rules={"days": Days(min_trading=8)})
    assert failing(stage, account(trading_days=5)) == [Condition("trading_days", TradeDays(3), 8, 5, "days")]
    assert failing(stage, account(trading_days=8)) == []


def winning(count: int = 5, **scope: Any) -> Days:
    return Days(qualifying=Qualifying(Size(amount=usd("150")), count, **scope))


def test_qualifying_days_still_to_come_are_counted_with_their_least_profit() -> None:
    stage = funded(rules={"days": winning()})
    assert failing(stage, account(qualifying_days=4)) == [
        Condition("qualifying_days", QualifyDays(1, usd("150")), 5, 4, "days")
    ]
    assert failing(stage, account(qualifying_days=5)) == []


@pytest.mark.parametrize(
    ("profits", "days", "met"),
    [
        (["150.00", "149.99", "200.00", "-50.00", "150.00", "300.00", "151.00"], 5, True),  # For Traders, 50K
        (["150.00", "400.00", "149.99", "150.00", "-100.00", "151.00"], 4, False),  # Topstep, 5 days of 150
    ],
)
def test_published_qualifying_days_open_the_payout_or_do_not(profits: list[str], days: int, met: bool) -> None:
    rule = winning().qualifying
    assert rule is not None
    assert rule.min_profit.amount is not None
    counted = sum(usd(profit) >= rule.min_profit.amount for profit in profits)
    assert counted == days
    assert (failing(funded(rules={"days": winning()}), account(qualifying_days=counted)) == []) is met


def test_a_least_profit_given_as_a_rate_is_of_the_account_size() -> None:
    half_percent = Days(qualifying=Qualifying(Size(pct=ratio("0.005")), 3))
    assert failing(funded(rules={"days": half_percent})) == [
        Condition("qualifying_days", QualifyDays(3, usd("250")), 3, 0, "days")
    ]


def test_a_schedule_can_ask_for_qualifying_days_since_the_last_payout() -> None:
    schedule = Schedule("after_n_qualifying", 5)
    assert failing(funded(schedule=schedule), account(qualifying_cycle=2, qualifying_days=9)) == [
        Condition("qualifying_days", QualifyDays(3, None), 5, 2, "days")
    ]
    assert failing(funded(schedule=schedule), account(qualifying_cycle=5)) == []
    assert failing(funded(schedule=Schedule("after_n_qualifying"))) == []
    assert failing(funded(schedule=Schedule("on_demand", 5))) == []


def test_of_two_demands_for_qualifying_days_the_longer_is_told() -> None:
    both = funded(schedule=Schedule("after_n_qualifying", 5), rules={"days": winning(10)})
    assert failing(both, account(qualifying_days=9, qualifying_cycle=2)) == [
        Condition("qualifying_days", QualifyDays(3, usd("150")), 5, 2, "days")
    ]
    assert failing(both, account(qualifying_days=6, qualifying_cycle=2)) == [
        Condition("qualifying_days", QualifyDays(4, usd("150")), 10, 6, "days")
    ]


def holding(**shares: Any) -> Stage:
    return funded(rules={"behaviour": Behaviour(min_hold_s=10, **shares)})


def traded(count: int, held: int, profit: str = "0", held_profit: str = "0") -> Standing:
    return account(trades=Trades(count, held, usd(profit), usd(held_profit)))


def test_more_than_the_share_of_trades_must_be_held_long_enough() -> None:
    half = holding(min_hold_share_trades=ratio("0.5"))
    assert failing(half, traded(10, 6)) == []
    assert failing(half, traded(10, 5)) == [Condition("min_hold_trades", HoldTrades(1, 10), 500_000, 500_000, "share")]
    assert failing(half, traded(10, 3)) == [Condition("min_hold_trades", HoldTrades(5, 10), 500_000, 300_000, "share")]
    assert failing(half, traded(0, 0)) == [Condition("min_hold_trades", HoldTrades(1, 10), 500_000, None, "share")]


def test_at_least_the_share_is_enough_where_the_terms_say_so() -> None:
    half = holding(min_hold_share_trades=ratio("0.5"), min_hold_edge="gte")
    assert failing(half, traded(10, 5)) == []
    assert failing(half, traded(10, 4)) == [Condition("min_hold_trades", HoldTrades(2, 10), 500_000, 400_000, "share")]
    assert failing(half, traded(0, 0)) == [Condition("min_hold_trades", HoldTrades(1, 10), 500_000, None, "share")]


def test_the_profit_of_trades_held_long_enough_has_its_own_share() -> None:
    half = holding(min_hold_share_profit=ratio("0.5"))
    assert failing(half, traded(4, 4, "1000", "500.01")) == []
    assert failing(half, traded(4, 4, "1000", "500")) == [
        Condition("min_hold_profit", EarnHolding(Micros(1), 10), 500_000, 500_000, "share")
    ]
    assert failing(half, traded(4, 4, "1000", "200")) == [
        Condition("min_hold_profit", EarnHolding(Micros(usd("600") + 1), 10), 500_000, 200_000, "share")
    ]
    assert failing(half, traded(4, 4, "-100", "50")) == [
        Condition("min_hold_profit", EarnHolding(Micros(usd("100") + 1), 10), 500_000, None, "share")
    ]


def test_shares_that_divide_nothing_are_counted_in_whole_trades_and_micro_dollars() -> None:
    two_thirds = holding(min_hold_share_trades=ratio("0.6"), min_hold_share_profit=ratio("0.6"))
    found = failing(two_thirds, account(trades=Trades(3, 1, Micros(100), Micros(33))))
    assert [repr(condition.way) for condition in found] == [
        repr(HoldTrades(3, 10)),
        repr(EarnHolding(Micros(68), 10)),
    ]
    assert [repr(condition.actual) for condition in found] == ["333333", "330000"]
    at_least = holding(min_hold_share_trades=ratio("0.7"), min_hold_edge="gte")
    (found,) = (failing(at_least, traded(3, 1)),)
    assert repr(found[0].way) == repr(HoldTrades(4, 10))
    (one,) = failing(two_thirds, account(trades=Trades(1, 0, Micros(1), Micros(1))))
    assert (one.code, one.actual) == ("min_hold_trades", 0)


def test_a_share_of_everything_forgives_no_short_trade() -> None:
    stay = "trades held too briefly stay on record"
    for edge, met in (("gt", False), ("gte", True)):
        whole = holding(min_hold_share_trades=ratio("1"), min_hold_edge=edge)
        assert (failing(whole, traded(4, 4)) == []) is met
        assert failing(whole, traded(4, 3)) == [Condition("min_hold_trades", NoWay(stay), 1_000_000, 750_000, "share")]
    assert failing(holding(min_hold_share_trades=ratio("1"), min_hold_edge="gte"), traded(0, 0)) == [
        Condition("min_hold_trades", HoldTrades(1, 10), 1_000_000, None, "share")
    ]
    profit = holding(min_hold_share_profit=ratio("1"))
    assert failing(profit, traded(4, 4, "10", "10")) == [
        Condition(
            "min_hold_profit", NoWay("profit of trades held too briefly stays on record"), 1_000_000, 1_000_000, "share"
        )
    ]


def test_without_a_share_holding_times_gate_nothing_and_without_a_time_any_is_long_enough() -> None:
    assert failing(holding(), traded(4, 0)) == []
    bare = funded(rules={"behaviour": Behaviour(min_hold_share_trades=ratio("0.5"))})
    assert [condition.way for condition in failing(bare, traded(1, 0))] == [HoldTrades(2, 0)]


# ------------------------------------------------------------------ consistency


def consistent(**rule: Any) -> Stage:
    return funded(rules={"consistency": Consistency(**{"cap": ratio("0.5"), **rule})})


def test_a_best_day_over_the_cap_asks_for_the_rest_from_smaller_days() -> None:
    # Apex 4.0, fundeddeck.com: best 2,900 of 4,550; 5,800 are required.
    found = failing(consistent(), account("4550", best="2900"))
    assert found == [Condition("consistency", Earn(usd("1250"), usd("2900"), 1), 500_000, 637_363, "share")]
    assert found[0].advice == "Earn 1,250.00 more, no day above 2,900.00: at least 1 day."
    # Top One Futures, 20 %: best 1,000 of 2,500; 5,000 are required.
    way = Earn(usd("2500"), usd("1000"), 3)
    assert failing(consistent(cap=ratio("0.2")), account("2500", best="1000")) == [
        Condition("consistency", way, 200_000, 400_000, "share")
    ]


def test_a_share_at_the_cap_is_within_it_unless_it_must_stay_below() -> None:
    assert failing(consistent(), account("1000", best="500")) == []
    assert failing(consistent(cmp="lt"), account("1000", best="500")) == [
        Condition("consistency", Earn(Micros(1), usd("500"), 1), 500_000, 500_000, "share")
    ]
    assert failing(consistent(), account("1000", best="500.01")) == [
        Condition("consistency", Earn(usd("0.02"), usd("500.01"), 1), 500_000, 500_010, "share")
    ]


def test_a_share_just_over_the_cap_never_looks_as_if_it_were_at_it() -> None:
    (found,) = failing(consistent(), account("3000", best=Micros(usd("1500") + 1)))
    assert (found.limit, found.actual) == (500_000, 500_001)


def test_consistency_counts_its_own_window_and_unit() -> None:
    stage = consistent(window="cycle", unit="trade")
    assert failing(stage, account("9000", window_profit="900", best="600")) == [
        Condition("consistency", Earn(usd("300"), usd("600"), 1, "trade"), 500_000, 666_667, "share")
    ]


def test_caps_change_with_the_payout_number_and_the_last_one_stays() -> None:
    lightning = consistent(cap=None, caps_by_payout=(ratio("0.2"), ratio("0.25"), ratio("0.3")))
    limits = []
    for payouts in range(5):
        found = failing(lightning, account("1000", best="400", payouts=payouts))
        limits.append(found[0].limit)
    assert limits == [200_000, 250_000, 300_000, 300_000, 300_000]


def test_consistency_ends_with_its_payout_number() -> None:
    stage = consistent(until_payout_no=5)
    assert len(failing(stage, account("1000", best="900", payouts=4))) == 1
    assert failing(stage, account("1000", best="900", payouts=5)) == []


def test_consistency_without_cap_or_that_extends_the_target_blocks_no_payout() -> None:
    assert failing(consistent(cap=None), account("1000", best="900")) == []
    assert failing(consistent(effect="extend_excess"), account("1000", best="900")) == []
    assert failing(consistent(effect="extend_ratio"), account("1000", best="900")) == []


def test_without_window_profit_small_days_have_to_make_one() -> None:
    lost = account("3000", window_profit="-100", best="0")
    assert failing(consistent(), lost) == [
        Condition("consistency", Earn(usd("300"), usd("100"), 3), 500_000, None, "share")
    ]
    nothing_yet = account("3000", window_profit="0", best="0")
    assert failing(consistent(), nothing_yet) == [
        Condition("consistency", Earn(usd("2"), usd("1"), 2), 500_000, None, "share")
    ]
    won_then_lost = account("3000", window_profit="-100", best="40")
    assert failing(consistent(), won_then_lost) == [
        Condition("consistency", Earn(usd("180"), usd("40"), 5), 500_000, None, "share")
    ]


def test_the_least_profit_there_is_has_a_share_and_a_way() -> None:
    least = account("3000", window_profit=Micros(1), best=Micros(1))
    assert failing(consistent(), least) == [
        Condition("consistency", Earn(Micros(1), Micros(1), 1), 500_000, 1_000_000, "share")
    ]


def test_a_share_of_the_target_cannot_be_earned_away() -> None:
    stage = consistent(cap=ratio("0.4"), denominator="target")
    assert failing(stage, account("3000", best="400", target="1000")) == []
    stays = NoWay("the best day stays above its share of the target until the window restarts")
    assert failing(stage, account("3000", best="450", target="1000")) == [
        Condition("consistency", stays, 400_000, 450_000, "share")
    ]
    assert failing(stage, account("3000", best="450")) == [Condition("consistency", stays, 400_000, None, "share")]
    assert failing(stage, account("3000", best="0")) == []
    assert failing(stage, account("3000", window_profit=Micros(1), best="0")) == []
    assert [found.way for found in failing(stage, account("3000", best=Micros(1)))] == [stays]
    strict = consistent(cap=ratio("0.4"), denominator="target", cmp="lt")
    assert failing(strict, account("3000", best="400", target="1000")) == [
        Condition("consistency", stays, 400_000, 400_000, "share")
    ]


def test_a_share_of_the_target_without_profit_asks_for_profit_in_days_under_it() -> None:
    stage = consistent(cap=ratio("0.4"), denominator="target")
    lost = account("3000", window_profit="-900", best="400", target="1000")
    assert failing(stage, lost) == [
        Condition("consistency", Earn(Micros(usd("900") + 1), usd("400"), 3), 400_000, 400_000, "share")
    ]
    trades = consistent(cap=ratio("0.4"), denominator="target", unit="trade")
    even = account("3000", window_profit="0", best="0", target="1000")
    assert failing(trades, even) == [
        Condition("consistency", Earn(Micros(1), usd("400"), 1, "trade"), 400_000, 0, "share")
    ]
    tiny = account("3000", window_profit="0", best="0", target=Micros(3))
    assert [found.way for found in failing(stage, tiny)] == [Earn(Micros(1), Micros(1), 1)]
    untargeted = account("3000", window_profit="0", best="0")
    (found,) = failing(stage, untargeted)
    assert isinstance(found.way, NoWay)


# ------------------------------------------------------------------ profit, balance, floor


def test_profit_of_the_cycle_has_its_minimum() -> None:
    stage = funded(min_cycle_profit=usd("500"))
    assert failing(stage, account(cycle_profit="500")) == []
    assert failing(funded(), account(cycle_profit="-0.01")) == []
    assert [found.way for found in failing(funded(min_cycle_profit=Micros(1)), account(cycle_profit="0"))] == [
        Earn(Micros(1))
    ]
    assert failing(stage, account(cycle_profit="499.999999")) == [
        Condition("cycle_profit", Earn(Micros(1)), usd("500"), usd("499.999999"), "usd")
    ]


def test_apex_legacy_asks_for_a_balance_before_anything_is_paid() -> None:
    stage = funded(min_balance=usd("52600"))
    assert failing(stage, account("2600")) == []
    assert failing(stage, account("2599")) == [
        Condition("min_balance", Earn(usd("1")), usd("52600"), usd("52599"), "usd")
    ]


def test_dynamic_targets_follow_the_balance_after_the_last_payout_as_published() -> None:
    # Top One Futures Elite 50K: 6, 5, 4 % of what the payout before left.
    stage = funded(dynamic_target=(ratio("0.06"), ratio("0.05"), ratio("0.04")))
    asked_for = []
    for payouts, left in ((0, None), (1, "51500"), (2, "53075"), (3, "53075")):
        (found,) = failing(stage, account("1000", payouts=payouts, last_payout_balance=left))
        assert found.code == "payout_target"
        asked_for.append(found.limit)
    assert asked_for == [usd("53000"), usd("54075"), usd("55198"), usd("55198")]
    assert failing(stage, account("3000")) == []
    assert failing(stage, account("2999")) == [
        Condition("payout_target", Earn(usd("1")), usd("53000"), usd("52999"), "usd")
    ]


def test_tradeday_pays_once_the_floor_is_frozen_at_the_start() -> None:
    stage = funded({"mode": "trail_eod", "lock": "start"}, floor_locked_required=True)
    assert failing(stage, account("2000", floor="50000")) == []
    assert failing(stage, account("1500", floor="49500")) == [
        Condition("floor_lock", Earn(usd("500")), usd("50000"), usd("49500"), "usd")
    ]
    assert failing(stage, account("1500", floor="49800", hwm="51800")) == [
        Condition("floor_lock", Earn(usd("500")), usd("50000"), usd("49800"), "usd")
    ]


def test_a_floor_that_profit_cannot_lock_has_no_way() -> None:
    never = NoWay("its floor does not lock by profit")
    assert failing(funded({"lock": "start"}, floor_locked_required=True)) == [
        Condition("floor_lock", never, usd("50000"), usd("48000"), "usd")
    ]
    unlocked = funded({"mode": "trail_eod"}, floor_locked_required=True)
    assert failing(unlocked) == [Condition("floor_lock", never, None, usd("48000"), "usd")]
    waiting = funded({"mode": "trail_eod", "lock": "start", "lock_trigger": "first_payout"}, floor_locked_required=True)
    assert failing(waiting, account(floor="51000")) == [
        Condition("floor_lock", never, usd("50000"), usd("51000"), "usd")
    ]


# ------------------------------------------------------------------ amount


def test_profit_inside_the_buffer_is_not_for_taking() -> None:
    stage = funded(buffer=Buffer(usd("2000")))
    assert failing(stage, account("2000.01")) == []
    assert failing(stage, account("2000")) == [
        Condition("profit", Earn(usd("0.01")), usd("2000"), usd("2000"), "usd"),
        Condition("min_amount", Earn(usd("0.01")), usd("0.01"), 0, "usd"),
    ]
    assert failing(stage, account("1200")) == [
        Condition("profit", Earn(usd("800.01")), usd("2000"), usd("1200"), "usd"),
        Condition("min_amount", Earn(usd("800.01")), usd("0.01"), 0, "usd"),
    ]


def test_what_the_buffer_keeps_goes_by_the_number_of_the_payout() -> None:
    stage = funded(buffer=Buffer(usd("2600"), until_payout_no=3, keep_after=usd("100")))
    assert failing(stage, account("60", payouts=2))[0] == Condition(
        "profit", Earn(usd("2540.01")), usd("2600"), usd("60"), "usd"
    )
    assert failing(stage, account("60", payouts=3))[0] == Condition(
        "profit", Earn(usd("40.01")), usd("100"), usd("60"), "usd"
    )


def test_without_profit_there_is_nothing_to_take() -> None:
    assert failing(funded(), account("-300")) == [
        Condition("profit", Earn(usd("300.01")), 0, usd("-300"), "usd"),
        Condition("min_amount", Earn(usd("300.01")), usd("0.01"), 0, "usd"),
    ]
    inside = funded(buffer=Buffer(usd("2000")), inside_buffer=InsideBuffer("split", ratio("0.5")))
    assert failing(inside, account("0"))[0] == Condition("profit", Earn(usd("0.01")), 0, 0, "usd")
    assert failing(inside, account("0.01")) == []


def test_a_program_that_lets_nothing_be_taken_says_that_no_profit_helps() -> None:
    closed = funded(buffer=Buffer(usd("2000")), inside_buffer=InsideBuffer("split", max_share=ratio("0")))
    assert [c.code for c in failing(closed, account("1000"))] == ["profit", "min_amount"]
    assert failing(closed, account("1000"))[0].way == Earn(usd("1000.01"))
    endless = funded(buffer=Buffer(Micros(10**19)))
    assert failing(endless, account("1000")) == [
        Condition("profit", NoWay("no profit may be withdrawn"), 10**19, usd("1000"), "usd"),
        Condition("min_amount", NoWay("its limits are below the minimum amount"), usd("0.01"), 0, "usd"),
    ]


def test_no_room_above_the_floor_says_how_much_profit_makes_some() -> None:
    stage = funded(floor_effect="set_to_start_plus", floor_effect_value=usd("100"))
    assert failing(stage, account("100.02")) == []
    assert failing(stage, account("100.01")) == [
        Condition("room", Earn(Micros(1)), usd("50100"), usd("50100"), "usd"),
        Condition("min_amount", Earn(Micros(1)), usd("0.01"), 0, "usd"),
    ]
    kept = funded(floor_effect="set_to_start", keep=usd("500"))
    assert failing(kept, account("500"))[0] == Condition(
        "room", Earn(usd("0.01")), usd("50500"), usd("50499.99"), "usd"
    )


def test_room_that_trails_the_profit_never_grows() -> None:
    stage = funded({"mode": "trail_eod"}, keep=usd("2000"))
    never = NoWay("the room above its floor does not grow with profit")
    assert failing(stage, account("3000", floor="51000")) == [
        Condition("room", never, usd("53000"), usd("52999.99"), "usd"),
        Condition("min_amount", NoWay("its limits are below the minimum amount"), usd("0.01"), 0, "usd"),
    ]


def test_less_than_the_minimum_amount_says_what_profit_is_missing() -> None:
    half = funded(min_amount=usd("500"), pct_cap=PctCap(ratio("0.5")))
    assert failing(half, account("1000")) == []
    assert failing(half, account("900")) == [Condition("min_amount", Earn(usd("100")), usd("500"), usd("450"), "usd")]


def test_a_cap_below_the_minimum_amount_can_never_be_met() -> None:
    stage = funded(min_amount=usd("500"), amount_caps=(usd("499"),))
    assert failing(stage, account("9000")) == [
        Condition("min_amount", NoWay("its limits are below the minimum amount"), usd("500"), usd("499"), "usd")
    ]


def test_the_minimum_is_a_cent_at_least_and_rounded_up_to_it() -> None:
    assert minimum(terms_of(funded())) == 1
    assert minimum(terms_of(funded(min_amount=usd("250")))) == 250_00
    assert minimum(terms_of(funded(min_amount=Micros(250_000_001)))) == 250_01


def test_the_amount_asked_for_is_between_the_minimum_and_what_is_available() -> None:
    stage = funded(min_amount=usd("250"))
    assert failing(stage, asked=250_00) == []
    assert failing(stage, asked=3_000_00) == []
    assert failing(stage, asked=249_99) == [
        Condition("asked_too_little", AskFor(Cents(250_00)), usd("250"), usd("249.99"), "usd")
    ]
    assert failing(stage, asked=3_000_01) == [
        Condition("asked_too_much", AskFor(Cents(3_000_00)), usd("3000"), usd("3000.01"), "usd")
    ]
    assert failing(stage, account("250"), asked=250_01) == [
        Condition("asked_too_much", AskFor(Cents(250_00)), usd("250"), usd("250.01"), "usd")
    ]
    assert [condition.code for condition in failing(stage, asked=-5)] == ["asked_too_little"]
    assert [condition.code for condition in failing(stage, asked=0)] == ["asked_too_little"]


def test_a_payout_that_would_breach_is_refused_with_both_figures() -> None:
    stage = funded(floor_effect="set_to_start_plus", floor_effect_value=usd("100"))
    assert failing(stage, account("500"), asked=500_00) == [
        Condition("asked_too_much", AskFor(Cents(399_99)), usd("399.99"), usd("500"), "usd"),
        Condition("would_breach", AskFor(Cents(399_99)), usd("50100"), usd("50000"), "usd"),
    ]
    assert failing(stage, account("500"), asked=399_99) == []
    start = funded(floor_effect="set_to_start")
    assert failing(start, account("0.02"), asked=2)[-1].way == AskFor(Cents(1))
    nothing = failing(start, account("0.01"), asked=0)
    assert [condition.code for condition in nothing] == ["room", "min_amount", "asked_too_little"]
    kept = funded(floor_effect="set_to_start", keep=usd("500"))
    assert failing(kept, account("600"), asked=100_01)[-1] == Condition(
        "would_breach", AskFor(Cents(100_00)), usd("50500"), usd("50499.99"), "usd"
    )


def test_asking_too_much_of_nothing_says_what_would_have_to_be_earned() -> None:
    stage = funded(floor_effect="set_to_start")
    found = failing(stage, account("0"), asked=100_00)
    assert [(condition.code, condition.way) for condition in found] == [
        ("profit", Earn(usd("0.01"))),
        ("room", Earn(Micros(10_001))),
        ("min_amount", Earn(Micros(10_001))),
        ("asked_too_much", Earn(Micros(100_000_001))),
        ("would_breach", Earn(Micros(100_000_001))),
    ]
    capped = funded(min_amount=usd("500"), amount_caps=(usd("400"),))
    assert failing(capped, account("9000"), asked=600_00)[-1] == Condition(
        "asked_too_much", NoWay("its limits are below this amount"), usd("400"), usd("600"), "usd"
    )


# ------------------------------------------------------------------ all at once


def test_everything_that_is_missing_is_told_at_once_in_a_fixed_order() -> None:
    stage = funded(
        {"mode": "trail_eod", "lock": "start"},
        {
            "days": Days(min_trading=8, qualifying=Qualifying(Size(amount=usd("50")), 5)),
            "behaviour": Behaviour(
                min_hold_s=10, min_hold_share_trades=ratio("0.5"), min_hold_share_profit=ratio("0.5")
            ),
            "consistency": Consistency(ratio("0.3")),
        },
        max_count=1,
        min_account_age_days=365,
        schedule=Schedule("weekday", weekday="wed"),
        min_cycle_profit=usd("500"),
        min_balance=usd("52600"),
        dynamic_target=(ratio("0.06"),),
        floor_locked_required=True,
        buffer=Buffer(usd("2600")),
        floor_effect="set_to_start",
        min_amount=usd("500"),
    )
    papers = Papers(kyc=False, contract=False, tax_form=False, pending_request=True, frozen=True, stage_open=False)
    standing = account("-100", payouts=1, flat=False, review=("mae",), hwm="50000")
    everything = [condition.code for condition in failing(stage, standing, papers, asked=100_00)]
    assert everything == list(ORDER[1:])


def test_the_order_of_the_conditions_is_part_of_the_contract() -> None:
    assert list(ORDER) == [
        *("no_payouts", "stage_over", "frozen"),
        *("kyc", "contract", "tax_form"),
        *("pending_request", "open_position", "review", "payout_count"),
        *("account_age", "schedule"),
        *("trading_days", "qualifying_days", "min_hold_trades", "min_hold_profit"),
        "consistency",
        *("cycle_profit", "min_balance", "payout_target", "floor_lock"),
        *("profit", "room", "min_amount"),
        *("asked_too_little", "asked_too_much", "would_breach"),
    ]


def test_a_zero_based_account_measures_profit_from_nothing() -> None:
    standing = account("2000", start="0", floor="0")
    assert standing.levels == Levels(usd("50000"), usd("0"), usd("2000"), usd("0"), usd("2000"))
    assert failing(funded(), standing, asked=1_999_99) == []
    assert [condition.code for condition in failing(funded(), standing, asked=2_000_00)] == [
        "asked_too_much",
        "would_breach",
    ]

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.catalogue.program import InsideBuffer, MaxLoss, PayoutTerms, Size, Split, SplitStep, Stage
from propfirm.domain.money import Micros, Ppm, portion, ratio, usd
from propfirm.domain.rules.floors import Levels, allowance, breached, cap, lock_level, locked
from propfirm.domain.rules.payout_effect import Withdrawal, effect, withdrawal

NINETY = Split("flat", (SplitStep(0, Ppm(900_000)),))


def stage(max_loss: dict[str, Any] | None = None, **payout: Any) -> Stage:
    loss: dict[str, Any] = {"mode": "trail_eod", "size": Size(amount=usd("2000")), **(max_loss or {})}
    terms = PayoutTerms(**{"split": NINETY, **payout})
    return Stage("funded", "sim_funded", MaxLoss(**loss), payout=terms)


def levels(balance: str, floor: str, *, start: str = "50000", hwm: str | None = None, payouts: int = 0) -> Levels:
    return Levels(usd("50000"), usd(start), usd(balance), usd(floor), usd(hwm or balance), payouts)


def paid(gross: str, trader: str | None = None) -> Withdrawal:
    return Withdrawal(usd(gross), usd(trader or gross), usd(gross))


def floors(stage: Stage, before: Levels, payout: Withdrawal) -> tuple[Micros, Micros, Micros]:
    after = effect(stage, before, payout)
    return after.balance, after.floor, after.hwm


def test_a_payout_without_floor_effect_only_takes_the_money() -> None:
    after = effect(stage(), levels("53000", "51000"), paid("1500", "1350"))
    assert after == Levels(usd("50000"), usd("50000"), usd("51500"), usd("51000"), usd("53000"), 1)


def test_a_stage_without_payout_terms_keeps_its_floor() -> None:
    bare = Stage("evaluation", "evaluation", MaxLoss("static", Size(amount=usd("2000"))))
    assert floors(bare, levels("53000", "48000"), paid("500")) == (usd("52500"), usd("48000"), usd("53000"))


def test_the_gross_leaves_the_balance_unless_the_firm_share_stays() -> None:
    terms = PayoutTerms(NINETY)
    assert withdrawal(terms, usd("1000"), usd("900")) == Withdrawal(usd("1000"), usd("900"), usd("1000"))
    stays = PayoutTerms(NINETY, deduct="trader_share")
    assert withdrawal(stays, usd("1000"), usd("900")) == Withdrawal(usd("1000"), usd("900"), usd("900"))
    assert effect(
        stage(deduct="trader_share"), levels("53000", "48000"), withdrawal(stays, usd("1000"), usd("900"))
    ).balance == usd("52100")


def test_set_to_start_raises_the_floor_to_the_start() -> None:
    rule = stage(floor_effect="set_to_start")
    assert floors(rule, levels("53000", "48500"), paid("500")) == (usd("52500"), usd("50000"), usd("53000"))
    assert effect(rule, levels("53000", "50100"), paid("500")).floor == usd("50100")


def test_the_tx3_starter_floor_after_the_first_payout_is_a_breach_as_published() -> None:
    rule = stage(floor_effect="set_to_start_plus", floor_effect_value=usd("100"))
    after = effect(rule, levels("50500", "48000"), paid("500"))
    assert (after.floor, after.balance, after.balance - after.floor) == (usd("50100"), usd("50000"), usd("-100"))
    assert breached(after.balance, after.floor, touch=True)
    assert effect(rule, levels("50500", "50200"), paid("100")).floor == usd("50200")


def test_the_topstep_funded_floor_is_zero_after_a_payout_as_published() -> None:
    rule = stage(floor_effect="set_to_zero")
    before = Levels(usd("50000"), usd("0"), usd("10000"), usd("-2000"), usd("10000"))
    after = effect(rule, before, paid("5000"))
    assert (after.floor, after.balance, after.balance - after.floor) == (0, usd("5000"), usd("5000"))
    assert not breached(after.balance, after.floor, touch=True)


def test_the_pipfarm_floor_rises_by_the_traders_share_as_published() -> None:
    before = Levels(usd("100000"), usd("100000"), usd("106000"), usd("94000"), usd("106000"))
    rule = stage({"mode": "trail_payout", "size": Size(amount=usd("6000")), "cmp": "below"})
    after = effect(rule, before, paid("3000", "2250"))
    assert (after.floor, after.balance, after.balance - after.floor) == (usd("96250"), usd("103000"), usd("6750"))
    assert not breached(after.balance, after.floor, touch=False)


def test_the_traders_share_raises_the_floor_at_most_to_the_start_or_the_lock() -> None:
    by_share: dict[str, Any] = {"floor_effect": "raise_by_trader_share"}
    before = levels("53000", "49500")
    assert effect(stage(**by_share), before, paid("400", "300")).floor == usd("49800")
    assert effect(stage(**by_share), before, paid("1000", "900")).floor == usd("50000")
    locking = stage({"lock": "start_plus", "lock_value": usd("100")}, **by_share)
    assert effect(locking, before, paid("1000", "900")).floor == usd("50100")
    assert effect(locking, levels("53000", "50300"), paid("1000", "900")).floor == usd("50300")


def test_a_floor_that_trails_payouts_rises_once_even_if_the_terms_say_so_again() -> None:
    twice = stage({"mode": "trail_payout"}, floor_effect="raise_by_trader_share")
    assert effect(twice, levels("53000", "48000"), paid("1000", "900")).floor == usd("48900")


def test_a_floor_that_trails_payouts_keeps_the_higher_of_its_rise_and_the_floor_effect() -> None:
    for kind, want in (("set_to_start", "50000"), ("set_to_start_plus", "50000"), ("set_to_zero", "48900")):
        rule = stage({"mode": "trail_payout"}, floor_effect=kind)
        assert effect(rule, levels("53000", "48000"), paid("1000", "900")).floor == usd(want)


def test_a_reset_cycle_begins_a_fresh_drawdown_under_what_is_left() -> None:
    rule = stage(floor_effect="reset_cycle")
    assert floors(rule, levels("53000", "51500"), paid("1500")) == (usd("51500"), usd("49500"), usd("51500"))
    by_high = stage({"size": Size(pct=ratio("0.05")), "pct_base": "hwm"}, floor_effect="reset_cycle")
    assert effect(by_high, levels("53000", "50350"), paid("1000")).floor == usd("49400")
    reducing = stage(floor_effect="reset_cycle", hwm_effect="reduce")
    assert effect(reducing, levels("53000", "51500"), paid("1500")).hwm == usd("51500")


def test_a_payout_from_inside_the_buffer_can_set_the_floor_to_the_start() -> None:
    inside = Withdrawal(usd("500"), usd("300"), usd("500"), inside_buffer=True)
    strict = stage(inside_buffer=InsideBuffer("split", ratio("0.6"), floor_to_start=True))
    lenient = stage(inside_buffer=InsideBuffer("split", ratio("0.6")))
    assert effect(strict, levels("53000", "48500"), inside).floor == usd("50000")
    assert effect(strict, levels("53000", "50100"), inside).floor == usd("50100")
    assert effect(strict, levels("53000", "48500"), paid("500")).floor == usd("48500")
    assert effect(lenient, levels("53000", "48500"), inside).floor == usd("48500")
    assert withdrawal(PayoutTerms(NINETY), usd("500"), usd("300"), inside_buffer=True) == inside
    bare = Stage("evaluation", "evaluation", MaxLoss("static", Size(amount=usd("2000"))))
    assert effect(bare, levels("53000", "48000"), inside).floor == usd("48000")


def test_an_effect_of_the_first_payout_only_leaves_later_ones_alone() -> None:
    rule = stage(floor_effect="set_to_start", floor_effect_first_only=True)
    assert effect(rule, levels("53000", "48500"), paid("500")).floor == usd("50000")
    assert effect(rule, levels("53000", "48500", payouts=1), paid("500")).floor == usd("48500")
    always = stage(floor_effect="set_to_start")
    assert effect(always, levels("53000", "48500", payouts=1), paid("500")).floor == usd("50000")


def test_the_high_water_mark_stays_unless_the_terms_reduce_it_by_the_gross() -> None:
    rule = stage(hwm_effect="reduce", deduct="trader_share")
    payout = Withdrawal(usd("1000"), usd("900"), usd("900"))
    assert floors(rule, levels("53000", "51000", hwm="53500"), payout) == (usd("52100"), usd("51000"), usd("52500"))


def test_a_first_payout_lock_raises_the_floor_to_its_level_and_freezes_it() -> None:
    waiting = {"lock": "start_plus", "lock_value": usd("100"), "lock_trigger": "first_payout"}
    rule = stage(waiting, floor_effect="set_to_start_plus", floor_effect_value=usd("700"))
    plain = stage(waiting)
    assert effect(plain, levels("53000", "48000"), paid("500")).floor == usd("50100")
    assert effect(plain, levels("53000", "50400"), paid("500")).floor == usd("50400")
    assert effect(rule, levels("53000", "48000"), paid("500")).floor == usd("50700")
    assert effect(rule, levels("53000", "50100", payouts=1), paid("500")).floor == usd("50100")
    resets = stage(waiting, floor_effect="reset_cycle", hwm_effect="reduce")
    assert floors(resets, levels("53000", "50100", payouts=1), paid("500")) == (
        usd("52500"),
        usd("50100"),
        usd("53000"),
    )
    assert floors(resets, levels("51000", "48000"), paid("500")) == (usd("50500"), usd("50100"), usd("50500"))


def test_without_a_lock_there_is_nothing_that_a_first_payout_could_freeze() -> None:
    rule = stage({"mode": "trail_payout", "lock_trigger": "first_payout"})
    first = effect(rule, levels("53000", "48000"), paid("1000", "900"))
    assert first.floor == usd("48900")
    assert effect(rule, first, paid("500", "450")).floor == usd("49350")


def test_a_lock_that_is_reached_by_profit_is_not_moved_by_a_payout() -> None:
    rule = stage({"lock": "start"})
    assert effect(rule, levels("53000", "48500"), paid("500")).floor == usd("48500")
    assert effect(rule, levels("53000", "48500", payouts=3), paid("500")).floor == usd("48500")


def test_where_a_lock_lies_and_when_it_holds() -> None:
    size = Size(amount=usd("2000"))
    start = usd("50000")
    assert lock_level(MaxLoss("trail_eod", size), start) is None
    assert lock_level(MaxLoss("trail_payout", size), start) == start
    assert lock_level(MaxLoss("trail_payout", size, lock="at", lock_value=usd("49000")), start) == usd("49000")
    assert lock_level(MaxLoss("trail_eod", size, lock="start"), start) == start
    assert lock_level(MaxLoss("trail_eod", size, lock="start_plus", lock_value=usd("100")), start) == usd("50100")
    assert lock_level(MaxLoss("trail_eod", size, lock="at", lock_value=usd("53000")), start) == usd("53000")
    waits = MaxLoss("trail_eod", size, lock="start", lock_trigger="first_payout")
    assert (cap(waits, start, 0), cap(waits, start, 1)) == (None, start)
    assert cap(MaxLoss("trail_eod", size, lock="start"), start, 0) == start
    assert locked(waits, levels("53000", "50000", payouts=1))
    assert not locked(waits, levels("53000", "50000"))
    assert not locked(waits, levels("53000", "49999.99", payouts=1))
    assert not locked(MaxLoss("trail_eod", size), levels("53000", "50000"))


def test_the_allowance_is_an_amount_or_a_rate_of_size_or_high_water_mark() -> None:
    assert allowance(MaxLoss("trail_eod", Size(amount=usd("2000"))), usd("50000"), usd("60000")) == usd("2000")
    assert allowance(MaxLoss("trail_eod", Size(pct=ratio("0.04"))), usd("50000"), usd("60000")) == usd("2000")
    by_high = MaxLoss("trail_eod", Size(pct=ratio("0.04")), pct_base="hwm")
    assert allowance(by_high, usd("50000"), usd("60000")) == usd("2400")


def test_touching_the_floor_is_a_breach_only_where_touch_counts() -> None:
    assert breached(usd("48000"), usd("48000"), touch=True)
    assert not breached(usd("48000"), usd("48000"), touch=False)
    assert breached(usd("47999.99"), usd("48000"), touch=False)
    assert not breached(usd("48000.01"), usd("48000"), touch=True)


@given(
    kind=st.sampled_from(("unchanged", "set_to_start", "set_to_start_plus", "set_to_zero", "raise_by_trader_share")),
    mode=st.sampled_from(("static", "trail_eod", "trail_payout")),
    lock=st.sampled_from(("none", "start", "start_plus", "at")),
    trigger=st.sampled_from(("reach", "first_payout")),
    gross=st.integers(0, 10**10),
    floor=st.integers(-(10**10), 10**11),
    payouts=st.integers(0, 3),
)
def test_no_payout_but_a_reset_lowers_the_floor(
    kind: str, mode: str, lock: str, trigger: str, gross: int, floor: int, payouts: int
) -> None:
    rule = stage(
        {"mode": mode, "lock": lock, "lock_trigger": trigger, "lock_value": usd("100")},
        floor_effect=kind,
        floor_effect_value=usd("300"),
    )
    before = Levels(usd("50000"), usd("50000"), usd("60000"), Micros(floor), usd("60000"), payouts)
    share = portion(Micros(gross), ratio("0.9"))
    after = effect(rule, before, Withdrawal(Micros(gross), share, Micros(gross)))
    assert after.floor >= before.floor
    assert after.balance == before.balance - gross
    assert after.payouts == before.payouts + 1

"""Questions that a state answers without being fed. The conditions are told in test_target_and_pass.py."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.catalogue.program import Consistency, Days, OnPass, Qualifying
from propfirm.domain.money import MICROS_PER_DOLLAR, Micros, ratio, usd
from propfirm.domain.rules.inquiry import Consistency as Seen
from propfirm.domain.rules.inquiry import TodayLeft, conditions, consistency_now, room, target_now, today_left
from propfirm.domain.rules.terms import Options
from tests.unit.domain.rules.life import MONDAY, TUESDAY, WEDNESDAY, Life, daily, loss, payouts, size, stage, target


def life() -> Life:
    rules = {
        "target": target("3000"),
        "consistency": Consistency(cap=ratio("0.5")),
        "days": Days(min_trading=1, qualifying=Qualifying(size("100"), 1)),
        "daily_loss": daily("1000", optional=True),
    }
    one = Life(stage(loss("2000"), **rules))
    one.day(MONDAY)
    return one


def test_asking_changes_nothing() -> None:
    account = life()
    account.earn("500")
    account.buy(1, "5000")
    account.mark("5100")
    before = account.state
    for _ in range(2):
        assert conditions(account.terms, account.state) == (
            ("target", False),
            ("flat", False),
            ("min_trading_days", True),
            ("qualifying_days", False),
            ("consistency", False),
        )
        assert target_now(account.terms, account.state) == usd("3000")
        assert consistency_now(account.terms, account.state) is not None
    assert account.state == before


def test_the_running_day_does_not_qualify_before_its_evening() -> None:
    account = life()
    account.earn("500")
    account.snapshot()
    assert ("qualifying_days", False) in conditions(account.terms, account.state)


def test_a_target_that_is_just_reached_is_met() -> None:
    account = life()
    account.earn("2999.999999")
    assert ("target", False) in conditions(account.terms, account.state)
    account.earn("0.000001")
    assert ("target", True) in conditions(account.terms, account.state)


def test_a_stage_that_passes_with_open_positions_has_no_flat_condition() -> None:
    account = Life(stage(loss("2000"), target=target("3000"), on_pass=OnPass(flat_required=False)))
    assert conditions(account.terms, account.state) == (("target", False),)


def test_the_room_is_down_to_the_higher_floor() -> None:
    account = life()
    account.buy(1, "5000")
    account.mark("4900")
    assert room(account.state) == usd("1900")
    limited = Life(stage(loss("2000"), daily_loss=daily("1000", optional=True)), options=Options(daily_loss=True))
    assert room(limited.state) == usd("2000")
    limited.day(MONDAY)
    limited.buy(1, "5000")
    limited.mark("4900")
    assert room(limited.state) == usd("900")
    limited.mark("3500")
    assert room(limited.state) == usd("-500")
    far = Life(stage(loss("2000"), daily_loss=daily("9000")))
    far.day(MONDAY)
    assert room(far.state) == usd("2000")


# ---------------------------------------------------------------- what consistency sees


def consistent(rule: Consistency, *days: str, today: str = "0", **rules: Any) -> Life:
    """Days of these profits in dollars, then today with its own so far."""
    account = Life(stage(loss("40000"), consistency=rule, **rules))
    account.day(MONDAY)
    for label, profit in zip((TUESDAY, WEDNESDAY), days, strict=False):
        account.earn(profit)
        account.day(label)
    account.earn(today)
    return account


@pytest.mark.parametrize(("unit", "best"), [("day", "800"), ("trade", "500")])
def test_consistency_sees_its_best_day_or_trade_the_profit_and_its_cap(unit: Any, best: str) -> None:
    account = consistent(Consistency(cap=ratio("0.4"), unit=unit), "300", today="500")
    account.earn("300")
    assert consistency_now(account.terms, account.state) == Seen(usd(best), usd("1100"), ratio("0.4"))
    assert account.state.core.stage_window.best_day == usd("300")


@pytest.mark.parametrize(
    ("cap", "days", "today", "left"),
    [
        (
            "0.5",
            ("500", "700"),
            "100",
            TodayLeft(possible=True, least=usd("100"), most=usd("1100"), raises_target=False),
        ),
        ("1", ("500",), "100", TodayLeft(possible=True, least=usd("-100"), most=None, raises_target=False)),
        ("0.5", (), "100", TodayLeft(possible=False, least=None, most=None, raises_target=False)),
    ],
)
def test_a_rule_that_blocks_leaves_today_a_range_or_none(
    cap: str, days: tuple[str, ...], today: str, left: TodayLeft
) -> None:
    """Of 500, 700 and a day between 200 and 1,200 the best is at most half; alone, no day is half of itself."""
    account = consistent(Consistency(cap=ratio(cap)), *days, today=today)
    assert today_left(account.terms, account.state) == left


def test_a_rule_that_raises_the_target_leaves_today_its_share_of_it() -> None:
    rule = Consistency(cap=ratio("0.5"), effect="extend_excess")
    account = consistent(rule, today="100", target=target("3000"))
    left = TodayLeft(possible=True, least=None, most=usd("1400"), raises_target=True)
    assert today_left(account.terms, account.state) == left


def test_without_a_day_before_what_the_account_came_with_is_nobodys_best_day() -> None:
    """Ten dollars that were there may be lost to the last micro-dollar, and made once more."""
    account = Life(stage(loss("40000"), consistency=Consistency(cap=ratio("0.5"))))
    account.day(MONDAY, balance="50010")
    left = TodayLeft(possible=True, least=usd("-9.999999"), most=usd("10"), raises_target=False)
    assert today_left(account.terms, account.state) == left


def test_no_profit_is_within_its_share_of_a_target_that_there_is_not() -> None:
    """The linter refuses such a program; the engine does not read it in the trader's favour."""
    account = consistent(Consistency(cap=ratio("1"), denominator="target"), today="0.000001")
    assert conditions(account.terms, account.state) == (("consistency", False),)
    never = TodayLeft(possible=False, least=None, most=None, raises_target=False)
    assert today_left(account.terms, account.state) == never
    account = consistent(Consistency(cap=ratio("1"), effect="extend_excess"))
    left = TodayLeft(possible=True, least=None, most=Micros(0), raises_target=True)
    assert today_left(account.terms, account.state) == left


# ---------------------------------------------------------------- what today may still bring


def after(rule: Consistency, days: list[int], today: int, *, paid: bool, fee: int) -> Life:
    """Days of these profits in dollars, of which one may end with a payout; then today's, so far, with a fee."""
    account = Life(
        stage(
            loss("40000"),
            target=target("3000"),
            on_pass=OnPass(flat_required=True),
            consistency=rule,
            days=Days(min_trading=99),
            payout=payouts(),
        )
    )
    account.day(MONDAY)
    for label, profit in zip((TUESDAY, WEDNESDAY), days, strict=True):
        account.earn(str(profit))
        if paid and label == TUESDAY:
            account.pays("1")
        account.rolls(label)
    account.buy(1, "100000", fee=str(fee))
    account.sell(1, str(100_000 + today))
    return account


rules = st.builds(
    Consistency,
    st.sampled_from((ratio("0.3"), ratio("0.5"), ratio("1"))),
    cmp=st.sampled_from(("lte", "lt")),
    denominator=st.sampled_from(("total", "target")),
    window=st.sampled_from(("stage", "cycle")),
    effect=st.sampled_from(("block", "extend_excess", "extend_ratio")),
    include_commissions=st.booleans(),
)


@given(
    rules,
    st.lists(st.integers(-900, 1_900), min_size=2, max_size=2),
    st.integers(-900, 1_900),
    st.booleans(),
    st.integers(0, 7),
)
def test_today_may_bring_exactly_what_keeps_the_consistency_condition(
    rule: Consistency, days: list[int], today: int, paid: bool, fee: int
) -> None:
    def with_more(more: int) -> Life:
        account = after(rule, days, today, paid=paid, fee=fee)
        account.earn(_dollars(more))
        return account

    account = after(rule, days, today, paid=paid, fee=fee)
    left = today_left(account.terms, account.state)
    assert left is not None
    if left.raises_target:
        assert left.most is not None
        before = target_now(account.terms, with_more(min(left.most, 0)).state)
        assert target_now(account.terms, with_more(left.most).state) == before
        above = target_now(account.terms, with_more(left.most + 1).state)
        assert before is not None
        assert above is not None
        assert above > before
        return
    for more in (0, 1, -MICROS_PER_DOLLAR, *_around(left)):
        inside = left.possible and (left.least or 0) <= more and (left.most is None or more <= left.most)
        assert (("consistency", True) in conditions(account.terms, with_more(more).state)) is inside


def _around(left: TodayLeft) -> list[int]:
    return [edge + step for edge in (left.least, left.most) if edge is not None for step in (-1, 0, 1)]


def _dollars(micros: int) -> str:
    sign, (whole, rest) = "-" if micros < 0 else "", divmod(abs(micros), MICROS_PER_DOLLAR)
    return f"{sign}{whole}.{rest:06d}"


def test_a_rule_about_trades_or_one_that_has_ended_says_nothing_of_today() -> None:
    for rule in (Consistency(cap=ratio("0.5"), unit="trade"), Consistency(cap=ratio("0.5"), until_payout_no=1)):
        account = after(rule, [500, 0], 0, paid=True, fee=0)
        assert today_left(account.terms, account.state) is None

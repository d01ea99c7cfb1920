"""Questions that a state answers without being fed. The conditions are told in test_target_and_pass.py."""

from propfirm.domain.catalogue.program import Consistency, Days, OnPass, Qualifying
from propfirm.domain.money import ratio, usd
from propfirm.domain.rules.inquiry import conditions, consistency_now, room, target_now
from propfirm.domain.rules.terms import Options
from tests.unit.domain.rules.life import MONDAY, Life, daily, loss, size, stage, target


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

from datetime import date, time
from typing import Any

import pytest

from propfirm.domain.catalogue.program import Schedule
from propfirm.domain.payouts.schedule import old_enough_on, open_again, open_from, request_day
from tests.unit.domain.payouts.accounts import MONDAY, account, funded, terms_of


def mar(day: int) -> date:
    return date(2026, 3, day)


CUTOFF = Schedule(cutoff=time(17, 30))


@pytest.mark.parametrize(
    ("asked_at", "day"), [(time(0), 2), (time(17, 29), 2), (time(17, 30), 2), (time(17, 30, 1), 3), (time(23, 59), 3)]
)
def test_a_request_after_the_cut_off_counts_for_the_next_day(asked_at: time, day: int) -> None:
    assert request_day(CUTOFF, account(local_time=asked_at)) == mar(day)
    assert request_day(Schedule(), account(local_time=asked_at)) == MONDAY


def test_the_age_of_an_account_counts_calendar_days() -> None:
    terms = terms_of(funded(min_account_age_days=30))
    assert old_enough_on(terms, account(opened_on=date(2026, 2, 1))) == mar(3)
    assert old_enough_on(terms_of(funded()), account(opened_on=mar(2))) == mar(2)


def test_on_demand_is_open_every_day() -> None:
    assert open_from(Schedule(), account(), mar(2)) == mar(2)
    assert open_again(Schedule(), account(), mar(2)) == mar(2)


def fortnightly(**known: Any) -> date | None:
    return open_from(Schedule("every_n_days", 14), account(**known), mar(2))


def test_every_so_many_days_counts_from_the_first_trade_then_from_the_last_approval() -> None:
    assert fortnightly(first_trade_day=date(2026, 2, 20)) == mar(6)
    assert fortnightly(first_trade_day=date(2026, 2, 16)) == mar(2)
    assert fortnightly(first_trade_day=date(2026, 1, 2)) == mar(2)
    assert fortnightly(first_trade_day=date(2026, 1, 2), last_decision_day=date(2026, 2, 24)) == mar(10)
    assert fortnightly(first_trade_day=None) is None
    assert open_again(Schedule("every_n_days", 14), account(), mar(2)) == mar(16)


def test_a_weekday_schedule_opens_on_that_weekday() -> None:
    wednesday = Schedule("weekday", weekday="wed")
    opens = {day: open_from(wednesday, account(), mar(day)) for day in range(2, 10)}
    assert opens == {2: mar(4), 3: mar(4), 4: mar(4), 5: mar(11), 6: mar(11), 7: mar(11), 8: mar(11), 9: mar(11)}
    assert open_again(wednesday, account(), mar(4)) == mar(11)
    assert open_again(wednesday, account(), mar(3)) == mar(4)
    assert open_from(Schedule("weekday", weekday="mon"), account(), mar(2)) == mar(2)
    assert open_from(Schedule("weekday", weekday="sun"), account(), mar(2)) == mar(8)
    assert open_from(Schedule("weekday"), account(), mar(2)) == mar(2)


def test_what_opens_again_is_not_before_the_day_from_which_all_else_admits_it() -> None:
    wednesday = Schedule("weekday", weekday="wed")
    assert open_again(wednesday, account(), mar(3), mar(2)) == mar(4)
    assert open_again(wednesday, account(), mar(3), mar(5)) == mar(11)
    assert open_again(Schedule(), account(), mar(3), mar(9)) == mar(9)
    assert open_again(Schedule("every_n_days", 14), account(), mar(2), mar(9)) == mar(16)
    assert open_again(Schedule("n_per_month", 1), account(), mar(2), date(2026, 4, 7)) == date(2026, 4, 7)


def test_so_many_a_month_opens_again_on_the_first_of_the_next() -> None:
    four = Schedule("n_per_month", 4)
    assert open_from(four, account(approved_this_month=3), mar(2)) == mar(2)
    assert open_from(four, account(approved_this_month=4), mar(2)) == date(2026, 4, 1)
    assert open_from(four, account(approved_this_month=4, today=mar(31)), date(2026, 4, 1)) == date(2026, 4, 1)
    assert open_from(four, account(approved_this_month=4, today=date(2025, 3, 2)), mar(2)) == mar(2)
    assert open_from(four, account(approved_this_month=9, today=date(2026, 12, 31)), date(2026, 12, 31)) == date(
        2027, 1, 1
    )
    assert open_again(four, account(approved_this_month=2), mar(2)) == mar(2)
    assert open_again(four, account(approved_this_month=3), mar(2)) == date(2026, 4, 1)
    assert open_again(four, account(approved_this_month=4, today=mar(31)), date(2026, 4, 1)) == date(2026, 4, 1)
    one = Schedule("n_per_month", 1)
    assert open_from(one, account(approved_this_month=1, today=mar(31)), date(2026, 4, 1)) == date(2026, 4, 1)
    assert open_again(one, account(), date(2026, 1, 31)) == date(2026, 2, 1)


def test_qualifying_days_and_not_the_calendar_open_that_schedule() -> None:
    five = Schedule("after_n_qualifying", 5)
    assert open_from(five, account(qualifying_cycle=5), mar(2)) == mar(2)
    assert open_from(five, account(qualifying_cycle=4), mar(2)) is None
    assert open_again(five, account(qualifying_cycle=9), mar(2)) is None
    assert open_again(Schedule("after_n_qualifying", 1), account(qualifying_cycle=9), mar(2)) is None


@pytest.mark.parametrize("kind", ["every_n_days", "n_per_month", "after_n_qualifying"])
def test_a_schedule_without_its_number_holds_nobody_up(kind: Any) -> None:
    assert open_from(Schedule(kind), account(first_trade_day=mar(2)), mar(2)) == mar(2)
    assert open_again(Schedule(kind), account(), mar(2)) == mar(2)


def test_a_weekday_pays_once_and_is_open_again_a_week_later() -> None:
    friday = Schedule("weekday", weekday="fri")
    assert open_from(friday, account(last_decision_day=mar(5)), mar(6)) == mar(6)
    assert open_from(friday, account(last_decision_day=mar(6)), mar(6)) == mar(13)
    assert open_again(friday, account(), mar(6)) == mar(13)

"""What a trader is told a payout would do, and what the engine and the next question then make of that payout."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.application.rules.payout_standing import Record, standing_of
from propfirm.domain.catalogue.program import (
    Buffer,
    Clock,
    Days,
    InsideBuffer,
    MaxLoss,
    PayoutTerms,
    Program,
    Qualifying,
    Schedule,
    Size,
    Split,
    SplitStep,
    Stage,
)
from propfirm.domain.money import Cents, Micros, from_cents, ratio, usd
from propfirm.domain.payouts.conditions import payout_target
from propfirm.domain.payouts.quote import Quote, quote
from propfirm.domain.payouts.standing import Papers, Standing
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import CashMoved, DayRolled, EodSnapshot, Event, Metric
from propfirm.domain.rules.payout_effect import withdrawal
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms, compile_terms

MONDAY: Final = date(2026, 3, 2)
HOUR: Final = 3_600 * 10**9

splits = st.sampled_from(
    (
        Split("flat", (SplitStep(0, ratio("0.9")),)),
        Split("by_payout", (SplitStep(1, ratio("0.7")), SplitStep(2, ratio("0.9")))),
        Split("by_lifetime_marginal", (SplitStep(0, ratio("1")), SplitStep(usd("1500"), ratio("0.333333")))),
    )
)
schedules = st.builds(
    replace,
    st.sampled_from(
        (
            Schedule(),
            Schedule("every_n_days", 14),
            Schedule("weekday", weekday="wed"),
            Schedule("n_per_month", 2),
            Schedule("after_n_qualifying", 2),
        )
    ),
    cutoff=st.sampled_from((None, time(15), time(17, 30))),
)
losses = st.builds(
    MaxLoss,
    st.sampled_from(("static", "trail_eod", "trail_intraday", "trail_payout")),
    st.just(Size(amount=usd("2000"))),
    lock=st.sampled_from(("none", "start")),
    lock_trigger=st.sampled_from(("reach", "first_payout")),
    measure=st.sampled_from(("equity", "balance")),
)
payouts = st.builds(
    PayoutTerms,
    splits,
    schedule=schedules,
    buffer=st.sampled_from((None, Buffer(usd("500"), until_payout_no=1))),
    inside_buffer=st.sampled_from((InsideBuffer("forbid"), InsideBuffer("split", ratio("0.5")))),
    dynamic_target=st.sampled_from(((), (ratio("0.01"), ratio("0.005")))),
    deduct=st.sampled_from(("gross", "trader_share")),
    floor_effect=st.sampled_from(("unchanged", "set_to_start", "raise_by_trader_share", "reset_cycle")),
    hwm_effect=st.sampled_from(("unchanged", "reduce")),
)


def terms_with(loss: MaxLoss, payout: PayoutTerms) -> Terms:
    days = Days(qualifying=Qualifying(Size(amount=usd("100")), 2, scope="cycle"))
    stage = Stage("funded", "sim_funded", loss, days=days, payout=payout)
    program = Program("any", 1, "Any", MONDAY, usd("50000"), Clock("America/Chicago", time(17), time(16)), (stage,))
    return compile_terms(program, "funded", {})


def lived(terms: Terms, profits: list[int]) -> State:
    """A day each, its profit closed by noon, seen by a snapshot."""
    state, balance = begin(terms), usd("50000")
    for number, profit in enumerate(profits):
        balance = Micros(balance + usd(str(profit)))
        label = MONDAY + timedelta(days=number)
        opens = int(datetime.combine(label, time(), UTC).timestamp()) * 10**9
        for event in (
            DayRolled(0, opens, label, opens + 24 * HOUR),
            Metric(0, opens + 12 * HOUR, balance, balance),
            EodSnapshot(0, opens + 16 * HOUR, label),
        ):
            numbered: Event = replace(event, seq=state.seq + 1)
            state, _ = step(terms, state, numbered)
    return state


def booked(terms: Terms, state: State, told: Quote) -> State:
    """The payout that was quoted, as the engine gets it."""
    assert told.shares is not None
    assert terms.stage.payout is not None
    gross, share = from_cents(told.shares.gross), from_cents(told.shares.trader)
    paid = withdrawal(terms.stage.payout, gross, share, inside_buffer=told.shares.inside_buffer)
    cash = CashMoved(
        state.seq + 1, state.at, "payout", Micros(-paid.taken), gross, share, inside_buffer=paid.inside_buffer
    )
    return step(terms, state, cash)[0]


def remembered(record: Record, told: Quote, left: Micros) -> Record:
    """The record once that payout was approved on the day that the request counted for."""
    gross, day = from_cents(told.amount), told.counts_for
    same_month = (day.year, day.month) == (record.now.year, record.now.month)
    return replace(
        record,
        now=datetime.combine(day, time(9)),
        last_decision_day=day,
        withdrawn=Micros(record.withdrawn + gross),
        lifetime=Micros(record.lifetime + gross),
        approved_this_month=(record.approved_this_month if same_month else 0) + 1,
        last_payout_balance=left,
    )


@pytest.mark.thorough
@given(
    loss=losses,
    payout=payouts,
    profits=st.lists(st.integers(-200, 1_500), min_size=1, max_size=3),
    asked=st.one_of(st.none(), st.integers(1, 300_000).map(Cents)),
    hour=st.sampled_from((time(14, 59), time(15, 1), time(17, 1), time(17, 31))),
    before=st.integers(0, 1),
)
def test_what_was_told_of_a_payout_is_what_holds_once_it_is_made(
    loss: MaxLoss, payout: PayoutTerms, profits: list[int], asked: Cents | None, hour: time, before: int
) -> None:
    terms = terms_with(loss, payout)
    state = lived(terms, profits)
    assume(state.verdict == "open")
    record = Record(
        now=datetime.combine(MONDAY + timedelta(days=len(profits) - 1), hour),
        opened_on=MONDAY,
        first_trade_day=MONDAY,
        approved_this_month=before,
    )
    told = quote(terms.stage, standing_of(terms, state, record), Papers(), asked)
    assume(told.after is not None)
    assert told.after is not None
    assert told.shares is not None
    after = booked(terms, state, told)
    assert (after.balance, after.floor, after.hwm, after.payouts) == (
        told.after.levels.balance,
        told.after.levels.floor,
        told.after.levels.hwm,
        told.after.levels.payouts,
    )
    assert (after.verdict == "breached") is told.after.breached
    value = after.equity if loss.measure == "equity" else after.balance
    assert told.after.room == value - after.floor
    assert after.core.counters.paid_to_trader == from_cents(told.shares.trader)
    if told.after.breached:
        return
    later = standing_of(terms, after, remembered(record, told, after.balance))
    _begins_again(later)
    assert quote(terms.stage, later, Papers()).opens == told.after.next_day
    assert payout_target(payout, later) == told.after.next_target


def _begins_again(standing: Standing) -> None:
    assert (standing.cycle_profit, standing.qualifying_cycle, standing.qualifying_days) == (0, 0, 0)

"""What a trader is told before acting, and that the engine then does exactly that."""

from datetime import date, time, timedelta
from typing import Any, Final, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.application.ports.prices import Tick
from propfirm.application.simulation.request import SimulationRequest
from propfirm.application.simulation.run import NoOptionalLimit, NoPersonalLimit, PersonalLimitTooHigh, Simulated
from propfirm.application.simulation.what_if import AskWhatIf, Distances, WhatIf, WhatIfRequest
from propfirm.domain.catalogue.program import (
    Comparison,
    Consistency,
    DailyLoss,
    Days,
    MaxLoss,
    PayoutTerms,
    Program,
    Qualifying,
    Schedule,
    Size,
    Split,
    SplitStep,
    Stage,
    Target,
)
from propfirm.domain.errors import Refused
from propfirm.domain.money import Cents, Micros, Ppm, from_cents, usd
from propfirm.domain.rules.engine import step
from propfirm.domain.rules.events import CashMoved, Mark
from propfirm.domain.rules.findings import Hit
from propfirm.domain.rules.inquiry import TodayLeft
from propfirm.domain.rules.payout_effect import withdrawal
from tests.unit.application.simulation.desk import (
    MINUTE,
    PRICE,
    SECOND,
    TUESDAY,
    Quiet,
    Sheet,
    chicago,
    desk,
    evaluation,
    hits,
    intraday,
    price_files,
    program,
    static,
    stream,
    tick,
)

SPLIT: Final = Split("flat", (SplitStep(0, Ppm(900_000)),))
SHIPPED: Final = ShippedPrograms()


def ask(
    sheet: Sheet,
    *ticks: Tick,
    of: Program,
    stage: str | None = None,
    payout: Cents | None = None,
    personal: Micros | None = None,
) -> WhatIf:
    return AskWhatIf(desk(sheet, {"prices-0": stream(ticks)}))(
        WhatIfRequest(_request(of, ticks, stage, personal), payout), Quiet()
    )


def far(told: WhatIf) -> Distances:
    assert told.distances is not None
    return told.distances


def end_of(
    sheet: Sheet, *ticks: Tick, of: Program, stage: str | None = None, personal: Micros | None = None
) -> Simulated:
    return desk(sheet, {"prices-0": stream(ticks)})(_request(of, ticks, stage, personal), Quiet())


def _request(
    of: Program, ticks: tuple[Tick, ...], stage: str | None, personal: Micros | None = None
) -> SimulationRequest:
    prices = price_files("prices-0") if ticks else ()
    return SimulationRequest(
        program=of,
        history=prices[0].path if prices else price_files("h")[0].path,
        prices=prices,
        stage=stage,
        personal_daily_loss=personal,
    )


# -- how far --


@given(
    st.sampled_from(("static", "intraday", "daily", "personal")),
    st.sampled_from(("touch", "below")),
    st.sampled_from((1, -1, 3, -4)),
    st.integers(-30, 30),
    st.sampled_from(("1000", "1987.5", "2000", "1234.56")),
    st.sampled_from(("ESH6", "MESH6", "GCJ6")),
)
def test_that_many_ticks_hit_a_limit_and_one_fewer_does_not(
    kind: str, cmp: Comparison, quantity: int, move: int, loss: str, symbol: str
) -> None:
    limit = Size(amount=usd(loss))
    stage = {
        "static": evaluation(static(loss, cmp)),
        "intraday": evaluation(intraday(loss, cmp)),
        "daily": evaluation(static("9999"), daily_loss=DailyLoss(limit, cmp=cmp, outcome="lock_day")),
        "personal": evaluation(static("9999"), daily_loss=DailyLoss(Size(amount=usd("5000")), personal=True)),
    }[kind]
    sheet = Sheet().fill(TUESDAY, quantity, symbol=symbol)
    ticks = (tick(TUESDAY, PRICE, symbol=symbol), tick(TUESDAY + SECOND, PRICE + move, symbol=symbol))
    personal = usd(loss) if kind == "personal" else None
    of = program(stage)
    told = ask(sheet, *ticks, of=of, personal=personal)
    rooms = () if told.distances is None else told.distances.positions
    run = end_of(sheet, *ticks, of=of, personal=personal)
    if not rooms:
        assert hits(run)  # the move has hit the limit already
        return
    (room,) = rooms

    def is_hit(moved: int) -> bool:
        price = PRICE + move - moved if quantity > 0 else PRICE + move + moved
        state = run.account.state
        mark = Mark(state.seq + 1, state.at, symbol, price, price)
        return any(isinstance(one, Hit) for one in step(run.terms, state, mark)[1])

    assert (room.symbol, room.quantity) == (symbol, quantity)
    assert is_hit(room.ticks)
    assert not is_hit(room.ticks - 1)


def test_the_price_of_the_hit_is_told_as_it_is_quoted() -> None:
    told = ask(Sheet().fill(TUESDAY, 2), tick(TUESDAY, PRICE, PRICE + 1), of=program(evaluation(static("2000"))))
    (room,) = far(told).positions
    assert (room.ticks, room.price) == (80, "4980.00")
    short = ask(Sheet().fill(TUESDAY, -2), tick(TUESDAY, PRICE, PRICE + 1), of=program(evaluation(static("2000"))))
    (room,) = far(short).positions
    assert (room.ticks, room.price) == (79, "5020.00")


def test_a_position_that_no_price_can_bring_to_a_limit_has_no_distance() -> None:
    of = program(evaluation(replace(static(), measure="balance")))
    assert far(ask(Sheet().fill(TUESDAY, 1), tick(TUESDAY, PRICE), of=of)).positions == ()


def test_an_account_that_is_over_has_nothing_left_to_hit() -> None:
    ticks = tick(TUESDAY, PRICE), tick(TUESDAY + SECOND, PRICE - 170)
    told = ask(Sheet().fill(TUESDAY, 1), *ticks, of=program(evaluation()))
    assert told.report.verdict == "breached"
    assert told.distances is None


def test_distances_are_dollars_to_both_floors_and_to_the_target() -> None:
    stage = evaluation(daily_loss=DailyLoss(Size(amount=usd("1000"))), target=Target(Size(amount=usd("3000"))))
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + SECOND, -1, PRICE + 40).fill(TUESDAY + 2 * SECOND, 1, PRICE + 40)
    ticks = [tick(TUESDAY + n * SECOND, PRICE + move) for n, move in enumerate((0, 40, 40, 30))]
    told = far(ask(sheet, *ticks, of=program(stage)))
    assert (told.to_floor, told.to_day_floor, told.to_target) == (usd("2375"), usd("1375"), usd("2500"))


def test_the_accounts_own_limit_is_the_nearest_floor_wherever_a_distance_is_told() -> None:
    """A balance of 49,600 over an own floor of 49,500: 100 dollars are 8 ticks of one ES."""
    stage = evaluation(static("2000"), daily_loss=DailyLoss(Size(amount=usd("1000")), personal=True))
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + SECOND, -1, PRICE - 32).fill(TUESDAY + 2 * SECOND, 1, PRICE - 32)
    ticks = [tick(TUESDAY + n * SECOND, PRICE - move) for n, move in enumerate((0, 32, 32, 32))]
    told = ask(sheet, *ticks, of=program(stage), personal=usd("500"))
    (room,) = far(told).positions
    assert (room.ticks, room.price) == (8, "4990.00")
    assert (far(told).to_floor, far(told).to_day_floor) == (usd("1600"), usd("100"))
    standing, (day,) = told.report.standing, told.report.days
    assert (standing.day_floor, standing.to_day_floor) == (usd("49500"), usd("100"))
    assert (day.day_floor, day.room, day.lowest_room) == (usd("49500"), usd("100"), usd("100"))
    assert told.report.curve[-1].day_floor == usd("49500")
    assert told.report.reason.startswith("equity 49,600.00 is 100.00 above the nearest floor")


def test_what_today_may_still_earn_is_the_last_cent_within_the_consistency_cap() -> None:
    stage = evaluation(consistency=Consistency(cap=Ppm(400_000)), target=Target(Size(amount=usd("9000"))))
    sheet = Sheet()
    for n in range(3):
        at = chicago(f"2026-03-0{n + 3} 10:00:00")
        sheet.fill(at, 1).fill(at + MINUTE, -1, PRICE + 80)
    sheet.fill(chicago("2026-03-06 10:00:00"), 1)
    today = far(ask(sheet, of=program(stage))).today
    # Three days of 1,000: today x with x <= 0.4 (3,000 + x) may be 2,000.
    assert today == TodayLeft(possible=True, least=usd("-500"), most=usd("2000"), raises_target=False)
    assert far(ask(sheet, of=program(evaluation()))).today is None


def test_a_losing_account_is_not_told_that_one_day_could_meet_the_consistency_rule() -> None:
    """400 lost today and no other day: at 0 there is no profit yet, and whatever is above it would be all today's."""
    stage = evaluation(consistency=Consistency(cap=Ppm(400_000)), target=Target(Size(amount=usd("9000"))))
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + SECOND, -1, PRICE - 32).fill(TUESDAY + 2 * SECOND, 1, PRICE - 32)
    today = far(ask(sheet, of=program(stage))).today
    assert today == TodayLeft(possible=False, least=None, most=None, raises_target=False)


def test_where_consistency_extends_the_target_today_may_earn_its_share_of_the_target() -> None:
    rule = Consistency(cap=Ppm(500_000), effect="extend_ratio")
    stage = evaluation(consistency=rule, target=Target(Size(amount=usd("3000"))))
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + SECOND, -1, PRICE + 80).fill(TUESDAY + 2 * SECOND, 1, PRICE + 80)
    today = far(ask(sheet, of=program(stage))).today
    assert today == TodayLeft(possible=True, least=None, most=usd("500"), raises_target=True)


DAILY: Final = DailyLoss(Size(amount=usd("1000")))


@pytest.mark.parametrize(
    ("rule", "options", "refusal"),
    [
        (None, {"daily_loss": True}, NoOptionalLimit),
        (DAILY, {"daily_loss": True}, NoOptionalLimit),
        (None, {"personal_daily_loss": usd("500")}, NoPersonalLimit),
        (DAILY, {"personal_daily_loss": usd("500")}, NoPersonalLimit),
        (replace(DAILY, personal=True), {"personal_daily_loss": usd("1000")}, PersonalLimitTooHigh),
    ],
)
def test_a_choice_that_would_change_nothing_is_refused(
    rule: DailyLoss | None, options: dict[str, Any], refusal: type[Refused]
) -> None:
    request = replace(_request(program(evaluation(daily_loss=rule)), (), None), **options)
    with pytest.raises(refusal):
        desk(Sheet().fill(TUESDAY, 1), {})(request, Quiet())


def test_a_limit_of_ones_own_may_be_of_any_size_where_the_programs_is_off() -> None:
    stage = evaluation(daily_loss=replace(DAILY, optional=True, personal=True))
    told = ask(Sheet().fill(TUESDAY, 1), of=program(stage), personal=usd("1500"))
    assert far(told).to_day_floor == usd("1500")


# -- a payout now --


def earner(days: int, first: date = date(2026, 1, 5), ticks: int = 30) -> Sheet:
    """One trade a day of the same profit: 375 dollars less fees, held for ten minutes."""
    sheet, day = Sheet(), first
    while len(sheet.fills) < 2 * days:
        if day.weekday() < 5 and day not in {date(2026, 1, 19), date(2026, 2, 16)}:
            at = chicago(f"{day} 10:00:00")
            sheet.fill(at, 1, fee="1.40").fill(at + 10 * MINUTE, -1, PRICE + ticks, fee="1.40")
        day += timedelta(days=1)
    return sheet


PAYING: Final = [
    (one.id, stage.name) for one in SHIPPED.all() for stage in one.stages if stage.payout and "50k" in one.id.split("-")
]


@pytest.mark.parametrize(("program_id", "stage"), PAYING)
def test_what_a_shipped_program_quotes_is_what_the_engine_then_does(program_id: str, stage: str) -> None:
    of = SHIPPED.get(program_id)
    sheet = earner(40)
    told = ask(sheet, of=of, stage=stage)
    assert told.quote is not None
    assert told.quote.eligible == (not told.missing)
    if told.quote.after is None or told.quote.shares is None:
        assert told.missing
        return
    payout = of.stage(stage).payout
    assert payout is not None
    gross, share = from_cents(told.quote.shares.gross), from_cents(told.quote.shares.trader)
    paid = withdrawal(payout, gross, share, inside_buffer=told.quote.shares.inside_buffer)
    run = end_of(sheet, of=of, stage=stage)
    before = run.account.state
    cash = CashMoved(
        before.seq + 1, before.at, "payout", Micros(-paid.taken), gross, share, inside_buffer=paid.inside_buffer
    )
    state, _ = step(run.terms, before, cash)
    levels = told.quote.after.levels
    assert (state.balance, state.floor, state.hwm) == (levels.balance, levels.floor, levels.hwm)
    assert (state.verdict == "breached") == told.quote.after.breached


@pytest.mark.parametrize(("program_id", "stage"), PAYING)
def test_a_trader_of_forty_winning_days_is_paid_and_one_of_a_single_day_is_told_what_is_missing(
    program_id: str, stage: str
) -> None:
    of = SHIPPED.get(program_id)
    after_forty, after_one = (ask(earner(days), of=of, stage=stage) for days in (40, 1))
    assert [one.code for one in after_forty.missing] in ([], ["schedule"])  # some pay on one day of the week
    assert after_one.quote is not None
    if not after_one.quote.eligible:
        assert after_one.missing
        assert all(one.code and one.way for one in after_one.missing)


def test_what_limits_a_payout_to_a_part_says_of_what() -> None:
    told = ask(earner(10), of=SHIPPED.get("topstep-50k"), stage="xfa")
    assert told.quote is not None
    assert told.quote.limited_by == "pct_cap"
    assert told.pct_cap is not None
    assert (told.pct_cap.value, told.pct_cap.base) == (500_000, "balance")
    assert told.report.reason.endswith("; the trading conditions of a payout are met")


def funded(**terms: object) -> Program:
    payout = replace(PayoutTerms(SPLIT), **terms)
    return program(
        Stage("funded", "sim_funded", MaxLoss("trail_eod", Size(amount=usd("2000")), lock="start"), payout=payout)
    )


def test_a_payout_that_would_breach_is_refused_with_the_way_out() -> None:
    """4 days of 372.20: a balance of 51,488.80 over a floor of 49,488.80; taking 2,000 of it would be the end."""
    told = ask(earner(4), of=funded(), payout=Cents(2_000_00))
    assert told.quote is not None
    assert not told.quote.eligible
    assert told.quote.after is not None
    assert told.quote.after.breached
    assert told.missing
    assert all(one.way for one in told.missing)


def test_a_payout_within_the_profit_is_split_and_tells_the_floor_and_room_that_it_leaves() -> None:
    told = ask(earner(4), of=funded(), payout=Cents(1_000_00))
    assert told.quote is not None
    assert told.quote.eligible
    assert told.quote.shares is not None
    assert told.quote.after is not None
    assert (told.quote.shares.trader, told.quote.shares.firm) == (900_00, 100_00)
    assert told.quote.after.levels.balance == usd("50488.80")
    assert told.quote.after.levels.floor == usd("49488.80")
    assert told.quote.after.room == usd("1000")
    assert told.note == "identity, contract and tax papers are taken as complete"


@pytest.mark.parametrize(
    ("scope", "whose"),
    [("account", "what the account was paid"), ("person", "what the person, on any account, was paid")],
)
def test_a_split_by_what_was_paid_before_says_that_it_knows_of_none(
    scope: Literal["account", "person"], whose: str
) -> None:
    split = Split("by_lifetime_marginal", (SplitStep(0, Ppm(1_000_000)), SplitStep(usd("500"), Ppm(900_000))), scope)
    told = ask(earner(4), of=funded(split=split), payout=Cents(1_000_00))
    assert told.quote is not None
    assert told.quote.shares is not None
    assert told.quote.shares.trader == 950_00
    assert whose in told.note


def test_the_next_eligible_date_is_that_of_the_schedule() -> None:
    """History ends on Thursday, 8 January; the next Friday on which payouts open is the day after."""
    told = ask(earner(4), of=funded(schedule=Schedule("weekday", weekday="fri")))
    assert told.next_day == date(2026, 1, 9)
    later = ask(earner(4), of=funded(min_account_age_days=30))
    assert later.next_day == date(2026, 2, 4)
    assert any(one.way == "Ask on 2026-02-04." for one in later.missing)


def test_the_payout_after_this_one_waits_for_the_days_that_begin_again() -> None:
    """The history ends with the roll of Monday, 9 March; the trading days from then on are 10, 11, 12, 13, 16 March."""
    sheet = earner(6, date(2026, 3, 2))
    told = {
        (name, stage): ask(sheet, of=SHIPPED.get(name), stage=stage, payout=Cents(500_00)).following_day
        for name, stage in [
            ("topstep-50k", "xfa"),  # five qualifying days, and a day qualifies when it is over
            ("starter-50k", "funded"),  # five trading days
            ("propfirm-2step-50k", "funded"),  # five trading days, and fourteen of the calendar
            ("topstep-consistency-50k", "xfa"),  # three trading days
            ("tpt-50k", "pro-plus"),  # nothing begins again
        ]
    }
    assert [one and one.isoformat() for one in told.values()] == [
        "2026-03-16",
        "2026-03-16",
        "2026-03-23",
        "2026-03-12",
        "2026-03-09",
    ]


def test_a_day_that_was_traded_before_the_payout_does_not_count_again_but_its_profit_may_still_come() -> None:
    trading = replace(funded().stages[0], days=Days(min_trading=2, min_trading_scope="cycle"))
    qualifying = replace(
        funded().stages[0], days=Days(qualifying=Qualifying(Size(amount=usd("100")), count=2, scope="cycle"))
    )
    during = Sheet().fill(chicago("2026-03-02 10:00:00"), 1).fill(chicago("2026-03-02 10:10:00"), -1, PRICE + 40)
    during.fill(chicago("2026-03-02 11:00:00"), 1)  # still open, so that Monday goes on
    assert ask(during, of=program(trading)).following_day == date(2026, 3, 4)
    assert ask(during, of=program(qualifying)).following_day == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("cap", "cmp", "day"),
    [(400_000, "lte", date(2026, 3, 12)), (500_000, "lte", date(2026, 3, 11)), (500_000, "lt", date(2026, 3, 12))],
)
def test_a_best_day_rule_that_begins_again_takes_as_many_days_as_keep_it(
    cap: int, cmp: Literal["lte", "lt"], day: date
) -> None:
    stage = replace(funded().stages[0], consistency=Consistency(cap=Ppm(cap), cmp=cmp, window="cycle"))
    assert ask(earner(6, date(2026, 3, 2)), of=program(stage)).following_day == day
    assert ask(earner(6, date(2026, 3, 2)), of=funded()).following_day == date(2026, 3, 9)


def test_where_days_and_weekday_both_decide_it_is_the_weekday_after_the_days() -> None:
    stage = funded(schedule=Schedule("weekday", weekday="wed")).stages[0]
    days = Days(min_trading=3, min_trading_scope="cycle")
    assert ask(earner(6, date(2026, 3, 2)), of=program(stage)).following_day == date(2026, 3, 11)
    assert ask(earner(6, date(2026, 3, 2)), of=program(replace(stage, days=days))).following_day == date(2026, 3, 18)


def test_after_the_last_payout_none_follows() -> None:
    assert ask(earner(6), of=funded(max_count=1)).following_day is None


@pytest.mark.parametrize(
    ("cutoff", "counts_for", "opens"),
    [(time(15), date(2026, 1, 10), date(2026, 1, 16)), (time(17, 30), date(2026, 1, 9), date(2026, 1, 9))],
)
def test_on_friday_at_the_roll_a_late_cut_off_still_counts_for_friday(
    cutoff: time, counts_for: date, opens: date
) -> None:
    """The history ends flat with Friday's roll at 17:00, with which the trading day is Monday's."""
    schedule = Schedule("weekday", weekday="fri", cutoff=cutoff, cutoff_zone="America/Chicago")
    told = ask(earner(5), of=funded(schedule=schedule))
    assert told.quote is not None
    assert (told.quote.counts_for, told.next_day) == (counts_for, opens)


def test_a_first_trade_on_a_sunday_evening_makes_the_account_old_enough_for_an_age_of_none() -> None:
    told = ask(Sheet().fill(chicago("2026-03-08 18:00:00"), 1), of=funded())
    assert told.quote is not None
    assert told.quote.counts_for == date(2026, 3, 8)
    assert "account_age" not in [one.code for one in told.missing]


def test_a_cutoff_in_another_zone_is_read_on_that_zones_clock() -> None:
    """The last day rolls at 17:00 Chicago, which is midnight in Prague."""
    schedule = Schedule("on_demand", cutoff=time(12), cutoff_zone="Europe/Prague")
    told = ask(earner(4), of=funded(schedule=schedule))
    assert told.quote is not None
    assert told.quote.counts_for == date(2026, 1, 9)


def test_an_open_position_asks_to_be_closed_first() -> None:
    sheet = earner(4)
    sheet.fill(chicago("2026-01-09 10:00:00"), 1)
    told = ask(sheet, of=funded())
    assert "Close all positions." in [one.way for one in told.missing]


def test_a_stage_without_payouts_names_the_one_that_pays() -> None:
    told = ask(earner(2), of=SHIPPED.get("topstep-50k"))
    assert told.quote is None
    assert (told.missing, told.next_day) == ((), None)
    assert told.note == "the stage combine pays nothing; xfa does (--stage)"
    nobody = ask(earner(2), of=program(evaluation()))
    assert nobody.note == "the stage evaluation pays nothing"


def test_an_account_that_is_over_is_paid_nothing() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + SECOND, -1, PRICE - 170)
    told = ask(sheet, of=funded())
    assert told.report.verdict == "breached"
    assert (told.distances, told.quote, told.missing, told.next_day) == (None, None, (), None)
    assert told.note == "the account was breached: the stage funded is over, and no payout follows"

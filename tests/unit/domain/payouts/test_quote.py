from datetime import date, time
from typing import Any, Literal, assert_never, get_args

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.domain.catalogue.program import (
    Behaviour,
    Buffer,
    Consistency,
    Days,
    InsideBuffer,
    MaxLoss,
    PayoutTerms,
    PctCap,
    Qualifying,
    Schedule,
    Size,
    Split,
    SplitStep,
    Stage,
)
from propfirm.domain.money import ONE, Cents, Micros, Ppm, from_cents, ratio, usd
from propfirm.domain.payouts.amount import available, obstacle, shares
from propfirm.domain.payouts.conditions import ORDER, missing, survives
from propfirm.domain.payouts.quote import After, Quote, quote
from propfirm.domain.payouts.standing import Papers, Standing, Trades, earned
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
    Way,
)
from propfirm.domain.rules.floors import Levels, risen
from tests.unit.domain.payouts.accounts import FILED, MONDAY, account, flat_split, funded, steps


def ask(stage: Stage, standing: Standing, amount: int | None = None, papers: Papers = FILED) -> Quote:
    return quote(stage, standing, papers, None if amount is None else Cents(amount))


def after(stage: Stage, standing: Standing, amount: int | None = None) -> After:
    left = ask(stage, standing, amount).after
    assert left is not None
    return left


# ------------------------------------------------------------------ published payouts


def test_a_pipfarm_payout_raises_the_floor_by_the_traders_share_as_published() -> None:
    stage = funded({"mode": "trail_payout", "size": Size(amount=usd("6000")), "cmp": "below"}, split=flat_split("0.75"))
    levels = Levels(usd("100000"), usd("100000"), usd("106000"), usd("94000"), usd("106000"))
    told = ask(stage, account("6000", levels=levels, equity="106000"), 3_000_00)
    assert told.eligible
    assert told.shares is not None
    assert (told.shares.trader, told.shares.firm) == (2_250_00, 750_00)
    assert told.after is not None
    assert (told.after.levels.floor, told.after.levels.balance, told.after.room) == (
        usd("96250"),
        usd("103000"),
        usd("6750"),
    )
    assert not told.after.breached


def test_a_topstep_funded_payout_sets_the_floor_to_zero_as_published() -> None:
    stage = funded(
        {"mode": "trail_eod", "lock": "start"}, floor_effect="set_to_zero", pct_cap=PctCap(ratio("0.5"), "balance")
    )
    told = ask(stage, account("10000", start="0", floor="-1000", hwm="1000"), 5_000_00)
    assert told.eligible
    assert (told.available, told.limited_by) == (5_000_00, "pct_cap")
    left = told.after
    assert left is not None
    assert (left.levels.floor, left.levels.balance, left.room, left.breached) == (0, usd("5000"), usd("5000"), False)


def test_a_tradeday_live_account_is_paid_once_its_floor_is_frozen_as_published() -> None:
    stage = funded({"mode": "trail_eod", "lock": "start"}, floor_locked_required=True)
    opened = account("0", start="0", floor="-2000", hwm="0")
    (lock, *_) = ask(stage, opened).failing
    assert (lock.code, lock.way) == ("floor_lock", Earn(usd("2000")))
    grown = earned(stage, opened, usd("2000"))
    assert (grown.levels.floor, grown.equity, grown.equity - grown.levels.floor) == (0, usd("2000"), usd("2000"))
    assert ask(stage, grown).eligible


def test_the_unsafe_tx3_starter_payout_is_refused_before_it_breaches_as_published() -> None:
    stage = funded(floor_effect="set_to_start_plus", floor_effect_value=usd("100"))
    told = ask(stage, account("500"), 500_00)
    assert not told.eligible
    assert [condition.code for condition in told.failing] == ["asked_too_much", "would_breach"]
    assert told.after is not None
    assert (told.after.levels.floor, told.after.levels.balance, told.after.room, told.after.breached) == (
        usd("50100"),
        usd("50000"),
        usd("-100"),
        True,
    )
    assert (told.available, told.limited_by) == (399_99, "room")


def test_taking_all_of_a_fundednext_profit_is_refused_because_the_floor_is_then_the_start() -> None:
    stage = funded({"mode": "trail_eod", "lock": "start"}, floor_effect="set_to_start", floor_effect_first_only=True)
    told = ask(stage, account("6000", floor="50000"), 6_000_00)
    assert [condition.code for condition in told.failing] == ["asked_too_much", "would_breach"]
    assert told.available == 5_999_99
    assert ask(stage, account("6000", floor="50000"), 5_999_99).eligible


# ------------------------------------------------------------------ what a quote tells


def test_a_quote_speaks_of_what_is_available_unless_an_amount_is_asked_for() -> None:
    stage = funded(min_amount=usd("100"))
    told = ask(stage, account("3000"))
    assert told == Quote(
        eligible=True,
        failing=(),
        available=Cents(3_000_00),
        least=Cents(100_00),
        limited_by="profit",
        counts_for=MONDAY,
        opens=MONDAY,
        amount=Cents(3_000_00),
        shares=shares(stage.payout or PayoutTerms(flat_split("0")), account("3000"), Cents(3_000_00)),
        after=After(
            levels=Levels(usd("50000"), usd("50000"), usd("50000"), usd("48000"), usd("53000"), 1),
            room=usd("2000"),
            breached=False,
            restarts=(),
            follows="continues",
            next_day=MONDAY,
            next_target=None,
        ),
    )
    assert told.shares is not None
    assert (told.shares.trader, told.shares.firm) == (2_700_00, 300_00)
    some = ask(stage, account("3000"), 1_500_00)
    assert (some.available, some.amount) == (3_000_00, 1_500_00)
    assert some.after is not None
    assert some.after.levels.balance == usd("51500")


def test_what_limits_a_payout_is_what_stops_the_very_next_cent() -> None:
    assert ask(funded(amount_caps=(usd("3000"),)), account("3000.01")).limited_by == "amount_cap"
    assert ask(funded(amount_caps=(usd("3000"),)), account("3000")).limited_by == "profit"


def test_a_quote_for_nothing_has_no_shares_and_nothing_after() -> None:
    for told in (ask(funded(), account("0")), ask(funded(), account(), 0), ask(funded(), account(), -1)):
        assert not told.eligible
        assert told.shares is None
        assert told.after is None
    assert ask(funded(), account(), -1).amount == -1
    assert ask(funded(), account(), 1).after is not None


def test_a_stage_without_payouts_quotes_nothing() -> None:
    stage = Stage("evaluation", "evaluation", funded().max_loss)
    for amount in (None, 500_00):
        told = ask(stage, account(), amount)
        assert told == Quote(
            eligible=False,
            failing=missing(stage, account(), FILED, None),
            available=Cents(0),
            least=Cents(0),
            limited_by=None,
            counts_for=MONDAY,
            opens=None,
            amount=Cents(amount or 0),
            shares=None,
            after=None,
        )


def test_an_open_position_is_judged_with_its_loss() -> None:
    stage = funded(flat_required=False)
    told = ask(stage, account("3000", floor="51000", equity="52500", flat=False), 1_000_00)
    assert told.after is not None
    assert told.after.room == usd("500")


def test_the_first_open_day_respects_schedule_cut_off_and_age() -> None:
    stage = funded(schedule=Schedule("weekday", weekday="wed", cutoff=time(17)), min_account_age_days=60)
    told = ask(stage, account(opened_on=date(2026, 1, 5)))
    assert (told.counts_for, told.opens) == (date(2026, 3, 2), date(2026, 3, 11))
    old = ask(stage, account(opened_on=date(2026, 1, 3)))
    assert old.opens == date(2026, 3, 4)
    missed = ask(stage, account(opened_on=date(2025, 1, 5), today=date(2026, 3, 4), local_time=time(17, 1)))
    assert (missed.counts_for, missed.opens) == (date(2026, 3, 5), date(2026, 3, 11))
    assert missed.after is not None
    assert missed.after.next_day == date(2026, 3, 11)
    waiting = ask(funded(schedule=Schedule("after_n_qualifying", 5)), account())
    assert waiting.opens is None


def test_the_next_payout_opens_by_the_schedule_from_the_day_the_request_counts_for() -> None:
    stage = funded(schedule=Schedule("every_n_days", 14, cutoff=time(17)))
    assert after(stage, account(local_time=time(18))).next_day == date(2026, 3, 17)
    assert after(stage, account()).next_day == date(2026, 3, 16)


def test_the_next_target_is_of_the_balance_that_this_payout_leaves_as_published() -> None:
    stage = funded(dynamic_target=(ratio("0.06"), ratio("0.05"), ratio("0.04")))
    assert after(stage, account("3000"), 1_500_00).next_target == usd("54075")
    second = account("4075", payouts=1, last_payout_balance="51500")
    assert after(stage, second, 1_000_00).next_target == usd("55198")


def test_counters_of_the_cycle_restart_and_those_of_the_stage_do_not() -> None:
    in_stage: dict[str, Any] = {
        "days": Days(min_trading=8, qualifying=Qualifying(Size(amount=usd("50")), 5)),
        "consistency": Consistency(ratio("0.9")),
    }
    assert after(funded(rules=in_stage), account(trading_days=8)).restarts == ()
    in_cycle: dict[str, Any] = {
        "days": Days(8, Qualifying(Size(amount=usd("50")), 5, scope="cycle"), min_trading_scope="cycle"),
        "consistency": Consistency(ratio("0.9"), window="cycle"),
    }
    everything = funded(rules=in_cycle, min_cycle_profit=usd("500"), schedule=Schedule("every_n_days", 14))
    assert after(everything, account()).restarts == (
        "cycle_profit",
        "trading_days",
        "qualifying_days",
        "consistency",
        "schedule",
    )
    assert after(funded(schedule=Schedule("after_n_qualifying", 5)), account()).restarts == ("qualifying_days",)
    no_days: dict[str, Any] = {"days": Days(min_trading_scope="cycle")}
    assert after(funded(rules=no_days), account()).restarts == ()
    assert after(funded(min_cycle_profit=Micros(1)), account()).restarts == ("cycle_profit",)
    lifetime: dict[str, Any] = {"days": Days(1, Qualifying(Size(amount=usd("50")), 5, scope="lifetime"), "cycle")}
    assert after(funded(rules=lifetime), account()).restarts == ("trading_days",)


def test_the_last_payout_closes_the_account_or_leads_to_the_next_stage() -> None:
    closing = funded(max_count=6, dynamic_target=(ratio("0.01"),))
    fifth = after(closing, account("4000", payouts=4))
    assert (fifth.follows, fifth.next_day) == ("continues", MONDAY)
    assert fifth.next_target is not None
    sixth = after(closing, account("4000", payouts=5))
    assert (sixth.follows, sixth.next_day, sixth.next_target) == ("closes", None, None)
    assert after(closing, account("4000", payouts=5, put_back=1)).follows == "continues"
    assert after(closing, account("4000", payouts=6, put_back=1)).follows == "closes"
    onward = funded(max_count=6, after_max_count="next_stage")
    assert after(onward, account("4000", payouts=5)).follows == "next_stage"
    assert after(onward, account("4000", payouts=4)).follows == "continues"
    assert after(onward, account("4000", payouts=6)).follows == "next_stage"


def test_going_inside_the_buffer_can_close_the_account() -> None:
    inside = InsideBuffer("split", ratio("0.5"), close=True)
    stage = funded(buffer=Buffer(usd("2000")), inside_buffer=inside, max_count=1, after_max_count="next_stage")
    assert after(stage, account("3000"), 1_000_01).follows == "closes"
    assert after(stage, account("3000"), 1_000_00).follows == "next_stage"
    staying = funded(buffer=Buffer(usd("2000")), inside_buffer=InsideBuffer("split", ratio("0.5")))
    assert after(staying, account("3000"), 1_000_01).follows == "continues"


def test_more_profit_can_only_lower_what_is_available_where_the_traders_part_is_capped_inside_a_buffer() -> None:
    # The one exception: profit lifts the rest out of the buffer to a better split, so the capped part is less gross.
    stage = funded(
        split=flat_split("0.9"),
        buffer=Buffer(usd("2000")),
        inside_buffer=InsideBuffer("split", ratio("0.5")),
        trader_cap=usd("900"),
    )
    assert ask(stage, account("2000")).available == 1_800_00
    assert ask(stage, account("4000")).available == 1_000_00


def test_profit_that_the_floor_follows_at_the_snapshot_leaves_less_room_than_before_it() -> None:
    # The other exception is none of the amount but of the time: profit of today has not moved the floor yet.
    stage = funded({"mode": "trail_eod"})
    today = account("3000", floor="48000", hwm="50000")
    assert ask(stage, today).available == 3_000_00
    assert ask(stage, earned(stage, today, Micros(0))).available == 1_999_99


# ------------------------------------------------------------------ what always holds

money = st.one_of(
    st.integers(0, 40).map(lambda n: Micros(n * 250_000_000)),
    st.integers(0, 10**10).map(Micros),
)
signed = st.one_of(money, money.map(lambda amount: Micros(-amount)))
rates = st.sampled_from([ratio(text) for text in ("0", "0.2", "0.333333", "0.5", "0.6", "0.8", "0.9", "1")])
some_rate = st.one_of(st.none(), rates)
some_money = st.one_of(st.none(), money)
few = st.integers(0, 6)
days = st.dates(date(2026, 1, 1), date(2026, 3, 31))


SplitKind = Literal["flat", "by_payout", "by_lifetime_marginal", "by_age"]


@st.composite
def splits(draw: st.DrawFn) -> Split:
    kinds: tuple[SplitKind, ...] = get_args(SplitKind)
    kind = draw(st.sampled_from(kinds))
    starts = [0, *sorted(draw(st.lists(st.integers(1, 9), max_size=2, unique=True)))]
    unit = usd("500") if kind == "by_lifetime_marginal" else 1
    return Split(kind, tuple(SplitStep(start * unit, draw(rates)) for start in starts))


@st.composite
def stages(draw: st.DrawFn) -> Stage:
    size = draw(st.sampled_from([Size(amount=usd("2000")), Size(pct=ratio("0.04"))]))
    loss = MaxLoss(
        draw(st.sampled_from(("static", "trail_eod", "trail_closed", "trail_intraday", "trail_payout"))),
        size,
        pct_base=draw(st.sampled_from(("initial", "hwm"))),
        lock=draw(st.sampled_from(("none", "start", "start_plus"))),
        lock_value=usd("100"),
        lock_trigger=draw(st.sampled_from(("reach", "first_payout"))),
        cmp=draw(st.sampled_from(("touch", "below"))),
        measure=draw(st.sampled_from(("equity", "balance"))),
    )
    inside = InsideBuffer(
        draw(st.sampled_from(("forbid", "split"))),
        draw(some_rate),
        close=draw(st.booleans()),
        split_later=draw(some_rate),
        split_later_after_days=draw(st.one_of(st.none(), st.integers(0, 60))),
        max_share=draw(some_rate),
        floor_to_start=draw(st.booleans()),
    )
    terms = PayoutTerms(
        draw(splits()),
        schedule=Schedule(
            draw(st.sampled_from(("on_demand", "every_n_days", "weekday", "n_per_month", "after_n_qualifying"))),
            draw(st.one_of(st.none(), st.integers(1, 20))),
            draw(st.sampled_from((None, "mon", "wed", "sun"))),
            draw(st.sampled_from((None, time(15)))),
        ),
        min_amount=draw(money),
        amount_caps=tuple(draw(st.lists(money, max_size=2))),
        caps_until_payout_no=draw(st.one_of(st.none(), few)),
        trader_cap=draw(some_money),
        pct_cap=draw(st.one_of(st.none(), st.builds(PctCap, rates, st.sampled_from(("profit", "balance")), st.none()))),
        buffer=draw(st.one_of(st.none(), st.builds(Buffer, money, st.one_of(st.none(), few), money))),
        inside_buffer=inside,
        min_cycle_profit=draw(money),
        min_balance=draw(st.one_of(st.none(), money.map(lambda amount: Micros(usd("50000") + amount)))),
        keep=draw(st.sampled_from((Micros(0), Micros(1), usd("100"), usd("2500")))),
        floor_locked_required=draw(st.booleans()),
        min_account_age_days=draw(st.integers(0, 90)),
        dynamic_target=tuple(draw(st.lists(st.sampled_from((ratio("0.01"), ratio("0.06"))), max_size=2))),
        max_count=draw(st.one_of(st.none(), st.integers(1, 4))),
        deduct=draw(st.sampled_from(("gross", "trader_share"))),
        floor_effect=draw(
            st.sampled_from(
                (
                    "unchanged",
                    "set_to_start",
                    "set_to_start_plus",
                    "set_to_zero",
                    "raise_by_trader_share",
                    "reset_cycle",
                )
            )
        ),
        floor_effect_value=usd("100"),
        floor_effect_first_only=draw(st.booleans()),
        hwm_effect=draw(st.sampled_from(("unchanged", "reduce"))),
        flat_required=draw(st.booleans()),
    )
    qualifying = st.builds(
        Qualifying, st.sampled_from([Size(amount=usd("150")), Size(pct=ratio("0.005"))]), st.integers(1, 6)
    )
    consistency = st.builds(
        Consistency,
        cap=st.sampled_from([ratio("0.2"), ratio("0.333333"), ratio("0.5")]),
        cmp=st.sampled_from(("lte", "lt")),
        denominator=st.sampled_from(("total", "target")),
        until_payout_no=st.one_of(st.none(), few),
    )
    behaviour = st.builds(
        Behaviour,
        min_hold_s=st.just(10),
        min_hold_share_trades=some_rate,
        min_hold_share_profit=some_rate,
        min_hold_edge=st.sampled_from(("gt", "gte")),
    )
    return Stage(
        "funded",
        "sim_funded",
        loss,
        payout=terms,
        days=Days(draw(few), draw(st.one_of(st.none(), qualifying))),
        consistency=draw(st.one_of(st.none(), consistency)),
        behaviour=draw(st.one_of(st.none(), behaviour)),
    )


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    start = draw(st.sampled_from((usd("0"), usd("50000"))))
    profit = draw(signed)
    withdrawn = draw(st.sampled_from((Micros(0), usd("500"))))
    balance = Micros(start + profit - withdrawn)
    floor = Micros(start - draw(st.integers(-1000, 2000)) * 1_000_000)
    count = draw(few)
    return Standing(
        levels=Levels(usd("50000"), start, balance, floor, max(start, balance), draw(st.integers(0, 3))),
        equity=Micros(balance + draw(st.sampled_from((0, 0, -300_000_000, 300_000_000)))),
        today=draw(days),
        opened_on=date(2026, 1, 1),
        flat=draw(st.booleans()),
        profit=profit,
        withdrawn=withdrawn,
        stripped=draw(st.sampled_from((Micros(0), usd("100")))),
        cycle_profit=draw(signed),
        best=draw(money),
        window_profit=draw(signed),
        target=draw(some_money),
        qualifying_days=draw(few),
        qualifying_cycle=draw(few),
        qualifying_lifetime=draw(few),
        trading_days=draw(few),
        trades=Trades(count, draw(st.integers(0, count)), draw(signed), draw(signed)),
        lifetime=draw(money),
        local_time=draw(st.sampled_from((time(12), time(15), time(16)))),
        first_trade_day=draw(st.one_of(st.none(), days)),
        last_decision_day=draw(st.one_of(st.none(), days)),
        approved_this_month=draw(few),
        business_days_old=draw(few),
        last_payout_balance=draw(st.one_of(st.none(), st.just(usd("51000")))),
        review=draw(st.sampled_from(((), ("news",)))),
    )


programs_are_large = settings(max_examples=60)
"""Drawing a whole program takes longer than judging it: fewer of them keep the unit tests quick."""

papers_on_file = st.builds(
    Papers,
    kyc=st.booleans(),
    contract=st.booleans(),
    tax_form=st.booleans(),
    pending_request=st.booleans(),
    frozen=st.booleans(),
)
amounts = st.one_of(st.none(), st.integers(-1, 10**6), st.integers(0, 40).map(lambda n: n * 250_00))


def terms_in(stage: Stage) -> PayoutTerms:
    assert stage.payout is not None
    return stage.payout


@pytest.mark.thorough
@programs_are_large
@given(stage=stages(), standing=standings(), papers=papers_on_file, asked=amounts)
def test_a_quote_never_promises_what_breaches_and_always_adds_up(
    stage: Stage, standing: Standing, papers: Papers, asked: int | None
) -> None:
    terms = terms_in(stage)
    told = ask(stage, standing, asked, papers)
    assert told.eligible is (told.failing == ())
    codes = [condition.code for condition in told.failing]
    assert codes == [code for code in ORDER if code in codes]
    assert len(set(codes)) == len(codes)
    assert all(condition.advice for condition in told.failing)
    if told.shares is not None:
        assert told.shares.trader + told.shares.firm == told.amount
        assert told.shares.trader >= 0
        assert told.shares.firm >= 0
    if told.available > 0:
        best = after(stage, standing)
        assert not best.breached
        assert best.room >= terms.keep
        assert best.room > 0 or stage.max_loss.cmp == "below"
        assert obstacle(stage, terms, standing, told.available) is None
    assert obstacle(stage, terms, standing, Cents(told.available + 1)) == told.limited_by is not None
    if told.eligible:
        assert told.least <= told.amount <= told.available
        assert obstacle(stage, terms, standing, told.amount) is None
        assert told.after is not None
        assert not told.after.breached
    if asked is not None and told.after is not None and told.after.breached:
        assert "would_breach" in codes


@pytest.mark.thorough
@programs_are_large
@given(stage=stages(), standing=standings(), pair=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)))
def test_what_stops_an_amount_stops_every_larger_one(stage: Stage, standing: Standing, pair: tuple[int, int]) -> None:
    less, amount = sorted(pair)
    terms = terms_in(stage)
    if obstacle(stage, terms, standing, Cents(amount)) is None:
        assert obstacle(stage, terms, standing, Cents(less)) is None
    if survives(stage, terms, standing, Cents(amount)):
        assert survives(stage, terms, standing, Cents(less))


@pytest.mark.thorough
@programs_are_large
@given(stage=stages(), standing=standings(), more=money)
def test_more_profit_never_makes_less_available(stage: Stage, standing: Standing, more: Micros) -> None:
    terms = terms_in(stage)
    assume(terms.trader_cap is None or terms.inside_buffer.mode == "forbid")
    assume(has_followed(stage, standing))
    settled = earned(stage, standing, Micros(0))
    assert available(stage, terms, earned(stage, standing, more)) >= available(stage, terms, settled)


def has_followed(stage: Stage, standing: Standing) -> bool:
    """The floor is where the high so far puts it, as in every account whose floor no payout has lowered: a lowered one
    makes up for it with the next high, and then more profit does make less available."""
    levels = standing.levels
    if stage.max_loss.mode in {"static", "trail_payout"}:
        return True
    return risen(stage.max_loss, replace(levels, hwm=Micros(levels.hwm - 1)), levels.hwm).floor == levels.floor


def follow(  # noqa: C901 - one arm for each way there is
    way: Way, stage: Stage, standing: Standing, papers: Papers, asked: int | None
) -> tuple[Standing, Papers, int | None]:
    """The account after the trader did what the way says, at its least favourable."""
    match way:
        case HandIn(paper):
            return standing, replace(papers, **{paper: True}), asked
        case Await("request"):
            return standing, replace(papers, pending_request=False), asked
        case Await("review"):
            return replace(standing, review=()), papers, asked
        case Await("release"):
            return standing, replace(papers, frozen=False), asked
        case GoFlat():
            return replace(standing, flat=True), papers, asked
        case WaitUntil(day):
            same_month = (day.year, day.month) == (standing.today.year, standing.today.month)
            approved = standing.approved_this_month if same_month else 0
            return replace(standing, today=day, local_time=time(0), approved_this_month=approved), papers, asked
        case TradeThenWait(wait):
            later = date.fromordinal(standing.today.toordinal() + wait)
            return replace(standing, first_trade_day=standing.today, today=later), papers, asked
        case TradeDays(more):
            return replace(standing, trading_days=standing.trading_days + more), papers, asked
        case QualifyDays(more):
            counted = replace(standing, qualifying_days=standing.qualifying_days + more)
            return replace(counted, qualifying_cycle=standing.qualifying_cycle + more), papers, asked
        case Earn(amount, None):
            return earned(stage, standing, amount), papers, asked
        case Earn(amount, most):
            best = max(standing.best, most or standing.best)
            return replace(earned(stage, standing, amount), best=best), papers, asked
        case HoldTrades(more):
            trades = standing.trades
            longer = replace(trades, count=trades.count + more, held=trades.held + more)
            return replace(standing, trades=longer), papers, asked
        case EarnHolding(amount):
            trades = standing.trades
            richer = replace(trades, profit=trades.profit + amount, held_profit=trades.held_profit + amount)
            return replace(standing, trades=richer), papers, asked
        case AskFor(instead):
            return standing, papers, instead
        case NoWay() | Await():
            return standing, papers, asked
        case _:
            assert_never(way)


@pytest.mark.thorough
@programs_are_large
@given(stage=stages(), standing=standings(), papers=papers_on_file, asked=amounts)
@example(stage=funded(), standing=account("0"), papers=FILED, asked=100_00)
def test_following_the_way_removes_the_condition(
    stage: Stage, standing: Standing, papers: Papers, asked: int | None
) -> None:
    for condition in ask(stage, standing, asked, papers).failing:
        if isinstance(condition.way, NoWay):
            continue
        there = follow(condition.way, stage, standing, papers, asked)
        left = [found.code for found in ask(stage, there[0], there[2], there[1]).failing]
        assert condition.code not in left, condition


@pytest.mark.thorough
@programs_are_large
@given(stage=stages(), standing=standings(), papers=papers_on_file)
def test_a_micro_dollar_less_than_the_way_says_is_not_enough(stage: Stage, standing: Standing, papers: Papers) -> None:
    for condition in ask(stage, standing, None, papers).failing:
        if isinstance(condition.way, Earn) and condition.way.amount > 0:
            less = replace(condition.way, amount=condition.way.amount - 1)
            almost, *_ = follow(less, stage, standing, papers, None)
            left = [found.code for found in ask(stage, almost, None, papers).failing]
            assert condition.code in left, condition


@given(gross=st.integers(0, 10**7), rate=st.integers(0, ONE))
def test_the_firm_keeps_less_than_a_cent_of_rounding(gross: int, rate: int) -> None:
    stage = funded(split=Split("flat", (SplitStep(0, Ppm(rate)),)))
    found = shares(terms_in(stage), account(), Cents(gross))
    assert found.trader * 10_000 * ONE <= from_cents(Cents(gross)) * rate < (found.trader + 1) * 10_000 * ONE
    assert found.trader_exact == from_cents(Cents(gross)) * rate


def test_two_payouts_in_a_row_cut_the_lifetime_ladder_where_one_would() -> None:
    split = Split("by_lifetime_marginal", steps((0, "0.8"), (usd("1000"), "0.9")))
    stage = funded(split=split)
    once = shares(terms_in(stage), account("3000"), Cents(2_000_00)).trader
    first = shares(terms_in(stage), account("3000"), Cents(700_00)).trader
    second = shares(terms_in(stage), account("3000", lifetime="700"), Cents(1_300_00)).trader
    assert once == first + second == 1_700_00

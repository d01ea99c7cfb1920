"""From a run to its report: verdict, day table, timeline, conditions, and what this data cannot show."""

from datetime import date, time

import pytest
from msgspec.structs import replace

from propfirm.application.ports.prices import TickStream
from propfirm.application.simulation.account import CURVE_POINTS_MAX
from propfirm.application.simulation.report import Report
from propfirm.application.simulation.summary import summary
from propfirm.domain.catalogue.program import (
    Behaviour,
    Clock,
    Consistency,
    DailyLoss,
    Days,
    MaxLoss,
    News,
    OnPass,
    PositionLimit,
    Qualifying,
    RiskCap,
    Size,
    Stage,
    Strikes,
    Target,
    Times,
)
from propfirm.domain.money import Ppm, usd
from propfirm.domain.rules.findings import DayClosed, FloorMoved, Hit
from tests.unit.application.simulation.desk import (
    MINUTE,
    PRICE,
    SECOND,
    TUESDAY,
    Sheet,
    chicago,
    evaluation,
    intraday,
    of_kind,
    run,
    static,
    tick,
)

TRAIL = MaxLoss("trail_eod", Size(amount=usd("2000")), lock="start")


def days_of(*profits: int, fee: str = "0", start: int = 3) -> Sheet:
    """One trade a day from 3 March 2026 on, of so many ticks (12.50 each)."""
    sheet = Sheet()
    for n, ticks in enumerate(profits):
        at = chicago(f"2026-03-{start + n:02d} 10:00:00")
        sheet.fill(at, 1, fee=fee).fill(at + MINUTE, -1, PRICE + ticks, fee=fee)
    return sheet


def report_of(sheet: Sheet, **rules: object) -> Report:
    return summary(run(sheet, stage=evaluation(TRAIL, **rules)))


# -- the verdict --


def test_a_breach_is_told_with_rule_time_and_figures() -> None:
    report = summary(run(Sheet().fill(TUESDAY, 1), [tick(TUESDAY, PRICE), tick(TUESDAY + SECOND, PRICE - 161)]))
    assert report.verdict == "breached"
    assert report.headline == "Breached: maximum loss on 3 March 2026 10:00:01 CT"
    assert report.reason == (
        "3 March 2026 10:00:01 CT: equity 47,987.50 fell below the floor 48,000.00 set at the start"
        " (50,000.00 less 2,000.00): the account is breached"
    )


def test_a_pass_is_told_with_profit_and_target() -> None:
    report = report_of(days_of(80, 80, 80), target=Target(Size(amount=usd("3000"))))
    assert report.headline == "Passed on 5 March 2026 10:01:00 CT"
    assert "closed profit 3,000.00 against a target of 3,000.00" in report.reason
    assert "the stage evaluation ends here" in report.notes


def test_a_pass_names_the_stage_that_would_follow() -> None:
    report = report_of(days_of(240), target=Target(Size(amount=usd("3000"))), next_stage="funded")
    assert "the stage evaluation ends here; funded would follow" in report.notes


def test_an_open_account_is_told_what_is_missing() -> None:
    report = report_of(days_of(40), target=Target(Size(amount=usd("3000"))), days=Days(min_trading=2))
    assert report.headline == "Still open: neither breached nor passed"
    assert report.reason == (
        "equity 50,500.00 is 2,000.00 above the nearest floor; still missing: profit target, minimum trading days"
    )
    assert report_of(days_of(40)).reason == "equity 50,500.00 is 2,000.00 above the nearest floor"
    assert report_of(days_of(40), days=Days(min_trading=1)).reason.endswith("; every condition is met")


def test_a_fatal_strike_is_the_verdict_and_not_the_hit_before_it() -> None:
    news = News(120, 120, "no_execution", {"NFP": ("*",)}, outcome="warn")
    stage = evaluation(news=news, strikes=(Strikes("news", ("warn", "fail")),))
    release = chicago("2026-03-06 07:30:00")
    report = summary(run(Sheet().fill(release, 1).fill(release + 30 * SECOND, -1), stage=stage))
    assert report.verdict == "breached"
    assert report.headline == "Breached: news rule on 6 March 2026 07:30:30 CT"
    assert report.reason.endswith("the account is breached (strike 2)")
    assert [entry.weight for entry in report.timeline if isinstance(entry.finding, Hit)] == ["warning", "verdict"]


# -- the day table --


def test_the_day_table_has_each_day_with_its_floor_and_share() -> None:
    report = report_of(days_of(40, -20, 80), consistency=Consistency(cap=Ppm(500_000)))
    assert [row.day for row in report.days] == [date(2026, 3, day) for day in (3, 4, 5)]
    assert [row.pnl for row in report.days] == [usd("500"), usd("-250"), usd("1000")]
    assert [row.share for row in report.days] == [Ppm(1_000_000), None, Ppm(800_000)]
    assert [row.floor for row in report.days] == [usd("48500"), usd("48500"), usd("49250")]
    assert [row.room for row in report.days] == [usd("2000"), usd("1750"), usd("2000")]
    assert all(row.start_balance + row.pnl == row.end_balance for row in report.days)


def test_shares_count_fees_as_the_consistency_rule_does() -> None:
    net = report_of(days_of(40, 40, fee="50"), consistency=Consistency(cap=Ppm(500_000)))
    gross = report_of(days_of(40, 10, fee="50"), consistency=Consistency(cap=Ppm(900_000), include_commissions=False))
    assert net.days[-1].share == 500_000
    assert gross.days[-1].share == 200_000


def test_no_rule_no_share() -> None:
    assert [row.share for row in report_of(days_of(40, 40)).days] == [None, None]


def test_a_day_that_has_not_ended_is_in_the_table_as_it_stands() -> None:
    sheet = days_of(40).fill(chicago("2026-03-04 10:00:00"), 1)
    ticks = [tick(fill.at, fill.price) for fill in sheet.fills]
    report = summary(run(sheet, [*ticks, tick(chicago("2026-03-04 10:00:09"), PRICE + 8)], stage=evaluation(TRAIL)))
    first, running = report.days
    assert (first.day, running.day) == (date(2026, 3, 3), date(2026, 3, 4))
    assert (running.end_balance, running.end_equity, running.fills) == (usd("50500"), usd("50600"), 1)
    assert running.traded
    assert report.standing.open_contracts == 1
    assert "positions are open at the end of the data: closed profit so far +500.00" in report.notes


def test_days_after_the_end_are_still_in_the_table() -> None:
    report = summary(run(days_of(-170, 40), stage=evaluation(static())))
    assert report.verdict == "breached"
    assert [(row.day.day, row.pnl) for row in report.days] == [(3, usd("-2125")), (4, usd("500"))]


def test_a_day_without_a_fill_after_the_last_one_is_no_row() -> None:
    report = report_of(days_of(40))
    assert len(report.days) == 1
    assert report.standing.at == chicago("2026-03-03 17:00:00")


def test_a_quiet_day_between_two_trades_is_a_row() -> None:
    sheet = Sheet().fill(chicago("2026-03-03 10:00:00"), 1).fill(chicago("2026-03-05 10:00:00"), -1)
    assert [(row.day.day, row.fills, row.traded) for row in summary(run(sheet)).days] == [
        (3, 1, True),
        (4, 0, False),
        (5, 1, True),
    ]


# -- the timeline --


def test_the_timeline_tells_every_finding_but_closed_days_in_their_order() -> None:
    ended = run(days_of(40, -20), stage=evaluation(TRAIL))
    report = summary(ended)
    assert [entry.finding for entry in report.timeline] == [
        one for one in ended.account.findings if not isinstance(one, DayClosed)
    ]
    assert of_kind(ended, DayClosed)
    (moved,) = [entry for entry in report.timeline if isinstance(entry.finding, FloorMoved)]
    assert moved.text == "16:00:00 CT the floor moved from 48,000.00 to 48,500.00 (high-water mark 50,500.00)"


def test_what_is_louder_is_told_by_its_weight() -> None:
    stage = evaluation(
        TRAIL,
        daily_loss=DailyLoss(Size(amount=usd("500"))),
        position=PositionLimit(Ppm(1_000_000), outcome="warn"),
        target=Target(Size(amount=usd("1000"))),
        days=Days(min_trading=1, qualifying=Qualifying(Size(amount=usd("100")), 2)),
    )
    sheet = Sheet().fill(TUESDAY, 2).fill(TUESDAY + MINUTE, -2, PRICE - 30)
    sheet.fill(chicago("2026-03-04 10:00:00"), 1).fill(chicago("2026-03-04 10:01:00"), -1, PRICE + 200)
    weights = {type(entry.finding).__name__: entry.weight for entry in summary(run(sheet, stage=stage)).timeline}
    assert weights["DayCounted"] == "note"
    assert weights["TargetMet"] == "milestone"
    assert weights["GateMoved"] == "milestone"
    hits = [entry for entry in summary(run(sheet, stage=stage)).timeline if isinstance(entry.finding, Hit)]
    assert [entry.weight for entry in hits] == ["warning", "hit"]


# -- standing and conditions --


def conditions(sheet: Sheet, **rules: object) -> dict[str, tuple[bool, str]]:
    found = report_of(sheet, **rules).standing.conditions
    return {one.gate: (one.met, one.text) for one in found}


def test_each_condition_says_where_it_stands() -> None:
    stands = conditions(
        days_of(40, 80),
        target=Target(Size(amount=usd("3000"))),
        days=Days(min_trading=5, qualifying=Qualifying(Size(amount=usd("600")), 3)),
        consistency=Consistency(cap=Ppm(400_000)),
        behaviour=Behaviour(min_hold_s=10, min_hold_share_trades=Ppm(500_000), min_hold_share_profit=Ppm(500_000)),
    )
    assert stands == {
        "target": (False, "closed profit 1,500.00 of 3,000.00"),
        "flat": (True, "0 open positions"),
        "min_trading_days": (False, "2 of 5 trading days"),
        "qualifying_days": (False, "1 of 3 days of at least 600.00"),
        "consistency": (False, "best day 1,000.00 of 1,500.00 profit, at most 40 % (needs a total of 2,500.00)"),
        "min_hold_trades": (True, "2 of 2 trades were held long enough"),
        "min_hold_profit": (True, "1,500.00 of 1,500.00 profit comes from trades held long enough"),
    }


def test_consistency_that_is_met_needs_no_total() -> None:
    stands = conditions(days_of(40, 40, 40), consistency=Consistency(cap=Ppm(400_000), unit="trade"))
    assert stands["consistency"] == (True, "best trade 500.00 of 1,500.00 profit, at most 40 %")


def test_the_standing_measures_to_every_floor_and_to_the_target() -> None:
    standing = report_of(
        days_of(40), target=Target(Size(amount=usd("3000"))), daily_loss=DailyLoss(Size(amount=usd("1000")))
    ).standing
    assert (standing.profit, standing.to_target) == (usd("500"), usd("2500"))
    assert (standing.floor, standing.to_floor) == (usd("48500"), usd("2000"))
    assert (standing.day_floor, standing.to_day_floor) == (usd("49500"), usd("1000"))
    without = report_of(days_of(40)).standing
    assert (without.target, without.to_target, without.day_floor, without.to_day_floor) == (None, None, None, None)


# -- what could not be judged, and how files were read --


@pytest.mark.parametrize(
    ("rules", "begin"),
    [
        ({"behaviour": Behaviour(max_risk_per_position=RiskCap(Ppm(10_000)))}, "stop-loss rules"),
        ({"behaviour": Behaviour(stop_target_ratio=Ppm(5_000_000))}, "stop-loss rules"),
        ({"behaviour": Behaviour(copy="forbidden")}, "copying and hedging across accounts"),
        ({"behaviour": Behaviour(cross_account_hedging="forbidden")}, "copying and hedging across accounts"),
        ({"behaviour": Behaviour(remote_execution="forbidden")}, "remote execution"),
        ({"position": PositionLimit(Ppm(5_000_000))}, "working orders against the position size"),
        ({"times": Times(overnight=True, limit_up_down="forfeit_profit")}, "trading at exchange price limits"),
        ({"news": News(60, 60, "no_execution", {"CPI": ("*",)}, feed="of-another-house")}, "the news rule: the list"),
    ],
)
def test_what_this_data_cannot_show_is_said(rules: dict[str, object], begin: str) -> None:
    told = [line for line in report_of(days_of(40), **rules).unjudged if line.startswith(begin)]
    assert len(told) == 1
    assert report_of(days_of(40)).unjudged == (
        "open profit of ESH6 between its fills: no prices were given (--prices)",
    )


def test_price_files_without_a_price_are_not_told_as_no_files() -> None:
    rows = TickStream("ticks of a test", iter([]), {"left out, crossed": 2})
    assert summary(run(days_of(40), rows)).unjudged == (
        "open profit of ESH6 between its fills: the price files hold no prices that can be used",
    )


def test_a_year_without_releases_is_said_under_a_news_rule() -> None:
    at = chicago("2025-03-04 10:00:00")
    sheet = Sheet().fill(at, 1).fill(at + MINUTE, -1)
    stage = evaluation(news=News(60, 60, "no_execution", {"CPI": ("*",)}))
    assert any(line.startswith("the news rule in 2025") for line in summary(run(sheet, stage=stage)).unjudged)
    assert not any(line.startswith("the news rule") for line in summary(run(days_of(40), stage=stage)).unjudged)


def test_notes_say_how_each_file_was_read_and_what_was_left_out() -> None:
    rows = TickStream("ticks of a test", iter([tick(TUESDAY, PRICE)]), {"left out, crossed": 1, "late": 3})
    report = summary(run(Sheet().fill(TUESDAY, 1), rows))
    assert report.notes[:4] == (
        "history history.csv: read as a sheet, 1 execution",
        "prices prices-0: read as ticks of a test",
        "prices prices-0: 3 rows late",
        "prices prices-0: 1 row left out, crossed",
    )
    assert report.subject.price_files == ("prices-0",)


def test_an_optional_daily_limit_that_is_off_is_said() -> None:
    optional = DailyLoss(Size(amount=usd("1000")), optional=True)
    assert any("--daily-loss" in note for note in report_of(days_of(40), daily_loss=optional).notes)
    forced = replace(optional, optional=False)
    assert not any("--daily-loss" in note for note in report_of(days_of(40), daily_loss=forced).notes)


def test_the_subject_names_program_stage_and_every_version_that_the_verdict_rests_on() -> None:
    subject = report_of(days_of(40)).subject
    assert (subject.program, subject.version, subject.stage) == ("desk-50k", 1, "evaluation")
    assert len(subject.fingerprint) == 64
    assert all((subject.calendar_version, subject.news_version, subject.contracts_version))
    assert (subject.method, subject.reading, subject.zone) == ("average", "adverse", "America/Chicago")


def test_times_are_told_in_the_programs_own_zone() -> None:
    prague = Clock("Europe/Prague", time(0), time(0), calendar="civil")
    report = summary(run(Sheet().fill(TUESDAY, 1).fill(TUESDAY + SECOND, -1, PRICE - 200), clock=prague))
    assert report.headline == "Breached: maximum loss on 3 March 2026 17:00:01 CET"


def test_the_same_run_gives_the_same_report() -> None:
    one, other = (run(days_of(40, -20, 80), stage=evaluation(TRAIL)) for _ in range(2))
    assert summary(one) == summary(one) == summary(other)


def test_a_stage_that_passes_at_the_snapshot_passes_then() -> None:
    stage: Stage = evaluation(TRAIL, target=Target(Size(amount=usd("3000"))), on_pass=OnPass(at="eod"))
    assert summary(run(days_of(240), stage=stage)).headline == "Passed on 3 March 2026 16:00:00 CT"


@pytest.mark.parametrize(("pause", "unit"), [(2 * MINUTE, "minute"), (65 * SECOND, "second")])
def test_a_history_that_tells_time_more_coarsely_than_its_ticks_says_so(pause: int, unit: str) -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + pause, -1)
    ticks = [tick(TUESDAY + n * SECOND // 2, PRICE) for n in range(300)]
    report = summary(run(sheet, ticks))
    assert report.doubts == ()
    assert (
        f"the history tells time to the {unit}: prices of an execution's own {unit} may lie on either side of it"
        in (report.notes)
    )
    assert "tells time" not in " ".join(summary(run(sheet)).notes)


def test_a_history_with_milliseconds_is_in_no_doubt_about_its_times() -> None:
    sheet = Sheet().fill(TUESDAY + 1_000_000, 1).fill(TUESDAY + SECOND, -1)
    assert summary(run(sheet, [tick(TUESDAY, PRICE), tick(TUESDAY + SECOND, PRICE)])).doubts == ()


def test_prices_of_a_contract_that_was_not_traded_are_told_as_not_used() -> None:
    ticks = [tick(TUESDAY, PRICE), tick(TUESDAY, PRICE, symbol="GCJ6")]
    assert (
        "prices of GCJ6 were not used: the history has executions in ESH6"
        in summary(run(Sheet().fill(TUESDAY, 1), ticks)).notes
    )


def test_executions_in_closed_hours_ask_whether_the_zone_is_right() -> None:
    """The pause between 16:00 and 17:00 Chicago time; a whole history in it was read in the wrong zone."""
    shut = chicago("2026-03-03 16:30:00")
    report = summary(run(Sheet().fill(shut, 1).fill(shut + MINUTE, -1)))
    (note,) = [one for one in report.notes if "closed" in one]
    assert note == (
        "2 executions at times when the exchange is closed, first in row 2: is the time zone right (--zone)?"
    )
    assert not any("closed" in one for one in report_of(days_of(40)).notes)


def test_consistency_against_the_target_asks_for_no_larger_total() -> None:
    stands = conditions(
        days_of(80),
        target=Target(Size(amount=usd("3000"))),
        consistency=Consistency(cap=Ppm(300_000), denominator="target"),
    )
    assert stands["consistency"] == (False, "best day 1,000.00 against a target of 3,000.00, at most 30 %")


def test_bars_read_in_favour_without_bars_are_said_to_change_nothing() -> None:
    assert any("changed nothing" in note for note in summary(run(days_of(40), reading="favourable")).notes)
    assert not any("changed nothing" in note for note in report_of(days_of(40)).notes)


def test_an_account_past_its_day_floor_is_said_to_be_below_it() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + SECOND, -1, PRICE - 88)
    locking = DailyLoss(Size(amount=usd("1000")), outcome="lock_day")
    sheet.fill(TUESDAY + 2 * SECOND, 1, PRICE)
    assert "is 100.00 below the nearest floor" in report_of(sheet, daily_loss=locking).reason


# -- the curve --


def test_the_curve_begins_with_the_account_as_it_was_before_its_first_floor_moved() -> None:
    prices = [tick(TUESDAY, PRICE), tick(TUESDAY + SECOND, PRICE + 10)]
    curve = summary(run(Sheet().fill(TUESDAY, 1), prices, stage=evaluation(intraday()))).curve
    assert (curve[0].at, curve[0].close, curve[0].floor) == (TUESDAY, usd("50000"), usd("48000"))
    assert (curve[1].high, curve[1].floor) == (usd("50125"), usd("48125"))


def test_however_long_the_curve_its_beginning_stays_alone() -> None:
    prices = [tick(TUESDAY + n * MINUTE, PRICE + n % 7) for n in range(CURVE_POINTS_MAX + 2)]
    curve = summary(run(Sheet().fill(TUESDAY, 1), prices, stage=evaluation(intraday()))).curve
    assert len(curve) <= CURVE_POINTS_MAX
    assert (curve[0].at, curve[0].floor) == (TUESDAY, usd("48000"))


# -- after the end --


def test_once_the_stage_has_ended_nothing_is_left_to_go() -> None:
    rules = {"target": Target(Size(amount=usd("1000"))), "daily_loss": DailyLoss(Size(amount=usd("500")))}
    standing = report_of(days_of(80, -20), **rules).standing
    assert standing.ended_at == chicago("2026-03-03 10:01:00")
    assert (standing.to_floor, standing.to_target, standing.day_floor, standing.to_day_floor) == (None,) * 4
    assert standing.conditions == ()
    assert (standing.target, standing.equity) == (usd("1000"), usd("50750"))


def test_a_lesser_hit_of_the_event_that_ended_the_stage_says_that_it_no_longer_matters() -> None:
    daily = DailyLoss(Size(amount=usd("500")), outcome="lock_day")
    prices = [tick(TUESDAY, PRICE), tick(TUESDAY + SECOND, PRICE - 161)]
    report = summary(run(Sheet().fill(TUESDAY, 1), prices, stage=evaluation(daily_loss=daily)))
    first, second = (entry.text for entry in report.timeline if isinstance(entry.finding, Hit))
    assert first.endswith("the account is breached")
    assert second.endswith("no longer matters, the stage has ended")
    assert "locked until" not in second


# -- as if the platform had not acted --

ACTS = "the history goes on as if the platform had not acted: "


def test_a_pass_on_a_position_that_was_to_be_closed_is_told_with_reservations() -> None:
    daily = DailyLoss(Size(amount=usd("500")), outcome="lock_day")
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + 4 * MINUTE, -1, PRICE + 80)
    prices = [tick(TUESDAY, PRICE), tick(TUESDAY + MINUTE, PRICE - 40), tick(TUESDAY + 4 * MINUTE, PRICE + 80)]
    target = Target(Size(amount=usd("1000")))
    report = summary(run(sheet, prices, stage=evaluation(daily_loss=daily, target=target)))
    assert report.headline == "Passed on 3 March 2026 10:04:00 CT, with reservations"
    assert report.reservations == (
        (
            f"{ACTS}1 fill (ESH6 on 3 March 2026 10:04:00 CT) rests on positions that the rules would have closed or"
            " refused"
        ),
    )


def test_a_pass_on_an_order_above_the_maximum_is_told_with_reservations() -> None:
    sheet = Sheet().fill(TUESDAY, 30).fill(TUESDAY + MINUTE, -30, PRICE + 4)
    target = Target(Size(amount=usd("1000")))
    report = summary(run(sheet, stage=evaluation(position=PositionLimit(Ppm(3_000_000)), target=target)))
    assert report.verdict == "passed"
    assert report.reservations == (
        (
            f"{ACTS}2 fills (first ESH6 on 3 March 2026 10:00:00 CT) rest on positions that the rules would have closed"
            " or refused"
        ),
    )


def test_a_breach_by_a_price_on_a_position_that_was_to_be_closed_is_told_with_reservations() -> None:
    daily = DailyLoss(Size(amount=usd("500")), outcome="lock_day")
    prices = [tick(TUESDAY, PRICE), tick(TUESDAY + SECOND, PRICE - 40), tick(TUESDAY + 2 * MINUTE, PRICE - 161)]
    report = summary(run(Sheet().fill(TUESDAY, 1), prices, stage=evaluation(daily_loss=daily)))
    assert report.headline == "Breached: maximum loss on 3 March 2026 10:02:00 CT, with reservations"
    assert report.reservations == (
        f"{ACTS}the verdict rests on a position that the rules would have closed or refused",
    )


def test_a_verdict_over_a_hole_in_the_prices_is_told_with_reservations() -> None:
    sheet = Sheet().fill(TUESDAY, 1).fill(TUESDAY + 60 * MINUTE, -1)
    report = summary(run(sheet, [tick(TUESDAY, PRICE), tick(TUESDAY + 60 * MINUTE, PRICE)]))
    assert report.reservations == (
        "for 1 hour of trading a position was open and no prices of it came: nothing was judged then",
    )


def test_an_ordinary_history_has_no_reservations() -> None:
    report = report_of(days_of(80, 80, 80), target=Target(Size(amount=usd("3000"))))
    assert report.reservations == ()
    assert "reservations" not in report.headline

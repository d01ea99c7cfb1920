"""The shipped example on the shipped prices: what each firm would have said, and that a second hand says the same."""

import subprocess
import sys
from dataclasses import replace as changed
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from propfirm.application.simulation.report import Report
from propfirm.application.simulation.run import Simulated
from propfirm.application.simulation.summary import summary
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.money import Micros, exact
from propfirm.domain.rules.findings import Hit, Passed
from tests.integration.simulation.plain_week import Terms, Week, judged
from tests.integration.simulation.shipped import HISTORY, PRICES, simulated

ROOT: Final = Path(__file__).parents[3]
EARN2TRADE: Final = Terms(2_000, lock=50_000, touch=False, daily=1_100, daily_ends_it=True, cap=Decimal("0.3"))
APEX_INTRADAY: Final = Terms(2_000, mode="intraday")
FIRMS: Final = {
    "topstep-50k": Terms(2_000, lock=50_000, touch=False, cap=Decimal("0.5")),
    "apex-eod-50k": Terms(2_000, daily=1_000),
    "apex-intraday-50k": APEX_INTRADAY,
    "bulenox-1-50k": Terms(2_500, mode="intraday"),
    "earn2trade-50k": EARN2TRADE,
    "tradeify-growth-50k": Terms(2_000, daily=1_250),
    "tpt-50k": Terms(2_000, lock=50_000),
    "alpha-zero-50k": Terms(2_000, lock=50_000, daily=1_000, days=3),
    "propfirm-2step-50k": Terms(4_000, mode="static", daily=2_000, target=4_000, days=4, cap=Decimal("0.4")),
    "propfirm-1step-25k": Terms(
        2_000, start=25_000, lock=25_000, daily=1_000, target=2_000, days=5, cap=Decimal("0.4")
    ),
    "ftmo-2step-100k": Terms(
        10_000,
        start=100_000,
        mode="static",
        touch=False,
        daily=5_000,
        daily_touch=False,
        daily_ends_it=True,
        target=10_000,
    ),
}
"""As the firms publish them: drawdown, lock, comparison, daily limit, target, days, consistency."""


@cache
def week_of(firm: str) -> tuple[Simulated, Report, Week]:
    run = simulated(firm)
    return run, summary(run), judged(FIRMS[firm], HISTORY, PRICES)


def usd(amount: int) -> Decimal:
    return Decimal(exact(Micros(amount)))


def dollars(amount: Micros | None) -> Decimal | None:
    return None if amount is None else usd(amount)


def decision(run: Simulated) -> tuple[datetime, Decimal, Decimal] | None:
    """When, and the two figures that met: equity and floor, or profit and target."""
    for one in run.account.findings:
        if isinstance(one, Hit) and one.decided and one.outcome == "fail":
            return (
                from_ns(one.at),
                Decimal(exact(Micros(one.evidence.actual))),
                Decimal(exact(Micros(one.evidence.limit))),
            )
        if isinstance(one, Passed):
            return from_ns(one.at), usd(one.profit), usd(one.target)
    return None


# -- the verdicts --


@pytest.mark.parametrize(
    ("firm", "headline", "reason"),
    [
        (
            "topstep-50k",
            "Still open: neither breached nor passed",
            "equity 52,730.40 is 2,730.40 above the nearest floor; still missing: profit target, consistency",
        ),
        (
            "apex-eod-50k",
            "Passed on 10 October 2013 16:01:00 ET, with reservations",
            (
                "10 October 2013 16:01:00 ET: passed: closed profit 3,108.80 against a target of 3,000.00, every"
                " condition met"
            ),
        ),
        (
            "apex-intraday-50k",
            "Breached: maximum loss on 8 October 2013 15:47:30 ET",
            (
                "8 October 2013 15:47:30 ET: equity 49,710.00 fell below the floor 49,893.60 set on"
                " 8 October 2013 12:35:30 ET by the equity high 51,893.60: the account is breached"
            ),
        ),
        (
            "earn2trade-50k",
            "Breached: daily loss limit on 7 October 2013 09:01:30 CT",
            (
                "7 October 2013 09:01:30 CT: equity 48,833.20 fell below the day's floor (daily loss limit)"
                " 48,900.00 set on 4 October 2013 17:00:00 CT from the day's reference 50,000.00: the account"
                " is breached"
            ),
        ),
        (
            "tradeify-growth-50k",
            "Passed on 10 October 2013 16:01:00 ET, with reservations",
            (
                "10 October 2013 16:01:00 ET: passed: closed profit 3,108.80 against a target of 3,000.00, every"
                " condition met"
            ),
        ),
        (
            "propfirm-2step-50k",
            "Still open: neither breached nor passed",
            "equity 52,730.40 is 2,000.00 above the nearest floor; still missing: profit target, consistency",
        ),
        (
            "propfirm-1step-25k",
            "Still open: neither breached nor passed, with reservations",
            "equity 27,730.40 is 1,000.00 above the nearest floor; still missing: consistency",
        ),
        (
            "ftmo-2step-100k",
            "Still open: neither breached nor passed",
            "equity 102,730.40 is 5,000.00 above the nearest floor; still missing: profit target",
        ),
    ],
)
def test_the_report_begins_with_the_verdict_and_its_figures(firm: str, headline: str, reason: str) -> None:
    _, report, _ = week_of(firm)
    assert (report.headline, report.reason) == (headline, reason)


@pytest.mark.parametrize("firm", FIRMS)
def test_cash_flows_in_decimals_come_to_the_same_verdict_at_the_same_instant_with_the_same_figures(firm: str) -> None:
    run, report, week = week_of(firm)
    assert report.verdict == week.verdict
    assert decision(run) == week.decided


@pytest.mark.parametrize("firm", FIRMS)
def test_the_day_table_is_what_the_cash_flows_give(firm: str) -> None:
    _, report, week = week_of(firm)
    told = [
        (
            row.day,
            dollars(row.start_balance),
            dollars(row.end_balance),
            dollars(row.equity_low),
            dollars(row.equity_high),
            dollars(row.floor),
        )
        for row in report.days
    ]
    assert told == [(day.label, day.start, day.end, day.low, day.high, day.floor) for day in week.days]
    judged_days = [day for day in week.days if week.decided is None or day.label <= week.decided[0].date()]
    for row, day in zip(report.days, judged_days, strict=False):
        assert (dollars(row.day_floor), dollars(row.lowest_room)) == (day.day_floor, day.lowest_room)
    assert [row.fills for row in report.days] == [8, 8, 6, 8, 8]


@pytest.mark.parametrize("firm", FIRMS)
def test_days_are_locked_when_the_cash_flows_say_so(firm: str) -> None:
    run, _, week = week_of(firm)
    locks = [
        (from_ns(one.at), usd(one.evidence.actual))
        for one in run.account.findings
        if isinstance(one, Hit) and one.outcome == "lock_day"
    ]
    assert locks == week.locks


def test_the_floor_that_stood_when_the_trail_was_hit_is_told_with_its_origin() -> None:
    run, report, _ = week_of("apex-intraday-50k")
    (verdict,) = [entry for entry in report.timeline if entry.weight == "verdict"]
    assert isinstance(verdict.finding, Hit)
    evidence = verdict.finding.evidence
    assert exact(evidence.basis) == "51893.60"
    assert from_ns(evidence.set_at) == datetime(2013, 10, 8, 16, 35, 30, tzinfo=UTC)
    assert evidence.limit == evidence.basis - 2_000_000_000
    assert not verdict.doubt
    assert run.account.state.verdict == "breached"


def test_topstep_is_held_up_by_consistency_when_the_target_is_first_met() -> None:
    _, report, _ = week_of("topstep-50k")
    texts = [entry.text for entry in report.timeline if entry.weight == "milestone"]
    assert texts[0].endswith("is met with a closed profit of 3,108.80; still missing: consistency")
    conditions = {condition.gate: condition.text for condition in report.standing.conditions}
    assert conditions["consistency"] == (
        "best day 1,621.60 of 2,730.40 profit, at most 50 % (needs a total of 3,243.20)"
    )


def test_every_day_of_2013_says_that_there_is_no_holiday_data_but_on_a_civil_calendar() -> None:
    for firm in FIRMS:
        _, report, _ = week_of(firm)
        assert {row.holidays_known for row in report.days} == {firm.startswith("ftmo")}


def test_without_prices_the_same_week_says_what_it_could_not_judge() -> None:
    report = summary(simulated("apex-intraday-50k", prices=None))
    assert report.verdict == "passed"
    assert report.unjudged[0] == "open profit of ESZ13 between its fills: no prices were given (--prices)"
    assert report.counts["price_rows"] == 0


def test_the_favourable_reading_of_the_week_differs_in_nothing_that_decides() -> None:
    for firm in FIRMS:
        kind = simulated(firm, reading="favourable")
        run, _, _ = week_of(firm)
        assert decision(kind) == decision(run)


def test_the_second_hand_notices_a_rule_that_is_read_otherwise() -> None:
    """The comparison above can fail: with a limit twenty cents beyond that first low, another low would decide."""
    other = judged(changed(EARN2TRADE, daily=1_167), HISTORY, PRICES)
    assert other.decided != week_of("earn2trade-50k")[2].decided


# -- the files --


def test_the_tool_makes_the_shipped_history_byte_for_byte() -> None:
    made = subprocess.run([sys.executable, str(ROOT / "tools" / "make_example.py")], capture_output=True, check=True)
    assert made.stdout == HISTORY.read_bytes()


def test_every_fill_of_the_example_is_a_price_that_the_market_showed() -> None:
    """The run refuses any other; this one says which day each fill was on."""
    run, _, _ = week_of("topstep-50k")
    days = {from_ns(fill.at).date() for fill in run.history.fills}
    assert days == {date(2013, 10, day) for day in range(7, 12)}

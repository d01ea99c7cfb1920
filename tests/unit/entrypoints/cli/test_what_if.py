"""The words of an answer, from answers made by hand."""

from datetime import date

import pytest
from msgspec.structs import replace

from propfirm.application.simulation.what_if import Distances, Missing, PositionRoom, WhatIf
from propfirm.domain.catalogue.program import PctCap
from propfirm.domain.money import Cents, Micros, ratio, usd
from propfirm.domain.payouts.amount import Shares
from propfirm.domain.payouts.quote import After, Quote
from propfirm.domain.rules.floors import Levels
from propfirm.domain.rules.inquiry import TodayLeft
from propfirm.entrypoints.cli.what_if import _told
from tests.reports import still_open

DISTANCES = Distances(usd("2000"), None, None, None, ())
AFTER = After(
    levels=Levels(usd("50000"), usd("0"), usd("1000"), usd("0"), usd("2000"), 1),
    room=usd("1000"),
    breached=False,
    restarts=("cycle_profit", "qualifying_days"),
    follows="continues",
    next_day=date(2026, 3, 16),
    next_target=usd("2500"),
)
QUOTE = Quote(
    eligible=True,
    failing=(),
    available=Cents(100_000),
    least=Cents(10_000),
    limited_by="pct_cap",
    counts_for=date(2026, 3, 9),
    opens=date(2026, 3, 10),
    amount=Cents(50_000),
    shares=Shares(Cents(50_000), Cents(45_000), Cents(5_000), ()),
    after=AFTER,
)
CAP = PctCap(ratio("0.5"), "balance")
ANSWER = WhatIf(still_open(), DISTANCES, QUOTE, (), None, "", date(2026, 3, 18), CAP)


def told(answer: WhatIf) -> list[str]:
    return [line.strip() for line in _told(answer)]


def today(
    *, least: Micros | None = None, most: Micros | None = None, possible: bool = True, raises: bool = False
) -> TodayLeft:
    return TodayLeft(possible=possible, least=least, most=most, raises_target=raises)


def test_a_payout_that_is_possible_is_told_with_all_that_follows() -> None:
    text = told(ANSWER)
    assert text[text.index("A payout now") + 1 :] == [
        "possible: 500.00",
        "at most 1,000.00, limited by the cap of 50 % of the balance; at least 100.00",
        "split: 450.00 for the trader, 50.00 for the firm",
        "after it: balance 1,000.00, floor 0.00, 1,000.00 above it",
        "then the account goes on; begins again: cycle profit, qualifying days",
        "the next payout asks for a balance of 2,500.00",
        "the next one is possible from 2026-03-18",
        "a request now counts for 2026-03-09",
        "payouts open on 2026-03-10",
    ]


def test_a_payout_that_misses_something_says_what_and_how() -> None:
    missing = (Missing("qualifying_days", "End 4 more days with a profit of at least 150.00."),)
    text = told(replace(ANSWER, quote=replace(QUOTE, eligible=False), missing=missing))
    assert "not possible now: 500.00" in text
    assert "qualifying days: End 4 more days with a profit of at least 150.00." in text


def test_a_payout_that_would_breach_says_so() -> None:
    after = replace(
        AFTER, breached=True, room=usd("-1"), restarts=(), next_day=None, next_target=None, follows="closes"
    )
    text = told(replace(ANSWER, quote=replace(QUOTE, after=after)))
    assert "after it: balance 1,000.00, floor 0.00, 1.00 below it" in text
    assert "after it the account would be breached: it will be refused" in text
    assert "then the account closes" in text


def test_nothing_to_pay_has_no_split_and_nothing_after_it() -> None:
    quote = replace(QUOTE, eligible=False, amount=Cents(0), limited_by=None, opens=None, shares=None, after=None)
    text = told(replace(ANSWER, quote=quote))
    assert "at most 1,000.00; at least 100.00" in text
    assert not any(line.startswith(("split", "after", "payouts open")) for line in text)


def test_a_stage_that_pays_nothing_says_which_does() -> None:
    text = told(replace(ANSWER, quote=None, note="the stage combine pays nothing; xfa does (--stage)"))
    assert text[-2:] == ["A payout now", "(the stage combine pays nothing; xfa does (--stage))"]


def test_every_distance_is_told() -> None:
    positions = (PositionRoom("ESZ23", 2, 80, "1657.00"), PositionRoom("GCZ23", -1, 3, "1321.3"))
    distances = Distances(usd("2000"), usd("-5"), usd("750.50"), today(most=usd("120")), positions)
    text = told(replace(ANSWER, distances=distances))
    assert text[: text.index("A payout now") - 1] == [
        "",
        "How far",
        "to a breach: 2,000.00 above the maximum-loss floor",
        "to the daily limit: 5.00 below the day floor",
        "to the target: 750.50 to go",
        "today may still earn 120.00 within the consistency rule",
        "open, 2 long ESZ23: 80 ticks against it, to 1657.00, reach the nearest floor",
        "open, 1 short GCZ23: 3 ticks against it, to 1321.3, reach the nearest floor",
    ]


def test_a_target_that_is_reached_says_so() -> None:
    assert "to the target: reached" in told(replace(ANSWER, distances=replace(DISTANCES, to_target=usd("0"))))


@pytest.mark.parametrize(
    ("left", "line"),
    [
        (today(least=usd("-5"), most=usd("120")), "today may still earn 120.00 within the consistency rule"),
        (today(least=usd("-5"), most=usd("-120")), "today earned 120.00 more than the consistency rule carries"),
        (today(least=usd("5")), "today must still earn 5.00 for the consistency rule"),
        (
            today(least=usd("5"), most=usd("120")),
            "today must still earn 5.00 and may earn 120.00 for the consistency rule",
        ),
        (today(most=usd("2666.666666")), "today may still earn 2,666.66 within the consistency rule"),
        (today(least=usd("2666.666667")), "today must still earn 2,666.67 for the consistency rule"),
        (today(least=usd("0")), "today may earn any amount within the consistency rule"),
        (today(possible=False), "no profit of today alone meets the consistency rule: it takes other days"),
        (
            today(most=usd("120"), raises=True),
            "today may still earn 120.00 before the consistency rule raises the target",
        ),
        (
            today(most=usd("-120"), raises=True),
            "today has raised the target: it earned 120.00 more than the consistency rule carries",
        ),
    ],
)
def test_what_today_may_still_bring_is_told_in_a_sentence(left: TodayLeft, line: str) -> None:
    assert line in told(replace(ANSWER, distances=replace(DISTANCES, today=left)))


def test_of_an_account_that_is_over_only_that_is_told() -> None:
    note = "the account was breached: the stage xfa is over and pays nothing more"
    assert told(replace(ANSWER, distances=None, quote=None, note=note)) == [
        "",
        "The account was breached: the stage xfa is over and pays nothing more.",
    ]

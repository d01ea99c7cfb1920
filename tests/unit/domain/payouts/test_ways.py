from datetime import date

import pytest

from propfirm.domain.money import Cents, Micros, usd
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
    sentence,
)


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (HandIn("kyc"), "Verify your identity."),
        (HandIn("contract"), "Sign the trader contract."),
        (HandIn("tax_form"), "Hand in the tax form (W-9 or W-8BEN)."),
        (Await("request"), "Wait for the decision on your open request."),
        (Await("review"), "Wait for the review of your account."),
        (Await("release"), "Wait until the firm releases the account."),
        (GoFlat(), "Close all positions."),
        (WaitUntil(date(2026, 3, 4)), "Ask on 2026-03-04."),
        (TradeThenWait(14), "Make the first trade, then wait 14 days."),
        (TradeThenWait(1), "Make the first trade, then wait 1 day."),
        (TradeDays(1), "Trade on 1 more day."),
        (TradeDays(3), "Trade on 3 more days."),
        (QualifyDays(2, usd("150")), "End 2 more days with a profit of at least 150.00."),
        (QualifyDays(1, None), "Have 1 more qualifying day."),
        (Earn(usd("1250")), "Earn 1,250.00 more."),
        (Earn(Micros(10_001)), "Earn 0.02 more."),
        (Earn(usd("1250"), usd("2900"), 1), "Earn 1,250.00 more, no day above 2,900.00: at least 1 day."),
        (Earn(usd("5"), Micros(2_009_999), 3, "trade"), "Earn 5.00 more, no trade above 2.00: at least 3 trades."),
        (HoldTrades(1, 10), "Close 1 more trade held longer than 10 s."),
        (HoldTrades(4, 10), "Close 4 more trades held longer than 10 s."),
        (EarnHolding(usd("99.995"), 5), "Earn 100.00 more in trades held longer than 5 s."),
        (AskFor(Cents(1_500_00)), "Ask for 1,500.00."),
        (NoWay("all its payouts have been made"), "Not possible on this account: all its payouts have been made."),
    ],
)
def test_every_way_can_be_said_in_a_sentence(way: Way, words: str) -> None:
    assert sentence(way) == words

"""A funded 50K account to ask payouts of: only what a test is about needs to be said."""

from datetime import date
from typing import Any

from propfirm.domain.catalogue.program import MaxLoss, PayoutTerms, Size, Split, SplitStep, Stage
from propfirm.domain.money import Micros, Ppm, ratio, usd
from propfirm.domain.payouts.standing import Papers, Standing
from propfirm.domain.rules.floors import Levels

MONDAY = date(2026, 3, 2)
FILED = Papers()


def flat_split(rate: str) -> Split:
    return Split("flat", (SplitStep(0, ratio(rate)),))


def steps(*pairs: tuple[int, str]) -> tuple[SplitStep, ...]:
    return tuple(SplitStep(start, ratio(rate)) for start, rate in pairs)


def funded(loss: dict[str, Any] | None = None, rules: dict[str, Any] | None = None, **terms: Any) -> Stage:
    """A static floor 2,000 below the start, 90 % to the trader, and nothing else in the way."""
    max_loss = MaxLoss(**{"mode": "static", "size": Size(amount=usd("2000")), **(loss or {})})
    payout = PayoutTerms(**{"split": flat_split("0.9"), **terms})
    return Stage("funded", "sim_funded", max_loss, payout=payout, **(rules or {}))


def terms_of(stage: Stage) -> PayoutTerms:
    assert stage.payout is not None
    return stage.payout


def account(profit: str = "3000", **known: Any) -> Standing:
    """An account that has earned this profit. start, floor, hwm and payouts are those of its levels."""
    earned = usd(profit)
    start = usd(known.pop("start", "50000"))
    withdrawn = usd(known.pop("withdrawn", "0"))
    balance = Micros(start + earned - withdrawn)
    floor = usd(known.pop("floor", "48000"))
    hwm = usd(known.pop("hwm")) if "hwm" in known else balance
    levels = Levels(usd("50000"), start, balance, floor, hwm, known.pop("payouts", 0))
    facts: dict[str, Any] = {
        "levels": levels,
        "equity": balance,
        "today": MONDAY,
        "opened_on": date(2026, 1, 5),
        "profit": earned,
        "withdrawn": withdrawn,
        "cycle_profit": earned,
        "window_profit": earned,
        "first_trade_day": date(2026, 1, 6),
        **{name: usd(value) if isinstance(value, str) else value for name, value in known.items()},
    }
    return Standing(**facts)


HALF = Ppm(500_000)

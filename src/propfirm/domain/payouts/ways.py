"""The shortest way to meet a condition that a payout still misses: what to do, in figures, and in a sentence."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias, assert_never

from msgspec import Struct

from propfirm.domain.money import Cents, Micros, from_cents, show, show_least, show_most

Paper: TypeAlias = Literal["kyc", "contract", "tax_form"]


class HandIn(Struct, frozen=True, tag="hand_in"):
    """A paper has to be handed in and accepted."""

    paper: Paper


class Await(Struct, frozen=True, tag="await"):
    """People decide first: an open request, a review, or the hold on the account."""

    decision: Literal["request", "review", "release"]


class GoFlat(Struct, frozen=True, tag="go_flat"):
    """Close every position."""


class WaitUntil(Struct, frozen=True, tag="wait_until"):
    """Ask on this day."""

    day: date


class TradeThenWait(Struct, frozen=True, tag="trade_then_wait"):
    """The days count from the first trade, which is still to come."""

    days: int


class TradeDays(Struct, frozen=True, tag="trade_days"):
    """This many more days with at least one execution."""

    days: int


class QualifyDays(Struct, frozen=True, tag="qualify_days"):
    """This many more days that end with at least this profit. None: the stage does not say how much."""

    days: int
    min_profit: Micros | None


class Earn(Struct, frozen=True, tag="earn"):
    """This much more closed profit. most: no single day (or trade) may bring more; pieces: how many it takes then."""

    amount: Micros
    most: Micros | None = None
    pieces: int = 1
    unit: Literal["day", "trade"] = "day"


class HoldTrades(Struct, frozen=True, tag="hold_trades"):
    """This many more trades, each held longer than so many seconds."""

    trades: int
    seconds: int


class EarnHolding(Struct, frozen=True, tag="earn_holding"):
    """This much more profit from trades held longer than so many seconds."""

    amount: Micros
    seconds: int


class AskFor(Struct, frozen=True, tag="ask_for"):
    """Ask for this amount instead: the nearest one that may be paid."""

    amount: Cents


class NoWay(Struct, frozen=True, tag="no_way"):
    """Nothing the trader does on this account meets it. why: in a few words."""

    why: str


Way: TypeAlias = (
    HandIn
    | Await
    | GoFlat
    | WaitUntil
    | TradeThenWait
    | TradeDays
    | QualifyDays
    | Earn
    | HoldTrades
    | EarnHolding
    | AskFor
    | NoWay
)

_PAPERS: dict[Paper, str] = {
    "kyc": "Verify your identity",
    "contract": "Sign the trader contract",
    "tax_form": "Hand in the tax form (W-9 or W-8BEN)",
}
_DECISIONS: dict[str, str] = {
    "request": "Wait for the decision on your open request",
    "review": "Wait for the review of your account",
    "release": "Wait until the firm releases the account",
}


def sentence(way: Way) -> str:
    """For the trader. Amounts to the cent, rounded so that following the words is enough."""
    match way:
        case HandIn(paper):
            return f"{_PAPERS[paper]}."
        case Await(decision):
            return f"{_DECISIONS[decision]}."
        case GoFlat():
            return "Close all positions."
        case WaitUntil(day):
            return f"Ask on {day:%Y-%m-%d}."
        case TradeThenWait(days):
            return f"Make the first trade, then wait {_count(days, 'day')}."
        case TradeDays(days):
            return f"Trade on {_count(days, 'more day')}."
        case QualifyDays(days, min_profit):
            if min_profit is None:
                return f"Have {_count(days, 'more qualifying day')}."
            return f"End {_count(days, 'more day')} with a profit of at least {show_least(min_profit)}."
        case Earn(amount, most, pieces, unit):
            if most is None:
                return f"Earn {show_least(amount)} more."
            return (
                f"Earn {show_least(amount)} more, no {unit} above {show_most(most)}: at least {_count(pieces, unit)}."
            )
        case HoldTrades(trades, seconds):
            return f"Close {_count(trades, 'more trade')} held longer than {seconds} s."
        case EarnHolding(amount, seconds):
            return f"Earn {show_least(amount)} more in trades held longer than {seconds} s."
        case AskFor(amount):
            return f"Ask for {show(from_cents(amount))}."
        case NoWay(why):
            return f"Not possible on this account: {why}."
        case _:
            assert_never(way)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"

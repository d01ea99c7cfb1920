"""``propfirm what-if``: where an account stands, and what a payout now would do to it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

import msgspec

from propfirm.application.printable import printable
from propfirm.application.simulation.json import plain
from propfirm.application.simulation.what_if import Distances, WhatIf, WhatIfRequest
from propfirm.domain.money import Cents, Micros, from_cents, show, show_exact, show_least, show_most, show_rate
from propfirm.domain.payouts.quote import After, Quote
from propfirm.domain.rules.inquiry import TodayLeft
from propfirm.entrypoints.cli import exits, values
from propfirm.entrypoints.cli.simulation import SimulationArguments, add_arguments, request_of

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container

DESCRIPTION: Final = """\
Say where an account stands at the end of its history: how far to each floor and
to the target, and what a payout now would do: whether it is allowed, the split,
the floor and the room that it leaves, and when the next one is possible.
"""
EPILOG: Final = """\
examples:
  propfirm what-if fills.csv --program topstep-50k
  propfirm what-if fills.csv --program topstep-50k --stage xfa --payout 1500
"""
INDENT: Final = "  "
FOLLOWS: Final = {
    "continues": "the account goes on",
    "closes": "the account closes",
    "next_stage": "the next stage begins",
}
LIMITS: Final = {
    "profit": "the profit that may leave the account",
    "amount_cap": "the largest amount of one payout",
    "trader_cap": "the largest share of the trader",
    "room": "the room above the floor that must be left",
}


class Arguments(SimulationArguments):
    payout: Cents | None


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    add_arguments(parser)
    parser.add_argument(
        "--payout", metavar="USD", type=values.cents, help="gross amount to take now; default: the most on offer"
    )
    parser.add_argument("--json", action="store_true", help="for machines, on standard output")
    parser.set_defaults(run=run)


def run(arguments: Arguments, container: Container) -> int:
    request = WhatIfRequest(request_of(arguments, container), arguments.payout)
    answer = container.what_if()(request, container.progress(sys.stderr))
    if arguments.json:
        sys.stdout.write(f"{msgspec.json.encode(_for_machines(answer)).decode()}\n")
        return exits.OK
    container.terminal(sys.stdout).verdict(answer.report)
    for line in _told(answer):
        print(printable(line))
    return exits.OK


def _for_machines(answer: WhatIf) -> dict[str, object]:
    """As the report spells it, without days, timeline and curve: ``simulate --json`` has them."""
    report = answer.report
    return {
        "subject": plain(report.subject),
        "verdict": report.verdict,
        "headline": report.headline,
        "reason": report.reason,
        "reservations": list(report.reservations),
        "standing": plain(report.standing),
        "distances": None if answer.distances is None else plain(answer.distances),
        "quote": None if answer.quote is None else plain(answer.quote),
        "missing": [plain(one) for one in answer.missing],
        "next_day": answer.next_day,
        "following_day": answer.following_day,
        "note": answer.note,
    }


def _told(answer: WhatIf) -> Iterator[str]:
    yield ""
    if answer.distances is None:
        yield _sentence(answer.note)
        return
    yield "How far"
    yield from (INDENT + line for line in _distances(answer.distances))
    yield ""
    yield "A payout now"
    if answer.quote is not None:
        yield from (INDENT + line for line in _payout(answer.quote, answer))
    if answer.note:
        yield f"{INDENT}({answer.note})"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _distances(distances: Distances) -> Iterator[str]:
    yield f"to a breach: {_room(distances.to_floor)} the maximum-loss floor"
    if distances.to_day_floor is not None:
        yield f"to the daily limit: {_room(distances.to_day_floor)} the day floor"
    if distances.to_target is not None:
        missing = f"{show_least(distances.to_target)} to go" if distances.to_target else "reached"
        yield f"to the target: {missing}"
    if distances.today is not None:
        yield _today(distances.today)
    for one in distances.positions:
        side = "long" if one.quantity > 0 else "short"
        place = f"{abs(one.quantity)} {side} {one.symbol}"
        yield f"open, {place}: {one.ticks} ticks against it, to {one.price}, reach the nearest floor"


def _today(today: TodayLeft) -> str:
    least, most = today.least or Micros(0), today.most
    if not today.possible:
        return "no profit of today alone meets the consistency rule: it takes other days"
    if today.raises_target:
        if most is None or most >= 0:
            return f"today may still earn {show_most(most or Micros(0))} before the consistency rule raises the target"
        return (
            f"today has raised the target: it earned {show_least(Micros(-most))} more than the consistency rule carries"
        )
    if most is not None and most < 0:
        return f"today earned {show_least(Micros(-most))} more than the consistency rule carries"
    limit = "" if most is None else f" and may earn {show_most(most)}"
    if least > 0:
        return f"today must still earn {show_least(least)}{limit} for the consistency rule"
    if most is None:
        return "today may earn any amount within the consistency rule"
    return f"today may still earn {show_most(most)} within the consistency rule"


def _room(amount: Micros) -> str:
    return f"{show_most(amount)} above" if amount > 0 else f"{show_least(Micros(-amount))} below"


def _payout(quote: Quote, answer: WhatIf) -> Iterator[str]:
    yield f"{'possible' if quote.eligible else 'not possible now'}: {_usd(quote.amount)}"
    for one in answer.missing:
        yield f"{INDENT}{one.code.replace('_', ' ')}: {one.way}"
    yield f"at most {_usd(quote.available)}{_limit(quote, answer)}; at least {_usd(quote.least)}"
    if quote.shares is not None:
        yield f"split: {_usd(quote.shares.trader)} for the trader, {_usd(quote.shares.firm)} for the firm"
    if quote.after is not None:
        yield from _after(quote.after, answer.following_day)
    yield f"a request now counts for {quote.counts_for:%Y-%m-%d}"
    if quote.opens is not None:
        yield f"payouts open on {quote.opens:%Y-%m-%d}"


def _limit(quote: Quote, answer: WhatIf) -> str:
    cap = answer.pct_cap
    if quote.limited_by == "pct_cap" and cap is not None:
        return f", limited by the cap of {show_rate(cap.value)} of the {cap.base}"
    return f", limited by {LIMITS[quote.limited_by]}" if quote.limited_by in LIMITS else ""


def _after(after: After, following: date | None) -> Iterator[str]:
    levels = after.levels
    yield f"after it: balance {show(levels.balance)}, floor {show_exact(levels.floor)}, {_room(after.room)} it"
    if after.breached:
        yield "after it the account would be breached: it will be refused"
    restarts = f"; begins again: {', '.join(after.restarts).replace('_', ' ')}" if after.restarts else ""
    yield f"then {FOLLOWS[after.follows]}{restarts}"
    if after.next_target is not None:
        yield f"the next payout asks for a balance of {show_least(after.next_target)}"
    if following is not None:
        yield f"the next one is possible from {following:%Y-%m-%d}"


def _usd(amount: Cents) -> str:
    return show(from_cents(amount))

"""``propfirm verify``: everything that must always hold, looked at as a whole."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

from msgspec import Struct

from propfirm.application.ports.invariants import Invariant, Violation
from propfirm.application.ports.payments import Counterparty, Silent
from propfirm.application.ports.progress import Progress
from propfirm.application.printable import printable
from propfirm.domain.errors import Refused
from propfirm.entrypoints.cli import exits
from propfirm.entrypoints.cli.answers import put
from propfirm.entrypoints.cli.firm import Looking, add_json, at_the_firm

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container

DESCRIPTION: Final = """\
Look at everything that must always hold: a line an invariant, with what was looked
at, and a line for each violation. Changes nothing, and may run beside a firm at
work. Exit 1 where something is violated.
"""
EPILOG: Final = """\
examples:
  propfirm verify
  propfirm verify --json
"""

LOOKED_AT: Final[Mapping[Invariant, str]] = {
    "transfers balance": "every transfer of the ledger",
    "nobody owes the firm": "every balance of a trader",
    "payouts are booked": "every payout and its transfers",
    "payouts are paid once": "every payout and its attempts",
    "the bank agrees": "every payout at the bank, and the bank's own list",
    "purchases are booked": "every purchase and its transfers",
    "refunds are booked": "every refund and its transfers",
    "refunds are made once": "every refund and the provider's word on it",
    "the provider agrees": "every payment and refund at the provider, and its own list",
    "purchases are delivered once": "every purchase and its account",
    "nothing is stuck": "everything that waits, and since when",
    "histories are legal": "every purchase, account, appeal and payout, from its first event",
    "columns agree": "every column that a list or a lock goes by, and the value beside it",
    "versions stand": "every version of a program, as it was published, sold and traded",
    "roles are on record": "everybody of the staff, and who appointed them",
    "reviews are on record": "every review of a violation, and its reviewer",
    "verdicts stand alone": "every account that a verdict ended",
    "chains are whole": "every price and every entry of the journal, linked again",
    "verdicts derive again": "every run, from its journal alone",
    "figures derive again": "every trade, trading day, snapshot and figure, from the journal alone",
    "executions are journalled": "every execution, and the event that it became",
    "seals are whole": "every seal, with its leaves and its signature",
    "days are sealed": "every day that is over, an hour later",
}


@dataclass(eq=False)
class NobodyAnswers(Refused):
    """Nothing is known then: neither that everything holds nor that something does not."""

    code = "cli.nobody-answers"
    title = "The bank or the payment provider does not answer, so not everything can be looked at: try again"
    who: Counterparty

    def __str__(self) -> str:
        return f"The {self.who} does not answer, so not everything can be looked at: try again"


class InvariantView(Struct, frozen=True):
    invariant: Invariant
    looked_at: str
    violations: Sequence[Violation]


class VerifiedView(Struct, frozen=True):
    holds: bool
    invariants: Sequence[InvariantView]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    add_json(parser)
    parser.set_defaults(run=verify)


def verify(arguments: Looking, container: Container) -> int:
    progress: Progress = container.progress(sys.stderr)
    try:
        found: list[Violation] = at_the_firm(lambda firm: firm.verify()(progress))
    except Silent as silence:
        raise NobodyAnswers(silence.who) from silence
    finally:
        progress.end()
    view = VerifiedView(
        not found,
        [
            InvariantView(one, LOOKED_AT[one], [each for each in found if each.invariant == one])
            for one in get_args(Invariant)
        ],
    )
    put(view, _told(view), json=arguments.json)
    return exits.OK if view.holds else exits.FAILED


def _told(view: VerifiedView) -> Iterator[str]:
    width = max(len(one.invariant) for one in view.invariants)
    for one in view.invariants:
        says = f"{len(one.violations)} violated" if one.violations else "holds"
        yield f"{one.invariant:<{width}}  {says}  ({one.looked_at})"
        yield from (printable(f"  {each.subject}: {each.says}") for each in one.violations)

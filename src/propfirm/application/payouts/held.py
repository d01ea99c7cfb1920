"""What keeps the money of an approved payout still. What was claimed for the bank is past stopping.

A hold on the account, whatever its cause: its payouts wait and go on by themselves once it is lifted. An account that
was closed for misconduct, or because its purchase was reversed, and a person who is suspended or closed: until people
have decided what becomes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from propfirm.domain.errors import Conflict
from propfirm.domain.evaluation import states
from propfirm.domain.identity.people import Person

Stop: TypeAlias = states.HoldCause | Literal["misconduct", "purchase_reversed", "person_suspended", "person_closed"]


@dataclass(eq=False)
class MoneyHeld(Conflict):
    """stops: what keeps it still, the account's first."""

    code = "payout.held"
    title = "The money is kept still, and nothing moves it before that is over"
    stops: tuple[Stop, ...]


def stops(account: states.Account, owner: Person) -> tuple[Stop, ...]:
    """Empty: the money may leave."""
    return (*_of_account(account), *of_person(owner))


def of_person(owner: Person) -> tuple[Stop, ...]:
    match owner.situation:
        case "active":
            return ()
        case "suspended":
            return ("person_suspended",)
        case "closed":
            return ("person_closed",)


def _of_account(account: states.Account) -> tuple[Stop, ...]:
    match account:
        case states.Suspended() | states.Failed():
            return tuple(hold.cause for hold in account.holds)
        case states.Closed(cause="misconduct"):
            return ("misconduct",)
        case states.Closed(cause="purchase_reversed"):
            return ("purchase_reversed",)
        case _:
            return ()

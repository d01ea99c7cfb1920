"""Which entries each act of the firm makes.

::

    purchase paid      provider_clearing +   challenge_income  -
    purchase given up  refunds_given     +   refund_payable    -     paid for, and it cannot be given: owed back
    payment unwanted   provider_clearing +   refund_payable    -     paid again, or not our price: owed back
    refund returned    refund_payable    +   provider_clearing -     the provider sent it back
    payout approved    payout_expense    +   trader_payable    -     the firm owes the trader
    payout sent        trader_payable    +   in_transit        -     claimed for one attempt: nobody can claim it again
    payout confirmed   in_transit        +   bank              -     the money has left
    payout returned    in_transit        +   trader_payable    -     the bank refused: owed as before
    payout written off trader_payable    +   payout_expense    -     rejected after all: owed no more

Each in one currency: all but what is unwanted, and its refund, in the firm's own.
"""

from __future__ import annotations

from uuid import UUID

from propfirm.domain.ledger.accounts import LedgerAccount
from propfirm.domain.ledger.transfers import Entry
from propfirm.domain.money import Cents

INCOME = LedgerAccount("challenge_income")
REFUNDS = LedgerAccount("refunds_given")
EXPENSE = LedgerAccount("payout_expense")
IN_TRANSIT = LedgerAccount("in_transit")
BANK = LedgerAccount("bank")


def clearing(provider: str) -> LedgerAccount:
    return LedgerAccount("provider_clearing", provider)


def owed_to(trader: UUID) -> LedgerAccount:
    return LedgerAccount("trader_payable", str(trader))


def owed_back_to(buyer: UUID) -> LedgerAccount:
    return LedgerAccount("refund_payable", str(buyer))


def purchase_paid(provider: str, price: Cents) -> tuple[Entry, ...]:
    return _pair(clearing(provider), INCOME, price)


def purchase_given_up(buyer: UUID, price: Cents) -> tuple[Entry, ...]:
    return _pair(REFUNDS, owed_back_to(buyer), price)


def payment_unwanted(provider: str, buyer: UUID, amount: Cents) -> tuple[Entry, ...]:
    return _pair(clearing(provider), owed_back_to(buyer), amount)


def refund_returned(provider: str, buyer: UUID, amount: Cents) -> tuple[Entry, ...]:
    return _pair(owed_back_to(buyer), clearing(provider), amount)


def payout_approved(trader: UUID, share: Cents) -> tuple[Entry, ...]:
    return _pair(EXPENSE, owed_to(trader), share)


def payout_sent(trader: UUID, share: Cents) -> tuple[Entry, ...]:
    return _pair(owed_to(trader), IN_TRANSIT, share)


def payout_confirmed(share: Cents) -> tuple[Entry, ...]:
    return _pair(IN_TRANSIT, BANK, share)


def payout_returned(trader: UUID, share: Cents) -> tuple[Entry, ...]:
    return _pair(IN_TRANSIT, owed_to(trader), share)


def payout_written_off(trader: UUID, share: Cents) -> tuple[Entry, ...]:
    return _pair(owed_to(trader), EXPENSE, share)


def _pair(debit: LedgerAccount, credit: LedgerAccount, amount: Cents) -> tuple[Entry, ...]:
    return Entry(debit, amount), Entry(credit, Cents(-amount))

"""Which entries each act of the firm makes.

::

    purchase paid      provider_clearing +   challenge_income  -
    purchase refunded  refunds_given     +   provider_clearing -
    payout approved    payout_expense    +   trader_payable    -     the firm owes the trader
    payout sent        trader_payable    +   in_transit        -     claimed for one attempt: nobody can claim it again
    payout confirmed   in_transit        +   bank              -     the money has left
    payout returned    in_transit        +   trader_payable    -     the bank refused: owed as before
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


def purchase_paid(provider: str, price: Cents) -> tuple[Entry, ...]:
    return _pair(clearing(provider), INCOME, price)


def purchase_refunded(provider: str, amount: Cents) -> tuple[Entry, ...]:
    return _pair(REFUNDS, clearing(provider), amount)


def payout_approved(trader: UUID, share: Cents) -> tuple[Entry, ...]:
    return _pair(EXPENSE, owed_to(trader), share)


def payout_sent(trader: UUID, share: Cents) -> tuple[Entry, ...]:
    return _pair(owed_to(trader), IN_TRANSIT, share)


def payout_confirmed(share: Cents) -> tuple[Entry, ...]:
    return _pair(IN_TRANSIT, BANK, share)


def payout_returned(trader: UUID, share: Cents) -> tuple[Entry, ...]:
    return _pair(IN_TRANSIT, owed_to(trader), share)


def _pair(debit: LedgerAccount, credit: LedgerAccount, amount: Cents) -> tuple[Entry, ...]:
    return Entry(debit, amount), Entry(credit, Cents(-amount))

"""The chart of accounts: what the firm owns, owes, earns and spends.

An account is a kind and, where it is one person's or one provider's, an owner. Amounts are signed cents: a debit is
positive, a credit negative, so the balance of an asset or expense is normally positive and that of a liability or of
income normally negative.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal[
    "provider_clearing",
    "bank",
    "challenge_income",
    "refunds_given",
    "refund_payable",
    "payout_expense",
    "trader_payable",
    "in_transit",
]
Side: TypeAlias = Literal["asset", "liability", "income", "expense"]

SIDES: Final[dict[Kind, Side]] = {
    "provider_clearing": "asset",  # taken by a payment provider for us, not yet in our bank
    "bank": "asset",
    "challenge_income": "income",
    "refunds_given": "expense",  # income that was given up again: what was sold could not be given
    "refund_payable": "liability",  # payments of one buyer for which nothing is given, not yet sent back
    "payout_expense": "expense",  # the traders' shares
    "trader_payable": "liability",  # approved for one trader, not yet sent
    "in_transit": "liability",  # handed to the bank or provider, not yet confirmed
}


class LedgerAccount(Struct, frozen=True, order=True):
    """owner: the trader's or buyer's id, the provider's name, or "" where there is one account of the kind."""

    kind: Kind
    owner: str = ""

    @property
    def side(self) -> Side:
        return SIDES[self.kind]

    def __str__(self) -> str:
        return f"{self.kind}:{self.owner}" if self.owner else self.kind

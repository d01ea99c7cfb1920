"""The books: what a transfer must be, and what the accounts hold after many."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.ids import TransferId
from propfirm.domain.ledger import bookings
from propfirm.domain.ledger.accounts import SIDES
from propfirm.domain.ledger.transfers import Business, Entry, Transfer, Unbalanced, balances
from propfirm.domain.money import Cents

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN = UUID(int=1)
amounts = st.integers(1, 10**9).map(Cents)


def booked(business: Business, reference: str, entries: tuple[Entry, ...]) -> Transfer:
    return Transfer(TransferId(uuid5(ANN, business + reference)), NOON, business, reference, entries)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ((), "0 entries"),
        ((Entry(bookings.BANK, Cents(1)),), "1 entries"),
        ((Entry(bookings.BANK, Cents(0)), Entry(bookings.INCOME, Cents(0))), "an entry of zero"),
        ((Entry(bookings.BANK, Cents(5)), Entry(bookings.INCOME, Cents(-4))), "they sum to 1 cents"),
    ],
)
def test_a_transfer_that_does_not_balance_cannot_be_made(entries: tuple[Entry, ...], reason: str) -> None:
    with pytest.raises(Unbalanced) as refusal:
        booked("purchase_paid", "one", entries)
    assert refusal.value.reason == reason


@given(price=amounts, share=amounts)
def test_payouts_and_refunds_at_their_end_leave_nothing_owed_and_nothing_on_its_way(price: Cents, share: Cents) -> None:
    transfers = [
        booked("purchase_paid", "p", bookings.purchase_paid("sandbox", price)),
        booked("payout_approved", "q", bookings.payout_approved(ANN, share)),
        booked("payout_sent", "q:1", bookings.payout_sent(ANN, share)),
        booked("payout_returned", "q:1", bookings.payout_returned(ANN, share)),
        booked("payout_sent", "q:2", bookings.payout_sent(ANN, share)),
        booked("payout_confirmed", "q:2", bookings.payout_confirmed(share)),
        booked("payment_unwanted", "p:2", bookings.payment_unwanted("sandbox", ANN, share)),
        booked("refund_returned", "p:2", bookings.refund_returned("sandbox", ANN, share)),
        booked("purchase_given_up", "p:1", bookings.purchase_given_up(ANN, price)),
        booked("refund_returned", "p:1", bookings.refund_returned("sandbox", ANN, price)),
    ]
    held = balances(transfers)
    assert sum(held.values()) == 0
    assert held[bookings.owed_to(ANN)] == held[bookings.IN_TRANSIT] == held[bookings.clearing("sandbox")] == 0
    assert held[bookings.owed_back_to(ANN)] == 0
    assert held[bookings.BANK] == -share
    assert held[bookings.EXPENSE] == share
    assert held[bookings.INCOME] == -price
    assert held[bookings.REFUNDS] == price


def test_what_comes_in_another_currency_is_never_added_to_dollars() -> None:
    unwanted = bookings.payment_unwanted("sandbox", ANN, Cents(50))
    euros = Transfer(TransferId(ANN), NOON, "payment_unwanted", "p:1", unwanted, "EUR")
    dollars = booked("payment_unwanted", "p:2", bookings.payment_unwanted("sandbox", ANN, Cents(7)))
    assert balances([euros, dollars])[bookings.owed_back_to(ANN)] == -7
    assert balances([euros, dollars], "EUR")[bookings.owed_back_to(ANN)] == -50
    assert not euros.says_the_same_as(booked("payment_unwanted", "p:1", unwanted))


def test_the_same_act_told_again_says_the_same_and_another_amount_does_not() -> None:
    one = booked("purchase_paid", "p", bookings.purchase_paid("sandbox", Cents(100)))
    again = Transfer(TransferId(ANN), NOON, "purchase_paid", "p", tuple(reversed(one.entries)))
    assert one.says_the_same_as(again)
    assert not one.says_the_same_as(booked("purchase_paid", "p", bookings.purchase_paid("sandbox", Cents(101))))


def test_every_account_has_its_side_and_its_name() -> None:
    assert bookings.BANK.side == "asset"
    assert bookings.owed_to(ANN).side == "liability"
    assert str(bookings.owed_to(ANN)) == f"trader_payable:{ANN}"
    assert str(bookings.INCOME) == "challenge_income"
    assert set(SIDES.values()) == {"asset", "liability", "income", "expense"}

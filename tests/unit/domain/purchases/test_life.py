"""Every step of a purchase's life is an edge that is written down; every edge is walked, every state kept whole."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.adapters.postgres.purchases import from_row, to_row
from propfirm.domain.errors import Refused
from propfirm.domain.evaluation.facts import Binding
from propfirm.domain.ids import AccountId, PaymentId, PersonId, PurchaseId
from propfirm.domain.money import Cents
from propfirm.domain.purchases.purchase import (
    EDGES,
    Activation,
    Challenge,
    Command,
    ConfirmRefund,
    Declined,
    Deliver,
    FreshAttempt,
    GiveUp,
    Lapse,
    Lapsed,
    OfferCheckout,
    Order,
    Ordered,
    PaidAgain,
    Place,
    Purchase,
    Receipt,
    RecordDecline,
    RecordPayment,
    Refunded,
    Refunding,
    WrongState,
    decide,
    evolve,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PRICE = Cents(14_900)
ACCOUNT = AccountId(UUID(int=3))
GOODS = (Challenge(Binding("any", 1, "0" * 64)), FreshAttempt(ACCOUNT, 2), Activation(ACCOUNT, 2))
ORDER = Order(PurchaseId(UUID(int=1)), PersonId(UUID(int=2)), GOODS[0], PRICE, "USD", "sandbox", NOON)


def receipt(reference: str, amount: int = PRICE, currency: str = "USD") -> Receipt:
    return Receipt(PaymentId(UUID(int=9)), reference, Cents(amount), currency, NOON)


COMMANDS: tuple[Command, ...] = (
    Place(ORDER),
    OfferCheckout("https://pay.example/1"),
    RecordPayment(receipt("pay_1")),
    RecordPayment(receipt("pay_2")),
    RecordPayment(receipt("pay_3", 1)),
    RecordPayment(receipt("pay_4", PRICE, "EUR")),
    RecordDecline("card_declined"),
    Lapse(),
    Deliver(ACCOUNT),
    RecordPayment(receipt("pay_5", 0)),
    GiveUp("account.run-moved-on"),
    ConfirmRefund(),
)


def step(purchase: Purchase | None, command: Command) -> tuple[Purchase | None, set[tuple[str, str, str]]]:
    """Where the command leads, and by which edges; a refusal leads nowhere."""
    walked = set[tuple[str, str, str]]()
    try:
        happened = decide(purchase, command, NOON)
    except Refused:
        return purchase, walked
    for event in happened:
        after = evolve(purchase, event)
        walked.add(("-" if purchase is None else type(purchase).__name__, type(event).__name__, type(after).__name__))
        purchase = after
    return purchase, walked


def test_the_edges_are_those_that_can_be_walked() -> None:
    seen, walked = list[Purchase | None]([None]), set[tuple[str, str, str]]()
    for purchase in seen:  # grows while it is gone through
        for command in COMMANDS:
            after, edges = step(purchase, command)
            walked |= edges
            if after not in seen:
                seen.append(after)
    assert walked == EDGES


@given(st.lists(st.sampled_from(COMMANDS), max_size=12), st.sampled_from(GOODS))
def test_every_state_is_read_back_as_it_was_written(commands: list[Command], goods: Challenge) -> None:
    placed = Order(ORDER.id, ORDER.buyer, goods, PRICE, "USD", "sandbox", NOON)
    purchase, _ = step(None, Place(placed))
    for command in commands:
        purchase, _ = step(purchase, command)
        assert purchase is not None
        assert from_row(to_row(purchase)) == purchase


@given(st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_what_was_told_twice_happened_once(commands: list[Command]) -> None:
    purchase, _ = step(None, Place(ORDER))
    for command in commands:
        purchase, _ = step(purchase, command)
        again, walked = step(purchase, command)
        if not isinstance(command, RecordDecline):  # every refused card is news of its own
            assert (again, walked) == (purchase, set())


@given(
    st.permutations([RecordPayment(receipt("pay_1")), RecordDecline("no"), Lapse(), RecordPayment(receipt("pay_1"))])
)
def test_in_whatever_order_news_comes_what_was_paid_is_paid(news: list[Command]) -> None:
    purchase, _ = step(None, Place(ORDER))
    for command in news:
        purchase, _ = step(purchase, command)
    assert type(purchase).__name__ == "Paid"


@pytest.mark.parametrize("offered_first", [True, False])
def test_the_page_stays_while_it_may_be_paid_however_often_a_card_is_refused(offered_first: bool) -> None:
    page = "https://pay.example/1"
    news: list[Command] = [OfferCheckout(page), RecordDecline("card_declined")]
    purchase: Purchase | None = Ordered(ORDER)
    for command in (*(news if offered_first else reversed(news)), RecordDecline("too_little")):
        purchase, _ = step(purchase, command)
    assert purchase == Declined(ORDER, "too_little", page)
    with pytest.raises(WrongState):
        decide(purchase, OfferCheckout("https://pay.example/2"), NOON)


@pytest.mark.parametrize("further", [(), (Deliver(ACCOUNT),), (GiveUp("no"),), (GiveUp("no"), ConfirmRefund())])
def test_a_second_payment_is_refused_with_both_references_and_changes_nothing(further: tuple[Command, ...]) -> None:
    paid, _ = step(Ordered(ORDER), RecordPayment(receipt("pay_1")))
    for command in further:
        paid, _ = step(paid, command)
    with pytest.raises(PaidAgain) as again:
        decide(paid, RecordPayment(receipt("pay_2")), NOON)
    assert (again.value.known, again.value.told) == ("pay_1", "pay_2")


@pytest.mark.parametrize("given_up", [False, True])
def test_what_is_owed_back_is_never_delivered_and_what_was_delivered_is_not_given_up(given_up: bool) -> None:
    paid, _ = step(Ordered(ORDER), RecordPayment(receipt("pay_1")))
    gone, _ = step(paid, GiveUp("no") if given_up else Deliver(ACCOUNT))
    for command in (Deliver(AccountId(UUID(int=4))), GiveUp("another"), *(() if given_up else (ConfirmRefund(),))):
        with pytest.raises(WrongState):
            decide(gone, command, NOON)


def test_nobody_hears_of_a_refund_before_it_is_owed() -> None:
    paid, _ = step(Ordered(ORDER), RecordPayment(receipt("pay_1")))
    for early in (Ordered(ORDER), Declined(ORDER, "no"), paid):
        with pytest.raises(WrongState):
            decide(early, ConfirmRefund(), NOON)


@pytest.mark.parametrize(("amount", "currency"), [(PRICE - 1, "USD"), (PRICE + 1, "USD"), (PRICE, "EUR")])
def test_a_payment_of_another_amount_or_currency_goes_back_whole(amount: int, currency: str) -> None:
    told = receipt("pay_1", amount, currency)
    refunding, _ = step(Ordered(ORDER), RecordPayment(told))
    assert refunding == Refunding(ORDER, told, "amount_mismatched", NOON)
    assert step(refunding, ConfirmRefund())[0] == Refunded(ORDER, told, "amount_mismatched", NOON)


def test_of_a_payment_of_nothing_there_is_nothing_to_send_back() -> None:
    assert isinstance(step(Ordered(ORDER), RecordPayment(receipt("pay_1", 0)))[0], Refunded)


@pytest.mark.parametrize("late", [Ordered(ORDER), Declined(ORDER, "no"), Lapsed(ORDER, NOON)])
def test_a_payment_is_a_payment_however_late_it_comes(late: Purchase) -> None:
    paid, _ = step(late, RecordPayment(receipt("pay_1")))
    assert type(paid).__name__ == "Paid"

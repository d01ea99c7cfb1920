"""A fresh attempt and a granted stage are bought as a challenge is: at the price of the terms, once, by their owner."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.invariants import PostgresInvariants
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.sandbox.checkouts import SandboxCheckouts
from propfirm.adapters.system.clock import RealClock
from propfirm.application.ports.payments import CheckoutPaid
from propfirm.application.ports.work import Listing
from propfirm.application.purchases.buy_challenge import (
    ActivationWish,
    NothingToPay,
    OpenCheckout,
    PlaceOrder,
    ResetWish,
    Wish,
)
from propfirm.application.purchases.deliver_purchase import DeliverPurchase
from propfirm.application.purchases.settle import SettlePurchase
from propfirm.domain.errors import NotFound, Refused
from propfirm.domain.evaluation import states
from propfirm.domain.evaluation.refusals import NoReset, NotInThisState, OfferOver
from propfirm.domain.identity.actors import Trader
from propfirm.domain.identity.people import Person
from propfirm.domain.ids import PaymentId, PersonId
from propfirm.domain.money import Cents
from propfirm.domain.purchases import purchase
from tests.integration.firm import HandClock, Ids, charge, delivered, paid
from tests.unit.domain.evaluation import lives

pytestmark = [pytest.mark.anyio, pytest.mark.settled]
ANN = Trader(lives.TRADER)
GRANTED = lives.TO_FUNDED_OFFER


class Counter:
    """Where fees are paid. Ann's account is where her life has brought it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine, self.work, self.clock, ids = engine, PostgresUnitOfWork(engine), HandClock(lives.NOON), Ids()
        self.place = PlaceOrder(self.work, self.clock, ids, "sandbox")
        self.settle = SettlePurchase(self.work, self.clock, ids)
        self.deliver = DeliverPurchase(self.work, self.clock, ids)

    async def open(self, life: lives.Life) -> None:
        goods = purchase.Challenge(life.bought.binding)
        order = purchase.Order(lives.PURCHASE, ANN.id, goods, Cents(99_00), "USD", "sandbox", lives.NOON)
        assert life.account is not None
        bought, happened = await delivered(self.engine, order, lives.ACCOUNT, lives.NOON)
        async with self.work.begin() as tx:
            await tx.people.add(Person(ANN.id, "ann@example.com", "Ann", "trader", "", lives.NOON))
            await tx.programs.put(Listing(life.bought, "published", Cents(99_00), lives.NOON))
            await tx.purchases.put(bought, happened)
            await tx.ledger.post(paid(order, lives.NOON))
            await tx.accounts.put(lives.ACCOUNT, life.account, life.history)

    async def buy(self, wish: Wish) -> purchase.Order:
        """Ordered, paid at the order's price, and given."""
        order = (await self.place(ANN, wish)).order
        receipt = purchase.Receipt(PaymentId(uuid4()), str(order.id), order.price, order.currency, self.clock.now())
        await charge(self.engine, order.id, receipt)
        await self.settle(order.id, CheckoutPaid(receipt), None)
        await self.deliver(order.id)
        return order

    async def account(self) -> states.Account:
        async with self.work.begin() as tx:
            return await tx.accounts.get(lives.ACCOUNT)

    async def orders(self) -> int:
        async with self.engine.connect() as connection:
            return int(await connection.scalar(text("select count(*) from purchases")) or 0)


@pytest.fixture
def counter(engine: AsyncEngine) -> Counter:
    return Counter(engine)


async def test_who_failed_buys_a_fresh_attempt_at_the_price_of_their_terms(counter: Counter) -> None:
    await counter.open(lives.life(lives.ACTIVATE, lives.record_breach()))
    order = await counter.buy(ResetWish(lives.ACCOUNT))
    assert (order.price, order.goods) == (50_00, purchase.FreshAttempt(lives.ACCOUNT, 1))
    account = await counter.account()
    assert isinstance(account, states.Pending)
    assert account.enrolment.run == 2
    assert account.enrolment.resets_used == 1


async def test_who_was_granted_a_stage_pays_its_fee(counter: Counter) -> None:
    await counter.open(lives.life(*GRANTED))
    order = await counter.buy(ActivationWish(lives.ACCOUNT))
    assert (order.price, order.goods) == (149_00, purchase.Activation(lives.ACCOUNT, 3))
    account = await counter.account()
    assert isinstance(account, states.Pending)
    assert account.offer is None


@pytest.mark.parametrize(
    ("life", "wish", "run"),
    [
        (lives.under(lives.KEEPER, lives.ACTIVATE, lives.record_breach()), ResetWish(lives.ACCOUNT), 2),
        (lives.life(*lives.TO_PHASE_2), ActivationWish(lives.ACCOUNT), 2),
    ],
    ids=["reset", "activation"],
)
async def test_what_costs_nothing_is_given_with_the_order_and_nobody_is_sent_to_a_page(
    counter: Counter, life: lives.Life, wish: Wish, run: int
) -> None:
    await counter.open(life)
    given = await counter.place(ANN, wish)
    assert isinstance(given, purchase.Delivered)
    assert (given.order.price, given.account) == (0, lives.ACCOUNT)
    account = await counter.account()
    assert isinstance(account, states.Pending)
    assert (account.enrolment.run, account.offer) == (run, None)
    assert account.enrolment.entry in {states.Restarted(None), states.Advanced(None)}
    checkouts = SandboxCheckouts(counter.engine, counter.clock, counter.clock, "http://shop.test")
    assert await OpenCheckout(counter.work, counter.clock, checkouts)(ANN, given.order.id) == given
    async with counter.engine.connect() as connection:
        pages = text("select count(*) from sandbox_checkouts where purchase_id = :order")
        assert await connection.scalar(pages, {"order": given.order.id}) == 0
        booked = text("select count(*) from ledger_transfers where reference = :order")
        assert await connection.scalar(booked, {"order": str(given.order.id)}) == 0
    await counter.deliver(given.order.id)
    assert (await counter.account()) == account
    violated = await PostgresInvariants(counter.engine, RealClock()).violated(lives.NOON)
    assert [one for one in violated if str(given.order.id) in one.subject] == []


@pytest.mark.parametrize(
    ("life", "wish", "refusal"),
    [
        (lives.life(lives.ACTIVATE), ResetWish(lives.ACCOUNT), NotInThisState),
        (lives.life(*GRANTED), ResetWish(lives.ACCOUNT), NotInThisState),
        (lives.under(lives.BARE, lives.ACTIVATE, lives.record_breach()), ResetWish(lives.ACCOUNT), NoReset),
        (lives.life(lives.ACTIVATE), ActivationWish(lives.ACCOUNT), NothingToPay),
        (lives.life(lives.ACTIVATE, lives.record_breach()), ActivationWish(lives.ACCOUNT), NothingToPay),
    ],
    ids=["trading", "granted", "none is sold", "nothing granted", "failed"],
)
async def test_what_the_account_would_refuse_is_refused_before_anybody_pays(
    counter: Counter, life: lives.Life, wish: Wish, refusal: type[Refused]
) -> None:
    await counter.open(life)
    with pytest.raises(refusal):
        await counter.place(ANN, wish)
    assert await counter.orders() == 1  # the challenge itself


async def test_an_offer_that_is_over_cannot_be_paid_any_more(counter: Counter) -> None:
    await counter.open(lives.life(*GRANTED))
    counter.clock.forward(timedelta(days=8))
    with pytest.raises(OfferOver):
        await counter.place(ANN, ActivationWish(lives.ACCOUNT))
    assert await counter.orders() == 1


@pytest.mark.parametrize("wish", [ResetWish(lives.ACCOUNT), ActivationWish(lives.ACCOUNT)], ids=["reset", "activation"])
async def test_somebody_elses_account_does_not_exist(counter: Counter, wish: Wish) -> None:
    await counter.open(lives.life(lives.ACTIVATE, lives.record_breach()))
    with pytest.raises(NotFound):
        await counter.place(Trader(PersonId(uuid4())), wish)
    assert await counter.orders() == 1

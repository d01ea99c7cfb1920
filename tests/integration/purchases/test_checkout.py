"""A checkout that is paid, declined, delayed, doubled or lost ends the same way: given once, for the price paid."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.sandbox.checkouts import SandboxCheckouts
from propfirm.adapters.sandbox.courier import SandboxCourier
from propfirm.adapters.sandbox.messages import SKEW_S, Message, Payment, SandboxNotices, sign
from propfirm.adapters.sandbox.takings import SandboxTakings
from propfirm.application.ports.payments import BadNotice, BadSignature
from propfirm.application.ports.sandbox import Button, CheckoutClosed
from propfirm.application.ports.work import Listing
from propfirm.application.purchases.buy_challenge import ChallengeWish, OpenCheckout, PlaceOrder
from propfirm.application.purchases.deliver_purchase import DeliverPurchase
from propfirm.application.purchases.receive_notice import ReceiveNotice
from propfirm.application.purchases.refund_payment import RefundPayment, RetryRefund, SweepRefunds, SweepTakings
from propfirm.application.purchases.settle import SettlePurchase
from propfirm.application.purchases.sweep import SweepPurchases
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.errors import NotFound
from propfirm.domain.evaluation.facts import Edition
from propfirm.domain.identity.actors import Trader
from propfirm.domain.identity.people import Person
from propfirm.domain.ids import PersonId, PurchaseId
from propfirm.domain.ledger import bookings
from propfirm.domain.money import Cents
from propfirm.domain.purchases.purchase import (
    Declined,
    Delivered,
    Lapsed,
    Ordered,
    Paid,
    Purchase,
    Refunded,
    Refunding,
)
from propfirm.entrypoints.http.routes.purchases import shown
from tests.integration.firm import HandClock, Ids, charge, program, real

pytestmark = [pytest.mark.anyio, pytest.mark.settled]
SECRET = b"a secret of the sandbox, long enough"
NOW = 1_772_000_000
PRICE = Cents(9_900)


@dataclass(slots=True)
class Letterbox:
    """The firm's hook; shut as often as ``shut`` says."""

    receive: ReceiveNotice
    taken: list[bytes] = field(default_factory=list)
    shut: int = 0

    async def __call__(self, body: bytes, signature: str) -> bool:
        if self.shut:
            self.shut -= 1
            return False
        await self.receive(body, signature)
        self.taken.append(body)
        return True


class Shop:
    """Everything between an order and what it bought. ann: a trader."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine, self.work = engine, PostgresUnitOfWork(engine)
        self.clock, self.wall = HandClock(), real()
        ids = Ids()
        self.checkouts = SandboxCheckouts(engine, self.clock, self.wall, "http://shop.test")
        self.place = PlaceOrder(self.work, self.clock, ids, "sandbox")
        self.open = OpenCheckout(self.work, self.clock, self.checkouts)
        self.settle = SettlePurchase(self.work, self.clock, ids)
        self.deliver = DeliverPurchase(self.work, self.clock, ids)
        self.takings = SandboxTakings(engine, self.clock, late_s=0.05)
        self.refund = RefundPayment(self.work, self.clock, ids, self.takings)
        self.retry = RetryRefund(self.work, self.clock, ids)
        self.sweep_refunds = SweepRefunds(self.work, self.wall, self.refund)
        self.sweep_takings = SweepTakings(self.work, self.wall, self.takings, self.settle)
        self.receive = ReceiveNotice(self.work, SandboxNotices(SECRET, lambda: NOW), self.settle)
        self.sweep = SweepPurchases(self.work, self.wall, self.checkouts, self.settle, self.deliver)
        self.box = Letterbox(self.receive)
        self.courier = SandboxCourier(engine, SECRET, self.box, lambda: NOW)
        self.ann = Trader(PersonId(uuid4()))

    async def stock(self) -> None:
        sold = program()
        async with self.work.begin() as tx:
            await tx.people.add(Person(self.ann.id, "ann@example.com", "Ann", "trader", "", self.clock.now()))
            listing = Listing(Edition(sold, fingerprint(sold)), "published", PRICE, self.clock.now())
            await tx.programs.put(listing)

    async def order(self) -> PurchaseId:
        placed = await self.place(self.ann, ChallengeWish("funded-50k"))
        await self.open(self.ann, placed.order.id)
        return placed.order.id

    async def tell(self, message: Message) -> None:
        if message.payment is not None and message.checkout in await self.column("select id from purchases"):
            await charge(self.engine, PurchaseId(message.checkout), message.payment.receipt())
        body = msgspec.json.encode(message)
        await self.receive(body, sign(SECRET, body, NOW))

    async def now(self, purchase: PurchaseId) -> Purchase:
        async with self.work.begin() as tx:
            return await tx.purchases.get(purchase)

    async def income(self) -> int:
        async with self.work.begin() as tx:
            return -await tx.ledger.balance(bookings.INCOME)

    async def column(self, query: str) -> Sequence[object]:
        async with self.engine.connect() as connection:
            return list(await connection.scalars(text(query)))


@pytest.fixture
async def shop(engine: AsyncEngine) -> AsyncIterator[Shop]:
    """In the end what is owed goes back, as the worker sees to it."""
    made = Shop(engine)
    await made.stock()
    yield made
    made.wall.forward(timedelta(minutes=2))
    await made.sweep_refunds()


def paid(purchase: PurchaseId, amount: int = PRICE, reference: str = "pay_1", id_: str = "evt_1") -> Message:
    payment = Payment(uuid4(), reference, amount, "USD", HandClock().now())
    return Message(id_, "checkout.paid", purchase, payment)


async def test_a_purchase_that_is_paid_is_given(shop: Shop) -> None:
    order = await shop.order()
    ordered = await shop.now(order)
    assert isinstance(ordered, Ordered)
    assert ordered.checkout == f"http://shop.test/sandbox/checkout/{order}"
    await shop.checkouts.press(order, "pay")
    await shop.courier()
    assert isinstance(await shop.now(order), Paid)
    assert await shop.column("select task_name from procrastinate_jobs") == ["purchases.deliver"]
    await shop.deliver(order)
    await shop.deliver(order)
    delivered = await shop.now(order)
    assert isinstance(delivered, Delivered)
    assert await shop.column("select id from accounts") == [delivered.account]


async def test_two_hundred_equal_messages_at_once_have_one_effect(shop: Shop) -> None:
    order = await shop.order()
    message = paid(order)
    await asyncio.gather(*(shop.tell(message) for _ in range(200)))
    assert await shop.income() == PRICE
    assert await shop.column("select delivery from inbox") == ["evt_1"]
    assert await shop.column("select count(*) from procrastinate_jobs") == [1]


@pytest.mark.parametrize("order_of", list(permutations(["paid", "declined", "over", "paid"])))
async def test_in_whatever_order_the_messages_come_what_was_paid_is_paid(shop: Shop, order_of: Sequence[str]) -> None:
    order = await shop.order()
    told = {
        "paid": paid(order),
        "declined": Message("evt_2", "checkout.declined", order, reason="card_declined"),
        "over": Message("evt_3", "checkout.over", order),
    }
    for kind in order_of:
        await shop.tell(told[kind])
    assert isinstance(await shop.now(order), Paid)
    assert await shop.income() == PRICE


@pytest.mark.parametrize(
    ("button", "messages", "state"),
    [
        ("pay", 1, "Paid"),
        ("double", 2, "Paid"),
        ("twice", 2, "Paid"),
        ("lose", 0, "Ordered"),
        ("decline", 1, "Declined"),
        ("leave", 1, "Lapsed"),
    ],
)
async def test_every_button_of_the_page_does_what_it_says(
    shop: Shop, button: Button, messages: int, state: str
) -> None:
    order = await shop.order()
    page = await shop.checkouts.press(order, button)
    await shop.courier()
    assert len(shop.box.taken) == messages
    assert type(await shop.now(order)).__name__ == state
    if page.state != "open":
        with pytest.raises(CheckoutClosed):
            await shop.checkouts.press(order, "pay")


async def test_after_a_declined_card_another_one_pays(shop: Shop) -> None:
    order = await shop.order()
    page = shown(await shop.now(order)).checkout
    assert page is not None
    assert (await shop.checkouts.press(order, "decline")).reason == "card_declined"
    await shop.courier()
    declined = shown(await shop.now(order))
    assert (declined.state, declined.checkout) == ("declined", page)
    assert (await shop.checkouts.press(order, "pay")).state == "paid"
    await shop.courier()
    assert isinstance(await shop.now(order), Paid)


async def test_a_card_that_is_refused_before_the_page_is_recorded_leaves_the_page(shop: Shop) -> None:
    order = (await shop.place(shop.ann, ChallengeWish("funded-50k"))).order.id
    await shop.tell(Message("evt_1", "checkout.declined", order, reason="card_declined"))
    assert shown(await shop.now(order)).checkout is None
    page = shown(await shop.open(shop.ann, order)).checkout
    assert page is not None
    declined = shown(await shop.now(order))
    assert (declined.state, declined.checkout) == ("declined", page)


async def test_a_delayed_message_comes_when_it_is_due(shop: Shop) -> None:
    order = await shop.order()
    await shop.checkouts.press(order, "delay")
    await shop.courier()
    assert isinstance(await shop.now(order), Ordered)
    async with shop.engine.begin() as connection:
        await connection.execute(text("update sandbox_messages set due_at = now()"))
    await shop.courier()
    assert isinstance(await shop.now(order), Paid)


async def test_a_message_that_was_not_taken_comes_again(shop: Shop) -> None:
    order = await shop.order()
    await shop.checkouts.press(order, "pay")
    shop.box.shut = 1
    await shop.courier()
    await shop.courier()  # not before it is due again
    assert isinstance(await shop.now(order), Ordered)
    async with shop.engine.begin() as connection:
        await connection.execute(text("update sandbox_messages set due_at = now()"))
    await shop.courier()
    await shop.courier()
    assert isinstance(await shop.now(order), Paid)
    assert len(shop.box.taken) == 1


async def test_a_lost_message_and_a_lost_job_are_healed_by_looking(shop: Shop) -> None:
    order = await shop.order()
    await shop.checkouts.press(order, "lose")
    await shop.sweep()
    assert isinstance(await shop.now(order), Ordered)  # it may still come
    shop.clock.forward(timedelta(days=30))
    await shop.sweep()
    assert isinstance(await shop.now(order), Ordered), "the firm's clock may run fast"
    shop.wall.forward(timedelta(minutes=2))
    await shop.sweep()
    assert isinstance(await shop.now(order), Paid)
    await shop.sweep()
    assert isinstance(await shop.now(order), Delivered)
    assert await shop.income() == PRICE


async def test_a_refused_card_whose_message_was_lost_is_found_once(shop: Shop) -> None:
    order = await shop.order()
    await shop.checkouts.press(order, "decline")
    shop.wall.forward(timedelta(minutes=2))
    for _ in range(3):
        await shop.sweep()
    assert isinstance(await shop.now(order), Declined)
    told = "select count(*) from purchase_events where event ->> 'type' = 'payment_declined'"
    assert await shop.column(told) == [1]


async def test_a_page_that_nobody_pays_lapses_after_a_day(shop: Shop) -> None:
    order = await shop.order()
    for clock in (shop.clock, shop.wall):
        clock.forward(timedelta(hours=25))
    await shop.sweep()
    assert isinstance(await shop.now(order), Lapsed)


async def test_a_page_waits_by_the_wall_for_a_person_however_fast_the_firms_clock_runs(shop: Shop) -> None:
    order = await shop.order()
    shop.clock.forward(timedelta(days=30))
    await shop.sweep()
    assert (await shop.checkouts.show(order)).description == "Challenge funded-50k"
    await shop.checkouts.press(order, "lose")
    shop.wall.forward(timedelta(minutes=2))
    await shop.sweep()
    assert isinstance(await shop.now(order), Paid | Delivered), "found by looking, and not given up before"


@pytest.mark.parametrize("wrong", [PRICE - 1, PRICE + 1, 0])
async def test_another_amount_than_the_price_buys_nothing_and_is_told(shop: Shop, wrong: int) -> None:
    order = await shop.order()
    await shop.tell(paid(order, wrong))
    assert isinstance(await shop.now(order), Refunding if wrong else Refunded)
    await shop.deliver(order)
    assert await shop.income() == 0
    assert await shop.column("select id from accounts") == []
    assert await shop.column("select act from audit where act like 'amount%'") == ["amount_mismatched"]


async def test_a_second_payment_is_told_once_and_changes_nothing_of_the_purchase(shop: Shop) -> None:
    order = await shop.order()
    await shop.tell(paid(order))
    for _ in range(2):
        await shop.tell(paid(order, reference="pay_2", id_="evt_9"))
    assert await shop.income() == PRICE
    assert await shop.column("select details ->> 'payment' from audit where act = 'paid_again'") == ["pay_2"]


@pytest.mark.parametrize("first", [PRICE, PRICE - 1], ids=["kept", "owed back"])
async def test_a_payment_that_is_told_again_with_another_amount_is_told_and_the_first_stands(
    shop: Shop, first: int
) -> None:
    order = await shop.order()
    await shop.tell(paid(order, first))
    before = await shop.now(order)
    await shop.tell(paid(order, first, id_="evt_2"))
    assert await shop.column("select act from audit where act like '%contradicted'") == []
    for _ in range(2):
        await shop.tell(paid(order, 49_00, id_="evt_9"))
    assert await shop.now(order) == before
    told = await shop.column("select details from audit where act = 'payment_contradicted'")
    assert told == [{"payment": "pay_1", "known": f"{first} USD", "told": "4900 USD"}]


async def test_a_message_that_comes_again_with_another_content_is_told_and_the_first_stands(shop: Shop) -> None:
    order = await shop.order()
    await shop.tell(Message("evt_1", "checkout.declined", order, reason="card_declined"))
    await shop.tell(paid(order))
    assert isinstance(await shop.now(order), Declined)
    assert await shop.column("select act from audit where act like 'notice%'") == ["notice_contradicted"]


async def test_a_message_about_an_order_that_is_not_ours_is_kept_and_told_once(shop: Shop) -> None:
    for _ in range(2):
        await shop.tell(paid(PurchaseId(uuid4())))
    assert await shop.column("select delivery from inbox") == ["evt_1"]
    assert await shop.column("select act from audit where act like 'notice%'") == ["notice_orphaned"]


async def test_a_message_of_a_kind_that_is_new_to_us_is_kept_and_changes_nothing(shop: Shop) -> None:
    order = await shop.order()
    await shop.tell(Message("evt_7", "checkout.admired", order))
    assert isinstance(await shop.now(order), Ordered)
    assert await shop.column("select delivery from inbox") == ["evt_7"]


BODY = msgspec.json.encode(paid(PurchaseId(UUID(int=7))))


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=1",
        f"t={NOW},v1=é" + "0" * 63,
        f"t=99999999999999999999,v1={'0' * 64}",
        sign(b"another secret", BODY, NOW),
        sign(SECRET, BODY + b" ", NOW),
        sign(SECRET, BODY, NOW).upper(),
        sign(SECRET, BODY, NOW) + "\n",
        sign(SECRET, BODY, NOW - SKEW_S - 1),
        sign(SECRET, BODY, NOW + SKEW_S + 1),
        sign(SECRET, BODY, NOW + 86_400),
    ],
    # Names of their own: a signature is another in every process.
    ids=(
        "nothing",
        "no signature",
        "not ASCII",
        "the far future",
        "another secret",
        "another body",
        "upper case",
        "a line's end",
        "too old",
        "too early",
        "a day early",
    ),
)
async def test_what_the_provider_did_not_sign_now_is_refused(shop: Shop, signature: str) -> None:
    with pytest.raises(BadSignature):
        await shop.receive(BODY, signature)
    assert await shop.column("select delivery from inbox") == []


@pytest.mark.parametrize("skew", [-SKEW_S, 0, SKEW_S])
async def test_what_was_signed_within_five_minutes_is_taken(shop: Shop, skew: int) -> None:
    await shop.receive(BODY, sign(SECRET, BODY, NOW + skew))
    assert await shop.column("select count(*) from inbox") == [1]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"7",
        b"\xff\xfe",
        b"[" * 50_000,
        BODY.replace(b'"amount_cents":9900', b'"amount_cents":%d' % 2**70),
        BODY.replace(b'"amount_cents":9900', b'"amount_cents":-1'),
        BODY.replace(b"pay_1", b"pay\\u0000"),
        BODY.replace(b'"checkout":', b'"cheque":'),
    ],
)
async def test_what_is_signed_and_cannot_be_read_is_kept_aside(shop: Shop, body: bytes) -> None:
    with pytest.raises(BadNotice):
        await shop.receive(body, sign(SECRET, body, NOW))
    assert await shop.column("select act from audit") == ["notice_unreadable"]


async def test_there_is_no_page_for_an_order_that_never_was(shop: Shop) -> None:
    with pytest.raises(NotFound):
        await shop.checkouts.show(PurchaseId(uuid4()))
    with pytest.raises(NotFound):
        await shop.checkouts.press(PurchaseId(uuid4()), "pay")

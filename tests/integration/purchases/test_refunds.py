"""A payment for which nothing is given goes back, exactly once, whatever crashes; the books and the provider agree."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.invariants import PostgresHistories, PostgresInvariants
from propfirm.adapters.postgres.queries.figures import PostgresFigureQueries
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.adapters.sandbox.checkouts import SandboxCheckouts
from propfirm.adapters.sandbox.takings import SandboxTakings
from propfirm.adapters.system.clock import RealClock
from propfirm.application.audit.verify_money import VerifyMoney
from propfirm.application.evaluation.moves import act, program_of
from propfirm.application.ports.payments import (
    Answer,
    CheckoutDeclined,
    CheckoutOver,
    CheckoutPaid,
    Disbursed,
    Refused,
    Unavailable,
    Unseen,
)
from propfirm.application.ports.sandbox import Mood
from propfirm.application.ports.work import Transaction
from propfirm.application.purchases.buy_challenge import ActivationWish, OpenCheckout, ResetWish, Wish
from propfirm.application.purchases.deliver_purchase import DeliverPurchase
from propfirm.application.purchases.refund_payment import (
    RefundPayment,
    RetryRefund,
    SweepRefunds,
    SweepTakings,
    key_of,
)
from propfirm.application.purchases.settle import SettlePurchase
from propfirm.application.purchases.sweep import SweepPurchases
from propfirm.domain.errors import NotFound
from propfirm.domain.evaluation import commands, states
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import PaymentId, PersonId, PurchaseId, RefundId
from propfirm.domain.ledger import bookings
from propfirm.domain.money import Cents
from propfirm.domain.purchases import purchase, refund
from propfirm.domain.purchases.purchase import Delivered, Paid, Receipt, Refunded, Refunding
from tests.integration.firm import Ids, charge, real
from tests.integration.purchases.test_fees import ANN, GRANTED, Counter
from tests.unit.domain.evaluation import lives

pytestmark = [pytest.mark.anyio, pytest.mark.settled]
BOSS: Final = Staff(PersonId(lives.ACCOUNT), "admin")
RESET, ACTIVATION = ResetWish(lives.ACCOUNT), ActivationWish(lives.ACCOUNT)


class Desk(Counter):
    """The counter of fees, and how payments go back over it. Ann has failed, and may buy one fresh attempt."""

    def __init__(self, engine: AsyncEngine, work: PostgresUnitOfWork | None = None) -> None:
        super().__init__(engine)
        ids = Ids()
        self.work = work or self.work
        self.wall = real()
        self.checkouts = SandboxCheckouts(engine, self.clock, self.wall, "http://shop.test")
        self.takings = SandboxTakings(engine, self.clock, late_s=0.05)
        self.open_page = OpenCheckout(self.work, self.clock, self.checkouts)
        self.refund = RefundPayment(self.work, self.clock, ids, self.takings)
        self.retry = RetryRefund(self.work, self.clock, ids)
        self.sweep_purchases = SweepPurchases(self.work, self.wall, self.checkouts, self.settle, self.deliver)
        self.sweep_refunds = SweepRefunds(self.work, self.wall, self.refund)
        self.sweep_takings = SweepTakings(self.work, self.wall, self.takings, self.settle)
        still = engine.execution_options(isolation_level="REPEATABLE READ")
        self.verify = VerifyMoney(
            PostgresInvariants(still, RealClock()),
            PostgresHistories(still),
            SandboxBank(engine, self.clock),
            self.takings,
            self.wall,
        )

    async def order(self, wish: Wish = RESET) -> PurchaseId:
        placed = await self.place(ANN, wish)
        await self.open_page(ANN, placed.order.id)
        return placed.order.id

    async def charge(self, order: PurchaseId, amount: int | None = None, currency: str = "USD") -> Receipt:
        """Taken by the provider, and told to nobody. amount: None for the order's price."""
        price = (await self.now(order)).order.price if amount is None else Cents(amount)
        id_ = PaymentId(Ids().new())
        receipt = Receipt(id_, f"pay_{id_.hex}", price, currency, self.clock.now())
        await charge(self.engine, order, receipt)
        return receipt

    async def pay(self, order: PurchaseId, amount: int | None = None, currency: str = "USD") -> Receipt:
        receipt = await self.charge(order, amount, currency)
        await self.settle(order, CheckoutPaid(receipt), None)
        return receipt

    async def now(self, order: PurchaseId) -> purchase.Purchase:
        async with self.work.begin() as tx:
            return await tx.purchases.get(order)

    async def refunds(self) -> list[refund.Refund]:
        async with self.engine.connect() as connection:
            ids = list(await connection.scalars(text("select id from refunds order by owed_at, id")))
        async with self.work.begin() as tx:
            return [await tx.refunds.peek(RefundId(one)) for one in ids]

    async def only(self) -> refund.Refund:
        (one,) = await self.refunds()
        return one

    async def gone(self) -> list[tuple[str, int]]:
        """What the provider sent back: which payment, how much."""
        return [(line.payment, line.amount) for line in await self.takings.sent_back()]

    async def books(self, currency: str = "USD") -> dict[str, int]:
        """In cents, what is not zero; what Ann's challenge itself brought left out."""
        accounts = [bookings.INCOME, bookings.REFUNDS, bookings.clearing("sandbox"), bookings.owed_back_to(ANN.id)]
        async with self.work.begin() as tx:
            held = {account.kind: await tx.ledger.balance(account, currency) for account in accounts}
        own = 99_00 if currency == "USD" else 0
        held["challenge_income"], held["provider_clearing"] = (
            Cents(held["challenge_income"] + own),
            Cents(held["provider_clearing"] - own),
        )
        return {kind: cents for kind, cents in held.items() if cents}

    async def on_account(self, command: commands.Act) -> None:
        async with self.work.begin() as tx:
            account = await tx.accounts.get(lives.ACCOUNT)
            await act(tx, lives.ACCOUNT, account, command, await program_of(tx, account), self.clock.now())

    async def heal(self) -> None:
        """As the worker's sweeps would, with every job and message lost."""
        for _ in range(3):
            self.wall.forward(timedelta(minutes=2))
            await self.sweep_purchases()
            await self.sweep_takings()
            await self.sweep_refunds()


@pytest.fixture
async def desk(engine: AsyncEngine) -> Desk:
    made = Desk(engine)
    await made.open(lives.life(lives.ACTIVATE, lives.record_breach()))
    return made


# ------------------------------------------------------------------------------ what goes back


async def test_a_second_order_of_the_same_attempt_is_owed_back_and_goes_back(desk: Desk) -> None:
    first, second = await desk.order(), await desk.order()
    await desk.pay(first)
    paid = await desk.pay(second)
    await desk.deliver(first)
    account = await desk.account()
    await desk.deliver(second)
    given_up = await desk.now(second)
    assert isinstance(given_up, Refunding)
    assert (given_up.receipt, given_up.reason) == (paid, "account.run-moved-on")
    assert await desk.books() == {
        "challenge_income": -100_00,
        "refunds_given": 50_00,
        "provider_clearing": 100_00,
        "refund_payable": -50_00,
    }
    assert await desk.verify() == []
    await desk.deliver(second)  # the job, told again
    await desk.refund((await desk.only()).debt.id, 1)
    await desk.refund((await desk.only()).debt.id, 1)
    assert isinstance(await desk.now(second), Refunded)
    assert await desk.gone() == [(paid.reference, 50_00)]
    assert await desk.books() == {"challenge_income": -100_00, "refunds_given": 50_00, "provider_clearing": 50_00}
    assert await desk.account() == account
    assert await desk.verify() == []


async def test_an_activation_that_was_paid_twice_is_given_once_and_goes_back_once(engine: AsyncEngine) -> None:
    desk = Desk(engine)
    await desk.open(lives.life(*GRANTED))
    orders = [await desk.order(ACTIVATION), await desk.order(ACTIVATION)]
    for order in orders:
        await desk.pay(order)
    await desk.heal()
    assert {type(await desk.now(order)) for order in orders} == {Delivered, Refunded}
    assert [amount for _, amount in await desk.gone()] == [149_00]
    assert await desk.verify() == []


async def test_a_second_payment_of_an_order_goes_back_and_what_was_given_stays(desk: Desk) -> None:
    order = await desk.order()
    await desk.pay(order)
    await desk.deliver(order)
    given = await desk.now(order)
    again = await desk.pay(order)
    owed = await desk.only()
    assert (owed.debt.cause, owed.debt.receipt) == ("paid_again", again)
    assert await desk.books() == {"challenge_income": -50_00, "provider_clearing": 100_00, "refund_payable": -50_00}
    await desk.settle(order, CheckoutPaid(again), None)
    assert await desk.verify() == []
    await desk.refund(owed.debt.id, 1)
    assert await desk.gone() == [(again.reference, 50_00)]
    assert await desk.books() == {"challenge_income": -50_00, "provider_clearing": 50_00}
    assert await desk.now(order) == given
    assert await desk.verify() == []


@pytest.mark.parametrize(("amount", "currency"), [(49_99, "USD"), (50_01, "USD"), (50_00, "EUR")])
async def test_a_payment_that_is_not_our_price_goes_back_as_it_came(desk: Desk, amount: int, currency: str) -> None:
    order = await desk.order()
    paid = await desk.pay(order, amount, currency)
    assert isinstance(await desk.now(order), Refunding)
    assert await desk.books(currency) == {"provider_clearing": amount, "refund_payable": -amount}
    assert await desk.books("EUR" if currency == "USD" else "USD") == {}, "no dollars are made of euros"
    assert await desk.verify() == []
    figures = await PostgresFigureQueries(desk.engine).figures(desk.clock.now())
    owed = {currency: amount}
    assert (figures.owed_back, figures.owed_back_foreign) == (owed.pop("USD", 0), owed)
    await desk.heal()
    refunded = await desk.now(order)
    assert isinstance(refunded, Refunded)
    assert refunded.reason == "amount_mismatched"
    assert await desk.gone() == [(paid.reference, amount)]
    assert await desk.books() == await desk.books("EUR") == {}
    assert (await PostgresFigureQueries(desk.engine).figures(desk.clock.now())).owed_back_foreign == {}
    assert await desk.verify() == []


async def test_no_sweep_delivers_what_is_owed_back_though_the_account_would_take_it_now(engine: AsyncEngine) -> None:
    desk = Desk(engine)
    await desk.open(lives.life(*GRANTED))
    order = await desk.order(ACTIVATION)
    await desk.pay(order)
    await desk.on_account(lives.REVIEW)
    await desk.deliver(order)
    await desk.checkouts.treat_refunds(order, "down")
    await desk.on_account(lives.REVIEW_DONE)
    await desk.deliver(order)
    with pytest.raises(ExceptionGroup):
        await desk.heal()
    found = await desk.now(order)
    assert isinstance(found, Refunding)
    assert found.reason == "evaluation.not-in-this-state"
    account = await desk.account()
    assert isinstance(account, states.Pending)
    assert account.offer is not None, "nothing was activated"
    await desk.checkouts.treat_refunds(order, "pay")
    await desk.heal()
    assert isinstance(await desk.now(order), Refunded)
    assert await desk.verify() == []


async def test_a_payment_that_paid_one_order_pays_or_refunds_no_other(desk: Desk) -> None:
    first, second = await desk.order(), await desk.order()
    paid = await desk.pay(first)
    before = await desk.now(second)
    await desk.settle(second, CheckoutPaid(paid), None)
    assert await desk.now(second) == before
    assert await desk.refunds() == []
    async with desk.engine.connect() as connection:
        told = await connection.scalar(
            text("select details ->> 'payment' from audit where act = 'payment_contradicted'")
        )
    assert told == paid.reference
    assert await desk.verify() == []


async def test_an_order_that_is_not_ours_is_owed_to_nobody(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.settle(PurchaseId(Ids().new()), CheckoutPaid(await desk.charge(await desk.order())), None)
    assert await desk.refunds() == []


# ------------------------------------------------------------------------------ how the provider answers


async def owed(desk: Desk, mood: Mood) -> refund.Refund:
    """A second payment, at a provider in this mood."""
    order = await desk.order()
    await desk.pay(order)
    await desk.pay(order)
    await desk.checkouts.treat_refunds(order, mood)
    return await desk.only()


@pytest.mark.parametrize(("mood", "sent"), [("lose", 1), ("down", 0)])
async def test_a_lost_answer_is_no_failure_and_is_asked_about(desk: Desk, mood: Mood, sent: int) -> None:
    debt = (await owed(desk, mood)).debt
    with pytest.raises(Unavailable):
        await desk.refund(debt.id, 1)
    assert isinstance(await desk.only(), refund.Unknown)
    assert len(await desk.gone()) == sent
    assert (await desk.books())["refund_payable"] == -50_00
    assert await desk.verify() == []
    await desk.checkouts.treat_refunds(debt.purchase, "pay")
    await desk.refund(debt.id, 1)
    assert isinstance(await desk.only(), refund.Returned)
    assert await desk.gone() == [(debt.receipt.reference, 50_00)]
    assert await desk.verify() == []


async def test_what_the_provider_refused_stays_owed_and_is_tried_again_by_a_person_alone(desk: Desk) -> None:
    debt = (await owed(desk, "refuse")).debt
    await desk.refund(debt.id, 1)
    refused = await desk.only()
    assert isinstance(refused, refund.Refused)
    assert refused.reason == "card_closed"
    assert (await desk.books())["refund_payable"] == -50_00
    await desk.checkouts.treat_refunds(debt.purchase, "pay")
    await desk.refund(debt.id, 1)  # the same job, told again
    await desk.heal()
    assert await desk.only() == refused
    assert await desk.verify() == []
    tried = await desk.retry(BOSS, debt.id)
    assert (type(tried), tried.attempt) == (refund.Owed, 2)
    with pytest.raises(refund.WrongState):
        await desk.retry(BOSS, debt.id)
    await desk.refund(debt.id, 1)
    assert await desk.gone() == []
    await desk.refund(debt.id, 2)
    assert isinstance(await desk.only(), refund.Returned)
    assert await desk.gone() == [(debt.receipt.reference, 50_00)]
    assert await desk.verify() == []


async def test_a_late_answer_and_many_workers_make_one_refund(desk: Desk) -> None:
    debt = (await owed(desk, "late")).debt
    await asyncio.gather(*(desk.refund(debt.id, 1) for _ in range(8)))
    assert isinstance(await desk.only(), refund.Returned)
    assert await desk.gone() == [(debt.receipt.reference, 50_00)]
    assert "refund_payable" not in await desk.books()


async def test_one_second_payment_told_many_times_at_once_is_owed_once(desk: Desk) -> None:
    order = await desk.order()
    await desk.pay(order)
    again = await desk.charge(order)
    told = (desk.settle(order, CheckoutPaid(again), None) for _ in range(20))
    await asyncio.gather(*told, *(desk.deliver(order) for _ in range(4)))
    assert (await desk.only()).debt.receipt == again
    assert isinstance(await desk.now(order), Delivered)
    await desk.heal()
    assert await desk.gone() == [(again.reference, 50_00)]
    assert await desk.verify() == []


async def test_a_second_payment_of_which_nobody_heard_is_found_by_looking(desk: Desk) -> None:
    order = await desk.order()
    await desk.pay(order)
    await desk.deliver(order)
    again = await desk.charge(order)
    desk.clock.forward(timedelta(days=30))
    await desk.sweep_takings()
    assert await desk.refunds() == [], "its message may still come"
    await desk.heal()
    assert await desk.gone() == [(again.reference, 50_00)]


async def test_a_refund_whose_job_was_lost_is_swept_up(desk: Desk) -> None:
    await owed(desk, "pay")
    await desk.sweep_refunds()
    assert isinstance(await desk.only(), refund.Owed), "its job may still be on its way"
    desk.clock.forward(timedelta(days=30))
    await desk.sweep_refunds()
    assert isinstance(await desk.only(), refund.Owed), "the firm's clock may run fast"
    desk.wall.forward(timedelta(minutes=2))
    await desk.sweep_refunds()
    assert isinstance(await desk.only(), refund.Returned)


@pytest.mark.breaks  # the provider is asked past the firm
async def test_the_provider_itself_never_sends_one_payment_back_twice(desk: Desk) -> None:
    order = await desk.order()
    paid = await desk.pay(order)
    key, other = key_of(RefundId(paid.id), 1), key_of(RefundId(paid.id), 2)
    assert isinstance(await desk.takings.find(key), Unseen)
    first = await desk.takings.send_back(key, paid)
    assert isinstance(first, Disbursed)
    assert await desk.takings.send_back(key, paid) == first == await desk.takings.find(key)
    assert await desk.takings.send_back(other, paid) == Refused("already_refunded")
    more = Receipt(paid.id, paid.reference, Cents(paid.amount + 1), paid.currency, paid.paid_at)
    assert await desk.takings.send_back(f"{other}0", more) == Refused("amount_differs")
    strange = Receipt(paid.id, "pay_0", paid.amount, paid.currency, paid.paid_at)
    assert await desk.takings.send_back(f"{other}1", strange) == Refused("no_such_payment")
    assert await desk.gone() == [(paid.reference, 50_00)]
    view = await desk.checkouts.show(order)
    assert (view.state, view.payments, view.refunded) == ("paid", 1, 1)


# ------------------------------------------------------------------------------ what was tampered with is named


@pytest.mark.breaks
@pytest.mark.parametrize(
    ("statement", "invariant"),
    [
        ("update refunds set state = 'owed'", "refunds are booked"),
        ("update refunds set amount_cents = 1", "refunds are booked"),
        ("delete from ledger_transfers where business = 'refund_returned'", "refunds are booked"),
        ("update refunds set cause = 'undeliverable'", "refunds are booked"),
        ("update refunds set currency = 'EUR'", "refunds are booked"),
        ("update ledger_entries set currency = 'EUR' where kind = 'refund_payable'", "transfers balance"),
        ("update refunds set payment_reference = (select payment_reference from purchases where goods = 'reset')",
         "refunds are made once"),
        ("update purchases set state = 'refunding' where goods = 'reset'", "refunds are made once"),
        ("update purchases set state = 'refunded' where goods = 'reset'", "refunds are made once"),
        ("delete from sandbox_refunds", "the provider agrees"),
        ("update sandbox_refunds set key = key || '0'", "the provider agrees"),
        ("update sandbox_refunds set reference = 'ref_0'", "the provider agrees"),
        ("update sandbox_charges set amount_cents = 1", "the provider agrees"),
        ("delete from sandbox_charges", "the provider agrees"),
        ("delete from refund_events where number = 2", "histories are legal"),
    ],
)  # fmt: skip
async def test_a_refund_that_was_tampered_with_is_named(desk: Desk, statement: str, invariant: str) -> None:
    await desk.refund((await owed(desk, "pay")).debt.id, 1)
    assert await desk.verify() == []
    async with desk.engine.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(text(statement))
    assert invariant in {one.invariant for one in await desk.verify()}


@pytest.mark.breaks
async def test_a_payment_that_nobody_heard_of_for_a_day_and_a_refund_without_an_answer_are_told(desk: Desk) -> None:
    debt = (await owed(desk, "down")).debt
    unheard = await desk.charge(debt.purchase)
    desk.clock.forward(timedelta(days=30))
    desk.wall.forward(timedelta(hours=23))
    assert await desk.verify() == []
    desk.wall.forward(timedelta(hours=2))
    told = {(one.invariant, one.subject) for one in await desk.verify()}
    assert told == {
        ("the provider agrees", f"payment:{unheard.reference}"),
        ("nothing is stuck", f"refund:{debt.id}"),
    }


# ------------------------------------------------------------------------------ killed anywhere


class Killed(BaseException):
    """As a worker that is no more: nothing after it runs."""


@dataclass(slots=True)
class Fuse:
    """left: steps until it blows; once."""

    left: int
    blown: bool = False

    def burn(self) -> None:
        if self.left == 0 and not self.blown:
            self.blown = True
            raise Killed
        self.left -= 1


@dataclass(frozen=True, slots=True)
class DyingWork(PostgresUnitOfWork):
    """May die before a transaction, in it before it is committed, and after it."""

    fuse: Fuse

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        self.fuse.burn()
        async with PostgresUnitOfWork.begin(self) as tx:
            yield tx
            self.fuse.burn()
        self.fuse.burn()


@dataclass(frozen=True, slots=True)
class DyingTakings(SandboxTakings):
    """May die at the provider's door, or with its answer in the hand."""

    fuse: Fuse = field(kw_only=True)

    async def send_back(self, key: str, receipt: Receipt) -> Answer:
        self.fuse.burn()
        answer = await SandboxTakings.send_back(self, key, receipt)
        self.fuse.burn()
        return answer

    async def find(self, key: str) -> Answer | Unseen:
        self.fuse.burn()
        return await SandboxTakings.find(self, key)


@dataclass(frozen=True)
class Worker:
    """What the worker and the hook do; each dies where the fuse says."""

    desk: Desk
    fuse: Fuse

    def work(self) -> PostgresUnitOfWork:
        return DyingWork(self.desk.engine, self.fuse)

    async def hear(self, order: PurchaseId, receipt: Receipt) -> None:
        settle = SettlePurchase(self.work(), self.desk.clock, Ids())
        await settle(order, CheckoutPaid(receipt), None)

    async def deliver(self, order: PurchaseId) -> None:
        await DeliverPurchase(self.work(), self.desk.clock, Ids())(order)

    async def send_back(self, receipt: Receipt) -> None:
        takings = DyingTakings(self.desk.engine, self.desk.clock, fuse=self.fuse)
        (one,) = [one for one in await self.desk.refunds() if one.debt.receipt == receipt]
        await RefundPayment(self.work(), self.desk.clock, Ids(), takings)(one.debt.id, one.attempt)


Way: TypeAlias = Literal["paid_again", "undeliverable", "amount_mismatched"]


async def go(way: Way, worker: Worker, order: PurchaseId, receipt: Receipt) -> None:
    await worker.hear(order, receipt)
    if way == "undeliverable":
        await worker.deliver(order)
    await worker.send_back(receipt)


@pytest.mark.parametrize("way", ["paid_again", "undeliverable", "amount_mismatched"])
async def test_killed_between_any_two_steps_the_payment_goes_back_once(desk: Desk, way: Way) -> None:
    orders = [await desk.order() for _ in range(24)]
    await desk.pay(orders[0])
    await desk.deliver(orders[0])
    fuse, steps = Fuse(0), 0
    for steps, fresh in enumerate(orders[1:]):
        order = orders[0] if way == "paid_again" else fresh
        receipt = await desk.charge(order, 50_01 if way == "amount_mismatched" else None)
        fuse = Fuse(steps)
        try:
            await go(way, Worker(desk, fuse), order, receipt)
        except Killed:
            assert await desk.verify() == [], f"killed after {steps} steps"
        await desk.heal()
        assert [line for line in await desk.gone() if line[0] == receipt.reference] == [
            (receipt.reference, receipt.amount)
        ], f"killed after {steps} steps"
        assert await desk.verify() == [], f"killed after {steps} steps"
        if way != "paid_again":
            assert isinstance(await desk.now(order), Refunded)
        if not fuse.blown:
            break
    assert not fuse.blown, "the last time nobody was killed"
    assert steps >= 9
    assert "refund_payable" not in await desk.books()


# ------------------------------------------------------------------------------ whatever order it comes in

STEPS: Final = st.lists(
    st.sampled_from(
        [
            *[("pay", one) for one in (0, 1)] * 4,  # or hardly a history would come to a second payment
            *[(what, one) for what in ("charge", "overcharge", "euros", "declined", "over") for one in (0, 1)],
            *[("deliver", one) for one in (0, 1)] * 3,
            *[("tell", one, which) for one in (0, 1) for which in (0, 1)],
            *[("mood", one, mood) for one in (0, 1) for mood in ("refuse", "lose", "down")],
            *[("refund", which) for which in (0, 1, 2)] * 2,
            *[("retry", which) for which in (0, 1)],
        ]
    ),
    min_size=5,
    max_size=14,
)


class World:
    """Two orders of the same fresh attempt, and everything that can be heard of them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.orders: list[PurchaseId] = []
        self.charges: list[list[Receipt]] = [[], []]

    async def do(self, step: Sequence[object]) -> None:
        match step:
            case "pay", int(one):
                self.charges[one].append(await self.desk.pay(self.orders[one]))
            case "charge" | "overcharge" | "euros" as how, int(one):
                amount, currency = {"charge": (None, "USD"), "overcharge": (50_01, "USD"), "euros": (50_00, "EUR")}[how]
                self.charges[one].append(await self.desk.charge(self.orders[one], amount, currency))
            case "tell", int(one), int(which) if which < len(self.charges[one]):
                await self.desk.settle(self.orders[one], CheckoutPaid(self.charges[one][which]), None)
            case "declined", int(one):
                await self.desk.settle(self.orders[one], CheckoutDeclined("card_declined"), None)
            case "over", int(one):
                await self.desk.settle(self.orders[one], CheckoutOver(), None)
            case "deliver", int(one):
                await self.desk.deliver(self.orders[one])
            case "mood", int(one), ("refuse" | "lose" | "down") as mood:
                await self.desk.checkouts.treat_refunds(self.orders[one], mood)
            case ("refund" | "retry") as what, int(which):
                await self._refund(what, which)
            case _:
                pass  # of a charge that there is not, nobody can tell

    async def _refund(self, what: str, which: int) -> None:
        for one in (await self.desk.refunds())[which : which + 1]:
            if what == "refund":
                with suppress(Unavailable):
                    await self.desk.refund(one.debt.id, one.attempt)
            elif isinstance(one, refund.Refused):
                await self.desk.retry(BOSS, one.debt.id)

    async def end(self) -> None:
        """The provider is well again, a person has looked at what it refused, and the sweeps have run."""
        for order in self.orders:
            await self.desk.checkouts.treat_refunds(order, "pay")
        for which in range(6):
            await self._refund("retry", which)
        await self.desk.heal()


async def emptied(engine: AsyncEngine) -> Desk:
    async with engine.begin() as connection:
        names = await connection.scalars(
            text(
                "select tablename from pg_tables where schemaname = 'public'"
                " and tablename not like 'procrastinate%' and tablename <> 'alembic_version'"
            )
        )
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(text(f"truncate {', '.join(names)} cascade"))
    made = Desk(engine)
    await made.open(lives.life(lives.ACTIVATE, lives.record_breach()))
    return made


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_nobodys_money_is_kept_for_nothing_whatever_is_told_in_whatever_order(
    engine: AsyncEngine, steps: Sequence[Sequence[object]]
) -> None:
    world = World(await emptied(engine))
    desk = world.desk
    world.orders = [await desk.order(), await desk.order()]
    for step in steps:
        await world.do(step)
        assert await desk.verify() == []
    await world.end()
    assert await desk.verify() == []
    gone, given_ = dict(await desk.gone()), 0
    for order, charges in zip(world.orders, world.charges, strict=True):
        kept = [one for one in charges if one.reference not in gone]
        assert all(gone[one.reference] == one.amount for one in charges if one not in kept)
        found = await desk.now(order)
        assert not isinstance(found, Paid | Refunding)
        assert kept == ([found.receipt] if isinstance(found, Delivered) else [])
        given_ += isinstance(found, Delivered)
    assert given_ <= 1
    income = {"provider_clearing": 50_00 * given_} if given_ else {}
    books = await desk.books()
    assert books.get("challenge_income", 0) + books.get("refunds_given", 0) == -50_00 * given_
    assert {kind: held for kind, held in books.items() if kind in {"provider_clearing", "refund_payable"}} == income

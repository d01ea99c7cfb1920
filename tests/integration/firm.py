"""A small firm for tests: a funded trader with profit, on a real Postgres; its platform keeps what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.resources.calendar import load_news, load_session_table
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.evaluation.desk import Desk
from propfirm.application.evaluation.moves import act
from propfirm.application.evaluation.runs import Runs
from propfirm.application.payouts.decide_payout import ApprovePayout, RejectPayout, ResendPayout
from propfirm.application.payouts.request_payout import CancelPayout, PayoutAsk, QuotePayout, RequestPayout
from propfirm.application.payouts.send_payout import SendPayout, SweepPayouts
from propfirm.application.payouts.survey import Survey
from propfirm.application.ports.platforms import Batch, Told
from propfirm.application.ports.work import Listing, Transaction
from propfirm.application.seeding.seed_firm import SEEDER
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.catalogue.program import (
    Clock,
    MaxLoss,
    PayoutTerms,
    PositionLimit,
    Program,
    Size,
    Split,
    SplitStep,
    Stage,
)
from propfirm.domain.evaluation import commands
from propfirm.domain.evaluation.facts import Edition
from propfirm.domain.identity.actors import Staff, Trader
from propfirm.domain.identity.people import Person
from propfirm.domain.ids import AccountId, PaymentId, PersonId, PurchaseId, TransferId
from propfirm.domain.ledger import bookings
from propfirm.domain.ledger.transfers import Transfer
from propfirm.domain.money import Cents, Micros, Ppm, usd
from propfirm.domain.payouts import request
from propfirm.domain.purchases import purchase
from propfirm.domain.rules.events import CashMoved, Fill
from propfirm.domain.rules.journal import Quoted
from tests.integration.verified import CALCULATOR

MONDAY: Final = datetime(2026, 3, 2, 18, tzinfo=UTC)
TERMS: Final = PayoutTerms(
    Split("flat", (SplitStep(0, Ppm(900_000)),)), requires=(), floor_effect="set_to_start", min_amount=usd("100")
)
CHARGE: Final = (
    text("""
    insert into sandbox_checkouts (purchase_id, description, amount_cents, currency, state, reason, opened_at)
    values (:order, '', :amount, :currency, 'paid', '', :at)
    on conflict (purchase_id) do update set state = 'paid'
    """),
    text("""
    insert into sandbox_charges (reference, purchase_id, payment_id, amount_cents, currency, paid_at)
    values (:reference, :order, :id, :amount, :currency, :at) on conflict do nothing
    """),
)
BOSS: Final = Staff(PersonId(UUID(int=1)), "admin")


def program(terms: PayoutTerms = TERMS, version: int = 1, position: PositionLimit | None = None) -> Program:
    """One funded stage of 50,000 that may lose 2,000, with these payouts."""
    loss = MaxLoss("trail_eod", Size(amount=usd("2000")), lock="start")
    stage = Stage("funded", "sim_funded", loss, position=position, payout=terms)
    clock = Clock("America/Chicago", time(17), time(16))
    return Program("funded-50k", version, "Funded 50K", date(2026, 1, 1), usd("50000"), clock, (stage,))


class Ids:
    def new(self) -> UUID:
        return uuid4()


@dataclass(slots=True)
class HandClock:
    """In the test's hand, and of a firm that has always run."""

    at: datetime = MONDAY

    def now(self) -> datetime:
        return self.at

    def ago(self, real: timedelta) -> datetime | None:
        return self.at - real

    def forward(self, by: timedelta) -> int:
        """To then, in nanoseconds."""
        self.at += by
        return int(self.at.timestamp()) * 10**9


def real() -> HandClock:
    """The time of the machine as it is now, to be moved on by hand."""
    return HandClock(datetime.now(UTC))


@dataclass(slots=True)
class KeptPlatform:
    """Keeps withdrawals, each reference once, until its feed tells them. kept: those that were put back."""

    name: str = "kept"
    withdrawn: dict[str, tuple[str, Micros]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)

    async def open(self, account: AccountId, run: int, balance: Micros) -> str:
        return f"{account}:{run}:{balance}"

    async def withdraw(self, platform_account: str, reference: str, amount: Micros) -> None:
        if reference not in self.kept:
            self.withdrawn.setdefault(reference, (platform_account, amount))

    async def put_back(self, platform_account: str, reference: str) -> None:
        self.kept.setdefault(reference, platform_account)

    async def stop(self, platform_account: str) -> None:
        self.stopped.add(platform_account)

    async def resume(self, platform_account: str) -> None:
        self.stopped.discard(platform_account)


async def charge(engine: AsyncEngine, order: PurchaseId, receipt: purchase.Receipt) -> None:
    """Taken by the sandbox's provider, and told to nobody. Of nothing it takes nothing."""
    values = {
        "order": order,
        "id": receipt.id,
        "reference": receipt.reference,
        "amount": receipt.amount,
        "currency": receipt.currency,
        "at": receipt.paid_at,
    }
    async with engine.begin() as connection:
        for statement in CHARGE if receipt.amount else ():
            await connection.execute(statement, values)


async def delivered(
    engine: AsyncEngine, order: purchase.Order, account: AccountId, at: datetime
) -> tuple[purchase.Purchase, list[purchase.Event]]:
    """The order once it was paid at the provider and given, and what happened to it."""
    receipt = purchase.Receipt(PaymentId(uuid4()), f"pay_{order.id}", order.price, order.currency, at)
    await charge(engine, order.id, receipt)
    bought: purchase.Purchase | None = None
    happened = list[purchase.Event]()
    for command in (purchase.Place(order), purchase.RecordPayment(receipt), purchase.Deliver(account)):
        for event in purchase.decide(bought, command, at):
            bought = purchase.evolve(bought, event)
            happened.append(event)
    assert bought is not None
    return bought, happened


def paid(order: purchase.Order, at: datetime) -> Transfer:
    """Its payment in the books."""
    entries = bookings.purchase_paid(order.provider, order.price)
    return Transfer(TransferId(uuid4()), at, "purchase_paid", str(order.id), entries)


async def join(tx: Transaction, person: Person) -> None:
    """Somebody with whom the firm begins, on record as ``SeedPeople`` leaves them."""
    await tx.people.add(person)
    await tx.audit.record(SEEDER, "registered", f"person:{person.id}", {"role": person.role})


class Firm:
    """Everything that a payout passes through. ann: a trader with a funded account."""

    def __init__(self, work: PostgresUnitOfWork, bank: SandboxBank, clock: HandClock) -> None:
        self.work, self.bank, self.clock, self.ids = work, bank, clock, Ids()
        self.wall = real()
        runs = Runs(load_contracts().contracts, load_session_table(), load_news())
        survey = Survey(clock, runs, CALCULATOR)
        self.platform = KeptPlatform()
        self.desk = Desk("tape", work, clock, runs)
        self.quote = QuotePayout(work, survey)
        self.request = RequestPayout(work, clock, self.ids, survey)
        self.cancel = CancelPayout(work, clock, self.ids)
        self.approve = ApprovePayout(work, clock, self.ids, survey)
        self.reject = RejectPayout(work, clock, self.ids)
        self.resend = ResendPayout(work, clock, self.ids)
        self.send = SendPayout(work, clock, self.ids, self.platform, bank)
        self.sweep = SweepPayouts(work, self.wall, self.send)
        self.ann = Trader(PersonId(uuid4()))
        self.account = AccountId(uuid4())
        self.at_platform = "kept-1"
        self._told = self._told_back = 0

    async def fund(
        self,
        terms: PayoutTerms = TERMS,
        *,
        begin: bool = True,
        known: bool = False,
        version: int = 1,
        position: PositionLimit | None = None,
    ) -> None:
        """Ann has bought a funded account. begin: and the platform has opened it. known: she and the boss are there.

        version: of the program, a new one where the terms are others.
        """
        sold = program(terms, version, position)
        edition, order_id = Edition(sold, fingerprint(sold)), PurchaseId(uuid4())
        goods = purchase.Challenge(edition.binding)
        order = purchase.Order(order_id, self.ann.id, goods, Cents(9_900), "USD", "sandbox", self.clock.now())
        bought, happened = await delivered(self.bank.engine, order, self.account, self.clock.now())
        async with self.work.begin() as tx:
            if not known:
                await tx.people.add(Person(self.ann.id, "ann@example.com", "Ann", "trader", "", self.clock.now()))
                await join(tx, Person(BOSS.id, "boss@example.com", "Boss", BOSS.role, "", self.clock.now()))
            await tx.programs.put(Listing(edition, "published", Cents(9_900), self.clock.now()))
            await tx.purchases.put(bought, happened)
            await tx.ledger.post(paid(order, self.clock.now()))
            opening = commands.Open(self.account, self.ann.id, order_id, edition.fingerprint)
            account, _ = await act(tx, self.account, None, opening, sold, self.clock.now())
            if begin:
                await act(tx, self.account, account, commands.Fund(self.at_platform), sold, self.clock.now())

    async def earn(self, points: int) -> None:
        """One contract of ES, bought and sold so many points higher: 50 dollars each, no fees."""
        await self.judge(self._fill(1, 24_000))
        await self.judge(self._fill(-1, 24_000 + 4 * points))

    async def trade(self, quantity: int, price: int) -> None:
        """An execution in ES. price: in ticks."""
        await self.judge(self._fill(quantity, price))

    async def tick(self, number: int, price: int) -> None:
        """A price of ES, in ticks, numbered from 1 on."""
        at = self.clock.forward(timedelta(seconds=1))
        await self.desk.judge(Batch(at, (Quoted("ESH26", number, at, price, price),)))

    async def feed(self) -> None:
        """The platform tells what was withdrawn, and what was put back."""
        for reference, (name, amount) in list(self.platform.withdrawn.items())[self._told :]:
            at = self.clock.forward(timedelta(seconds=1))
            await self.judge(Told(name, CashMoved(0, at, "payout", Micros(-amount), gross=amount, reference=reference)))
            self._told += 1
        for reference, name in list(self.platform.kept.items())[self._told_back :]:
            at = self.clock.forward(timedelta(seconds=1))
            if reference in self.platform.withdrawn:
                amount = self.platform.withdrawn[reference][1]
                await self.judge(Told(name, CashMoved(0, at, "adjustment", amount, reference=reference)))
            self._told_back += 1

    async def judge(self, *told: Told) -> None:
        at = self.clock.forward(timedelta(seconds=1))
        await self.desk.judge(Batch(at, told=told))

    async def ask(self, dollars: int) -> request.Payout:
        return await self.request(self.ann, PayoutAsk(self.account, Cents(dollars * 100)))

    async def payout(self, like: request.Payout) -> request.Payout:
        async with self.work.begin() as tx:
            found = await tx.payouts.peek(like.claim.id)
        assert found is not None
        return found

    def _fill(self, quantity: int, price: int) -> Told:
        at = self.clock.forward(timedelta(seconds=1))
        return Told(self.at_platform, Fill(0, at, f"x{at}", "ESH26", "ES", quantity, price, Micros(0)))

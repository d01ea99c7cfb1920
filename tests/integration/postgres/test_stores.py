"""What is written is what is read; what must not happen twice does not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.engine import LOCK_TIMEOUT, make_engine
from propfirm.adapters.postgres.intake import PostgresIdempotency
from propfirm.adapters.postgres.tables import users
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.application.ports.work import Answer, KeyUsedOtherwise, Listing
from propfirm.application.support.forget_answers import ForgetAnswers
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.errors import Conflict, NotFound
from propfirm.domain.evaluation import account as life
from propfirm.domain.evaluation.commands import Open
from propfirm.domain.evaluation.facts import Edition
from propfirm.domain.identity.people import AddressTaken, Person
from propfirm.domain.ids import AccountId, PayoutId, PersonId, PurchaseId, TransferId
from propfirm.domain.ledger import bookings
from propfirm.domain.ledger.transfers import BookedOtherwise, Transfer
from propfirm.domain.money import Cents
from propfirm.domain.payouts import request
from propfirm.domain.purchases import purchase
from tests.integration import locks
from tests.integration.firm import delivered, paid

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PROGRAM = ShippedPrograms().get("topstep-50k")
EDITION = Edition(PROGRAM, fingerprint(PROGRAM))
LISTING = Listing(EDITION, "published", Cents(14_900), NOON)


def person(email: str = "ann@example.com") -> Person:
    return Person(PersonId(uuid4()), email, "Ann", "trader", "$argon2id$", NOON)


@pytest.fixture
def work(engine: AsyncEngine) -> PostgresUnitOfWork:
    return PostgresUnitOfWork(engine)


async def bought(work: PostgresUnitOfWork) -> tuple[Person, PurchaseId, AccountId]:
    """A trader with a delivered purchase and its account."""
    ann, id_, account = person(), PurchaseId(uuid4()), AccountId(uuid4())
    order = purchase.Order(id_, ann.id, purchase.Challenge(EDITION.binding), Cents(14_900), "USD", "sandbox", NOON)
    now, happened = await delivered(work.engine, order, account, NOON)
    opened = life.decide(None, Open(account, ann.id, id_, EDITION.fingerprint), NOON, PROGRAM)
    state = life.evolve(None, opened[0])
    async with work.begin() as tx:
        await tx.people.add(ann)
        await tx.programs.put(LISTING)
        await tx.purchases.put(now, happened)
        await tx.ledger.post(paid(order, NOON))
        await tx.accounts.put(account, state, opened)
    async with work.begin() as tx:
        assert await tx.purchases.get(id_, buyer=ann.id) == now
        assert await tx.accounts.get(account, owner=ann.id) == state
    return ann, id_, account


async def test_what_is_written_is_read_again(work: PostgresUnitOfWork) -> None:
    ann, _, _ = await bought(work)
    async with work.begin() as tx:
        assert await tx.people.get(ann.id) == ann
        assert await tx.people.by_email(ann.email) == ann
        assert await tx.programs.get(PROGRAM.id, PROGRAM.version) == LISTING
        assert await tx.programs.on_sale(PROGRAM.id) == LISTING


async def test_what_is_another_persons_does_not_exist(work: PostgresUnitOfWork) -> None:
    _, id_, account = await bought(work)
    stranger = PersonId(uuid4())
    async with work.begin() as tx:
        with pytest.raises(NotFound):
            await tx.purchases.get(id_, buyer=stranger)
        with pytest.raises(NotFound):
            await tx.accounts.get(account, owner=stranger)


async def test_one_address_is_one_person(work: PostgresUnitOfWork) -> None:
    async with work.begin() as tx:
        await tx.people.add(person())
        with pytest.raises(AddressTaken):
            await tx.people.add(person())
        await tx.people.add(person("bob@example.com"))


async def test_a_published_document_never_changes(work: PostgresUnitOfWork) -> None:
    other = Edition(PROGRAM, "0" * 64)
    async with work.begin() as tx:
        await tx.programs.put(LISTING)
        await tx.programs.put(Listing(EDITION, "retired", Cents(9_900), NOON))
        with pytest.raises(Conflict):
            await tx.programs.put(Listing(other, "published", Cents(9_900), NOON))


def booked(reference: str, amount: int = 14_900) -> Transfer:
    entries = bookings.purchase_paid("sandbox", Cents(amount))
    return Transfer(TransferId(uuid4()), NOON, "purchase_paid", reference, entries)


@pytest.mark.breaks  # nobody made the purchase that is booked
async def test_the_same_act_is_booked_once(work: PostgresUnitOfWork) -> None:
    async with work.begin() as tx:
        await tx.ledger.post(booked("one"))
        await tx.ledger.post(booked("one"))
        with pytest.raises(BookedOtherwise):
            await tx.ledger.post(booked("one", 1))
        assert await tx.ledger.balance(bookings.INCOME) == -14_900


@pytest.mark.breaks  # as above
@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_entries set amount_cents = 1",
        "delete from ledger_entries",
        "truncate ledger_transfers, ledger_entries",
        "insert into ledger_entries select transfer_id, 2, kind, owner, 5 from ledger_entries limit 1",
        "insert into ledger_entries select transfer_id, place + 2, kind, owner, amount_cents from ledger_entries",
    ],
)
async def test_the_books_are_never_rewritten(work: PostgresUnitOfWork, engine: AsyncEngine, statement: str) -> None:
    async with work.begin() as tx:
        await tx.ledger.post(booked("one"))
    with pytest.raises(DBAPIError):
        async with engine.begin() as connection:
            await connection.execute(text(statement))
    async with work.begin() as tx:
        assert await tx.ledger.balance(bookings.INCOME) == -14_900


async def test_an_unbalanced_transfer_is_refused_by_the_database(engine: AsyncEngine) -> None:
    one = {"id": UUID(int=1)}
    async with engine.connect() as connection:
        await connection.execute(
            text("insert into ledger_transfers values (:id, now(), 'purchase_paid', 'x', 'USD')"), one
        )
        entries = text("insert into ledger_entries values (:id, 0, 'bank', '', 5), (:id, 1, 'bank', '', -4)")
        with pytest.raises(DBAPIError, match="do not balance"):
            await connection.execute(entries, one)


async def test_an_order_waits_for_nobody_who_holds_the_person_it_refers_to(work: PostgresUnitOfWork) -> None:
    """A request holds the person and wants the account; an order of a reset holds the account and names the person."""
    ann, _, account = await bought(work)
    person_held, account_held = asyncio.Event(), asyncio.Event()

    async def ask() -> None:
        async with work.begin() as tx:
            await tx.people.get(ann.id)
            person_held.set()
            await account_held.wait()
            await tx.accounts.get(account)

    async def order() -> None:
        again = purchase.Order(
            PurchaseId(uuid4()), ann.id, purchase.FreshAttempt(account, 1), Cents(0), "USD", "sandbox", NOON
        )
        placed = purchase.decide(None, purchase.Place(again), NOON)
        async with work.begin() as tx:
            await tx.accounts.get(account)
            account_held.set()
            await person_held.wait()
            await tx.purchases.put(purchase.evolve(None, placed[0]), placed)

    async with asyncio.timeout(10):
        await asyncio.gather(ask(), order())


async def test_rows_that_are_locked_out_of_order_are_noticed(engine: AsyncEngine, database: str) -> None:
    """Every test on a database rests on it."""
    of_its_own = make_engine(database, connections=2, name="careless")
    work = PostgresUnitOfWork(of_its_own)
    _, order, account = await bought(work)
    try:
        with locks.seen(of_its_own) as slips:
            for careful in (True, False):
                async with work.begin() as tx:
                    for table in ("purchases", "accounts") if careful else ("accounts", "purchases"):
                        store, id_ = (tx.purchases, order) if table == "purchases" else (tx.accounts, account)
                        await store.get(id_)  # type: ignore[arg-type]  # each store with an id of its own
                async with of_its_own.begin() as connection:
                    await connection.execute(select(users).with_for_update(key_share=careful))
                assert bool(slips) != careful
    finally:
        await of_its_own.dispose()
    assert slips == ["purchases after accounts", "users: whoever refers to it waits"]


async def test_a_transaction_that_fails_leaves_nothing(work: PostgresUnitOfWork) -> None:
    ann = person()

    async def fail() -> None:
        async with work.begin() as tx:
            await tx.people.add(ann)
            await tx.jobs.enqueue("task", "key", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with work.begin() as tx:
        with pytest.raises(NotFound):
            await tx.people.get(ann.id)


async def test_a_delivery_is_first_once(work: PostgresUnitOfWork) -> None:
    async with work.begin() as tx:
        assert await tx.inbox.first("bank", "evt_1", b"{}")
        assert not await tx.inbox.first("bank", "evt_1", b"{}")
        assert await tx.inbox.first("sandbox", "evt_1", b"{}")


async def test_of_many_equal_requests_at_once_one_acts_and_all_are_answered_alike(work: PostgresUnitOfWork) -> None:
    ann, acted = PersonId(uuid4()), list[int]()

    async def ask(n: int) -> Answer:
        async with work.begin() as tx:
            known = await tx.idempotency.claim(ann, "POST /x", "key", "digest")
            if known is not None:
                return known
            acted.append(n)
            answer = Answer(201, b"{}", f"/x/{n}")
            await tx.idempotency.keep(ann, "POST /x", "key", answer)
            return answer

    answers = await asyncio.gather(*(ask(n) for n in range(4)))
    assert len(acted) == 1
    assert set(answers) == {Answer(201, b"{}", f"/x/{acted[0]}")}
    async with work.begin() as tx:
        with pytest.raises(KeyUsedOtherwise):
            await tx.idempotency.claim(ann, "POST /x", "key", "another")
        assert await tx.idempotency.claim(PersonId(uuid4()), "POST /x", "key", "digest") is None


async def test_what_is_done_under_a_key_waits_for_locks_as_long_as_everybody_else(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        claimed = PostgresIdempotency(connection)
        for key, digest in (("one", "digest"), ("two", "digest"), ("one", "digest")):
            await claimed.claim(PersonId(uuid4()), "POST /x", key, digest)
            assert await connection.scalar(text("show lock_timeout")) == LOCK_TIMEOUT


async def test_an_answer_is_forgotten_after_seven_days_not_before(
    work: PostgresUnitOfWork, engine: AsyncEngine
) -> None:
    ann, forget = PersonId(uuid4()), ForgetAnswers(work)
    for key in ("old", "young"):
        async with work.begin() as tx:
            assert await tx.idempotency.claim(ann, "POST /x", key, "digest") is None
            await tx.idempotency.keep(ann, "POST /x", key, Answer(201, b"{}"))
    async with engine.begin() as connection:
        age = "update idempotency set at = now() - case key when 'young' then {} else {} end"
        await connection.execute(text(age.format("interval '6 days 23 h 59 min'", "interval '7 days 1 min'")))
    assert [await forget() for _ in range(2)] == [1, 0]
    async with work.begin() as tx:
        assert await tx.idempotency.claim(ann, "POST /x", "young", "digest") == Answer(201, b"{}")
        assert await tx.idempotency.claim(ann, "POST /x", "old", "digest") is None


@pytest.mark.breaks  # the payout is in no books
async def test_a_payout_has_one_live_attempt_at_the_bank(work: PostgresUnitOfWork, engine: AsyncEngine) -> None:
    ann, _, account = await bought(work)
    claim = request.Claim(PayoutId(uuid4()), account, ann.id, 1, Cents(100_00), Cents(90_00), NOON)
    now: request.Payout | None = None
    async with work.begin() as tx:
        for command in (request.Ask(claim), request.Approve(PersonId(uuid4())), request.Send()):
            for event in request.decide(now, command, NOON):
                now = request.evolve(now, event)
                await tx.payouts.put(now, [event])
    async with work.begin() as tx:
        assert await tx.payouts.get(claim.id) == now
        assert await tx.payouts.of_account(account) == [now]
    with pytest.raises(DBAPIError, match="uq_disbursements_live"):
        async with engine.begin() as connection:
            await connection.execute(
                text("insert into disbursements values (:id, 2, 'sending', null)"), {"id": claim.id}
            )

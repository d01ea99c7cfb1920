"""A payout on real tables, from the question to the money in the bank: promised once, owed once, paid once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Literal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.journal import PostgresJournal
from propfirm.adapters.postgres.queries.accounts import PostgresAccountQueries
from propfirm.adapters.postgres.queries.figures import PostgresFigureQueries
from propfirm.adapters.postgres.unit_of_work import PostgresTransaction, PostgresUnitOfWork
from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.evaluation.appeals import FileAppeal, WithdrawAppeal
from propfirm.application.evaluation.replay import ReplayRuns
from propfirm.application.payouts.decide_payout import ApprovePayout, ShareHasFallen, UnknownRule
from propfirm.application.payouts.request_payout import NotEligible, NothingForTheTrader, PayoutAsk, QuotePayout
from propfirm.application.payouts.send_payout import SendPayout, key_of
from propfirm.application.payouts.survey import NothingTraded
from propfirm.application.ports.payments import Answer, Unavailable
from propfirm.application.ports.work import Risk, Transaction
from propfirm.domain.catalogue.program import Buffer, InsideBuffer, PayoutTerms, Split, SplitStep
from propfirm.domain.errors import NotFound
from propfirm.domain.evaluation.refusals import AppealOpen
from propfirm.domain.evaluation.states import Closed, Failed
from propfirm.domain.identity.actors import Staff, Trader
from propfirm.domain.ids import AccountId, PayoutId, PersonId
from propfirm.domain.ledger import bookings
from propfirm.domain.money import Cents, Micros, Ppm, usd
from propfirm.domain.payouts.request import (
    Approved,
    Cancelled,
    OwnPayout,
    Rejected,
    Requested,
    Returned,
    Sending,
    Sent,
    Unknown,
    WrongState,
)
from propfirm.domain.rules.events import CashMoved
from propfirm.domain.rules.journal import Quoted
from tests.integration.firm import BOSS, TERMS, Firm, HandClock, KeptPlatform
from tests.integration.verified import CALCULATOR

pytestmark = [pytest.mark.anyio, pytest.mark.settled]
FIRST_TEN = Split(
    "by_lifetime_marginal", (SplitStep(0, Ppm(1_000_000)), SplitStep(usd("10000"), Ppm(800_000))), "person"
)
"""All of a person's first 10,000 dollars, then 80 %."""
NUMBERS = count(1)
"""Of accounts that share one database."""


def firm_on(engine: AsyncEngine) -> Firm:
    clock = HandClock()
    return Firm(PostgresUnitOfWork(engine), SandboxBank(engine, clock, late_s=0.05), clock)


@pytest.fixture
async def firm(engine: AsyncEngine) -> Firm:
    made = firm_on(engine)
    await made.fund()
    return made


async def books(firm: Firm) -> dict[str, int]:
    """In dollars, what is not zero."""
    accounts = [bookings.EXPENSE, bookings.owed_to(firm.ann.id), bookings.IN_TRANSIT, bookings.BANK]
    async with firm.work.begin() as tx:
        held = {account.kind: await tx.ledger.balance(account) for account in accounts}
    return {kind: cents // 100 for kind, cents in held.items() if cents}


async def statement(firm: Firm) -> list[tuple[str, int]]:
    return [(line.key, line.amount) for line in await firm.bank.statement()]


async def test_the_whole_way_moves_the_account_and_the_books_step_by_step(firm: Firm) -> None:
    await firm.earn(60)
    asked = await firm.ask(1_000)
    assert isinstance(asked, Requested)
    assert asked.claim.trader == Cents(900_00)
    assert await books(firm) == {}
    approved = await firm.approve(BOSS, asked.claim.id)
    assert isinstance(approved, Approved)
    assert await books(firm) == {"payout_expense": 900, "trader_payable": -900}
    await firm.send(asked.claim.id, 1)
    sent = await firm.payout(asked)
    assert isinstance(sent, Sent)
    assert await books(firm) == {"payout_expense": 900, "bank": -900}
    assert await statement(firm) == [(key_of(asked.claim.id, 1), 900_00)]
    await firm.feed()
    async with firm.work.begin() as tx:
        risk = await tx.journal.risk(firm.account, 1)
    assert risk is not None
    state = risk.checkpoint.state
    assert (state.balance, state.floor, state.payouts) == (usd("52000"), usd("50000"), 1)
    assert state.core.counters.paid_to_trader == usd("900")


async def test_all_that_is_available_can_be_asked_for_and_approved(firm: Firm) -> None:
    await firm.earn(60)
    available = (await firm.quote(firm.ann.id, firm.account)).available
    asked = await firm.request(firm.ann, PayoutAsk(firm.account, available))
    assert isinstance(await firm.approve(BOSS, asked.claim.id), Approved)


async def test_a_target_over_what_the_last_payout_left_goes_by_the_journal(engine: AsyncEngine) -> None:
    firm = firm_on(engine)
    await firm.fund(msgspec.structs.replace(TERMS, dynamic_target=(Ppm(20_000),)))
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    await firm.send(asked.claim.id, 1)
    await firm.feed()
    await firm.earn(10)
    told = await firm.quote(firm.ann.id, firm.account)
    target = next(one for one in told.failing if one.code == "payout_target")
    assert (target.limit, target.actual) == (usd("53040"), usd("52500"))


async def test_a_quote_tells_every_condition_and_a_request_is_refused_with_the_same(firm: Firm) -> None:
    await firm.earn(1)
    told = await firm.quote(firm.ann.id, firm.account, Cents(5_000_00))
    assert [one.code for one in told.failing] == ["min_amount", "asked_too_much", "would_breach"]
    with pytest.raises(NotEligible) as refusal:
        await firm.ask(5_000)
    assert (refusal.value.unmet, refusal.value.available) == (told.failing, told.available)


@dataclass(slots=True)
class Meanwhile:
    """What the desk does between two looks of somebody else, once."""

    firm: Firm
    done: bool = False

    async def happen(self) -> None:
        """Ann's position is closed, and the price falls far below its floor after that."""
        if not self.done:
            self.done = True
            await self.firm.trade(-1, 24_000)
            await self.firm.tick(2, 12_000)


@dataclass(frozen=True, slots=True)
class CrossedJournal(PostgresJournal):
    """The desk commits just after the first look at the run or at the prices."""

    meanwhile: Meanwhile = field(kw_only=True)

    async def risk(self, account: AccountId, run: int) -> Risk | None:
        found = await PostgresJournal.risk(self, account, run)
        await self.meanwhile.happen()
        return found

    async def latest(self) -> Sequence[Quoted]:
        found = await PostgresJournal.latest(self)
        await self.meanwhile.happen()
        return found


@dataclass(frozen=True, slots=True)
class CrossedWork(PostgresUnitOfWork):
    meanwhile: Meanwhile

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        async with PostgresUnitOfWork.begin(self) as tx:
            assert isinstance(tx, PostgresTransaction)
            yield replace(tx, journal=CrossedJournal(tx.journal.connection, meanwhile=self.meanwhile))


async def crossed(firm: Firm, engine: AsyncEngine) -> tuple[Requested, CrossedWork]:
    """A request is open, and so is a position that the desk will close while somebody looks."""
    await firm.earn(60)
    asked = await firm.ask(1_000)
    assert isinstance(asked, Requested)
    await firm.tick(1, 24_000)
    await firm.trade(1, 24_000)
    return asked, CrossedWork(engine, Meanwhile(firm))


async def test_a_quote_never_values_what_was_closed_meanwhile_at_later_prices(firm: Firm, engine: AsyncEngine) -> None:
    _, work = await crossed(firm, engine)
    told = await QuotePayout(work, firm.quote.survey)(firm.ann.id, firm.account)
    assert work.meanwhile.done
    assert "stage_over" not in [one.code for one in told.failing]


async def test_a_decision_never_values_what_was_closed_meanwhile_at_later_prices(
    firm: Firm, engine: AsyncEngine
) -> None:
    asked, work = await crossed(firm, engine)
    approve = ApprovePayout(work, firm.clock, firm.ids, firm.quote.survey)
    assert isinstance(await approve(BOSS, asked.claim.id), Approved)
    assert work.meanwhile.done


async def test_an_account_that_the_platform_has_not_opened_yet_has_no_payouts(engine: AsyncEngine) -> None:
    firm = firm_on(engine)
    await firm.fund(begin=False)
    with pytest.raises(NothingTraded):
        await firm.quote(firm.ann.id, firm.account)


async def test_an_amount_of_which_nothing_reaches_the_trader_is_refused(engine: AsyncEngine) -> None:
    firm = firm_on(engine)
    await firm.fund(msgspec.structs.replace(TERMS, min_amount=Micros(0)))
    await firm.earn(60)
    with pytest.raises(NothingForTheTrader):
        await firm.request(firm.ann, PayoutAsk(firm.account, Cents(1)))


async def test_another_traders_account_is_not_there(firm: Firm) -> None:
    await firm.earn(60)
    stranger = Trader(PersonId(BOSS.id))
    with pytest.raises(NotFound):
        await firm.quote(stranger.id, firm.account)
    asked = await firm.ask(1_000)
    with pytest.raises(NotFound):
        await firm.cancel(stranger, asked.claim.id)


async def test_of_a_hundred_requests_at_once_one_is_taken(firm: Firm) -> None:
    await firm.earn(60)
    results = await asyncio.gather(*(firm.ask(1_000) for _ in range(100)), return_exceptions=True)
    taken = [one for one in results if isinstance(one, Requested)]
    refused = [one for one in results if isinstance(one, NotEligible)]
    assert (len(taken), len(refused)) == (1, 99)
    assert {one.code for refusal in refused for one in refusal.unmet} == {"pending_request"}


async def test_the_next_request_waits_until_the_money_has_left_the_account(firm: Firm) -> None:
    await firm.earn(60)
    first = await firm.ask(1_000)
    await firm.approve(BOSS, first.claim.id)
    await firm.send(first.claim.id, 1)
    with pytest.raises(NotEligible) as refusal:
        await firm.ask(500)
    assert [one.code for one in refusal.value.unmet] == ["pending_request"]
    await firm.feed()
    assert isinstance(await firm.ask(500), Requested)


async def test_who_has_lost_the_money_since_the_request_is_not_paid_it(firm: Firm) -> None:
    await firm.earn(60)
    asked = await firm.ask(2_900)
    await firm.earn(-30)
    with pytest.raises(NotEligible) as refusal:
        await firm.approve(BOSS, asked.claim.id)
    assert {one.code for one in refusal.value.unmet} == {"asked_too_much", "would_breach"}
    assert isinstance(await firm.payout(asked), Requested)
    assert await books(firm) == {}


async def two_accounts(engine: AsyncEngine, terms: PayoutTerms) -> list[Firm]:
    """Of Ann, with 20,000 dollars of profit each."""
    both = [firm_on(engine), firm_on(engine)]
    first, second = both
    second.ann, second.clock, second.desk, second.at_platform = first.ann, first.clock, first.desk, "kept-2"
    await first.fund(terms)
    await second.fund(terms, known=True)
    for one in both:
        await one.earn(400)
    return both


@pytest.mark.parametrize(("yes", "no"), [(0, 1), (1, 0)])
async def test_what_a_person_has_once_is_approved_once_in_whichever_order(
    engine: AsyncEngine, yes: int, no: int
) -> None:
    both = await two_accounts(engine, msgspec.structs.replace(TERMS, split=FIRST_TEN))
    asked = [await one.ask(10_000) for one in both]
    assert [one.claim.trader for one in asked] == [10_000_00, 10_000_00]
    await both[yes].approve(BOSS, asked[yes].claim.id)
    with pytest.raises(ShareHasFallen) as refusal:
        await both[no].approve(BOSS, asked[no].claim.id)
    assert (refusal.value.promised, refusal.value.due) == (10_000_00, 8_000_00)
    assert isinstance(await both[no].payout(asked[no]), Requested)
    assert await books(both[0]) == {"payout_expense": 10_000, "trader_payable": -10_000}
    await both[no].cancel(both[no].ann, asked[no].claim.id)
    again = await both[no].ask(10_000)
    assert again.claim.trader == 8_000_00
    assert isinstance(await both[no].approve(BOSS, again.claim.id), Approved)


async def test_of_two_approvals_at_once_one_has_the_better_share(engine: AsyncEngine) -> None:
    both = await two_accounts(engine, msgspec.structs.replace(TERMS, split=FIRST_TEN))
    asked = [await one.ask(10_000) for one in both]
    results = await asyncio.gather(*(both[0].approve(BOSS, one.claim.id) for one in asked), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["Approved", "ShareHasFallen"]
    assert await books(both[0]) == {"payout_expense": 10_000, "trader_payable": -10_000}


async def test_what_was_asked_for_and_not_given_takes_nothing_from_the_share(engine: AsyncEngine) -> None:
    both = await two_accounts(engine, msgspec.structs.replace(TERMS, split=FIRST_TEN))
    first, second = [await one.ask(10_000) for one in both]
    await both[0].reject(BOSS, first.claim.id, "news", "Traded into a release")
    assert isinstance(await both[1].approve(BOSS, second.claim.id), Approved)
    assert second.claim.trader == 10_000_00


async def test_where_each_account_counts_for_itself_both_have_the_whole_share(engine: AsyncEngine) -> None:
    own = msgspec.structs.replace(FIRST_TEN, scope="account")
    both = await two_accounts(engine, msgspec.structs.replace(TERMS, split=own))
    for one in [await one.ask(10_000) for one in both]:
        assert isinstance(await both[0].approve(BOSS, one.claim.id), Approved)
    assert await books(both[0]) == {"payout_expense": 20_000, "trader_payable": -20_000}


async def test_a_share_that_has_risen_since_the_request_is_not_raised_by_the_approval(engine: AsyncEngine) -> None:
    rising = msgspec.structs.replace(
        FIRST_TEN, steps=(SplitStep(0, Ppm(800_000)), SplitStep(usd("10000"), Ppm(900_000)))
    )
    both = await two_accounts(engine, msgspec.structs.replace(TERMS, split=rising))
    for one in [await one.ask(10_000) for one in both]:
        assert isinstance(await both[0].approve(BOSS, one.claim.id), Approved)
    assert await books(both[0]) == {"payout_expense": 16_000, "trader_payable": -16_000}


@st.composite
def aging_terms(draw: st.DrawFn) -> PayoutTerms:
    """Payouts whose shares go by the account's age: they rise or fall, inside the buffer too."""
    rates = st.integers(1, 10).map(lambda tenths: Ppm(tenths * 100_000))
    ages = [0, *sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=3)))]
    split = Split("by_age", tuple(SplitStep(age, draw(rates)) for age in ages))
    apart = draw(st.booleans())
    inside = InsideBuffer(
        "split",
        split=draw(rates) if apart else None,
        split_later=draw(rates) if apart else None,
        split_later_after_days=draw(st.integers(1, 60)) if apart else None,
    )
    return msgspec.structs.replace(
        TERMS,
        split=split,
        buffer=draw(st.sampled_from((None, Buffer(usd("500"))))),
        inside_buffer=draw(st.sampled_from((InsideBuffer(), inside))),
        trader_cap=draw(st.sampled_from((None, usd("700")))),
        deduct=draw(st.sampled_from(("gross", "trader_share"))),
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(terms=aging_terms(), age=st.integers(0, 60), late=st.integers(1, 90))
async def test_an_approval_however_late_grants_what_was_promised_at_the_request(
    engine: AsyncEngine, terms: PayoutTerms, age: int, late: int
) -> None:
    """The share is that of the account's age when it was asked for, though it has fallen or risen since."""
    firm, number = firm_on(engine), next(NUMBERS)
    async with firm.work.begin() as tx:
        known = await tx.people.by_email("ann@example.com")
    if known is not None:
        firm.ann = Trader(known.id)
    firm.at_platform = f"kept-{number}"
    firm.clock.forward(timedelta(seconds=10 * number))  # one feed tells them all: its time never goes back
    await firm.fund(terms, known=known is not None, version=number)
    await firm.earn(30)
    firm.clock.forward(timedelta(days=age))
    available = (await firm.quote(firm.ann.id, firm.account)).available
    asked = await firm.request(firm.ann, PayoutAsk(firm.account, available))
    firm.clock.forward(timedelta(days=late))
    approved = await firm.approve(BOSS, asked.claim.id)
    assert isinstance(approved, Approved)
    assert approved.claim == asked.claim


async def test_nobody_decides_over_their_own_payout(firm: Firm) -> None:
    await firm.earn(60)
    asked = await firm.ask(1_000)
    herself = Staff(firm.ann.id, "admin")
    with pytest.raises(OwnPayout):
        await firm.approve(herself, asked.claim.id)
    with pytest.raises(OwnPayout):
        await firm.reject(herself, asked.claim.id, "review", "no")


@pytest.mark.parametrize(("reset", "cycle_start"), [("on_approval", 0), ("on_decision", 3_000)])
async def test_a_rejection_reaches_the_run_and_begins_its_cycle_anew_where_decisions_count(
    engine: AsyncEngine, reset: Literal["on_approval", "on_decision"], cycle_start: int
) -> None:
    firm = firm_on(engine)
    await firm.fund(msgspec.structs.replace(TERMS, counter_reset=reset))
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.reject(BOSS, asked.claim.id, "news", "Traded into a release")
    again = await firm.quote(firm.ann.id, firm.account, Cents(1_000_00))
    assert ("pending_request" in [one.code for one in again.failing]) == (reset == "on_decision"), (
        "not by the old counters"
    )
    await firm.judge()
    await firm.judge()
    assert (await firm.quote(firm.ann.id, firm.account, Cents(1_000_00))).eligible
    async with firm.work.begin() as tx:
        cash = [one.event for one in await tx.journal.entries(firm.account, 1) if isinstance(one.event, CashMoved)]
        risk = await tx.journal.risk(firm.account, 1)
    assert [(one.kind, one.amount, one.reference) for one in cash] == [("payout_denied", 0, str(asked.claim.id))]
    assert risk is not None
    assert risk.checkpoint.state.core.counters.cycle_profit_start == usd(str(cycle_start))
    assert (await ReplayRuns(firm.work, firm.desk.runs, CALCULATOR)(firm.account, 1)).difference is None


async def test_a_rejection_that_is_written_after_its_time_was_judged_counts_from_where_the_run_stands(
    firm: Firm,
) -> None:
    await firm.earn(60)
    asked = await firm.ask(1_000)
    decided_at = firm.clock.at
    await firm.earn(1)
    firm.clock.at, now = decided_at, firm.clock.at
    await firm.reject(BOSS, asked.claim.id, "news", "Traded into a release")
    firm.clock.at = now
    await firm.judge()
    async with firm.work.begin() as tx:
        last, before = (await tx.journal.entries(firm.account, 1))[:-3:-1]
    assert isinstance(last.event, CashMoved)
    assert last.event.at == before.event.at
    assert (await ReplayRuns(firm.work, firm.desk.runs, CALCULATOR)(firm.account, 1)).difference is None


async def test_a_rejection_names_a_rule_that_there_is_and_frees_the_amount(firm: Firm) -> None:
    await firm.earn(60)
    asked = await firm.ask(1_000)
    with pytest.raises(UnknownRule):
        await firm.reject(BOSS, asked.claim.id, "the moon", "it is full")
    rejected = await firm.reject(BOSS, asked.claim.id, "news", "Traded into a release")
    assert isinstance(rejected, Rejected)
    assert isinstance(await firm.ask(1_000), Requested)


async def test_of_a_cancellation_and_an_approval_at_once_one_wins(firm: Firm) -> None:
    await firm.earn(60)
    asked = await firm.ask(1_000)
    results = await asyncio.gather(
        firm.cancel(firm.ann, asked.claim.id), firm.approve(BOSS, asked.claim.id), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in results) in (["Approved", "WrongState"], ["Cancelled", "WrongState"])
    assert isinstance(await firm.payout(asked), Approved | Cancelled)


async def test_two_approvals_at_once_are_booked_once(firm: Firm) -> None:
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await asyncio.gather(*(firm.approve(BOSS, asked.claim.id) for _ in range(4)))
    assert await books(firm) == {"payout_expense": 900, "trader_payable": -900}


async def test_a_lost_answer_is_no_failure_and_is_asked_about(firm: Firm) -> None:
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    await firm.bank.instruct(firm.ann.id, "lose")
    with pytest.raises(Unavailable):
        await firm.send(asked.claim.id, 1)
    assert isinstance(await firm.payout(asked), Unknown)
    assert await books(firm) == {"payout_expense": 900, "in_transit": -900}
    await firm.send(asked.claim.id, 1)
    assert isinstance(await firm.payout(asked), Sent)
    assert await statement(firm) == [(key_of(asked.claim.id, 1), 900_00)]


async def test_what_the_bank_refused_is_owed_as_before_and_sent_again_by_a_person_alone(firm: Firm) -> None:
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    await firm.bank.instruct(firm.ann.id, "refuse")
    await firm.send(asked.claim.id, 1)
    assert isinstance(await firm.payout(asked), Returned)
    assert await books(firm) == {"payout_expense": 900, "trader_payable": -900}
    await firm.bank.instruct(firm.ann.id, "pay")
    await firm.send(asked.claim.id, 1)  # the same job, told again
    assert isinstance(await firm.payout(asked), Returned)
    await firm.resend(BOSS, asked.claim.id)
    await firm.send(asked.claim.id, 2)
    assert await books(firm) == {"payout_expense": 900, "bank": -900}
    with pytest.raises(WrongState):
        await firm.resend(BOSS, asked.claim.id)


async def test_a_payout_whose_job_was_lost_is_swept_up(firm: Firm) -> None:
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    await firm.sweep()
    assert isinstance(await firm.payout(asked), Approved)  # its job may still be on its way
    firm.clock.forward(timedelta(days=30))
    await firm.sweep()
    assert isinstance(await firm.payout(asked), Approved), "the firm's clock may run fast"
    firm.wall.forward(timedelta(minutes=2))
    await firm.sweep()
    assert isinstance(await firm.payout(asked), Sent)


async def test_the_last_payout_that_the_terms_allow_closes_the_account_once_it_was_sent(engine: AsyncEngine) -> None:
    firm = firm_on(engine)
    await firm.fund(msgspec.structs.replace(TERMS, max_count=1))
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    for _ in range(2):
        await firm.send(asked.claim.id, 1)
    async with firm.work.begin() as tx:
        account = await tx.accounts.peek(firm.account)
    assert isinstance(account, Closed)
    assert account.cause == "completed"
    await firm.feed()  # the platform's word on the money may come after the end
    with pytest.raises(NotEligible) as refusal:
        await firm.ask(500)
    assert "stage_over" in {one.code for one in refusal.value.unmet}


async def test_a_last_payout_is_recorded_though_the_account_cannot_be_closed_for_an_open_appeal(
    engine: AsyncEngine,
) -> None:
    firm = firm_on(engine)
    await firm.fund(msgspec.structs.replace(TERMS, max_count=1))
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    await firm.earn(-200)
    await FileAppeal(firm.work, firm.clock, firm.ids)(firm.ann, firm.account, "The price was not real")
    for _ in range(2):
        await firm.send(asked.claim.id, 1)
    assert isinstance(await firm.payout(asked), Sent)
    assert await books(firm) == {"payout_expense": 900, "bank": -900}
    async with firm.work.begin() as tx:
        assert isinstance(await tx.accounts.peek(firm.account), Failed)
    told = text("select details from audit where subject = :account and act = 'account_left_open'")
    async with engine.connect() as connection:
        found = list(await connection.scalars(told, {"account": f"account:{firm.account}"}))
    assert found == [{"payout": str(asked.claim.id), "refusal": AppealOpen.code}]


async def test_an_account_that_its_last_payout_could_not_close_is_shown_and_closed_once_its_appeal_is_over(
    engine: AsyncEngine,
) -> None:
    firm, seen = firm_on(engine), PostgresAccountQueries(engine)

    async def to_close() -> tuple[list[AccountId], int]:
        listed = await seen.accounts(None, state=None, program=None, after=None, limit=5, to_close=True)
        figures = await PostgresFigureQueries(engine).figures(firm.clock.now())
        return [one.id for one in listed.rows], figures.accounts_to_close

    await firm.fund(msgspec.structs.replace(TERMS, max_count=1))
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    await firm.earn(-200)
    appeal = await FileAppeal(firm.work, firm.clock, firm.ids)(firm.ann, firm.account, "The price was not real")
    assert await to_close() == ([], 0)
    await firm.send(asked.claim.id, 1)
    assert await to_close() == ([firm.account], 1)
    await firm.sweep()
    assert await to_close() == ([firm.account], 1), "while the appeal is open"
    await WithdrawAppeal(firm.work, firm.clock)(firm.ann, appeal.filing.id)
    await firm.sweep()
    async with firm.work.begin() as tx:
        account = await tx.accounts.peek(firm.account)
    assert isinstance(account, Closed)
    assert account.cause == "completed"
    assert await to_close() == ([], 0)


class Killed(BaseException):
    """As a worker that is no more: nothing after it runs."""


class LastAct(KeptPlatform):
    """Withdraws, and that is the last thing the worker does."""

    async def withdraw(self, platform_account: str, reference: str, amount: Micros) -> None:
        await KeptPlatform.withdraw(self, platform_account, reference, amount)
        raise Killed


@dataclass(frozen=True, slots=True)
class DeadlyBank(SandboxBank):
    """The worker dies at the bank's door, or with its answer in the hand."""

    inside: bool = False

    async def pay(self, key: str, payout: PayoutId, trader: PersonId, amount: Cents) -> Answer:
        if self.inside:
            await SandboxBank.pay(self, key, payout, trader, amount)
        raise Killed


def dying(firm: Firm, where: str) -> SendPayout:
    if where == "withdrawn":
        return replace(firm.send, platform=LastAct(withdrawn=firm.platform.withdrawn))
    return replace(firm.send, bank=DeadlyBank(firm.bank.engine, firm.clock, inside=where == "paid"))


@pytest.mark.parametrize("where", ["withdrawn", "claimed", "paid"])
async def test_a_worker_killed_at_any_step_leaves_one_payment(firm: Firm, where: str) -> None:
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    with pytest.raises(Killed):
        await dying(firm, where)(asked.claim.id, 1)
    left = await firm.payout(asked)
    assert isinstance(left, Approved if where == "withdrawn" else Sending)
    for _ in range(2):
        await firm.send(asked.claim.id, 1)
        assert isinstance(await firm.payout(asked), Sent)
    assert await statement(firm) == [(key_of(asked.claim.id, 1), 900_00)]
    assert list(firm.platform.withdrawn) == [str(asked.claim.id)]


async def test_workers_side_by_side_on_one_payout_make_one_payment(firm: Firm) -> None:
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await firm.approve(BOSS, asked.claim.id)
    await firm.bank.instruct(firm.ann.id, "late")
    await asyncio.gather(*(firm.send(asked.claim.id, 1) for _ in range(8)))
    assert isinstance(await firm.payout(asked), Sent)
    assert await statement(firm) == [(key_of(asked.claim.id, 1), 900_00)]
    assert await books(firm) == {"payout_expense": 900, "bank": -900}

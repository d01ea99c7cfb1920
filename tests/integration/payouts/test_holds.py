"""A hold keeps still what has not left: approved payouts wait for its end, and then go on by themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.sandbox.bank import SandboxBank
from propfirm.application.evaluation.moves import FREED
from propfirm.application.payouts.held import MoneyHeld
from propfirm.application.payouts.moves import SEND
from propfirm.application.payouts.request_payout import NotEligible
from propfirm.application.payouts.send_payout import key_of
from propfirm.application.ports.payments import Answer
from propfirm.domain.evaluation.states import ClosureCause, HoldCause
from propfirm.domain.ids import PayoutId, PersonId
from propfirm.domain.money import Cents, Micros
from propfirm.domain.payouts.request import Approved, Requested, Returned, Sent
from tests.integration.firm import BOSS, KeptPlatform
from tests.integration.payouts.office import Office

pytestmark = [pytest.mark.anyio, pytest.mark.settled]


@pytest.fixture
def office(engine: AsyncEngine) -> Office:
    return Office(engine)


@pytest.mark.parametrize("cause", ["payment_dispute", "risk_review", "identity", "conduct", "platform"])
async def test_an_approved_payout_waits_for_the_end_of_a_hold_and_then_goes_on(
    office: Office, cause: HoldCause
) -> None:
    payout = await office.approved()
    await office.hold(cause)
    await office.firm.send(payout.claim.id, 1)
    await office.sweep()
    assert await office.firm.payout(payout) == payout
    assert await office.seen_held() == 1
    assert (office.firm.platform.withdrawn, await office.paid(), await office.jobs(FREED)) == ({}, [], [])
    sends = await office.jobs(SEND)
    await office.lift(cause)
    assert await office.jobs(FREED) == [{"account": str(office.firm.account)}]
    assert await office.seen_held() == 0
    await office.free(office.firm.account)
    assert await office.jobs(SEND) == [*sends, {"payout": str(payout.claim.id), "attempt": "1"}]
    await office.firm.send(payout.claim.id, 1)
    assert isinstance(await office.firm.payout(payout), Sent)
    assert await office.paid() == [(key_of(payout.claim.id, 1), 900_00)]


async def test_of_several_holds_the_last_one_frees_the_money(office: Office) -> None:
    payout = await office.approved()
    await office.hold("risk_review")
    await office.hold("identity")
    await office.lift("risk_review")
    assert await office.jobs(FREED) == []
    await office.sweep()
    assert await office.firm.payout(payout) == payout
    await office.lift("identity")
    await office.sweep()
    assert isinstance(await office.firm.payout(payout), Sent), "found by looking, where the job was lost"


async def test_what_was_returned_is_not_sent_again_while_a_hold_is_on(office: Office) -> None:
    payout = await office.returned()
    await office.hold()
    with pytest.raises(MoneyHeld) as refusal:
        await office.firm.resend(BOSS, payout.claim.id)
    assert refusal.value.stops == ("risk_review",)
    await office.firm.send(payout.claim.id, 2)
    assert await office.firm.payout(payout) == payout
    await office.lift()
    await office.free(office.firm.account)
    await office.sweep()
    assert await office.firm.payout(payout) == payout, "nobody has said yet that it may be sent again"
    await office.firm.resend(BOSS, payout.claim.id)
    await office.firm.send(payout.claim.id, 2)
    assert await office.paid() == [(key_of(payout.claim.id, 2), 900_00)]


async def test_what_was_to_be_sent_again_waits_for_the_end_of_a_hold_too(office: Office) -> None:
    payout = await office.returned()
    for _ in range(2):
        await office.firm.resend(BOSS, payout.claim.id)
    assert len(await office.jobs(SEND)) == 2, "approved once, sent again once"
    await office.hold()
    await office.firm.send(payout.claim.id, 2)
    await office.sweep()
    assert isinstance(await office.firm.payout(payout), Returned)
    assert await office.seen_held() == 1
    await office.lift()
    await office.free(office.firm.account)
    assert (await office.jobs(SEND))[2:] == [{"payout": str(payout.claim.id), "attempt": "2"}]
    await office.sweep()
    assert await office.paid() == [(key_of(payout.claim.id, 2), 900_00)]


async def test_a_payout_that_is_to_be_sent_again_and_lost_its_job_is_swept_up(office: Office) -> None:
    payout = await office.returned()
    await office.sweep()
    assert isinstance(await office.firm.payout(payout), Returned)
    await office.firm.resend(BOSS, payout.claim.id)
    await office.sweep()
    assert isinstance(await office.firm.payout(payout), Sent)


@pytest.mark.parametrize("situation", ["suspended", "closed"])
async def test_a_person_who_may_not_be_paid_is_not(office: Office, situation: str) -> None:
    firm = office.firm
    await firm.fund()
    await firm.earn(60)
    asked = await firm.ask(1_000)
    await office.say_of_ann(situation)
    with pytest.raises(MoneyHeld) as refusal:
        await firm.approve(BOSS, asked.claim.id)
    assert refusal.value.stops == (f"person_{situation}",)
    assert isinstance(await firm.payout(asked), Requested)
    await office.say_of_ann("active")
    approved = await firm.approve(BOSS, asked.claim.id)
    await office.say_of_ann(situation)
    await firm.send(asked.claim.id, 1)
    await office.sweep()
    assert await firm.payout(asked) == approved
    assert await office.seen_held() == 1
    await office.say_of_ann("active")
    await office.sweep()
    assert isinstance(await firm.payout(asked), Sent)


async def test_nothing_is_approved_while_a_hold_is_on(office: Office) -> None:
    await office.firm.fund()
    await office.firm.earn(60)
    asked = await office.firm.ask(1_000)
    await office.hold()
    with pytest.raises(NotEligible) as refusal:
        await office.firm.approve(BOSS, asked.claim.id)
    assert "frozen" in {one.code for one in refusal.value.unmet}


@pytest.mark.parametrize(
    ("cause", "sent"), [("trader_request", True), ("misconduct", False), ("purchase_reversed", False)]
)
async def test_the_end_of_an_account_frees_the_money_unless_it_was_ended_for_cause(
    office: Office, cause: ClosureCause, sent: bool
) -> None:
    payout = await office.approved()
    await office.hold()
    await office.close(cause)
    assert await office.seen_held() == (0 if sent else 1)
    await office.sweep()
    assert isinstance(await office.firm.payout(payout), Sent if sent else Approved)


@dataclass(slots=True)
class Interrupted(KeptPlatform):
    """A hold is placed while the platform takes the money out."""

    office: Office | None = None

    async def withdraw(self, platform_account: str, reference: str, amount: Micros) -> None:
        await KeptPlatform.withdraw(self, platform_account, reference, amount)
        if self.office is not None:
            await self.office.hold()
            self.office = None


@dataclass(frozen=True, slots=True)
class HeldAtTheDoor(SandboxBank):
    """A hold is placed while the bank is asked."""

    office: Office | None = None

    async def pay(self, key: str, payout: PayoutId, trader: PersonId, amount: Cents) -> Answer:
        assert self.office is not None
        await self.office.hold()
        return await SandboxBank.pay(self, key, payout, trader, amount)


async def test_a_hold_that_finds_the_money_withdrawn_and_not_claimed_keeps_it(office: Office) -> None:
    payout, firm = await office.approved(), office.firm
    withdrawn = firm.platform.withdrawn
    await replace(firm.send, platform=Interrupted(withdrawn=withdrawn, office=office))(payout.claim.id, 1)
    assert list(withdrawn) == [str(payout.claim.id)]
    await office.sweep()
    assert await firm.payout(payout) == payout
    assert await office.paid() == []
    await office.lift()
    await office.sweep()
    assert isinstance(await firm.payout(payout), Sent)
    assert list(withdrawn) == [str(payout.claim.id)]
    assert await office.paid() == [(key_of(payout.claim.id, 1), 900_00)]


async def test_what_was_claimed_for_the_bank_is_past_stopping(office: Office) -> None:
    payout, firm = await office.approved(), office.firm
    await replace(firm.send, bank=HeldAtTheDoor(firm.bank.engine, firm.clock, office=office))(payout.claim.id, 1)
    assert isinstance(await firm.payout(payout), Sent)

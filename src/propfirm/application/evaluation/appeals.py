"""Appeals: filed by the trader, decided by two people of the firm on what the evidence says when it is run again.

The appeal and the account move in one transaction. An overturned verdict gives the account back on hold, and announces
to the run that it is open again, with what was lost from the deciding event on given back. The account trades on when
somebody has seen to its risk state and lifts the hold.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, assert_never

import msgspec

from propfirm.application.evaluation.export_proof import ExportProof
from propfirm.application.evaluation.moves import act, program_of
from propfirm.application.evaluation.runs import Runs
from propfirm.application.ports.calculator import Calculator
from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.application.proofs.bundle import open_bundle
from propfirm.application.proofs.verify import VerifyProof
from propfirm.application.sweeping import each
from propfirm.domain.audit.acts import Act
from propfirm.domain.calendar.instants import to_ns
from propfirm.domain.errors import NotFound
from propfirm.domain.evaluation import appeal, commands, states
from propfirm.domain.evaluation.appeal import Decision, Proposal, Rerun
from propfirm.domain.evaluation.facts import CorrectedState
from propfirm.domain.evaluation.refusals import NotInThisState
from propfirm.domain.identity.actors import Actor, Staff, System, Trader
from propfirm.domain.ids import AccountId, AppealId
from propfirm.domain.money import Micros
from propfirm.domain.rules.events import Reinstated
from propfirm.domain.rules.state import State

WINDOW_DAYS: Final = 30
"""A trader may appeal for so long after the verdict was recorded."""
ANSWER_DAYS: Final = 7
"""Then the firm has so long to answer before the appeal is told on."""
STILL: Final = "its verdict was overturned: its risk state has to be looked at"


@dataclass(frozen=True, slots=True)
class FileAppeal:
    """Raises NotFound, NotInThisState (it has not failed), and what appeal and account refuse."""

    work: UnitOfWork
    clock: Clock
    ids: Ids

    async def __call__(self, trader: Trader, account: AccountId, statement: str) -> appeal.Appeal:
        async with self.work.begin() as tx:
            failed = await tx.accounts.get(account, owner=trader.id)
            if not isinstance(failed, states.Failed):
                raise NotInThisState(type(failed).__name__, "File")
            id_, now = AppealId(self.ids.new()), self.clock.now()
            file = appeal.File(id_, trader.id, failed, statement, WINDOW_DAYS, ANSWER_DAYS)
            filed = await _move(tx, None, file, trader, self.clock)
            await act(tx, account, failed, commands.HoldForAppeal(id_), await program_of(tx, failed), now)
        return filed


@dataclass(frozen=True, slots=True)
class WithdrawAppeal:
    """Raises NotFound, NotTheOwner, NotInThisState."""

    work: UnitOfWork
    clock: Clock

    async def __call__(self, trader: Trader, id: AppealId) -> appeal.Appeal:  # noqa: A002 - the field's name
        async with self.work.begin() as tx:
            found = await tx.appeals.get(id)
            account = await tx.accounts.get(found.filing.account, owner=trader.id)
            moved = await _move(tx, found, appeal.Withdraw(trader.id), trader, self.clock)
            settle = commands.SettleAppeal(id, "withdrawn")
            await act(tx, found.filing.account, account, settle, await program_of(tx, account), self.clock.now())
        return moved


@dataclass(frozen=True, slots=True)
class ProposeDecision:
    """The first reviewer's decision, with the evidence run again at this moment.

    Raises NotFound, CalculatorBusy, Gap, ChangedQuote, and what the appeal refuses: a decision against the evidence
    needs an ``override``.
    """

    work: UnitOfWork
    clock: Clock
    prove: ExportProof
    verify: VerifyProof
    calculator: Calculator

    async def __call__(
        self,
        staff: Staff,
        id: AppealId,  # noqa: A002 - as above
        decision: Decision,
        reason: str,
        override: str | None,
    ) -> appeal.Appeal:
        async with self.work.begin() as tx:
            filing = (await tx.appeals.get(id)).filing
        rerun = await self._run_again(filing)
        proposal = Proposal(staff.id, decision, reason, rerun, override)
        async with self.work.begin() as tx:
            return await _move(tx, await tx.appeals.get(id), appeal.Propose(proposal), staff, self.clock)

    async def _run_again(self, filing: appeal.Filing) -> Rerun:
        content = await self.prove(filing.account, filing.verdict.run)
        async with self.calculator.turn():
            return await self.calculator(lambda: self._told(filing, content))

    def _told(self, filing: appeal.Filing, content: bytes) -> Rerun:
        bundle = open_bundle(content).bundle
        same = self.verify(content).holds and filing.verdict.hit in bundle.findings
        digest = hashlib.sha256(content).hexdigest()
        return Rerun("same" if same else "different", bundle.header.semantics, digest)


@dataclass(frozen=True, slots=True)
class AnswerProposal:
    """The second person agrees, and it is decided; or does not, and it is open again.

    Raises NotFound, FourEyes, what appeal and account refuse, CalculatorBusy, and Gap or ChangedQuote where the journal
    is not whole.
    """

    work: UnitOfWork
    clock: Clock
    runs: Runs
    calculator: Calculator

    async def confirm(self, staff: Staff, id: AppealId) -> appeal.Appeal:  # noqa: A002 - as above
        async with self.work.begin() as tx:
            seen = await tx.appeals.get(id)
        confirm = appeal.Confirm(staff.id, _proposal(seen, "Confirm"))
        happens = appeal.decide(seen, confirm, self.clock.now())
        # What was before the verdict stays as it is: it is worked out while nobody waits for a lock.
        overturned = any(isinstance(one, appeal.AppealOverturned) for one in happens)
        before = await self._before(seen.filing) if overturned else None
        async with self.work.begin() as tx:
            decided = await _move(tx, await tx.appeals.get(id), confirm, staff, self.clock)
            match decided:
                case appeal.Upheld():
                    await self._settle(tx, decided.filing.account, commands.SettleAppeal(id, "upheld"))
                case appeal.Overturned() if before is not None:
                    await self._reinstate(tx, decided, before)
                case _:
                    pass  # it was decided before
        return decided

    async def decline(self, staff: Staff, id: AppealId, reason: str) -> appeal.Appeal:  # noqa: A002 - as above
        async with self.work.begin() as tx:
            found = await tx.appeals.get(id)
            declined = appeal.Decline(staff.id, _proposal(found, "Decline"), reason)
            return await _move(tx, found, declined, staff, self.clock)

    async def _settle(self, tx: Transaction, id: AccountId, command: commands.Act) -> None:  # noqa: A002 - as above
        account = await tx.accounts.get(id)
        await act(tx, id, account, command, await program_of(tx, account), self.clock.now())

    async def _before(self, filing: appeal.Filing) -> State:
        """Where the run stood before the event that decided it."""
        account, verdict = filing.account, filing.verdict
        async with self.calculator.turn():
            async with self.work.begin() as tx:
                journalled = await self.runs.journalled(tx, account, verdict.run)
            return await self.calculator(lambda: journalled.before(verdict.hit.seq))

    async def _reinstate(self, tx: Transaction, decided: appeal.Overturned, before: State) -> None:
        filing, proposal, run = decided.filing, decided.proposal, decided.filing.verdict.run
        risk = await tx.journal.risk(filing.account, run)
        if risk is None:
            raise NotFound
        state = risk.checkpoint.state
        worth = Micros(before.equity - before.core.cash)
        opened = Reinstated(0, to_ns(self.clock.now()), worth, str(filing.id))
        await tx.journal.announce(filing.account, run, opened)
        corrected = CorrectedState(filing.id, state.seq, hashlib.sha256(msgspec.msgpack.encode(state)).hexdigest())
        await self._settle(tx, filing.account, commands.Suspend("risk_review", STILL, None))
        await self._settle(tx, filing.account, commands.Reinstate(corrected, proposal.by, decided.second))


@dataclass(frozen=True, slots=True)
class SweepAppeals:
    """An appeal that nobody answered in time is told on, and due again: the timer decides nothing. Raises
    ExceptionGroup."""

    work: UnitOfWork
    clock: Clock

    async def __call__(self) -> None:
        async with self.work.begin() as tx:
            overdue = await tx.appeals.overdue(self.clock.now())
        await each(overdue, self._escalate)

    async def _escalate(self, id: AppealId) -> None:  # noqa: A002 - as above
        async with self.work.begin() as tx:
            found = await tx.appeals.get(id)
            if isinstance(found, appeal.Filed | appeal.UnderReview) and found.due_at < self.clock.now():
                again = appeal.Escalate(found.due_at, ANSWER_DAYS)
                await _move(tx, found, again, System("appeals"), self.clock)


def _proposal(found: appeal.Appeal, command: str) -> Proposal:
    """The one that awaits an answer, or was answered. Raises NotInThisState."""
    match found:
        case appeal.UnderReview() | appeal.Upheld() | appeal.Overturned():
            return found.proposal
        case appeal.Filed(declined=(*_, last)):
            return last.proposal
        case _:
            raise NotInThisState(type(found).__name__, command)


async def _move(
    tx: Transaction, found: appeal.Appeal | None, command: appeal.Command, actor: Actor, clock: Clock
) -> appeal.Appeal:
    """Decided, written and audited; nothing where it had happened already."""
    happened = appeal.decide(found, command, clock.now())
    for event in happened:
        found = appeal.evolve(found, event)
    assert found is not None  # noqa: S101 - without an appeal decide refuses, or files one
    if happened:
        await tx.appeals.put(found, happened)
        for event in happened:
            done, details = _told(event)
            await tx.audit.record(actor, done, f"appeal:{found.filing.id}", details)
    return found


def _told(event: appeal.Event) -> tuple[Act, dict[str, str]]:
    """What the audit says of it: who decided what, and why."""
    match event:
        case appeal.AppealFiled(filing=filing):
            return "appeal_filed", {"account": str(filing.account), "statement": filing.statement}
        case appeal.DecisionProposed(proposal=proposal):
            return "decision_proposed", _figures(proposal)
        case appeal.DecisionDeclined(declined=declined):
            return "decision_declined", {"decision": declined.proposal.decision, "reason": declined.reason}
        case appeal.AppealUpheld(proposal=proposal):
            return "appeal_upheld", {**_figures(proposal), "proposed_by": str(proposal.by)}
        case appeal.AppealOverturned(proposal=proposal):
            return "appeal_overturned", {**_figures(proposal), "proposed_by": str(proposal.by)}
        case appeal.AppealWithdrawn():
            return "appeal_withdrawn", {}
        case appeal.AppealEscalated(was_due_at=due, awaits=awaits):
            return "appeal_escalated", {"was_due_at": due.isoformat(), "awaits": awaits}
        case appeal.AppealLapsed():
            return "appeal_lapsed", {}
        case _:
            assert_never(event)


def _figures(proposal: Proposal) -> dict[str, str]:
    rerun = {"rerun": proposal.rerun.result, "bundle": proposal.rerun.bundle_digest}
    override = {} if proposal.override is None else {"override": proposal.override}
    return {"decision": proposal.decision, "reason": proposal.reason, **rerun, **override}

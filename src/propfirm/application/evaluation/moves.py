"""One act on an account, in the caller's transaction: decided, written, and never done twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from propfirm.application.ports.work import Transaction
from propfirm.domain.catalogue.program import Program
from propfirm.domain.evaluation import commands, events, states
from propfirm.domain.evaluation.account import decide, evolve
from propfirm.domain.ids import AccountId

PROVISION = "evaluation.provision"
"""The job that makes the platform's account of a run that waits for one."""
HOLD = "evaluation.hold"
"""The job that stops the platform's account of a suspended run, or lets it trade again."""
FREED = "payouts.freed"
"""The job that goes on with payouts that a hold kept back, once the last one is over."""


async def program_of(tx: Transaction, account: states.Account) -> Program:
    """The version that the account is bound to."""
    bound = account.enrolment.bound
    return (await tx.programs.get(bound.program, bound.version)).program


async def act(
    tx: Transaction,
    id: AccountId,  # noqa: A002 - the field's name
    account: states.Account | None,
    command: commands.Command,
    program: Program,
    now: datetime,
) -> tuple[states.Account, Sequence[events.Event]]:
    """The account afterwards and what happened; nothing where it had happened already. Raises what ``decide`` refuses.

    A run that now waits for the platform alone is provided for by a job of the same transaction; a run that was on hold
    or is now is stopped or resumed there by another, and payouts that waited for the last hold go on by a third.
    """
    before = account
    happened = decide(account, command, now, program)
    for event in happened:
        account = evolve(account, event)
    assert account is not None  # noqa: S101 - without an account decide refuses, or opens one
    if happened:
        await tx.accounts.put(id, account, happened)
        if isinstance(account, states.Pending) and account.offer is None:
            await tx.jobs.enqueue(PROVISION, str(id), {"account": str(id)})
        if _is_held(before) != _is_held(account):
            await tx.jobs.enqueue(HOLD, str(id), {"account": str(id)})
        if _holds(before) and not _holds(account):
            await tx.jobs.enqueue(FREED, str(id), {"account": str(id)})
    return account, happened


def _holds(account: states.Account | None) -> tuple[states.Hold, ...]:
    return account.holds if isinstance(account, states.Suspended | states.Failed) else ()


def _is_held(account: states.Account | None) -> bool:
    """Whether the account has a run at the platform that must not be traded now."""
    return isinstance(account, states.Suspended) and isinstance(account.held, states.Evaluating | states.Funded)

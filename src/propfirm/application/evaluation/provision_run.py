"""A run gets its account on the platform, and trading begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from propfirm.application.evaluation.moves import act, program_of
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.platforms import Platform
from propfirm.application.ports.work import UnitOfWork
from propfirm.domain.evaluation import commands, states
from propfirm.domain.ids import AccountId
from propfirm.domain.market.contracts import Contract
from propfirm.domain.rules.terms import compile_terms


@dataclass(frozen=True, slots=True)
class ProvisionRun:
    """A job; doing it again finds the same account on the platform. Raises NotFound, Unavailable."""

    work: UnitOfWork
    clock: Clock
    platform: Platform
    contracts: Mapping[str, Contract]

    async def __call__(self, id: AccountId) -> None:  # noqa: A002 - the field's name
        async with self.work.begin() as tx:
            account = await tx.accounts.get(id)
            program = await program_of(tx, account)
        if not isinstance(account, states.Pending) or account.offer is not None:
            return
        enrolment = account.enrolment
        terms = compile_terms(program, enrolment.stage, self.contracts)
        name = await self.platform.open(id, enrolment.run, terms.start)
        async with self.work.begin() as tx:
            found = await tx.accounts.get(id)
            if found.enrolment.run != enrolment.run:
                return
            pays = program.stage(enrolment.stage).kind in {"sim_funded", "live"}
            command = commands.Fund(name) if pays else commands.Activate(name)
            await act(tx, id, found, command, program, self.clock.now())

"""The day that is over is sealed: the ends of all chains under one signed root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from propfirm.application.evaluation.runs import Runs
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.signing import Signer
from propfirm.application.ports.work import Sealed, Transaction, UnitOfWork
from propfirm.application.sweeping import each
from propfirm.domain.audit.seals import Leaf, Seal, SealedPrices, SealedRun, Told
from propfirm.domain.calendar.instants import ONE_DAY, to_ns
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.journal import Gap


@dataclass(frozen=True, slots=True)
class SealDays:
    """Every UTC day that is over by the firm's clock, from the day of the first run on, days without news included.

    Done again it changes nothing, and of two at once one makes the seal. A run whose journal is not whole keeps no
    other from being sealed: it stays outside until it is.

    snapshot: each of its transactions sees one moment. signer: None makes seals without a signature, which say so.
    """

    work: UnitOfWork
    snapshot: UnitOfWork
    clock: Clock
    runs: Runs
    signer: Signer | None

    async def __call__(self) -> Sequence[Sealed]:
        """The seals that were made, the oldest first. Raises ExceptionGroup, after the last, with what stayed out."""
        made, failed = list[Sealed](), list[Exception]()
        for day in await self._due():
            leaves = list[Leaf]()
            try:
                await self._add_runs(leaves)
            except ExceptionGroup as group:
                failed.extend(group.exceptions)
            if (sealed := await self._seal(day, leaves)) is not None:
                made.append(sealed)
        if failed:
            msg = f"{len(made)} days were sealed without some runs"
            raise ExceptionGroup(msg, failed)
        return made

    async def _due(self) -> Sequence[date]:
        async with self.work.begin() as tx:
            return await unsealed(tx, self.clock.now())

    async def _add_runs(self, leaves: list[Leaf]) -> None:
        """Those that went on. Raises ExceptionGroup after the last."""
        async with self.snapshot.begin() as tx:
            moved = await tx.seals.moved()

        async def add(one: tuple[AccountId, int]) -> None:
            # One transaction a run: reading many long journals holds nobody up.
            async with self.snapshot.begin() as tx:
                leaves.append(await self._run(tx, *one))

        await each(moved, add)

    async def _run(self, tx: Transaction, account: AccountId, run: int) -> SealedRun:
        risk, telling = await tx.journal.risk(account, run), Told()
        for event in await self.runs.events(tx, account, run):
            telling.add(event)
        if risk is None or telling.events != risk.checkpoint.state.seq:
            raise Gap(telling.events + 1, 0 if risk is None else risk.checkpoint.state.seq)
        return SealedRun(account, run, telling.events, risk.head, telling.digest())

    async def _seal(self, day: date, leaves: list[Leaf]) -> Sealed | None:
        """None where another has sealed the day meanwhile. Prices come last: whatever a run has met is under them."""
        async with self.work.begin() as tx:
            known, newest = await tx.seals.prices(), await tx.seals.newest()
            prices = [one for one in await tx.journal.latest() if one.number > known.get(one.symbol, 0)]
            leaves.extend(SealedPrices(one.symbol, one.number, one.link) for one in prices)
            before = None if newest is None else newest.seal
            seal = Seal.over(day, to_ns(self.clock.now()), leaves, before)
            sealed = Sealed(seal, None if self.signer is None else self.signer.sign(seal.message))
            return sealed if await tx.seals.put(sealed, leaves) else None


async def unsealed(tx: Transaction, at: datetime) -> Sequence[date]:
    """The days that were over then, by the firm's clock, and have no seal; before the first run there is nothing to
    seal."""
    newest = await tx.seals.newest()
    if newest is not None:
        first = newest.seal.day + ONE_DAY
    elif (began := await tx.seals.began()) is not None:
        first = began.astimezone(UTC).date()
    else:
        return ()
    return [first + n * ONE_DAY for n in range((at.astimezone(UTC).date() - first).days)]

"""The day that is over is sealed: the ends of all chains under one signed root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

from propfirm.application.evaluation.journalled import ChangedEntry, Stretch, further
from propfirm.application.ports.calculator import Calculator
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.signing import Signer
from propfirm.application.ports.work import MovedOn, Sealed, Standings, Transaction, UnitOfWork
from propfirm.application.sweeping import each
from propfirm.domain.audit.seals import Leaf, Seal, SealedPrices, SealedRun, Told
from propfirm.domain.calendar.instants import ONE_DAY, to_ns
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.journal import Gap, Standing, Weaver


@dataclass(frozen=True, slots=True)
class SealDays:
    """Every UTC day that is over by the firm's clock, from the day of the first run on, days without news included.

    Done again it changes nothing, and of two at once one makes the seal. A run whose journal is not whole keeps no
    other from being sealed: it stays outside until it is.

    snapshot: each of its transactions sees one moment. signer: None makes seals without a signature, which say so.
    calculator: asked for no turn, since nobody waits for a seal and it has a page in hand at a time.
    """

    work: UnitOfWork
    snapshot: UnitOfWork
    clock: Clock
    signer: Signer | None
    calculator: Calculator

    async def __call__(self) -> Sequence[Sealed]:
        """The seals that were made, the oldest first. Raises ExceptionGroup, after the last, with what stayed out."""
        made, failed = list[Sealed](), list[Exception]()
        for day in await self._due():
            leaves, standings = list[Leaf](), dict[tuple[AccountId, int], Mapping[str, Standing]]()
            try:
                await self._add_runs(leaves, standings)
            except ExceptionGroup as group:
                failed.extend(group.exceptions)
            if (sealed := await self._seal(day, leaves, standings)) is not None:
                made.append(sealed)
        if failed:
            msg = f"{len(made)} days were sealed without some runs"
            raise ExceptionGroup(msg, failed)
        return made

    async def _due(self) -> Sequence[date]:
        async with self.work.begin() as tx:
            return await unsealed(tx, self.clock.now())

    async def _add_runs(
        self, leaves: list[Leaf], standings: dict[tuple[AccountId, int], Mapping[str, Standing]]
    ) -> None:
        """Those that went on. Raises ExceptionGroup after the last."""
        async with self.snapshot.begin() as tx:
            moved = await tx.seals.moved()

        async def add(one: MovedOn) -> None:
            leaf, standings[one.account, one.run] = await self._run(one)
            leaves.append(leaf)

        await each(moved, add)

    async def _run(self, one: MovedOn) -> tuple[SealedRun, Mapping[str, Standing]]:
        """On from its last leaf: what is under that seal already is not read again, so that a day's work is a day's
        events. Whoever rewrites it finds no seal over the new story, and ``verify`` reads all of it.

        A page at a time, up to where the run stood at first: what was written does not change, so that no transaction
        has to last until all of it is told.
        """
        before = one.leaf or SealedRun(one.account, one.run, 0, "", "")
        async with self.snapshot.begin() as tx:
            risk = await tx.journal.risk(one.account, one.run)
        if risk is None:
            raise Gap(before.events + 1, 0)
        telling, weaver = Told(before.events, before.told), Weaver(before.events, one.standings)
        head, more = before.head, True
        while more:
            async with self.snapshot.begin() as tx:
                stretch, more = await further(tx, risk, weaver)
            head = await self.calculator(partial(_tell, stretch, weaver, telling, head))
        if head != risk.head:
            raise ChangedEntry(one.account, one.run)
        if telling.events != risk.checkpoint.state.seq:
            raise Gap(telling.events + 1, risk.checkpoint.state.seq)
        return SealedRun(one.account, one.run, telling.events, risk.head, telling.digest), weaver.standings

    async def _seal(self, day: date, leaves: list[Leaf], standings: Standings) -> Sealed | None:
        """None where another has sealed the day meanwhile. Prices come last: whatever a run has met is under them."""
        async with self.work.begin() as tx:
            known, newest = await tx.seals.prices(), await tx.seals.newest()
            prices = [one for one in await tx.journal.latest() if one.number > known.get(one.symbol, 0)]
            leaves.extend(SealedPrices(one.symbol, one.number, one.link) for one in prices)
            before = None if newest is None else newest.seal
            seal = Seal.over(day, to_ns(self.clock.now()), leaves, before)
            sealed = Sealed(seal, None if self.signer is None else self.signer.sign(seal.message))
            return sealed if await tx.seals.put(sealed, leaves, standings) else None


def _tell(stretch: Stretch, weaver: Weaver, telling: Told, before: str) -> str:
    """The link after the stretch."""
    for event in stretch.events(weaver):
        telling.add(event)
    return stretch.head(before)


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

"""A firm's first contents: its own programs on sale at their prices, and the releases that their news rules look at.

Done again it changes nothing of what is there: what the staff has priced, moved or retired since stays theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.programs import ProgramCatalogue
from propfirm.application.ports.work import Listing, Transaction, UnitOfWork
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.calendar.news import NewsCalendar
from propfirm.domain.calendar.news_events import NewsEvent
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.evaluation.facts import Edition
from propfirm.domain.identity.actors import System
from propfirm.domain.ids import NewsEventId
from propfirm.domain.money import Cents

OWN: Final = ("starter-", "propfirm-1step-", "propfirm-2step-")
"""How the ids of the firm's own programs begin; the other shipped ones are presets of other firms."""

SEEDER: Final = System("seed")
NOTHING_ELSE: Final[Mapping[str, Cents]] = MappingProxyType({})


class Seeded(Struct, frozen=True):
    """How much was not there yet."""

    programs: int
    releases: int


@dataclass(frozen=True, slots=True)
class SeedFirm:
    work: UnitOfWork
    clock: Clock
    ids: Ids
    programs: ProgramCatalogue
    news: NewsCalendar

    async def __call__(self, also: Mapping[str, Cents] = NOTHING_ELSE) -> Seeded:
        """also: ids of presets that are put on sale too, each with what this firm asks for it."""
        async with self.work.begin() as tx:
            return Seeded(await self._programs(tx, also), await self._releases(tx))

    async def _programs(self, tx: Transaction, also: Mapping[str, Cents]) -> int:
        known, added = await tx.programs.ids(), 0
        for program in self.programs.all():
            if program.id in known or not (program.id.startswith(OWN) or program.id in also):
                continue
            edition = Edition(program, fingerprint(program))
            price = also.get(program.id, program.stages[0].price)
            await tx.programs.put(Listing(edition, "published", price, self.clock.now()))
            details = {"fingerprint": edition.fingerprint, "price_cents": str(price)}
            await tx.audit.record(SEEDER, "program_published", f"program:{program.id}:{program.version}", details)
            added += 1
        return added

    async def _releases(self, tx: Transaction) -> int:
        if await tx.news.of_feed(self.news.feed):
            return 0
        now = self.clock.now()
        for release in self.news.rows:
            event = NewsEvent(
                NewsEventId(self.ids.new()),
                self.news.feed,
                release.category,
                release.event,
                from_ns(release.at),
                now,
            )
            await tx.news.put(event)
        return len(self.news.rows)

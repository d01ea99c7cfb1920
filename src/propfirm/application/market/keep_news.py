"""Upkeep of the releases that news rules look at, and which accounts a change touches.

The desk takes a change with its next batch; a release is never changed once it is near.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import Struct

from propfirm.application.market.queries import Bound, NewsQueries
from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.domain.audit.acts import Act
from propfirm.domain.calendar.news_events import NewsEvent, alone, announced
from propfirm.domain.catalogue.program import News
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import AccountId, NewsEventId, PersonId


class Touched(Struct, frozen=True, kw_only=True):
    """An account whose present stage forbids something around the release. opens, closes: the window, both ends in.

    products: roots that it is about, ``*`` for all.
    """

    account: AccountId
    owner: PersonId
    state: str
    program: str
    stage: str
    mode: str
    products: Sequence[str]
    opens: datetime
    closes: datetime


class Upkeep(Struct, frozen=True):
    """A change, with the accounts that it touches: by the release as it was, and as it is."""

    event: NewsEvent
    before: Sequence[Touched]
    after: Sequence[Touched]


@dataclass(frozen=True, slots=True)
class TouchedByNews:
    """Whom a release touches. queries: of the reader."""

    queries: NewsQueries
    work: UnitOfWork

    async def __call__(self, event: NewsEvent) -> Sequence[Touched]:
        if event.cancelled:
            return ()
        watching = await self.queries.watching(event.feed)
        rules: dict[tuple[str, int, str], News | None] = {}
        async with self.work.begin() as tx:
            for one in watching:
                key = one.bound.program, one.bound.version, one.stage
                if key not in rules:
                    listing = await tx.programs.get(one.bound.program, one.bound.version)
                    rules[key] = listing.program.stage(one.stage).news
        return tuple(_touched(watching, rules, event))


def _touched(
    watching: Iterable[Bound], rules: dict[tuple[str, int, str], News | None], event: NewsEvent
) -> Iterable[Touched]:
    for one in watching:
        rule = rules[one.bound.program, one.bound.version, one.stage]
        if rule is None or rule.feed != event.feed or event.category not in rule.events:
            continue
        yield Touched(
            account=one.account,
            owner=one.owner,
            state=one.state,
            program=one.bound.program,
            stage=one.stage,
            mode=rule.mode,
            products=rule.events[event.category],
            opens=event.release_at - timedelta(seconds=rule.before_s),
            closes=event.release_at + timedelta(seconds=rule.after_s),
        )


@dataclass(frozen=True, slots=True)
class KeepNews:
    """Releases added, moved and called off. feeds: the lists that programs can pin."""

    work: UnitOfWork
    clock: Clock
    ids: Ids
    touched: TouchedByNews
    feeds: frozenset[str]

    async def add(self, staff: Staff, feed: str, category: str, name: str, release_at: datetime) -> Upkeep:
        """Raises UnknownFeed, UnknownCategory, BadReleaseName, ReleaseTooSoon, ReleaseTooFar, ReleaseListed, in this
        order."""
        now = self.clock.now()
        told = NewsEvent(NewsEventId(self.ids.new()), feed, category, name, release_at, now)
        event = announced(told, self.feeds, now)
        async with self.work.begin() as tx:
            await _write(tx, staff, "release_listed", None, event)
        return Upkeep(event, (), await self.touched(event))

    async def move(self, staff: Staff, id: NewsEventId, to: datetime) -> Upkeep:  # noqa: A002 - the field's name
        """Raises NotFound, ReleaseOver, ReleaseTooSoon, ReleaseTooFar, ReleaseListed, in this order."""
        now = self.clock.now()
        before, after = await self._change(staff, "release_moved", id, lambda event: event.moved(to, now))
        return Upkeep(after, await self.touched(before), await self.touched(after))

    async def call_off(self, staff: Staff, id: NewsEventId) -> Upkeep:  # noqa: A002 - as above
        """Raises NotFound, ReleaseOver."""
        now = self.clock.now()
        before, after = await self._change(staff, "release_called_off", id, lambda event: event.called_off(now))
        return Upkeep(after, await self.touched(before), ())

    async def _change(
        self,
        staff: Staff,
        act: Act,
        id: NewsEventId,  # noqa: A002 - as above
        change: Callable[[NewsEvent], NewsEvent],
    ) -> tuple[NewsEvent, NewsEvent]:
        async with self.work.begin() as tx:
            before = await tx.news.get(id)
            after = change(before)
            await _write(tx, staff, act, before, after)
        return before, after


async def _write(tx: Transaction, staff: Staff, act: Act, before: NewsEvent | None, event: NewsEvent) -> None:
    others = await tx.news.of_feed(event.feed)
    await tx.news.put(event if event.cancelled else alone(event, others))
    details = {"release": event.release.name, "at": event.release_at.isoformat()}
    if before is not None:
        details["at_before"] = before.release_at.isoformat()
    await tx.audit.record(staff, act, f"news:{event.id}", details)

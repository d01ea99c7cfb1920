"""The releases that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from propfirm.application.paging import Place, Slice
from propfirm.domain.calendar.news_events import NewsEvent
from propfirm.domain.evaluation.facts import Binding
from propfirm.domain.ids import AccountId, PersonId


class Bound(Struct, frozen=True):
    """An account that trades, or is about to, in a stage of a program."""

    account: AccountId
    owner: PersonId
    state: str
    stage: str
    bound: Binding


class NewsQueries(Protocol):
    async def events(self, feed: str | None, after: Place | None, limit: int) -> Slice[NewsEvent]:
        """The latest release first, the cancelled ones too."""
        ...

    async def watching(self, feed: str) -> Sequence[Bound]:
        """Living accounts whose programs have a news rule on this feed, in any of their stages."""
        ...

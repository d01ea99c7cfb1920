"""What is shown of releases, and of the accounts that a change of one touches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from propfirm.application.market.keep_news import Touched, Upkeep
from propfirm.domain.calendar.news_events import NewsEvent


class ReleaseView(Struct, frozen=True):
    id: UUID
    feed: str
    category: str
    name: str
    release_at: datetime
    cancelled: bool
    changed_at: datetime


class TouchedView(Struct, frozen=True, kw_only=True):
    """An account whose present stage forbids something from ``opens_at`` to ``closes_at``, both inside.

    products: roots that it is about, `*` for all."""

    account: UUID
    owner: UUID
    state: str
    program: str
    stage: str
    mode: str
    products: Sequence[str]
    opens_at: datetime
    closes_at: datetime


class UpkeepView(Struct, frozen=True):
    """before, after: the accounts that the release touched as it was, and touches as it is."""

    release: ReleaseView
    before: Sequence[TouchedView]
    after: Sequence[TouchedView]


def release_view(event: NewsEvent) -> ReleaseView:
    return ReleaseView(
        event.id, event.feed, event.category, event.name, event.release_at, event.cancelled, event.changed_at
    )


def upkeep_view(done: Upkeep) -> UpkeepView:
    return UpkeepView(release_view(done.event), list(map(_touched, done.before)), list(map(_touched, done.after)))


def _touched(one: Touched) -> TouchedView:
    return TouchedView(
        account=one.account,
        owner=one.owner,
        state=one.state,
        program=one.program,
        stage=one.stage,
        mode=one.mode,
        products=one.products,
        opens_at=one.opens,
        closes_at=one.closes,
    )

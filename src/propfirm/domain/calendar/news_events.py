"""The firm's own upkeep of the releases that news rules look at: added, moved, cancelled, and never after the fact.

A release that has been, or is near, cannot be changed: windows around it are in the journals of accounts, and verdicts
rest on them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from propfirm.domain.calendar.instants import to_ns
from propfirm.domain.calendar.news import CATEGORIES, NewsCalendar, Release
from propfirm.domain.errors import Conflict, Refused
from propfirm.domain.ids import NewsEventId

_NEW_YORK: Final = ZoneInfo("America/New_York")
NAME_MAX: Final = 200
NEAR: Final = timedelta(hours=1)
"""Windows begin minutes before their release: so long before it none of them is open."""
FAR: Final = timedelta(days=5 * 366)
"""No agency has a schedule for longer: a time further off is a slip of the pen."""


class NewsEvent(Struct, frozen=True):
    """feed: the list that programs pin. category: as news rules name it."""

    id: NewsEventId
    feed: str
    category: str
    name: str
    release_at: datetime
    changed_at: datetime
    cancelled: bool = False

    @property
    def release(self) -> Release:
        day = self.release_at.astimezone(_NEW_YORK).date()
        return Release(self.category, to_ns(self.release_at), day, self.name, "")

    def moved(self, to: datetime, now: datetime) -> NewsEvent:
        """Raises ReleaseOver, then ReleaseTooSoon, ReleaseTooFar."""
        self._still_ahead(now)
        return replace(self, release_at=_ahead(to, now), changed_at=now)

    def called_off(self, now: datetime) -> NewsEvent:
        """Raises ReleaseOver."""
        self._still_ahead(now)
        return replace(self, cancelled=True, changed_at=now)

    def _still_ahead(self, now: datetime) -> None:
        if self.cancelled or self.release_at <= now + NEAR:
            raise ReleaseOver(self.release_at, self.cancelled)


@dataclass(eq=False)
class ReleaseOver(Conflict):
    code = "news.over"
    title = "The release has been, is less than an hour away, or was cancelled"
    release_at: datetime
    cancelled: bool


@dataclass(eq=False)
class ReleaseTooSoon(Refused):
    code = "news.too-soon"
    title = "A release is listed an hour ahead at least: verdicts rest on what was known before it"
    release_at: datetime


@dataclass(eq=False)
class ReleaseTooFar(Refused):
    code = "news.too-far"
    title = "A release is listed five years ahead at most"
    release_at: datetime


@dataclass(eq=False)
class UnknownFeed(Refused):
    """A list that no program can pin: releases in it would be about nobody."""

    code = "news.unknown-feed"
    title = "No rule can name this list of releases"
    feed: str
    known: tuple[str, ...]


@dataclass(eq=False)
class UnknownCategory(Refused):
    code = "news.unknown-category"
    title = "No rule can name this category"
    category: str
    known: tuple[str, ...]


@dataclass(eq=False)
class BadReleaseName(Refused):
    code = "news.bad-name"
    title = "A release has a name of 1 to 200 characters"
    length: int


@dataclass(eq=False)
class ReleaseListed(Conflict):
    """One release of a category and day: windows are told apart by them."""

    code = "news.listed"
    title = "The feed lists a release of this category on that day"
    id: NewsEventId


def announced(event: NewsEvent, feeds: Collection[str], now: datetime) -> NewsEvent:
    """A release that may be added. feeds: the lists that programs can pin.

    Raises UnknownFeed, UnknownCategory, BadReleaseName, ReleaseTooSoon, ReleaseTooFar, in this order.
    """
    if event.feed not in feeds:
        raise UnknownFeed(event.feed, tuple(sorted(feeds)))
    if event.category not in CATEGORIES:
        raise UnknownCategory(event.category, CATEGORIES)
    name = event.name.strip()
    if not 1 <= len(name) <= NAME_MAX:
        raise BadReleaseName(len(name))
    return replace(event, name=name, release_at=_ahead(event.release_at, now))


def _ahead(at: datetime, now: datetime) -> datetime:
    """In UTC, however it was told. Raises ReleaseTooSoon, ReleaseTooFar."""
    if at <= now + NEAR:
        raise ReleaseTooSoon(at)
    if at > now + FAR:  # before it is turned into UTC, which the last hours that Python knows have not
        raise ReleaseTooFar(at)
    return at.astimezone(UTC)


def alone(event: NewsEvent, others: Iterable[NewsEvent]) -> NewsEvent:
    """The event, unless the feed has another of its category and day. Raises ReleaseListed."""
    for other in others:
        if other.id != event.id and not other.cancelled and other.release.name == event.release.name:
            raise ReleaseListed(other.id)
    return event


def calendar_of(feed: str, events: Iterable[NewsEvent]) -> NewsCalendar:
    """The list as rules take it, without what was cancelled. Its version changes with every release in it."""
    rows = sorted((one.release for one in events if not one.cancelled), key=lambda one: (one.at, one.category))
    version = sha256(msgspec.json.encode(rows)).hexdigest()[:16]
    return NewsCalendar(f"{feed}-{version}", feed, tuple(rows))

"""The events that the clock alone brings about, for one account's program, in the order in which the engine needs them.

At one instant: windows close, flat-by is judged, the snapshot is taken, the day rolls, windows open. Each carries
``seq`` 0; whoever journals them gives the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from heapq import merge
from operator import attrgetter
from typing import Final, Literal, TypeAlias, get_args

from msgspec import Struct

from propfirm.domain.calendar.instants import NS_PER_S, ONE_DAY, from_ns, wall_ns
from propfirm.domain.calendar.news import NewsCalendar
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.catalogue.program import Blackout, News, Weekday
from propfirm.domain.rules.events import DayRolled, EodSnapshot, FlatBy, WindowClosed, WindowOpened

ClockEvent: TypeAlias = FlatBy | EodSnapshot | DayRolled | WindowOpened | WindowClosed
_AT: Final = attrgetter("at")
_WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)


class Window(Struct, frozen=True):
    """A restricted time, [opens, closes) in ns. release: the news instant, 0 for a blackout."""

    opens: int
    closes: int
    name: str
    kind: Literal["news", "blackout"]
    products: tuple[str, ...]
    release: int = 0

    def opened(self, at: int) -> WindowOpened:
        return WindowOpened(0, at, self.name, self.kind, self.products, self.release)

    def closed(self) -> WindowClosed:
        return WindowClosed(0, self.closes, self.name)


def clock_events(
    sessions: Sessions,
    start: int,
    end: int,
    *,
    blackouts: Sequence[Blackout] = (),
    news: Sequence[Window] = (),
) -> Iterator[ClockEvent]:
    """The events of (start, end], in order. Spans that follow one another give each event exactly once.

    news: from ``news_windows``. A window that was open at ``start`` only closes here: an account that begins inside
    one needs ``windows_open_at`` first.
    """
    windows = sorted([*news, *blackout_windows(sessions, blackouts, start, end)], key=_order)
    closed = sorted((window.closed() for window in windows), key=_AT)
    opened = (window.opened(window.opens) for window in windows)
    # At one instant `merge` takes from the first of its streams.
    in_order: Iterator[ClockEvent] = merge(closed, _of_days(sessions, start, end), opened, key=_AT)
    return (event for event in in_order if start < event.at <= end)


def windows_open_at(
    sessions: Sessions, at: int, *, blackouts: Sequence[Blackout] = (), news: Sequence[Window] = ()
) -> tuple[WindowOpened, ...]:
    """The windows that are open at ``at`` (or open then), as events of that instant, in order of their opening."""
    windows = [*news, *blackout_windows(sessions, blackouts, at, at)]
    return tuple(one.opened(at) for one in sorted(windows, key=_order) if one.opens <= at < one.closes)


def news_windows(rule: News, releases: NewsCalendar) -> tuple[Window, ...]:
    """The windows of a program's news rule: [release - before_s, release + after_s], both ends inside.

    Raises ValueError when the list is not the one that the rule pins.
    """
    if rule.feed != releases.feed:
        msg = f"the rule pins the list {rule.feed!r}, not {releases.feed!r}"
        raise ValueError(msg)
    return tuple(
        Window(
            opens=release.at - rule.before_s * NS_PER_S,
            closes=release.at + rule.after_s * NS_PER_S + 1,
            name=release.name,
            kind="news",
            products=rule.events[release.category],
            release=release.at,
        )
        for release in releases.rows
        if release.category in rule.events
    )


def blackout_windows(sessions: Sessions, blackouts: Sequence[Blackout], start: int, end: int) -> Iterator[Window]:
    """Every blackout that touches [start, end]. One whose end is not after its start ends on the next date; one that
    a clock change leaves no time is left out."""
    zone = sessions.zone
    first = from_ns(start).astimezone(zone).date() - ONE_DAY
    last = from_ns(end).astimezone(zone).date()
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        for blackout in blackouts:
            if _WEEKDAYS[day.weekday()] not in blackout.days:
                continue
            opens = wall_ns(day, blackout.start, zone)
            closes = wall_ns(day if blackout.start < blackout.end else day + ONE_DAY, blackout.end, zone)
            if opens < closes:
                name = f"blackout {blackout.start}-{blackout.end} {day}"
                yield Window(opens, closes, name, "blackout", ("*",))


def _of_days(sessions: Sessions, start: int, end: int) -> Iterator[ClockEvent]:
    day = sessions.day_at(start)
    while day.opens < end:
        yield from sessions.clock_events(day)
        day = sessions.next(day)


def _order(window: Window) -> tuple[int, str]:
    return window.opens, window.name

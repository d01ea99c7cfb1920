"""Trading days of a program: three clocks kept apart, in the program's own zone, on the calendar it names.

**Label.** A trading day runs from one day roll to the next and bears the date on which it ends: Sunday 17:00 Chicago
opens Monday. Where the roll is before noon (a reset at midnight, at 00:30 UTC) the day bears the date on which it
begins; the same rule gives a clock in Prague or Tokyo the exchange's own dates.

**cme.** A day's label is a trade date of equity-index futures. Weekends and closed dates are none: their hours belong
to the next trading day, which begins at the last roll before them (Monday begins on Friday at 17:00, so that every
instant belongs to exactly one day). A holiday with an early halt and the trade date of the next session (Martin Luther
King Day) is merged into it: one trading day, without a roll on the holiday's evening, so that no daily limit resets
there; ``holiday_session = own_day`` makes it a day of its own. Other early closes (day after Thanksgiving, Christmas
Eve, Good Friday) are always days of their own. Dates outside the table are ordinary weeks, with ``calendar_known``
False.

**civil.** Every calendar day of the zone, weekends included; no exchange, so nothing is unknown.

**Snapshot.** The wall time on the date on which the day ends; a time after the roll is moved to it. An early close
does not move it: after the halt nothing changes that it could miss.

**Flat-by.** On ``cme``, for each date and group that has a session: ``Clock.flat_by``, or ``halt_margin_s`` before the
group's close if that is earlier (always on an early close, otherwise if the group closes before flat-by), later by
``flat_grace_s``, never after the roll. A merged day so has one before the holiday's halt and one on the full day. What
lies before the reopening: a ``weekend``, else a ``holiday`` (a closed date, or the rest of a day that ended early),
else a ``night``. On ``civil``: every Monday to Friday for all groups at once, ``weekend`` on Fridays.

**Daylight saving.** Rolls and the other two clocks are wall times. One that a clock change skips is at the first
instant after the gap, one that happens twice is at the first. A date that a zone has skipped altogether (Samoa, 30
December 2011) has no day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from operator import attrgetter
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

from propfirm.domain.calendar.exchange import SATURDAY, Exchange
from propfirm.domain.calendar.hours import GROUPS, NOON
from propfirm.domain.calendar.instants import NS_PER_S, ONE_DAY, from_ns, named_zone, wall_ns
from propfirm.domain.calendar.table import SessionTable
from propfirm.domain.catalogue.program import Clock
from propfirm.domain.rules.events import DayRolled, EodSnapshot, FlatBy

Over: TypeAlias = Literal["night", "weekend", "holiday"]
FRIDAY: Final = SATURDAY - 1


class TradingDay(Struct, frozen=True):
    """One trading day. Instants in ns: opens < every flat-by <= until, opens < snapshot <= until.

    opens: the roll that begins it; until: the roll that ends it, where the next day opens. flat_by: (instant, product
    groups, what lies between it and their reopening), in order of time. calendar_known: False = no holiday data.
    """

    label: date
    opens: int
    snapshot: int
    until: int
    flat_by: tuple[tuple[int, tuple[str, ...], Over], ...] = ()
    calendar_known: bool = True


class Sessions:
    """The trading days of one clock. Deterministic; what was worked out once is remembered.

    Raises UnknownZone. Instants from 1970 to 2262.
    """

    def __init__(self, clock: Clock, table: SessionTable) -> None:
        self.clock = clock
        self.table = table
        self.zone = named_zone(clock.zone)
        self._exchange = Exchange(table)
        self._ends: dict[date, int] = {}
        self._days: dict[date, TradingDay] = {}
        self._flat_by: dict[date, tuple[tuple[int, str, Over], ...]] = {}
        self._last: TradingDay | None = None

    def day_at(self, at: int) -> TradingDay:
        """The day with opens <= at < until. Every instant has one."""
        day = self._last
        if day is None or not day.opens <= at < day.until:
            day = self._last = self._day(self._first_label(self._date_ending_after(at)))
        return day

    def next(self, day: TradingDay) -> TradingDay:
        return self._day(self._first_label(day.label + ONE_DAY))

    def days(self, first: date, last: date) -> Iterator[TradingDay]:
        """The days with labels from ``first`` to ``last``, both included, in order."""
        label = first
        while label <= last:
            if self._is_label(label):
                yield self._day(label)
            label += ONE_DAY

    def clock_events(self, day: TradingDay) -> tuple[FlatBy | EodSnapshot | DayRolled, ...]:
        """What falls into (opens, until] of the day, in order: flat-by, snapshot, and the roll into the next day.

        At one instant in this order. ``seq`` is 0.
        """
        following = self.next(day)
        events: list[FlatBy | EodSnapshot | DayRolled] = [
            *(
                FlatBy(0, at, together, over, reopens)
                for at, groups, over in day.flat_by
                for reopens, together in self._by_reopening(groups, at)
            ),
            EodSnapshot(0, day.snapshot, day.label),
            DayRolled(0, day.until, following.label, following.until, following.calendar_known),
        ]
        return tuple(sorted(events, key=attrgetter("at")))

    def _by_reopening(self, groups: tuple[str, ...], at: int) -> list[tuple[int, tuple[str, ...]]]:
        """Groups that trade again at the same instant; a civil clock knows no exchange and gives 0."""
        if self.clock.calendar == "civil":
            return [(0, groups)]
        together: dict[int, list[str]] = {}
        for group in groups:
            together.setdefault(self.next_open(group, at), []).append(group)
        return [(reopens, tuple(names)) for reopens, names in sorted(together.items())]

    def is_open(self, group: str, at: int) -> bool:
        """Does the group trade at the exchange, whatever the clock? Raises KeyError for an unknown group."""
        return self._exchange.is_open(group, at)

    def open_parts(self, group: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The stretches of [start, end) in which the group trades at the exchange, in order."""
        return self._exchange.open_parts(group, start, end)

    def next_open(self, group: str, at: int) -> int:
        """When the group's trading next begins after ``at``: a session, or its part after a pause."""
        return self._exchange.next_open(group, at)

    def _day(self, label: date) -> TradingDay:
        day = self._days.get(label)
        if day is None:
            day = self._days[label] = self._made(label)
        return day

    def _made(self, label: date) -> TradingDay:
        before = label - ONE_DAY
        while not self._is_label(before):
            before -= ONE_DAY
        opens, until = self._end(before), self._end(label)
        snapshot = wall_ns(_date_of(self.clock, label, self.clock.eod_snapshot), self.clock.eod_snapshot, self.zone)
        # With a roll in the morning, an early close of the next date can still fall into this day.
        dates = (before + timedelta(days=n) for n in range(1, (label - before).days + 2))
        return TradingDay(
            label=label,
            opens=opens,
            snapshot=min(snapshot, until),
            until=until,
            flat_by=_gathered(one for day in dates for one in self._deadlines(day) if opens < one[0] <= until),
            calendar_known=self.clock.calendar == "civil" or self.table.covers(label),
        )

    def _date_ending_after(self, at: int) -> date:
        """The first date whose roll is after ``at``."""
        label = from_ns(at).astimezone(self.zone).date() - ONE_DAY
        while self._end(label) <= at:
            label += ONE_DAY
        return label

    def _first_label(self, label: date) -> date:
        while not self._is_label(label):
            label += ONE_DAY
        return label

    def _is_label(self, label: date) -> bool:
        if self.clock.calendar == "cme":
            merge = self.clock.holiday_session == "merge"
            if not self._exchange.is_trade_date(label, merge_holidays=merge):
                return False
        return self._end(label) > self._end(label - ONE_DAY)

    def _end(self, label: date) -> int:
        end = self._ends.get(label)
        if end is None:
            end = self._ends[label] = _end(self.clock, self.zone, label)
        return end

    def _deadlines(self, day: date) -> tuple[tuple[int, str, Over], ...]:
        """When each group must be flat for the break that follows its session of this date."""
        known = self._flat_by.get(day)
        if known is None:
            known = self._flat_by[day] = tuple(self._worked_out(day))
        return known

    def _worked_out(self, day: date) -> Iterator[tuple[int, str, Over]]:
        clock, wall = self.clock, self.clock.flat_by
        if wall is None or day.weekday() >= SATURDAY:
            return
        common = wall_ns(_date_of(clock, day, wall), wall, self.zone)
        for group in GROUPS:
            if clock.calendar == "civil":
                due, over = common, self._civil_break(day)
            elif self._exchange.session(group, day):
                due, over = self._before_close(group, day, common), self._break(group, day)
            else:
                continue
            yield min(due + clock.flat_grace_s * NS_PER_S, self._end(day)), group, over

    def _before_close(self, group: str, day: date, flat_by: int) -> int:
        if not self.clock.per_product_close:
            return flat_by
        closes = self._exchange.session(group, day)[-1][1]
        if closes >= flat_by and not self._exchange.closes_early(group, day):
            return flat_by
        return min(flat_by, closes - self.clock.halt_margin_s * NS_PER_S)

    def _break(self, group: str, day: date) -> Over:
        reopens = self._exchange.next_session(group, day)
        if (reopens - day).days > FRIDAY - day.weekday():
            return "weekend"
        if reopens > day + ONE_DAY or self._exchange.closes_early(group, day):
            return "holiday"
        return "night"

    @staticmethod
    def _civil_break(day: date) -> Over:
        return "weekend" if day.weekday() == FRIDAY else "night"


def _date_of(clock: Clock, label: date, wall: time) -> date:
    """The date on which a wall time falls in the day of this label; of times after the roll, the date of the label."""
    return label + ONE_DAY if wall <= clock.day_roll < NOON else label


def _end(clock: Clock, zone: ZoneInfo, label: date) -> int:
    return wall_ns(_date_of(clock, label, clock.day_roll), clock.day_roll, zone)


def _gathered(deadlines: Iterator[tuple[int, str, Over]]) -> tuple[tuple[int, tuple[str, ...], Over], ...]:
    """One entry for the groups that share an instant and what follows it."""
    together: dict[tuple[int, Over], list[str]] = {}
    for due, group, over in deadlines:
        together.setdefault((due, over), []).append(group)
    return tuple((due, tuple(together[due, over]), over) for due, over in sorted(together))

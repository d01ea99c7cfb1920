"""When the groups of the exchange trade: regular hours, holidays and early closes of the session table.

A *session* belongs to one date in Chicago and one group: from the evening before, where the group trades by night, to
the close on that date, with the pause that grains make in the morning. A date on which the group is closed has no
session, so the evening before it stays silent too; the evening of the date itself belongs to the next session.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Final, TypeAlias

from propfirm.domain.calendar.hours import EXCHANGE_ZONE, HOURS
from propfirm.domain.calendar.instants import ONE_DAY, from_ns, wall_ns
from propfirm.domain.calendar.table import SessionTable, SpecialDay

Session: TypeAlias = tuple[tuple[int, int], ...]
"""Its open parts in order, [opens, closes) in ns. Empty: no session on that date."""

ACCOUNT_GROUP: Final = "equity_index"
"""Whose dates are the account's trade dates: one account trades all groups, and they differ on holidays."""

SATURDAY: Final = 5


class Exchange:
    """Sessions of all groups under one table. What was worked out once is remembered."""

    def __init__(self, table: SessionTable) -> None:
        self.table = table
        self._special: dict[tuple[str, date], SpecialDay] = {
            (special.group, special.day): special for special in table.days
        }
        self._sessions: dict[tuple[str, date], Session] = {}

    def special(self, group: str, day: date) -> SpecialDay | None:
        """What the table says of this date; None = a regular one (also on weekends)."""
        return self._special.get((group, day))

    def session(self, group: str, day: date) -> Session:
        """Raises KeyError for a group that the exchange does not have."""
        known = self._sessions.get((group, day))
        if known is None:
            known = self._sessions[group, day] = tuple(self._parts(group, day))
        return known

    def closes_early(self, group: str, day: date) -> bool:
        """The session of this date ends before its regular close."""
        special = self.special(group, day)
        hours = HOURS[group].daytime or HOURS[group].overnight
        return bool(special and special.close and hours and special.close < hours[1])

    def next_session(self, group: str, day: date) -> date:
        """The first date after ``day`` on which the group has a session."""
        day += ONE_DAY
        while not self.session(group, day):  # ends: after the table every week is an ordinary one
            day += ONE_DAY
        return day

    def is_open(self, group: str, at: int) -> bool:
        """Raises KeyError for a group that the exchange does not have."""
        day = from_ns(at).astimezone(EXCHANGE_ZONE).date()
        return any(opens <= at < closes for near in (day, day + ONE_DAY) for opens, closes in self.session(group, near))

    def next_open(self, group: str, at: int) -> int:
        """The first instant after ``at`` at which a session, or the part of one after a pause, begins."""
        day = from_ns(at).astimezone(EXCHANGE_ZONE).date() - ONE_DAY
        while True:
            day = self.next_session(group, day)
            for opens, _ in self.session(group, day):
                if opens > at:
                    return opens

    def open_parts(self, group: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The stretches of [start, end) in which the group trades, in order."""
        day = from_ns(start).astimezone(EXCHANGE_ZONE).date()
        last = from_ns(end).astimezone(EXCHANGE_ZONE).date() + ONE_DAY
        while day <= last:
            for opens, closes in self.session(group, day):
                if max(opens, start) < min(closes, end):
                    yield max(opens, start), min(closes, end)
            day += ONE_DAY

    def is_trade_date(self, day: date, *, merge_holidays: bool) -> bool:
        """May an account's trading day bear this date? Not on weekends and closed dates; nor, where holidays are
        merged, on one whose shortened session has the trade date of the next."""
        if day.weekday() >= SATURDAY:
            return False
        special = self.special(ACCOUNT_GROUP, day)
        if special is None:
            return True
        return special.close is not None and not (merge_holidays and special.trade_date == "next")

    def _parts(self, group: str, day: date) -> Iterator[tuple[int, int]]:
        hours = HOURS[group]
        special = self.special(group, day)
        if day.weekday() >= SATURDAY or (special and special.close is None):
            return
        latest = special.close if special and special.close else time.max
        evening = self._evening_before(group, day)
        if hours.overnight and evening:
            closes = min(hours.overnight[1], latest)
            yield wall_ns(day - ONE_DAY, evening, EXCHANGE_ZONE), wall_ns(day, closes, EXCHANGE_ZONE)
        if hours.daytime and hours.daytime[0] < latest:
            opens, closes = hours.daytime
            yield wall_ns(day, opens, EXCHANGE_ZONE), wall_ns(day, min(closes, latest), EXCHANGE_ZONE)

    def _evening_before(self, group: str, day: date) -> time | None:
        special = self.special(group, day - ONE_DAY)
        return special.evening if special else HOURS[group].evening

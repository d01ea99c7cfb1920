"""What a simulation found: the verdict first, then everything that it rests on.

These values are the stable machine-readable report (``format`` names its version). Money is micro-dollars here and
decimal strings in JSON; instants are nanoseconds since 1970 UTC here and ISO 8601 UTC in JSON (``to_json``).
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.money import Micros, Ppm
from propfirm.domain.rules.findings import Finding, Gate, Verdict

REPORT_FORMAT: Final = "propfirm-report/1"

Reading: TypeAlias = Literal["adverse", "favourable"]
"""How prices are read that leave two verdicts open: bars, and prices of a fill's own minute or second."""


class Subject(Struct, frozen=True):
    """What was judged, and under which rules."""

    program: str
    version: int
    fingerprint: str
    name: str
    stage: str
    zone: str
    """Of the program's clock: times are told to people in it."""
    starting_balance: Micros
    method: Literal["fifo", "average"]
    reading: Reading
    history_format: str
    history_file: str
    price_files: tuple[str, ...]
    engine_semantics: int
    calendar_version: str
    news_version: str
    contracts_version: str


class DayRow(Struct, frozen=True):
    """One trading day. Amounts at its end, floors as in force when it ended.

    day_floor: the program's or the account's own, whichever is higher. room: equity above the higher of the two floors
    at the end; None once the stage is over. lowest_room: the least room at any judged price of the day; None where none
    was judged. traded: the day counts as a trading day. share: the day's part of the profit so far (as the
    consistency rule counts it), in millionths; None while there is no profit or no rule, and on a losing day.
    opened_at: the instant of the roll with which the day began.
    """

    day: date
    start_balance: Micros
    end_balance: Micros
    end_equity: Micros
    pnl: Micros
    equity_high: Micros
    equity_low: Micros
    floor: Micros
    day_floor: Micros | None
    room: Micros | None
    lowest_room: Micros | None
    traded: bool
    qualifying: bool
    fills: int
    share: Ppm | None
    holidays_known: bool
    opened_at: int


class Entry(Struct, frozen=True):
    """One line of the timeline: a finding, in words. weight: how loudly to show it."""

    at: int
    seq: int
    text: str
    weight: Literal["verdict", "hit", "warning", "milestone", "note"]
    doubt: bool
    finding: Finding


class Condition(Struct, frozen=True):
    """One condition for the pass (or, funded, for a payout): where it stands. text says it in words."""

    gate: Gate
    met: bool
    text: str


class CurvePoint(Struct, frozen=True, array_like=True):
    """Equity over a short span of time, with the floors in force at its end."""

    at: int
    low: Micros
    high: Micros
    close: Micros
    floor: Micros
    day_floor: Micros | None
    balance: Micros


class Standing(Struct, frozen=True):
    """The account at the end of the data. ended_at: when the stage ended; None while it goes on.

    Once it has ended, floors and target are those that it ended with, nothing is left to go to them (None), there is no
    day floor, and no condition is asked for.
    """

    at: int
    ended_at: int | None
    balance: Micros
    equity: Micros
    profit: Micros
    target: Micros | None
    to_target: Micros | None
    floor: Micros
    to_floor: Micros | None
    day_floor: Micros | None
    to_day_floor: Micros | None
    high_water_mark: Micros
    trading_days: int
    qualifying_days: int
    open_contracts: int
    conditions: tuple[Condition, ...]


class PriceHole(Struct, frozen=True):
    """[at, until): a contract was held and none of its prices came. open_s: seconds of it in which it trades."""

    symbol: str
    at: int
    until: int
    open_s: int


class Report(Struct, frozen=True):
    """headline: the verdict in one sentence; reason: why, with figures. reservations: what the verdict rests on that
    was not so, or was not seen. doubts: where the data could not tell the order
    of prices and what was assumed. unjudged: rules that this data cannot judge, each with what is missing. price_holes:
    in order of time; ``unjudged`` has them in words. notes: how files were read. counts: marks, fills, bars, events and
    findings."""

    subject: Subject
    verdict: Verdict
    headline: str
    reason: str
    reservations: tuple[str, ...]
    standing: Standing
    days: tuple[DayRow, ...]
    timeline: tuple[Entry, ...]
    curve: tuple[CurvePoint, ...]
    doubts: tuple[str, ...]
    unjudged: tuple[str, ...]
    price_holes: tuple[PriceHole, ...]
    notes: tuple[str, ...]
    counts: dict[str, int]
    format: str = REPORT_FORMAT

"""What the engine has to say about an event, with the figures that support asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.catalogue.program import Outcome
from propfirm.domain.money import Micros

Rule: TypeAlias = Literal[
    "max_loss",
    "daily_loss",
    "personal_loss",
    "daily_cap",
    "position",
    "sub_cap",
    "scaling",
    "overnight",
    "weekend",
    "holidays",
    "closed_time",
    "blackout",
    "limit_up_down",
    "news",
    "stop_required",
    "risk_per_position",
    "mae",
    "stop_target_ratio",
    "hedging",
    "hft",
    "locked_day",
    "inactivity",
    "time_limit",
]
"""The rules that can be hit. Conditions that only delay a pass or a payout are ``Gate``s."""

Gate: TypeAlias = Literal[
    "target",
    "flat",
    "min_trading_days",
    "qualifying_days",
    "consistency",
    "min_hold_trades",
    "min_hold_profit",
]

Unit: TypeAlias = Literal["usd", "units", "contracts", "seconds", "days", "per_second", "ratio", "fills"]
"""Of limit and actual: micro-dollars, millionths of a unit, contracts, seconds, days, executions per second,
millionths, executions."""


Verdict: TypeAlias = Literal["open", "breached", "passed"]


class Evidence(Struct, frozen=True):
    """What a hit rests on. distance = actual - limit, in the same unit (negative: past a floor).

    For floors: set_seq and set_at say which event put the floor where it was, and basis what it was computed from
    (the high-water mark, or the day's reference). equity and balance are the account's at the deciding event.
    """

    limit: int
    actual: int
    unit: Unit
    equity: Micros
    balance: Micros
    set_seq: int = 0
    set_at: int = 0
    basis: Micros = Micros(0)
    symbol: str = ""
    note: str = ""

    @property
    def distance(self) -> int:
        return self.actual - self.limit


class Hit(Struct, frozen=True, tag="hit"):
    """A rule was broken at event ``seq``. outcome: what the program says follows (after strikes).

    decided: this hit ended or locked the account; False where a more severe one on the same event did, or where the
    account was over already. doubt: it rests on an assumed order of prices inside a bar.
    """

    seq: int
    at: int
    rule: Rule
    outcome: Outcome
    evidence: Evidence
    decided: bool = False
    doubt: bool = False
    strike: int = 0
    """Number of this strike, from 1; 0 where the rule is not counted."""


class Warned(Struct, frozen=True, tag="warned"):
    """The account has used up the program's warning share of a limit. At most once a day and rule."""

    seq: int
    at: int
    rule: Rule
    evidence: Evidence


class FloorMoved(Struct, frozen=True, tag="floor_moved"):
    """The maximum-loss floor in force changed; only ``reset_cycle`` ever lowers it.

    A ``trail_intraday`` floor is reported once a day, at the roll (and before another move of that day); the exact
    floor is in every hit's evidence.
    """

    seq: int
    at: int
    rule: Literal["max_loss"]
    before: Micros
    after: Micros
    basis: Micros
    locked: bool


class DayCounted(Struct, frozen=True, tag="day_counted"):
    """A trading day counted: ``trading`` at its first execution, ``qualifying`` at its end. number: the new count."""

    seq: int
    at: int
    day: date
    kind: Literal["trading", "qualifying"]
    number: int


class DayClosed(Struct, frozen=True, tag="day_closed"):
    """A trading day ended: its figures. pnl: net realised profit of the day."""

    seq: int
    at: int
    day: date
    start_balance: Micros
    end_balance: Micros
    end_equity: Micros
    pnl: Micros
    floor: Micros
    day_floor: Micros | None
    traded: bool
    qualifying: bool


class TargetMet(Struct, frozen=True, tag="target_met"):
    """Closed profit reached the target. waiting: the conditions still missing for the pass."""

    seq: int
    at: int
    target: Micros
    profit: Micros
    waiting: tuple[Gate, ...]


class TargetExtended(Struct, frozen=True, tag="target_extended"):
    """The consistency rule has raised the target."""

    seq: int
    at: int
    before: Micros
    after: Micros


class Passed(Struct, frozen=True, tag="passed"):
    """Every condition of the stage held at this event."""

    seq: int
    at: int
    target: Micros
    profit: Micros
    balance: Micros


class GateMoved(Struct, frozen=True, tag="gate"):
    """A condition for the pass or the payout opened (is met now) or closed. Reported at the day roll."""

    seq: int
    at: int
    gate: Gate
    open: bool


class ProfitStripped(Struct, frozen=True, tag="stripped"):
    """This much profit does not count for payouts (the account lives)."""

    seq: int
    at: int
    rule: Rule
    amount: Micros


class Unlocked(Struct, frozen=True, tag="unlocked"):
    """The day rolled and a lock of the day before ended."""

    seq: int
    at: int


class Corrected(Struct, frozen=True, tag="corrected"):
    """The record of a correction: what the findings would have been. A verdict that was found stands; people decide.

    withdrawn: hits and the pass that would not have happened; added: those that would have, and were not told.
    verdict_before: the one that stood; verdict_restated: that of the corrected past, which an open account takes.
    """

    seq: int
    at: int
    execution: str
    balance_before: Micros
    balance_after: Micros
    withdrawn: tuple[Hit | Passed, ...]
    added: tuple[Hit | Passed, ...]
    verdict_before: Verdict
    verdict_restated: Verdict

    @property
    def verdict_would_change(self) -> bool:
        return self.verdict_restated != self.verdict_before

    @property
    def decider(self) -> Hit | Passed | None:
        """What ended the stage by this correction; None where it goes on, or was over already."""
        if self.verdict_before != "open" or self.verdict_restated == "open":
            return None
        return next((one for one in reversed(self.added) if is_end(one)), None)


Finding: TypeAlias = (
    Hit
    | Warned
    | FloorMoved
    | DayCounted
    | DayClosed
    | TargetMet
    | TargetExtended
    | Passed
    | GateMoved
    | ProfitStripped
    | Unlocked
    | Corrected
)


def is_end(finding: Finding) -> bool:
    """The hit that decided, or the pass: the stage ends with it."""
    return isinstance(finding, Passed) or (isinstance(finding, Hit) and finding.decided and finding.outcome == "fail")


def decider(findings: Iterable[Finding]) -> Hit | Passed | None:
    """What first ended the stage, when it happened or by a correction. None: it goes on."""
    for finding in findings:
        match finding:
            case Hit() | Passed() if is_end(finding):
                return finding
            case Corrected(decider=Hit() | Passed() as late):
                return late
            case _:
                pass
    return None


def ended_by(verdict: Verdict, findings: Sequence[Finding]) -> Hit | Passed | None:
    """What the stage is over by. None: it goes on. The last that ended it: an appeal may have overturned others."""
    return None if verdict == "open" else decider(reversed(findings))

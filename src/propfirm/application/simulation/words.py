"""Findings in plain words with figures, as a trader, a risk manager and support would say them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from msgspec import Struct

from propfirm.domain.catalogue.program import Outcome
from propfirm.domain.money import ONE, Micros, portion, show, show_apart, show_exact, show_most
from propfirm.domain.rules.findings import (
    Corrected,
    DayClosed,
    DayCounted,
    Evidence,
    Finding,
    FloorMoved,
    Gate,
    GateMoved,
    Hit,
    Passed,
    ProfitStripped,
    Rule,
    TargetExtended,
    TargetMet,
    Unlocked,
    Warned,
)
from propfirm.domain.rules.terms import Terms

RULES: Final[dict[Rule, str]] = {
    "max_loss": "maximum loss",
    "daily_loss": "daily loss limit",
    "personal_loss": "your own daily limit",
    "daily_cap": "daily profit cap",
    "position": "position size",
    "sub_cap": "position size of one class",
    "scaling": "scaling plan",
    "overnight": "no positions overnight",
    "weekend": "no positions over the weekend",
    "holidays": "no positions over a holiday",
    "closed_time": "no new positions after flat-by",
    "blackout": "no trading in the blackout",
    "limit_up_down": "no trading at a price limit",
    "news": "news rule",
    "stop_required": "stop-loss required",
    "risk_per_position": "risk of one position",
    "mae": "open loss of one position",
    "stop_target_ratio": "stop against target",
    "hedging": "no hedging",
    "hft": "pace of executions",
    "locked_day": "the day was locked",
    "inactivity": "inactivity",
    "time_limit": "time limit",
}
SENTENCES: Final[dict[Rule, str]] = {
    "daily_cap": "equity {actual} reached the daily cap {limit}",
    "position": "position size{place}{note}: {actual}, at most {limit}",
    "sub_cap": "position size of one class{place}{note}: {actual}, at most {limit}",
    "scaling": "scaling plan{place}{note}: {actual}, at most {limit}",
    "overnight": "{actual} {were} open at flat-by (no positions overnight)",
    "weekend": "{actual} {were} open at flat-by (no positions over the weekend)",
    "holidays": "{actual} {were} open at flat-by (no positions over a holiday)",
    "closed_time": "{actual}{place} {were} opened after flat-by",
    "blackout": "{actual}{place} {were} traded while the program allows no trading{note}",
    "limit_up_down": "{actual}{place} {were} traded at an exchange price limit",
    "news": "{actual}{place} {were} traded or held in the news window{note}",
    "stop_required": "{actual} of {limit}{place} had a stop",
    "risk_per_position": "risk of one position{place}: {actual}, at most {limit}",
    "mae": "open loss of one position{place}: {actual}, at most {limit}",
    "stop_target_ratio": "the stop{place} is {actual} times as far as the target, at most {limit} times is allowed",
    "hedging": "{actual} {were} held against one another with the last execution{place}",
    "hft": "pace of executions{place}: {actual}, at most {limit}",
    "locked_day": "{actual}{place} {were} opened while the day was locked",
    "inactivity": "inactivity: {actual} without an execution, the limit is {limit}",
    "time_limit": "time limit: {actual} since the stage began, the limit is {limit}",
}
"""What a hit says, but for the loss limits, whose story is longer. actual, limit: with their units."""
FEW_FILLS: Final = "inactivity: {actual} in the week, at least {limit} asked for"
GATES: Final[dict[Gate, str]] = {
    "target": "profit target",
    "flat": "no open position",
    "min_trading_days": "minimum trading days",
    "qualifying_days": "qualifying days",
    "consistency": "consistency",
    "min_hold_trades": "share of trades held long enough",
    "min_hold_profit": "share of profit from trades held long enough",
}
SHORT_ZONES: Final = {"CST": "CT", "CDT": "CT", "EST": "ET", "EDT": "ET"}
"""Exchange people say CT all year. In America only: China has a CST of its own."""


def zone_name(local: datetime) -> str:
    """As people call the zone of this time. An hour that the clock has twice is told apart by its full name."""
    name = local.tzname() or ""
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        return name
    return SHORT_ZONES.get(name, name) if str(local.tzinfo).startswith("America/") else name


class Teller(Struct, frozen=True):
    """Tells findings of one stage in the program's own time zone."""

    terms: Terms
    zone: ZoneInfo

    def moment(self, at: int) -> datetime:
        """Nanoseconds since 1970 to local wall time, cut to the microsecond."""
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at // 1000)).astimezone(self.zone)

    def clock(self, at: int) -> str:
        """``10:42:15 CT``; milliseconds only where there are some."""
        local = self.moment(at)
        fraction = f".{local.microsecond // 1000:03d}" if local.microsecond >= 1000 else ""
        return f"{local:%H:%M:%S}{fraction} {zone_name(local)}"

    def day(self, when: date) -> str:
        return f"{when.day} {when:%B %Y}"

    def when(self, at: int) -> str:
        local = self.moment(at)
        return f"{self.day(local)} {self.clock(at)}"

    def tell(self, finding: Finding, ended: Hit | Passed | None = None) -> str:  # one arm for each kind of finding
        """ended: what ended the stage, as far as it has ended. A lesser hit of the same event has nothing to follow."""
        match finding:
            case Hit(seq=seq, decided=False, outcome=outcome) if ended and seq == ended.seq and outcome != "fail":
                return f"{self._what(finding)}: no longer matters, the stage has ended"
            case Hit():
                return self._hit(finding)
            case Warned(rule=rule, evidence=evidence):
                return f"warning, {RULES[rule]}: equity {show(evidence.equity)} is {self._room(evidence)}"
            case FloorMoved(before=before, after=after, basis=basis, locked=is_locked):
                end = ", where it stays for good" if is_locked else ""
                moved = f"from {show_exact(before)} to {show_exact(after)}"
                return f"the floor moved {moved} (high-water mark {show(basis)}){end}"
            case DayCounted(kind="trading", day=day, number=number):
                return f"trading day {number} ({self.day(day)})"
            case DayCounted(day=day, number=number):
                return f"qualifying day {number} ({self.day(day)})"
            case DayClosed(day=day, pnl=pnl, end_balance=balance):
                return f"{self.day(day)} closed with {signed(pnl)}, balance {show(balance)}"
            case TargetMet(target=target, profit=profit, waiting=waiting):
                rest = f"; still missing: {', '.join(GATES[gate] for gate in waiting)}" if waiting else ""
                needed, made = show_apart(target, profit)
                return f"the target of {needed} is met with a closed profit of {made}{rest}"
            case TargetExtended(before=before, after=after):
                raised = f"from {show_exact(before)} to {show_exact(after)}"
                return f"a day above the consistency cap raised the target {raised}"
            case Passed(target=target, profit=profit):
                made, needed = show_apart(profit, target)
                return f"passed: closed profit {made} against a target of {needed}, every condition met"
            case GateMoved(gate=gate, open=is_open):
                return f"{GATES[gate]}: {'met' if is_open else 'no longer met'}"
            case ProfitStripped(rule=rule, amount=amount):
                return f"{show(amount)} of profit does not count for payouts ({RULES[rule]})"
            case Unlocked():
                return "the day rolled: trading is unlocked"
            case Corrected():
                return self._corrected(finding)
            case _:
                assert_never(finding)

    def _corrected(self, record: Corrected) -> str:
        moved = f"the balance goes from {show(record.balance_before)} to {show(record.balance_after)}"
        if record.decider is not None:
            end = f"the stage ends by it, on {self.when(record.decider.at)}: {self.tell(record.decider)}"
        elif record.verdict_would_change:
            end = f"the stage would be {record.verdict_restated}, and stays {record.verdict_before} until people decide"
        else:
            end = "the verdict is the same"
        return f"correction of execution {record.execution}: {moved}; {end}"

    def _hit(self, hit: Hit) -> str:
        text = f"{self._what(hit)}: {OUTCOMES[hit.outcome]}"
        if hit.strike:
            text += f" (strike {hit.strike})"
        return text

    def _what(self, hit: Hit) -> str:
        evidence = hit.evidence
        if hit.rule in ("max_loss", "daily_loss", "personal_loss"):
            return self._loss(hit.rule, evidence)
        actual, limit = figures(evidence)
        sentence = FEW_FILLS if evidence.unit == "fills" else SENTENCES[hit.rule]
        return sentence.format(
            actual=actual,
            limit=limit,
            were="was" if evidence.actual == 1 else "were",
            place=f" in {evidence.symbol}" if evidence.symbol else "",
            note=f" ({evidence.note})" if evidence.note else "",
        )

    def _loss(self, rule: Rule, evidence: Evidence) -> str:
        """As in ``equity 47,985.00 fell below the floor 48,000.00 set on 3 March by ...``."""
        actual, limit = figures(evidence)
        verb = "touched" if evidence.actual == evidence.limit else "fell below"
        measured = "balance" if rule == "max_loss" and self.terms.stage.max_loss.measure == "balance" else "equity"
        name = "the floor" if rule == "max_loss" else f"the day's floor ({RULES[rule]})"
        return f"{measured} {actual} {verb} {name} {limit} {self._origin(rule, evidence)}"

    def _origin(self, rule: Rule, evidence: Evidence) -> str:
        if rule != "max_loss":
            high = self._day_high(evidence) if rule == "daily_loss" else evidence.basis
            if high > evidence.basis:
                return f"set on {self.when(evidence.set_at)} by the day's equity high {show(high)}"
            return f"set on {self.when(evidence.set_at)} from the day's reference {show(evidence.basis)}"
        if not evidence.set_seq:
            return f"set at the start ({show(self.terms.start)} less {show(self.terms.drawdown)})"
        source = {
            "trail_eod": "the end-of-day balance",
            "trail_closed": "the closed balance",
            "trail_intraday": "the equity high",
        }.get(self.terms.stage.max_loss.mode, "a payout with the high-water mark")
        return f"set on {self.when(evidence.set_at)} by {source} {show(evidence.basis)}"

    def _day_high(self, evidence: Evidence) -> Micros:
        """From which the day floor in force was measured: the reference, or what equity has reached since."""
        terms, daily = self.terms, self.terms.stage.daily_loss
        if daily is None or daily.trail == "none":
            return evidence.basis
        rate = terms.daily_rate
        loss = portion(evidence.basis, rate) if rate is not None else terms.daily_limit or Micros(0)
        return Micros(evidence.limit + loss)

    def _room(self, evidence: Evidence) -> str:
        return f"{show_most(Micros(evidence.distance))} above the floor {show_exact(Micros(evidence.limit))}"


OUTCOMES: Final[dict[Outcome, str]] = {
    "fail": "the account is breached",
    "lock_day": "trading is locked until the day rolls",
    "reject_order": "the order should have been refused",
    "close_offending": "the position has to be closed, the account lives",
    "strip_profit": "the profit of the trade does not count",
    "block_payout": "payouts wait for a review",
    "strike": "it counts as a strike",
    "warn": "a warning",
}


def signed(amount: Micros) -> str:
    return f"+{show(amount)}" if amount > 0 else show(amount)


def quantity(value: int, evidence: Evidence) -> str:
    """A limit or an actual value in its unit."""
    match evidence.unit:
        case "usd":
            return show(Micros(value))
        case "units" | "ratio":
            whole, rest = divmod(abs(value), ONE)
            return f"{'-' if value < 0 else ''}{whole}.{rest:06d}".rstrip("0").rstrip(".")
        case "contracts":
            return counted(value, "contract")
        case "seconds":
            return f"{value} s"
        case "days":
            return counted(value, "day")
        case "fills":
            return counted(value, "execution")
        case "per_second":
            return f"{counted(value, 'execution')} in a second"
        case _:
            assert_never(evidence.unit)


def figures(evidence: Evidence) -> tuple[str, ...]:
    """Actual value and limit in their unit, never alike where they differ."""
    if evidence.unit == "usd":
        return show_apart(Micros(evidence.actual), Micros(evidence.limit))[0], show_exact(Micros(evidence.limit))
    return quantity(evidence.actual, evidence), quantity(evidence.limit, evidence)


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

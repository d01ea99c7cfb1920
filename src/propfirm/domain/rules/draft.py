"""One step's working copy: opened from a state, changed by the rules in turn, sealed into the next state.

The draft lives inside one call of ``step`` and is never seen outside; states themselves never change.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from propfirm.domain.catalogue.program import Outcome
from propfirm.domain.money import Micros
from propfirm.domain.rules.findings import Evidence, Finding, Hit, Rule, Verdict
from propfirm.domain.rules.floors import Levels
from propfirm.domain.rules.state import (
    SEVERITY,
    UNQUOTED,
    Activity,
    Day,
    DayLimits,
    Floor,
    Held,
    State,
    StrikeCount,
    Surroundings,
    Tally,
    Thresholds,
)
from propfirm.domain.rules.terms import Terms


class Draft(Struct, gc=False):
    """Fields as in Core and State. bid, ask: the last mark of ``quoted`` ("": of none), newer than the one in quotes.

    ending: the position (with its trade) that this event's fill closed; its trade is over at the end of the step,
    tainted by this fill's hits or not. basis: the floor, day and limits that thresholds were computed from, perhaps no
    longer the ones above: ask ``thresholds_of``.
    """

    terms: Terms
    seq: int
    at: int
    doubt: bool
    findings: list[Finding]
    ending: Held | None
    equity: Micros
    balance: Micros
    fees: Micros
    metered: bool
    positions: tuple[Held, ...]
    quotes: dict[str, tuple[int, int]]
    quoted: str
    bid: int
    ask: int
    floor: Floor
    day: Day | None
    limits: DayLimits | None
    activity: Activity
    tally: Tally
    around: Surroundings
    thresholds: Thresholds
    basis: tuple[Floor, Day | None, DayLimits | None]
    verdict: Verdict

    @property
    def levels(self) -> Levels:
        """What profit and payouts move, for the arithmetic of floors."""
        terms, floor = self.terms, self.floor
        return Levels(terms.initial, terms.start, self.balance, floor.level, floor.high, self.tally.counters.payouts)

    @property
    def profit(self) -> Micros:
        """Trading profit of the stage."""
        return Micros(self.balance - self.terms.start - self.tally.cash)

    @property
    def counted(self) -> Micros:
        """Profit as the consistency rule counts it: net, or with the fees added back."""
        rule = self.terms.stage.consistency
        if rule is not None and not rule.include_commissions:
            return Micros(self.profit + self.fees)
        return self.profit

    @property
    def day_profit(self) -> Micros:
        """Net realised profit since the roll."""
        if self.day is None:
            return Micros(0)
        return Micros(self.balance - self.day.start_balance - self.day.cash)

    def position(self, symbol: str) -> Held | None:
        for held in self.positions:
            if held.symbol == symbol:
                return held
        return None

    def hold(self, changed: Held) -> None:
        """Puts a changed position in its place; a new one goes last."""
        positions = self.positions
        if not positions or (len(positions) == 1 and positions[0].symbol == changed.symbol):
            self.positions = (changed,)
            return
        found = False
        kept: list[Held] = []
        for held in positions:
            if held.symbol == changed.symbol:
                found = True
                kept.append(changed)
            else:
                kept.append(held)
        if not found:
            kept.append(changed)
        self.positions = tuple(kept)

    def drop(self, symbol: str) -> None:
        positions = self.positions
        self.positions = () if len(positions) == 1 else tuple(held for held in positions if held.symbol != symbol)

    def mark(self, symbol: str, bid: int, ask: int) -> None:
        """The newest quote of one contract."""
        if symbol != self.quoted:
            self.quotes = self.all_quotes()
            self.quoted = symbol
        self.bid, self.ask = bid, ask

    def all_quotes(self) -> dict[str, tuple[int, int]]:
        if not self.quoted:
            return self.quotes
        return {**self.quotes, self.quoted: (self.bid, self.ask)}

    def open_profit(self, held: Held) -> int:
        """Mark-to-market of one position at its last mark, in micro-dollars."""
        if held.symbol == self.quoted:
            bid, ask = self.bid, self.ask
        else:
            bid, ask = self.quotes.get(held.symbol) or (held.filled, held.filled)
        position = held.position
        if self.terms.platform.mark == "mid":
            mark = (bid + ask) // 2 if position.quantity > 0 else -(-(bid + ask) // 2)
        else:
            mark = bid if position.quantity > 0 else ask
        return mark * held.contract.tick_value * position.quantity - position.open_cost

    def revalue(self) -> None:
        """Equity from balance and marks; a metered account's equity is the platform's own."""
        if self.metered:
            return
        total: int = self.balance
        for held in self.positions:
            total += self.open_profit(held)
        self.equity = total  # type: ignore[assignment]  # an int is a Micros, see step

    def hit(self, rule: Rule, outcome: Outcome, evidence: Evidence, symbols: tuple[str, ...] = ()) -> None:
        """Records that a rule was broken, with what follows: strikes first, then the outcome's own effect.

        symbols: whose trades are concerned, where it is more than the evidence's one.
        """
        number = 0
        counted = self.terms.strikes.get(rule)
        if counted is not None:
            number = self._strike(rule, once_a_day=counted.per == "day", window_days=counted.window_days)
            if number:
                outcome = counted.actions[min(number, len(counted.actions)) - 1]
        self.findings.append(Hit(self.seq, self.at, rule, outcome, evidence, doubt=self.doubt, strike=number))
        if self.day is not None:
            self.day = self.day.saw(rule)
            if outcome == "lock_day":
                self.day = self.day.lock()
        if outcome == "fail":
            self.verdict = "breached"
        elif outcome == "block_payout":
            self.tally = self.tally.to_review(rule)
        elif outcome == "strip_profit":
            for symbol in symbols or (evidence.symbol,):
                self._taint(symbol, rule)

    def _taint(self, symbol: str, rule: Rule) -> None:
        if self.ending is not None and self.ending.symbol == symbol:
            self.ending = self.ending.with_trade(self.ending.trade.taint_by(rule))
        held = self.position(symbol)
        if held is not None:
            self.hold(held.with_trade(held.trade.taint_by(rule)))

    def _strike(self, rule: Rule, *, once_a_day: bool, window_days: int | None) -> int:
        """Counts a strike and gives its number."""
        if self.day is None:
            return 0
        today = self.day.label
        days = next((count.days for count in self.tally.strikes if count.rule == rule), ())
        if window_days is not None:
            days = tuple(day for day in days if (today - day).days < window_days)
        if not (once_a_day and days and days[-1] == today):
            days = (*days, today)
        self.tally = self.tally.struck(StrikeCount(rule, days))
        return len(days)

    def decide(self) -> None:
        """Marks the event's most severe hit (the first of equals) as the one that decided, if it ended or locked the
        account."""
        worst: Hit | None = None
        place = 0
        for index, finding in enumerate(self.findings):
            if isinstance(finding, Hit) and (worst is None or SEVERITY[finding.outcome] > SEVERITY[worst.outcome]):
                worst, place = finding, index
        if worst is not None and worst.outcome in ("fail", "lock_day"):
            self.findings[place] = replace(worst, decided=True)


def opened(terms: Terms, state: State, seq: int, at: int, *, doubt: bool) -> Draft:
    core = state.core
    return Draft(
        terms,
        seq,
        at,
        doubt,
        [],
        None,
        state.equity,
        core.balance,
        core.fees,
        core.metered,
        core.positions,
        core.quotes,
        core.symbol if state.bid != UNQUOTED else "",
        state.bid,
        state.ask,
        core.floor,
        core.day,
        core.limits,
        core.activity,
        core.tally,
        core.around,
        core.thresholds,
        (core.floor, core.day, core.limits),
        core.verdict,
    )

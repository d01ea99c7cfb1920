"""``propfirm what-if``: where an account stands at the end of its history, and what a payout now would do to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct

from propfirm.application.ports.progress import Progress
from propfirm.application.rules.payout_following import following_day
from propfirm.application.rules.payout_standing import Record, standing_of
from propfirm.application.simulation.report import Report
from propfirm.application.simulation.request import SimulationRequest
from propfirm.application.simulation.run import RunHistory, Simulated
from propfirm.application.simulation.summary import summary
from propfirm.application.simulation.words import Teller
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.catalogue.program import PctCap, Split
from propfirm.domain.market.contracts import Contract, to_price
from propfirm.domain.money import Cents, Micros
from propfirm.domain.payouts.quote import Quote, quote
from propfirm.domain.payouts.standing import Papers
from propfirm.domain.payouts.ways import sentence
from propfirm.domain.rules.inquiry import TodayLeft, target_now, today_left
from propfirm.domain.rules.state import FAR, UNQUOTED, Held, State, profit_of
from propfirm.domain.rules.terms import Terms
from propfirm.domain.rules.thresholds import loss_level


class WhatIfRequest(Struct, frozen=True):
    """payout: gross amount to take now; None = the most that is on offer."""

    simulation: SimulationRequest
    payout: Cents | None = None


class PositionRoom(Struct, frozen=True):
    """How far one open position may go against the account until a loss limit is hit, all else standing still.

    ticks: against the position, the first number of them that hits; price: then, as quoted.
    """

    symbol: str
    quantity: int
    ticks: int
    price: str


class Distances(Struct, frozen=True):
    """to_floor, to_day_floor: dollars above them, the day's own being the highest of program and account (None: no such
    floor). today: what it may still bring by the consistency rule (None: no rule that looks at days)."""

    to_floor: Micros
    to_day_floor: Micros | None
    to_target: Micros | None
    today: TodayLeft | None
    positions: tuple[PositionRoom, ...]


class Missing(Struct, frozen=True):
    """A condition of a payout that is not met, in words, with the shortest way to meet it."""

    code: str
    way: str


class WhatIf(Struct, frozen=True):
    """distances, quote: None once the stage is over. quote: also where the stage pays nothing; note then says which
    stage would. missing: the quote's, in words.

    next_day: the first on which calendar and age admit a payout, None where trading decides. following_day: the first
    of the payout after this one, the trading days that it takes included; None where none follows. pct_cap: the part of
    profit or balance that one payout may take, where the stage has such a cap.
    """

    report: Report
    distances: Distances | None
    quote: Quote | None
    missing: tuple[Missing, ...]
    next_day: date | None
    note: str
    following_day: date | None = None
    pct_cap: PctCap | None = None


@dataclass(frozen=True, slots=True)
class AskWhatIf:
    """A trader (or support, for one) asks before acting."""

    run_history: RunHistory

    def __call__(self, request: WhatIfRequest, progress: Progress) -> WhatIf:
        """Raises BadInput, NoSuchStage."""
        run = self.run_history(request.simulation, progress)
        state, terms = run.account.state, run.terms
        report = summary(run)
        if state.verdict != "open":
            return WhatIf(report, None, None, (), None, over(terms, state))
        apart = distances(terms, state, run.contracts)
        if terms.stage.payout is None:
            paying = [stage.name for stage in request.simulation.program.stages if stage.payout is not None]
            note = f"the stage {terms.stage.name} pays nothing" + (f"; {paying[0]} does (--stage)" if paying else "")
            return WhatIf(report, apart, None, (), None, note)
        zone = _zone(run)
        standing = standing_of(terms, state, _record(run, zone))
        answer = quote(terms.stage, standing, Papers(), request.payout)
        sessions = Sessions(request.simulation.program.clock, self.run_history.sessions)
        return WhatIf(
            report=report,
            distances=apart,
            quote=answer,
            missing=in_words(answer),
            next_day=answer.opens,
            note=_assumed(terms.stage.payout.split),
            pct_cap=terms.stage.payout.pct_cap,
            following_day=following_day(terms, state, sessions, standing, answer, zone),
        )


def in_words(answer: Quote) -> tuple[Missing, ...]:
    """Every condition that the quote finds failing."""
    return tuple(Missing(one.code, sentence(one.way)) for one in answer.failing)


def _assumed(split: Split) -> str:
    """What a history of executions cannot tell about a payout."""
    papers = "identity, contract and tax papers are taken as complete"
    if split.kind != "by_lifetime_marginal":
        return papers
    whose = "the account" if split.scope == "account" else "the person, on any account,"
    return f"{papers}; the split counts what {whose} was paid before: taken as nothing"


def over(terms: Terms, state: State) -> str:
    """What to say of a stage that has ended."""
    if state.verdict == "breached":
        return f"the account was breached: the stage {terms.stage.name} is over, and no payout follows"
    after = terms.stage.next_stage
    return f"the stage {terms.stage.name} was passed and is over" + (f"; {after} would follow" if after else "")


def _zone(run: Simulated) -> ZoneInfo:
    """Of the schedule's cut-off, in which payouts are dated."""
    payout = run.terms.stage.payout
    cutoff_zone = payout.schedule.cutoff_zone if payout is not None else None
    return ZoneInfo(cutoff_zone or run.request.program.clock.zone)


def _record(run: Simulated, zone: ZoneInfo) -> Record:
    """A history of executions knows no payouts. The account is as old as its first execution."""
    teller = Teller(run.terms, zone)
    first = teller.moment(run.history.fills[0].at).date()
    return Record(now=teller.moment(run.account.state.at), opened_on=first, first_trade_day=first)


def distances(terms: Terms, state: State, contracts: Mapping[str, Contract]) -> Distances:
    """How far the account is from everything that would end or complete its stage. contracts: by root."""
    core, target = state.core, target_now(terms, state)
    level = loss_level(terms, core.floor, core.day, core.limits)
    return Distances(
        to_floor=Micros(state.equity - state.floor),
        to_day_floor=None if state.day_floor is None else Micros(state.equity - state.day_floor),
        to_target=None if target is None else Micros(max(0, target - profit_of(terms, state))),
        today=today_left(terms, state),
        positions=()
        if level == -FAR
        else tuple(_position_room(state, contracts, held, level) for held in core.positions),
    )


def _position_room(state: State, contracts: Mapping[str, Contract], held: Held, level: int) -> PositionRoom:
    quantity = held.position.quantity
    per_tick = held.contract.tick_value * abs(quantity)
    ticks = max(0, -((level - state.equity) // per_tick))
    bid, ask = state.core.quotes.get(held.symbol, (held.filled, held.filled))
    if state.core.symbol == held.symbol and state.bid != UNQUOTED:
        bid, ask = state.bid, state.ask
    contract = contracts[held.contract.root]
    at = bid - ticks if quantity > 0 else ask + ticks
    return PositionRoom(held.symbol, quantity, ticks, to_price(contract, at))

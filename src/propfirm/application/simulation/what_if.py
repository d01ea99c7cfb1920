"""``propfirm what-if``: where an account stands at the end of its history, and what a payout now would do to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct

from propfirm.application.payouts.standing import Record, standing_of
from propfirm.application.ports.progress import Progress
from propfirm.application.simulation.report import Report
from propfirm.application.simulation.request import SimulationRequest
from propfirm.application.simulation.run import RunHistory, Simulated
from propfirm.application.simulation.summary import summary
from propfirm.application.simulation.words import Teller
from propfirm.domain.market.contracts import to_price
from propfirm.domain.money import Cents, Micros
from propfirm.domain.payouts.quote import Quote, quote
from propfirm.domain.payouts.standing import Papers
from propfirm.domain.payouts.ways import sentence
from propfirm.domain.rules.consistency import headroom_today
from propfirm.domain.rules.findings import DayCounted
from propfirm.domain.rules.inquiry import consistency_now, target_now
from propfirm.domain.rules.state import UNQUOTED, Held, State, profit_of
from propfirm.domain.rules.terms import Terms
from propfirm.domain.rules.thresholds import still_judged


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
    """to_floor, to_day_floor: dollars above them (None: no such floor). today_left: what today may still earn without
    breaking the consistency cap (None: no limit or no rule)."""

    to_floor: Micros
    to_day_floor: Micros | None
    to_target: Micros | None
    today_left: Micros | None
    positions: tuple[PositionRoom, ...]


class Missing(Struct, frozen=True):
    """A condition of a payout that is not met, in words, with the shortest way to meet it."""

    code: str
    way: str


class WhatIf(Struct, frozen=True):
    """quote: None where the stage pays nothing; note then says which stage would. missing: the quote's, in words."""

    report: Report
    distances: Distances
    quote: Quote | None
    missing: tuple[Missing, ...]
    next_day: date | None
    note: str


@dataclass(frozen=True, slots=True)
class AskWhatIf:
    """A trader (or support, for one) asks before acting."""

    run_history: RunHistory

    def __call__(self, request: WhatIfRequest, progress: Progress) -> WhatIf:
        """Raises BadInput, NoSuchStage."""
        run = self.run_history(request.simulation, progress)
        state, terms = run.account.state, run.terms
        answer: Quote | None = None
        note = ""
        if terms.stage.payout is None:
            paying = [stage.name for stage in request.simulation.program.stages if stage.payout is not None]
            note = f"the stage {terms.stage.name} pays nothing" + (f"; {paying[0]} does (--stage)" if paying else "")
        else:
            papers = Papers(stage_open=state.verdict == "open")
            answer = quote(terms.stage, standing_of(terms, state, _record(run)), papers, request.payout)
            note = "identity, contract and tax papers are taken as complete"
        return WhatIf(
            report=summary(run),
            distances=_distances(run),
            quote=answer,
            missing=tuple(Missing(one.code, sentence(one.way)) for one in answer.failing) if answer else (),
            next_day=answer.opens if answer else None,
            note=note,
        )


def _record(run: Simulated) -> Record:
    terms, account = run.terms, run.account
    schedule = terms.stage.payout.schedule if terms.stage.payout is not None else None
    zone = run.request.program.clock.zone
    if schedule is not None and schedule.cutoff_zone is not None:
        zone = schedule.cutoff_zone
    traded = next((one.day for one in account.findings if isinstance(one, DayCounted) and one.kind == "trading"), None)
    return Record(
        now=Teller(terms, ZoneInfo(zone)).moment(account.state.at),
        opened_on=account.traces[0].day,
        first_trade_day=traded,
    )


def _distances(run: Simulated) -> Distances:
    terms, state = run.terms, run.account.state
    target, level = target_now(terms, state), _hit_level(terms, state)
    return Distances(
        to_floor=Micros(state.equity - state.floor),
        to_day_floor=None if state.day_floor is None else Micros(state.equity - state.day_floor),
        to_target=None if target is None else Micros(max(0, target - profit_of(terms, state))),
        today_left=_today_left(terms, state),
        positions=() if level is None else tuple(_position_room(run, held, level) for held in state.core.positions),
    )


def _today_left(terms: Terms, state: State) -> Micros | None:
    rule, seen = terms.stage.consistency, consistency_now(terms, state)
    if state.verdict != "open" or rule is None or seen is None or rule.unit != "day" or rule.denominator != "total":
        return None
    window = state.core.cycle_window if rule.window == "cycle" else state.core.stage_window
    counted = profit_of(terms, state) + (0 if rule.include_commissions else state.core.fees)
    today = Micros(counted - window.day_base)
    return headroom_today(Micros(seen.total - today), today, terms.consistency_cap(state.payouts), rule.cmp)


def _hit_level(terms: Terms, state: State) -> Micros | None:
    """The highest equity at which a mark hits a loss limit; None where no mark can."""
    stage, day, limits = terms.stage, state.core.day, state.core.limits
    daily = stage.daily_loss
    levels: list[int] = []
    if stage.max_loss.measure == "equity" and still_judged(day, "max_loss", stage.max_loss.outcome):
        levels.append(state.floor if terms.max_touch else state.floor - 1)
    if limits is not None:
        if daily is not None and limits.floor is not None and still_judged(day, "daily_loss", daily.outcome):
            levels.append(limits.floor if terms.daily_touch else limits.floor - 1)
        if limits.personal is not None and still_judged(day, "personal_loss", "lock_day"):
            levels.append(limits.personal)
    return Micros(max(levels)) if levels and state.verdict == "open" else None


def _position_room(run: Simulated, held: Held, level: Micros) -> PositionRoom:
    state, quantity = run.account.state, held.position.quantity
    per_tick = held.contract.tick_value * abs(quantity)
    ticks = max(0, -((level - state.equity) // per_tick))
    bid, ask = state.core.quotes.get(held.symbol, (held.filled, held.filled))
    if state.core.symbol == held.symbol and state.bid != UNQUOTED:
        bid, ask = state.bid, state.ask
    contract = run.contracts[held.contract.root]
    at = bid - ticks if quantity > 0 else ask + ticks
    return PositionRoom(held.symbol, quantity, ticks, to_price(contract, at))

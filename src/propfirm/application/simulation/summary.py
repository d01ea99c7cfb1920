"""From a finished run to its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, Literal, assert_never
from zoneinfo import ZoneInfo

from propfirm.application.simulation.account import DayTrace
from propfirm.application.simulation.check import uncovered
from propfirm.application.simulation.report import Condition, DayRow, Entry, Report, Standing, Subject
from propfirm.application.simulation.run import Simulated
from propfirm.application.simulation.sides import unit_name
from propfirm.application.simulation.unheeded import unheeded
from propfirm.application.simulation.words import GATES, RULES, Teller, counted, signed
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.catalogue.phrases import duration
from propfirm.domain.money import ONE, Micros, Ppm, show, show_apart, show_least, show_most, show_rate
from propfirm.domain.rules.consistency import least_total
from propfirm.domain.rules.findings import DayClosed, Finding, Gate, GateMoved, Hit, Passed, decider
from propfirm.domain.rules.inquiry import conditions, consistency_now, room, target_now
from propfirm.domain.rules.state import SEVERITY, State, profit_of, qualifying_days
from propfirm.domain.rules.terms import ENGINE_SEMANTICS, Terms

Weight = Literal["verdict", "hit", "warning", "milestone", "note"]
HOLES_TOLD: Final = 3
WEIGHTS: Final[dict[str, Weight]] = {
    "Warned": "warning",
    "ProfitStripped": "warning",
    "Passed": "verdict",
    "TargetMet": "milestone",
    "TargetExtended": "milestone",
    "GateMoved": "milestone",
    "Corrected": "milestone",
}
"""Kinds that are more than a note; hits are weighed one by one."""


def summary(run: Simulated) -> Report:
    """The report of a run. Pure: equal runs give equal reports."""
    account, terms, request = run.account, run.terms, run.request
    teller = Teller(terms, ZoneInfo(request.program.clock.zone))
    state = account.state
    headline, reason = _verdict(run, teller)
    reservations = tuple(_reservations(run, teller))
    return Report(
        subject=_subject(run),
        verdict=state.verdict,
        headline=f"{headline}, with reservations" if reservations else headline,
        reason=reason,
        reservations=reservations,
        standing=standing(terms, state, ended=decider(account.findings)),
        days=tuple(_days(run)),
        timeline=tuple(_timeline(account.findings, teller)),
        curve=tuple(account.curve.points),
        doubts=tuple(
            f"{teller.when(doubt.at)}: {doubt.what} ({', '.join(doubt.symbols) or 'flat'}) is not known;"
            f" read {'against the account' if request.reading == 'adverse' else 'in favour of the account'}"
            for doubt in run.materials.doubts
        ),
        unjudged=(*_holes(run, teller), *_unjudged(run)),
        price_holes=run.materials.holes,
        notes=tuple(_notes(run)),
        counts={
            "fills": len(run.history.fills),
            "price_rows": run.materials.rows,
            "bars": run.materials.bars,
            "marks_judged": account.marks,
            "events": state.seq,
            "findings": len(account.findings),
        },
    )


def _subject(run: Simulated) -> Subject:
    request, materials, program = run.request, run.materials, run.request.program
    return Subject(
        program=program.id,
        version=program.version,
        fingerprint=fingerprint(program),
        name=program.name,
        stage=run.terms.stage.name,
        zone=program.clock.zone,
        starting_balance=run.terms.start,
        method=request.method,
        reading=request.reading,
        history_format=run.history.format,
        history_file=request.history.name,
        price_files=tuple(name for name, _, _ in materials.streams),
        engine_semantics=ENGINE_SEMANTICS,
        calendar_version=materials.calendar_version,
        news_version=materials.news.version,
        contracts_version=materials.contracts_version,
    )


def _verdict(run: Simulated, teller: Teller) -> tuple[str, str]:
    """One sentence with the verdict, one with what decided it."""
    state, terms = run.account.state, run.terms
    ended = decider(run.account.findings)
    match ended:
        case Hit():
            when = teller.when(ended.at)
            doubt = " (in doubt)" if ended.doubt else ""
            return f"Breached: {RULES[ended.rule]} on {when}", f"{when}: {teller.tell(ended)}{doubt}"
        case Passed():
            when = teller.when(ended.at)
            return f"Passed on {when}", f"{when}: {teller.tell(ended)}"
        case None:
            where = f"equity {show(state.equity)} is {_beside(room(state))} the nearest floor"
            return "Still open: neither breached nor passed", f"{where}{_still_asked(terms, state)}"
        case _:
            assert_never(ended)


def _still_asked(terms: Terms, state: State) -> str:
    """What the pass (or a payout) still waits for, as far as the engine judges it."""
    asked = conditions(terms, state)
    missing = [GATES[gate] for gate, met in asked if not met]
    if missing:
        return f"; still missing: {', '.join(missing)}"
    if not asked:
        return ""
    return "; every condition is met" if terms.stage.payout is None else "; the trading conditions of a payout are met"


def _reservations(run: Simulated, teller: Teller) -> Iterator[str]:
    """What the verdict rests on that no platform would have let happen, or that nobody saw."""
    found = unheeded(run.account.fills, run.account.findings)
    if found is not None:
        if found.first is None:
            rest = "the verdict rests on a position"
        else:
            first = f"{found.first.symbol} on {teller.when(found.first.at)}"
            rest = f"{found.fills} fills (first {first}) rest" if found.fills > 1 else f"1 fill ({first}) rests"
            rest += " on positions"
        yield (
            f"the history goes on as if the platform had not acted: {rest} that the rules would have closed or refused"
        )
    if run.materials.holes:
        unseen = duration(sum(hole.open_s for hole in run.materials.holes))
        yield f"for {unseen} of trading a position was open and no prices of it came: nothing was judged then"


def _beside(room: Micros) -> str:
    return f"{show_most(room)} above" if room >= 0 else f"{show_least(Micros(-room))} below"


def standing(terms: Terms, state: State, *, ended: Hit | Passed | None) -> Standing:
    """Where an account is, in the figures that people ask for. ended: what ended the stage, None while it lives."""
    lives = ended is None
    day_floor = state.day_floor if lives else None
    target, profit = target_now(terms, state), profit_of(terms, state)
    return Standing(
        at=state.at,
        ended_at=None if ended is None else ended.at,
        balance=state.balance,
        equity=state.equity,
        profit=profit,
        target=target,
        to_target=Micros(max(0, target - profit)) if lives and target is not None else None,
        floor=state.floor,
        to_floor=Micros(state.equity - state.floor) if lives else None,
        day_floor=day_floor,
        to_day_floor=None if day_floor is None else Micros(state.equity - day_floor),
        high_water_mark=state.hwm,
        trading_days=state.trading_days,
        qualifying_days=qualifying_days(terms, state),
        open_contracts=sum(abs(held.position.quantity) for held in state.core.positions),
        conditions=tuple(
            Condition(gate, met, _condition(terms, state, gate)) for gate, met in conditions(terms, state) if lives
        ),
    )


def _condition(terms: Terms, state: State, gate: Gate) -> str:
    """Where one condition stands, in words with figures."""
    stage, counters, activity = terms.stage, state.core.counters, state.core.activity
    match gate:
        case "target":
            made, needed = show_apart(profit_of(terms, state), target_now(terms, state) or Micros(0))
            return f"closed profit {made} of {needed}"
        case "flat":
            return counted(len(state.core.positions), "open position")
        case "min_trading_days":
            in_cycle = stage.days.min_trading_scope == "cycle"
            done = counters.cycle_trading_days if in_cycle else counters.trading_days
            return f"{done} of {stage.days.min_trading} trading days"
        case "qualifying_days":
            rule = stage.days.qualifying
            least = show_least(terms.qualifying_profit or Micros(0))
            return f"{qualifying_days(terms, state)} of {rule.count if rule else 0} days of at least {least}"
        case "consistency":
            return _consistency(terms, state)
        case "min_hold_trades":
            return f"{activity.trades_held} of {activity.trades} trades were held long enough"
        case "min_hold_profit":
            held, total = show(activity.trades_held_profit), show(activity.trades_profit)
            return f"{held} of {total} profit comes from trades held long enough"
        case _:
            assert_never(gate)


def _consistency(terms: Terms, state: State) -> str:
    rule, seen = terms.stage.consistency, consistency_now(terms, state)
    if rule is None or seen is None:
        return "no longer asked for"
    unit = "trade" if rule.unit == "trade" else "day"
    if rule.denominator == "target":
        target = show(target_now(terms, state) or Micros(0))
        return f"best {unit} {show(seen.best)} against a target of {target}, at most {show_rate(seen.cap)}"
    text = f"best {unit} {show(seen.best)} of {show(seen.total)} profit, at most {show_rate(seen.cap)}"
    if seen.best > 0:
        needed = least_total(seen.best, seen.cap, rule.cmp)
        if needed > seen.total:
            text += f" (needs a total of {show_least(needed)})"
    return text


def _days(run: Simulated) -> Iterator[DayRow]:
    closed = [one for one in run.account.findings if isinstance(one, DayClosed)]
    traces = {trace.day: trace for trace in run.account.traces}
    rule = run.terms.stage.consistency
    profit = 0
    for day in closed:
        trace = traces[day.day]
        made: int = day.pnl
        if rule is not None and not rule.include_commissions and trace.end is not None:
            made += trace.end.core.fees - trace.start_fees
        profit += made
        has_share = rule is not None and profit > 0 and made >= 0
        yield _day(day, trace, Ppm(made * ONE // profit) if has_share else None)
    yield from _rest(run, {day.day for day in closed})


def _day(day: DayClosed, trace: DayTrace, share: Ppm | None) -> DayRow:
    floor = day.floor if day.day_floor is None else max(day.floor, day.day_floor)
    return DayRow(
        day=day.day,
        start_balance=day.start_balance,
        end_balance=day.end_balance,
        end_equity=day.end_equity,
        pnl=day.pnl,
        equity_high=trace.high,
        equity_low=trace.low,
        floor=day.floor,
        day_floor=day.day_floor,
        room=Micros(day.end_equity - floor),
        lowest_room=trace.lowest_room,
        traded=day.traded,
        qualifying=day.qualifying,
        fills=trace.fills,
        share=share,
        holidays_known=trace.calendar_known,
        opened_at=trace.opened_at,
    )


def _rest(run: Simulated, closed: set[object]) -> Iterator[DayRow]:
    """Days that the engine did not close: the one on which the stage ended, those after it, and one that still runs."""
    for trace in run.account.traces:
        end = trace.end if trace.end is not None else run.account.state
        if trace.day in closed or not trace.fills:
            continue
        yield DayRow(
            day=trace.day,
            start_balance=trace.start_balance,
            end_balance=end.balance,
            end_equity=end.equity,
            pnl=Micros(end.balance - trace.start_balance),
            equity_high=trace.high,
            equity_low=trace.low,
            floor=end.floor,
            day_floor=trace.day_floor(end),
            room=room(end) if end.verdict == "open" else None,
            lowest_room=trace.lowest_room,
            traded=end.core.day is not None and end.core.day.traded,
            qualifying=False,
            fills=trace.fills,
            share=None,
            holidays_known=trace.calendar_known,
            opened_at=trace.opened_at,
        )


def _timeline(findings: list[Finding], teller: Teller) -> Iterator[Entry]:
    ended = decider(findings)
    for finding in findings:
        if isinstance(finding, DayClosed):
            continue  # the day table says it
        yield Entry(
            at=finding.at,
            seq=finding.seq,
            text=f"{teller.clock(finding.at)} {teller.tell(finding, ended)}",
            weight=_weight(finding),
            doubt=isinstance(finding, Hit) and finding.doubt,
            finding=finding,
        )


def _weight(finding: Finding) -> Weight:
    if isinstance(finding, Hit):
        if finding.decided and finding.outcome == "fail":
            return "verdict"
        return "warning" if SEVERITY[finding.outcome] == 0 else "hit"
    if isinstance(finding, GateMoved) and not finding.open:
        return "note"
    return WEIGHTS.get(type(finding).__name__, "note")


def _holes(run: Simulated, teller: Teller) -> Iterator[str]:
    """By contract, the first ones with their times."""
    for symbol in sorted({hole.symbol for hole in run.materials.holes}):
        all_holes = [hole for hole in run.materials.holes if hole.symbol == symbol]
        told = ", ".join(f"from {teller.when(one.at)} to {teller.when(one.until)}" for one in all_holes[:HOLES_TOLD])
        more = f" and {len(all_holes) - HOLES_TOLD} more times" if len(all_holes) > HOLES_TOLD else ""
        yield (
            f"no prices of {symbol} {told}{more} while a position was open:"
            f" {duration(sum(one.open_s for one in all_holes))} of trading in all"
        )


def _unjudged(run: Simulated) -> Iterator[str]:
    """Rules of the stage that this data cannot judge, each with what is missing."""
    stage, materials = run.request.program.stage(run.terms.stage.name), run.materials
    without = uncovered(run.history.fills, materials.priced)
    if without:
        reason = "no prices were given (--prices)"
        if materials.streams:
            reason = "the price files hold no prices that can be used"
        if materials.priced:
            reason = f"the price files have no prices of it, only of {', '.join(sorted(materials.priced))}"
        yield f"open profit of {', '.join(without)} between its fills: {reason}"
    behaviour = stage.behaviour
    if behaviour is not None:
        if behaviour.stop_required or behaviour.max_risk_per_position or behaviour.stop_target_ratio:
            yield "stop-loss rules: a history of executions does not show the orders that stood"
        if behaviour.copy != "allowed" or behaviour.cross_account_hedging == "forbidden":
            yield "copying and hedging across accounts: this is one account's history"
        if behaviour.remote_execution == "forbidden":
            yield "remote execution: a history does not show where orders came from"
    if stage.position is not None and stage.position.include_working_orders:
        yield "working orders against the position size: a history of executions does not show them"
    if stage.times.limit_up_down == "forfeit_profit":
        yield "trading at exchange price limits: the limits of the day are not in this data"
    yield from _news_gaps(run)
    # The last day may just have begun, by the roll that ended the one before.
    unknown = [trace.day for trace in run.account.traces if not trace.calendar_known and (trace.end or trace.fills)]
    if unknown:
        yield (
            f"exchange holidays and early closes from {unknown[0]} to {unknown[-1]}: no holiday data;"
            " ordinary sessions were assumed"
        )


def _news_gaps(run: Simulated) -> Iterator[str]:
    news, rule = run.materials.news, run.terms.stage.news
    if rule is None:
        return
    if rule.feed != news.feed:
        yield f"the news rule: the list of releases {rule.feed} is not shipped (only {news.feed})"
        return
    covered = {release.day.year for release in news.rows}
    years = {from_ns(fill.at).year for fill in run.history.fills}
    if years - covered:
        names = ", ".join(map(str, sorted(years - covered)))
        yield f"the news rule in {names}: the list of releases {news.version} has none for it"
    unlisted = sorted(set(rule.events) - {release.category for release in news.rows})
    if unlisted:
        yield f"the news rule around {', '.join(unlisted)}: the list of releases {news.version} has none of them"


def _notes(run: Simulated) -> Iterator[str]:
    executions = counted(len(run.history.fills), "execution")
    yield f"history {run.request.history.name}: read as {run.history.format}, {executions}"
    yield from run.history.notes
    for name, kind, oddities in run.materials.streams:
        yield f"prices {name}: read as {kind}"
        for reason, count in sorted(Counter(oddities).items()):
            yield f"prices {name}: {counted(count, 'row')} {reason}"
    unit = unit_name(run.materials.resolution)
    if unit in ("minute", "second") and run.materials.priced & {fill.symbol for fill in run.history.fills}:
        yield f"the history tells time to the {unit}: prices of an execution's own {unit} may lie on either side of it"
    unused = sorted(run.materials.priced - {fill.symbol for fill in run.history.fills})
    if unused:
        needed = sorted({fill.symbol for fill in run.history.fills})
        yield f"prices of {', '.join(unused)} were not used: the history has executions in {', '.join(needed)}"
    if run.materials.shut:
        first = run.materials.shut[0]
        yield (
            f"{counted(len(run.materials.shut), 'execution')} at times when the exchange is closed,"
            f" first in row {first}: is the time zone right (--zone)?"
        )
    if run.request.reading == "favourable" and not run.materials.bars:
        yield "no bars were given: reading them in favour of the account (--reading) changed nothing"
    daily = run.terms.stage.daily_loss
    if daily is not None and daily.optional and not run.terms.daily:
        yield "the program's daily loss limit is optional and off here (--daily-loss turns it on)"
    if run.account.state.verdict == "passed":
        after = run.terms.stage.next_stage
        yield f"the stage {run.terms.stage.name} ends here" + (f"; {after} would follow" if after else "")
    if run.account.state.verdict == "open" and run.account.state.core.positions:
        profit = signed(profit_of(run.terms, run.account.state))
        yield f"positions are open at the end of the data: closed profit so far {profit}"

"""``step``: one event on one account. Pure, exact, and the same for live trading, replay, simulation and what-if.

The order of work is prop-rules section 5; what each rule means to the last micro-dollar is docs/semantics.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from propfirm.domain.errors import Conflict, Refused
from propfirm.domain.market.positions import apply_fill
from propfirm.domain.money import MICROS_PER_CENT, Micros, half_up
from propfirm.domain.rules.behaviour import (
    hedged,
    judge_conduct,
    judge_deadlines,
    judge_excursion,
    judge_orders,
)
from propfirm.domain.rules.draft import Draft, opened
from propfirm.domain.rules.events import (
    CashMoved,
    Correction,
    DayRolled,
    EodSnapshot,
    Event,
    Fill,
    FlatBy,
    LimitMove,
    Mark,
    Metric,
    OrdersChanged,
    Reinstated,
    WindowClosed,
    WindowOpened,
    WindowsRestarted,
)
from propfirm.domain.rules.exposure import (
    flat_by,
    judge_fill_time,
    judge_size,
    open_window,
    tier_for,
)
from propfirm.domain.rules.findings import DayClosed, Evidence, Finding, Unlocked
from propfirm.domain.rules.floors import Levels, locked
from propfirm.domain.rules.losses import day_limits, follow_day, follow_equity, judge, raise_high, tell_floor, warn
from propfirm.domain.rules.payout_effect import Withdrawal, effect
from propfirm.domain.rules.progress import (
    close_counters,
    close_windows,
    count_trading_day,
    finish_trade,
    judge_idleness,
    judge_pass,
    report_gates,
)
from propfirm.domain.rules.screen import UNSCREENED, seal
from propfirm.domain.rules.state import (
    FAR,
    Activity,
    Core,
    Counters,
    Day,
    DayLimits,
    Floor,
    Held,
    Snapshot,
    State,
    Surroundings,
    Tally,
    Trade,
    Window,
)
from propfirm.domain.rules.terms import ContractTerms, Terms
from propfirm.domain.rules.thresholds import is_quiet, thresholds

NOTHING: Final[tuple[Finding, ...]] = ()


@dataclass(eq=False)
class OutOfSequence(Conflict):
    code = "events.out-of-sequence"
    title = "The event does not follow the last one"
    seq: int
    at: int
    reason: str


@dataclass(eq=False)
class UnknownContract(Refused):
    code = "events.unknown-contract"
    title = "The terms know no such contract"
    root: str


@dataclass(eq=False)
class NeedsHistory(Refused):
    code = "events.needs-history"
    title = "A correction re-runs the past: feed it to fold, not to step"
    seq: int


def begin(terms: Terms) -> State:
    """An account before its first event, which must be a ``DayRolled``."""
    start = terms.start
    level = Micros(start - terms.drawdown)
    is_locked = locked(terms.stage.max_loss, Levels(terms.initial, start, start, level, start))
    floor = Floor(level, start, is_locked, set_seq=0, set_at=0, reported=level)
    window = Window(Micros(0), Micros(0))
    core = Core(
        *UNSCREENED,
        balance=start,
        fees=Micros(0),
        metered=False,
        positions=(),
        quotes={},
        floor=floor,
        day=None,
        limits=None,
        activity=Activity(),
        tally=Tally(Counters(qualifying_lifetime=terms.options.lifetime_qualifying), window, window),
        around=Surroundings(),
        thresholds=thresholds(terms, floor, None, None, None),
        verdict="open",
    )
    return State(0, 0, start, 0, 0, core)


def step(terms: Terms, state: State, event: Event) -> tuple[State, tuple[Finding, ...]]:
    """The state after ``event``, and what there is to say about it. The given state is unchanged.

    Raises OutOfSequence, UnknownContract (a fill), NeedsHistory (a correction), in this order; then nothing happened.
    """
    if type(event) is Mark:
        core = state.core
        if event.symbol == core.symbol:
            mult = core.mult
            equity = core.base + mult * (event.bid if mult > 0 else event.ask)
            if core.lo < equity < core.hi and state.at <= event.at < core.until and event.seq == state.seq + 1:
                # A plain int is a Micros already; casting here would cost a tenth of the whole step.
                return State(event.seq, event.at, equity, event.bid, event.ask, core), NOTHING  # type: ignore[arg-type]  # see above
    return _judge(terms, state, event)


def _judge(terms: Terms, state: State, event: Event) -> tuple[State, tuple[Finding, ...]]:
    check_sequence(state, event)
    kind = type(event)
    if kind is Correction:
        raise NeedsHistory(event.seq)
    doubt = isinstance(event, _PERHAPS_IN_DOUBT) and event.doubt
    draft = opened(terms, state, event.seq, event.at, doubt=doubt)
    if draft.verdict != "open":
        _after_the_end(draft, event)
    else:
        _APPLY[kind](draft, event)
    if not draft.findings:
        return seal(draft), NOTHING
    draft.decide()
    return seal(draft), tuple(draft.findings)


_PERHAPS_IN_DOUBT: Final = (Fill, Mark, Metric)
_AT_THE_ROLL: Final = (DayRolled, FlatBy, EodSnapshot, WindowOpened, WindowClosed)


def check_sequence(state: State, event: Event) -> None:
    """May this event come next? Raises OutOfSequence with the reason."""
    day = state.core.day
    reason = ""
    if event.seq != state.seq + 1:
        reason = f"number {state.seq + 1} is next"
    elif event.at < state.at:
        reason = f"the last event was later, at {state.at}"
    elif day is None:
        if type(event) is not DayRolled:
            reason = "the first event of an account rolls its first day"
    elif type(event) is DayRolled:
        if event.at < day.until:
            reason = f"the day {day.label} runs until {day.until}"
        elif event.day <= day.label:
            reason = f"the day {day.label} has been"
    elif event.at >= day.until and not (event.at == day.until and isinstance(event, _AT_THE_ROLL)):
        reason = f"the day {day.label} ended at {day.until}: it must roll first"
    elif type(event) is EodSnapshot and event.day != day.label:
        reason = f"it is the day {day.label}"
    if reason:
        raise OutOfSequence(event.seq, event.at, reason)


# -- the events, one function each; steps numbered as on the semantics page --


def _mark(draft: Draft, event: Mark) -> None:
    draft.mark(event.symbol, event.bid, event.ask)
    draft.revalue()
    quiet = is_quiet(draft)
    if not quiet:
        judge(draft, balance_moved=False)
    judge_deadlines(draft)
    judge_excursion(draft, event.symbol)
    if draft.verdict == "open" and not quiet:
        follow_equity(draft)
        warn(draft)


def _metric(draft: Draft, event: Metric) -> None:
    changed = event.balance != draft.balance
    draft.metered, draft.balance, draft.equity = True, event.balance, event.equity
    quiet = is_quiet(draft)
    if not quiet:
        judge(draft)
    judge_deadlines(draft)
    _settle(draft, quiet=quiet, traded=changed, closed=True)


def _fill(draft: Draft, event: Fill) -> None:
    terms = draft.terms
    contract = terms.contracts.get(event.root)
    if contract is None:
        raise UnknownContract(event.root)
    stage, day, positions_before = terms.stage, draft.day, draft.positions
    was_locked = day is not None and day.locked
    before = draft.position(event.symbol)
    hedged_before = hedged(draft, contract) if terms.hedging_forbidden and len(positions_before) > 1 else 0
    opened_contracts, closed = _book(draft, event, contract, before)

    quiet = is_quiet(draft)
    if not quiet:
        judge(draft)
    if was_locked and opened_contracts:
        evidence = Evidence(0, opened_contracts, "contracts", draft.equity, draft.balance, symbol=event.symbol)
        draft.hit("locked_day", "warn", evidence)
    around = draft.around
    may_have_grown = opened_contracts or around.working or not terms.size_is_sum
    if may_have_grown and (stage.position is not None or draft.tally.tier is not None):
        judge_size(draft, positions_before, around.working, event.symbol)
    if around.windows or around.limit_moves or (day is not None and day.closed):
        judge_fill_time(draft, event.symbol, contract, abs(event.quantity), opened=opened_contracts, before=before)
    if stage.behaviour is not None:
        judge_conduct(draft, event, contract, opened=opened_contracts, hedged_before=hedged_before)

    if day is not None:
        draft.activity = draft.activity.filled(day.label)
    _settle(draft, quiet=quiet, traded=True, closed=closed > 0)


def _book(draft: Draft, event: Fill, contract: ContractTerms, before: Held | None) -> tuple[int, int]:
    """Applies a fill to position, trade and balance. Gives the contracts that it opened and closed."""
    platform, symbol, price = draft.terms.platform, event.symbol, event.price
    applied = apply_fill(
        None if before is None else before.position, event.quantity, price, contract.tick_value, platform.method
    )
    position, realised, closed, opens = applied.position, applied.realised, applied.closed, applied.opened
    if platform.settle == "per_fill":
        realised = Micros(half_up(realised, MICROS_PER_CENT) * MICROS_PER_CENT)
    fee = event.fee
    draft.fees += fee  # type: ignore[assignment]  # an int is a Micros, see step
    if not draft.metered:
        draft.balance += realised - fee  # type: ignore[assignment]  # as above
    trade = None if before is None else before.trade
    if before is not None and closed and (position is None or opens):
        share = fee * closed // abs(event.quantity)
        draft.ending = Held(symbol, before.contract, before.position, before.trade.booked(realised, share), price)
        trade, fee = None, Micros(fee - share)
        draft.drop(symbol)  # what it opens beyond is a new position, the last in order of opening
    if position is not None:
        trade = Trade(event.at, Micros(-fee), fee, opens) if trade is None else trade.booked(realised, fee, opens)
        draft.hold(Held(symbol, contract, position, trade, price))
    draft.revalue()
    return opens, closed


def _settle(draft: Draft, *, quiet: bool, traded: bool, closed: bool) -> None:
    """Steps 7 to 10 after a fill or a metric. An event that ended the stage only counts.

    quiet: ``is_quiet`` when the account was judged; it still is, unless the floor rises.
    """
    over = draft.verdict != "open"
    if not over:
        if closed and draft.terms.stage.max_loss.mode == "trail_closed":
            raise_high(draft, draft.balance, report=True)
            quiet = False
        if not quiet:
            follow_equity(draft)
    if draft.ending is not None:
        finish_trade(draft, draft.ending)
    if traded:
        count_trading_day(draft)
    if not over:
        judge_pass(draft)
        if not quiet:
            warn(draft)


def _cash(draft: Draft, event: CashMoved) -> None:
    day, payout_terms = draft.day, draft.terms.stage.payout
    if event.kind == "payout_denied":
        if payout_terms is not None and payout_terms.counter_reset == "on_decision":
            _new_cycle(draft)
    else:
        amount = event.amount
        before = draft.levels
        draft.balance = Micros(draft.balance + amount)
        draft.equity = Micros(draft.equity + amount)
        draft.tally = draft.tally.cash_moved(amount)
        if day is not None:
            draft.day = day.paid(amount)
        if draft.limits is not None:
            draft.limits = draft.limits.shifted(amount, draft.seq, draft.at)
        if event.kind == "payout":
            _paid(draft, event, before)
    judge(draft)
    judge_deadlines(draft)
    if draft.verdict == "open":
        judge_pass(draft)
        warn(draft)


def _paid(draft: Draft, event: CashMoved, before: Levels) -> None:
    """An approved payout: floor effect, lock, counters."""
    stage = draft.terms.stage
    after = effect(
        stage, before, Withdrawal(event.gross, event.trader_share, Micros(-event.amount), event.inside_buffer)
    )
    moved = after.floor != draft.floor.level
    if moved:
        tell_floor(draft)
    floor = draft.floor.with_high(after.hwm).held(locked=locked(stage.max_loss, after))
    if moved:
        floor = floor.moved(after.floor, locked=floor.locked, seq=draft.seq, at=draft.at)
    draft.floor = floor
    if moved:
        tell_floor(draft)
    draft.tally = draft.tally.with_counters(draft.tally.counters.paid(event.trader_share))
    _new_cycle(draft)


def _new_cycle(draft: Draft) -> None:
    counted = draft.counted
    tally = draft.tally.with_windows(draft.tally.stage_window, Window(counted, counted))
    draft.tally = tally.with_counters(tally.counters.new_cycle(draft.profit))


def _flat_by(draft: Draft, event: FlatBy) -> None:
    flat_by(draft, event)
    judge_deadlines(draft)


def _snapshot(draft: Draft, _event: EodSnapshot) -> None:
    last, day = draft.tally.snapshot, draft.day
    since_balance, since_cash = (last.balance, last.cash) if last is not None else (draft.terms.start, Micros(0))
    delta = Micros(draft.balance - since_balance - (draft.tally.cash - since_cash))
    snapshot = Snapshot(draft.balance, draft.equity, draft.tally.cash)
    draft.tally = draft.tally.snapped(snapshot, tier_for(draft, draft.balance))
    if day is not None:
        draft.day = day.snapped(delta)
    if draft.terms.stage.max_loss.mode == "trail_eod":
        raise_high(draft, draft.balance, report=True)
    judge(draft)
    judge_deadlines(draft)
    if draft.verdict == "open":
        judge_pass(draft, at_snapshot=True)
        warn(draft)


def _roll(draft: Draft, event: DayRolled) -> None:
    """The old day closes with all its counts, the new one begins with its limits; both floors are judged at once."""
    if event.balance is not None or event.equity is not None:
        _roll_figures(draft, event)
    old = draft.day
    fills_last_week: int | None = None
    if old is not None:
        _close_day(draft, old)
        fills_last_week = _fills_of_last_week(draft, old, event)
        draft.tally = draft.tally.with_counters(draft.tally.counters.day_over(draft.profit))
        if _week(old.label) != _week(event.day):
            draft.activity = draft.activity.new_week()
    else:
        tally, counted = draft.tally, draft.counted
        tally = tally.with_windows(tally.stage_window.first_day(counted), tally.cycle_window.first_day(counted))
        draft.tally = tally.with_counters(tally.counters.began(event.day, draft.profit))
    draft.day = Day(event.day, event.until, draft.balance)
    draft.limits = _limits_from_now(draft)
    _tier_from_now(draft)
    judge(draft)
    judge_deadlines(draft)
    judge_idleness(draft, fills_last_week)
    if draft.verdict == "open":
        if draft.metered:
            follow_equity(draft)
        follow_day(draft)
    tell_floor(draft)
    if draft.verdict == "open":
        report_gates(draft)
        judge_pass(draft)
        warn(draft)


def _limits_from_now(draft: Draft) -> DayLimits:
    snapshot = draft.tally.snapshot
    snapshot_equity = (
        Micros(snapshot.equity + draft.tally.cash - snapshot.cash)
        if snapshot is not None
        else Micros(draft.terms.start + draft.tally.cash)
    )
    return day_limits(
        draft.terms,
        balance=draft.balance,
        equity=draft.equity,
        snapshot_equity=snapshot_equity,
        seq=draft.seq,
        at=draft.at,
    )


def _tier_from_now(draft: Draft) -> None:
    """The tier of a day that begins now: that of the last snapshot."""
    next_tier = draft.tally.next_tier
    draft.tally = draft.tally.with_tier(next_tier if next_tier is not None else tier_for(draft, draft.terms.start))


def _close_day(draft: Draft, old: Day) -> None:
    """Its last counts, what is told of it, and the end of its lock."""
    qualifying = close_counters(draft)
    limits = draft.limits
    draft.findings.append(
        DayClosed(
            draft.seq,
            draft.at,
            old.label,
            old.start_balance,
            draft.balance,
            draft.equity,
            draft.day_profit,
            draft.floor.level,
            limits.nearest if limits is not None else None,
            draft.day.traded if draft.day is not None else False,
            qualifying,
        )
    )
    if old.locked:
        draft.findings.append(Unlocked(draft.seq, draft.at))


def _roll_figures(draft: Draft, event: DayRolled) -> None:
    """What the platform reported for this instant; it belongs to the day that ends."""
    draft.metered = True
    if event.balance is not None:
        if event.balance != draft.balance:
            count_trading_day(draft)
        draft.balance = event.balance
    if event.equity is not None:
        draft.equity = event.equity


def _week(day: date) -> date:
    """Its Monday."""
    return day - timedelta(days=day.weekday())


def _fills_of_last_week(draft: Draft, old: Day, event: DayRolled) -> int | None:
    """Fills in the ISO week before the new day's, if the roll begins a new week and that one was whole."""
    first, last = draft.tally.counters.first_day, _week(event.day) - timedelta(days=7)
    if first is None or _week(old.label) == _week(event.day) or _week(first) >= last:
        return None
    return draft.activity.fills_this_week if _week(old.label) == last else 0


def _window_opened(draft: Draft, event: WindowOpened) -> None:
    open_window(draft, event)
    judge_deadlines(draft)


def _window_closed(draft: Draft, event: WindowClosed) -> None:
    draft.around = draft.around.closed(event.name)
    judge_deadlines(draft)


def _orders(draft: Draft, event: OrdersChanged) -> None:
    before = draft.around.working
    draft.around = draft.around.with_orders(event.working)
    position, stage = draft.terms.stage.position, draft.terms.stage
    if position is not None and position.include_working_orders:
        judge_size(draft, draft.positions, before)
    if stage.behaviour is not None:
        judge_deadlines(draft)
        judge_orders(draft, tuple(held.symbol for held in draft.positions))


def _limit_move(draft: Draft, event: LimitMove) -> None:
    draft.around = draft.around.limit_moved(event.symbol, on=event.on)
    judge_deadlines(draft)


def _windows_restarted(draft: Draft, _event: WindowsRestarted) -> None:
    """The stage and the cycle begin anew for all that is counted; money, floors, limits and target stay."""
    counted, day, tally = draft.counted, draft.day, draft.tally
    if day is not None:
        tally = tally.with_counters(tally.counters.restarted(day.label, draft.profit))
        draft.tally = tally.with_windows(Window(counted, counted), Window(counted, counted))
        draft.activity = draft.activity.restarted()
    judge_deadlines(draft)


def _never_ended(draft: Draft, _event: Reinstated) -> None:
    judge_deadlines(draft)


def _reinstate(draft: Draft, event: Reinstated) -> None:
    """The breach is void (semantics, section 16): what it stopped goes on, and the running day begins here. Floors and
    counts are as they were; the time between counts for nothing. Judged from the next event on."""
    draft.verdict = "open"
    lost = max(0, event.worth + draft.tally.cash - draft.equity)
    draft.balance = Micros(draft.balance + lost)
    draft.equity = Micros(draft.equity + lost)
    draft.around = Surroundings()
    draft.positions = tuple(held.with_trade(held.trade.stop_wanted(FAR)) for held in draft.positions)
    day = draft.day
    if day is not None:
        close_windows(draft)
        draft.tally = draft.tally.with_counters(draft.tally.counters.began(day.label, draft.profit))
        draft.day = Day(day.label, day.until, draft.balance, traded=day.traded)
        draft.limits = _limits_from_now(draft)
        follow_day(draft)
        _tier_from_now(draft)


def _after_the_end(draft: Draft, event: Event) -> None:
    """The stage is over: the money is still followed, nothing is judged, counted or moved."""
    match event:
        case Mark():
            draft.mark(event.symbol, event.bid, event.ask)
            draft.revalue()
        case Metric():
            draft.metered, draft.balance, draft.equity = True, event.balance, event.equity
        case Fill():
            contract = draft.terms.contracts.get(event.root)
            if contract is None:
                raise UnknownContract(event.root)
            _book(draft, event, contract, draft.position(event.symbol))
        case CashMoved():
            if event.kind != "payout_denied":
                draft.balance = Micros(draft.balance + event.amount)
                draft.equity = Micros(draft.equity + event.amount)
                draft.tally = draft.tally.cash_moved(event.amount)
        case DayRolled():
            if event.balance is not None or event.equity is not None:
                draft.metered = True
                draft.balance = event.balance if event.balance is not None else draft.balance
                draft.equity = event.equity if event.equity is not None else draft.equity
            draft.day = Day(event.day, event.until, draft.balance)
        case Reinstated() if draft.verdict == "breached":
            _reinstate(draft, event)
        case _:
            pass


_APPLY: Final[dict[type, Callable[[Draft, Any], None]]] = {
    Mark: _mark,
    Metric: _metric,
    Fill: _fill,
    CashMoved: _cash,
    FlatBy: _flat_by,
    EodSnapshot: _snapshot,
    DayRolled: _roll,
    WindowOpened: _window_opened,
    WindowClosed: _window_closed,
    OrdersChanged: _orders,
    LimitMove: _limit_move,
    WindowsRestarted: _windows_restarted,
    Reinstated: _never_ended,
}

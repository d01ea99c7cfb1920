"""What holds for every program and every history. The histories are random lives that aim at their limits.

PROPFIRM_RULES_EXAMPLES sets how many lives each property looks at (the long run: 1000).
"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.domain.catalogue.program import AdverseExcursion, Behaviour, UpperCap
from propfirm.domain.money import Micros, Ppm, ratio
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import (
    CashMoved,
    Correction,
    DayRolled,
    Event,
    Fill,
    Mark,
    Metric,
    Reinstated,
    WindowsRestarted,
)
from propfirm.domain.rules.findings import DayClosed, DayCounted, Finding, Hit, Passed, TargetExtended, Warned
from propfirm.domain.rules.floors import cap
from propfirm.domain.rules.replay import ImpossibleCorrection, fold
from propfirm.domain.rules.state import SEVERITY, State, profit_of
from propfirm.domain.rules.terms import Options, Platform, Terms, compile_terms
from propfirm.domain.rules.thresholds import thresholds
from tests.strategies.histories import CONTRACTS, Account, accounts
from tests.unit.domain.rules.life import (
    MONDAY,
    Life,
    daily,
    essence,
    loss,
    stage,
    without_screen,
)

pytestmark = pytest.mark.thorough

EXAMPLES: Final = int(os.environ.get("PROPFIRM_RULES_EXAMPLES", "25"))
_LIVES: Final = settings(
    max_examples=EXAMPLES,
    # A program and a history of some days are large to draw, however fast that is.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
_accounts: Final = accounts(refusals=False)

Step: TypeAlias = tuple[Event, State, State, tuple[Finding, ...]]
"""An event, the state before and after it, and what was said."""


def terms_of(account: Account) -> Terms:
    platform, options = account.platform, account.options
    return compile_terms(
        account.program,
        account.stage,
        CONTRACTS,
        platform=Platform(platform.method, platform.settle, platform.mark),
        options=Options(options.daily_loss, options.personal_daily_loss, options.lifetime_qualifying),
    )


def walk(terms: Terms, events: tuple[Event, ...]) -> Iterator[Step]:
    state = begin(terms)
    for event in events:
        before = state
        state, said = step(terms, before, event)
        yield event, before, state, said


def overturned(event: Event, before: State) -> bool:
    return isinstance(event, Reinstated) and before.verdict == "breached"


# ---------------------------------------------------------------- the machine


@_LIVES
@given(_accounts)
def test_the_screen_hides_nothing(account: Account) -> None:
    terms = terms_of(account)
    judged = begin(terms)
    for event, _, state, said in walk(terms, account.events):
        judged, said_too = step(terms, without_screen(judged), event)
        assert said_too == said
        assert essence(judged) == essence(state)


@_LIVES
@given(_accounts)
def test_the_thresholds_that_a_state_carries_are_its_own(account: Account) -> None:
    terms = terms_of(account)
    for _, _, state, _ in walk(terms, account.events):
        core = state.core
        assert core.thresholds == thresholds(terms, core.floor, core.day, core.limits, core.tally.snapshot)


_SCREENED: Final[tuple[dict[str, Any], ...]] = (
    {"max_loss": loss("2000")},
    {"max_loss": loss("2000", cmp="below", outcome="warn")},
    {"max_loss": loss("2000", mode="trail_intraday")},
    {"max_loss": loss("2000", mode="trail_intraday", lock="start", cmp="below")},
    {"max_loss": loss("4%", mode="trail_intraday", pct_base="hwm", outcome="lock_day")},
    {"max_loss": loss("2000", measure="balance"), "warn_at": ratio("0.8")},
    {"daily_loss": daily("1000"), "warn_at": ratio("0.8")},
    {"daily_loss": daily("1000", cmp="below", outcome="fail")},
    {"daily_loss": daily("1000", trail="day_equity_high", outcome="block_payout")},
    {"daily_loss": daily("1000", upper_cap=UpperCap(Ppm(20_000), "warn"))},
    {"daily_loss": daily("1000", trail="day_equity_high", upper_cap=UpperCap(Ppm(20_000)))},
    {"behaviour": Behaviour(mae=AdverseExcursion(ratio("0.01"), "initial"))},
    {"behaviour": Behaviour(stop_required=True, stop_required_within_s=3), "warn_at": ratio("0.5")},
)
_THRESHOLDS: Final = (-2000, -1900, -1600, -1000, -999, -800, -500, -400, 0, 1, 1000, 1500, 2000, 2500)


@settings(max_examples=4 * EXAMPLES)
@given(
    st.sampled_from(_SCREENED),
    st.sampled_from((1, -1, 2)),
    st.lists(st.tuples(st.sampled_from(_THRESHOLDS), st.sampled_from((-1, 0, 1)), st.integers(0, 2)), max_size=25),
    st.sampled_from((None, Micros(400_000_000))),
)
def test_the_screen_of_one_position_hides_nothing_at_any_threshold(
    rules: dict[str, Any], quantity: int, marks: list[tuple[int, int, int]], own: Micros | None
) -> None:
    """Life itself tells each event twice. Marks lie at a threshold or a micro-dollar off; seconds pass between them."""
    life = Life(stage(**rules), options=Options(personal_daily_loss=own))
    life.day(MONDAY)
    life.fill(quantity, "5000")
    for dollars, micros, seconds in marks:
        price = 5_000_000_000 + (dollars * 1_000_000 + micros) // quantity
        life.wait(seconds=seconds)
        life.tell(Mark(life.seq, life.now, "DOL", price, price))


@_LIVES
@given(_accounts)
def test_the_given_state_is_never_changed(account: Account) -> None:
    terms = terms_of(account)
    state = begin(terms)
    told_terms = msgspec.msgpack.encode(terms)
    for event in account.events:
        bytes_before, event_before = msgspec.msgpack.encode(state), msgspec.msgpack.encode(event)
        after, _ = step(terms, state, event)
        assert msgspec.msgpack.encode(state) == bytes_before
        assert msgspec.msgpack.encode(event) == event_before
        state = after
    assert msgspec.msgpack.encode(terms) == told_terms


@_LIVES
@given(_accounts)
def test_every_state_event_finding_and_terms_survive_the_way_to_bytes_and_back(account: Account) -> None:
    terms = terms_of(account)
    for codec in (msgspec.json, msgspec.msgpack):
        assert codec.decode(codec.encode(terms), type=Terms) == terms
        for event, _, state, said in walk(terms, account.events):
            assert codec.decode(codec.encode(event), type=Event) == event
            assert codec.decode(codec.encode(state), type=State) == state
            assert codec.decode(codec.encode(said), type=tuple[Finding, ...]) == said


@_LIVES
@given(_accounts, st.sets(st.integers(0, 60)))
def test_a_stream_may_be_cut_anywhere_and_go_on_from_what_was_stored(account: Account, cuts: set[int]) -> None:
    terms = terms_of(account)
    state, told = begin(terms), list[Finding]()
    for number, event in enumerate(account.events):
        if number in cuts:
            state = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=State)
        state, said = step(terms, state, event)
        told.extend(said)
    assert fold(terms, account.events) == (state, tuple(told))


@_LIVES
@given(_accounts)
def test_a_replay_says_the_same(account: Account) -> None:
    assert fold(terms_of(account), account.events) == fold(terms_of(account), account.events)


# ---------------------------------------------------------------- verdicts


@_LIVES
@given(_accounts)
def test_a_verdict_is_final_and_silent_until_it_is_overturned(account: Account) -> None:
    for event, before, after, said in walk(terms_of(account), account.events):
        if overturned(event, before):
            assert after.verdict == "open"
            assert {type(finding) for finding in said} <= {TargetExtended}
        elif before.verdict != "open":
            assert (after.verdict, said) == (before.verdict, ())
        if before.verdict != "open":
            assert (after.floor, after.hwm, after.trading_days, after.payouts) == (
                before.floor,
                before.hwm,
                before.trading_days,
                before.payouts,
            )


@_LIVES
@given(_accounts)
def test_an_overturned_breach_gives_back_what_was_lost_and_no_more(account: Account) -> None:
    for event, before, after, _ in walk(terms_of(account), account.events):
        if isinstance(event, Reinstated) and overturned(event, before):
            assert after.equity == max(before.equity, event.worth + before.core.cash)
            assert after.equity - before.equity == after.balance - before.balance
            assert after.core.cash == before.core.cash


@_LIVES
@given(_accounts)
def test_a_breach_is_a_hit_that_fails_and_beats_a_pass_of_the_same_event(account: Account) -> None:
    for _, before, after, said in walk(terms_of(account), account.events):
        failed = any(isinstance(finding, Hit) and finding.outcome == "fail" for finding in said)
        passed = any(isinstance(finding, Passed) for finding in said)
        if before.verdict == "open":
            assert (after.verdict == "breached") is failed
            assert (after.verdict == "passed") is passed
        assert not (failed and passed)


@_LIVES
@given(_accounts)
def test_at_most_one_hit_of_an_event_decides_and_none_is_more_severe(account: Account) -> None:
    for _, before, after, said in walk(terms_of(account), account.events):
        hits = [finding for finding in said if isinstance(finding, Hit)]
        decided = [hit for hit in hits if hit.decided]
        worst = max((SEVERITY[hit.outcome] for hit in hits), default=0)
        assert len(decided) == (worst >= SEVERITY["lock_day"])
        assert all(SEVERITY[hit.outcome] == worst for hit in decided)
        if any(hit.outcome == "lock_day" for hit in hits):
            assert after.locked
        elif not before.locked:
            assert not after.locked


# ---------------------------------------------------------------- floors and counters


@_LIVES
@given(_accounts)
def test_a_floor_falls_only_where_a_payout_resets_the_cycle(account: Account) -> None:
    terms = terms_of(account)
    payout = terms.stage.payout
    resets = payout is not None and payout.floor_effect == "reset_cycle"
    for event, before, after, _ in walk(terms, account.events):
        if not (resets and isinstance(event, CashMoved) and event.kind == "payout"):
            assert after.floor >= before.floor
        if terms.stage.max_loss.mode == "static" and not isinstance(event, CashMoved):
            assert after.floor == before.floor


@_LIVES
@given(_accounts)
def test_the_floor_is_never_above_its_cap_by_trailing(account: Account) -> None:
    terms = terms_of(account)
    for event, before, after, _ in walk(terms, account.events):
        top = cap(terms.stage.max_loss, terms.start, after.payouts)
        if after.floor > before.floor and not isinstance(event, CashMoved) and top is not None:
            assert after.floor <= top


@_LIVES
@given(_accounts)
def test_the_day_floor_never_falls_within_a_day_but_by_cash(account: Account) -> None:
    for event, before, after, _ in walk(terms_of(account), account.events):
        begins = isinstance(event, DayRolled) or overturned(event, before)
        if before.day_floor is None or after.day_floor is None or begins:
            continue
        if isinstance(event, CashMoved):
            paid = 0 if event.kind == "payout_denied" or before.verdict != "open" else event.amount
            assert after.day_floor == before.day_floor + paid
        else:
            assert after.day_floor >= before.day_floor


@_LIVES
@given(_accounts)
def test_counters_move_once_a_day_and_every_day_is_told_once(account: Account) -> None:
    counted, warned, closed, begun = Counter[Any](), Counter[Any](), Counter[Any](), 0
    for event, before, after, said in walk(terms_of(account), account.events):
        begun += overturned(event, before)
        if isinstance(event, WindowsRestarted) and before.verdict == "open":
            assert after.trading_days == 0
        else:
            assert after.trading_days - before.trading_days in (0, 1)
        for finding in said:
            match finding:
                case DayCounted(day=day, kind=kind):
                    counted[day, kind] += 1
                case Warned(rule=rule):
                    warned[after.day, begun, rule] += 1
                case DayClosed(day=day):
                    closed[day] += 1
                    assert isinstance(event, DayRolled)
                case _:
                    pass
    assert {*counted.values(), *warned.values(), *closed.values()} <= {1}


@_LIVES
@given(_accounts)
def test_a_limit_that_does_not_fail_is_hit_once_a_day(account: Account) -> None:
    terms = terms_of(account)
    limits = {"max_loss", "daily_loss", "personal_loss", "daily_cap"} - set(terms.strikes)
    hits, begun = Counter[Any](), 0
    for event, before, after, said in walk(terms, account.events):
        begun += overturned(event, before)
        for finding in said:
            if isinstance(finding, Hit) and finding.rule in limits and finding.outcome != "fail":
                hits[after.day, begun, finding.rule] += 1
    assert set(hits.values()) <= {1}


# ---------------------------------------------------------------- the books


def liquidation(account: Account, told: list[Event]) -> int:
    """What equity must be: cash that flowed, plus what the open contracts would bring. No cost, no lots, no method."""
    terms = terms_of(account)
    value: int = terms.start
    held, worth = Counter[str](), dict[str, tuple[int, int]]()
    last, tick = dict[str, int](), dict[str, int]()
    for event in told:
        match event:
            case Fill():
                tick[event.symbol] = CONTRACTS[event.root].tick_value
                value -= event.quantity * event.price * tick[event.symbol] + event.fee
                held[event.symbol] += event.quantity
                last[event.symbol] = event.price
            case CashMoved() if event.kind != "payout_denied":
                value += event.amount
            case Mark():
                worth[event.symbol] = event.bid, event.ask
            case _:
                pass
    for symbol, quantity in held.items():
        bid, ask = worth.get(symbol, (last[symbol], last[symbol]))
        price = bid if quantity > 0 else ask
        if account.platform.mark == "mid":
            price = (bid + ask) // 2 if quantity > 0 else (bid + ask + 1) // 2
        value += quantity * price * tick[symbol]
    return value


def has_figures(event: Event) -> bool:
    return isinstance(event, Metric) or (
        isinstance(event, DayRolled) and (event.balance is not None or event.equity is not None)
    )


@_LIVES
@given(_accounts)
def test_equity_is_the_cash_that_flowed_and_what_is_held_is_worth(account: Account) -> None:
    told: list[Event] = []
    given_back = 0
    for event, before, state, _ in walk(terms_of(account), account.events):
        if has_figures(event):
            return
        told.append(event)
        given_back += state.equity - before.equity if overturned(event, before) else 0
        fills = sum(isinstance(one, Fill) for one in told)
        rounding = 5_000 * fills if account.platform.settle == "per_fill" else 0  # half a cent a fill
        assert abs(state.equity - liquidation(account, told) - given_back) <= rounding


@_LIVES
@given(_accounts)
def test_the_balance_is_the_start_and_what_trades_made_and_the_cash(account: Account) -> None:
    terms = terms_of(account)
    for event, _, state, _ in walk(terms, account.events):
        if has_figures(event) or isinstance(event, WindowsRestarted) or state.verdict != "open":
            return  # once it is over, trades end uncounted
        core = state.core
        running = sum(held.trade.profit for held in core.positions)
        assert state.balance == terms.start + core.activity.trades_profit + running + core.cash


@_LIVES
@given(_accounts)
def test_the_profits_of_the_days_add_up_to_the_profit_of_the_stage(account: Account) -> None:
    terms = terms_of(account)
    made = 0
    for event, before, state, said in walk(terms, account.events):
        if before.seq == 0 and has_figures(event):
            return  # what the first roll brings is no day's profit
        made += sum(finding.pnl for finding in said if isinstance(finding, DayClosed))
        if overturned(event, before):
            made = profit_of(terms, state)  # what was made of the day before is told of no day
        day = state.core.day
        assert day is not None
        if state.verdict == "open":
            assert profit_of(terms, state) == made + state.balance - day.start_balance - day.cash


@_LIVES
@given(_accounts, st.integers(-50, 50))
def test_equity_is_linear_in_the_price_of_what_is_held(account: Account, ticks: int) -> None:
    terms = terms_of(account)
    state, _ = fold(terms, account.events)
    day = state.core.day
    if state.core.metered or day is None or state.at >= day.until:
        return
    for held in state.core.positions:
        low, high = (
            step(terms, state, Mark(state.seq + 1, state.at, held.symbol, price, price))[0]
            for price in (100_000, 100_000 + ticks)
        )
        assert high.equity - low.equity == ticks * held.contract.tick_value * held.position.quantity


# ---------------------------------------------------------------- corrections


def unnumbered(state: State) -> State:
    """Without the numbers of the events that the account was told, which a correction adds to."""
    core = state.core
    limits = core.limits and replace(core.limits, set_seq=0)
    core = replace(core, floor=replace(core.floor, set_seq=0), limits=limits)
    return essence(replace(state, seq=0, core=core))


def can_be_corrected(state: State) -> bool:
    return state.core.day is not None and state.at < state.core.day.until


@_LIVES
@given(_accounts)
def test_an_execution_that_is_corrected_to_what_it_was_changes_nothing(account: Account) -> None:
    terms = terms_of(account)
    state, said = fold(terms, account.events)
    fills = [event for event in account.events if isinstance(event, Fill)]
    if not fills or not can_be_corrected(state):
        return
    for fill in (fills[0], fills[-1]):
        same = Correction(state.seq + 1, state.at, fill.execution, fill)
        after, told = fold(terms, [*account.events, same])
        assert told[:-1] == said
        record = told[-1]
        assert (record.withdrawn, record.added, record.verdict_would_change) == ((), (), False)  # type: ignore[union-attr]  # the last finding is the record
        assert unnumbered(after) == unnumbered(state)


@_LIVES
@given(_accounts, st.integers(0, 40))
def test_a_late_fill_that_is_busted_again_leaves_nothing_behind(account: Account, index: int) -> None:
    terms = terms_of(account)
    state, _ = fold(terms, account.events)
    if not can_be_corrected(state) or state.verdict != "open":
        return
    beside = account.events[index % len(account.events)]
    late = Fill(0, beside.at, "late", "ESH5", "ES", 1, 100_000, Micros(0))
    come = Correction(state.seq + 1, state.at, "late", late)
    rolls = [event for event in account.events if isinstance(event, DayRolled)]
    if beside.at in {roll.until for roll in rolls} - {roll.at for roll in rolls}:
        with pytest.raises(ImpossibleCorrection):  # the day was over, and the next one had not begun
            fold(terms, [*account.events, come])
        return
    between, _ = fold(terms, [*account.events, come])
    if between.verdict != "open":
        return
    after, _ = fold(terms, [*account.events, come, Correction(state.seq + 2, state.at, "late", None)])
    assert unnumbered(after) == unnumbered(state)

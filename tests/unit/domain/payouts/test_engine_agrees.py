"""The promise and the verdict: what a quote says a payout leaves is what the engine makes of that payout."""

from datetime import UTC, date, datetime, time

from hypothesis import assume, given
from hypothesis import strategies as st

from propfirm.domain.catalogue.program import Buffer, Clock, InsideBuffer, MaxLoss, PayoutTerms, Program, Size, Stage
from propfirm.domain.money import Micros, from_cents, ratio, usd
from propfirm.domain.payouts.quote import quote
from propfirm.domain.payouts.standing import Papers, Standing
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import CashMoved, DayRolled, EodSnapshot, Event, Metric
from propfirm.domain.rules.findings import Hit
from propfirm.domain.rules.floors import Levels, breached
from propfirm.domain.rules.payout_effect import withdrawal
from propfirm.domain.rules.state import State, profit_of
from propfirm.domain.rules.terms import Terms, compile_terms
from tests.unit.domain.payouts.accounts import flat_split

DAY = date(2026, 3, 2)
OPENED = int(datetime(2026, 3, 1, 23, tzinfo=UTC).timestamp()) * 10**9
HOUR = 3600 * 10**9


def terms_with(loss: MaxLoss, payout: PayoutTerms) -> Terms:
    stage = Stage("funded", "sim_funded", loss, payout=payout)
    clock = Clock("America/Chicago", time(17), time(16))
    program = Program("any", 1, "Any", date(2026, 1, 1), usd("50000"), clock, (stage,))
    return compile_terms(program, "funded", {})


def told(terms: Terms, events: list[Event]) -> State:
    state = begin(terms)
    for event in events:
        state, _ = step(terms, state, event)
    return state


def standing(terms: Terms, state: State, withdrawn: Micros) -> Standing:
    return Standing(
        levels=Levels(terms.initial, terms.start, state.balance, state.floor, state.hwm, state.payouts),
        equity=state.equity,
        profit=profit_of(terms, state),
        withdrawn=withdrawn,
        today=DAY,
        opened_on=DAY,
    )


losses = st.builds(
    MaxLoss,
    st.sampled_from(("static", "trail_eod", "trail_closed", "trail_intraday", "trail_payout")),
    st.sampled_from((Size(amount=usd("2000")), Size(pct=ratio("0.04")))),
    pct_base=st.sampled_from(("initial", "hwm")),
    lock=st.sampled_from(("none", "start", "start_plus")),
    lock_value=st.just(usd("100")),
    lock_trigger=st.sampled_from(("reach", "first_payout")),
    cmp=st.sampled_from(("touch", "below")),
    measure=st.sampled_from(("equity", "balance")),
)
payouts = st.builds(
    PayoutTerms,
    st.sampled_from((flat_split("0.9"), flat_split("0.333333"))),
    buffer=st.sampled_from((None, Buffer(usd("1000")))),
    inside_buffer=st.builds(
        InsideBuffer, st.sampled_from(("forbid", "split")), st.just(ratio("0.5")), floor_to_start=st.booleans()
    ),
    deduct=st.sampled_from(("gross", "trader_share")),
    floor_effect=st.sampled_from(
        ("unchanged", "set_to_start", "set_to_start_plus", "set_to_zero", "raise_by_trader_share", "reset_cycle")
    ),
    floor_effect_value=st.just(usd("100")),
    floor_effect_first_only=st.booleans(),
    hwm_effect=st.sampled_from(("unchanged", "reduce")),
)


@given(
    loss=losses,
    payout=payouts,
    balance=st.integers(48_100, 56_000),
    open_profit=st.sampled_from((0, 700)),
    snapshot=st.booleans(),
    parts=st.lists(st.integers(1, 400_000), min_size=1, max_size=3),
)
def test_what_a_quote_promises_is_what_the_engine_books(
    loss: MaxLoss, payout: PayoutTerms, balance: int, open_profit: int, snapshot: bool, parts: list[int]
) -> None:
    terms = terms_with(loss, payout)
    events: list[Event] = [
        DayRolled(1, OPENED, DAY, OPENED + 23 * HOUR),
        Metric(2, OPENED + HOUR, usd(str(balance)), usd(str(balance + open_profit))),
    ]
    if snapshot:
        events.append(EodSnapshot(3, OPENED + 2 * HOUR, DAY))
    state = told(terms, events)
    assume(state.verdict == "open")
    withdrawn = Micros(0)
    for part in parts:
        promise = quote(terms.stage, standing(terms, state, withdrawn), Papers(), asked=None)
        asked = type(promise.available)(min(part, max(1, promise.available)))
        promise = quote(terms.stage, standing(terms, state, withdrawn), Papers(), asked)
        assert promise.shares is not None
        assert promise.after is not None
        gross, share = from_cents(promise.shares.gross), from_cents(promise.shares.trader)
        paid = withdrawal(payout, gross, share, inside_buffer=promise.shares.inside_buffer)
        cash = CashMoved(
            state.seq + 1,
            state.at + HOUR,
            "payout",
            Micros(-paid.taken),
            gross,
            share,
            inside_buffer=paid.inside_buffer,
        )
        state, findings = step(terms, state, cash)
        after = promise.after
        assert (state.balance, state.floor, state.hwm, state.payouts) == (
            after.levels.balance,
            after.levels.floor,
            after.levels.hwm,
            after.levels.payouts,
        )
        hit = any(isinstance(finding, Hit) and finding.rule == "max_loss" for finding in findings)
        assert hit is after.breached
        value = state.equity if loss.measure == "equity" else state.balance
        assert after.room == value - state.floor
        assert hit is breached(value, state.floor, touch=loss.cmp == "touch")
        if hit:
            assert not promise.eligible
            return
        withdrawn = Micros(withdrawn + gross)

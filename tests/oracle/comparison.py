"""Engine and oracle side by side: the same events to both, and the first word in which they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from propfirm.domain.rules import terms as engine_terms
from propfirm.domain.rules.engine import OutOfSequence, begin, step
from propfirm.domain.rules.events import Event
from propfirm.domain.rules.findings import Finding, Hit
from propfirm.domain.rules.replay import ImpossibleCorrection, Restated
from propfirm.domain.rules.state import State, best_day, profit_of, qualifying_days
from tests.oracle.oracle import NotHeard, Oracle, Standing
from tests.strategies.histories import CONTRACTS, Account


def terms_of(account: Account) -> engine_terms.Terms:
    return engine_terms.compile_terms(
        account.program,
        account.stage,
        CONTRACTS,
        platform=engine_terms.Platform(account.platform.method, account.platform.settle, account.platform.mark),
        options=engine_terms.Options(
            daily_loss=account.options.daily_loss,
            personal_daily_loss=account.options.personal_daily_loss,
            lifetime_qualifying=account.options.lifetime_qualifying,
        ),
    )


def standing_of(terms: engine_terms.Terms, state: State) -> Standing:
    return Standing(
        balance=state.balance,
        equity=state.equity,
        floor=state.floor,
        day_floor=state.day_floor,
        hwm=state.hwm,
        day=state.day,
        locked=state.locked,
        verdict=state.verdict,
        trading_days=state.trading_days,
        qualifying_days=qualifying_days(terms, state),
        profit=profit_of(terms, state),
        best_day=best_day(terms, state) if state.verdict == "open" else None,
        payouts=state.payouts,
    )


def differences(account: Account) -> list[str]:
    """Where the engine says something else than the oracle: at the first event at which it does."""
    terms, oracle = terms_of(account), account.oracle()
    state = begin(terms)
    for event in account.events:
        expected = heard(oracle, event)
        try:
            state, said = step(terms, state, event)
        except OutOfSequence:
            said = None
        differing = [*said_otherwise(expected, said), *standing_otherwise(oracle.standing(), standing_of(terms, state))]
        if differing:
            return [f"at {event}", *differing]
    return []


def differences_after_corrections(account: Account) -> list[str]:
    """As ``differences``, for an account whose engine remembers its past."""
    oracle, engine = account.oracle(), Restated(terms_of(account))
    for event in account.events:
        expected, said = heard(oracle, event), None
        with suppress(OutOfSequence, ImpossibleCorrection):
            said = engine.feed(event)
        differing = [
            *said_otherwise(expected, said),
            *standing_otherwise(oracle.standing(), standing_of(engine.terms, engine.state)),
        ]
        if differing:
            return [f"at {event}", *differing]
    return []


def heard(oracle: Oracle, event: Event) -> list[Finding] | None:
    try:
        return oracle.hear(event)
    except NotHeard:
        return None


def said_otherwise(expected: Sequence[Finding] | None, said: Sequence[Finding] | None) -> list[str]:
    """Hits in their order; the rest in any."""
    if expected is None or said is None:
        return [] if expected is said else [f"refused by the {'oracle' if expected is None else 'engine'} alone"]
    if Counter(expected) != Counter(said):
        return [
            *(f"oracle: {finding}" for finding in (Counter(expected) - Counter(said)).elements()),
            *(f"engine: {finding}" for finding in (Counter(said) - Counter(expected)).elements()),
        ]
    if hits(expected) != hits(said):
        orders = ([hit.rule for hit in hits(findings)] for findings in (expected, said))
        return [f"order of hits: oracle {next(orders)}, engine {next(orders)}"]
    return []


def hits(findings: Sequence[Finding]) -> list[Hit]:
    return [finding for finding in findings if isinstance(finding, Hit)]


def standing_otherwise(expected: Standing, state: Standing) -> list[str]:
    pairs = ((name, getattr(expected, name), getattr(state, name)) for name in Standing.__struct_fields__)
    return [f"{name}: oracle {own!r}, engine {other!r}" for name, own, other in pairs if own != other]

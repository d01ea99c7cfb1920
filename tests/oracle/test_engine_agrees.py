"""The engine against an independent reading of the rules, on random programs and histories.

PROPFIRM_ORACLE_EXAMPLES sets how many accounts are compared (the long run: 10 000). ``--hypothesis-show-statistics``
prints how many of them breached, passed, were locked and so on.
"""

from __future__ import annotations

import os
from typing import Final, get_args

from hypothesis import HealthCheck, Phase, event, given, seed, settings

from propfirm.domain.catalogue.program import Scaling, ScalingTier
from propfirm.domain.money import Micros, usd
from propfirm.domain.rules.events import Correction
from propfirm.domain.rules.findings import Finding, Gate, GateMoved, Hit, Passed, Rule, TargetMet
from tests.oracle.comparison import differences, differences_after_corrections, heard
from tests.oracle.oracle import Oracle
from tests.strategies.histories import Account, Options, Platform, accounts
from tests.unit.domain.rules.life import MONDAY, WEDNESDAY, Life, loss, program, stage, units

EXAMPLES: Final = int(os.environ.get("PROPFIRM_ORACLE_EXAMPLES", "200"))
SEEDS: Final = range(40)
"""Fixed, so that what the histories meet does not change from run to run."""
_LIFE: Final = settings(
    max_examples=EXAMPLES,
    # A program and a history of some days are large to draw, however fast that is.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def told(account: Account) -> list[Finding]:
    return lived(account)[1]


def lived(account: Account) -> tuple[Oracle, list[Finding]]:
    """The oracle after the whole life, and what it said."""
    oracle = account.oracle()
    return oracle, [finding for each in account.events for finding in heard(oracle, each) or ()]


def describe(account: Account) -> None:
    """What the account lived through, for the statistics."""
    oracle, findings = lived(account)
    event(f"overturned {len(oracle.overturned)}")
    ends = [finding for finding in findings if isinstance(finding, Passed) or is_failure(finding)]
    event(f"ended {'passed' if isinstance(ends[-1], Passed) else 'breached'}" if ends else "ended open")
    for kind in {type(finding).__name__ for finding in findings}:
        event(f"told {kind}")
    for rule in {finding.rule for finding in findings if isinstance(finding, Hit)}:
        event(f"hit {rule}")


def is_failure(finding: Finding) -> bool:
    return isinstance(finding, Hit) and finding.decided and finding.outcome == "fail"


@_LIFE
@given(accounts())
def test_engine_and_oracle_say_the_same_of_every_event(account: Account) -> None:
    describe(account)
    assert "\n".join(differences(account)) == ""


@settings(_LIFE, max_examples=max(EXAMPLES // 4, 1))
@given(accounts(corrections=True, refusals=False))
def test_engine_and_oracle_restate_the_same_past(account: Account) -> None:
    event(f"{sum(isinstance(each, Correction) for each in account.events)} corrections")
    assert "\n".join(differences_after_corrections(account)) == ""


def test_the_tier_that_a_snapshot_earned_is_in_force_when_a_breach_after_it_is_overturned() -> None:
    """The same day or days later. Random lives hardly ever come to need it."""
    tiers = (ScalingTier(Micros(0), units("1")), ScalingTier(usd("1000"), units("3")))
    for days in ([], [WEDNESDAY]):
        life = Life(stage(loss("2000"), scaling=Scaling(tiers)))
        life.day(MONDAY)
        life.earn("20", "ESH6")
        life.snapshot()
        life.earn("-60", "ESH6")
        for label in days:
            life.day(label)
        life.reinstates("51000")
        assert (life.buy(3, "5000", "ESH6").rules, life.buy(1, "5000", "ESH6").rules) == ((), ("scaling",))
        assert differences(Account(program(life.terms.stage), "only", Platform(), Options(), tuple(life.events))) == []


def test_the_histories_meet_every_rule_and_every_finding() -> None:
    """Else the comparison could agree about nothing."""
    kinds = {kind.__name__ for kind in get_args(Finding)} - {"Corrected"}  # corrections have their own histories
    gates = set(get_args(Gate)) - {"target"}  # TargetMet says it
    unmet = kinds | gates | set(get_args(Rule)) | {"overturned", "overturned twice", "overturned days later"}

    @settings(_LIFE, max_examples=50, phases=[Phase.generate], database=None, derandomize=False)
    @given(accounts())
    def live(account: Account) -> None:
        oracle, findings = lived(account)
        unmet.difference_update(appeals(oracle), *(words(finding) for finding in findings))

    for start in SEEDS:
        seed(start)(live)()
        if not unmet:
            break
    assert unmet == set()


def appeals(oracle: Oracle) -> set[str]:
    """What became of its breaches."""
    opened = [n for n in range(1, len(oracle.events) + 1) if oracle.reopens(n)]
    met = {"overturned"} if opened else set()
    if len(opened) > 1:
        met.add("overturned twice")
    if any(oracle.roll(n) > oracle.judged_upto(n - 1) for n in opened):
        met.add("overturned days later")
    return met


def words(finding: Finding) -> set[str]:
    """What the finding shows to have been met."""
    match finding:
        case Hit(rule=rule):
            return {"Hit", rule}
        case GateMoved(gate=gate):
            return {"GateMoved", gate}
        case TargetMet(waiting=waiting):
            return {"TargetMet", *waiting}
        case _:
            return {type(finding).__name__}

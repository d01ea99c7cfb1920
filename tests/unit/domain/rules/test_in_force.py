"""What people are told about a rule is what the engine compares."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.domain.catalogue.program import Program
from propfirm.domain.money import usd
from propfirm.domain.rules.engine import begin
from propfirm.domain.rules.in_force import RuleNow, rules_now
from propfirm.domain.rules.terms import compile_terms
from tests.unit.domain.rules.life import Life, daily, loss, stage

PROGRAMS = ShippedPrograms().all()
CONTRACTS = load_contracts().contracts


def now(life: Life) -> dict[str, RuleNow]:
    return {one.rule: one for one in rules_now(life.terms, life.state)}


@given(st.sampled_from(PROGRAMS), st.data())
def test_every_stage_of_every_shipped_program_tells_its_rules_from_the_first_moment(
    program: Program, data: st.DataObject
) -> None:
    rules = data.draw(st.sampled_from(program.stages))
    terms = compile_terms(program, rules.name, CONTRACTS)
    told = rules_now(terms, begin(terms))
    assert told[0].rule == "max_loss"
    assert told[0].left == terms.drawdown
    if terms.target is not None:
        assert next(one.left for one in told if one.rule == "target") == terms.target


def test_the_room_above_a_floor_is_what_equity_may_lose_until_the_engine_hits_it() -> None:
    life = Life(stage(loss("2000")))
    life.day("2026-01-05")
    life.buy(1, "5000")
    life.mark("4000")
    left = now(life)["max_loss"].left
    assert left == usd("1000")
    assert life.mark("3000").rules == ("max_loss",)
    assert now(life)["max_loss"].standing == "hit"


def test_the_daily_limit_says_when_it_begins_anew_and_the_maximum_loss_never_does() -> None:
    life = Life(stage(loss("2000"), daily_loss=daily("500")))
    life.day("2026-01-05")
    told = now(life)
    assert told["daily_loss"].resets_at == life.state.core.day.until  # type: ignore[union-attr]  # the day runs
    assert told["max_loss"].resets_at is None

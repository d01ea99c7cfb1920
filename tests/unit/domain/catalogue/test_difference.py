"""Two programs side by side: what changed, as a founder would have written it."""

import tomllib

import pytest
from hypothesis import given, settings
from msgspec import structs

from propfirm.domain.catalogue.difference import Change, diff
from propfirm.domain.catalogue.program import DailyLoss, Program, Reset, Size
from propfirm.domain.money import Cents, Ppm
from tests.strategies.programs import programs
from tests.unit.domain.catalogue.sound import LIVE, NEWS, SOUND, sound


@pytest.mark.thorough
@settings(max_examples=30)
@given(programs(), programs())
def test_programs_differ_exactly_if_a_change_is_told(one: Program, other: Program) -> None:
    assert (diff(one, other) == ()) == (one == other)
    assert diff(one, one) == ()


@pytest.mark.thorough
@settings(max_examples=30)
@given(programs(), programs())
def test_a_change_looks_the_same_from_the_other_side(one: Program, other: Program) -> None:
    there = {(change.path, change.before, change.after) for change in diff(one, other)}
    back = {(change.path, change.after, change.before) for change in diff(other, one)}
    assert there == back


def test_changes_are_spelled_as_in_the_document() -> None:
    before = sound({})
    after = sound({"evaluation.target": {"pct": "8 %"}, "funded.payout.split": "80 %", "clock.flat_by": "15:55"})
    assert diff(before, after) == (
        Change("clock.flat_by", '"15:10"', '"15:55"'),
        Change("stages.evaluation.target.amount", "3_000", None),
        Change("stages.evaluation.target.pct", None, '"8 %"'),
        Change("stages.funded.payout.split.steps[0].rate", '"90 %"', '"80 %"'),
    )


def test_of_a_new_block_only_what_it_says_itself_is_told() -> None:
    assert diff(sound({}), sound({"funded.news": NEWS})) == (
        Change("stages.funded.news.before_s", None, "60"),
        Change("stages.funded.news.after_s", None, "60"),
        Change("stages.funded.news.mode", None, '"no_execution"'),
        Change("stages.funded.news.events.NFP", None, '["*"]'),
    )


def test_a_block_of_nothing_but_defaults_is_still_told() -> None:
    before = sound({})
    evaluation = structs.replace(before.stages[0], reset=Reset())
    after = structs.replace(before, stages=(evaluation, before.stages[1]))
    assert {change.path for change in diff(before, after)} == {
        "stages.evaluation.reset.fee",
        "stages.evaluation.reset.version",
    }


def test_a_stage_between_others_does_not_move_them() -> None:
    evaluation, funded = tomllib.loads(SOUND)["stages"]
    live = {**LIVE, "next_stage": "funded"}
    after = sound({"stages": [evaluation, live, funded], "evaluation.next_stage": "live"})
    assert [change.path for change in diff(sound({}), after)] == [
        "stages.evaluation.next_stage",
        "stages.live.name",
        "stages.live.kind",
        "stages.live.max_loss.mode",
        "stages.live.max_loss.amount",
        "stages.live.next_stage",
        "stages.live.payout.split.kind",
        "stages.live.payout.split.steps[0].start",
        "stages.live.payout.split.steps[0].rate",
        "stages.live.payout.split.scope",
    ]


def test_stages_of_one_name_are_counted_instead() -> None:
    program = sound({"funded.name": "evaluation"})
    changed = structs.replace(program, stages=(program.stages[0], structs.replace(program.stages[1], price=Cents(100))))
    assert diff(program, changed) == (Change("stages[1].price", "0", "1"),)


def test_a_limit_that_goes_from_money_to_a_rate_says_both() -> None:
    before = sound({"evaluation.daily_loss.amount": 1_000})
    daily = DailyLoss(Size(pct=Ppm(20_000)))
    after = structs.replace(before, stages=(structs.replace(before.stages[0], daily_loss=daily), before.stages[1]))
    assert diff(before, after) == (
        Change("stages.evaluation.daily_loss.amount", "1_000", None),
        Change("stages.evaluation.daily_loss.pct", None, '"2 %"'),
    )

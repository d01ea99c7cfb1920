"""What the demo promises, on the shipped prices and judged by the rules of the shipped programs."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Final

import pytest

from propfirm.adapters.resources.programs import ShippedPrograms
from propfirm.adapters.simulator.cast import CAST, DEFAULT_SEED, DEFAULT_SPEED, HOUSE, STORIES, Story
from propfirm.domain.money import MICROS_PER_DOLLAR, ONE
from tools.find_demo_seed import DEMO_MAX, ORDINARY, PROMISED, play

ABOUT_HOLIDAYS: Final = (date(2026, 11, 15), date(2026, 12, 20), date(2027, 1, 17), date(2025, 4, 13))
"""The week before Thanksgiving, that of Christmas, that of Martin Luther King Day, that of Good Friday."""

ROBUST: Final = tuple(story for story in PROMISED if story.end != "max_loss")
"""Whoever is all in every day may just as well pass first: that story needs its Monday."""


@pytest.mark.parametrize("story", PROMISED, ids=[one.trader for one in PROMISED])
def test_every_story_ends_as_promised_in_good_time(story: Story) -> None:
    found = asyncio.run(play(story, DEFAULT_SEED, ORDINARY))
    assert found.end == story.end
    assert found.after / DEFAULT_SPEED < DEMO_MAX


@pytest.mark.thorough
@pytest.mark.parametrize("sunday", ABOUT_HOLIDAYS, ids=str)
@pytest.mark.parametrize("story", PROMISED, ids=[one.trader for one in PROMISED])
def test_holidays_delay_a_story_but_do_not_change_it(story: Story, sunday: date) -> None:
    found = asyncio.run(play(story, DEFAULT_SEED, sunday))
    assert found.end == story.end
    assert found.after / DEFAULT_SPEED < DEMO_MAX


@pytest.mark.thorough
@pytest.mark.parametrize("days_later", range(1, 5))
@pytest.mark.parametrize("story", ROBUST, ids=[one.trader for one in ROBUST])
def test_who_buys_later_in_the_week_meets_the_same_end(story: Story, days_later: int) -> None:
    assert asyncio.run(play(story, DEFAULT_SEED, ORDINARY, days_later)).end == story.end


@pytest.mark.thorough
def test_another_seed_gives_other_outcomes() -> None:
    ends = {
        seed: tuple(asyncio.run(play(story, seed, ORDINARY)) for story in PROMISED) for seed in (1, 3, DEFAULT_SEED)
    }
    assert len(set(ends.values())) == len(ends)
    assert {
        seed for seed, found in ends.items() if tuple(one.end for one in found) == tuple(s.end for s in PROMISED)
    } == {DEFAULT_SEED}


def test_an_account_that_the_firm_leaves_to_itself_gets_somewhere() -> None:
    assert asyncio.run(play(Story(HOUSE, "starter-50k", "paid"), DEFAULT_SEED, ORDINARY)).end == "paid"


@pytest.mark.parametrize("story", STORIES, ids=[one.trader for one in STORIES])
def test_nobody_trades_more_than_their_program_allows(story: Story) -> None:
    program = ShippedPrograms().get(story.program)
    size = program.starting_balance // (CAST[story.trader].dollars * MICROS_PER_DOLLAR)
    for stage in program.stages:
        limit = stage.position.max if stage.position is not None else None
        assert limit is not None
        assert 0 < size * ONE <= limit

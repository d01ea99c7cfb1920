"""``kill -9`` of the whole demo, again and again, while people buy and are answered."""

from __future__ import annotations

import pytest

from tools.demo_process import open_folder
from tools.kill_demo import kill_demo


@pytest.mark.thorough
def test_what_a_killed_demo_had_answered_is_there_and_once() -> None:
    with open_folder() as folder:
        seen = kill_demo(folder, kills=3, chance=1)
    assert seen.problems == []
    assert seen.answered.given == seen.answered.paid
    assert len(seen.answered.orders) >= 3, "it was really at work"
    assert seen.quotes
    assert seen.runs >= 6

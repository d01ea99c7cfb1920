import re
from pathlib import Path

import pytest

from propfirm.domain.evaluation import charts
from tools.draw_life_of_an_account import drawn

PAGE = Path(__file__).parents[2] / "docs" / "life-of-an-account.md"


def test_the_page_is_drawn_from_the_table_that_the_code_is_held_to() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert drawn(page) == page, "run: python tools/draw_life_of_an_account.py"


@pytest.mark.parametrize(("name", "edges"), [("account", charts.ACCOUNT_EDGES), ("appeal", charts.APPEAL_EDGES)])
def test_the_page_shows_every_edge(name: str, edges: tuple[charts.Edge, ...]) -> None:
    """Read back from the page, not from the code that drew it."""
    page = PAGE.read_text(encoding="utf-8")
    section = page.split(f"<!-- {name}: begin -->")[1].split(f"<!-- {name}: end -->")[0]
    shown = set()
    for before, after, said in re.findall(r"^    (\S+) --> (\w+): (\S+)$", section, re.MULTILINE):
        shown |= {("-" if before == "[*]" else before, event, after) for event in said.split("<br/>")}
    for state, said in re.findall(r"^\| (\w+) \| (.+) \|$", section, re.MULTILINE):
        shown |= {(state, event, state) for event in said.split(", ")}
    assert shown - {("state", "stays itself at", "state")} == set(edges)


def test_a_page_without_a_place_for_a_part_is_not_drawn() -> None:
    with pytest.raises(SystemExit, match="0 places for account"):
        drawn("# A page without places\n")

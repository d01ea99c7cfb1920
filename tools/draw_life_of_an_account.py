"""Draws the diagrams and tables of docs/life-of-an-account.md anew: ``python tools/draw_life_of_an_account.py``."""

from __future__ import annotations

import re
from pathlib import Path

from propfirm.domain.evaluation import charts

PAGE = Path(__file__).parent.parent / "docs" / "life-of-an-account.md"


def drawn(page: str) -> str:
    """The page with everything between its markers as ``charts`` has it now."""
    parts = {
        "account": _life(charts.ACCOUNT_EDGES, "Closed"),
        "appeal": _life(charts.APPEAL_EDGES, "Upheld", "Overturned", "Withdrawn", "Lapsed"),
        "answers": f"### The account\n\n{charts.answers(charts.ACCOUNT_ANSWERS)}\n\n"
        f"### The appeal\n\n{charts.answers(charts.APPEAL_ANSWERS)}",
    }
    for name, part in parts.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        between = f"{begin}\n{part}\n{end}"
        page, found = re.subn(f"{begin}.*{end}", lambda _, text=between: text, page, flags=re.DOTALL)  # type: ignore[misc]  # mypy does not infer a lambda's default
        if found != 1:
            msg = f"the page has {found} places for {name}"
            raise SystemExit(msg)
    return page


def _life(edges: tuple[charts.Edge, ...], *last: str) -> str:
    return f"```mermaid\n{charts.diagram(edges, last=last)}\n```\n\n{charts.stays(edges)}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

"""The acts of the audit are a closed list in one style, and each of them is done somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, get_args

from propfirm.domain.audit.acts import Act

SOURCES: Final = Path(__file__).parents[4] / "src" / "propfirm"
DONE: Final = ("written", "off", "again", "resent", "open", "unreadable", "upheld", "withdrawn")
"""What is done and does not end in -ed, by its last word."""


def test_every_act_is_named_in_one_style() -> None:
    assert [one for one in get_args(Act) if not re.fullmatch(r"[a-z]+(_[a-z]+)*", one)] == []
    assert [one for one in get_args(Act) if not one.endswith(("ed", *DONE))] == []
    assert len(set(get_args(Act))) == len(get_args(Act))


def test_every_act_is_done_somewhere() -> None:
    said = "".join(
        file.read_text("utf-8")
        for part in ("application", "domain/purchases")
        for file in (SOURCES / part).rglob("*.py")
    )
    assert [one for one in get_args(Act) if f'"{one}"' not in said] == []

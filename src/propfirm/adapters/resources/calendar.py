"""The session table of ``resources/calendar.csv`` and the releases of ``resources/economic_events.csv``."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

from propfirm.domain.calendar.news import NewsCalendar, parse_news
from propfirm.domain.calendar.table import SessionTable, parse_table

FEED: Final = "us-high-impact-2026"
"""The name by which programs pin the shipped list of releases."""


@cache
def load_session_table() -> SessionTable:
    """Raises BadCalendar when the shipped table has been damaged."""
    return parse_table(_text("calendar.csv"))


@cache
def load_news() -> NewsCalendar:
    """Raises BadCalendar when the shipped list has been damaged."""
    return parse_news(_text("economic_events.csv"), FEED)


def _text(name: str) -> str:
    return (resources.files("propfirm.resources") / name).read_text(encoding="utf-8")

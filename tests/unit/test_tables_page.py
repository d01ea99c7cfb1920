"""docs/tables.md is about the tables that there are, and every index has its plan there."""

from __future__ import annotations

import re
from pathlib import Path

from propfirm.adapters.postgres.tables import metadata
from tools.explain_queries import asked, looked_after

PAGE = (Path(__file__).parents[2] / "docs" / "tables.md").read_text("utf-8")
NAMES = (
    "users",
    "accounts",
    "account types",
    "challenges",
    "challenge rules",
    "trading days",
    "trades",
    "daily snapshots",
    "rule violations",
    "news events",
    "payouts",
    "admin notes",
)


OF_OTHERS = {"ix_procrastinate_jobs_lock"}
"""Ours on tables of procrastinate's."""


def indexes() -> set[str]:
    return {str(one.name) for table in metadata.tables.values() for one in table.indexes}


def keys() -> set[str]:
    """Of primary keys and unique constraints: plans of theirs may be kept, and need not."""
    return {str(one.name) for table in metadata.tables.values() for one in table.constraints}


def test_every_name_of_the_plan_has_its_table() -> None:
    rows = dict(re.findall(r"^\| ([a-z ]+) \| `(\w+)", PAGE, re.MULTILINE))
    assert tuple(rows) == NAMES
    assert set(rows.values()) <= metadata.tables.keys()


def test_every_table_is_spoken_of() -> None:
    assert [name for name in metadata.tables if f"`{name}`" not in PAGE] == []


def test_every_index_serves_a_query_whose_plan_is_kept() -> None:
    assert {one.served_by for one in (*asked(), *looked_after())} - keys() == indexes() | OF_OTHERS
    kept = re.findall(r"^\*\*[^*]+\*\*: `(\w+)`\n\n```\n(.*?)\n```", PAGE, re.MULTILINE | re.DOTALL)
    assert [name for name, _ in kept] == [one.served_by for one in (*asked(), *looked_after())]
    assert [name for name, plan in kept if name not in plan] == []

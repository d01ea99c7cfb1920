"""The order in which transactions lock rows, statement by statement, held against the one that ``work`` promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

ORDER: Final = ("users", "purchases", "refunds", "appeals", "accounts", "payouts", "ledger_transfers")
"""By table, as ``application/ports/work.py`` has it. Bookings wait for one another where they book the same act."""

_LOCKS: Final = re.compile(
    r"\bfrom (?P<locked>\w+)\b.*\bfor (?P<mildly>no key )?update\b"
    r"|^\s*update (?P<written>\w+)\b|^\s*insert into (?P<booked>ledger_transfers)\b",
    re.IGNORECASE | re.DOTALL,
)


@contextmanager
def seen(engine: AsyncEngine) -> Iterator[list[str]]:
    """What was locked out of order through this engine, or so that a foreign key to it would wait, once each."""
    slips, held = list[str](), dict[Connection, list[str]]()

    def begun(connection: Connection) -> None:
        held[connection] = []

    def stated(connection: Connection, _cursor: object, statement: str, *_: Any) -> None:
        found = _LOCKS.search(statement)
        if found is None:
            return
        table = found["locked"] or found["written"] or found["booked"]
        if table not in ORDER:
            return
        if found["locked"] and not found["mildly"]:
            slips.append(f"{table}: whoever refers to it waits")
        mine = held.setdefault(connection, [])
        if table not in mine:
            later = [one for one in mine if ORDER.index(one) > ORDER.index(table)]
            slips.extend(f"{table} after {one}" for one in later)
            mine.append(table)

    listened = (("begin", begun), ("before_cursor_execute", stated))
    for name, listener in listened:
        event.listen(engine.sync_engine, name, listener)
    try:
        yield slips
    finally:
        for name, listener in listened:
            event.remove(engine.sync_engine, name, listener)
        slips[:] = dict.fromkeys(slips)

"""What a demo that goes on must not contradict: how far the books have got, and what else they rest on."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from propfirm.adapters.postgres.migrate import connected
from propfirm.application.ports.state import Kept

# The firm's own times: real ones, of machines, are in other columns.
_KEPT: Final = """
select greatest(
        (select max(at) from account_events), (select max(at) from purchase_events),
        (select max(at) from payout_events), (select max(at) from ledger_transfers),
        (select to_timestamp(max(until_ns) / 1000000000.0) from feed_positions)
    ) as latest,
    exists (select from runs) as traded,
    exists (select from feed_positions) as judged
"""


def kept(url: str) -> Kept:
    """Of a database with this version's tables. Raises DatabaseUnreachable."""
    with connected(url) as connection:
        return Kept(*connection.execute(text(_KEPT)).one())

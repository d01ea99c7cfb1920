"""Jobs, enqueued in the transaction that makes them necessary; procrastinate's worker does them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from propfirm.adapters.postgres.documents import dump

QUEUE: Final = "firm"

# Queue, task, priority, lock, lock of the queue, arguments, time: as procrastinate 3 defines them.
_DEFER: Final = text(
    "select unnest(procrastinate_defer_jobs_v1(array[row("
    ":queue, :task, 0, :key, null, cast(:arguments as jsonb), cast(:at as timestamptz)"
    ")::procrastinate_job_to_defer_v1]))"
)


@dataclass(frozen=True, slots=True)
class PostgresJobs:
    connection: AsyncConnection

    async def enqueue(self, task: str, key: str, arguments: Mapping[str, str], at: datetime | None = None) -> None:
        await self.connection.execute(
            _DEFER, {"queue": QUEUE, "task": task, "key": key, "arguments": dump(dict(arguments)), "at": at}
        )

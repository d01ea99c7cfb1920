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

LOST: Final = """
    with same as (
        select id, status from procrastinate_jobs
        where task_name = :task and lock = :key and args = cast(:arguments as jsonb)
    )
    select not exists (select from same where status in ('todo', 'doing'))
        and coalesce(max(e.at) + interval '1 minute' * power(2, least(count(distinct same.id), 10)) < now(), true)
    from same join procrastinate_events e on e.job_id = same.id
    where same.status = 'failed'
"""


@dataclass(frozen=True, slots=True)
class PostgresJobs:
    connection: AsyncConnection

    async def enqueue(self, task: str, key: str, arguments: Mapping[str, str], at: datetime | None = None) -> None:
        await self.connection.execute(
            _DEFER, {"queue": QUEUE, "task": task, "key": key, "arguments": dump(dict(arguments)), "at": at}
        )

    async def enqueue_lost(self, task: str, key: str, arguments: Mapping[str, str]) -> None:
        given = {"task": task, "key": key, "arguments": dump(dict(arguments))}
        if await self.connection.scalar(text(LOST), given):
            await self.enqueue(task, key, arguments)

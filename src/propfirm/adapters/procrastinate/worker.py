"""The worker. procrastinate fetches and runs; what it lacks for a service that must not stop stands here.

A job whose worker died is taken back by any other within ``DEAD_S`` (and a few seconds for the next look), one whose
end could not be written down by the worker that ended it; a worker whose connection broke, or whom others believed
dead, begins anew; one whose loop stood still says that it lives before it looks who does not. So a job may be done
twice, and every task is written for that.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, TypeAlias

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from propfirm.application.ending import ended
from propfirm.application.ports.jobs import Sweep, Task
from propfirm.application.ports.payments import Unavailable

QUEUE: Final = "firm"
"""The one on which ``tx.jobs`` enqueues."""

POLL_S: Final = 0.2
"""A notice that comes while a job is fetched is lost, and one in back-off gives none: somebody has to look."""

HEARTBEAT_S: Final = 1.0
DEAD_S: Final = 5.0
RECOVER_S: Final = 2.0
WRITTEN_S: Final = 2.0
"""By then the end of a job is written down, or never will be."""

GRACE_S: Final = 10.0
AGAIN_S: Final = GRACE_S + 1
WAIT_FIRST_S: Final = 0.5
WAIT_MOST_S: Final = 60.0

_BEAT: Final = "update procrastinate_workers set last_heartbeat = now() where id = %(worker)s returning id"

log = logging.getLogger(__name__)


Passes: TypeAlias = Callable[[Exception], bool]
"""Whether an exception of another adapter lies in the state of the moment: tried again, the same may go well."""


class Patience(BaseRetryStrategy):
    """Again where a provider gave no answer or the database was busy, for as long as it takes; and where we were
    stopped in the middle."""

    def __init__(self, passes: Passes) -> None:
        self._passes = passes

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, JobAborted | CancelledError):
            return RetryDecision()
        if not isinstance(exception, Exception) or not (isinstance(exception, Unavailable) or self._passes(exception)):
            return None
        # Between half and all of it, so that those who failed together do not come back together.
        wait = min(WAIT_MOST_S, WAIT_FIRST_S * 2 ** min(job.attempts, 10))
        milliseconds = int(wait * random.uniform(500, 1000))  # noqa: S311 - nobody gains by guessing it
        return RetryDecision(retry_in={"milliseconds": milliseconds})


class JobWorker:
    """tasks: by the names under which jobs are enqueued. passes: which of their failures are tried again.
    concurrency: jobs at once, each on connections of its own."""

    def __init__(
        self,
        url: str,
        tasks: Mapping[str, Task],
        sweeps: Sequence[Sweep] = (),
        *,
        passes: Passes,
        concurrency: int = 8,
    ) -> None:
        self._url, self._tasks, self._sweeps = url, tasks, sweeps
        self._passes, self._concurrency = passes, concurrency

    async def run(self) -> None:
        """Until it is cancelled; jobs that run then have ``GRACE_S`` to end, and are done again later otherwise."""
        looking = (_again_and_again(sweep.name, sweep.every_s, sweep.run) for sweep in self._sweeps)
        parts = [asyncio.create_task(part) for part in (self._work(), *looking)]
        # No TaskGroup: it hands a cancellation down once, and one of its parts may not have heard it.
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_EXCEPTION)  # by themselves they go on for ever
        finally:
            await ended(parts, AGAIN_S)
        for part in parts:
            if not part.cancelled():
                part.result()

    async def _work(self) -> None:
        while True:
            # Opened anew each time: what broke may have been the connections.
            jobs = _Jobs(self._url, self._tasks, self._passes)
            try:
                async with jobs.app.open_async():
                    await self._serve(jobs)
            except Exception:
                log.exception("worker_died")
            await asyncio.sleep(WAIT_FIRST_S)

    async def _serve(self, jobs: _Jobs) -> None:
        worker = Worker(
            jobs.app,
            queues=[QUEUE],
            concurrency=self._concurrency,
            fetch_job_polling_interval=POLL_S,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=DEAD_S,
            shutdown_graceful_timeout=GRACE_S,
            install_signal_handlers=False,
            delete_jobs="successful",
        )

        async def look() -> None:
            # First of all: after a loop that stood still our own silence would be the first to be seen.
            if worker.worker_id is not None and not await jobs.beat(worker.worker_id):
                log.error("worker_struck_off id=%s", worker.worker_id)
                worker.stop()  # type: ignore[no-untyped-call]  # procrastinate does not say that it returns nothing
            await jobs.recover()

        recovery = asyncio.create_task(_again_and_again("recover_jobs", RECOVER_S, look))
        try:
            await worker.run()  # type: ignore[no-untyped-call]  # nor here
        finally:
            recovery.cancel()
            with suppress(CancelledError):
                await recovery


class _Jobs:
    """The tasks as procrastinate knows them, and which of them ended here: by job, the worker's number and when."""

    def __init__(self, url: str, tasks: Mapping[str, Task], passes: Passes) -> None:
        self.app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=3, timeout=5))
        self._ended: dict[int | None, tuple[int | None, float]] = {}
        for name, task in tasks.items():
            self.app.task(name=name, queue=QUEUE, retry=Patience(passes), pass_context=True)(self._tracked(task))

    async def beat(self, worker: int) -> bool:
        """That the worker lives. False where somebody has struck it off: its next job would be refused to it."""
        found = await self.app.connector.execute_query_all_async(_BEAT, worker=worker)
        return bool(found)

    async def recover(self) -> None:
        """What nobody is doing any more is there to be done again."""
        manager = self.app.job_manager
        await manager.prune_stalled_workers(DEAD_S)
        lost = list(await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_S))
        old = {job: worker for job, (worker, at) in self._ended.items() if time.monotonic() - at > WRITTEN_S}
        if old:
            doing = await manager.list_jobs_async(queue=QUEUE, status="doing")
            lost.extend(job for job in doing if job.worker_id is not None and old.get(job.id) == job.worker_id)
        for job in lost:
            log.warning("job_taken_back id=%s task=%s", job.id, job.task_name)
            await manager.retry_job(job)
        for job_id in old:
            self._ended.pop(job_id, None)

    def _tracked(self, task: Task) -> Callable[..., Awaitable[None]]:
        async def run(context: JobContext, **arguments: str) -> None:
            job = context.job
            self._ended.pop(job.id, None)
            try:
                await task(arguments)
            finally:
                self._ended[job.id] = (job.worker_id, time.monotonic())

        return run


async def _again_and_again(name: str, every_s: float, act: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await act()
        except* Unavailable as group:
            log.warning("sweep_unavailable name=%s times=%s", name, len(group.exceptions))
        except* Exception:
            log.exception("sweep_failed name=%s", name)
        await asyncio.sleep(every_s)

"""What a transaction asked for is done, once it is committed, whatever happens to whoever does it."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.adapters.postgres.engine import make_engine, passes
from propfirm.adapters.postgres.jobs import QUEUE as ENQUEUED_ON
from propfirm.adapters.postgres.unit_of_work import PostgresUnitOfWork
from propfirm.adapters.procrastinate import worker
from propfirm.adapters.procrastinate.worker import QUEUE, JobWorker
from propfirm.application.ports.jobs import Sweep, Task
from propfirm.application.ports.payments import Unavailable

pytestmark = pytest.mark.anyio

STUCK = """
import asyncio, sys
from propfirm.adapters.postgres.engine import passes
from propfirm.adapters.procrastinate.worker import JobWorker

async def stuck(arguments):
    print("taken", flush=True)
    await asyncio.sleep(3600)

asyncio.run(JobWorker(sys.argv[1], {"task": stuck}, passes=passes).run())
"""


@asynccontextmanager
async def working(url: str, tasks: Mapping[str, Task], sweeps: Sequence[Sweep] = ()) -> AsyncIterator[None]:
    worker = asyncio.create_task(JobWorker(url, tasks, sweeps, passes=passes).run())
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.wait([worker])


async def until(holds: Callable[[], bool], within_s: float = 10) -> None:
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in a worker that knows nothing of us
            await asyncio.sleep(0.01)


async def enqueue(engine: AsyncEngine, *keys: str) -> None:
    async with PostgresUnitOfWork(engine).begin() as tx:
        for n, key in enumerate(keys):
            await tx.jobs.enqueue("task", key, {"n": str(n)})


async def jobs(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list(await connection.scalars(text("select status::text from procrastinate_jobs order by id")))


def test_both_ends_speak_of_one_queue() -> None:
    assert QUEUE == ENQUEUED_ON


async def test_a_part_that_loses_a_cancellation_hears_it_again(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AGAIN_S", 0.2)
    lost, looking = 0, asyncio.Event()

    async def deaf() -> None:
        nonlocal lost
        looking.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            lost += 1
            await asyncio.Event().wait()

    running = asyncio.create_task(JobWorker(database, {}, [Sweep("deaf", 9, deaf)], passes=passes).run())
    await asyncio.wait_for(looking.wait(), 10)
    running.cancel()
    await asyncio.wait([running], timeout=10)
    assert (running.cancelled(), lost) == (True, 1)


async def test_jobs_of_one_key_are_done_in_order_and_without_waiting_for_the_poll(
    database: str, engine: AsyncEngine
) -> None:
    done = list[str]()

    async def task(arguments: Mapping[str, str]) -> None:
        done.append(arguments["n"])

    await enqueue(engine, *["one"] * 40)
    async with working(database, {"task": task}):
        await until(lambda: len(done) == 40, within_s=7)  # by the poll alone it would take eight seconds
    assert done == [str(n) for n in range(40)]


async def test_a_provider_that_does_not_answer_is_asked_again(database: str, engine: AsyncEngine) -> None:
    tries = list[str]()

    async def task(arguments: Mapping[str, str]) -> None:
        tries.append(arguments["n"])
        if len(tries) < 3:
            raise Unavailable

    await enqueue(engine, "one")
    async with working(database, {"task": task}):
        await until(lambda: len(tries) == 3)


PASSING = """
do $$ begin raise exception 'busy' using errcode = '{state}'; end $$
"""


@pytest.mark.parametrize("state", ["55P03", "40P01", "57014"])  # a lock, a deadlock, a statement that took too long
async def test_what_failed_because_the_database_was_busy_is_done_again(
    database: str, engine: AsyncEngine, state: str
) -> None:
    tries = list[str]()

    async def task(arguments: Mapping[str, str]) -> None:
        tries.append(arguments["n"])
        if len(tries) == 1:
            await execute(engine, PASSING.format(state=state))

    await enqueue(engine, "one")
    async with working(database, {"task": task}):
        await until(lambda: len(tries) == 2)
    assert await jobs(engine) == []


async def test_what_found_no_free_connection_is_done_again(database: str, engine: AsyncEngine) -> None:
    narrow = make_engine(database, connections=1, name="test")
    narrow.pool._timeout = 0.1  # type: ignore[attr-defined]  # ten seconds otherwise
    tries = list[str]()

    async def task(arguments: Mapping[str, str]) -> None:
        tries.append(arguments["n"])
        async with narrow.connect():
            if len(tries) == 1:
                await execute(narrow, "select 1")

    await enqueue(engine, "one")
    async with working(database, {"task": task}):
        await until(lambda: len(tries) == 2 and narrow.pool.checkedin() == 1)  # type: ignore[attr-defined]  # as above
    await narrow.dispose()
    assert await jobs(engine) == []


@pytest.mark.breaks  # a job that failed is what verify names
async def test_a_bug_is_not_tried_again_and_stays_to_be_seen(database: str, engine: AsyncEngine) -> None:
    tries = list[str]()

    async def task(arguments: Mapping[str, str]) -> None:
        tries.append(arguments["n"])
        raise RuntimeError

    await enqueue(engine, "one", "two")
    async with working(database, {"task": task}):
        await until(lambda: len(tries) == 2)
    assert tries == ["0", "1"]
    assert await jobs(engine) == ["failed", "failed"]


async def test_a_worker_that_is_told_to_stop_ends_what_it_began(database: str, engine: AsyncEngine) -> None:
    begun, ended = list[str](), list[str]()

    async def task(arguments: Mapping[str, str]) -> None:
        begun.append(arguments["n"])
        await asyncio.sleep(0.5)
        ended.append(arguments["n"])

    await enqueue(engine, "one")
    async with working(database, {"task": task}):
        await until(lambda: bool(begun))
    assert ended == ["0"]
    assert await jobs(engine) == []


async def test_a_job_whose_worker_was_killed_is_done_by_another(database: str, engine: AsyncEngine) -> None:
    done = list[str]()

    async def task(arguments: Mapping[str, str]) -> None:
        done.append(arguments["n"])

    await enqueue(engine, "one", "one")
    source = Path(__file__).parents[3] / "src"
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STUCK, database, stdout=asyncio.subprocess.PIPE, env={"PYTHONPATH": str(source)}
    )
    assert victim.stdout is not None
    assert await victim.stdout.readline() == b"taken\n"
    victim.kill()
    await victim.wait()
    async with working(database, {"task": task}):
        await until(lambda: len(done) == 2, within_s=15)
    assert done == ["0", "1"]


async def test_a_worker_that_loses_its_connections_works_on(database: str, engine: AsyncEngine) -> None:
    done = list[str]()

    async def task(arguments: Mapping[str, str]) -> None:
        done.append(arguments["n"])
        if len(done) == 1:
            await execute(engine, CUT)

    await enqueue(engine, "one", "one")
    async with working(database, {"task": task}):
        await until(lambda: "1" in done, within_s=20)


async def test_a_job_whose_end_could_not_be_written_down_is_done_again(database: str, engine: AsyncEngine) -> None:
    done = list[str]()

    async def task(arguments: Mapping[str, str]) -> None:
        done.append(arguments["n"])
        if len(done) == 1:
            await execute(engine, REFUSE)

    # procrastinate lets the failure of its own note go by: the loop tells of it, and here that is no failure.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    await enqueue(engine, "one", "one")
    async with working(database, {"task": task}):
        await until(lambda: len(done) == 1)
        await asyncio.sleep(0.5)
        await execute(engine, "drop trigger refuse on procrastinate_jobs")
        await until(lambda: len(done) == 3)
    assert done == ["0", "0", "1"]


CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and application_name <> 'test'
"""
REFUSE = """
create function refuse() returns trigger language plpgsql as 'begin raise exception ''no''; end';
create trigger refuse before delete on procrastinate_jobs for each row execute function refuse()
"""


async def execute(engine: AsyncEngine, statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements.split(";\n"):
            await connection.execute(text(statement))


async def test_what_is_swept_is_swept_again_also_after_it_failed(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    times = list[int]()

    async def sweep() -> None:
        times.append(len(times))
        raise RuntimeError

    async with working(database, {}, [Sweep("sweep", 0.05, sweep)]):
        await until(lambda: len(times) > 3)
    assert [one.levelname for one in caplog.records if one.getMessage() == "sweep_failed name=sweep"][:3] == [
        "ERROR"
    ] * 3


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five times as quick to believe a worker dead."""
    for name in ("HEARTBEAT_S", "DEAD_S", "RECOVER_S"):
        monkeypatch.setattr(worker, name, getattr(worker, name) / 5)


@pytest.mark.usefixtures("hurried")
async def test_a_worker_whose_loop_was_held_up_does_not_strike_itself_off_and_works_on(
    database: str, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    done = list[str]()

    async def task(arguments: Mapping[str, str]) -> None:
        done.append(arguments["n"])
        if len(done) <= 4:
            time.sleep(1.5 * worker.DEAD_S)  # noqa: ASYNC251 - the loop is held up: that is the case

    async with working(database, {"task": task}), engine.connect() as connection:
        register = text("select id from procrastinate_workers")
        for n in range(1, 6):
            await enqueue(engine, "one")
            await until(lambda n=n: len(done) == n)  # type: ignore[misc]  # mypy does not infer a default's type
            await asyncio.sleep(0.1 * n)  # at another moment between two looks each time
            await connection.rollback()
            registered = list(await connection.scalars(register))
            assert len(registered) == 1, n
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


async def test_a_worker_that_others_believed_dead_begins_anew_and_works_on(
    database: str, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    done = list[str]()

    async def task(arguments: Mapping[str, str]) -> None:
        done.append(arguments["n"])

    async with working(database, {"task": task}):
        await enqueue(engine, "one")
        await until(lambda: len(done) == 1)
        await execute(engine, "delete from procrastinate_workers")
        await until(lambda: any(one.getMessage().startswith("worker_struck_off") for one in caplog.records))
        await asyncio.sleep(1)
        await enqueue(engine, "one", "two")
        await until(lambda: len(done) == 3)
    assert done == ["0", "0", "1"]
    assert "worker_died" not in [one.getMessage() for one in caplog.records]

"""The service as ``propfirm dev`` runs it: starts, the story's time, and requests beside raw queries.

.venv/bin/python -m bench.service            # some five minutes
.venv/bin/python -m bench.service --quick    # does it run at all
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
import uvloop
from asyncpg.connection import LoggedQuery
from sqlalchemy import event
from sqlalchemy.engine import AdaptedConnection

from propfirm.adapters.simulator.cast import DEFAULT_SPEED, STORIES
from propfirm.domain.ids import AccountId
from propfirm.entrypoints import home
from propfirm.entrypoints.service_container import ServiceContainer
from tools.demo_process import READY, Demo, open_folder

CONNECTIONS: Final = 32
POOL: Final = 20
"""Connections to the database, the service's own number."""
WARM_S, MEASURED_S = 2.0, 15.0
QUICK_S: Final = 1.0
WARM_STARTS: Final = 3
FASTEST: Final = 86_400
WALK: Final = 600
STILL: Final = 1
"""Speed of the clock while requests are measured: the feed has next to nothing to do."""
PAID: Final = "grace: was paid"
TRADED: Final = "victor: run 1 failed"
STORY_S: Final = 600.0
LOOK_S: Final = 0.2
READS: Final = ("select", "with")
Ask = Callable[[], Awaitable[None]]
Query = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Load:
    """per_s: answers in a second. p50, p99: milliseconds."""

    per_s: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.per_s:,.0f}/s, p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms"


async def loaded(askers: list[Ask], seconds: float) -> Load:
    """Everybody asks again as soon as they were answered. What came in the first moments is not counted."""
    took = list[float]()

    async def ask(again: Ask, begins: float, ends: float) -> None:
        while (began := perf_counter()) < ends:
            await again()
            if began >= begins:
                took.append(perf_counter() - began)

    begins = perf_counter() + min(WARM_S, seconds)
    await asyncio.gather(*(ask(one, begins, begins + seconds) for one in askers))
    took.sort()
    return Load(len(took) / seconds, took[len(took) // 2] * 1_000, took[len(took) * 99 // 100] * 1_000)


async def over_http(port: int, path: str, token: str, status: int) -> Ask:
    """One kept connection, and as little of a client as there can be: the server is what is measured."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    expected = f"HTTP/1.1 {status} ".encode()

    async def ask() -> None:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(expected), head
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))

    return ask


async def queries_of_progress(container: ServiceContainer, account: AccountId) -> list[Query]:
    """What one look at an account asks the database: by SQLAlchemy, and past it by the plain driver, as the journal
    does. Neither hears what the other is told."""
    asked = list[Query]()

    def note(_connection: object, _cursor: object, statement: str, parameters: tuple[Any, ...], *_: object) -> None:
        asked.append((statement, parameters))

    def note_plain(told: LoggedQuery) -> None:  # begin and commit are told too: the baseline has its own
        if told.query.split(maxsplit=1)[0].lower() in READS:
            asked.append((told.query, tuple(told.args)))

    def taken(connection: AdaptedConnection, *_: object) -> None:
        connection.driver_connection.add_query_logger(note_plain)

    def given_back(connection: AdaptedConnection, *_: object) -> None:
        connection.driver_connection.remove_query_logger(note_plain)

    look, engine = container.look_at_progress(), container.engine().sync_engine
    await look(None, account)  # a fresh connection asks for more
    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": note,
        "checkout": taken,
        "checkin": given_back,
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        await look(None, account)
        await asyncio.sleep(0)  # the driver tells in the loop's next turn
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
    return asked


def over_asyncpg(pool: asyncpg.Pool, queries: list[Query]) -> Ask:
    """The same queries in the same kind of transaction, their rows read and dropped."""

    async def ask() -> None:
        async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
            for statement, parameters in queries:
                await connection.fetch(statement, *parameters)

    return ask


@dataclass(frozen=True)
class Looked:
    """At an account by its trader, whose token it is."""

    token: str
    account: str
    contracts: int

    def __str__(self) -> str:
        return f"{self.contracts} contracts open" if self.contracts else "no position open"


async def looked_at(demo: Demo) -> Looked:
    """Of the demo's accounts the one with most open contracts: positions are what prices are looked up for. Where
    nobody has any, that of the first trader."""
    found = list[Looked]()
    async with httpx.AsyncClient(base_url=demo.site, timeout=30) as client:
        for story in STORIES:
            body = {"email": f"{story.trader}@demo.example", "password": demo.password()}
            token = (await client.post("/v1/auth/login", json=body)).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            account = (await client.get("/v1/accounts", headers=headers)).json()["items"][0]["id"]
            progress = (await client.get(f"/v1/accounts/{account}/progress", headers=headers)).json()
            found.append(Looked(token, account, progress["open_contracts"]))
    return max(found, key=lambda one: one.contracts)


async def requests(demo: Demo, container: ServiceContainer, seconds: float) -> list[str]:
    one = await looked_at(demo)
    token, path = one.token, f"/v1/accounts/{one.account}/progress"
    try:
        queries = await queries_of_progress(container, AccountId(UUID(one.account)))
        looks = [await over_http(demo.port, path, token, 200) for _ in range(CONNECTIONS)]
        progress = await loaded(looks, seconds)
        # A trader is known by the token and by the row of this second, and then refused: no more is read.
        doors = [await over_http(demo.port, "/v1/admin/dashboard", token, 403) for _ in range(CONNECTIONS)]
        authenticated = await loaded(doors, seconds)
        async with asyncpg.create_pool(home.address(container), min_size=POOL, max_size=POOL) as pool:
            raw = await loaded([over_asyncpg(pool, queries)] * CONNECTIONS, seconds)
    finally:
        await home.close(container)
    ratio = progress.per_s / raw.per_s
    return [
        f"| `GET /v1/accounts/:id/progress`, {CONNECTIONS} connections, {one} | {progress} | |",
        f"| its {len(queries)} queries by raw asyncpg, {POOL} connections | {raw}: the API does {ratio:.2f} of it | |",
        f"| a request that only authenticates (403), {CONNECTIONS} connections | {authenticated} | |",
    ]


async def story(demo: Demo, *, quick: bool) -> Iterator[str]:
    """The first start, and what comes of it: one trader is paid in the end."""
    demo.start(FASTEST if quick else DEFAULT_SPEED)
    rows = [f"| `propfirm dev`, first start to ready | {await demo.says(READY):.1f} s | at most 40 s |"]
    if quick:
        await demo.says(TRADED, STORY_S)
    else:
        bought = await demo.says("grace: the account was opened")
        paid = await demo.says(PAID, STORY_S)
        rows.append(f"| from purchase to paid at default speed | {paid - bought:.0f} s | at most 180 s |")
    rows.append(f"| Ctrl-C until no process is left | {await demo.end(signal.SIGINT):.1f} s | |")
    return iter(rows)


async def warm(demo: Demo, times: int) -> str:
    took = list[float]()
    for _ in range(times):
        demo.start(STILL)
        took.append(await demo.says(READY))
        await demo.end(signal.SIGINT)
    return (
        f"| `propfirm dev`, warm start to ready, {times} times | {min(took):.1f} to {max(took):.1f} s | at most 10 s |"
    )


async def with_a_position(demo: Demo) -> None:
    """Left running, with a clock that all but stands, while somebody holds one: prices are looked up for positions, so
    an account without any is cheap to ask for."""
    demo.start(WALK)
    await demo.says(READY)
    async with asyncio.timeout(STORY_S):
        while not (await looked_at(demo)).contracts:  # noqa: ASYNC110 - the firm is another process
            await asyncio.sleep(LOOK_S)
    await demo.end(signal.SIGINT)
    demo.start(STILL)
    await demo.says(READY)


def rows(*, quick: bool = False) -> Iterator[str]:
    with open_folder() as folder:
        demo = Demo(folder)
        try:
            yield from asyncio.run(story(demo, quick=quick))
            yield asyncio.run(warm(demo, 1 if quick else WARM_STARTS))
            asyncio.run(with_a_position(demo))
            with home.database(demo.settings) as container, asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
                yield from loop.run(requests(demo, container, QUICK_S if quick else MEASURED_S))
        finally:
            asyncio.run(demo.end(signal.SIGINT))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a second of everything: the figures say nothing")
    options = parser.parse_args()
    print("| figure | measured | promised |\n|---|---|---|")
    for row in rows(quick=options.quick):
        print(row, flush=True)


if __name__ == "__main__":
    main()

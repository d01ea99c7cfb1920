"""The whole firm of the demo, started on a loopback port, with its clock in the test's hand."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
from dependency_injector.providers import Object
from sqlalchemy import text

from propfirm.adapters.simulator.book import Book
from propfirm.adapters.simulator.tape import eve_of
from propfirm.adapters.system.virtual_clock import VirtualClock
from propfirm.application.analytics.board import BoardView, Headline
from propfirm.application.ports.invariants import Violation
from propfirm.application.seeding.seed_people import Newcomer
from propfirm.domain.calendar.instants import NS_PER_S, to_ns
from propfirm.domain.ids import AccountId
from propfirm.entrypoints import home
from propfirm.entrypoints.demo.firm import ADMIN, SUPPORT, DemoFirm
from propfirm.entrypoints.service_container import ServiceContainer
from propfirm.entrypoints.settings import Secret, Settings
from tests.integration.audit.test_verify_journal import Watched
from tests.integration.firm import HandClock, real
from tests.integration.http.conftest import PASSWORD, key

EVE: Final = eve_of(datetime(2026, 1, 28, tzinfo=UTC))
"""A Sunday, 16:30 in Chicago; the weeks that follow it are regular."""
SECOND: Final = "second@demo.example"
STEP: Final = timedelta(hours=6)
PATIENCE_S: Final = 240.0
"""For what takes a fraction of a second on a machine that has nothing else to do."""

Found = dict[str, Any]


@dataclass
class Hand:
    """The monotonic clock of a machine on which time passes when the test says so."""

    ns: int = 0

    def __call__(self) -> int:
        return self.ns


@dataclass
class KeptBoard:
    told: list[str] = field(default_factory=list)
    latest: BoardView | None = None

    def show(self, view: BoardView) -> None:
        self.latest = view

    def tell(self, headline: Headline) -> None:
        self.told.append(headline.text)

    def announce(self, text: str) -> None:
        pass

    def close(self) -> None:
        pass


class Visitor:
    """Somebody at the API, signed in or not."""

    def __init__(self, client: httpx.AsyncClient, session: Found | None = None) -> None:
        self._client = client
        self.headers = {} if session is None else {"Authorization": f"Bearer {session['access_token']}"}
        self.id = "" if session is None else str(session["person"]["id"])

    async def get(self, path: str) -> Any:
        answer = await self.ask(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    async def ask(self, path: str) -> httpx.Response:
        return await self._client.get(path, headers=self.headers)

    async def post(self, path: str, body: Found | None = None, **headers: str) -> httpx.Response:
        return await self._client.post(path, json=body, headers={**self.headers, **key(), **headers})

    async def done(self, path: str, body: Found | None = None, status: int = 200) -> Any:
        answer = await self.post(path, body)
        assert answer.status_code == status, (path, answer.text)
        return answer.json()


class Started:
    """wall: real time as the sweeps see it; it stands where it was at the start until the test moves it on."""

    def __init__(
        self, container: ServiceContainer, client: httpx.AsyncClient, hand: Hand, board: KeptBoard, wall: HandClock
    ) -> None:
        self.container, self.board, self._client, self._hand, self.wall = container, board, client, hand, wall
        self.state = container.settings().state

    # -- who comes --

    async def registered(self, name: str) -> Visitor:
        email = f"{name}@example.com"
        body = {"email": email, "name": name.capitalize(), "password": PASSWORD}
        await Visitor(self._client).done("/v1/auth/register", body, 201)
        return await self.signed_in(email)

    async def signed_in(self, email: str) -> Visitor:
        visitor = Visitor(self._client)
        return Visitor(self._client, await visitor.done("/v1/auth/login", {"email": email, "password": PASSWORD}))

    async def staff(self) -> tuple[Visitor, Visitor, Visitor]:
        """Support, and two who decide."""
        await self.container.seed_people()([Newcomer(SECOND, "Sarah Second", "admin")], PASSWORD)
        return await self.signed_in(SUPPORT), await self.signed_in(ADMIN), await self.signed_in(SECOND)

    # -- what is bought --

    async def pressed(self, checkout: str, button: str) -> None:
        """A button of the sandbox's page, by its full address, as a browser presses it."""
        assert 'value="decline"' in (await self._client.get(checkout)).text
        answer = await self._client.post(checkout, data={"button": button})
        assert answer.status_code == 303, answer.text

    async def delivered(self, buyer: Visitor, order: Found) -> str:
        """The account, once the platform has opened it."""
        path = f"/v1/challenges/{order['id']}"
        await self.until(lambda: _state(buyer, path, "delivered"))
        account = str((await buyer.get(path))["account"])
        await self.until(lambda: _state(buyer, f"/v1/accounts/{account}", "evaluating"))
        return account

    def trades(self, account: str, trader: str) -> None:
        """Who of the cast trades the account from the next morning on: the one thing that people do elsewhere."""
        self.container.simulator().engage(AccountId(UUID(account)), trader)

    # -- how time passes --

    async def forward(self, by: timedelta) -> None:
        """The clock, and then the feed up to it and every job that came of it."""
        self._hand.ns += round(by.total_seconds()) * NS_PER_S
        await self.until(self._settled)

    async def days_pass(self, until: Callable[[], Awaitable[bool]], most: int) -> None:
        """In steps of the clock, until something holds."""
        latest = self.container.clock().now() + timedelta(days=most)
        while not await until():
            assert self.container.clock().now() < latest, f"not within {most} days"
            await self.forward(STEP)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not await holds():  # noqa: ASYNC110 - what is waited for happens behind a socket
                await asyncio.sleep(0.05)

    async def _settled(self) -> bool:
        now, progress = to_ns(self.container.clock().now()), Book(self.state / "platform").progress()
        if now >= self.container.simulator().tape.begins and (progress is None or progress.acknowledged < now):
            return False
        waiting = await self.scalar("select count(*) from procrastinate_jobs where status in ('todo', 'doing')")
        return bool(waiting == 0)

    # -- behind the curtain --

    async def scalar(self, query: str, **given: object) -> Any:
        async with self.container.engine().connect() as connection:
            return await connection.scalar(text(query), given)

    async def verified(self) -> list[Violation]:
        await self.container.seal_days()()  # days pass faster than the worker looks
        return await self.container.verify()(Watched())


def made(
    database: str, folder: Path, hand: Hand, board: KeptBoard, ready: Callable[[], None], reader: str | None = None
) -> tuple[ServiceContainer, DemoFirm]:
    """Not running yet, on a port of its own. reader: of another database than the one that is written."""
    listening = socket.create_server(("127.0.0.1", 0))
    bare = Settings(
        database_url=Secret(database),
        reader_url=None if reader is None else Secret(reader),
        port=listening.getsockname()[1],
        state=folder / "state",
    )
    container = ServiceContainer()
    container.settings.override(home.with_secrets(bare, container))
    container.virtual_clock.override(Object(VirtualClock(bare.state / "clock", EVE, 1, hand)))
    container.clock.override(container.virtual_clock)
    return container, DemoFirm(container, listening, board, PASSWORD, ready)


@asynccontextmanager
async def started(database: str, folder: Path, seed: int | None = None) -> AsyncIterator[Started]:
    """The six traders have bought, and it is the evening before the week. Stopped in order at the end."""
    hand, board, ready, stop = Hand(), KeptBoard(), asyncio.Event(), asyncio.Event()
    container, firm = made(database, folder, hand, board, ready.set)
    container.seed.override(seed)
    wall = real()
    container.wall.override(Object(wall))
    running = asyncio.create_task(firm.run(stop))
    ended = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait([running, ended], timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        assert ready.is_set(), running
        async with httpx.AsyncClient(base_url=container.settings().site, timeout=PATIENCE_S) as client:
            yield Started(container, client, hand, board, wall)
    finally:
        ended.cancel()
        stop.set()
        await running


async def _state(visitor: Visitor, path: str, state: str) -> bool:
    return bool((await visitor.get(path))["state"] == state)

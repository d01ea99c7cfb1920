"""The firm of the demo in one process: API, worker, feed, and the people who make it live.

Started in an order in which nobody waits for somebody who is not there yet, and stopped the other way round: first no
request is taken any more, then the clock stands, then the feed and the jobs end. Whatever ends of its own accord takes
everything else down with it: a demo that lives by half would only confuse.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType
from typing import Final

from propfirm.application.analytics.board import Board, Headline, LookAtBoard
from propfirm.application.ending import ended
from propfirm.application.evaluation.desk import Desk
from propfirm.application.seeding.seed_people import Newcomer
from propfirm.domain.identity.actors import Staff, Trader, Via
from propfirm.domain.money import Cents
from propfirm.entrypoints import home
from propfirm.entrypoints.demo.director import Director, Doings, Part
from propfirm.entrypoints.http.server import server
from propfirm.entrypoints.service_container import ServiceContainer
from propfirm.entrypoints.worker.feed import follow

log = logging.getLogger(__name__)

DOMAIN: Final = "demo.example"
ADMIN: Final = f"admin@{DOMAIN}"
SUPPORT: Final = f"support@{DOMAIN}"
STAFF: Final = (Newcomer(ADMIN, "Ada Admin", "admin"), Newcomer(SUPPORT, "Sam Support", "support"))

ASKED: Final[Mapping[str, Cents]] = MappingProxyType({"tradeday-intraday-50k": Cents(99_00)})
"""What this firm asks for presets of other firms that it sells too; theirs has no price."""

PLAYED: Final = Via("demo")
"""Its people are played: what they do is not told as if somebody had signed in."""

LOOK_S: Final = 1.0
HEADLINES: Final = 8
DRAIN_S: Final = 3.0
AGAIN_S: Final = 12.0
"""Jobs that run have had the time that the worker gives them."""


class DemoFirm:
    """container: with settings, a migrated database, and the demo's clock as its clock. listening: bound, the server's.

    password: of everybody who is seeded. ready: called once the story runs.
    """

    def __init__(
        self,
        container: ServiceContainer,
        listening: socket.socket,
        board: Board,
        password: str,
        ready: Callable[[], None],
    ) -> None:
        self._container, self._listening, self._board = container, listening, board
        self._password, self._ready = password, ready
        self._clock = container.virtual_clock()
        self._headlines: deque[Headline] = deque(maxlen=HEADLINES)

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop`` is set. Raises what ended it otherwise."""
        container, work = self._container, self._container.work()
        desk = Desk("simulator", work, self._clock, container.runs())
        settings = container.settings()
        web = server(container.http(), settings.host, settings.port)
        try:
            director, look = await self._seeded(), container.look_at_board()
            await look.begin()
            serving = asyncio.create_task(web.serve(sockets=[self._listening]), name="http")
            tasks = [
                serving,
                asyncio.create_task(container.worker().run(), name="worker"),
                asyncio.create_task(follow(container.simulator(), desk, container.finish_run()), name="feed"),
                asyncio.create_task(self._story(director), name="story"),
                asyncio.create_task(self._show(look), name="board"),
            ]
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
            finally:
                web.should_exit = True
                with suppress(Exception):
                    await asyncio.wait_for(asyncio.shield(serving), DRAIN_S)
                self._clock.hold()
                await ended([*tasks, stopping], AGAIN_S)
                outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            for task, outcome in zip(tasks, outcomes, strict=True):
                if isinstance(outcome, Exception):
                    log.error("part_failed name=%s", task.get_name(), exc_info=outcome)
                    raise outcome
        finally:
            self._board.close()
            await home.close(container)

    async def _seeded(self) -> Director:
        container = self._container
        await container.seed_firm()(ASKED)
        stories = container.stories()
        traders = [Newcomer(f"{one.trader}@{DOMAIN}", one.trader.capitalize(), "trader") for one in stories]
        admin, _, *people = await container.seed_people()([*STAFF, *traders], self._password)
        parts = [
            Part(story.trader, Trader(person.id, PLAYED), story.program)
            for story, person in zip(stories, people, strict=True)
        ]
        doings = Doings(
            place_order=container.place_order,
            open_checkout=container.open_checkout,
            checkouts=container.checkouts(),
            accounts=container.current_accounts(),
            quote=container.quote_payout,
            ask=container.request_payout,
            approve=container.approve_payout,
            reject=container.reject_payout,
            work=container.work(),
            clock=self._clock,
        )
        return Director(doings, container.simulator(), parts, Staff(admin.id, "admin", PLAYED), self._tell)

    async def _story(self, director: Director) -> None:
        await director.open()
        self._clock.start()
        self._ready()
        await director.run()

    async def _show(self, look: LookAtBoard) -> None:
        while True:
            try:
                for headline in await look.headlines():
                    self._told(headline)
                self._board.show(await look(tuple(self._headlines)))
            except Exception:  # the database was away: the next look finds it again
                log.exception("board_failed")
            await asyncio.sleep(LOOK_S)

    def _tell(self, text: str) -> None:
        self._told(Headline(self._now(), text))

    def _told(self, headline: Headline) -> None:
        self._headlines.append(headline)
        self._board.tell(headline)

    def _now(self) -> datetime:
        return self._clock.now()

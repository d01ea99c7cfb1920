"""``propfirm dev``: the whole firm, on this machine alone."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import shutil
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from propfirm.application.ports.state import Kept, StateDamaged
from propfirm.domain.calendar.hours import EXCHANGE_ZONE
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.errors import Conflict, Refused
from propfirm.entrypoints import home
from propfirm.entrypoints.cli import exits, values
from propfirm.entrypoints.demo.firm import ADMIN, DOMAIN, SUPPORT, DemoFirm
from propfirm.entrypoints.service_container import ServiceContainer
from propfirm.entrypoints.settings import Settings

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container

DESCRIPTION: Final = """\
Start the whole firm in this process, with nothing installed: its database, its
API, its worker, a sandbox checkout and bank, and a simulated platform on which
demo traders trade recorded prices of October 2013, moved into the present week.
One clock drives it all, three hours a second unless --speed says otherwise.
Ctrl-C stops it; started again, it goes on where it was.
"""
EPILOG: Final = """\
examples:
  propfirm dev
  propfirm dev --speed 600
  propfirm dev --reset --seed 7
"""
SPEED_MAX: Final = 86_400
SEED_MAX: Final = 2**31 - 1
PASSWORD_BYTES: Final = 12

READY: Final = """\

propfirm runs at   {site}
its API            {site}/docs

sign in as    trader   grace@{domain}
              support  {support}
              admin    {admin}
password      {password}

three things to try
  1. Watch. {watch}
  2. Look at an account as its trader, by the API:
       TOKEN=$(curl -s {site}/v1/auth/login \\
         -H 'content-type: application/json' \\
         -d '{{"email": "grace@{domain}", "password": "{password}"}}' |
         python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
       curl -s {site}/v1/accounts \\
         -H "authorization: Bearer $TOKEN"
  3. Buy a challenge yourself: register at {site}/docs,
     order one at /v1/challenges/purchase, and pay (or do not) on the checkout
     page that the answer names.

The prices are recorded ones (October 2013, ES and gold), moved by whole weeks
to {week}. Seed {seed}, speed {speed}.
Everything lies in {state}; `propfirm dev --reset` begins anew.
Ctrl-C stops.
"""

PROMISED: Final = """\
Six traders have bought challenges. Grace will pass and be paid,
     Victor and Nadia will breach; it takes about {story}."""
DRAWN: Final = """\
Six traders have bought challenges. What becomes of them the seed has
     drawn, and nobody has looked: their weeks take about {story}."""
GOING_ON: Final = """\
Six traders go on where they were: `propfirm accounts list`
     says where, in another terminal."""
STOPPED: Final = "\nstopped; everything is kept: start it again to go on"
STORY_DAYS: Final = 13
"""From a purchase to a payout in ordinary weeks, of the firm's clock."""


LATE: Final = """\

The clock was behind the books (its file was removed or is an old one): it goes
on from the last moment in them, {at:%Y-%m-%d %H:%M:%S} UTC.
"""


class Arguments(argparse.Namespace):
    seed: int | None
    speed: int | None
    port: int | None
    reset: bool


@dataclass(eq=False)
class OneAtATime(Conflict):
    code = "dev.already-running"
    title = "Another propfirm dev runs on this folder: stop it, or choose another one (PROPFIRM_STATE)"
    state: Path


@dataclass(eq=False)
class NotForProduction(Refused):
    code = "dev.not-for-production"
    title = "The demo takes no part in production (PROPFIRM_ENVIRONMENT)"
    environment: str


@dataclass(eq=False)
class NotOurDatabase(Refused):
    code = "dev.not-our-database"
    title = "--reset removes the embedded database only, and a setting names another one"
    variable: str


@dataclass(eq=False)
class PortTaken(Refused):
    code = "dev.port-taken"
    title = "The port cannot be listened on: choose another one (--port)"
    host: str
    port: int
    reason: str


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("--seed", type=values.whole(0, SEED_MAX), help="other traders' luck; fixed until --reset")
    parser.add_argument("--speed", type=values.whole(1, SPEED_MAX), help="demo seconds in a real one (10800)")
    parser.add_argument("--port", type=values.whole(1, 65_535), help="to listen on, on this machine only (8000)")
    parser.add_argument("--reset", action="store_true", help="forget everything first: database, clock, platform")
    parser.set_defaults(run=play)


def play(arguments: Arguments, _: Container) -> int:
    settings = home.settings_of_the_surroundings()
    if settings.environment == "production":
        raise NotForProduction(settings.environment)
    if arguments.port is not None:
        settings = replace(settings, port=arguments.port)
    if arguments.reset and settings.database_url is not None:
        raise NotOurDatabase("DATABASE_URL")
    owner = ServiceContainer().ownership(settings.state)
    with home.usable(settings):
        taken = owner.take()
    if not taken:
        raise OneAtATime(settings.state)
    try:
        with home.usable(settings):
            _log_into(settings.state)
        if arguments.reset:
            _forget(settings)
        with _listening(settings) as listening, home.database(settings, alone=True, makes=True) as container:
            home.prepare_tables(container, embedded=settings.database_url is None)
            return _play(arguments, container, listening, _places(settings))
    finally:
        owner.give_up()


def _play(arguments: Arguments, container: ServiceContainer, listening: socket.socket, places: str) -> int:
    """places: where everything lies."""
    container.seed.override(arguments.seed)
    if arguments.speed is not None:
        container.speed.override(arguments.speed)
    container.clock.override(container.virtual_clock())
    settings = container.settings()
    books = container.kept_books()(home.address(container))
    late = _continued(container, books)
    password = container.kept_secret()(settings.state / "secrets" / "demo-password", PASSWORD_BYTES)
    board = container.board(sys.stdout)

    def ready() -> None:
        simulator = container.simulator()
        words = READY.format(
            site=settings.site,
            domain=DOMAIN,
            support=SUPPORT,
            admin=ADMIN,
            password=password,
            week=f"the week of {from_ns(simulator.tape.begins).astimezone(EXCHANGE_ZONE):%d %B %Y} and after",
            seed=simulator.seed,
            speed=container.virtual_clock().speed,
            state=places,
            watch=_watch(first=not books.traded, promised=simulator.seed == container.promised_seed()).format(
                story=_story(container.virtual_clock().speed)
            ),
        )
        # What stands by now stays: under much work the collector would go through all of it again and again, in which
        # time nobody is answered (docs/decisions/0021).
        gc.collect()
        gc.freeze()
        if late:
            board.announce(LATE.format(at=container.clock().now()))
        board.announce(words)

    firm = DemoFirm(container, listening, board, password, ready)
    code = asyncio.run(_until_stopped(firm.run))
    board.announce(STOPPED)
    return code


def _watch(*, first: bool, promised: bool) -> str:
    if not first:
        return GOING_ON
    return PROMISED if promised else DRAWN


def _story(speed: int) -> str:
    """How long it takes to watch it."""
    minutes = STORY_DAYS * 24 * 60 // speed
    return f"{minutes + 1} minutes" if minutes else "a minute"


def _places(settings: Settings) -> str:
    """Started by root, the database lies elsewhere."""
    if settings.database_url is not None:
        return f"{settings.state} and the database that DATABASE_URL names"
    server = ServiceContainer().embedded_postgres(settings.state / "database", system_folder=settings.system_state)
    within = server.data.is_relative_to(settings.state.resolve())
    return str(settings.state) if within else f"{settings.state} and {server.data}"


def _continued(container: ServiceContainer, books: Kept) -> bool:
    """What the books hold, clock and platform must know of. Whether the clock had to be moved on to them.

    Raises StateDamaged.
    """
    folder = container.settings().state / "platform"
    acts, progress = container.platform_files()
    for name, needed, lost in (
        (acts, books.traded, "what the platform was asked to do"),
        (progress, books.judged, "how far its feed was read"),
    ):
        file = folder / name
        if needed and not (file.exists() and file.stat().st_size):
            raise StateDamaged(str(file), f"is gone, and with it {lost}")
    late: bool = books.latest is not None and container.virtual_clock().not_before(books.latest)
    return late


async def _until_stopped(run: Callable[[asyncio.Event], Awaitable[None]]) -> int:
    stop, code = asyncio.Event(), exits.OK
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        nonlocal code
        code = exits.INTERRUPTED
        stop.set()

    loop.add_signal_handler(signal.SIGINT, interrupted)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await run(stop)
    return code


def _listening(settings: Settings) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        reason = (error.strerror or "system error").lower()
        raise PortTaken(settings.host, settings.port, reason) from error


def _forget(settings: Settings) -> None:
    """Database, clock and platform together: none of them goes on without the others. Secrets stay."""
    folder = settings.state / "database"
    ServiceContainer().embedded_postgres(folder, system_folder=settings.system_state).remove()
    shutil.rmtree(settings.state / "platform", ignore_errors=True)
    for file in settings.state.glob("clock*"):
        with suppress(FileNotFoundError):
            file.unlink()


def _log_into(state: Path) -> None:
    logging.basicConfig(
        filename=state / "propfirm.log",
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        level=logging.INFO,
        force=True,
    )

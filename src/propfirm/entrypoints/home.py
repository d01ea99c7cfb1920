"""Where a process of the firm finds itself: its settings, its database, its secrets, its clock.

On a laptop nobody names any of these. Then all of it lies in one folder, ``settings.state``: the embedded server's
data, the secrets made on the first start, the demo's clock and what its platform remembers. One process at a time
starts the server; a command beside it joins it, and reads its clock.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from msgspec.structs import replace

from propfirm.application.ports.state import StateDamaged
from propfirm.domain.errors import Conflict, NotFound, Refused
from propfirm.entrypoints.service_container import ServiceContainer
from propfirm.entrypoints.settings import Secret, Settings, read

T = TypeVar("T")
DATABASE: Final = "propfirm"
NEW_KEY: Final = "restore it, or begin a new one on purpose with `propfirm keys create {}`"
CLOCK_AGAIN: Final = "`propfirm dev` makes it again from them"
PATIENCE_S: Final = 30.0
"""By then a command that had to start the server is over."""


@dataclass(eq=False)
class NotMigrated(Conflict):
    """present: the database's newest step, None for an empty one. needed: this code's."""

    code = "database.not-migrated"
    title = "The database has other tables than this version of propfirm needs: `propfirm db migrate`"
    present: str | None
    needed: str


@dataclass(eq=False)
class StateUnusable(Refused):
    """path: what cannot be read or written, and why."""

    code = "settings.state-unusable"
    title = "The folder of the state cannot be used (PROPFIRM_STATE)"
    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.title}: {self.path}: {self.reason}"


@dataclass(eq=False)
class NoFirmHere(NotFound):
    """state: where it would lie."""

    code = "settings.no-firm-here"
    title = (
        "There is no firm here: `propfirm dev` or `propfirm db migrate` makes one;"
        " or say where it is, by DATABASE_URL or PROPFIRM_STATE"
    )
    state: Path


@dataclass(eq=False)
class DatabaseLost(Refused):
    """In the middle of a command, so that whether its act was committed is not known. reason: the error's kind."""

    code = "database.lost"
    title = "The database went away or is too busy: see what was done, and try again"
    reason: str

    def __str__(self) -> str:
        return f"{self.title} ({self.reason})"


def settings_of_the_surroundings() -> Settings:
    """Raises BadSettings."""
    return read(os.environ)


def run(use: Callable[[ServiceContainer], Awaitable[T]], *, makes: bool = False) -> T:
    """One command at the firm of the surroundings; makes: it makes one where there is none.

    Raises BadSettings, NoFirmHere, StateDamaged, StateUnusable, PostgresUnavailable, NotMigrated, DatabaseUnreachable,
    DatabaseLost, and what the command raises.
    """
    settings = settings_of_the_surroundings()

    async def used(container: ServiceContainer) -> T:
        try:
            return await use(container)
        finally:
            await close(container)

    clock = settings.state / "clock"
    if not clock.exists() and (settings.state / "platform").exists():
        raise StateDamaged(str(clock), "is gone, and other clocks are behind the books", CLOCK_AGAIN)
    with database(settings, makes=makes) as container, losses_told(container):
        prepare_tables(container, embedded=settings.database_url is None)
        return asyncio.run(used(container))


@contextmanager
def losses_told(container: ServiceContainer) -> Iterator[None]:
    """Raises DatabaseLost in place of what lies in the database's state of the moment."""
    try:
        yield
    except BrokenPipeError:  # of our own output: who read it went away
        raise
    except Exception as error:
        if not container.passing()(error):
            raise
        raise DatabaseLost(type(getattr(error, "orig", None) or error).__name__) from error


async def close(container: ServiceContainer) -> None:
    """The connections of this process, and its hasher."""
    for engine in {container.engine(), container.reader()}:
        await engine.dispose()
    container.passwords().close()
    container.calculator().close()


@contextmanager
def database(settings: Settings, *, alone: bool = False, makes: bool = False) -> Iterator[ServiceContainer]:
    """The firm with a database that answers; a server that had to be started for it is stopped afterwards.

    alone: whoever stays longer than a command joins none: a command's server ends with the command. makes: as in
    ``run``. Raises NoFirmHere, StateDamaged, StateUnusable, PostgresUnavailable.
    """
    container = ServiceContainer()
    with usable(settings):
        if settings.database_url is not None:
            yield _of(container, with_secrets(settings, container))
            return
        server = container.embedded_postgres(settings.state / "database", system_folder=settings.system_state)
        there = server.made()
        if not (there or makes):
            raise NoFirmHere(settings.state)
        filled = with_secrets(settings, container, sealed=there)
        if alone:
            server.start(PATIENCE_S)
        else:
            server.start_or_join()
        try:
            server.create(DATABASE)
            yield _of(container, replace(filled, database_url=Secret(server.url(DATABASE))))
        finally:
            server.stop()


@contextmanager
def usable(settings: Settings) -> Iterator[None]:
    """What is wrong with a file of the state is told with the setting that names the folder. Raises StateUnusable."""
    try:
        yield
    except OSError as error:
        if not isinstance(error.filename, str | Path):
            raise
        if not Path(error.filename).absolute().is_relative_to(settings.state.absolute()):
            raise
        raise StateUnusable(str(error.filename), (error.strerror or "system error").lower()) from error


def _of(container: ServiceContainer, settings: Settings) -> ServiceContainer:
    container.settings.override(settings)
    clock = settings.state / "clock"
    if settings.environment == "development" and clock.exists():
        owner = container.ownership(settings.state)
        container.clock.override(container.following_clock(clock, owner.taken))
    return container


def with_secrets(settings: Settings, container: ServiceContainer, *, sealed: bool = False) -> Settings:
    """On a laptop the firm makes its own, once. sealed: it has signed already, and a new key is its owner's to make.

    Raises OSError, StateDamaged.
    """
    if settings.environment == "production":
        return settings
    folder, filled = settings.state / "secrets", settings
    if filled.jwt_secret is None:
        filled = replace(filled, jwt_secret=Secret(container.kept_secret()(folder / "jwt")))
    if filled.signing_key is None:
        key = folder / "signing-key.pem"
        if not key.exists():
            if sealed:
                raise StateDamaged(str(key), "is gone, and it has signed seals and proofs", NEW_KEY.format(key))
            folder.mkdir(parents=True, exist_ok=True)
            signer = container.create_key()(key)
            key.with_name(f"{key.name}.pub").write_bytes(container.public_pem()(signer.public_key))
        filled = replace(filled, signing_key=key)
    return filled


def prepare_tables(container: ServiceContainer, *, embedded: bool) -> None:
    """The embedded database is migrated as it is met; any other one is the staff's to migrate. Raises NotMigrated,
    DatabaseUnreachable."""
    url = address(container)
    needed, present = container.newest_migration()(), container.migrated_to()(url)
    if present == needed:
        return
    if embedded:
        container.migrate()(url)
    else:
        raise NotMigrated(present, needed)


def address(container: ServiceContainer) -> str:
    """The database's, with its password."""
    url = container.settings().database_url
    assert url is not None  # noqa: S101 - ``database`` has filled it in
    return str(url.reveal())

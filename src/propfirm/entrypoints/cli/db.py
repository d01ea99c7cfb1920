"""``propfirm db``: the tables, and what a new firm begins with."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from propfirm.application.seeding.seed_firm import Seeded
from propfirm.application.seeding.seed_people import Newcomer
from propfirm.domain.errors import Refused
from propfirm.entrypoints import home
from propfirm.entrypoints.cli import exits
from propfirm.entrypoints.cli.arguments import add_command, group
from propfirm.entrypoints.cli.firm import confirm
from propfirm.entrypoints.service_container import ServiceContainer

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container

DESCRIPTION: Final = """\
The tables of the database that DATABASE_URL names, or of the embedded one.
"""
EPILOG: Final = """\
examples:
  propfirm db migrate
  propfirm db rollback --to 0001 --yes
  PROPFIRM_ADMIN_PASSWORD=... propfirm db seed --admin admin@firm.example
"""
PASSWORD: Final = "PROPFIRM_ADMIN_PASSWORD"  # noqa: S105  # the name of the variable, not what is in it


@dataclass(eq=False)
class PasswordMissing(Refused):
    code = "cli.password-missing"
    title = f"The first administrator's password is read from {PASSWORD}"
    admin: str


class Arguments(argparse.Namespace):
    to: str
    yes: bool
    admin: str | None


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    commands = group(parser)
    add_command(commands, "migrate", "bring the tables to this version", migrate)
    back = add_command(commands, "rollback", "take steps back; what they hold is lost", roll_back)
    back.add_argument("--to", required=True, metavar="STEP", help="the step to keep; `base` removes every table")
    back.add_argument("--yes", action="store_true", help="do it; without it nothing happens, and the exit code is 3")
    seed = add_command(commands, "seed", "the firm's own programs on sale, news releases, a first administrator", seeds)
    seed.add_argument("--admin", metavar="EMAIL", help=f"who administers; the password is read from {PASSWORD}")


def migrate(_: Arguments, __: Container) -> int:
    with home.database(home.settings_of_the_surroundings(), makes=True) as container, home.losses_told(container):
        url = home.address(container)
        before = container.migrated_to()(url)
        container.migrate()(url)
        after = container.migrated_to()(url)
    print(f"at {after}" if before == after else f"from {before or 'no tables'} to {after}")
    return exits.OK


def roll_back(arguments: Arguments, _: Container) -> int:
    confirm(f"take the tables back to {arguments.to}, and lose what those steps hold", yes=arguments.yes)
    with home.database(home.settings_of_the_surroundings()) as container, home.losses_told(container):
        url = home.address(container)
        before = container.migrated_to()(url)
        container.roll_back()(url, arguments.to)
        after = container.migrated_to()(url)
    print(f"from {before or 'no tables'} to {after or 'no tables'}")
    return exits.OK


def seeds(arguments: Arguments, _: Container) -> int:
    if arguments.admin is not None and home.settings_of_the_surroundings().admin_password is None:
        raise PasswordMissing(arguments.admin)

    async def seeded(container: ServiceContainer) -> Seeded:
        password = container.settings().admin_password
        if arguments.admin is not None and password is not None:
            await container.seed_people()([Newcomer(arguments.admin, "Administrator", "admin")], password.reveal())
        done: Seeded = await container.seed_firm()()
        return done

    done = home.run(seeded, makes=True)
    print(f"{done.programs} programs put on sale, {done.releases} news releases listed")
    return exits.OK

"""The ``propfirm`` command: finds the command that was named, and gives every ending its exit code.

Only the module of the chosen command is imported, so that help and usage errors are instant.
"""

from __future__ import annotations

import argparse
import re
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Final, NamedTuple, Protocol, cast

from propfirm import __version__
from propfirm.domain.errors import Refused
from propfirm.entrypoints.cli import exits, streams
from propfirm.entrypoints.cli.arguments import Parser, Run, add_command


class Command(NamedTuple):
    """module: the one in this package that builds and runs it."""

    module: str
    summary: str


COMMANDS: Final = {
    "dev": Command("dev", "the whole firm in one process, with demo traders on real prices"),
    "simulate": Command("simulate", "judge a trade history by a program's rules"),
    "what-if": Command("what_if", "how far to a breach, the target, a payout; what a payout now would do"),
    "programs": Command("programs", "list, explain, check and compare programs"),
    "verify-proof": Command("verify_proof", "check a proof bundle, offline"),
    "rules": Command("rules", "check the rules against worked examples"),
    "example": Command("example", "write an example history with its prices"),
    "keys": Command("keys", "keys with which proofs are signed"),
    "accounts": Command("accounts", "accounts of the firm: standing, history, proof, holds"),
    "payouts": Command("payouts", "payouts: what may be taken, requests, decisions"),
    "refunds": Command("refunds", "payments that go back, and another attempt"),
    "users": Command("users", "people: traders and staff, notes about them"),
    "events": Command("events", "news releases that rules look at, and whom a change touches"),
    "violations": Command("violations", "rules that were hit, and what the staff says of them"),
    "appeals": Command("appeals", "appeals against verdicts, and their decisions"),
    "dashboard": Command("dashboard", "the firm at a glance"),
    "replay": Command("replay", "derive runs again from their journals, and compare"),
    "verify": Command("verify", "look at everything that must always hold"),
    "db": Command("db", "the database: migrate, roll back, seed"),
}

DESCRIPTION: Final = """\
The back end of a prop futures trading firm: judges trading histories by the
firm's programs, shows how it came to each verdict, and proves it.
"""

EPILOG: Final = f"""\
`propfirm COMMAND --help` explains a command, with examples.

{exits.HELP}"""


DASHED: Final = {"--zone": re.compile(r"-\d"), "--after": re.compile(r"-[\w-]{30,}")}
"""Options whose values may begin with a dash, and how such values look."""


class CommandModule(Protocol):
    """What the module of a command offers: ``configure`` adds its arguments, and the default ``run``, a ``Run``."""

    def configure(self, parser: argparse.ArgumentParser) -> None: ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns an exit code of ``exits``; ends by SystemExit where argparse does: help, version, wrong usage (2).
    Ctrl-C is answered by ``start``."""
    streams.prepare()
    given = _joined(sys.argv[1:] if arguments is None else list(arguments))
    try:
        try:
            code = _run(given)
        finally:
            sys.stdout.flush()
    except Refused as refusal:
        from propfirm.entrypoints.cli.problems import Unconfirmed, lines  # noqa: PLC0415  # much that help does not need

        for line in lines(refusal):
            streams.tell(line)
        return exits.UNCONFIRMED if isinstance(refusal, Unconfirmed) else exits.BAD_INPUT
    except BrokenPipeError:
        streams.close_quietly()
        return exits.READER_GONE
    except OSError as error:
        streams.tell(f"{error.filename or 'the output'}: {(error.strerror or 'system error').lower()}")
        streams.close_quietly()
        return exits.BAD_INPUT
    except Exception:  # noqa: BLE001  # a bug; Python's own exit code for it, 1, means "does not hold" here
        traceback.print_exc()
        return exits.BUG
    return code


def _joined(given: list[str]) -> list[str]:
    """``--zone -06:00`` as one word, and a cursor that begins with a dash: argparse would take them for options."""
    joined: list[str] = []
    for word in given:
        dashed = DASHED.get(joined[-1]) if joined else None
        if dashed is not None and dashed.match(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _run(given: list[str]) -> int:
    root = parser(given)
    chosen = root.parse_args(given)
    run: Run | None = getattr(chosen, "run", None)
    if run is None:
        root.print_help(sys.stderr)
        return exits.BAD_INPUT
    from propfirm.entrypoints.container import Container  # noqa: PLC0415  # not for help and usage errors

    return run(chosen, Container())


def parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Knows all commands by name, and the arguments of the one that is named in ``given``."""
    root: argparse.ArgumentParser = Parser(
        prog="propfirm",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    root.add_argument("--version", action="version", version=f"propfirm {__version__}")
    commands = root.add_subparsers(title="commands", metavar="COMMAND")
    named = next((word for word in given if not word.startswith("-")), None)
    for name, command in COMMANDS.items():
        sub = add_command(commands, name, command.summary)
        if name == named:
            module = cast("CommandModule", import_module(f"propfirm.entrypoints.cli.{command.module}"))
            module.configure(sub)
    return root

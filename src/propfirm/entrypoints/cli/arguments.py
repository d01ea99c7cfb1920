"""How commands of one group, and of all groups, are told from one another."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from propfirm.entrypoints.container import Container

Run: TypeAlias = "Callable[[Any, Container], int]"
"""Takes the parsed arguments, as the command's own ``Arguments`` names them; returns an exit code of ``exits``."""

Group: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  # what add_subparsers gives has no public name


class Parser(argparse.ArgumentParser):
    """Help that cannot be written is an error like any other answer: argparse itself would say nothing."""

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        if file is sys.stdout:
            file.write(message)
        else:
            super()._print_message(message, file)


def group(parser: argparse.ArgumentParser) -> Group:
    """Commands below a command. One of them must be named."""
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=True)


def add_command(
    commands: Group, name: str, summary: str, run: Run | None = None, description: str = "", epilog: str = ""
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=description or f"{summary[:1].upper()}{summary[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if run is not None:
        parser.set_defaults(run=run)
    return parser

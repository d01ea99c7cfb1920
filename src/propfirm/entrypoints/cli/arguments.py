"""How commands of one group, and of all groups, are told from one another."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from propfirm.entrypoints.container import Container

Run: TypeAlias = "Callable[[Any, Container], int]"
"""Takes the parsed arguments, as the command's own ``Arguments`` names them; returns an exit code of ``exits``."""

Group: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  # what add_subparsers gives has no public name


class Once(argparse.Action):
    """An option with one value. Given twice it is refused: to keep either would surprise somebody."""

    given = False

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002  # argparse hands it to every action
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        if self.given and option_string is not None:
            raise argparse.ArgumentError(self, "given twice")
        self.given = True
        setattr(namespace, self.dest, values)


class Parser(argparse.ArgumentParser):
    """One line of usage and one for the problem; help that cannot be written is an error like any other answer, where
    argparse itself would say nothing. hints: what is added to a problem that names the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # those of argparse, whatever they are
        super().__init__(*args, **kwargs)
        self.hints: dict[str, str] = {}
        self.register("action", None, Once)  # what argparse takes where no action is named

    def error(self, message: str) -> NoReturn:
        hint = "".join(f" ({hint})" for key, hint in self.hints.items() if key in message)
        usage = f"usage: {self.prog} ... ({self.prog} --help)"
        self.exit(2, f"{usage}\n{self.prog}: error: {message}{hint}\n")

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

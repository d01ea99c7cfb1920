"""``propfirm rules``: the product, checked against worked examples."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from propfirm.application.rules.check_cases import check, render_lines
from propfirm.entrypoints.cli import exits, values
from propfirm.entrypoints.cli.arguments import add_command, group
from propfirm.entrypoints.cli.files import read_whole

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container

DESCRIPTION: Final = "Check the rules against worked examples, such as figures that a firm has published."
EPILOG: Final = """\
examples:
  propfirm rules check golden-cases.json
"""


class Arguments(argparse.Namespace):
    file: Path


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    checking = add_command(
        group(parser),
        "check",
        "play every case of a file and print a line each",
        check_cases,
        description="Play every case of FILE (format golden-cases/1) and print a line each, then the count.\n"
        "Exit 1 if a case fails or cannot be judged.",
    )
    checking.add_argument("file", metavar="FILE", type=values.path)


def check_cases(arguments: Arguments, container: Container) -> int:
    report = check(read_whole(arguments.file), container.session_table(), source=str(arguments.file))
    for line in render_lines(report):
        print(line)
    return exits.OK if report.ok else exits.FAILED

"""``propfirm example``: a history to try things on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from propfirm.entrypoints.cli import existing, exits, outputs, values
from propfirm.entrypoints.cli.problems import BadFile

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container

DESCRIPTION: Final = """\
Write an example into FOLDER (made if it is not there): the fills of a plain
strategy over a real week of E-mini S&P 500 futures, and the prices of that week.
The same command again writes the same files; one that was changed since is kept,
unless --force is given.
"""
EPILOG: Final = """\
examples:
  propfirm example example
  propfirm simulate example/es-week.csv --program topstep-50k --prices example/es-week-prices.csv.gz
"""


class Arguments(argparse.Namespace):
    folder: Path
    force: bool


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("folder", metavar="FOLDER", type=values.path)
    parser.add_argument("--force", action="store_true", help="write over files that were changed")
    parser.set_defaults(run=write_example)


def write_example(arguments: Arguments, container: Container) -> int:
    files = {arguments.folder / name: content for name, content in container.example_files()().items()}
    try:
        arguments.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot be made: {(error.strerror or 'system error').lower()}"
        raise BadFile(arguments.folder, reason) from error
    outputs.check(tuple(files))
    if not arguments.force:
        existing.keep_changed(files)
    outputs.write(files)
    for path in files:
        print(path)
    return exits.OK

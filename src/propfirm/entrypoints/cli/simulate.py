"""``propfirm simulate``: a verdict on a recorded history."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from propfirm.application.simulation.json import to_json
from propfirm.entrypoints.cli import existing, exits, outputs, values
from propfirm.entrypoints.cli.files import read_whole
from propfirm.entrypoints.cli.simulation import SimulationArguments, add_arguments, request_of

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container

DESCRIPTION: Final = """\
Judge a recorded trade history by the rules of a program, with the engine that
judges live accounts. The verdict comes first, then all that it rests on. Exit 0
whatever the verdict is; bad input is exit 2, one line a problem, and nothing is
written.
"""
EPILOG: Final = """\
examples:
  propfirm simulate fills.csv --program topstep-50k
  propfirm simulate fills.csv --program topstep-50k --prices ES.csv.gz --chart report.png
  propfirm simulate fills.csv --program my.toml --prices ticks.csv=ESZ3 --json
  propfirm simulate fills.csv --program topstep-50k --proof out.json --sign firm.pem
"""


class Arguments(SimulationArguments):
    chart: Path | None
    proof: Path | None
    sign: Path | None
    quiet: bool
    force: bool


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    add_arguments(parser)
    output = parser.add_argument_group("what comes out")
    shown = output.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="the report for machines, on standard output")
    shown.add_argument("--quiet", action="store_true", help="the verdict alone, and no progress")
    output.add_argument("--chart", metavar="OUT", type=values.picture, help="a picture of it, .png or .svg")
    output.add_argument("--proof", metavar="OUT", type=values.path, help="a bundle for `propfirm verify-proof`")
    output.add_argument("--sign", metavar="KEY.pem", type=values.path, help="sign the proof (`propfirm keys create`)")
    output.add_argument(
        "--force",
        action="store_true",
        help="write over any file that is named; without it a picture replaces only a picture of its format, a proof"
        " only an unsigned proof, and a signed one stays",
    )

    def run(arguments: Arguments, container: Container) -> int:
        if arguments.sign is not None and arguments.proof is None:
            parser.error("--sign needs --proof: it is the proof that is signed")
        return simulate(arguments, container)

    parser.set_defaults(run=run)


def simulate(arguments: Arguments, container: Container) -> int:
    request = request_of(arguments, container, proof=arguments.proof is not None, sign_with=arguments.sign)
    targets = [target for target in (arguments.chart, arguments.proof) if target is not None]
    read = [request.history, *(one.path for one in request.prices)]
    outputs.check(targets, inputs=[*read, *([] if arguments.sign is None else [arguments.sign])])
    if not arguments.force:
        _keep_others(arguments)
    progress = container.progress(io.StringIO() if arguments.quiet else sys.stderr)
    outcome = container.simulate()(request, progress)
    contents: dict[Path, bytes] = {}
    if arguments.chart is not None:
        contents[arguments.chart] = container.pictures().draw(outcome.report, values.kind_of(arguments.chart))
    if arguments.proof is not None and outcome.proof is not None:
        contents[arguments.proof] = outcome.proof
        if not arguments.force and arguments.proof.is_file() and existing.is_signed_proof(read_whole(arguments.proof)):
            existing.keep_changed({arguments.proof: outcome.proof})
    outputs.write(contents)
    if arguments.json:
        sys.stdout.write(to_json(outcome.report).decode())
    elif arguments.quiet:
        container.terminal(sys.stdout).verdict(outcome.report)
    else:
        container.terminal(sys.stdout).show(outcome.report)
    return exits.OK


def _keep_others(arguments: Arguments) -> None:
    """Raises BadFile for an existing file that is no output of this command."""
    if arguments.chart is not None:
        kind = values.kind_of(arguments.chart)
        existing.keep_others(arguments.chart, lambda content: existing.is_picture(content, kind))
    if arguments.proof is not None:
        existing.keep_others(arguments.proof, existing.is_proof)

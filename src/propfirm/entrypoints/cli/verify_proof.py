"""``propfirm verify-proof``: a stranger checks a verdict, offline and from the bundle alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

import msgspec

from propfirm.application.printable import printable
from propfirm.application.proofs.bundle import Bundle, open_bundle
from propfirm.application.proofs.comparison import utc
from propfirm.application.proofs.refusals import BadBundle
from propfirm.application.proofs.verify import Verification
from propfirm.application.simulation.words import RULES
from propfirm.domain.money import show
from propfirm.domain.rules.findings import Hit, Passed, ended_by
from propfirm.entrypoints.cli import exits, values
from propfirm.entrypoints.cli.files import read_whole
from propfirm.entrypoints.cli.problems import BadFile

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container

DESCRIPTION: Final = """\
Derive the verdict of a proof bundle again, offline and from the bundle alone, and say

  same / different        does the engine come to the same findings, and if not, where
  complete / gap          are all events there, in their order
  authentic / unsigned    who says so (with --key; also: forged, unknown key)
  altered                 a changed byte, anywhere
  seal of a day           are these the events that the firm sealed that day

Exit 0 if the proof holds, 1 if it does not. A changed byte that leaves nothing to
judge (the file cannot be read as a bundle any more) is exit 2, with its reason.
"""
EPILOG: Final = """\
examples:
  propfirm verify-proof out.json
  propfirm verify-proof out.json --key firm.pem.pub --input fills.csv --input prices.csv.gz
"""


class Arguments(argparse.Namespace):
    bundle: Path
    key: Path | None
    input: list[Path]
    json: bool


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("bundle", metavar="OUT.json", type=values.path, help="what `simulate --proof` wrote")
    parser.add_argument("--key", metavar="PUB", type=values.path, help="public key of whom you trust, as a PEM file")
    parser.add_argument(
        "--input",
        metavar="FILE",
        type=values.path,
        action="append",
        default=[],
        help="an original history or price file, to be compared byte by byte; may be given several times",
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.set_defaults(run=run)


def run(arguments: Arguments, container: Container) -> int:
    key = None if arguments.key is None else container.load_public_key()(arguments.key)
    measure = container.measure_file()
    inputs = [measure(path, "") for path in arguments.input]
    try:
        content = read_whole(arguments.bundle)
        verification = container.verify_proof()(content, public_key=key, inputs=inputs)
    except BadBundle as bad:
        raise BadFile(arguments.bundle, f"this is not a proof bundle (any more): {bad.reason}") from bad
    if arguments.json:
        sys.stdout.write(f"{msgspec.json.encode(_plain(verification)).decode()}\n")
    else:
        print("the proof holds" if verification.holds else "the proof does NOT hold")
        for line in _about(open_bundle(content).bundle):
            print(printable(line))
        for line in verification.lines():
            print(printable(line))
    return exits.OK if verification.holds else exits.FAILED


def _about(bundle: Bundle) -> Iterator[str]:
    """What it is a proof of: as the bundle has it, which the lines that follow judge."""
    header, standing = bundle.header, bundle.standing
    program = header.program
    yield f"of: program {program.id} version {program.version}, stage {header.stage}{_whose(bundle)}"
    ended = ended_by(standing.verdict, bundle.findings)
    match ended:
        case Hit(rule=rule, at=at, seq=seq):
            why = f"breached, {RULES[rule]}, by event {seq} ({utc(at)})"
        case Passed(at=at, seq=seq):
            why = f"passed by event {seq} ({utc(at)})"
        case None:
            why = f"{standing.verdict} after event {standing.seq} ({utc(standing.at)})"
        case _:
            assert_never(ended)
    yield f"verdict: {why}; balance at the end {show(standing.balance)}"


def _whose(bundle: Bundle) -> str:
    """Only a seal names the account: without one the bundle is of some run of these events."""
    if not bundle.header.seals:
        return ""
    leaf = bundle.header.seals[-1].leaf
    return f"; account {leaf.account}, run {leaf.run}"


def _plain(verification: Verification) -> dict[str, object]:
    return {"holds": verification.holds, **msgspec.structs.asdict(verification)}

"""``propfirm keys``: with which the firm signs its proofs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from propfirm.application.ports.signing import key_id
from propfirm.entrypoints.cli import exits, outputs, values
from propfirm.entrypoints.cli.arguments import add_command, group

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container

DESCRIPTION: Final = "Keys with which proofs are signed (Ed25519, PEM files)."
EPILOG: Final = """\
examples:
  propfirm keys create firm.pem
  propfirm simulate fills.csv --program topstep-50k --proof out.json --sign firm.pem
  propfirm verify-proof out.json --key firm.pem.pub
"""


class Arguments(argparse.Namespace):
    path: Path


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    creating = add_command(
        group(parser),
        "create",
        "make a new key: PATH to keep, PATH.pub to hand out",
        create,
        description="Make a new key: the private one in PATH, which only its owner can read and which is never\n"
        "shown, and the public one in PATH.pub, to hand out. No file is overwritten.",
    )
    creating.add_argument("path", metavar="PATH", type=values.path)


def create(arguments: Arguments, container: Container) -> int:
    public = arguments.path.with_name(f"{arguments.path.name}.pub")
    outputs.check_new((arguments.path, public))
    signer = container.create_key()(arguments.path)
    outputs.write({public: container.public_pem()(signer.public_key)})
    print(f"key {key_id(signer.public_key)}")
    print(f"private, to keep: {arguments.path}")
    print(f"public, to hand out: {public}")
    return exits.OK

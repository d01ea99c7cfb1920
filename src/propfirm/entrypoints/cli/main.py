"""The `propfirm` command."""

import argparse
import sys
from collections.abc import Sequence

from propfirm import __version__


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="propfirm", description="The back end of a prop futures trading firm.")
    root.add_argument("--version", action="version", version=f"propfirm {__version__}")
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 2 wrong usage."""
    commands = parser()
    commands.parse_args(arguments)
    commands.print_help()
    return 0


if __name__ == "__main__":
    sys.exit(main())

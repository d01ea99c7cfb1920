"""Standard output and error, made safe for every terminal: no locale makes a report crash."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from propfirm.application.printable import printable

PLAIN: Final = "propfirm.plain"
"""The codec error handler that writes typography in ASCII."""

_IN_ASCII: Final = {
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "x",
    "’": "'",
    "“": '"',
    "”": '"',
    "…": "...",
    "·": "-",
    "•": "*",
    "→": "->",
    "≥": ">=",
    "≤": "<=",
    "\N{NO-BREAK SPACE}": " ",
}


def prepare() -> None:
    """Output never fails on a character: what the encoding cannot take is written plainly.

    Python writes UTF-8 under the C locale. Who names that locale explicitly wants ASCII, and gets it.
    """
    codecs.register_error(PLAIN, _plainly)
    # A caller may have closed them (`>&-`): Python then has none, and what is said goes nowhere.
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # lives as long as the process
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # as above
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="ascii" if wants_ascii(os.environ) else None, errors=PLAIN)


def tell(line: str) -> None:
    """A line on standard error, whatever a file has put into it."""
    print(printable(line), file=sys.stderr)


def ask(question: str) -> None:
    """On standard error, with the answer to come behind it."""
    print(printable(question), end="", file=sys.stderr, flush=True)


def wants_ascii(environment: Mapping[str, str]) -> bool:
    """LC_ALL, or else LANG, is C or POSIX. LC_CTYPE says nothing: Python itself may have set it (PEP 538)."""
    return (environment.get("LC_ALL") or environment.get("LANG")) in ("C", "POSIX")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_IN_ASCII.get(character, "?") for character in text), error.end


def close_quietly() -> None:
    """After an answer could not be written: the interpreter's last flush must not complain about it again."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
